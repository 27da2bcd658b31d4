"""One writer at a time: an advisory lock that dies with its holder.

The operating system drops the lock when the holding process ends, however it ends, so
a killed writer never blocks the next one. The lock file names the owner for the error
message only; its content decides nothing. It names no machine, since a copy of the case
may travel. Whether the owner is on this machine is told by a digest of the identifier
of its boot, which is random: there is no name to be guessed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from manifests.durable import storage_failure
from manifests.errors import CaseLockedError

_OWNER_BYTES = 256
_OWNER = re.compile(
    r"process ([0-9]{1,10}) since ([0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}Z)"
    r" boot ([0-9a-f]{16}|unknown)\n",
    re.ASCII,
)
_BOOT = Path("/proc/sys/kernel/random/boot_id")  # Linux: new and random at each start

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


class FolderHold:
    """Context manager that holds a folder no entry speaks of yet, for its process.

    The system drops the hold when the process ends. Where folders cannot be held
    (Windows, some network file systems) nobody's hold is known: `known` is False.

    Raises on entry:
        BlockingIOError: another live process holds it.
        OSError: it is not there, or a link.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1
        self.known = False

    def __enter__(self) -> Self:
        if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
            return self
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(self._path, flags)
        try:
            self.known = _take(self._fd)
        except OSError:  # a file system without locks on folders
            return self
        if not self.known:
            self.release()
            raise BlockingIOError(errno.EWOULDBLOCK, "held by another process")
        if not os.path.samestat(os.fstat(self._fd), os.lstat(self._path)):
            self.release()
            raise FileNotFoundError(errno.ENOENT, "it was removed meanwhile")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let it go; harmless when repeated."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


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
        with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, _own_name().encode(), 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):  # nothing stays behind in the case
                os.ftruncate(self._fd, 0)
        self._release()

    def _release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _own_name() -> str:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"process {os.getpid()} since {since} boot {_boot()}\n"


def _boot() -> str:
    """Return what tells this machine, since it was started, from others."""
    try:
        identifier = _BOOT.read_bytes().strip()
    except OSError:
        return "unknown"  # no such file: another system than Linux
    return sha256(b"custody writer lock\0" + identifier).hexdigest()[:16]


def _owner(fd: int) -> str:
    """Say who holds the lock, "" where the file does not say so in its form."""
    text = os.pread(fd, _OWNER_BYTES, 0).decode("utf-8", "replace")
    found = _OWNER.fullmatch(text)
    if found is None:
        return ""
    where = ""
    if "unknown" not in (found[3], _boot()):
        same = found[3] == _boot()
        where = " on this machine" if same else " on another machine"
    return f"process {found[1]}{where}, since {found[2]}"
