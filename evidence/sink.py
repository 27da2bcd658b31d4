"""Write a payload once, hashed while it is written, at the speed of the device.

A `PayloadSink` owns a ring of page-aligned blocks. The caller reads straight into the
current block; full blocks go to one writer thread (O_DIRECT where the file system
allows) and one SHA-256 thread, and come back for re-use. Nothing is copied between
buffers and the memory in use is the same for 1 MiB and for 8 TiB.
"""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.ring import Block, Ring
from evidence.system import DIRECT, REAL, SystemCalls, storage_error
from manifests.errors import NoSpaceError, StorageFailedError

# 8 MiB is where O_DIRECT writes reach the device's streaming speed; four blocks let
# one be filled, one hashed and one written with one to spare (32 MiB at most).
BLOCK_BYTES = 8 << 20
BLOCKS = 4
# Offset, length and address granularity O_DIRECT asks for: the largest logical block
# size in use. A file system that wants more answers EINVAL and is written buffered.
ALIGNMENT = 4096
# Buffered writes: large enough to hide the call, small enough to stay in the cache.
BUFFERED_BYTES = 1 << 20
# Below this the caller hashes and writes by itself: starting two threads costs more.
THREADS_FROM_BYTES = 1 << 20

_CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_MODE = 0o600
_ZEROS = bytes(64 << 10)


@dataclass(frozen=True, slots=True)
class Written:
    """A finished payload: its length in bytes and SHA-256 in lower-case hex.

    `cipher` holds the same of the file when that is encrypted, else None.
    """

    bytes: int
    sha256: str
    cipher: Written | None = None


