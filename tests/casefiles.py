"""Entries and sealed records made by hand, for tests of what is read from them."""

from __future__ import annotations

from collections.abc import Mapping

from manifests.canonical import Json
from manifests.entries import Entry, EntryType


def entry(
    seq: int,
    facts: Mapping[str, Json],
    *,
    kind: str = EntryType.ANNOTATE,
    exhibits: tuple[str, ...] = (),
    actor: str = "a" * 64,
) -> Entry:
    """An entry nobody signed; each has a line of its own."""
    body: dict[str, Json] = {
        "actor": actor,
        "exhibits": list(exhibits),
        "facts": dict(facts),
        "private": "0" * 64,
        "seq": seq,
        "time": f"2026-01-01T00:00:00.{seq:06d}Z",
        "type": str(kind),
    }
    return Entry(b"line %d" % seq, body, ())


def acquired(seq: int, exhibit: str, records: int = 5, **facts: Json) -> Entry:
    """An acquire entry."""
    told: dict[str, Json] = {"inventory": {"records": records}, "kind": "files"}
    return entry(seq, {**told, **facts}, kind=EntryType.ACQUIRE, exhibits=(exhibit,))
