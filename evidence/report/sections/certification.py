"""The last page: what the certifying person states, to be filled in by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.certificates import GENERAL, template
from evidence.report.chapters import Chapter, with_numbers
from evidence.report.i18n import N_, _, plural
from evidence.report.retelling import told
from evidence.report.sections.parts import digest, pairs
from evidence.report.words import NOT_STATED, day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.model import Report
    from evidence.report.page import Flow

_STATEMENT = (
    N_(
        "I have read this report. To the best of my knowledge it reproduces what the "
        "record of the case says for the exhibits listed in chapter {exhibits}."
    ),
    N_(
        "Where I acted myself, the entries that carry my key describe what I did. What "
        "others did I know from the record only."
    ),
    N_(
        "The exhibits were identified by the digests printed in this report. Gaps, "
        "deviations and errors known to me are stated in chapters {custody} and "
        "{deviations}, or below."
    ),
    N_(
        "The report keeps facts (chapter {facts}) apart from assessments "
        "(chapter {assessments})."
    ),
)
_BLANKS = (
    N_("Name"),
    N_("Position and organisation"),
    N_("Qualification relied on"),
    N_("Date"),
    N_("Place"),
    N_("Signature"),
)
_REMARK_LINES = 3
_NEEDED = 560  # points: the whole form stays on one page


def draw(flow: Flow, report: Report) -> None:
    """Draw the certification page and the end mark."""
    if not flow.at_top:
        flow.new_sheet()
    flow.chapter(Chapter.CERTIFICATION)
    flow.paragraph(
        _(
            "To be completed by the person who vouches for this report. National law "
            "may require another wording or form. Whether and how this report is used "
            "in proceedings is for the court to decide."
        )
    )
    pairs(
        flow,
        [
            (_("Report"), report.report_id),
            (_("Rendered and verified"), day(report.rendered_at)),
            (_("Checkpoint"), plural("{count} entry", "{count} entries", report.size)),
            (_("Checkpoint root"), digest(flow, report.root)),
            (_("Signature and time level"), told(report.level) or _(NOT_STATED)),
        ],
    )
    if report.extras.template == GENERAL:
        flow.bullets(with_numbers(line, report) for line in _STATEMENT)
        _form(flow, [_(blank) for blank in _BLANKS])
    else:
        _by_law(flow, report)
    _end_mark(flow, report)


def _by_law(flow: Flow, report: Report) -> None:
    """Draw the wording a law asks for, in the words of that law."""
    found = template(report.extras.template)
    flow.section(found.title, numbered=False, listed=False)
    flow.paragraph(found.source, st.NOTE)
    flow.bullets(with_numbers(line, report) for line in found.statements)
    if found.formula:
        flow.paragraph(found.formula, st.LEAD)
    _form(flow, found.blanks)


def _form(flow: Flow, blanks: Sequence[str]) -> None:
    labels = [
        _("Deviations, errors and remarks"),
        *[""] * (_REMARK_LINES - 1),
        *blanks,
    ]
    # The form ends on the page it begins on, the end mark below it included.
    step = max(min(24.0, (flow.room - 44) / len(labels)), 14.0)
    width = st.TEXT_WIDTH - 42 * st.MM
    left = flow.mirrored(st.LEFT + 42 * st.MM, width)
    for label in labels:
        flow.need(step + 2)
        flow.y -= step
        line = flow.typesetter.line(label, st.LABEL, 42 * st.MM)
        x = flow.mirrored(st.LEFT, line.width)
        if label:
            flow.tell(
                f"BT {st.LABEL.colour} rg 1 0 0 1 {x:.2f} {flow.y + 2:.2f} Tm "
                f"{line.ops} ET",
                flow.tags.add("P"),
            )
        flow.draw(
            f"{st.GREY} RG 0.5 w {left:.2f} {flow.y:.2f} m "
            f"{left + width:.2f} {flow.y:.2f} l S"
        )


def _end_mark(flow: Flow, report: Report) -> None:
    style = st.CELL_BOLD
    text = _("End of report {report}", report=report.report_id)
    line = flow.typesetter.line(text, style, st.TEXT_WIDTH - 40)
    flow.need(40)
    flow.y -= 34
    middle = st.LEFT + st.TEXT_WIDTH / 2
    x = middle - line.width / 2
    y = flow.y + style.size * 0.36
    right = st.LEFT + st.TEXT_WIDTH
    flow.draw(
        f"{st.ACCENT} RG 0.9 w {st.LEFT:.2f} {y:.2f} m {x - 10:.2f} {y:.2f} l "
        f"{x + line.width + 10:.2f} {y:.2f} m {right:.2f} {y:.2f} l S"
    )
    flow.tell(
        f"BT {style.colour} rg 1 0 0 1 {x:.2f} {flow.y:.2f} Tm {line.ops} ET",
        flow.tags.add("P"),
    )
