"""Readers beside a writer: never blocked, never a false alarm."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from tests.desk import Desk

TURNS = 8


@pytest.mark.parametrize("payload", [1000, 32 << 20])
def test_verifying_beside_a_writer(desk: Desk, tmp_path: Path, payload: int) -> None:
    """Acts are committed all the time while the case is verified and listed."""
    source = tmp_path / "source.bin"
    source.write_bytes(os.urandom(1000) * (payload // 1000))
    desk.run("-C", desk.case, "acquire", "files", source)
    enough = threading.Event()
    acquired: list[int] = []

    def write() -> None:
        while not enough.is_set() and len(acquired) < 200:
            done = desk.run("-C", desk.case, "acquire", "files", source, code=None)
            acquired.append(done.returncode)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = []
        for _ in range(TURNS):
            done = desk.run("--json", "-C", desk.case, "verify", code=None)
            verdict = json.loads(done.stdout)
            failing = [f for f in verdict["findings"] if f["fails"]]
            assert (done.returncode, failing) == (0, [])
            seen.append(verdict["entries"])
            desk.run("-C", desk.case, "log")
    finally:
        enough.set()
        writer.join()
    assert set(acquired) == {0}
    assert seen == sorted(seen)
    assert seen[-1] > seen[0], "nothing was committed meanwhile"
