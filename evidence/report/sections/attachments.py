"""The files inside this PDF, with their digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.sections.parts import digest_cell
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = (
    "These files are inside this PDF; a viewer shows them where it shows a paper clip. "
    "Whoever takes them out can compare them with the digests here; VERIFY.txt among "
    "them tells how. What is not attached, and why, stands below the table. "
    "report.json is attached, too: what these pages say as data, with the digests of "
    "all other files. Its own cannot stand here, as it holds this page."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the table, and what is not attached; nothing where nobody attached any."""
    attached = report.attachments
    if not attached.files and not attached.left_out:
        return
    flow.section("Attachments of this file")
    if attached.files:
        flow.paragraph(_INTRODUCTION)
        size, digest = 20 * st.MM, 56 * st.MM
        rest = st.TEXT_WIDTH - size - digest
        columns = (
            Column("File", rest * 0.45, st.CELL_BOLD),
            Column("What it is", rest * 0.55),
            Column("Bytes", size, right=True),
            Column("SHA-256", digest),
        )
        table = Table(flow, columns)
        for file in attached.files:
            table.row(
                (
                    file.name,
                    file.description,
                    f"{file.size:,}",
                    digest_cell(flow, file.sha256),
                )
            )
        flow.y -= 8
    if attached.left_out:
        flow.paragraph("Not attached:", st.LEAD, after=3)
        flow.bullets(attached.left_out)
