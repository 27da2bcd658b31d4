"""One writer at a time: an advisory lock that dies with its holder.

The operating system drops the lock when the holding process ends, however it ends, so
a killed writer never blocks the next one. The lock file names the owner for the error
message only; its content decides nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from manifests.durable import storage_failure
from manifests.errors import CaseLockedError

_OWNER_BYTES = 256

if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
    import msvcrt

    def _take(fd: int) -> bool:
        try:
            os.lseek(fd, 1 << 20, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class WriterLock:
    """Context manager that holds the writer lock of a case.

    Raises on entry:
        CaseLockedError: another live process holds it.
        StorageFailedError: the lock file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def __enter__(self) -> Self:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._fd = os.open(self._path, flags | getattr(os, "O_CLOEXEC", 0), 0o600)
            taken = _take(self._fd)
            owner = "" if taken else _owner(self._fd)
        except OSError as error:  # also: a file system without locks
            self._release()
            storage_failure(error, "the lock")
        if not taken:
            self._release()
            raise CaseLockedError(owner=owner or "another process")
        name = f"process {os.getpid()} on {socket.gethostname()}\n"
        with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, name.encode(), 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):  # no host name stays behind in the case
                os.ftruncate(self._fd, 0)
        self._release()

    def _release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _owner(fd: int) -> str:
    return os.pread(fd, _OWNER_BYTES, 0).decode("utf-8", "replace").strip()
