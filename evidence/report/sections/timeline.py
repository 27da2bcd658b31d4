"""The timeline: who had which exhibit when, as a drawing and in words beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _
from evidence.report.page import placed
from evidence.report.retelling import who as said
from evidence.report.tracing import GAP, HELD, INFORMAL, OFFERED
from evidence.visible import visible

if TYPE_CHECKING:
    from evidence.report.extras import Span, Track
    from evidence.report.model import Report
    from evidence.report.page import Flow

MOST_LANES = 60
_LABEL = 46 * st.MM
_LEFT, _WIDTH = st.LEFT + _LABEL, st.TEXT_WIDTH - _LABEL
_LANE, _BAR = 19.0, 11.0
_WORDS = {
    HELD: N_("custody confirmed"),
    OFFERED: N_("on the way"),
    INFORMAL: N_("INFORMAL, only told"),
    GAP: N_("GAP"),
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
_NOTE = N_(
    "Full bar: somebody's signed entry confirms custody. Slanted lines: offered and on "
    "the way. Dots: informal, only told. Crossed lines and the word GAP: "
    "nobody confirmed custody. Exhibits with one and the same history share lines."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the section; nothing where there is no exhibit or it is withheld."""
    tracks = report.extras.timeline
    if not tracks:
        return
    flow.section(_("Timeline of custody"))
    flow.need(120)
    flow.paragraph(_(_NOTE), st.NOTE)
    every = [span for track in tracks for span in track.spans]
    times = [*(span.start for span in every), *(span.end for span in every)]
    known = [minutes(t) for t in (*times, report.rendered_at) if _TIME.match(t)]
    first, last = min(known, default=0), max(known, default=0)
    picture = _Picture(flow, first, max(last, first + 1))
    drawn = 0
    for track in tracks:
        lanes = list(_lanes(track.spans))
        if drawn + len(lanes) > MOST_LANES and drawn:
            break
        picture.track(track, lanes)
        drawn += len(lanes)
    else:
        picture.end()
        return
    picture.end()
    flow.paragraph(
        _("The picture ends here; what follows stands in the tables of this chapter.")
    )


