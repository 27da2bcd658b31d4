"""Checking without this software, and what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.listing import CONTINUED, listing
from evidence.report.sections import attachments

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = (
    "The record can be checked without the software that made it, offline, with "
    "public tools. The commands below are exact and can be copied. A line ending in "
    f"a backslash goes on in the next one; a coloured {CONTINUED} marks a break made "
    "for the page only, to be left out together with the line end."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapters."""
    flow.chapter(Chapter.HAND_CHECK)
    flow.paragraph(_INTRODUCTION)
    for number, (explanation, command) in enumerate(report.hand_check, start=1):
        lines = len(flow.typesetter.wrap(explanation, st.BODY, st.TEXT_WIDTH))
        flow.need(min(lines, 3) * st.BODY.leading + 4 * st.CODE.leading)
        flow.paragraph(f"({number})  {explanation}", after=4)
        listing(flow, command, command=True)
    flow.section("The checkpoint, word for word")
    flow.paragraph(
        "The signed note this report rests on, exactly as it stands in the case. Its "
        "second line is the number of entries and its third the Merkle root in "
        "base64; the signatures follow the empty line."
    )
    if report.checkpoint:
        listing(flow, report.checkpoint.removesuffix("\n"), command=False)
    else:
        flow.paragraph("The case holds no checkpoint that could be read.")
    attachments.draw(flow, report)
    flow.chapter(Chapter.WITHHELD)
    if report.withheld:
        flow.bullets(report.withheld)
    else:
        flow.paragraph("Nothing is withheld from this variant.")
