"""`kill -9` at any moment of an acquisition loses nothing that was committed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.desk import Desk

KILLS = 100
AIMED = 20  # of these: fired when the entry appears, before the command can end
BIG_EVERY = 3  # the large file takes part in every third: verifying reads all again


@dataclass
class History:
    """What was seen before and after each kill."""

    desk: Desk
    lines: list[bytes]
    hits: Counter[str] = field(default_factory=Counter)

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        found = [json.loads(line)["body"] for line in self.lines]
        return [body for body in found if body["type"] == kind]

    def take(self, process: subprocess.Popen[bytes]) -> None:
        """Compare the manifest after a kill with the one before."""
        printed, err = process.communicate()
        killed = process.returncode == -signal.SIGKILL
        assert killed or process.returncode == 0, err
        now = self.desk.lines()
        assert now[: len(self.lines)] == self.lines, "committed entries changed"
        new = [json.loads(line)["body"]["type"] for line in now[len(self.lines) :]]
        committed = new.count("acquire")
        self.lines = now
        last = f"EX-{len(self.bodies('acquire')):04d}".encode()
        # What was announced is committed; one command commits one exhibit.
        assert committed == 1 or (committed == 0 and b"EX-" not in printed)
        assert b"EX-" not in printed or last in printed
        self.hits[f"{'killed' if killed else 'ended'}, {committed} committed"] += 1

    def recover(self) -> None:
        """The case opens, verifies, and still holds every line."""
        self.desk.run("-C", self.desk.case, "recover")
        assert self.desk.failing() == []
        now = self.desk.lines()
        assert now[: len(self.lines)] == self.lines, "recovery changed entries"
        self.lines = now


def _acquire(desk: Desk, sources: tuple[Path, ...]) -> subprocess.Popen[bytes]:
    return desk.start("-v", "-C", desk.case, "acquire", "files", *sources)


def _measure(desk: Desk, sources: tuple[Path, ...]) -> float:
    begun = time.monotonic()
    process = _acquire(desk, sources)
    process.communicate()
    assert process.returncode == 0
    return time.monotonic() - begun


def _kill_at(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()


def _kill_when_committed(process: subprocess.Popen[bytes], log: Path) -> None:
    before = log.stat().st_size
    while process.poll() is None:
        if log.stat().st_size > before:
            process.kill()
            return


def test_a_hundred_kills(desk: Desk, sources: tuple[Path, Path]) -> None:
    dice = random.Random(20260131)
    choices = (sources, sources[:1])
    seconds = [_measure(desk, chosen) for chosen in choices]
    history = History(desk, desk.lines())
    log = desk.case / "manifest/entries.jsonl"
    aimed = set(dice.sample(range(KILLS), AIMED))
    for number in range(KILLS):
        small = number in aimed or number % BIG_EVERY > 0
        process = _acquire(desk, choices[small])
        if number in aimed:
            _kill_when_committed(process, log)
        else:
            _kill_at(process, dice.uniform(0, seconds[small]))
        history.take(process)
        history.recover()

    _check_the_whole(history)
    assert history.hits["killed, 0 committed"] >= 30, history.hits
    assert history.hits["killed, 1 committed"] >= 5, history.hits


def _check_the_whole(history: History) -> None:
    """The folder holds the committed exhibits and nothing else that counts."""
    desk = history.desk
    acquired = history.bodies("acquire")
    ids = [body["exhibits"][0] for body in acquired]
    assert ids == [f"EX-{number:04d}" for number in range(1, len(ids) + 1)]
    assert sorted(p.name for p in (desk.case / "exhibits").iterdir()) == ids
    assert list((desk.case / "staging").iterdir()) == []
    # Twice the same sources, twice the same bytes; nothing in between.
    assert len({body["facts"]["payload"]["sha256"] for body in acquired}) == 2
    listed = desk.ask("-C", desk.case, "log")["entries"]
    assert [e["seq"] for e in listed] == list(range(len(history.lines)))
    # Every quarantined thing is accounted for in exactly one recovery entry.
    named = [
        item["name"]
        for body in history.bodies("recovery")
        for item in body["facts"]["quarantined"]
    ]
    folders = (desk.case / "quarantine", desk.case / "manifest/quarantine")
    there = [p.relative_to(desk.case).as_posix() for f in folders for p in f.iterdir()]
    assert sorted(named) == sorted(there)


def test_a_killed_holder_of_the_lock_does_not_block(
    desk: Desk, sources: tuple[Path, Path]
) -> None:
    process = _acquire(desk, sources)
    staging = desk.case / "staging"
    while process.poll() is None and not any(staging.iterdir()):
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)  # it holds the lock for as long as we like
    refused = desk.run("-C", desk.case, "recover", code=41)
    assert "[CASE_LOCKED]" in refused.stderr
    assert f"process {process.pid} on this machine" in refused.stderr
    process.kill()
    process.communicate()
    desk.run("-C", desk.case, "recover")
    assert desk.failing() == []
