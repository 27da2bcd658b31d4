"""Read a source once, without touching it, and say what happened to every byte.

A source is opened read-only, never through a symbolic link, never blocking, and with
O_NOATIME where the owner allows it. Ranges the device cannot give are filled with
zeros and listed; a source that moved under the reader is noticed by comparing its
status before and after.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from evidence.parsing.base import Json
from evidence.system import REAL, SystemCalls
from manifests.errors import CustodyError, InputError

SOURCE_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_NOATIME = getattr(os, "O_NOATIME", 0)
# One read: long enough for streaming, short enough that `stop` acts within a second
# on a slow USB disk.
READ_BYTES = 4 << 20
# After a read error: the smallest unit a disk fails by; each is tried twice.
BAD_BLOCK_BYTES = 4096
# So many bytes failed in a row mean the device is gone; go no further.
GIVE_UP_BYTES = 64 << 20
REPORT_SECONDS = 0.2
READ_AHEAD_BYTES = 1 << 20


class SourceUnreadableError(InputError):
    """A source cannot be opened or is not what was asked for."""

    code = "SOURCE_UNREADABLE"
    exit_code = 34
    template = "{what} cannot be read: {reason}."
    safe = "Nothing was recorded; the source was not changed."
    advice = "Check the path and the permissions, then run the command again."


class StoppedError(CustodyError):
    """The caller's stop signal was seen while reading."""

    code = "STOPPED"
    exit_code = 130
    template = "The work was stopped after {bytes} bytes."
    safe = "Nothing of this act was recorded; unfinished files were removed."
    advice = "Run the command again when you are ready."


class Stop(Protocol):
    """What `threading.Event` offers."""

    def is_set(self) -> bool:
        """Return True once the work must end."""
        ...


Progress = Callable[[int], None]


class Watch:
    """Reports bytes done at most every 0.2 s and ends the work when told to."""

    def __init__(
        self, *, progress: Progress | None = None, stop: Stop | None = None
    ) -> None:
        self._progress = progress
        self._stop = stop
        self._next = 0.0
        self.done = 0

    def add(self, count: int) -> None:
        """Count `count` more bytes; raises `StoppedError`."""
        self.done += count
        if self._stop is not None and self._stop.is_set():
            raise StoppedError(bytes=self.done)
        if self._progress is not None and (now := time.monotonic()) >= self._next:
            self._next = now + REPORT_SECONDS
            self._progress(self.done)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes: offset from the start of the file, and length."""

    offset: int
    length: int

    def fields(self) -> Json:
        """Return the span as a JSON object."""
        return {"offset": self.offset, "length": self.length}


class Target(Protocol):
    """Where bytes go: a `PayloadSink` or the member of a tar."""

    def space(self) -> memoryview:
        """Return a free buffer, never empty."""
        ...

    def advance(self, count: int) -> None:
        """Keep the buffer's first `count` bytes."""
        ...

    def fill(self, count: int) -> None:
        """Keep `count` zero bytes."""
        ...


@dataclass(slots=True)
class Reading:
    """How reading one source went.

    Attributes:
        bytes: bytes given to the target, zeros for unreadable blocks included.
        errors: unreadable spans, filled with zeros.
        absent: what was not tried any more after the device stopped answering; it is
            not in the target.
        reason: text of the first error.
    """

    bytes: int = 0
    errors: list[Span] = field(default_factory=list)
    absent: Span | None = None
    reason: str = ""

    def failed(self, offset: int, length: int) -> None:
        """Note an unreadable block, joined to the one before it where they touch."""
        last = self.errors[-1] if self.errors else None
        if last is not None and last.offset + last.length == offset:
            self.errors[-1] = Span(last.offset, last.length + length)
        else:
            self.errors.append(Span(offset, length))

    @property
    def failed_in_a_row(self) -> int:
        """Bytes of the unreadable span that ends where reading stands."""
        last = self.errors[-1] if self.errors else None
        at_end = last is not None and last.offset + last.length == self.bytes
        return last.length if last is not None and at_end else 0


def describe(error: OSError) -> str:
    """Return the operating system's words for `error`."""
    return os.strerror(error.errno) if error.errno else str(error)


