"""What was verified, and what is not in the exhibits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import _, number, plural
from evidence.report.retelling import told
from evidence.report.sections.long_lists import long_list
from evidence.report.sections.parts import status
from evidence.report.tables import Column, Table
from evidence.report.words import NONE_RECORDED, when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_STATUS_WIDTH = 26 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapters."""
    flow.chapter(Chapter.VERIFICATION)
    flow.paragraph(
        _(
            "Verified at {time} with {tool}, over {entries}, up to the checkpoint on "
            "the cover.",
            time=when(report.rendered_at),
            tool=report.tool,
            entries=plural("{count} entry", "{count} entries", report.size),
        )
    )
    flow.section(_("Result on each axis"))
    _axes(flow, report)
    flow.section(_("Level of signature and time"))
    flow.paragraph(told(report.level) or _("Not stated."))
    flow.section(_("Self-test of the tool"))
    flow.paragraph(
        told(report.selftest) or _("No self-test is recorded in the manifest.")
    )
    flow.section(_("Findings"))
    _findings(flow, report)
    flow.section(_("What this verdict does not establish"))
    if report.not_established:
        flow.bullets(map(told, report.not_established))
    else:
        flow.paragraph(_(NONE_RECORDED))
    _not_acquired(flow, report)


def _axes(flow: Flow, report: Report) -> None:
    table = Table(
        flow,
        (
            Column("Axis", 26 * st.MM, st.CELL_BOLD),
            Column("Question", 44 * st.MM),
            Column("Status", _STATUS_WIDTH),
            Column("Explanation", st.TEXT_WIDTH - 96 * st.MM),
        ),
    )
    for axis in report.axes:
        table.row(
            (
                _(axis.axis),
                told(axis.question),
                status(flow, axis.status, _STATUS_WIDTH),
                told(axis.explanation),
            )
        )
    flow.y -= 8


def _findings(flow: Flow, report: Report) -> None:
    if not report.findings:
        flow.paragraph(_("The verification reported no findings."))
        return
    table = Table(
        flow,
        (
            Column("Axis", 24 * st.MM, st.CELL_BOLD),
            Column("Code", 34 * st.MM),
            Column("Concerns", 32 * st.MM),
            Column("Finding", st.TEXT_WIDTH - 90 * st.MM),
        ),
    )
    for finding in report.findings:
        said = (told(finding.subject), told(finding.text))
        if "findings" in report.extras.variant.hidden:
            said = (_("withheld"), _("withheld"))
        table.row((_(finding.axis), finding.code, *said))
    flow.y -= 8


def _not_acquired(flow: Flow, report: Report) -> None:
    flow.chapter(Chapter.DEVIATIONS)
    if not report.not_acquired:
        flow.paragraph(_(NONE_RECORDED))
        return
    flow.paragraph(
        _(
            "Everything that was attempted and is not, or not wholly, in an exhibit. "
            "Items are counted; their names are shown only where this report may show "
            "them."
        )
    )
    long_list(flow, report, "not-acquired")
    table = Table(
        flow,
        (
            Column("Exhibit", 22 * st.MM, st.CELL_BOLD),
            Column("Outcome", 32 * st.MM),
            Column("Count", 18 * st.MM, right=True),
            Column("Item", 42 * st.MM),
            Column("Explanation", st.TEXT_WIDTH - 114 * st.MM),
        ),
    )
    for lost in report.not_acquired:
        table.row(
            (
                lost.exhibit,
                told(lost.outcome.replace("-", " ")),
                number(lost.count),
                lost.item if lost.item is not None else _("not shown"),
                told(lost.explanation),
            )
        )
    flow.y -= 8
