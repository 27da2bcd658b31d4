"""A chapter of its own: the case compared with laws and standards, where asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import _, number
from evidence.report.retelling import told
from evidence.report.sections.parts import stacked
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_OUTCOME, _ARTICLE, _PROOF = 24 * st.MM, 28 * st.MM, 30 * st.MM
_REST = st.TEXT_WIDTH - _OUTCOME - _ARTICLE - _PROOF


def draw(flow: Flow, report: Report) -> None:
    """Draw each comparison; nothing where none was asked for."""
    if not report.checks:
        return
    flow.chapter(Chapter.COMPARISON)
    flow.paragraph(told(report.checks[0].statement))
    columns = (
        Column("Outcome", _OUTCOME, st.CELL_BOLD),
        Column("Article", _ARTICLE),
        Column("What is asked; what the record shows", _REST),
        Column("Proof", _PROOF),
    )
    for check in report.checks:
        flow.section(told(check.name))
        flow.paragraph(f"{told(check.source)}. {told(check.note)}", st.NOTE)
        rows = number(len(check.lines))
        flow.paragraph(_("{n} rows: {counts}.", n=rows, counts=told(check.counts)))
        table = Table(flow, columns)
        for line in check.lines:
            word = _(line.outcome)
            table.row(
                (
                    word.upper() if line.outcome == "missing" else word,
                    told(line.article),
                    stacked(flow, (told(line.duty), told(line.why)), _REST),
                    told(line.proof),
                )
            )
        flow.y -= 8
