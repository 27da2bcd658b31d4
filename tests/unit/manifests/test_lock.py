"""One writer, and a lock that dies with its holder."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import subprocess
import sys
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
        owner = f"process {os.getpid()} on {socket.gethostname()}"
        assert caught.value.facts["owner"] == owner
    with WriterLock(path):
        pass


def test_the_lock_dies_with_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    words = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
        assert f"process {process.pid} on" in caught.value.what
        process.kill()
        process.wait()
    with WriterLock(path):
        assert path.read_text().startswith(f"process {os.getpid()} ")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 100_000])
def test_what_the_file_says_decides_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ".lock"
    path.write_bytes(content)
    with WriterLock(path):
        path.write_bytes(content)
        with pytest.raises(CaseLockedError) as caught, WriterLock(path):
            raise AssertionError("both hold it")
    assert 0 < len(str(caught.value.facts["owner"])) <= 256


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
