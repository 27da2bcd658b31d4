"""Exact text in a fixed-width box: commands to copy, and the checkpoint note.

A line too long for the page is broken where the reader can see it. In a command the
break is a shell continuation (`` \\``) wherever that changes nothing; elsewhere a
coloured ``¬`` marks a break that is not part of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.faces import Family
from evidence.report.page import placed
from evidence.report.text import shown
from evidence.report.typeset import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence.report.page import Flow
    from evidence.report.tags import Tag
    from evidence.report.typeset import Typesetter

CONTINUED = "¬"
_INSET = 8.0
_PAD = 5.0


def listing(flow: Flow, text: str, *, command: bool) -> None:
    """Draw `text` line by line in a panel; `command` allows ``\\`` continuations."""
    width = st.TEXT_WIDTH - 2 * _INSET
    lines = list(_lines(flow.typesetter, text, width, command=command))
    style = st.CODE
    flow.need(min(len(lines), 4) * style.leading + 2 * _PAD)
    tag = flow.tags.add("Code", flow.tags.add("P"))
    while lines:
        fits = max(int((flow.room - 2 * _PAD) / style.leading), 1)
        _panel(flow, lines[:fits], tag)
        lines = lines[fits:]
        if lines:
            flow.new_sheet()
    flow.y -= 8


def _panel(flow: Flow, lines: list[Line], tag: Tag) -> None:
    style = st.CODE
    height = len(lines) * style.leading + 2 * _PAD
    y = flow.y - height
    flow.draw(
        f"{st.PANEL} rg {st.LEFT:.2f} {y:.2f} {st.TEXT_WIDTH:.2f} {height:.2f} re f\n"
        f"{st.ACCENT} rg {st.LEFT:.2f} {y:.2f} 1.6 {height:.2f} re f"
    )
    top = flow.y - _PAD
    ops = []
    for at, line in enumerate(lines):
        x = st.LEFT + _INSET
        ops.append(placed(line, style, x, top - at * style.leading, st.TEXT_WIDTH))
    flow.tell(f"BT {style.colour} rg\n" + "\n".join(ops) + "\nET", tag)
    flow.y = y


def _lines(
    typesetter: Typesetter, text: str, width: float, *, command: bool
) -> Iterator[Line]:
    quote = ""
    mark = typesetter.line(CONTINUED, st.CODE)
    for source in text.split("\n"):
        rest = shown(source, Family.MONO)
        while True:
            end = typesetter.fitting(rest, st.CODE, width)
            if end >= len(rest):
                yield _left_to_right(typesetter, rest)
                quote = _quote_after(rest, quote) if command else ""
                break
            end = max(typesetter.fitting(rest, st.CODE, width - mark.width), 1)
            cut = _shell_break(rest, end, quote) if command else 0
            if cut:
                yield _left_to_right(typesetter, rest[:cut] + "\\")
            else:
                cut = end
                line = _left_to_right(typesetter, rest[:cut])
                marked = f"{line.ops} {st.BAD} rg {mark.ops} {st.CODE.colour} rg"
                yield Line(marked, line.width + mark.width)
            quote = _quote_after(rest[:cut], quote) if command else ""
            rest = rest[cut:]


def _left_to_right(typesetter: Typesetter, text: str) -> Line:
    line = typesetter.wrap_shown(text, st.CODE, float("inf"))[0]
    return Line(line.ops, line.width)


def _shell_break(text: str, end: int, quote: str) -> int:
    """Index after the last space outside quotes before `end`, or 0."""
    best = at = 0
    while at < end:
        char = text[at]
        if char == "\\" and quote != "'":
            at += 2
            continue
        if char in "'\"":
            quote = "" if char == quote else (quote or char)
        elif char == " " and not quote:
            best = at + 1
        at += 1
    return best


def _quote_after(text: str, quote: str) -> str:
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif char in "'\"":
            quote = "" if char == quote else (quote or char)
        at += 1
    return quote
