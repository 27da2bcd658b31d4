"""Renders a custody report as PDF: the only public entry of this package's PDF side."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from evidence.report import contents
from evidence.report.document import Furniture, write
from evidence.report.i18n import ENGLISH, N_, _, speaking
from evidence.report.ink import Ink
from evidence.report.page import Flow
from evidence.report.sections import (
    access,
    casework,
    certification,
    comparison,
    cover,
    custody,
    exhibits,
    glossary,
    hand_check,
    labels,
    losses,
    receipt,
    scope,
    statements,
    verification,
)
from evidence.report.typeset import Typesetter
from evidence.report.words import NOT_STATED

if TYPE_CHECKING:
    from evidence.report.model import Report

_ROOT_DIGITS = 16


def render(report: Report, target: BinaryIO) -> None:
    """Write `report` as a PDF to `target` (opened for binary writing).

    Every string of the model is set as visible text and never interpreted. The same
    model gives the same bytes with the same installed libraries. Memory grows with
    the number of pages, a few kilobytes each.
    """
    with speaking(report.language) as language:
        _render(report, target, rtl=language.rtl)


def _render(report: Report, target: BinaryIO, *, rtl: bool) -> None:
    ink = Ink()
    flow = Flow(Typesetter(ink, rtl=rtl), rtl=rtl)
    if report.extras.variant.name == "victim":
        receipt.draw(flow, report)
        write(flow, ink, _furniture(report), target)
        return
    cover.draw(flow, report)
    flow.new_sheet()
    front = flow.sheet
    waiting = flow.tags.add("H1"), flow.tags.add("TOC")
    flow.new_sheet(keep_open=True)
    scope.draw(flow, report)
    exhibits.draw(flow, report)
    custody.draw(flow, report)
    verification.draw(flow, report)
    statements.draw(flow, report)
    labels.draw(flow, report)
    casework.draw(flow, report)
    losses.draw(flow, report)
    access.draw(flow, report)
    comparison.draw(flow, report)
    hand_check.draw(flow, report)
    glossary.draw(flow)
    certification.draw(flow, report)
    contents.draw(flow, front, *waiting)
    write(flow, ink, _furniture(report), target)


def _furniture(report: Report) -> Furniture:
    language = "en-GB" if report.language == ENGLISH else report.language
    if report.extras.variant.name == "victim":
        return Furniture(
            report_id=report.report_id,
            classification="",
            root=report.root[:_ROOT_DIGITS] or _("not available"),
            created=report.rendered_at,
            synthetic=report.synthetic,
            title=N_("Receipt {id}"),
            language=language,
        )
    return Furniture(
        report_id=report.report_id,
        classification=_(
            "Classification: {classification}",
            classification=report.classification or _(NOT_STATED),
        ),
        root=report.root[:_ROOT_DIGITS] or _("not available"),
        created=report.rendered_at,
        synthetic=report.synthetic,
        language=language,
    )
