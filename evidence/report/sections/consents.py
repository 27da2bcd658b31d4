"""What persons allowed, and took back."""

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
    "Persons are named by aliases; what the aliases stand for is sealed. That a "
    "consent is recorded does not establish that it was understood or given freely."
)
_FIRST, _SECOND, _THIRD = 26 * st.MM, 30 * st.MM, 52 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw the consents; nothing where the case records none."""
    if hidden(flow, report, "consents", _("Consents")) or not report.consents:
        return
    flow.section(_("Consents"))
    flow.paragraph(_(_NOTE), st.NOTE)
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
                _("{what}, entry {entry}", what=line.number, entry=line.entry),
                f"{told(line.subject)}: {told(line.status)}",
                told(line.allows),
                _(
                    "{covers}; to {recipients}; {times}",
                    covers=told(line.covers),
                    recipients=told(line.recipients),
                    times=told(line.times),
                ),
            )
        )
    flow.y -= 8
