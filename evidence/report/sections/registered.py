"""The persons of the case by pseudonym and category, in the chapter on persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import _
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow


def draw(flow: Flow, report: Report) -> None:
    """Draw the section; only the number of persons where the rest is withheld."""
    flow.section(_("Persons of the case by category"))
    found = report.extras.persons
    if not found.count:
        flow.paragraph(NONE_RECORDED)
        return
    if found.lines is None:
        text = _("Persons registered: {count}. Who they are is sealed.")
        flow.paragraph(text.format(count=f"{found.count:,}"))
        return
    flow.paragraph(
        _(
            "Categories of Directive (EU) 2016/680, Article 6. A category is what the "
            "examiner recorded, not a finding; names are sealed."
        ),
        st.NOTE,
    )
    columns = (
        Column(_("Person"), 42 * st.MM, st.CELL_BOLD),
        Column(_("Category"), st.TEXT_WIDTH - 84 * st.MM),
        Column(_("Same person as"), 42 * st.MM),
    )
    table = Table(flow, columns)
    for pseudonym, category, merged in found.lines:
        table.row((pseudonym, _(category), merged))
    flow.y -= 8
