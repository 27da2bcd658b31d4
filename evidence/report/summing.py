"""Long lists: a summary on paper, the whole as CSV inside the PDF.

Nobody reads 100,000 rows on paper. Beyond `MOST_ROWS` a list is summed up: how many of
each kind, the first and the last, and in full every row that is not routine. The file
with all rows travels in the PDF; its SHA-256 stands in the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from evidence.report.attachments import Attachment
from evidence.report.extras import LongList
from evidence.visible import visible

if TYPE_CHECKING:
    from evidence.report.model import (
        AccessLine,
        Event,
        LabelLine,
        NotAcquired,
        Report,
    )

Row = TypeVar("Row")
MOST_ROWS = 2000
_MOST_KNOWN = 10_000  # cells of a list that are remembered
# Acts that say nothing unusual; everything else is printed in full.
_ROUTINE = frozenset(
    ("Acquire", "Annotate", "Analyse", "Consult", "Copy", "Renew", "Seal", "Verify")
)
_QUOTED = (",", '"', "\r", "\n")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Row]):
    """How rows of one list are counted, chosen and written."""

    name: str
    columns: tuple[str, ...]
    cells: Callable[[Row], Sequence[str | int]]
    sort: Callable[[Row], str]
    time: Callable[[Row], str]
    unusual: Callable[[Row], bool]


def summed(
    report: Report, *, most: int = MOST_ROWS
) -> tuple[Report, tuple[Attachment, ...]]:
    """Return the report with long lists summed up, and the files that hold them.

    A list of at most `most` rows stays as it is.
    """
    marked = {line.entry for line in report.deviations}
    files: list[Attachment] = []
    lists: list[LongList] = []

    def cut(kind: _Kind[Row], rows: tuple[Row, ...]) -> tuple[Row, ...]:
        if len(rows) <= most:
            return rows
        file = _file(kind, rows)
        kept = tuple(
            row
            for at, row in enumerate(rows)
            if at in (0, len(rows) - 1) or kind.unusual(row)
        )
        counts = sorted(Counter(map(kind.sort, rows)).items())
        files.append(file)
        lists.append(
            LongList(
                kind.name,
                len(rows),
                len(kept),
                tuple(counts),
                kind.time(rows[0]),
                kind.time(rows[-1]),
                file.name,
                file.sha256,
            )
        )
        return kept

    report = replace(
        report,
        events=cut(_custody(marked), report.events),
        access=cut(_ACCESS, report.access),
        labels=cut(_LABELS, report.labels),
        not_acquired=cut(_NOT_ACQUIRED, report.not_acquired),
    )
    extras = replace(report.extras, lists=tuple(lists))
    return replace(report, extras=extras), tuple(files)


def _file(kind: _Kind[Row], rows: Iterable[Row]) -> Attachment:
    """Write rows as RFC 4180 CSV in UTF-8; no cell can be read as a formula."""
    cell = _Cells().__getitem__
    lines = [",".join(map(cell, kind.columns))]
    lines += [",".join(map(cell, kind.cells(row))) for row in rows]
    lines.append("")
    content = "\r\n".join(lines).encode("utf-8")
    return Attachment(
        f"{kind.name}.csv",
        "text/csv",
        "Data",
        f"Every row of the list: {kind.name}.",
        content,
    )


class _Cells(dict[str | int, str]):
    """Cells as they are written; what thousands of rows have in common is made once."""

    def __missing__(self, cell: str | int) -> str:
        """Write a cell that was not met before."""
        if type(cell) is int and cell >= 0:
            return str(cell)  # is never equal to a text, so need not be kept
        text = str(cell)
        if not (text.isascii() and text.isprintable()):
            text = visible(text)
        if text.startswith(_FORMULA):
            text = f"'{text}"
        if any(map(text.__contains__, _QUOTED)):
            text = '"' + text.replace('"', '""') + '"'
        if len(self) < _MOST_KNOWN:
            self[cell] = text
        return text


def _custody(marked: set[int]) -> _Kind[Event]:
    def unusual(row: Event) -> bool:
        return bool(row.gap) or row.entry in marked or row.type not in _ROUTINE

    return _Kind(
        "custody",
        ("entry", "time", "act", "by", "authority", "exhibits", "recorded", "gap"),
        lambda row: (
            row.entry, row.time, row.type, row.actor, row.authority or "",
            " ".join(row.exhibits), row.text, row.gap,
        ),
        lambda row: row.type,
        lambda row: row.time,
        unusual,
    )  # fmt: skip


def _is_doubtful(row: AccessLine) -> bool:
    return bool(row.doubts)


def _is_in_force(row: LabelLine) -> bool:
    return row.in_force


def _is_counted(row: NotAcquired) -> bool:
    return row.item is None


_ACCESS: _Kind[AccessLine] = _Kind(
    "access",
    ("entry", "time", "who", "what", "exhibits", "purpose", "ground", "doubts"),
    lambda row: (
        row.entry, row.time, row.who, row.what, " ".join(row.exhibits), row.purpose,
        row.ground, row.doubts,
    ),
    lambda row: row.purpose,
    lambda row: row.time,
    _is_doubtful,
)  # fmt: skip
_LABELS: _Kind[LabelLine] = _Kind(
    "labels",
    ("subject", "axis", "label", "entry", "time", "by", "in_force"),
    lambda row: (
        row.subject, row.axis, row.value, row.entry, row.time, row.author,
        "yes" if row.in_force else "no",
    ),
    lambda row: row.axis,
    lambda row: row.time,
    _is_in_force,
)  # fmt: skip
_NOT_ACQUIRED: _Kind[NotAcquired] = _Kind(
    "not-acquired",
    ("exhibit", "outcome", "count", "explanation", "item"),
    lambda row: (row.exhibit, row.outcome, row.count, row.explanation, row.item or ""),
    lambda row: row.outcome,
    lambda _: "",
    _is_counted,
)
