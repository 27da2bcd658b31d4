"""What happened, in order, with gaps marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
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
    Column("Entry", 11 * st.MM, right=True),
    Column("Time (UTC)", _TIME_WIDTH),
    Column("Act", 19 * st.MM, st.CELL_BOLD),
    Column("By", 25 * st.MM),
    Column("Authority", 16 * st.MM),
    Column("Exhibits", 16 * st.MM),
    Column("What is recorded", st.TEXT_WIDTH - 113 * st.MM),
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    flow.chapter(Chapter.CUSTODY)
    timeline.draw(flow, report)
    gaps.draw(flow, report)
    handovers.draw(flow, report)
    if not report.events:
        flow.paragraph(NONE_RECORDED)
        return
    flow.section("Every entry")
    marked = sum(1 for event in report.events if event.gap)
    rows = rows_of(report, "custody", len(report.events))
    flow.paragraph(
        f"{rows:,} {'entry' if rows == 1 else 'entries'} "
        "in the order of the manifest. "
        + (
            f"Gaps marked: {marked:,}. Each stands above the entry it precedes."
            if marked
            else "No gap is marked."
        )
    )
    long_list(flow, report, "custody")
    table = Table(flow, _COLUMNS)
    for event in report.events:
        table.row(
            (
                f"{event.entry:,}",
                stacked(flow, date_and_clock(event.time), _TIME_WIDTH),
                event.type.replace("_", " "),
                event.actor,
                event.authority or "–",
                ", ".join(event.exhibits) or "–",
                event.text,
            ),
            banner=f"GAP before entry {event.entry:,}: {event.gap}"
            if event.gap
            else "",
        )
    flow.y -= 8
