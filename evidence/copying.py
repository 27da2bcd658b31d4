"""Copy a source into a payload (`evidence.sink`) and say what became of it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from evidence.outcome import Outcome
from evidence.reading import (
    Progress,
    Reading,
    SourceUnreadableError,
    Stop,
    Watch,
    describe,
    difference,
    open_source,
    read_into,
)
from evidence.sink import PayloadSink, Written
from evidence.system import REAL, SystemCalls

__all__ = [
    "Copied",
    "PayloadSink",
    "Written",
    "copy_regular_file",
    "copy_stream",
    "judge",
]


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of one file copied into a sink.

    Attributes:
        outcome: acquired, changed-while-read, or unreadable (in part).
        reason: why, when not acquired.
        reading: bytes placed, unreadable spans, what was not tried.
        before: the file's status before it was read.
        atime_kept: the access time was not touched by reading.
    """

    outcome: Outcome
    reason: str | None
    reading: Reading
    before: os.stat_result
    atime_kept: bool


def copy_stream(
    fd: int,
    sink: PayloadSink,
    *,
    size_hint: int | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    system: SystemCalls = REAL,
) -> Reading:
    """Copy `fd` from its start into `sink` (pipe, device or file).

    Args:
        size_hint: the exact size when it is known (a block device): reading ends
            there, free space is checked first, and unreadable blocks become zeros.

    Raises:
        StorageFailedError: the sink could not store something.
        StoppedError: `stop` was set.
    """
    if size_hint is not None:
        sink.reserve(size_hint)
    system.expect_sequence(fd)
    watch = Watch(progress=progress, stop=stop)
    return read_into(fd, sink, limit=size_hint, watch=watch, system=system)


def copy_regular_file(
    path: Path,
    sink: PayloadSink,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    system: SystemCalls = REAL,
) -> Copied:
    """Copy one regular file, byte for byte, into `sink`; the sink is not finished.

    The file is read once, up to the size it had when opened (a size of 0 is read to
    the end: files the kernel makes up have none).

    Raises:
        SourceUnreadableError: cannot be opened, is a link, or is no regular file.
        StorageFailedError: the sink could not store something.
        StoppedError: `stop` was set.
    """
    try:
        fd, atime_kept = open_source(path, system=system)
    except OSError as error:
        raise SourceUnreadableError(what=str(path), reason=describe(error)) from error
    try:
        before = system.fstat(fd)
        if not stat.S_ISREG(before.st_mode):
            raise SourceUnreadableError(what=str(path), reason="not a regular file")
        reading = copy_stream(
            fd,
            sink,
            size_hint=before.st_size or None,
            progress=progress,
            stop=stop,
            system=system,
        )
        changed = difference(before, system.fstat(fd))
    except OSError as error:
        raise SourceUnreadableError(what=str(path), reason=describe(error)) from error
    finally:
        system.close(fd)
    outcome, reason = judge(reading, expected=before.st_size, changed=changed)
    return Copied(outcome, reason, reading, before, atime_kept)


def judge(
    reading: Reading, *, expected: int, changed: str
) -> tuple[Outcome, str | None]:
    """Return the outcome of reading a file of `expected` bytes, and the reason."""
    if reading.absent is not None:
        where = f"reading stopped at byte {reading.absent.offset}"
        return Outcome.UNREADABLE, f"{reading.reason}; {where}"
    if reading.errors:
        lost = sum(span.length for span in reading.errors)
        return Outcome.UNREADABLE, f"{reading.reason}; {lost} bytes hold zeros"
    if changed:
        return Outcome.CHANGED, f"changed while it was read: {changed}"
    if expected and reading.bytes != expected:
        short = f"{reading.bytes} of {expected} bytes were there"
        return Outcome.CHANGED, f"changed while it was read: {short}"
    return Outcome.ACQUIRED, None
