"""Every gap in custody in one place: clocks, interruptions, one-sided hand-overs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _
from evidence.report.retelling import told
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = N_(
    "Worked out from the record. A gap says that nobody confirmed custody, or that the "
    "order of times is in doubt; it does not say that anything happened to an exhibit."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the section."""
    flow.section(_("Gaps and informal hand-overs"))
    if "handovers" in report.extras.variant.hidden:
        flow.paragraph(
            _("Gaps in hand-overs are withheld in this variant of the report.")
        )
    found = [
        (
            _("Entry {number}", number=event.entry),
            ", ".join(event.exhibits) or "–",
            told(event.gap),
        )
        for event in report.events
        if event.gap
    ]
    for line in report.handovers:
        missing = line.gap or (
            line.state if line.state in ("informal", "emergency") else ""
        )
        if missing:
            found.append((line.number, told(line.exhibits), told(missing)))
    if not found:
        flow.paragraph(_("No gap follows from the record."))
        return
    flow.paragraph(_(_NOTE), st.NOTE)
    columns = (
        Column(N_("Where"), 28 * st.MM, st.CELL_BOLD),
        Column(N_("Exhibits"), 40 * st.MM),
        Column(N_("What is missing"), st.TEXT_WIDTH - 68 * st.MM),
    )
    table = Table(flow, columns)
    for row in found:
        table.row(row, panel=st.GAP_PANEL)
    flow.y -= 8
