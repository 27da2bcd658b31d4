"""SIGTERM and SIGINT end a command in order: exit 143 or 130, staging removed."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from tests.desk import Desk

TIMES = 10
WORDS = {signal.SIGTERM: "terminated", signal.SIGINT: "interrupted"}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_removes_staging(
    desk: Desk, sources: tuple[Path, Path], number: signal.Signals, code: int
) -> None:
    """From the first staged byte to the end: no half act, and no need to recover."""
    dice = random.Random(number)
    staging, before = desk.case / "staging", desk.lines()
    stopped = 0
    for turn in range(TIMES):
        process = desk.start("-C", desk.case, "acquire", "files", *sources)
        while process.poll() is None and not any(staging.iterdir()):
            time.sleep(0.001)
        # The first ones early: the copy takes longer than that.
        time.sleep(dice.uniform(0, 0.05 if turn < 4 else 1.0))
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert process.returncode in (code, 0), err
        assert b"Traceback" not in err
        if process.returncode:
            text = f"custody: {WORDS[number]}; what was recorded before is safe."
            assert err.decode().strip().splitlines()[-1] == text
        now = desk.lines()
        assert now[: len(before)] == before
        assert len(now) <= len(before) + 1
        assert b"EX-" not in out or len(now) > len(before)
        assert list(staging.iterdir()) == []
        assert sum(1 for _ in (desk.case / "exhibits").iterdir()) == _acquired(now)
        assert desk.failing() == []
        stopped += len(now) == len(before)
        before = now
    assert stopped >= 4
    desk.run("-C", desk.case, "acquire", "files", *sources)
    assert desk.failing() == []
    # Nothing was ever left for a recovery to find.
    assert all(json.loads(line)["body"]["type"] != "recovery" for line in desk.lines())


def _acquired(lines: list[bytes]) -> int:
    return sum(json.loads(line)["body"]["type"] == "acquire" for line in lines)
