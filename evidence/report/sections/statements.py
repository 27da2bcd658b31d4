"""Facts and assessments, kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import _
from evidence.report.retelling import told, who
from evidence.report.sections.parts import begin
from evidence.report.words import NONE_RECORDED, NOT_AVAILABLE, NOT_SHOWN, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.model import Report, Statement
    from evidence.report.page import Flow

_INDENT = 10.0


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapters."""
    if begin(flow, report, Chapter.FACTS):
        flow.paragraph(
            _("What persons named in this report state to have done or observed."),
            st.NOTE,
        )
        _statements(flow, report.facts)
    if not begin(flow, report, Chapter.ASSESSMENTS):
        return
    flow.paragraph(
        _(
            "Opinions and conclusions of the persons who recorded them. They are not "
            "facts and nothing in this report verifies them."
        ),
        st.NOTE,
    )
    _statements(flow, report.assessments)


def _statements(flow: Flow, statements: Sequence[Statement]) -> None:
    if not statements:
        flow.paragraph(_(NONE_RECORDED))
    for statement in statements:
        about = f"{statement.exhibit} · " if statement.exhibit else ""
        entry = _("Entry {n}", n=statement.entry)
        head = f"{about}{entry} · {when(statement.time)} · {who(statement.author)}"
        if statement.remark:
            head += f" · {told(statement.remark)}"
        lines = flow.typesetter.wrap(head, st.CELL_BOLD, st.TEXT_WIDTH)
        flow.need(len(lines[:3]) * st.CELL_BOLD.leading + 2 * st.BODY.leading)
        flow.block(lines, st.CELL_BOLD)
        flow.y -= 2
        withheld = statement.text in (NOT_SHOWN, NOT_AVAILABLE)
        words = _(statement.text) if withheld else statement.text
        text = flow.typesetter.paragraphs(words, st.BODY, st.TEXT_WIDTH - _INDENT)
        flow.block(text, st.BODY, indent=_INDENT)
        flow.y -= 9
