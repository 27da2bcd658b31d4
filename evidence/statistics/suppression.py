"""Small cells of a table are suppressed, so that totals do not give them away.

A cell from 1 to below the threshold is small. Where a table has one, more cells are
suppressed with it, smallest first, until neither the total nor knowledge of this rule
tells any of them: at least one that is not small, everything within the threshold of
the largest one, and a sum that leaves each of k cells many possible values (at least
k + 2 thresholds - 1). Which of them was small is not said. Where a table has not
enough, all of it is withheld, and with it everything that would tell its total.

`tests/unit/evidence/test_suppression.py` tries all small tables: whoever sees the
outcome is left with at least `threshold` possible values for each suppressed cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SUPPRESSED = None
Cells = Mapping[str, int]
Shown = dict[str, int | None]


def suppress(cells: Cells, *, threshold: int) -> Shown | None:
    """Return a table as it may be shown beside its total; None when nothing may be.

    Args:
        cells: counts, none below 0, by label; they add up to the total.
        threshold: the smallest count shown, except for 0.

    Returns:
        The cells with None for the suppressed ones.
    """
    hidden = {name for name, count in cells.items() if 0 < count < threshold}
    if not hidden:
        return dict(cells)
    small, largest = len(hidden), 0
    for count in sorted({count for count in cells.values() if count >= threshold}):
        # One that is not small is always among them, and what is near it goes with
        # it: else the smallest count shown would tell something of those that are not.
        chosen = [cells[key] for key in hidden]
        if largest and count - largest >= threshold and _is_safe(chosen, threshold):
            break
        hidden |= {name for name, value in cells.items() if value == count}
        largest = count
    if len(hidden) == small or not _is_safe([cells[key] for key in hidden], threshold):
        return None
    return {
        name: SUPPRESSED if name in hidden else count for name, count in cells.items()
    }


def _is_safe(counts: Sequence[int], threshold: int) -> bool:
    """Tell whether the sum of these cells leaves each enough possible values."""
    return len(counts) > 1 and sum(counts) >= len(counts) + 2 * threshold - 1


@dataclass(frozen=True, slots=True)
class Population:
    """One set of things, counted in several ways.

    Attributes:
        total: how many there are; None when that is withheld.
        tables: name of the table to its cells; a cell is None when suppressed.
        withheld: nothing is shown, because too little is there.
    """

    total: int | None
    tables: Mapping[str, Shown]
    withheld: bool = False


def protect(total: int, tables: Mapping[str, Cells], *, threshold: int) -> Population:
    """Return what may be shown of tables that all count the same `total` things.

    A table whose things fall into several cells is treated as if its sum were known.
    A total below the threshold is withheld with every table; so is one whose tables
    cannot be made safe, as any one of them would tell it.
    """
    shown = {
        name: suppress(cells, threshold=threshold) for name, cells in tables.items()
    }
    safe = {name: table for name, table in shown.items() if table is not None}
    if 0 < total < threshold or len(safe) < len(shown):
        hidden = {name: dict.fromkeys(cells, None) for name, cells in tables.items()}
        return Population(None, hidden, withheld=True)
    return Population(total, safe)
