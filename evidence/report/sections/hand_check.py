"""Checking without this software, and what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _
from evidence.report.listing import CONTINUED, listing
from evidence.report.retelling import told

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = N_(
    "The record can be checked without the software that made it, offline, with "
    "public tools. The commands below are exact and can be copied. A line ending in "
    "a backslash goes on in the next one; a coloured {mark} marks a break made "
    "for the page only, to be left out together with the line end."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapters."""
    flow.chapter(Chapter.HAND_CHECK)
    flow.paragraph(_(_INTRODUCTION, mark=CONTINUED))
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
    flow.chapter(Chapter.WITHHELD)
    if report.withheld:
        flow.bullets(map(told, report.withheld))
    else:
        flow.paragraph(_("Nothing is withheld from this variant."))
