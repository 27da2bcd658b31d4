"""Every real file, hostile ones included, is acquired whole and the case verifies.

The truth is the SHA-256 column of SOURCES.tsv, which another tool wrote.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from evidence.acquire import Method
from evidence.methods import take_chat, take_files, take_image, take_screenshot
from tests.builders import Bench, new_bench

pytestmark = pytest.mark.conformance

METHODS: dict[str, tuple[str, Method]] = {
    "chats": ("chat", take_chat),
    "images": ("screenshot", take_screenshot),
    "disk": ("disk", take_image),
}


def sources(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "SOURCES.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def acquire_all(
    bench: Bench, shared_data: Path, rows: list[dict[str, str]], kind: str
) -> None:
    name, method = METHODS[kind]
    expected = {}
    for row in rows:
        options = {"app": "auto", "timezone": None} if kind == "chats" else {}
        done = bench.acquire(
            shared_data / row["local"], kind=name, method=method, **options
        )
        expected[done.exhibit] = row["sha256"]
        parse = done.facts["parse"]
        assert isinstance(parse, dict)
        # A parser may say that it failed; it may never take the act down with it,
        # and on these files none is known to crash or hang.
        assert parse["outcome"] != "failed", row["local"]
    recorded = {}
    for entry in bench.case.entries():
        if entry.type == "acquire":
            payload = entry.facts["payload"]
            assert isinstance(payload, dict)
            recorded[entry.exhibits[0]] = payload["sha256"]
    assert recorded == expected
    assert bench.verify().exit_code() == 0


@pytest.mark.parametrize("kind", ["chats", "disk"])
def test_every_file_of_a_kind(shared_data: Path, tmp_path: Path, kind: str) -> None:
    rows = [row for row in sources(shared_data) if row["topic"] == kind]
    assert len(rows) > 30
    acquire_all(new_bench(tmp_path / "case"), shared_data, rows, kind)


@pytest.mark.parametrize("half", [0, 1])
def test_every_picture_and_fuzzer_crash_file(
    shared_data: Path, tmp_path: Path, half: int
) -> None:
    rows = [row for row in sources(shared_data) if row["topic"] == "images"]
    assert sum("fuzz" in row["local"] for row in rows) >= 170
    acquire_all(new_bench(tmp_path / "case"), shared_data, rows[half::2], "images")


@pytest.mark.parametrize("kind", sorted(METHODS))
def test_every_hostile_file_by_every_method(
    shared_data: Path, tmp_path: Path, kind: str
) -> None:
    rows = [
        row
        for row in sources(shared_data)
        if row["topic"] == "malicious" and "JSONTestSuite" not in row["local"]
    ]
    assert len(rows) > 10
    acquire_all(new_bench(tmp_path / "case"), shared_data, rows, kind)


def test_the_whole_data_folder_as_one_tree(shared_data: Path, tmp_path: Path) -> None:
    bench = new_bench(tmp_path / "case")
    done = bench.acquire(shared_data, kind="files", method=take_files)
    assert done.complete
    lines = (bench.case.exhibit_folder("EX-0001") / "inventory.jsonl").read_bytes()
    records = [json.loads(line) for line in lines.splitlines()]
    found = {
        record["path"].removeprefix(f"{shared_data}/"): record["sha256"]
        for record in records
        if record.get("type") == "file"
    }
    for row in sources(shared_data):
        assert found[row["local"]] == row["sha256"], row["local"]
    assert bench.verify().exit_code() == 0
