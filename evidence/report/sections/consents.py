"""What persons allowed, and took back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.sections.parts import hidden
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = (
    "Persons are named by aliases; what the aliases stand for is sealed. That a "
    "consent is recorded does not establish that it was understood or given freely."
)
_FIRST, _SECOND, _THIRD = 26 * st.MM, 30 * st.MM, 52 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw the consents; nothing where the case records none."""
    if hidden(flow, report, "consents", "Consents") or not report.consents:
        return
    flow.section("Consents")
    flow.paragraph(_NOTE, st.NOTE)
    rest = st.TEXT_WIDTH - _FIRST - _SECOND - _THIRD
    columns = (
        Column("Number", _FIRST),
        Column("Subject, status", _SECOND),
        Column("Allows", _THIRD),
        Column("Covers, for whom, when", rest),
    )
    table = Table(flow, columns)
    for line in report.consents:
        table.row(
            (
                f"{line.number}, entry {line.entry:,}",
                f"{line.subject}: {line.status}",
                line.allows,
                f"{line.covers}; to {line.recipients}; {line.times}",
            )
        )
    flow.y -= 8
