"""CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as some

from evidence.access.tables import cell, to_csv
from tests.thorough import examples


@settings(max_examples=examples(40, 1000), deadline=None)
@given(some.text(max_size=40))
def test_no_cell_begins_a_formula_or_a_line(text: str) -> None:
    found = cell(text)
    assert not found.lstrip().startswith(("=", "+", "-", "@", "|", "%", "\t", "\r"))
    assert found.isprintable()


@settings(max_examples=examples(30, 500), deadline=None)
@given(some.lists(some.text(max_size=20), min_size=3, max_size=3))
def test_rows_read_back_by_another_reader_have_their_cells(row: list[str]) -> None:
    text = to_csv(("a", "b", "c"), [row], [("size", "7")])
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b", "c"], [cell(v) for v in row], ["# size", "7", ""]]


def test_known_cells() -> None:
    assert cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert cell("  @SUM") == "'  @SUM"
    assert cell("\uff1d1") == "'\uff1d1"
    assert cell("plain") == "plain"
    assert "\n" not in cell("a\n=1")
