"""Legal basis: the authorities, what rests on each, and what none covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import _, number
from evidence.report.retelling import told
from evidence.report.sections.parts import hidden, unit
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, NOT_SHOWN

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow


def draw(flow: Flow, report: Report) -> None:
    """Draw the sections of the legal basis (in the chapter of the case)."""
    flow.section(_("Authorities"))
    if not report.authorities:
        flow.paragraph(
            _(
                "No authority is recorded in this case. The manifest therefore names "
                "no legal ground for the acts in this report."
            )
        )
    else:
        flow.paragraph(
            _(
                "What is recorded of each. That an authority is recorded does not say "
                "that it was lawful or that it sufficed."
            ),
            st.NOTE,
        )
    for ground in report.authorities:
        unit(
            flow,
            f"{ground.id} · {told(ground.kind)}",
            [
                (_("Covers"), told(ground.covers) or _(NONE_RECORDED)),
                (_("State"), told(ground.state) or _(NONE_RECORDED)),
                (_("Grounds"), ", ".join(ground.grounded) or _("nothing in this case")),
            ],
            [
                (_("Reference"), ground.reference or _(NOT_SHOWN)),
                (_("Issued by"), ground.issued_by or _(NOT_SHOWN)),
                (_("Issued at (UTC)"), ground.issued_at[:19] or _("not recorded")),
                (_("Conditions on use"), number(ground.conditions)),
            ],
        )
    _deviations(flow, report)
    title = _("Conditions and restrictions on use")
    if hidden(flow, report, "conditions", title):
        return
    flow.section(title)
    if report.conditions:
        flow.bullets(map(told, report.conditions))
    else:
        flow.paragraph(_(NONE_RECORDED))


def _deviations(flow: Flow, report: Report) -> None:
    flow.section(_("Acts their legal ground did not cover"))
    if not report.deviations:
        flow.paragraph(_(NONE_RECORDED))
        return
    columns = (
        Column("Entry", 16 * st.MM, st.CELL_BOLD),
        Column("Exhibits", 34 * st.MM),
        Column("Ground", 20 * st.MM),
        Column("How", 24 * st.MM),
        Column("Not covered", st.TEXT_WIDTH - 94 * st.MM),
    )
    table = Table(flow, columns)
    for line in report.deviations:
        table.row(
            (
                number(line.entry),
                ", ".join(line.exhibits) or "–",
                line.ground or _("none"),
                told(line.how),
                ", ".join(line.codes) or _("no legal ground is named"),
            )
        )
    flow.y -= 8
