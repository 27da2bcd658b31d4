"""Who had which exhibit when, worked out for the timeline: public facts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence.overview import Overview
from evidence.report.extras import Span, Track
from evidence.transfer.register import Transfer, transfers
from evidence.transfer.words import DECLINED, EMERGENCY
from manifests.entries import Entry

HELD, OFFERED, INFORMAL, GAP = "held", "offered", "informal", "gap"


def timeline(view: Overview, entries: Sequence[Entry]) -> tuple[Track, ...]:
    """Return one track for all exhibits with the same history, in their order.

    Copies leave and exhibits stay: what is traced is from when this case held an
    exhibit, and every time for which another side was said to have it.
    """
    given = transfers(entries).given
    tracks: dict[tuple[Span, ...], list[str]] = {}
    for exhibit in view.exhibits.values():
        spans = _spans(view, exhibit.entry, exhibit.id, given)
        tracks.setdefault(spans, []).append(exhibit.id)
    return tuple(Track(tuple(ids), spans) for spans, ids in tracks.items())


def _spans(
    view: Overview, entry: Entry, exhibit: str, given: Mapping[str, Transfer]
) -> tuple[Span, ...]:
    spans = [Span(HELD, entry.time[:16], "", view.actor(entry))]
    for one in given.values():
        if exhibit in one.exhibits or (one.whole and one.time > entry.time):
            spans += _handed(one)
    return tuple(spans)


def _handed(one: Transfer) -> list[Span]:
    """Return the spans of one hand-over: on the way, a gap, with the receiver."""
    who = f"{one.number} {one.alias or one.recipient[:16]}"
    start = one.time[:16]
    if not one.answers:
        kind = INFORMAL if one.state(one.time) == EMERGENCY else OFFERED
        return [Span(GAP if one.gap else kind, start, "", who)]
    signed = [answer for answer in one.answers if not answer.told]
    first = (signed or one.answers)[0]
    at = max(first.at[:16], start)
    way = Span(GAP if one.gap else OFFERED, start, at, who)
    if first.result == DECLINED:
        return [way]
    return [way, Span(HELD if signed else INFORMAL, at, "", who)]
