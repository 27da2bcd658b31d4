"""Digests of stored files, against openssl."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from evidence import hashing
from evidence.hashing import hash_file, hash_ranges
from evidence.reading import StoppedError
from evidence.system import DIRECT, REAL


def openssl_sha256(data: bytes) -> str:
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r"],
        check=True,
        capture_output=True,
        input=data,
    )
    return done.stdout.split()[0].decode()


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "BLOCK_BYTES", 64 << 10)
    monkeypatch.setattr(hashing, "SMALL_BYTES", 1000)


SIZES = [0, 1, 999, 1000, 1001, 64 << 10, (64 << 10) + 1, (9 << 16) + 777]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cached", [True, False])
def test_a_file_has_the_digest_openssl_gives(
    tmp_path: Path, size: int, cached: bool
) -> None:
    data = os.urandom(size)
    path = tmp_path / "file"
    path.write_bytes(data)
    if not cached:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    found = hash_file(path)
    assert found.sha256 == openssl_sha256(data)
    assert found.bytes == size


def test_a_file_system_without_direct_io(tmp_path: Path) -> None:
    def refuse(
        name: Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:
        if DIRECT and flags & DIRECT:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return os.open(name, flags, mode, dir_fd=dir_fd)

    data = os.urandom(300_000)
    (tmp_path / "file").write_bytes(data)
    found = hash_file(tmp_path / "file", system=replace(REAL, open=refuse))
    assert found.sha256 == openssl_sha256(data)


@pytest.mark.parametrize("refused", [0, 2])
def test_a_direct_read_that_is_refused_goes_on_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    monkeypatch.setattr(hashing._Reader, "_cached", lambda *_: False)
    reads = {"n": -1}

    def preadv(fd: int, buffers: tuple[memoryview, ...], offset: int) -> int:
        reads["n"] += 1
        if reads["n"] == refused:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return os.preadv(fd, buffers, offset)

    data = os.urandom(300_000)
    (tmp_path / "file").write_bytes(data)
    found = hash_file(tmp_path / "file", system=replace(REAL, preadv=preadv))
    assert found.sha256 == openssl_sha256(data)
    assert reads["n"] > refused


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_read_error_is_raised(tmp_path: Path, size: int) -> None:
    def preadv(fd: int, buffers: tuple[memoryview, ...], offset: int) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (tmp_path / "file").write_bytes(bytes(size))
    with pytest.raises(OSError, match="Input/output"):
        hash_file(tmp_path / "file", system=replace(REAL, preadv=preadv))
    assert threading.active_count() == 1


def test_a_file_that_grows_is_hashed_as_far_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing._Reader, "_cached", lambda *_: False)
    data = os.urandom(100_000)
    path = tmp_path / "file"
    path.write_bytes(data)
    grown = [False]

    def preadv(fd: int, buffers: tuple[memoryview, ...], offset: int) -> int:
        if not grown[0]:
            grown[0] = True
            with path.open("ab") as file:
                file.write(bytes(50_000))
        return os.preadv(fd, buffers, offset)

    found = hash_file(path, system=replace(REAL, preadv=preadv))
    assert found.bytes == 100_000
    assert found.sha256 == openssl_sha256(data)


def test_links_and_missing_files_raise(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("link", "missing"):
        with pytest.raises(OSError, match=name):
            hash_file(tmp_path / name)


def test_stop_ends_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(300_000))
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        hash_file(tmp_path / "file", stop=stop)


def test_ranges_have_their_own_digests(tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    (tmp_path / "file").write_bytes(data)
    ranges = [(0, 10), (5, 0), (100, 2 << 20), (len(data) - 1, 1), (7, 13)]
    expected = [openssl_sha256(data[o : o + n]) for o, n in ranges]
    assert hash_ranges(tmp_path / "file", ranges) == expected
    assert hash_ranges(tmp_path / "file", []) == []
    outside = [(len(data) - 1, 2), (0, 1), (len(data) + 9, 1)]
    assert hash_ranges(tmp_path / "file", outside) == [
        None,
        openssl_sha256(data[:1]),
        None,
    ]
