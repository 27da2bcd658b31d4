"""The chapter on presumed harm and proceeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _, number
from evidence.report.retelling import told, who
from evidence.report.sections.parts import begin, pairs, unit
from evidence.report.words import NONE_RECORDED, when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = N_(
    "What persons recorded as lost, suffered or gained, and how it is known. Each item "
    "is presumed; none is a finding, and items may overlap. Sums are exact, by "
    "currency, and nothing is converted."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    found = report.extras.losses
    if not begin(flow, report, Chapter.LOSSES):
        return
    flow.paragraph(_(_NOTE), st.NOTE)
    if not found.counts:
        flow.paragraph(_(NONE_RECORDED))
    for words, count in found.counts:
        flow.paragraph(f"{_(words)}: {number(count)}")
    for text in found.unread:
        flow.paragraph(told(text))
    if found.lines is None:
        return
    if found.totals:
        flow.section(_("Sums of the amounts recorded"))
        pairs(
            flow, [(_(words), f"{sum_} {code}") for words, sum_, code in found.totals]
        )
    for line in found.lines:
        rows = [
            (_("Amount"), f"{line.amount} {line.currency}".strip() or _("not stated")),
            *((_(words), _value(words, text)) for words, text in line.texts),
            (_("Exhibits"), ", ".join(line.exhibits) or _("none named")),
            (
                _("Recorded"),
                _(
                    "{time}, entry {number}, by {author}",
                    time=when(line.time),
                    number=line.entry,
                    author=who(line.author),
                ),
            ),
        ]
        unit(flow, line.number, rows, [])


def _value(label: str, text: str) -> str:
    """A closed word or a stretch of time in words; what a person wrote stays."""
    if label == "Time":
        start, _to, end = text.partition(" to ")
        return _("{start} to {end}", start=told(start), end=told(end))
    return told(text) if label in ("Kind", "Known from") else text