def open_source(
    name: str | bytes | Path,
    *,
    dir_fd: int | None = None,
    flags: int = 0,
    system: SystemCalls = REAL,
) -> tuple[int, bool]:
    """Open `name` for reading; return the descriptor and whether atime is kept.

    Raises:
        OSError: as `os.open`; ELOOP when the last component is a symbolic link.
    """
    wanted = SOURCE_FLAGS | flags
    if _NOATIME:
        try:
            return system.open(name, wanted | _NOATIME, dir_fd=dir_fd), True
        except PermissionError:
            pass  # O_NOATIME is the owner's and root's only: try without
    return system.open(name, wanted, dir_fd=dir_fd), False


def announce(
    name: bytes, *, dir_fd: int | None = None, system: SystemCalls = REAL
) -> None:
    """Ask the kernel to fetch the start of a file that will be read soon.

    Only advice: whatever goes wrong is met, and recorded, when the file is read.
    """
    try:
        fd, _ = open_source(name, dir_fd=dir_fd, system=system)
    except OSError:
        return
    try:
        system.fetch(fd, READ_AHEAD_BYTES)
    finally:
        system.close(fd)


def difference(before: os.stat_result, after: os.stat_result) -> str:
    """Name what changed between two looks at a file; empty when nothing did."""
    if (
        before.st_mtime_ns == after.st_mtime_ns
        and before.st_ctime_ns == after.st_ctime_ns
        and before.st_size == after.st_size
        and before.st_ino == after.st_ino
        and before.st_dev == after.st_dev
    ):
        return ""
    compared = (
        ("size", before.st_size, after.st_size),
        ("modification time", before.st_mtime_ns, after.st_mtime_ns),
        ("status-change time", before.st_ctime_ns, after.st_ctime_ns),
        ("inode", before.st_ino, after.st_ino),
        ("device", before.st_dev, after.st_dev),
    )
    return ", ".join(name for name, old, new in compared if old != new)


def read_into(
    fd: int,
    target: Target,
    *,
    limit: int | None,
    watch: Watch,
    system: SystemCalls = REAL,
) -> Reading:
    """Read `fd`, which stands at its start, to its end or `limit` bytes.

    Unreadable blocks become zeros when `limit` is known and the source is seekable;
    otherwise reading ends at the first error and `absent` says where.
    """
    reading = Reading()
    while limit is None or reading.bytes < limit:
        space = target.space()
        room = BAD_BLOCK_BYTES if reading.failed_in_a_row else READ_BYTES
        if limit is not None:
            room = min(room, limit - reading.bytes)
        try:
            count = system.readv(fd, (space[:room],))
        except InterruptedError:
            continue
        except OSError as error:
            if not _step_over(fd, target, reading, limit, error, system):
                break
            watch.add(0)
            continue
        if count == 0:
            break
        target.advance(count)
        reading.bytes += count
        watch.add(count)
    return reading


def _step_over(
    fd: int,
    target: Target,
    reading: Reading,
    limit: int | None,
    error: OSError,
    system: SystemCalls,
) -> bool:
    """Get past one block after a failed read; False when reading must end."""
    at = reading.bytes
    reading.reason = reading.reason or describe(error)
    if (
        limit is None
        or reading.failed_in_a_row >= GIVE_UP_BYTES
        or not _stands_at(fd, at)
    ):
        reading.absent = Span(at, 0 if limit is None else limit - at)
        return False
    length = min(BAD_BLOCK_BYTES - at % BAD_BLOCK_BYTES, limit - at)
    space = target.space()
    try:
        count = system.preadv(fd, (space[:length],), at)
    except OSError:
        target.fill(length)
        reading.failed(at, length)
        reading.bytes = at + length
        return _stands_at(fd, reading.bytes)
    target.advance(count)
    reading.bytes = at + count
    return count > 0 and _stands_at(fd, reading.bytes)


def _stands_at(fd: int, offset: int) -> bool:
    """Move to `offset`; False for what cannot seek (pipes, sockets)."""
    try:
        return os.lseek(fd, offset, os.SEEK_SET) == offset
    except OSError:
        return False
