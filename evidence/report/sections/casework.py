"""The chapter on decisions, interference and corroboration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _, number
from evidence.report.retelling import told, who
from evidence.report.sections.parts import begin, unit
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.model import CaseworkLine, Report
    from evidence.report.page import Flow

_INTRODUCTION = N_(
    "What persons decided, what interference they noted, and what they hold to support "
    "or contradict what. Interference and elements of an offence are presumed; nothing "
    "here states that anybody is a victim or has committed an offence."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    found = report.casework
    if not begin(flow, report, Chapter.CASEWORK):
        return
    flow.paragraph(_(_INTRODUCTION), st.NOTE)
    flow.section(_("Numbers"))
    if not found.counts:
        flow.paragraph(_(NONE_RECORDED))
    for words, count in found.counts:
        flow.paragraph(f"{told(words)}: {number(count)}")
    for text in found.unread:
        flow.paragraph(told(text))
    _items(flow, _("Decisions"), found.decisions)
    _items(flow, _("Presumed interference"), found.interference)
    if found.matrix is not None:
        _matrix(flow, report)


def _items(flow: Flow, title: str, items: Sequence[CaseworkLine] | None) -> None:
    """Draw items with their sealed words, when this variant shows them."""
    if items is None:
        return
    flow.section(title)
    if not items:
        flow.paragraph(_(NONE_RECORDED))
    for item in items:
        rows = [(_("Kind"), told(item.kind))]
        rows.append((_("Recorded"), recorded(item.time, item.entry)))
        rows.append((_("By"), who(item.author)))
        if item.answers:
            rows.append((_("Second signature"), told(item.answers)))
        unit(
            flow,
            item.number,
            [*rows, *((told(name), words) for name, words in item.texts)],
            [],
        )


def _matrix(flow: Flow, report: Report) -> None:
    flow.section(_("Corroboration matrix"))
    for note in report.casework.matrix_notes:
        flow.paragraph(told(note), st.NOTE)
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
                told(row.element),
                number(row.supports),
                number(row.contradicts),
                told(row.tags) or "-",
            )
        )
    flow.y -= 8