def minutes(time: str) -> int:
    """Minutes of an RFC 3339 UTC time since 1970; 0 when it is none."""
    try:
        moment = datetime.fromisoformat(time[:16]).replace(tzinfo=UTC)
    except ValueError:
        return 0
    return int(moment.timestamp() // 60)


def _lanes(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield the spans of each holder, one holder's below each other's."""
    lane: list[Span] = []
    for span in spans:
        if lane and span.holder != lane[-1].holder:
            yield lane
            lane = []
        lane.append(span)
    if lane:
        yield lane


class _Picture:
    """Draws lanes from the cursor of a flow down."""

    def __init__(self, flow: Flow, first: int, last: int) -> None:
        self._flow = flow
        self._first, self._last = first, last
        self._sheet: object = None

    def track(self, track: Track, lanes: Sequence[list[Span]]) -> None:
        """Draw the lanes of a track, labelled with its exhibits."""
        ids = track.exhibits
        several = f"{ids[0]} … {ids[-1]} ({len(ids):,})"
        name = label = ids[0] if len(ids) == 1 else several
        for lane in lanes:
            self._flow.need(_LANE + 26)
            if self._sheet is not self._flow.sheet:
                self._axis()
            self._lane(name, label, lane)
            label = ""

    def end(self) -> None:
        """Leave room below."""
        self._flow.y -= 10

    def _x(self, time: str) -> float:
        at = minutes(time) if time else self._last
        at = min(max(at, self._first), self._last)
        share = (at - self._first) / (self._last - self._first)
        return _LEFT + _WIDTH * share

    def _axis(self) -> None:
        flow = self._flow
        self._sheet = flow.sheet
        y = flow.y - 14
        for share in (0.0, 0.5, 1.0):
            at = self._first + (self._last - self._first) * share
            text = datetime.fromtimestamp(int(at) * 60, UTC).strftime("%Y-%m-%d %H:%M")
            line = flow.typesetter.line(text, st.FURNITURE)
            x = _LEFT + _WIDTH * share - line.width * share
            x = flow.mirrored(x, line.width)
            flow.draw(f"BT {st.GREY} rg {placed(line, st.FURNITURE, x, flow.y, 0)} ET")
            tick = flow.mirrored(_LEFT + _WIDTH * share, 0)
            flow.draw(
                f"{st.GREY} RG 0.5 w {tick:.2f} {y:.2f} m {tick:.2f} {y + 4:.2f} l S"
            )
        left = flow.mirrored(_LEFT, _WIDTH)
        flow.draw(
            f"{st.GREY} RG 0.5 w {left:.2f} {y:.2f} m {left + _WIDTH:.2f} {y:.2f} l S"
        )
        flow.y = y - 3

    def _lane(self, exhibits: str, label: str, lane: Sequence[Span]) -> None:
        """Draw one lane as a figure, with the sentence that stands for it."""
        flow = self._flow
        who = said(lane[-1].holder)
        top = flow.y
        ops: list[str] = []
        for text, style in ((label, st.CELL_BOLD), (who, st.FURNITURE)):
            if text:
                line = flow.typesetter.line(text, style, _LABEL - 4)
                x = flow.mirrored(st.LEFT, line.width)
                shown = placed(line, style, x, top, 0)
                ops.append(f"BT {style.colour} rg {shown} ET")
            top -= 9 if label else 3
        for span in lane:
            ops += self._bar(span, flow.y - 1 - _BAR)
        flow.y -= _LANE
        ops.append(
            f"{st.RULE} RG 0.4 w {st.LEFT:.2f} {flow.y + 1:.2f} m "
            f"{st.LEFT + st.TEXT_WIDTH:.2f} {flow.y + 1:.2f} l S"
        )
        flow.figure("\n".join(ops), _told(exhibits, who, lane))

    def _bar(self, span: Span, y: float) -> list[str]:
        left = self._x(span.start)
        right = max(self._x(span.end), left + 3.0)
        if right > _LEFT + _WIDTH:  # a moment at the right edge stays in the picture
            left, right = _LEFT + _WIDTH - 3.0, _LEFT + _WIDTH
        width = right - left
        begin, left = left, self._flow.mirrored(left, width)
        box = f"{left:.2f} {y:.2f} {width:.2f} {_BAR:.2f} re"
        ops = ["q"]
        if span.kind == HELD:
            ops.append(f"{st.HEAD_PANEL} rg {st.ACCENT} RG 0.8 w {box} B")
        else:
            colour = st.BAD if span.kind == GAP else st.ACCENT
            ops.append(f"{colour} RG 0.8 w {box} W S")
            ops += _pattern(span.kind, left, y, width)
        ops.append("Q")
        return ops + self._caption(span, begin, y, width)

    def _caption(self, span: Span, left: float, y: float, width: float) -> list[str]:
        """Write the kind on the bar, on white so that no pattern hides it."""
        text = self._flow.typesetter.line(_(_WORDS[span.kind]), st.FURNITURE_BOLD)
        room = text.width + 4
        x = left + 3
        if room > width:
            if span.kind not in (GAP, INFORMAL):
                return []
            x = left - room if left - room > _LEFT else left + width + 2
            x = min(x, _LEFT + _WIDTH - room)
        colour = st.BAD if span.kind == GAP else st.INK
        x = self._flow.mirrored(x - 1, room) + 1
        shown = placed(text, st.FURNITURE_BOLD, x + 1, y + _BAR - 0.5, 0)
        return [
            f"1 1 1 rg {x - 1:.2f} {y + 1.4:.2f} {room:.2f} {_BAR - 2.8:.2f} re f",
            f"BT {colour} rg {shown} ET",
        ]


def _told(exhibits: str, who: str, lane: Sequence[Span]) -> str:
    said = "; ".join(
        _(
            "{what} from {start} to {end}",
            what=_(_WORDS[span.kind]),
            start=span.start,
            end=span.end or _("the report"),
        )
        for span in lane
    )
    return visible(f"{exhibits}, {who}: {said}")


def _pattern(kind: str, left: float, y: float, width: float) -> list[str]:
    """Return lines or dots that fill a bar (clipped to it by the caller)."""
    ops = []
    if kind == INFORMAL:
        at = left + 2
        while at < left + width:
            ops += [f"{at:.2f} {y + 2 + 3 * row:.2f} 1 1 re" for row in range(3)]
            at += 4
        return [f"{st.ACCENT} rg", *ops, "f"]
    at = left - _BAR
    while at < left + width:
        ops.append(f"{at:.2f} {y:.2f} m {at + _BAR:.2f} {y + _BAR:.2f} l")
        if kind == GAP:
            ops.append(f"{at:.2f} {y + _BAR:.2f} m {at + _BAR:.2f} {y:.2f} l")
        at += 4
    return ["0.5 w", *ops, "S"]
