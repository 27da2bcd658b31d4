"""What was handed over, and what either side says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _
from evidence.report.retelling import told
from evidence.report.sections.parts import hidden
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = N_(
    "TR: given by this case; TI: received. A signed answer is by the key offered to: "
    "'custody verify' checks it on its receipt. What was only told rests on "
    "the word of this case. A gap is a time in which nobody confirmed custody."
)
_FIRST, _SECOND, _THIRD = 26 * st.MM, 40 * st.MM, 48 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw the hand-overs; nothing where the case records none."""
    if hidden(flow, report, "handovers", _("Hand-overs")) or not report.handovers:
        return
    flow.section(_("Hand-overs"))
    flow.paragraph(_(_NOTE), st.NOTE)
    rest = st.TEXT_WIDTH - _FIRST - _SECOND - _THIRD
    columns = (
        Column("Number, state", _FIRST),
        Column("With, exhibits", _SECOND),
        Column("This log says", _THIRD),
        Column("The other side says", rest),
    )
    table = Table(flow, columns)
    for line in report.handovers:
        table.row(
            (
                _(
                    "{what}, entry {entry}: {state}",
                    what=line.number,
                    entry=line.entry,
                    state=told(line.state),
                ),
                f"{line.party}: {told(line.exhibits)}",
                told(line.ours),
                told(line.theirs),
            ),
            banner=_(
                "CUSTODY GAP in {what}: {gap}", what=line.number, gap=told(line.gap)
            )
            if line.gap
            else "",
        )
    flow.y -= 8
