"""Cut and damaged images: every parse ends with a summary, none ends the process.

The parses run in a child process, as they do in real use, so that a crash of The Sleuth
Kit is a failing test and not the end of the test run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.thorough import examples

REPOSITORY = Path(__file__).resolve().parents[4]
CHILD = """
import json, random, sys
from evidence.parsing.base import Content, FileEnd, FileStart, Job, Record, Summary
from evidence.parsing.disk import DiskFiles, DiskListing
from evidence.samples.disks import disk_image

path, kind, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
whole = disk_image()
used = [n for n in range(0, len(whole), 16) if any(whole[n : n + 16])]
for seed in range(first, last):
    chance = random.Random(seed)
    data = bytearray(whole)
    if kind == "cut":
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(chance.choice((1, 3, 30, 300))):
            data[chance.choice(used) + chance.randrange(16)] ^= 1 << chance.randrange(8)
    with open(path, "wb") as file:
        file.write(data)
    jobs = [(DiskListing(), {"deleted": True})]
    jobs.append((DiskFiles(), {"deleted": True, "paths": ["**"]}))
    for parser, options in jobs:
        promised = given = 0
        items = list(parser.parse(Job(path, options=options)))
        for item in items:
            if isinstance(item, Record):
                json.dumps(item.fields).encode("utf-8")
            elif isinstance(item, FileStart):
                json.dumps(item.fields).encode("utf-8")
                promised, given = item.size, 0
            elif isinstance(item, Content):
                given += len(item.data)
            elif isinstance(item, FileEnd):
                assert promised == given <= len(data), (seed, promised, given)
        assert sum(isinstance(item, Summary) for item in items) == 1, seed
        print(json.dumps([seed, parser.name, items[-1].outcome.value]))
"""


def outcomes(tmp_path: Path, kind: str, first: int, last: int) -> list[list[object]]:
    words = [sys.executable, "-c", CHILD, str(tmp_path / "image"), kind]
    done = subprocess.run(
        [*words, str(first), str(last)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONFAULTHANDLER": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", ["cut", "flip"])
def test_damaged_images_end_with_a_summary(tmp_path: Path, kind: str) -> None:
    tries = examples(20, 200)
    found = outcomes(tmp_path, kind, 0, tries)
    assert len(found) == 2 * tries
    seen = {outcome for _, _, outcome in found}
    assert seen <= {"parsed", "partial", "not-recognised"}
    assert "partial" in seen
