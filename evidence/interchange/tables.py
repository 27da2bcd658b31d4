"""Tables as CSV (RFC 4180, UTF-8): custody, exhibits, what is inside exhibits.

Cells are those of `evidence.access.tables`: visible characters only, and nothing that a
spreadsheet would compute. Names that are no UTF-8 stand beside their bytes in base64.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from evidence.access.tables import cell
from evidence.case import Case
from evidence.interchange.contents import Line, lines_of
from evidence.interchange.source import Source, party
from evidence.narration import describe
from manifests.entries import Entry
from manifests.verifying.expected import ExpectedExhibit

CUSTODY = (
    "entry", "time", "act", "kind", "actor", "role", "ground", "exhibits",
    "recipient", "description", "leaf",
)  # fmt: skip
EXHIBITS = (
    "exhibit", "entry", "time", "kind", "category", "complete", "ground", "payload",
    "bytes", "sha256", "encrypted", "records", "inventory_root", "erased",
)  # fmt: skip
INVENTORY = (
    "exhibit", "record", "kind", "type", "outcome", "bytes", "sha256", "modified",
    "accessed", "changed", "born", "deleted",
)  # fmt: skip
NAMES = ("path", "path_base64", "reason")
_BATCH = 1000


def custody_table(source: Source) -> Iterator[bytes]:
    """Yield the acts of a case, a row an entry, from public facts.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    rows = (_custody(entry) for entry in source.read())
    return csv_pieces(CUSTODY, rows)


def exhibits_table(source: Source) -> Iterator[bytes]:
    """Yield the exhibits of a case, a row each, from public facts.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    rows = (_exhibit(source, entry, exhibit) for entry, exhibit in source.exhibits())
    return csv_pieces(EXHIBITS, rows)


def inventory_table(
    case: Case, chosen: Iterable[ExpectedExhibit], *, named: bool
) -> Iterator[bytes]:
    """Yield what is inside exhibits, a row a record.

    Args:
        named: with paths, names and reasons, which may name people.

    Raises:
        As `evidence.interchange.contents.lines_of`.
    """
    header = INVENTORY + NAMES if named else INVENTORY
    rows = (
        _record(line, named=named)
        for expected in chosen
        for line in lines_of(case, expected)
    )
    return csv_pieces(header, rows)


def csv_pieces(
    header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[bytes]:
    """Yield a table as CSV in pieces of bounded size, lines ended by CR LF."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(_text(value)) for value in row])
        if number % _BATCH == 0:
            yield buffer.getvalue().encode("utf-8")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _custody(entry: Entry) -> tuple[object, ...]:
    facts = entry.facts
    return (
        entry.seq, entry.time, entry.type, _word(facts.get("kind")), entry.actor,
        _word(entry.body.get("role")), _word(entry.body.get("authority")),
        " ".join(entry.exhibits), party(facts), describe(entry),
        entry.leaf.hex(),
    )  # fmt: skip


def _exhibit(
    source: Source, entry: Entry, expected: ExpectedExhibit
) -> tuple[object, ...]:
    facts = entry.facts
    return (
        expected.id, entry.seq, entry.time, _word(facts.get("kind")),
        _word(facts.get("category")), facts.get("complete") is True,
        _word(entry.body.get("authority")), expected.payload_name,
        expected.payload_bytes, expected.payload_sha256, expected.encrypted,
        expected.inventory_records, expected.inventory_root,
        source.erased(expected.id),
    )  # fmt: skip


def _record(line: Line, *, named: bool) -> tuple[object, ...]:
    row = (
        line.exhibit, line.number, line.text("kind"), line.text("type"),
        line.text("outcome"), line.size, line.sha256, line.time("mtime", "modified"),
        line.time("atime", "accessed"), line.time("ctime", "changed"),
        line.time("btime", "born"), line.fields.get("deleted") is True,
    )  # fmt: skip
    if not named:
        return row
    raw = line.text("path_b64") or line.text("name_b64")
    return (*row, line.path, raw, line.text("reason"))


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
