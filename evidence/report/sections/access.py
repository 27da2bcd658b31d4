"""The chapter on access: who looked at sealed content, when, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _, number
from evidence.report.retelling import told, who
from evidence.report.sections.long_lists import long_list
from evidence.report.sections.parts import begin, stacked
from evidence.report.tables import Column, Table
from evidence.report.words import date_and_clock

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_TIME_WIDTH = 28 * st.MM
_NOTE = N_(
    "Every time this tool showed sealed content, it recorded so first (Directive (EU) "
    "2016/680, Article 25). Persons are named by pseudonym or key; their "
    "justifications are sealed. What was looked at by other programs, or in a copy, is "
    "not known here."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    if not begin(flow, report, Chapter.ACCESS):
        return
    flow.paragraph(_(_NOTE), st.NOTE)
    if not report.access:
        flow.paragraph(_("No consultation is recorded."))
        return
    long_list(flow, report, "access")
    columns = (
        Column("Entry", 12 * st.MM, right=True),
        Column("Time (UTC)", _TIME_WIDTH),
        Column("Who", 33 * st.MM),
        Column("What", st.TEXT_WIDTH - 130 * st.MM),
        Column("Exhibits", 18 * st.MM),
        Column("Purpose", 21 * st.MM),
        Column("Ground", 18 * st.MM),
    )
    table = Table(flow, columns)
    for line in report.access:
        table.row(
            (
                number(line.entry),
                stacked(flow, date_and_clock(line.time), _TIME_WIDTH),
                who(line.who),
                f"{told(line.what)} {told(line.doubts)}".strip(),
                ", ".join(line.exhibits) or "–",
                told(line.purpose),
                line.ground or "–",
            )
        )
    flow.y -= 8
