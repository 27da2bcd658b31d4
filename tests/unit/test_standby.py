"""A fork of the standby process does what a new process does."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.desk import COMMAND, STANDBY, Desk
from tests.standby import FRESH, can_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX processes")
Told = tuple[int, bytes, bytes]


def both(desk: Desk, *words: str, **env: str) -> tuple[Told, Told]:
    """Run one command line in both ways."""
    environment = desk.environment(**env)
    forked = STANDBY.run(words, cwd=desk.folder, environment=environment, seconds=60)
    assert forked is not None
    fresh = subprocess.run(
        [COMMAND, *words],
        cwd=desk.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return tuple(
        (done.returncode, done.stdout, done.stderr) for done in (forked, fresh)
    )  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--help",), 0),
        (("--version",), 0),
        (("verify", "--no-such-option"), 2),
        (("nonsense",), 2),
        (("-C", "nowhere", "log"), 39),
        (("--json", "-C", "nowhere", "verify"), 39),
        (("-C", "h\u00f6rt\u200bnicht", "log"), 39),
        (("errors",), 0),
    ],
)
def test_it_says_and_returns_the_same(
    tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    forked, fresh = both(Desk(tmp_path), *words)
    assert forked == fresh
    assert forked[0] == code


def test_folder_and_environment_are_those_of_the_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open_case()
    (tmp_path / "a.txt").write_text("a")
    desk.run("acquire", "files", "a.txt", CUSTODY_CASE=str(desk.case))
    words = ("--json", "log")
    forked, fresh = both(desk, *words, CUSTODY_CASE=str(desk.case))
    assert forked == fresh
    assert b"acquire" in forked[1]
    assert both(desk, *words)[0][0] == 39  # nothing is left of the run before


def test_no_two_runs_draw_the_same_random_numbers(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    words = ("key", "origin")
    assert len({desk.run(*words).stdout for _ in range(5)}) == 5


def test_a_run_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(subprocess.TimeoutExpired):
        desk.run("identity", "trust", pipe, seconds=0.5)
    until = time.monotonic() + 10
    while time.monotonic() < until:  # nobody reads from the pipe any more
        try:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            break
    else:
        pytest.fail("the run goes on")


def test_what_python_reads_while_it_starts_needs_a_new_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FRESH, raising=False)
    desk = Desk(tmp_path)
    assert can_run(desk.environment())
    assert not can_run(desk.environment(PYTHONPATH="somewhere"))
    assert not can_run(desk.environment(LC_ALL="C"))
    assert not can_run(desk.environment(LANG="de_DE.UTF-8"))
    monkeypatch.setenv(FRESH, "1")
    assert not can_run(desk.environment())
