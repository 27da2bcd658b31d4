"""The benchmark runs, also where none of the tools it compares with is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.bench


@pytest.mark.parametrize("peers", [True, False])
def test_the_smoke_run_writes_its_tables(tmp_path: Path, peers: bool) -> None:
    page = tmp_path / "page.md"
    work = tmp_path / "work"
    arguments = ["--smoke", "--work", work, "--output", page]
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    path = os.environ["PATH"] if peers else str(nothing)
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stderr.decode()
    text = page.read_text("utf-8")
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == 10
    assert re.search(r"\| copying engine alone \| \d+\.\d\d \|", text)
    assert bool(re.search(r"not installed", text)) or peers
    assert str(tmp_path) not in text
    assert not work.exists(), "the work folder was left behind"


def test_the_bench_of_large_reports_measures_every_step(tmp_path: Path) -> None:
    sizes = (
        "--entries",
        "2500",
        "--exhibits",
        "3",
        "--peer",
        "1000",
        "--work",
        tmp_path / "work",
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.reporting", *sizes],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for step in (
        "compose",
        "sum up",
        "typeset",
        "archive",
        "search",
        "our rows",
        "LongTable",
    ):
        assert re.search(rf"^{step} +\d+\.\d\d s wall", done.stdout, re.MULTILINE)
    assert re.search(r"2,501 entries", done.stdout)
    assert re.search(r"^memory +\d+ MiB at most", done.stdout, re.MULTILINE)
    assert re.search(r"^ratio +\d+\.\d for 1,000 rows", done.stdout, re.MULTILINE)
