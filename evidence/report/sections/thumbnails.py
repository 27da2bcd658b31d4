"""Blurred pictures of exhibits, for telling them apart and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import N_, _

if TYPE_CHECKING:
    from evidence.report.extras import Thumbnail
    from evidence.report.model import Report
    from evidence.report.page import Flow

_NOTE = N_(
    "Shown on request, to tell exhibits apart. Each picture was reduced to at most "
    "16 by 16 cells of one colour: no face and no text can be recovered from it. It is "
    "made from the exhibit and is not the exhibit."
)
_SIDE = 30 * st.MM


def draw(flow: Flow, report: Report) -> None:
    """Draw the section; nothing where no picture was asked for."""
    if not report.extras.thumbnails:
        return
    flow.section(_("Blurred pictures"))
    flow.paragraph(_(_NOTE), st.NOTE)
    for one in report.extras.thumbnails:
        if one.cells:
            _draw(flow, one)
        else:
            flow.paragraph(
                _(
                    "{exhibit}: no picture, because {reason}.",
                    exhibit=one.exhibit,
                    reason=_(one.problem),
                )
            )


def _draw(flow: Flow, one: Thumbnail) -> None:
    cell = _SIDE / max(one.columns, one.rows)
    flow.need(st.CELL_BOLD.leading + 4 + cell * one.rows)
    text = _("{exhibit}, blurred", exhibit=one.exhibit)
    flow.paragraph(text, st.CELL_BOLD, after=2)
    ops = []
    left = flow.mirrored(st.LEFT, cell * one.columns)
    for row in range(one.rows):
        for column in range(one.columns):
            at = 6 * (row * one.columns + column)
            red, green, blue = (
                int(one.cells[at + part : at + part + 2], 16) / 255
                for part in (0, 2, 4)
            )
            x, y = left + column * cell, flow.y - (row + 1) * cell
            ops.append(
                f"{red:.3f} {green:.3f} {blue:.3f} rg "
                f"{x:.2f} {y:.2f} {cell:.2f} {cell:.2f} re f"
            )
    flow.figure("\n".join(ops), text)
    flow.y -= cell * one.rows + 10
