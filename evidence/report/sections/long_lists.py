"""What stands on paper of a list that is too long to be read there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _, number
from evidence.report.retelling import told
from evidence.report.sections.parts import digest, pairs
from evidence.report.words import when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow
    from evidence.report.tables import Cell

_NOTE = N_(
    "Nobody would read this list on paper: its rows are counted here. Printed below "
    "are the first and the last row, and every row that is marked or not routine. All "
    "rows stand in the file named, which travels inside this PDF."
)


def rows_of(report: Report, name: str, printed: int) -> int:
    """Return how many rows a list has in all."""
    return next((one.rows for one in report.extras.lists if one.name == name), printed)


def long_list(flow: Flow, report: Report, name: str) -> None:
    """Draw the summary of a list; nothing where all of it is printed."""
    for one in report.extras.lists:
        if one.name != name:
            continue
        flow.paragraph(_(_NOTE), st.NOTE)
        rows: list[tuple[str, Cell]] = [
            (
                _("Rows in all"),
                _("{rows}; printed below: {shown}", rows=one.rows, shown=one.printed),
            ),
            (
                _("Of each kind"),
                "; ".join(f"{told(word)}: {number(n)}" for word, n in one.counts),
            ),
        ]
        if one.first:
            rows.append((_("First and last"), f"{when(one.first)} – {when(one.last)}"))
        rows.append((_("File in this PDF"), one.file))
        rows.append((_("SHA-256 of the file"), digest(flow, one.sha256)))
        pairs(flow, rows)
