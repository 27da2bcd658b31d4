"""Times of keeping, holds, restrictions and tombstones."""

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
    "What was erased left its entry and its digests: they prove that it was there and "
    "unaltered until then, not what it said. Copies handed over are out of reach."
)
_FIRST, _SECOND = 46 * st.MM, 30 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw them; nothing where the case records none."""
    title = _("Retention, restriction, erasure")
    if hidden(flow, report, "retention", title) or not report.retention:
        return
    flow.section(title)
    flow.paragraph(_(_NOTE), st.NOTE)
    columns = (
        Column("What", _FIRST),
        Column("Exhibits", _SECOND),
        Column("State", st.TEXT_WIDTH - _FIRST - _SECOND),
    )
    table = Table(flow, columns)
    for line in report.retention:
        table.row(tuple(map(told, line)))
    flow.y -= 8
