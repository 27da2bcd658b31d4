"""Tables for others' programs: CSV (RFC 4180) that no spreadsheet takes for formulas.

Every cell is made visible first (`evidence.visible`), so none holds a control
character or a line break. A cell that begins with what a spreadsheet computes gets an
apostrophe in front, which it shows as text (CWE-1236).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

from evidence.visible import visible

_FORMULA = tuple("=+-@|%")


def cell(text: str) -> str:
    """Return a cell's text as it stands in the file."""
    shown = visible(text)
    # Wide forms (U+FF1D) count as ASCII ones to some programs; blanks are skipped.
    first = unicodedata.normalize("NFKC", shown.lstrip()[:1])
    return f"'{shown}" if first.startswith(_FORMULA) else shown


def to_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    footer: Sequence[tuple[str, str]],
) -> str:
    """Return a table as CSV; footer lines are rows that begin with ``#``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    for name, value in footer:
        empty = [""] * max(len(header) - 2, 0)
        writer.writerow([f"# {cell(name)}", cell(value), *empty])
    return buffer.getvalue()
