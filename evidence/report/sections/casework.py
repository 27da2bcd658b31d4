"""The chapter on decisions, interference and corroboration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.sections.parts import begin, unit
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.model import CaseworkLine, Report
    from evidence.report.page import Flow

_INTRODUCTION = (
    "What persons decided, what interference they noted, and what they hold to support "
    "or contradict what. Interference and elements of an offence are presumed; nothing "
    "here states that anybody is a victim or has committed an offence."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    found = report.casework
    if not begin(flow, report, Chapter.CASEWORK):
        return
    flow.paragraph(_INTRODUCTION, st.NOTE)
    flow.section("Numbers")
    if not found.counts:
        flow.paragraph(NONE_RECORDED)
    for words, count in found.counts:
        flow.paragraph(f"{words}: {count:,}")
    for text in found.unread:
        flow.paragraph(text)
    _items(flow, "Decisions", found.decisions)
    _items(flow, "Presumed interference", found.interference)
    if found.matrix is not None:
        _matrix(flow, report)


def _items(flow: Flow, title: str, items: Sequence[CaseworkLine] | None) -> None:
    """Draw items with their sealed words, when this variant shows them."""
    if items is None:
        return
    flow.section(title)
    if not items:
        flow.paragraph(NONE_RECORDED)
    for item in items:
        rows = [("Kind", item.kind)]
        rows.append(("Recorded", f"{when(item.time)}, entry {item.entry:,}"))
        rows.append(("By", item.author))
        if item.answers:
            rows.append(("Second signature", item.answers))
        unit(flow, item.number, [*rows, *item.texts], [])


def _matrix(flow: Flow, report: Report) -> None:
    flow.section("Corroboration matrix")
    for note in report.casework.matrix_notes:
        flow.paragraph(note, st.NOTE)
    table = Table(
        flow,
        (
            Column("Item", 30 * st.MM, st.CELL_BOLD),
            Column("Passage", 30 * st.MM),
            Column("Presumed element", st.TEXT_WIDTH - 130 * st.MM),
            Column("For", 15 * st.MM),
            Column("Against", 20 * st.MM),
            Column("Bears on (presumed)", 35 * st.MM),
        ),
    )
    for row in report.casework.matrix or ():
        table.row(
            (
                row.item,
                row.passage or "-",
                row.element,
                f"{row.supports:,}",
                f"{row.contradicts:,}",
                row.tags or "-",
            )
        )
    flow.y -= 8
