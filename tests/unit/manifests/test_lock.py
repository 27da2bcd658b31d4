"""One writer, and a lock that dies with its holder."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from manifests.errors import CaseLockedError, StorageFailedError
from manifests.lock import WriterLock

HOLDER = """
import sys, time
from pathlib import Path
from manifests.lock import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with WriterLock(path):
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
        owner = str(caught.value.facts["owner"])
        day = datetime.now(UTC).strftime("%Y-%m-%d")
        assert re.fullmatch(
            rf"process {os.getpid()} on this machine, since {day[:8]}[0-9T:-]+Z", owner
        )
    with WriterLock(path):
        pass


def test_neither_file_nor_error_names_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "CANARY-host")
    path = tmp_path / ".lock"
    with WriterLock(path):
        written = path.read_text()
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
    machine = {os.uname().nodename, socket.gethostname(), "CANARY-host"}
    boot = Path("/proc/sys/kernel/random/boot_id")
    machine |= {boot.read_text().strip()} if boot.exists() else set()
    for name in machine:
        assert name not in written
        assert name not in caught.value.what + str(caught.value.facts)
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    ("boot", "where"),
    [("0" * 16, " on another machine"), ("unknown", "")],
)
def test_a_lock_of_another_machine_is_told(
    tmp_path: Path, boot: str, where: str
) -> None:
    """As on a shared folder; a start of this machine since then counts as another."""
    path = tmp_path / ".lock"
    with WriterLock(path):
        path.write_text(f"process 7 since 2026-01-02T03:04:05Z boot {boot}\n")
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
    assert (
        caught.value.facts["owner"] == f"process 7{where}, since 2026-01-02T03:04:05Z"
    )


def test_the_lock_dies_with_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    words = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
        assert f"process {process.pid} on this machine" in caught.value.what
        process.kill()
        process.wait()
    with WriterLock(path):
        assert path.read_text().startswith(f"process {os.getpid()} ")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"x" * 100_000,
        b"process 7 on Anna-Laptop\n",
        b"process 7 since 2026-01-02T03:04:05Z boot Anna\n",
    ],
)
def test_what_the_file_says_decides_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ".lock"
    path.write_bytes(content)
    with WriterLock(path):
        path.write_bytes(content)
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
    assert caught.value.facts["owner"] == "another process"


def test_a_full_disk_does_not_keep_the_lock_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "pwrite", full)
    with WriterLock(tmp_path / ".lock"):
        with pytest.raises(CaseLockedError) as caught, WriterLock(tmp_path / ".lock"):
            raise AssertionError("both hold it")
        assert caught.value.facts["owner"] == "another process"


def test_a_file_system_without_locks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StorageFailedError), WriterLock(tmp_path / ".lock"):
        raise AssertionError("nobody can hold it")
    if before:
        assert len(os.listdir("/proc/self/fd")) == before


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / ".lock").symlink_to(tmp_path / "victim")
    with pytest.raises(StorageFailedError), WriterLock(tmp_path / ".lock"):
        raise AssertionError("it followed the link")
    assert (tmp_path / "victim").read_bytes() == b"precious"


def test_an_error_inside_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), WriterLock(tmp_path / ".lock"):
        _ = 1 // 0
    with WriterLock(tmp_path / ".lock"):
        pass
