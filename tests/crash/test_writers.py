"""Sixteen writers at once: one at a time gets in, and every note is there."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

from tests.desk import WHY, Desk

WRITERS = 16
LOCKED = 41


def _note(desk: Desk, text: str) -> int:
    """Add a note, waiting for the others; return how often the case was locked."""
    refused = 0
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        words = ("-C", desk.case, "note", "EX-0001", "--fact", text)
        done = desk.run(*words, code=None, seconds=120)
        if done.returncode == 0:
            return refused
        assert done.returncode == LOCKED, done
        assert "[CASE_LOCKED]" in done.stderr
        refused += 1
    raise AssertionError("the lock was never free")


def test_sixteen_writers(desk: Desk, tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("x")
    desk.run("-C", desk.case, "acquire", "files", source)
    before = desk.lines()
    texts = [f"note {number} " + "é" * 500 for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda text: _note(desk, text), texts))

    data = (desk.case / "manifest/entries.jsonl").read_bytes()
    lines = data.splitlines(keepends=True)
    assert lines[: len(before)] == before
    assert len(lines) == len(before) + WRITERS
    bodies = [json.loads(line)["body"] for line in lines]
    assert [body["seq"] for body in bodies] == list(range(len(lines)))
    assert all(a["time"] <= b["time"] for a, b in pairwise(bodies))
    notes = desk.ask("-C", desk.case, "show", "EX-0001", "--sealed", *WHY)["notes"]
    assert sorted(note["text"] for note in notes) == sorted(texts)
    assert desk.failing() == []
