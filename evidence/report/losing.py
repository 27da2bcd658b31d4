"""From the entries on harm and proceeds to the lines of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence.case import Case
from evidence.casework.losses import SORTS, totals
from evidence.casework.numbers import HARM, PROCEEDS, Numbered, numbered
from evidence.errors import UnsealableError
from evidence.overview import Overview
from evidence.report.extras import Losses, LossLine
from manifests.canonical import Json
from manifests.entries import Entry

_WORDS = {HARM: "Presumed harm", PROCEEDS: "Presumed proceeds"}
_PAIRS = (("known", "Known from"), ("fact", "Fact"), ("assessment", "Assessment"))
_LISTS = (("people", "Persons"), ("statements", "Statements"))


def losses(
    case: Case, view: Overview, entries: Sequence[Entry], *, shown: bool
) -> Losses:
    """Return harm and proceeds; amounts and words only where `shown`."""
    counts, unread = [], []
    lines: list[LossLine] = []
    sums: list[tuple[str, str, str]] = []
    for kind, words in _WORDS.items():
        known = numbered(entries, kind)
        counts += [(words, len(known.found))] * bool(known.found)
        unread += [
            f"Entry {seq} claims a number out of turn and is not used."
            for seq in known.odd
        ]
        if shown:
            found = _lines(case, view, known, kind)
            pairs = [(one.amount, one.currency) for one in found]
            sums += [(words, total, code) for code, total in totals(pairs).items()]
            lines += found
    lost = sum(1 for one in lines if one.texts == _UNREAD)
    if lost:
        unread.append(
            f"Items whose words could not be read: {lost}; no sum holds them."
        )
    return Losses(
        tuple(counts), tuple(lines) if shown else None, tuple(sums), tuple(unread)
    )


_UNREAD = (("Words", "(the sealed record is not available)"),)


def _lines(case: Case, view: Overview, known: Numbered, kind: str) -> list[LossLine]:
    found = []
    for number, (entry, *_) in known.found.items():
        amount = currency = ""
        try:
            record = case.sealed(entry)
            texts = _texts(record, SORTS[kind])
            amount, currency = _text(record, "amount"), _text(record, "currency")
        except UnsealableError:
            texts = _UNREAD
        found.append(
            LossLine(
                number, entry.seq, entry.time, view.actor(entry), entry.exhibits,
                amount, currency, texts,
            )
        )  # fmt: skip
    return found


def _texts(
    record: Mapping[str, Json], sorts: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    sort = _text(record, "sort")
    pairs = [("Kind", sorts.get(sort, sort))]
    start, end = _text(record, "start"), _text(record, "end")
    if start or end:
        pairs.append(("Time", f"{start or 'not known'} to {end or 'not known'}"))
    for name, words in _LISTS:
        value = record.get(name)
        if isinstance(value, list) and value:
            pairs.append((words, ", ".join(map(str, value))))
    pairs += [(words, _text(record, name)) for name, words in _PAIRS]
    return tuple((words, text) for words, text in pairs if text)


def _text(record: Mapping[str, Json], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
