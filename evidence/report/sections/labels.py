"""The chapter on labels: what is in force, the history, and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _
from evidence.report.retelling import told, who
from evidence.report.sections.long_lists import long_list
from evidence.report.sections.parts import begin, stacked
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, date_and_clock

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_TIME_WIDTH = 30 * st.MM
_INTRODUCTION = N_(
    "Handling codes, use restrictions, grades of source and information, and the "
    "quality of the data (Directive (EU) 2016/680, Article 7(2)). They are assessments "
    "of the persons named and bind whoever receives the exhibits. The newest on each "
    "axis is in force; the earlier ones are kept. The words of restrictions are sealed."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    if not begin(flow, report, Chapter.LABELS):
        return
    flow.paragraph(_(_INTRODUCTION), st.NOTE)
    long_list(flow, report, "labels")
    if not report.labels:
        flow.paragraph(_(NONE_RECORDED))
    else:
        _history(flow, report)
    flow.section(_("Corrections and who was told"))
    for text in report.corrections:
        flow.paragraph(told(text))
    if not report.corrections:
        flow.paragraph(_("No earlier recipient has to be told of a correction."))


def _history(flow: Flow, report: Report) -> None:
    table = Table(
        flow,
        (
            Column("On", 22 * st.MM, st.CELL_BOLD),
            Column("Axis", 25 * st.MM),
            Column("Given (UTC)", _TIME_WIDTH),
            Column("Label", st.TEXT_WIDTH - 124 * st.MM),
            Column("By", 27 * st.MM),
            Column("In force", 20 * st.MM),
        ),
    )
    for line in report.labels:
        times = (_("Entry {n}", n=line.entry), *date_and_clock(line.time))
        table.row(
            (
                line.subject,
                told(line.axis),
                stacked(flow, times, _TIME_WIDTH),
                told(line.value),
                who(line.author),
                _("in force") if line.in_force else _("earlier"),
            )
        )
    flow.y -= 8
