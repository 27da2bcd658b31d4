"""How bytes become durable: the protocol of every write to a case, and its gaps.

Five operations, each in a fixed system-call order:

`write_new`      open(temporary, O_CREAT|O_EXCL) - write* - fsync - close -
                 rename(temporary, final) - fsync(folder). After it returns, the file
                 is there whole, whatever fails; before, it is absent or an unlisted
                 temporary (`TEMPORARY_PREFIX`), which opening the case removes.
`replace_file`   the same over an existing file, which stays as it was until the
                 rename; afterwards the new one is never taken away again, even when
                 the folder's fsync fails (then a power cut decides which one stays).
`LineFile`       open(O_APPEND) before the first line - one write - fsync - ... - close.
                 A crash leaves the line whole, absent, or as an incomplete last line
                 (no newline), which opening the case quarantines. A short write is cut
                 off again at once; when even that fails, `RecordUnclearError` says
                 that the next opening decides. After any failure the file is closed.
                 It is fsync and not fdatasync: each line makes the file longer, which
                 both have to store, and no difference could be measured.
`destroy_tree`   (open - write zeros - fsync - close, up to 16 MiB) - unlink, for each
                 file, then fsync(folder) - rmdir. What a crash leaves is destroyed
                 when the case is opened next, since the entry came first.
`move_folder`    fsync(the folder) - rename - fsync(both parents). The files inside were
                 made durable when they were written.

Known gaps: after an fsync that failed, a later one that succeeds is believed, though
some kernels have dropped the pages by then (the line is cut off, so only that cut can
be lost); fsync is only as good as the device (a disk that lies about its cache can
lose the last act); on network file systems rename may not be atomic for others; on
platforms that cannot open folders (Windows) folder fsyncs are skipped, so a power cut
can lose the last rename, which opening the case then reports as an unfinished act. A
file system that leaves a line of zeros *with* its newline after a power cut makes the
case refuse to open to write (`MANIFEST_BROKEN`); without the newline it is quarantined.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from manifests.errors import NoSpaceError, RecordUnclearError, StorageFailedError

TEMPORARY_PREFIX = ".incomplete-"
_OVERWRITTEN = 16 << 20  # bytes: keys, records, inventories, small payloads
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FILE_FLAGS = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class System:
    """The system calls used, as a seam: tests make any of them fail or crash."""

    open: Callable[..., int] = os.open
    write: Callable[[int, bytes], int] = os.write
    fsync: Callable[[int], None] = os.fsync
    ftruncate: Callable[[int, int], None] = os.ftruncate
    close: Callable[[int], None] = os.close
    rename: Callable[[str, str], None] = os.rename
    unlink: Callable[[str], None] = os.unlink
    mkdir: Callable[[str, int], None] = os.mkdir
    rmdir: Callable[[str], None] = os.rmdir


SYSTEM = System()


def storage_failure(error: OSError, what: str) -> NoReturn:
    """Raise the storage error that `error` means for `what`."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    kind = NoSpaceError if error.errno in _FULL else StorageFailedError
    raise kind(what=what, reason=reason) from error


