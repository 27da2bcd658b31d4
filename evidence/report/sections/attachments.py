"""The files inside this PDF, with their digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _, number
from evidence.report.retelling import told
from evidence.report.sections.parts import digest_cell
from evidence.report.tables import Column, Table

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = N_(
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
    flow.section(_("Attachments of this file"))
    if attached.files:
        flow.paragraph(_(_INTRODUCTION))
        size, digest = 20 * st.MM, 56 * st.MM
        rest = st.TEXT_WIDTH - size - digest
        columns = (
            Column(N_("File"), rest * 0.45, st.CELL_BOLD),
            Column(N_("What it is"), rest * 0.55),
            Column(N_("Bytes"), size, right=True),
            Column(N_("SHA-256"), digest),
        )
        table = Table(flow, columns)
        for file in attached.files:
            table.row(
                (
                    file.name,
                    told(file.description),
                    number(file.size),
                    digest_cell(flow, file.sha256),
                )
            )
        flow.y -= 8
    if attached.left_out:
        flow.need(4 * st.LEAD.leading)  # with two lines of what follows
        flow.paragraph(_("Not attached:"), st.LEAD, after=3)
        flow.bullets(map(told, attached.left_out))
