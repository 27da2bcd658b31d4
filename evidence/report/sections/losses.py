"""The chapter on presumed harm and proceeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.sections.parts import begin, pairs, unit
from evidence.report.words import NONE_RECORDED, when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = (
    "What persons recorded as lost, suffered or gained, and how it is known. Each item "
    "is presumed; none is a finding, and items may overlap. Sums are exact, by "
    "currency, and nothing is converted."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    found = report.extras.losses
    if not begin(flow, report, Chapter.LOSSES):
        return
    flow.paragraph(_NOTE, st.NOTE)
    if not found.counts:
        flow.paragraph(NONE_RECORDED)
    for words, count in found.counts:
        flow.paragraph(f"{words}: {count:,}")
    for text in found.unread:
        flow.paragraph(text)
    if found.lines is None:
        return
    if found.totals:
        flow.section("Sums of the amounts recorded")
        pairs(flow, [(words, f"{sum_} {code}") for words, sum_, code in found.totals])
    for line in found.lines:
        rows = [
            ("Amount", f"{line.amount} {line.currency}".strip() or "not stated"),
            *line.texts,
            ("Exhibits", ", ".join(line.exhibits) or "none named"),
            ("Recorded", f"{when(line.time)}, entry {line.entry:,}, by {line.author}"),
        ]
        unit(flow, line.number, rows, [])
