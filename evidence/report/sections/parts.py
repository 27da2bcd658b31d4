"""Building blocks the chapters share: label and value rows, status words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.page import Block
from evidence.report.tables import PAD_X, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evidence.report.page import Flow

LABEL_WIDTH = 42 * st.MM
VALUE_WIDTH = st.TEXT_WIDTH - LABEL_WIDTH - 2 * PAD_X  # inside a value cell
_KEPT_WHOLE = st.TEXT_HEIGHT - 40
STATUS_COLOURS = {"pass": st.GOOD, "fail": st.BAD, "not checked": st.OPEN}
STATUS_WORDS = {"pass": "PASS", "fail": "FAIL", "not checked": "NOT CHECKED"}


def pairs(
    flow: Flow,
    rows: Sequence[tuple[str, Cell]],
    *,
    label_width: float = LABEL_WIDTH,
    heading: str = "",
) -> None:
    """Draw label and value rows under thin rules.

    With a `heading` the rows are one unit: kept on one page where they fit, and the
    heading repeated where they do not.
    """
    columns = (
        Column("", label_width, st.LABEL),
        Column("", st.TEXT_WIDTH - label_width, st.VALUE),
    )
    table = Table(flow, columns, header=False, continued=heading)
    if heading:
        flow.section(heading, numbered=False, listed=False)
        height = sum(table.height(row) for row in rows)
        flow.need(height if height <= _KEPT_WHOLE else 0)
    for label, value in rows:
        table.row((label, value))
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
    text = STATUS_WORDS.get(word, word)
    return flow.block_of(text, style, width - 2 * PAD_X)


def stacked(flow: Flow, texts: Iterable[str], width: float) -> Block:
    """Several texts below each other in one cell."""
    inner = width - 2 * PAD_X
    lines = [line for t in texts for line in flow.typesetter.wrap(t, st.CELL, inner)]
    return Block(tuple(lines), st.CELL)
