"""A suppressed cell cannot be computed, not even by whoever knows the rule."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest

from evidence.statistics.suppression import protect, suppress


@pytest.mark.parametrize(("threshold", "cells", "most"), [(3, 4, 9), (5, 3, 20)])
def test_all_small_tables_leave_many_values_for_each_suppressed_cell(
    threshold: int, cells: int, most: int
) -> None:
    """Group all tables by what is shown of them, the total included: the attacker's
    knowledge. Each suppressed cell must take many values within a group."""
    groups = defaultdict(list)
    for counts in product(range(most + 1), repeat=cells):
        table = dict(zip("abcd", counts, strict=False))
        shown = suppress(table, threshold=threshold)
        # Where the total is too large, tables that look the same were not all tried.
        if shown is not None and sum(counts) <= most:
            groups[(*shown.values(), sum(counts))].append(counts)
    hidden = 0
    for shown_cells, tables in groups.items():
        for place, shown_count in enumerate(shown_cells[:-1]):
            possible = {table[place] for table in tables}
            if shown_count is not None:
                assert possible == {shown_count}
                assert shown_count == 0 or shown_count >= threshold
                continue
            hidden += 1
            assert len(possible) >= threshold, (shown_cells, tables)
    assert hidden


def test_known_tables() -> None:
    """Computed by hand."""
    assert suppress({"a": 9, "b": 0}, threshold=5) == {"a": 9, "b": 0}
    one = suppress({"a": 1, "b": 20, "c": 30, "d": 0}, threshold=5)
    assert one == {"a": None, "b": None, "c": 30, "d": 0}
    near = suppress({"a": 1, "b": 20, "c": 22}, threshold=5)
    assert near == {"a": None, "b": None, "c": None}
    assert suppress({"a": 4, "b": 4}, threshold=5) is None  # both must be 4
    assert suppress({"a": 3}, threshold=5) is None


def test_a_total_that_is_small_or_tells_is_withheld_with_every_table() -> None:
    tables = {"kind": {"chat": 4, "disk": 4}, "whole": {"yes": 8, "no": 0}}
    found = protect(8, tables, threshold=5)
    assert found.withheld and found.total is None
    assert {v for table in found.tables.values() for v in table.values()} == {None}
    assert protect(3, {"whole": {"yes": 3, "no": 0}}, threshold=5).withheld
    plain = protect(8, {"whole": {"yes": 8, "no": 0}}, threshold=5)
    assert (plain.total, plain.tables) == (8, {"whole": {"yes": 8, "no": 0}})
