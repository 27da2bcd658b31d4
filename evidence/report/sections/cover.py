"""The cover page: which report this is, over what, and the verdict at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter, numbers, with_numbers
from evidence.report.i18n import ENGLISH, N_, _, current, plural
from evidence.report.page import Block, Mark
from evidence.report.retelling import told
from evidence.report.sections.codes import SIDE, root_code
from evidence.report.sections.parts import DRAFT, VALUE_WIDTH, digest, pairs, status
from evidence.report.tables import Column, Table
from evidence.report.words import NOT_SHOWN, NOT_STATED, day, exhibits_there, issuer

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow
    from evidence.report.style import Style
    from evidence.report.tables import Cell

_RENDERING = N_(
    "This document is a rendering for people. The record itself is the case's "
    "machine-readable manifest: where the two differ, the manifest counts. The report "
    "is printed from a case as it stood when it was verified; it relates only to the "
    "exhibits and entries listed in it."
)
_WITHHOLDS = N_("{count} kinds of content, named one by one in chapter {chapter}.")
_SYNTHETIC = N_(
    "Synthetic demo data: made up for demonstration or training. No person, event or "
    "evidence in it is real."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the cover."""
    flow.marks.append(Mark(_("Cover"), 0, 0, flow.y, listed=False))
    flow.draw(
        f"{st.ACCENT} rg {st.LEFT:.2f} {flow.y - 4:.2f} {st.TEXT_WIDTH:.2f} 2.6 re f"
    )
    flow.y -= 8
    top = flow.y
    root_code(flow, report)
    flow.paragraph(_("CHAIN OF CUSTODY OF DIGITAL EVIDENCE"), st.LABEL, after=2)
    flow.paragraph(_("Custody report"), st.TITLE, after=8)
    title = (
        report.title
        if report.title is not None
        else _("Title not shown (sealed, withheld or erased)")
    )
    chapter = numbers(report)[Chapter.CASE]
    width = st.TEXT_WIDTH - SIDE - 10
    clipped = _first(flow, title, st.SUBTITLE, width, lines=3, chapter=chapter)
    flow.block(clipped.lines, st.SUBTITLE)
    flow.y = min(flow.y - 10, top - SIDE - 4)
    pairs(flow, _identification(flow, report))
    _verdict(flow, report)
    flow.paragraph(_(_RENDERING), st.NOTE)
    if current().code != ENGLISH:
        flow.paragraph(_(DRAFT), st.NOTE.coloured(st.BAD))
    if report.synthetic:
        flow.paragraph(_(_SYNTHETIC), st.NOTE.coloured(st.BAD))


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
    more = flow.typesetter.line(
        _("… (in full in chapter {chapter})", chapter=chapter), style
    )
    return Block((*every[:lines], more), style)


def _identification(flow: Flow, report: Report) -> list[tuple[str, Cell]]:
    chapter = numbers(report)
    reference = report.case_id if report.case_id is not None else _(NOT_SHOWN)

    def short(text: str) -> Block:
        case = chapter[Chapter.CASE]
        return _first(flow, text, st.VALUE, VALUE_WIDTH, lines=2, chapter=case)

    level = _first(
        flow,
        told(report.level),
        st.VALUE,
        VALUE_WIDTH,
        lines=2,
        chapter=chapter[Chapter.VERIFICATION],
    )

    rows: list[tuple[str, Cell]] = [
        (_("Report"), short(report.report_id)),
        (_("Case reference"), short(reference)),
        (_("Issued by"), short(issuer(report))),
        (_("Rendered and verified"), short(day(report.rendered_at))),
        (_("Exhibits"), exhibits_there(report)),
        (_("Log origin"), short(report.origin)),
        (_("Checkpoint size"), plural("{count} entry", "{count} entries", report.size)),
        (_("Checkpoint root"), digest(flow, report.root)),
        (_("Signature and time level"), level),
        (_("Classification"), short(report.classification or _(NOT_STATED))),
    ]
    variant = report.extras.variant
    if variant.name:
        rows.insert(1, (_("Variant"), f"{_(variant.title)}. {_(variant.says)}"))
        counted = _(_WITHHOLDS, count=len(report.withheld), chapter=_withheld(report))
        rows.insert(2, (_("Withholds"), counted))
    if report.supersedes is not None:
        rows.insert(1, (_("Supersedes"), short(report.supersedes)))
    return rows


def _withheld(report: Report) -> int:
    return numbers(report)[Chapter.WITHHELD]


def _verdict(flow: Flow, report: Report) -> None:
    flow.section(_("Verdict at a glance"), numbered=False, listed=False)
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
        table.row(
            (_(axis.axis), told(axis.question), status(flow, axis.status, widths[2]))
        )
    flow.y -= 8
    note = N_(
        "Each axis answers its own question and no other; chapter {verification} "
        "explains every status and says what it does not establish."
    )
    flow.paragraph(with_numbers(note, report), st.NOTE)
