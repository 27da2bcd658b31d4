"""The system calls the copying engine makes, gathered so that tests can fail them.

Every call keeps the meaning, errors (`OSError`) and units of its namesake in `os`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import NoSpaceError, StorageFailedError

ScanDir = AbstractContextManager[Iterator[os.DirEntry[str]]]

DIRECT = getattr(os, "O_DIRECT", 0)  # 0 where the system has none (macOS)
_FULL_FSYNC = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync alone stops early
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))


def _fsync(fd: int) -> None:
    if _FULL_FSYNC is None:
        os.fsync(fd)
    else:
        fcntl.fcntl(fd, _FULL_FSYNC)


def _drop_direct(fd: int) -> None:
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    fcntl.fcntl(fd, fcntl.F_SETFL, flags & ~DIRECT)


def _forget(fd: int, offset: int, length: int) -> None:
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):  # advice only
            os.posix_fadvise(fd, offset, length, os.POSIX_FADV_DONTNEED)


def _expect_sequence(fd: int) -> None:
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):  # advice only; pipes refuse it
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)


def _expect_cached(fd: int) -> None:
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)


def _fetch(fd: int, length: int) -> None:
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(fd, 0, length, os.POSIX_FADV_WILLNEED)


_THREAD = getattr(resource, "RUSAGE_THREAD", None)


def _waits() -> int | None:
    return None if _THREAD is None else resource.getrusage(_THREAD).ru_nvcsw


def _free_bytes(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


@dataclass(frozen=True, slots=True)
class SystemCalls:
    """What the engine asks of the operating system; the default asks the real one.

    Attributes:
        drop_direct: clears O_DIRECT on a descriptor, for the unaligned tail.
        forget: starts write-back of a range and drops its clean cached pages.
        expect_sequence: tells the kernel a descriptor is read from start to end.
        expect_cached: tells it to read nothing ahead.
        fetch: starts reading a file's first bytes into the cache, without waiting.
        waits: how often this thread gave up the processor to wait; None if unknown.
        free_bytes: bytes an ordinary user may still write on the path's file system.
    """

    open: Callable[..., int] = os.open
    write: Callable[[int, memoryview], int] = os.write
    fsync: Callable[[int], None] = _fsync
    ftruncate: Callable[[int, int], None] = os.ftruncate
    close: Callable[[int], None] = os.close
    unlink: Callable[[Path], None] = os.unlink
    drop_direct: Callable[[int], None] = _drop_direct
    forget: Callable[[int, int, int], None] = _forget
    free_bytes: Callable[[Path], int] = _free_bytes
    waits: Callable[[], int | None] = _waits
    readv: Callable[[int, Sequence[memoryview]], int] = os.readv
    preadv: Callable[[int, Sequence[memoryview], int], int] = os.preadv
    fstat: Callable[[int], os.stat_result] = os.fstat
    scandir: Callable[[int], ScanDir] = os.scandir
    expect_sequence: Callable[[int], None] = _expect_sequence
    fetch: Callable[[int, int], None] = _fetch
    expect_cached: Callable[[int], None] = _expect_cached


REAL = SystemCalls()


def storage_error(error: OSError, what: str) -> StorageFailedError:
    """Translate a failed write, fsync or open of `what` into its error class."""
    family = NoSpaceError if error.errno in _FULL else StorageFailedError
    reason = os.strerror(error.errno) if error.errno else str(error)
    return family(what=what, reason=reason)
