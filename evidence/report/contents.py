"""The table of contents, drawn last on the sheet kept free for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.faces import Family
from evidence.report.i18n import _
from evidence.report.page import placed
from evidence.report.tags import artefact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.page import Flow, Mark, Sheet
    from evidence.report.style import Style
    from evidence.report.tags import Tag

_CHAPTER = st.Style(Family.BOLD, size=9.5, leading=19, kern=True)
_LOWEST = st.TEXT_TOP - st.TEXT_HEIGHT
_CLOSEST = 0.66  # of their height that lines may take, still to be read
_SMALLEST = 0.8  # of their size
_SECTION = st.Style(size=9, leading=14.5, kern=True)


def draw(flow: Flow, sheet: Sheet, heading_tag: Tag, listed: Tag) -> None:
    """Draw chapter and section titles with their page numbers on `sheet`.

    Args:
        heading_tag: element of the chapter's own heading.
        listed: element of the list; both wait at their place in the reading order.
    """
    y = st.TEXT_TOP
    heading = flow.typesetter.line(_("Contents"), st.CHAPTER)
    title = placed(heading, st.CHAPTER, st.LEFT, y, st.TEXT_WIDTH, right=flow.rtl)
    y -= st.CHAPTER.leading
    ops = f"BT {st.CHAPTER.colour} rg {title} ET"
    sheet.ops.append(flow.tags.marked(heading_tag, sheet.number, ops))
    sheet.ops.append(
        artefact(
            f"{st.ACCENT} RG 0.9 w {st.LEFT:.2f} "
            f"{y:.2f} m {st.LEFT + st.TEXT_WIDTH:.2f} {y:.2f} l S"
        )
    )
    y -= 8
    for mark, style in _fitting(flow.marks, y - _LOWEST):
        _entry(flow, sheet, mark, style, y, listed)
        y -= style.leading


def _fitting(marks: Sequence[Mark], room: float) -> list[tuple[Mark, Style]]:
    """Return what is listed and how it is set: closer, then without sections.

    One sheet is kept for it, so that page numbers do not depend on its length.
    """
    listed = [mark for mark in marks if mark.listed]
    if _height(listed) * _CLOSEST > room:
        listed = [mark for mark in listed if not mark.depth]
    share = min(1.0, room / max(_height(listed), 1.0))
    chapter, section = _closer(_CHAPTER, share), _closer(_SECTION, share)
    return [(mark, section if mark.depth else chapter) for mark in listed]


def _closer(style: Style, share: float) -> Style:
    """Return the style with lines of a share of their height."""
    if share == 1.0:
        return style
    size = st.smaller(style, max(share, _SMALLEST))
    return replace(size, leading=style.leading * share)


def _height(marks: Sequence[Mark]) -> float:
    return sum((_SECTION if mark.depth else _CHAPTER).leading for mark in marks)


def _entry(
    flow: Flow, sheet: Sheet, mark: Mark, style: Style, y: float, listed: Tag
) -> None:
    typesetter = flow.typesetter
    indent = 16.0 * mark.depth
    x = st.LEFT + indent
    title = typesetter.line(mark.title, style, st.TEXT_WIDTH - indent - 40)
    number = typesetter.line(f"{mark.sheet + 1}", style)
    left = flow.mirrored(x, title.width)
    at = placed(title, style, left, y, title.width)
    end = st.LEFT + st.TEXT_WIDTH
    far = flow.mirrored(end - number.width, number.width)
    page = placed(number, style, far, y, number.width)
    dots = end - number.width - 6 - (x + title.width + 6)
    start = flow.mirrored(x + title.width + 6, dots)
    middle = y - style.leading / 2 - 2
    item = flow.tags.add("Reference", flow.tags.add("TOCI", listed))
    item = flow.tags.add("Link", item)
    gap = typesetter.line(" ", style).ops  # for who hears title and number
    ops = f"BT {style.colour} rg\n{at} {gap}\n{page}\nET"
    sheet.ops.append(flow.tags.marked(item, sheet.number, ops))
    dotted = (
        f"{st.RULE} RG 0.6 w [0.6 2.6] 0 d {start:.2f} {middle:.2f} m "
        f"{start + dots:.2f} {middle:.2f} l S [] 0 d"
    )
    sheet.ops.append(artefact(dotted))
    left = flow.mirrored(x, end - x)
    box = left, y - style.leading, left + end - x, y
    sheet.links.append((box, mark, item))