def _write_all(system: System, fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[system.write(fd, bytes(view)) :]


def sync_folder(folder: Path, *, system: System = SYSTEM) -> None:
    """Make the names in `folder` durable (no effect where folders cannot open)."""
    if os.name == "nt":  # pragma: no cover - documented gap
        return
    fd = system.open(str(folder), os.O_RDONLY)
    try:
        system.fsync(fd)
    finally:
        system.close(fd)


def write_new(path: Path, data: bytes, *, system: System = SYSTEM) -> None:
    """Create `path` with `data`, durable and all or nothing.

    Raises:
        StorageFailedError: the system refused; nothing is left, or a temporary.
    """
    _write(path, data, keep=False, system=system)


def replace_file(path: Path, data: bytes, *, system: System = SYSTEM) -> None:
    """Put `data` in the place of what `path` holds, durable and all or nothing.

    Raises:
        StorageFailedError: the system refused; `path` holds the old or the new bytes.
    """
    _write(path, data, keep=True, system=system)


def _write(path: Path, data: bytes, *, keep: bool, system: System) -> None:
    temporary = path.with_name(TEMPORARY_PREFIX + secrets.token_hex(8))
    written = temporary  # where the bytes are, should they have to go
    try:
        fd = system.open(str(temporary), _FILE_FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write_all(system, fd, data)
            system.fsync(fd)
        finally:
            system.close(fd)
        system.rename(str(temporary), str(path))
        written = path
        sync_folder(path.parent, system=system)
    except OSError as error:
        if written == temporary or not keep:
            with contextlib.suppress(OSError):
                system.unlink(str(written))
        storage_failure(error, path.name)


class LineFile:
    """An existing file that lines are appended to, kept open from the first one on.

    Opening and closing it for each line would cost more than writing it, and let the
    file system forget the room it has set aside behind the last one. Not thread-safe.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = str(path)
        self._fd: int | None = None

    def append(self, line: bytes, *, system: System = SYSTEM) -> None:
        """Append `line` and a newline with one write, durable.

        Raises:
            StorageFailedError: the system refused; the file is cut back to what it
                held.
            RecordUnclearError: nor could it be cut back; the line may be there.
        """
        data, kept = line + b"\n", False
        try:
            fd, before = self._opened(system)
            try:
                if system.write(fd, data) != len(data):
                    raise OSError(errno.ENOSPC, "short write")
                system.fsync(fd)
            except OSError:
                # An fsync that failed leaves the line's fate unknown: cut it off, so
                # that what the caller is told (not recorded) is what the file says.
                _cut_off(system, fd, before, self.path.name)
                raise
            kept = True
        except OSError as error:
            storage_failure(error, self.path.name)
        finally:
            if not kept:  # whatever happened: the next line begins with an open
                self.close(system=system)

    def close(self, *, system: System = SYSTEM) -> None:
        """Let the file go; harmless when repeated, and `append` opens it again."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):  # after the fsync nothing depends on it
                system.close(fd)

    def _opened(self, system: System) -> tuple[int, int]:
        """Return the open file and its size.

        What `path` names is looked at each time, as opening it would: a line written
        to a file that was moved away meanwhile, or removed, would be lost.
        """
        if self._fd is not None:
            held = os.fstat(self._fd)
            if os.path.samestat(held, os.lstat(self._name)):
                return self._fd, held.st_size
            self.close(system=system)
        self._fd = system.open(self._name, _FILE_FLAGS | os.O_APPEND)
        return self._fd, os.fstat(self._fd).st_size

    def __del__(self) -> None:
        """Close what an interrupted caller left open."""
        self.close()


def _cut_off(system: System, fd: int, size: int, what: str) -> None:
    try:
        system.ftruncate(fd, size)
        system.fsync(fd)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise RecordUnclearError(what=what, reason=reason) from error


def sync_file(path: Path, *, system: System = SYSTEM) -> None:
    """Make durable what `path` holds: a killed writer may have left it in the cache."""
    try:
        fd = system.open(str(path), _FILE_FLAGS)
        try:
            system.fsync(fd)
        finally:
            system.close(fd)
    except OSError as error:
        storage_failure(error, path.name)


def truncate(path: Path, size: int, *, system: System = SYSTEM) -> None:
    """Cut `path` to `size` bytes, durable (only after the rest is quarantined)."""
    try:
        fd = system.open(str(path), _FILE_FLAGS)
        try:
            system.ftruncate(fd, size)
            system.fsync(fd)
        finally:
            system.close(fd)
    except OSError as error:
        storage_failure(error, path.name)


def destroy_file(path: Path, *, system: System = SYSTEM) -> None:
    """Take a file away for good: overwrite it if it is small, then unlink it.

    Overwriting reaches the old blocks only where the file system writes in place: not
    on flash memory, copy-on-write file systems, in journals or snapshots. Large files
    are unlinked only. The caller syncs the folder. A link is removed, not followed.

    Raises:
        OSError: the system refused; the file is there, or not, or overwritten.
    """
    found = path.lstat()
    if stat.S_ISREG(found.st_mode) and found.st_size <= _OVERWRITTEN:
        with contextlib.suppress(OSError):  # a read-only file of somebody else's
            path.chmod(0o600)
        with contextlib.suppress(PermissionError):  # it is unlinked all the same
            fd = system.open(str(path), _FILE_FLAGS)
            try:
                _write_all(system, fd, bytes(found.st_size))
                system.fsync(fd)
            finally:
                system.close(fd)
    system.unlink(str(path))


def destroy_tree(path: Path, *, system: System = SYSTEM) -> int:
    """Destroy a file, or a folder with all that is in it; return the number of files.

    Links are removed, not followed. The caller syncs the folder it stood in.

    Raises:
        OSError: the system refused; the rest is still there.
    """
    if not stat.S_ISDIR(path.lstat().st_mode):
        destroy_file(path, system=system)
        return 1
    count = 0
    for inner in sorted(path.iterdir()):
        count += destroy_tree(inner, system=system)
    sync_folder(path, system=system)
    system.rmdir(str(path))
    return count


def make_folder(path: Path, *, system: System = SYSTEM) -> None:
    """Create one folder, mode 0700, durable.

    Raises:
        StorageFailedError: the system refused (also when it exists); nothing is made.
    """
    made = False
    try:
        system.mkdir(str(path), 0o700)
        made = True
        sync_folder(path.parent, system=system)
    except OSError as error:
        if made:
            with contextlib.suppress(OSError):
                path.rmdir()
        storage_failure(error, path.name)


def move_folder(source: Path, target: Path, *, system: System = SYSTEM) -> None:
    """Rename a folder whose files are durable; durable itself afterwards.

    Raises:
        StorageFailedError: the system refused; the folder is still at `source`
            (unless the system refused to move it back as well).
    """
    moved = False
    try:
        sync_folder(source, system=system)
        system.rename(str(source), str(target))
        moved = True
        sync_folder(target.parent, system=system)
        if source.parent != target.parent:
            sync_folder(source.parent, system=system)
    except OSError as error:
        if moved:
            with contextlib.suppress(OSError):
                system.rename(str(target), str(source))
        storage_failure(error, target.name)
