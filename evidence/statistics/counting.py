"""Counts of one or several cases by year, from public facts alone.

Labels are closed words of this program, never text from a case: what is not one of them
counts as "other". No name, number, key, time or digest is in the outcome. Populations
share no thing, so that no total of one tells a cell of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from evidence.authority.instruments import CATEGORIES, Instrument
from evidence.authority.register import Authority, authorities, is_time, moment
from evidence.consent.words import words
from evidence.narration import KINDS
from evidence.referring import REASONS
from evidence.statistics.suppression import Population, protect
from evidence.transfer.words import CHANNELS
from manifests.entries import Entry, EntryType

OTHER = "other"
NOT_FULFILLED = "not fulfilled"
# How long it took from receipt (else issue) to the first acquisition under it; the
# bounds are those of Regulation (EU) 2023/1543 Art. 10 and 11.
BANDS = (
    ("within 8 hours", timedelta(hours=8)),
    ("within 96 hours", timedelta(hours=96)),
    ("within 10 days", timedelta(days=10)),
    ("within 60 days", timedelta(days=60)),
)
LATER = "later"
UNKNOWN = "time unknown"
_FULFILMENT = (*(name for name, _ in BANDS), LATER, UNKNOWN, NOT_FULFILLED)
_YES_NO = ("yes", "no")


@dataclass(slots=True)
class _Count:
    """One population of one year, counted."""

    labels: Mapping[str, Sequence[str]]
    total: int = 0
    cells: dict[str, Counter[str]] = field(default_factory=dict)

    def take(self, **found: Iterable[str]) -> None:
        """Count one thing: under each table, the cells it falls into."""
        self.total += 1
        for table, values in found.items():
            known = self.labels[table]
            chosen = {value if value in known else OTHER for value in values}
            self.cells.setdefault(table, Counter()).update(chosen)

    def shown(self, threshold: int) -> Population:
        """Return what may be shown of it."""
        tables = {
            table: {
                label: self.cells.get(table, Counter())[label]
                for label in (*known, *(() if OTHER in known else (OTHER,)))
            }
            for table, known in self.labels.items()
        }
        return protect(self.total, tables, threshold=threshold)


def _labels() -> dict[str, dict[str, Sequence[str]]]:
    """Return the closed labels of every table of every population."""
    kinds = [kind for kind in KINDS if kind != "document"]
    return {
        "instruments": {
            "type": [kind.value for kind in Instrument],
            "data category": CATEGORIES,
            "emergency": _YES_NO,
            "fulfilled": _FULFILMENT,
        },
        "exhibits": {"kind": kinds, "data category": CATEGORIES, "complete": _YES_NO},
        "disclosures": {"purpose": list(words().purposes), "overridden": _YES_NO},
        "referrals": {"reason": REASONS},
        "hand-overs offered": {
            "purpose": list(words().purposes),
            "channel": CHANNELS,
            "emergency": _YES_NO,
        },
    }


class Statistics:
    """Counts by year; take the entries of each case, then ask what may be shown."""

    def __init__(self) -> None:
        self._labels = _labels()
        self._years: dict[str, dict[str, _Count]] = {}

    def take(self, entries: Sequence[Entry]) -> None:
        """Count the acts of one case."""
        for entry in entries:
            self._take(entry)
        first: dict[str, str] = {}
        for entry in entries:
            ground = entry.body.get("authority")
            if _is_evidence(entry) and isinstance(ground, str):
                first.setdefault(ground, entry.time)
        for one in authorities(entries).values():
            self._take_authority(one, first.get(one.id, ""))

    def years(self) -> list[str]:
        """Return the years there is something of, in order."""
        return sorted(self._years)

    def shown(self, year: str, *, threshold: int) -> dict[str, Population]:
        """Return what may be shown of a year, every population of it."""
        counts = self._years.get(year, {})
        return {
            name: counts.get(name, _Count(labels)).shown(threshold)
            for name, labels in self._labels.items()
        }

    def _count(self, entry: Entry, name: str) -> _Count:
        year = self._years.setdefault(entry.time[:4], {})
        return year.setdefault(name, _Count(self._labels[name]))

    def _take(self, entry: Entry) -> None:
        facts = entry.facts
        if _is_evidence(entry):
            self._count(entry, "exhibits").take(
                **{
                    "kind": [str(facts.get("kind"))],
                    "data category": [str(facts.get("category"))],
                    "complete": [_yes(facts.get("complete") is True)],
                }
            )
        elif entry.type == EntryType.DISCLOSE:
            self._count(entry, "disclosures").take(
                purpose=[str(facts.get("purpose"))],
                overridden=[_yes(facts.get("override") is not None)],
            )
        elif entry.type == EntryType.TRANSFER_OUT and facts.get("kind") is None:
            self._count(entry, "hand-overs offered").take(
                purpose=[str(facts.get("purpose"))],
                channel=[str(facts.get("channel"))],
                emergency=[_yes(facts.get("emergency") is True)],
            )
        elif entry.type == EntryType.IDENTIFY and facts.get("kind") == "referral":
            self._count(entry, "referrals").take(reason=[str(facts.get("reason"))])

    def _take_authority(self, one: Authority, first: str) -> None:
        self._count(one.entry, "instruments").take(
            **{
                "type": [one.text("type")],
                "data category": one.words("categories") or (OTHER,),
                "emergency": [_yes(one.facts.get("emergency") is True)],
                "fulfilled": [_fulfilled(one, first)],
            }
        )


def _is_evidence(entry: Entry) -> bool:
    return entry.type == EntryType.ACQUIRE and entry.facts.get("kind") != "document"


def _yes(value: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "yes" if value else "no"


def _fulfilled(one: Authority, first: str) -> str:
    """Say how long it took to the first acquisition under an authority."""
    if not first:
        return NOT_FULFILLED
    begun = one.time("received_at") or one.time("issued_at")
    if not begun or not is_time(first) or first < begun:
        return UNKNOWN
    took = moment(first) - moment(begun)
    return next((name for name, most in BANDS if took <= most), LATER)
