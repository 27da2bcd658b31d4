"""The cover page: which report this is, over what, and the verdict at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter, numbers, with_numbers
from evidence.report.i18n import N_, _
from evidence.report.page import Block, Mark
from evidence.report.sections.codes import SIDE, root_code
from evidence.report.sections.parts import VALUE_WIDTH, digest, pairs, status
from evidence.report.tables import Column, Table
from evidence.report.words import NOT_SHOWN, NOT_STATED, exhibits_there, issuer, when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow
    from evidence.report.style import Style
    from evidence.report.tables import Cell

_RENDERING = (
    "This document is a rendering for people. The record itself is the case's "
    "machine-readable manifest: where the two differ, the manifest counts. The report "
    "is printed from a case as it stood when it was verified; it relates only to the "
    "exhibits and entries listed in it."
)
_WITHHOLDS = N_("{count} kinds of content, named one by one in chapter {chapter}.")
_SYNTHETIC = (
    "Synthetic demo data: made up for demonstration or training. No person, event or "
    "evidence in it is real."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the cover."""
    flow.marks.append(Mark("Cover", 0, 0, flow.y, listed=False))
    flow.draw(
        f"{st.ACCENT} rg {st.LEFT:.2f} {flow.y - 4:.2f} {st.TEXT_WIDTH:.2f} 2.6 re f"
    )
    flow.y -= 14
    top = flow.y
    root_code(flow, report)
    flow.paragraph("CHAIN OF CUSTODY OF DIGITAL EVIDENCE", st.LABEL, after=2)
    flow.paragraph("Custody report", st.TITLE, after=8)
    title = report.title if report.title is not None else f"Title {NOT_SHOWN}"
    chapter = numbers(report)[Chapter.CASE]
    width = st.TEXT_WIDTH - SIDE - 10
    clipped = _first(flow, title, st.SUBTITLE, width, lines=3, chapter=chapter)
    flow.block(clipped.lines, st.SUBTITLE)
    flow.y = min(flow.y - 10, top - SIDE - 4)
    pairs(flow, _identification(flow, report))
    _verdict(flow, report)
    flow.paragraph(_RENDERING, st.NOTE)
    if report.synthetic:
        flow.paragraph(_SYNTHETIC, st.NOTE.coloured(st.BAD))


def _first(
    flow: Flow,
    text: str,
    style: Style,
    width: float,
    *,
    lines: int,
    chapter: int,
) -> Block:
    """Set at most `lines` lines; `chapter` holds the whole text."""
    every = flow.typesetter.wrap(text, style, width)
    if len(every) <= lines:
        return Block(every, style)
    more = flow.typesetter.line(f"… (in full in chapter {chapter})", style)
    return Block((*every[:lines], more), style)


def _identification(flow: Flow, report: Report) -> list[tuple[str, Cell]]:
    chapter = numbers(report)
    reference = report.case_id if report.case_id is not None else NOT_SHOWN

    def short(text: str) -> Block:
        case = chapter[Chapter.CASE]
        return _first(flow, text, st.VALUE, VALUE_WIDTH, lines=2, chapter=case)

    level = _first(
        flow,
        report.level,
        st.VALUE,
        VALUE_WIDTH,
        lines=3,
        chapter=chapter[Chapter.VERIFICATION],
    )

    rows: list[tuple[str, Cell]] = [
        ("Report", short(report.report_id)),
        ("Case reference", short(reference)),
        ("Issued by", short(issuer(report))),
        ("Rendered and verified", short(when(report.rendered_at))),
        ("Exhibits", exhibits_there(report)),
        ("Log origin", short(report.origin)),
        ("Checkpoint size", f"{report.size:,} entries"),
        ("Checkpoint root", digest(flow, report.root)),
        ("Signature and time level", level),
        ("Classification", short(report.classification or NOT_STATED)),
    ]
    variant = report.extras.variant
    if variant.name:
        rows.insert(1, (_("Variant"), f"{_(variant.title)}. {_(variant.says)}"))
        told = _(_WITHHOLDS, count=len(report.withheld), chapter=_withheld(report))
        rows.insert(2, (_("Withholds"), told))
    if report.supersedes is not None:
        rows.insert(1, ("Supersedes", short(report.supersedes)))
    return rows


def _withheld(report: Report) -> int:
    return numbers(report)[Chapter.WITHHELD]


def _verdict(flow: Flow, report: Report) -> None:
    flow.section("Verdict at a glance", numbered=False, listed=False)
    widths = (30 * st.MM, st.TEXT_WIDTH - 60 * st.MM, 30 * st.MM)
    table = Table(
        flow,
        (
            Column("Axis", widths[0], st.CELL_BOLD),
            Column("Question", widths[1]),
            Column("Status", widths[2]),
        ),
    )
    for axis in report.axes:
        table.row((axis.axis, axis.question, status(flow, axis.status, widths[2])))
    flow.y -= 8
    note = (
        "Each axis answers its own question and no other; chapter {verification} "
        "explains every status and says what it does not establish."
    )
    flow.paragraph(with_numbers(note, report), st.NOTE)
