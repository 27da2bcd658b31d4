"""The inventory: one sealed line a record, its root, and nothing lost on the way."""

from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from evidence.inventory import InventoryWriter, read_records, scan
from manifests.canonical import Json
from manifests.errors import MalformedError, NoSpaceError, StorageFailedError


def root(lines: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, by its recursive definition."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\x00" + lines[0]).digest()
    split = 1
    while split * 2 < len(lines):
        split *= 2
    both = root(lines[:split]) + root(lines[split:])
    return hashlib.sha256(b"\x01" + both).digest()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 1025])
def test_root_size_and_digest(count: int, tmp_path: Path) -> None:
    path = tmp_path / "inventory.jsonl"
    writer = InventoryWriter(path)
    for number in range(count):
        writer.add({"kind": "message", "number": number, "text": "é\n\u202e"})
    done = writer.finish()
    data = path.read_bytes()
    lines = data.split(b"\n")[:-1]
    assert done.records == len(lines) == count
    assert done.root == root(lines).hex()
    assert (done.bytes, done.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert scan(path) == (count, done.root)


def test_every_line_has_its_own_salt(tmp_path: Path) -> None:
    path = tmp_path / "inventory.jsonl"
    writer = InventoryWriter(path)
    for _ in range(3000):  # more than one batch of salts
        writer.add({"kind": "same"})
    writer.finish()
    salts = [json.loads(line)["salt"] for line in path.read_bytes().splitlines()]
    assert len(set(salts)) == 3000
    assert {len(salt) for salt in salts} == {32}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"n": 1.5}, "float"),
        ({"n": 2**53}, "2^53"),
        ({"t": "\ud800"}, "surrogate"),
        ({"é": 1}, "ASCII"),
        ({"salt": "x"}, "salt"),
        ({"t": "x" * (9 << 20)}, "longer"),
        ({"b": b"bytes"}, "bytes"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(
    fields: dict[str, Json], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "inventory.jsonl"
    writer = InventoryWriter(path)
    writer.add({"kind": "before"})
    writer.add({"kind": "odd", **fields})
    writer.add({"kind": "after"})
    assert writer.refused == 1
    done = writer.finish()
    records = list(read_records(path))
    assert [r["kind"] for r in records] == ["before", "refused", "after"]
    assert reason in str(records[1]["reason"])
    assert done.records == 3


def test_memory_does_not_grow_with_records(tmp_path: Path) -> None:
    writer = InventoryWriter(tmp_path / "inventory.jsonl")
    for number in range(2000):
        writer.add({"kind": "message", "number": number})
    tracemalloc.start()
    for number in range(20_000):
        writer.add({"kind": "message", "number": number})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    writer.finish()
    assert peak < 1 << 20


def test_an_inventory_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "inventory.jsonl"
    path.write_bytes(b"there")
    with pytest.raises(StorageFailedError):
        InventoryWriter(path)
    assert path.read_bytes() == b"there"


@pytest.mark.parametrize("moment", ["add", "finish", "close"])
def test_a_full_disk_has_a_code(moment: str, tmp_path: Path) -> None:
    """/dev/full takes nothing: every flush meets ENOSPC."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    writer = InventoryWriter(tmp_path / "inventory.jsonl")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._stream.fileno())
    os.close(full)
    with pytest.raises(NoSpaceError):
        if moment == "add":
            for _ in range(100):
                writer.add({"text": "x" * 100_000})
        writer.add({"kind": "buffered"})
        writer.finish() if moment == "finish" else writer.close()
    if moment != "close":
        with pytest.raises(NoSpaceError):
            writer.close()
    writer.close()  # and then it is closed


def test_scanning_notices_every_change(tmp_path: Path) -> None:
    path = tmp_path / "inventory.jsonl"
    writer = InventoryWriter(path)
    for number in range(5):
        writer.add({"number": number})
    done = writer.finish()
    good = path.read_bytes()
    lines = good.splitlines(keepends=True)
    for harmed in (
        good[:-1],
        good[:-5],
        good + b"\n",
        good + b"x",
        b"".join(lines[:-1]),
        b"".join(reversed(lines)),
        good.replace(b'"number":3', b'"number":4'),
        b"",
    ):
        path.write_bytes(harmed)
        assert scan(path) != (done.records, done.root)
    path.write_bytes(good)
    assert scan(path) == (5, done.root)


def test_a_line_without_end_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "inventory.jsonl"
    with path.open("wb") as stream:
        stream.truncate(40 << 20)
    assert scan(path)[0] == 5  # pieces of 8 MiB and two bytes
    with pytest.raises(MalformedError):
        list(read_records(path))
