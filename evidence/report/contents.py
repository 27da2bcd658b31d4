"""The table of contents, drawn last on the sheet kept free for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.faces import Family
from evidence.report.i18n import _
from evidence.report.page import placed
from evidence.report.tags import artefact

if TYPE_CHECKING:
    from evidence.report.page import Flow, Mark, Sheet
    from evidence.report.style import Style
    from evidence.report.tags import Tag

_CHAPTER = st.Style(Family.BOLD, size=9.5, leading=19, kern=True)
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
    for mark in flow.marks:
        if mark.listed:
            style = _SECTION if mark.depth else _CHAPTER
            _entry(flow, sheet, mark, style, y, listed)
            y -= style.leading


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
