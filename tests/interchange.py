"""Sources of exports made by hand: many entries, inventories with any name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evidence.case import Case, Settings
from evidence.interchange.source import Source
from evidence.inventory import InventoryWriter
from manifests.canonical import Json
from manifests.entries import Entry
from manifests.verifying.expected import ExpectedExhibit

ORIGIN = "case.custody.invalid/00000000000000000000000000000000"
TIME = "2026-01-02T03:04:05.000006Z"


def entry(seq: int, kind: str, facts: Mapping[str, Json], **body: Json) -> Entry:
    """An entry nobody signed."""
    told: dict[str, Json] = {
        "actor": "a" * 64, "authority": None, "exhibits": [], "facts": dict(facts),
        "private": None, "role": "examiner", "seq": seq, "time": TIME, "type": kind,
        **body,
    }  # fmt: skip
    return Entry(b"line %d" % seq, told, ())


def acquired(seq: int, **facts: Json) -> Entry:
    """The acquire entry of exhibit `seq` + 1."""
    told: dict[str, Json] = {
        "kind": "files", "category": "content", "complete": True,
        "payload": {"name": "payload", "bytes": seq, "sha256": f"{seq:064x}"},
        "inventory": {"records": 1, "root": "0" * 64, "bytes": 1, "sha256": "1" * 64},
        "tool": {"name": "custody", "version": "1", "python": "3", "system": "L"},
        **facts,
    }  # fmt: skip
    return entry(seq, "acquire", told, exhibits=[f"EX-{seq + 1:04d}"])


def source(entries: Iterable[Entry]) -> Source:
    """A source without checkpoint."""
    kept = list(entries)
    return Source(ORIGIN, None, lambda: iter(kept))


def many(count: int) -> Source:
    """A source of `count` exhibits, of which none is kept in memory."""

    def read() -> Iterator[Entry]:
        return (acquired(number) for number in range(count))

    return Source(ORIGIN, None, read)


def inventory(
    folder: Path, records: Iterable[Mapping[str, Json]]
) -> tuple[Case, ExpectedExhibit]:
    """A case folder with nothing but the inventory of EX-0001."""
    place = folder / "exhibits/EX-0001"
    place.mkdir(parents=True, exist_ok=True)
    path = place / "inventory.jsonl"
    path.unlink(missing_ok=True)
    writer = InventoryWriter(path)
    for record in records:
        writer.add(record)
    made = writer.finish()
    expected = ExpectedExhibit(
        "EX-0001", 1, "payload", 1, "0" * 64, made.records, made.root
    )
    return Case(folder, Settings(ORIGIN, "police")), expected
