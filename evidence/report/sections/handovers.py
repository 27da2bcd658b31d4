"""What was handed over, and what either side says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.sections.parts import hidden
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = (
    "TR: given by this case; TI: received. A signed answer is by the key offered to: "
    "'custody verify' checks it on its receipt. What was only told rests on "
    "the word of this case. A gap is a time in which nobody confirmed custody."
)
_FIRST, _SECOND, _THIRD = 26 * st.MM, 40 * st.MM, 48 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw the hand-overs; nothing where the case records none."""
    if hidden(flow, report, "handovers", "Hand-overs") or not report.handovers:
        return
    flow.section("Hand-overs")
    flow.paragraph(_NOTE, st.NOTE)
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
                f"{line.number}, entry {line.entry:,}: {line.state}",
                f"{line.party}: {line.exhibits}",
                line.ours,
                line.theirs,
            ),
            banner=f"CUSTODY GAP in {line.number}: {line.gap}" if line.gap else "",
        )
    flow.y -= 8