class PayloadSink:
    """A new file, written once from start to end.

    Use as a context manager: leaving it without `finish` removes the file.

    Args:
        path: must not exist; created with mode 0600, never through a symbolic link.
        what: how errors name the file; default its last component.
        block_bytes, blocks: size and number of the ring's buffers.
        system: the system calls, replaced by tests.

    Raises:
        NoSpaceError: the file system is full (also from every later method).
        StorageFailedError: the operating system refused something else.
    """

    def __init__(
        self,
        path: Path,
        *,
        what: str | None = None,
        block_bytes: int = BLOCK_BYTES,
        blocks: int = BLOCKS,
        system: SystemCalls = REAL,
    ) -> None:
        if block_bytes % ALIGNMENT or blocks < 1:
            raise ValueError("blocks are whole pages and at least one")
        self.path = path
        self.what = what or path.name
        self._system = system
        self._ring = Ring(block_bytes, blocks, workers=[self._store, self._digest])
        self._block: Block | None = None
        self._handed = 0  # bytes in blocks that left the caller
        self._stored = 0  # bytes on file; touched by the writing thread only
        self._hash = hashlib.sha256()
        self._written: Written | None = None
        self._cipher: Written | None = None
        self._closed = False
        self._direct = bool(DIRECT)
        self._fd = self._create()

    def _create(self) -> int:
        try:
            if self._direct:
                try:
                    return self._system.open(self.path, _CREATE | DIRECT, _MODE)
                except OSError as error:
                    if error.errno != errno.EINVAL:
                        raise
                    self._direct = False
                    self._unlink()  # Linux makes the file before it refuses
            return self._system.open(self.path, _CREATE, _MODE)
        except OSError as error:
            raise storage_error(error, self.what) from error

    def reserve(self, size: int) -> None:
        """Raise `NoSpaceError` now if `size` more bytes clearly do not fit."""
        try:
            free = self._system.free_bytes(self.path.parent)
        except OSError as error:
            raise storage_error(error, self.what) from error
        if free < size:
            reason = f"{size} bytes are needed and {free} are free"
            raise NoSpaceError(what=f"{self.what} ({reason})")

    def space(self) -> memoryview:
        """Return the free part of the current block; never empty."""
        block = self._block
        if block is None:
            self._check()
            block = self._ring.take()
            self._block = block
            self._check()  # a thread may have failed while this one waited
        return block.view[block.length :]

    def advance(self, count: int) -> None:
        """Take the first `count` bytes of the last `space` as payload."""
        block = self._block
        full = self._ring.block_bytes
        if block is None or not 0 <= count <= full - block.length:
            raise ValueError("advance goes beyond the space given")
        block.length += count
        if block.length == full:
            self._hand_over(block)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append a copy of `data`."""
        block = self._block
        size = len(data)
        if block is not None and size < self._ring.block_bytes - block.length:
            block.view[block.length : block.length + size] = data
            block.length += size
            return
        rest = memoryview(data)
        while rest:
            space = self.space()
            count = min(len(space), len(rest))
            space[:count] = rest[:count]
            self.advance(count)
            rest = rest[count:]

    def fill(self, count: int) -> None:
        """Append `count` zero bytes."""
        while count > 0:
            step = min(count, len(_ZEROS))
            self.write(_ZEROS[:step])
            count -= step

    def tell(self) -> int:
        """Return the payload's length so far, in bytes."""
        return self._handed + (self._block.length if self._block else 0)

    def finish(self) -> Written:
        """Write out the rest, cut to the exact length, fsync and close.

        The folder is not synced: that belongs to the caller's rename. A second call
        returns the same result.
        """
        if self._written is not None:
            return self._written
        self._check()
        try:
            self._drain()
            self._settle()
        except BaseException:
            self.abort()
            raise
        digest = self._hash.hexdigest()
        self._written = Written(self._handed, digest, self._cipher)
        return self._written

    def abort(self) -> None:
        """Stop the threads, close the file and remove it; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        ring = self._ring
        ring.failure = ring.failure or ValueError("the payload was given up")
        ring.stop()
        self._block = None
        try:
            self._remove()
        except OSError as error:
            raise storage_error(error, self.what) from error

    def _remove(self) -> None:
        try:
            self._system.close(self._fd)
        finally:
            self._unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.abort()
        except StorageFailedError as second:
            if error is None:
                raise
            error.add_note(f"The unfinished file could not be removed: {second}")

    def _check(self) -> None:
        failure = self._ring.failure
        if isinstance(failure, OSError):
            raise storage_error(failure, self.what) from failure
        if failure is not None:
            raise failure
        if self._closed:
            raise ValueError("the payload is finished")

    def _hand_over(self, block: Block) -> None:
        self._block = None
        self._handed += block.length
        self._ring.hand_over(block)
        self._check()

    def _drain(self) -> None:
        block = self._block
        if block is not None and block.length:
            if self._ring.running or block.length >= THREADS_FROM_BYTES:
                self._hand_over(block)
            else:
                self._block = None
                self._handed += block.length
                self._digest(block)
                try:
                    self._store(block)
                except OSError as error:
                    raise storage_error(error, self.what) from error
        self._ring.stop()
        self._check()

    def _digest(self, block: Block) -> None:
        self._hash.update(block.view[: block.length])

    def _store(self, block: Block) -> None:
        done = 0
        while done < block.length:
            # Only the last block of a payload can have an unaligned tail.
            end = block.length - block.length % ALIGNMENT
            if self._direct and done >= end:
                self._go_buffered()
            if not self._direct:
                end = min(block.length, done + BUFFERED_BYTES)
            try:
                count = self._system.write(self._fd, block.view[done:end])
            except InterruptedError:
                continue
            except OSError as error:
                if self._direct and error.errno == errno.EINVAL:
                    self._go_buffered()  # accepted at open, refused at the write
                    continue
                raise
            if count <= 0:
                raise OSError(errno.EIO, "the file system stored nothing")
            done += count
        self._stored += block.length
        if not self._direct and block.length == self._ring.block_bytes:
            # Start write-back now and drop what is clean already.
            self._system.forget(self._fd, 0, self._stored)

    def _go_buffered(self) -> None:
        self._system.drop_direct(self._fd)
        self._direct = False

    def _settle(self) -> None:
        try:
            self._system.ftruncate(self._fd, self._handed)
            # A failed fsync is final: a second one may wrongly report success.
            self._system.fsync(self._fd)
            self._closed = True
            self._system.close(self._fd)
        except OSError as error:
            if self._closed:  # close failed: only the name is left to remove
                self._unlink()
            raise storage_error(error, self.what) from error

    def _unlink(self) -> None:
        try:
            self._system.unlink(self.path)
        except FileNotFoundError:
            return
