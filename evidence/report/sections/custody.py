"""What happened, in order, with gaps marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _, number, plural
from evidence.report.retelling import told, who
from evidence.report.sections import gaps, handovers, timeline
from evidence.report.sections.long_lists import long_list, rows_of
from evidence.report.sections.parts import stacked
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, date_and_clock

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_TIME_WIDTH = 26 * st.MM
_COLUMNS = (
    Column(N_("Entry"), 11 * st.MM, right=True),
    Column(N_("Time (UTC)"), _TIME_WIDTH),
    Column(N_("Act"), 19 * st.MM, st.CELL_BOLD),
    Column(N_("By"), 29 * st.MM),
    Column(N_("Authority"), 16 * st.MM),
    Column(N_("Exhibits"), 16 * st.MM),
    Column(N_("What is recorded"), st.TEXT_WIDTH - 117 * st.MM),
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    flow.chapter(Chapter.CUSTODY)
    timeline.draw(flow, report)
    gaps.draw(flow, report)
    handovers.draw(flow, report)
    if not report.events:
        flow.paragraph(_(NONE_RECORDED))
        return
    flow.section(_("Every entry"))
    marked = sum(1 for event in report.events if event.gap)
    rows = rows_of(report, "custody", len(report.events))
    flow.paragraph(
        plural(
            "{count} entry in the order of the manifest.",
            "{count} entries in the order of the manifest.",
            rows,
        )
        + " "
        + (
            _("Gaps marked: {n}. Each stands above the entry it precedes.", n=marked)
            if marked
            else _("No gap is marked.")
        )
    )
    long_list(flow, report, "custody")
    table = Table(flow, _COLUMNS)
    for event in report.events:
        table.row(
            (
                number(event.entry),
                stacked(flow, date_and_clock(event.time), _TIME_WIDTH),
                told(event.type.replace("_", " ")),
                who(event.actor),
                event.authority or "–",
                ", ".join(event.exhibits) or "–",
                told(event.text),
            ),
            banner=_(
                "GAP before entry {entry}: {gap}",
                entry=event.entry,
                gap=told(event.gap),
            )
            if event.gap
            else "",
        )
    flow.y -= 8
