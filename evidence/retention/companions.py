"""Other tools' proofs kept as documents of an exhibit: they go when it is erased.

Such a document names files, people and machines of the exhibit. It stays where
something else rests on it, and who erases is told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.acquire import DOCUMENT
from evidence.retention.register import Register
from evidence.transfer.register import Transfer
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError

if TYPE_CHECKING:
    from evidence.case import Case

# Entries that assert something of what they name; others only say what was done.
_ASSERT = frozenset(
    {EntryType.ANNOTATE, EntryType.ANALYSE, EntryType.COMBINE, EntryType.RECTIFY}
)
_NO_ASSERTION = ("transfer_", "legal_hold", "erasure_", "approval", "refusal")


@dataclass(frozen=True, slots=True)
class Companions:
    """Documents of exhibits: those that go with them, and why the others stay."""

    go: tuple[str, ...] = ()
    stay: tuple[tuple[str, str], ...] = ()


def companions(
    case: Case,
    entries: Sequence[Entry],
    register: Register,
    names: Sequence[str],
    *,
    at: str,
    offers: Sequence[Transfer],
) -> Companions:
    """Return what was kept as a proof of `names` and is not named itself.

    Args:
        at: UTC time now; offers: those that are not settled.
    """
    found = {
        entry.exhibits[0]: entry
        for entry in entries
        if entry.type == EntryType.ACQUIRE
        and entry.facts.get("kind") == DOCUMENT
        and entry.facts.get("documents") in names
        and entry.exhibits[0] not in names
        and register.erased(entry.exhibits[0]) is None
    }
    gone = {*names, *found}
    go, stay = [], []
    for name, acquired in found.items():
        reason = _bar(register, name, at, offers) or _assertion(entries, name)
        reason = reason or _resting(case, entries, register, acquired, gone)
        if reason:
            stay.append((name, reason))
        else:
            go.append(name)
    return Companions(tuple(go), tuple(stay))


def _bar(register: Register, name: str, at: str, offers: Sequence[Transfer]) -> str:
    if holds := register.holds_on(name):
        return f"legal hold {holds[0].number} is on it"
    if any(one.bars_erasing for one in register.restrictions_on(name, at)):
        return "a restriction of it speaks against erasing"
    if name in register.keeping:
        return "it has a retention time of its own"
    if any(one.whole or name in one.exhibits for one in offers):
        return "it is being handed over"
    if register.derived_from([name]):
        return "something was derived from it"
    return ""


def _assertion(entries: Sequence[Entry], name: str) -> str:
    for entry in entries:
        kind = str(entry.facts.get("kind"))
        says = entry.type in _ASSERT and not kind.startswith(_NO_ASSERTION)
        if says and name in entry.exhibits:
            return f"entry {entry.seq} says something of it"
    return ""


def _resting(
    case: Case,
    entries: Sequence[Entry],
    register: Register,
    document: Entry,
    gone: set[str],
) -> str:
    """Say which exhibit that stays was compared with the same proof, "" for none."""
    others = [
        entry
        for entry in entries
        if entry.type == EntryType.ACQUIRE
        and entry.exhibits[0] not in gone
        and register.erased(entry.exhibits[0]) is None
        and _has_beside(entry)
    ]
    if not others:
        return ""
    try:
        plain = case.sealed(document).get("payload", document.facts.get("payload"))
        own = plain.get("sha256") if isinstance(plain, dict) else None
        for entry in others:
            if own in _proofs(case.sealed(entry)):
                return f"{entry.exhibits[0]} was compared with it, too"
    except CustodyError:
        return "whether another exhibit rests on it cannot be told (a sealed record)"
    return ""


def _has_beside(entry: Entry) -> bool:
    peers = entry.facts.get("peers")
    listed = peers if isinstance(peers, list) else []
    return any(isinstance(one, dict) and one.get("place") == "beside" for one in listed)


def _proofs(sealed: Mapping[str, Json]) -> Iterator[Json]:
    peers = sealed.get("peers")
    for one in peers if isinstance(peers, list) else []:
        if isinstance(one, dict):
            yield one.get("sha256")
