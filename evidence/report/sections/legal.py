"""Legal basis: the authorities, what rests on each, and what none covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.sections.parts import hidden, unit
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, NOT_SHOWN

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow


def draw(flow: Flow, report: Report) -> None:
    """Draw the sections of the legal basis (in the chapter of the case)."""
    flow.section("Authorities")
    if not report.authorities:
        flow.paragraph(
            "No authority is recorded in this case. The manifest therefore names no "
            "legal ground for the acts in this report."
        )
    else:
        flow.paragraph(
            "What is recorded of each. That an authority is recorded does not say that "
            "it was lawful or that it sufficed.",
            st.NOTE,
        )
    for ground in report.authorities:
        unit(
            flow,
            f"{ground.id} · {ground.kind}",
            [
                ("Covers", ground.covers or NONE_RECORDED),
                ("State", ground.state or NONE_RECORDED),
                ("Grounds", ", ".join(ground.grounded) or "nothing in this case"),
            ],
            [
                ("Reference", ground.reference or NOT_SHOWN),
                ("Issued by", ground.issued_by or NOT_SHOWN),
                ("Issued at (UTC)", ground.issued_at[:19] or "not recorded"),
                ("Conditions on use", f"{ground.conditions:,}"),
            ],
        )
    _deviations(flow, report)
    title = "Conditions and restrictions on use"
    if hidden(flow, report, "conditions", title):
        return
    flow.section(title)
    if report.conditions:
        flow.bullets(report.conditions)
    else:
        flow.paragraph(NONE_RECORDED)


def _deviations(flow: Flow, report: Report) -> None:
    flow.section("Acts their legal ground did not cover")
    if not report.deviations:
        flow.paragraph(NONE_RECORDED)
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
                f"{line.entry:,}",
                ", ".join(line.exhibits) or "–",
                line.ground or "none",
                line.how,
                ", ".join(line.codes) or "no legal ground is named",
            )
        )
    flow.y -= 8
