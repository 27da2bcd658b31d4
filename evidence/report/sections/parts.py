"""Building blocks the chapters share: label and value rows, status words."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _
from evidence.report.page import Block
from evidence.report.tables import PAD_X, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evidence.report.chapters import Chapter
    from evidence.report.model import Report
    from evidence.report.page import Flow
    from evidence.report.style import Style

LABEL_WIDTH = 42 * st.MM
VALUE_WIDTH = st.TEXT_WIDTH - LABEL_WIDTH - 2 * PAD_X  # inside a value cell
_KEPT_TOGETHER = st.TEXT_HEIGHT * 0.45  # a unit's beginning that is never split
_PAD = 2.5
DRAFT = N_(
    "Draft translation, to be checked by a sworn translator. Where it differs from the "
    "English report, the English report counts."
)
WITHHELD = N_("Withheld in this variant of the report.")
_NO_TITLE = ""
STATUS_COLOURS = {"pass": st.GOOD, "fail": st.BAD, "not checked": st.OPEN}
STATUS_WORDS = {
    "pass": N_("PASS"),
    "fail": N_("FAIL"),
    "not checked": N_("NOT CHECKED"),
}


def begin(flow: Flow, report: Report, chapter: Chapter) -> bool:
    """Begin a chapter; False where this variant withholds it, which is then said."""
    flow.chapter(chapter)
    if chapter.name.lower() not in report.extras.variant.hidden:
        return True
    flow.paragraph(_(WITHHELD))
    return False


def hidden(flow: Flow, report: Report, part: str, title: str) -> bool:
    """Say under `title` that a part is withheld; False where it is not."""
    if part not in report.extras.variant.hidden:
        return False
    flow.section(title)
    flow.paragraph(_(WITHHELD))
    return True


def pairs(
    flow: Flow,
    rows: Iterable[tuple[str, Cell]],
    *,
    label_width: float = LABEL_WIDTH,
    label: Style = st.LABEL,
) -> None:
    """Draw label and value rows under thin rules."""
    columns = (
        Column(_NO_TITLE, label_width, label),
        Column(_NO_TITLE, st.TEXT_WIDTH - label_width, st.VALUE),
    )
    table = Table(flow, columns, header=False)
    for row in rows:
        table.row(row)
    flow.y -= 8


def unit(
    flow: Flow,
    heading: str,
    rows: Sequence[tuple[str, Cell]],
    short: Sequence[tuple[str, str]],
) -> None:
    """Draw what belongs to one thing: its heading, its rows, short ones two abreast.

    A unit begins a new page rather than leave a few rows at the foot of one; where it
    goes on, its heading is repeated.
    """
    flow.section(heading, numbered=False, listed=False)
    wide = (
        Column(_NO_TITLE, LABEL_WIDTH, st.LABEL),
        Column(_NO_TITLE, st.TEXT_WIDTH - LABEL_WIDTH, st.VALUE),
    )
    half = (
        Column(_NO_TITLE, LABEL_WIDTH, st.LABEL),
        Column(_NO_TITLE, st.TEXT_WIDTH / 2 - LABEL_WIDTH, st.VALUE),
    )
    above = Table(flow, wide, header=False, continued=heading, pad=_PAD)
    below = Table(flow, half + half, header=False, continued=heading, pad=_PAD)
    abreast = [
        (*left, *right)
        for left, right in zip_longest(short[::2], short[1::2], fillvalue=("", ""))
    ]
    height = sum(above.height(row) for row in rows)
    height += sum(below.height(row) for row in abreast)
    flow.need(min(height, _KEPT_TOGETHER))
    for row in rows:
        above.row(row)
    for row in abreast:
        below.row(row)
    flow.y -= 8


def digest(flow: Flow, value: str) -> Block:
    """A full digest in groups of eight, for a label and value row."""
    return Block(flow.typesetter.digest(value, st.DIGEST, groups=8), st.DIGEST)


def digest_cell(flow: Flow, value: str) -> Block:
    """A full digest on lines of four groups of eight, for a table cell."""
    style = st.DIGEST_CELL
    return Block(flow.typesetter.digest(value, style, groups=4), style)


def status(flow: Flow, word: str, width: float) -> Block:
    """A status in words, coloured as well."""
    style = st.CELL_BOLD.coloured(STATUS_COLOURS.get(word, st.INK))
    text = _(STATUS_WORDS.get(word, word))
    return flow.block_of(text, style, width - 2 * PAD_X)


def stacked(flow: Flow, texts: Iterable[str], width: float) -> Block:
    """Several texts below each other in one cell."""
    inner = width - 2 * PAD_X
    lines = [line for t in texts for line in flow.typesetter.wrap(t, st.CELL, inner)]
    return Block(tuple(lines), st.CELL)
