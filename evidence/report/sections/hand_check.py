"""Checking without this software, and what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _
from evidence.report.listing import CONTINUED, listing
from evidence.report.qr import MARK
from evidence.report.retelling import told
from evidence.report.sections import attachments
from evidence.report.sections.codes import SIDE, code_text, root_code

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = N_(
    "The record can be checked without the software that made it, offline, with "
    "public tools. The commands below are exact and can be copied. A line ending in "
    "a backslash goes on in the next one; a coloured {mark} marks a break made "
    "for the page only, to be left out together with the line end."
)


_CODE = N_(
    "The QR code on the cover and here holds, separated by spaces: the word {mark}, "
    "the log origin, the number of entries, the Merkle root in hexadecimal and the "
    "SHA-256 of the checkpoint's file ('-' where this variant withholds it). A "
    "telephone reads it; compare it with these digits and with what the other side "
    "has:"
)


def _code(flow: Flow, report: Report) -> None:
    flow.need(SIDE + 50)
    top = flow.y
    root_code(flow, report)
    width = st.TEXT_WIDTH - SIDE - 10
    text = _(_CODE, mark=MARK)
    flow.block(flow.typesetter.wrap(text, st.BODY, width), st.BODY)
    flow.y -= 4
    for value in code_text(report).split(" ")[-2:]:
        style = st.DIGEST
        flow.block(flow.typesetter.digest(value, style, groups=4), style)
    flow.y = min(flow.y, top - SIDE) - 8


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapters."""
    flow.chapter(Chapter.HAND_CHECK)
    flow.paragraph(_(_INTRODUCTION, mark=CONTINUED))
    _code(flow, report)
    for at, (text, command) in enumerate(report.hand_check, start=1):
        explanation = told(text)
        lines = len(flow.typesetter.wrap(explanation, st.BODY, st.TEXT_WIDTH))
        flow.need(min(lines, 3) * st.BODY.leading + 4 * st.CODE.leading)
        flow.paragraph(f"({at})  {explanation}", after=4)
        listing(flow, command, command=True)
    flow.section(_("The checkpoint, word for word"))
    flow.paragraph(
        _(
            "The signed note this report rests on, exactly as it stands in the case. "
            "Its second line is the number of entries and its third the Merkle root in "
            "base64; the signatures follow the empty line."
        )
    )
    if report.checkpoint:
        listing(flow, report.checkpoint.removesuffix("\n"), command=False)
    else:
        flow.paragraph(_("The case holds no checkpoint that could be read."))
    attachments.draw(flow, report)
    flow.chapter(Chapter.WITHHELD)
    if report.withheld:
        flow.bullets(map(told, report.withheld))
    else:
        flow.paragraph(_("Nothing is withheld from this variant."))
