"""The persons of the case by pseudonym and category, in the chapter on persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _
from evidence.report.sections.parts import hidden
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow


def draw(flow: Flow, report: Report) -> None:
    """Draw the section; only the number of persons where the rest is withheld."""
    title = _("Persons of the case by category")
    if hidden(flow, report, "persons", title):
        return
    flow.section(title)
    found = report.extras.persons
    if not found.count:
        flow.paragraph(_(NONE_RECORDED))
        return
    if found.lines is None:
        flow.paragraph(
            _(
                "Persons registered: {count}. Who they are is sealed.",
                count=found.count,
            )
        )
        return
    flow.paragraph(
        _(
            "Categories of Directive (EU) 2016/680, Article 6. A category is what the "
            "examiner recorded, not a finding; names are sealed."
        ),
        st.NOTE,
    )
    columns = (
        Column(N_("Person"), 42 * st.MM, st.CELL_BOLD),
        Column(N_("Category"), st.TEXT_WIDTH - 84 * st.MM),
        Column(N_("Same person as"), 42 * st.MM),
    )
    table = Table(flow, columns)
    for pseudonym, category, merged in found.lines:
        table.row((pseudonym, _(category), merged))
    flow.y -= 8
