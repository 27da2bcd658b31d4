"""Hash stored files at the speed of SHA-256 or of the disk, whichever is slower.

Reading and hashing overlap. Bytes the page cache holds are taken from it; all others
are read with O_DIRECT where the file system allows, so checking an 8 TiB payload
neither waits for the cache to make room nor pushes other things out of it.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from evidence.reading import (
    Progress,
    SourceUnreadableError,
    Stop,
    Watch,
    open_source,
)
from evidence.ring import Block, Ring, Work
from evidence.system import DIRECT, REAL, SystemCalls

# Cold disks want large requests; one in flight was measured as good as four.
BLOCK_BYTES = 8 << 20
BLOCKS = 4
# Small files are hashed in one piece by the caller, without threads.
SMALL_BYTES = 256 << 10
_NOWAIT = getattr(os, "RWF_NOWAIT", 0)
_NO_DIRECT = frozenset((errno.EINVAL, errno.EOPNOTSUPP))
_MISS_BLOCKS = 15
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Digest:
    """What was read: its length in bytes and SHA-256 in lower-case hex.

    Attributes:
        sha512: the same by SHA-512, where it was asked for; else "".
    """

    bytes: int
    sha256: str
    sha512: str = ""


def hash_file(
    path: Path,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    second: bool = False,
    system: SystemCalls = REAL,
) -> Digest:
    """Return the digest of a regular file, up to the size it has when opened.

    Block devices are hashed to their end, too.

    Args:
        progress: called with the bytes done, at most every 0.2 s.
        second: hash by SHA-512 as well, in the same read.

    Raises:
        OSError: the file cannot be opened (ELOOP: it is a symbolic link) or read.
        SourceUnreadableError: it is neither a regular file nor a block device.
        StoppedError: `stop` was set.
    """
    watch = Watch(progress=progress, stop=stop)
    fd, _ = open_source(path, system=system)
    try:
        size = _length(fd, path, system)
        if size <= SMALL_BYTES:
            return _hash_small(fd, size, system, second=second)
        reader = _Reader(fd, path, system)
        try:
            return _hash_large(reader, size, watch, second=second)
        finally:
            reader.close()
    finally:
        system.close(fd)


def _length(fd: int, path: Path, system: SystemCalls) -> int:
    """Return the number of bytes; the status of a block device does not tell it."""
    status = system.fstat(fd)
    if stat.S_ISREG(status.st_mode):
        return status.st_size
    if not stat.S_ISBLK(status.st_mode):
        reason = "it is neither a file nor a block device"
        raise SourceUnreadableError(what=str(path), reason=reason)
    return os.lseek(fd, 0, os.SEEK_END)


def _hash_small(fd: int, size: int, system: SystemCalls, *, second: bool) -> Digest:
    data = memoryview(bytearray(size))
    done = 0
    while done < size and (count := system.preadv(fd, (data[done:],), done)):
        done += count
    own = hashlib.sha512(data[:done]).hexdigest() if second else ""
    return Digest(done, hashlib.sha256(data[:done]).hexdigest(), own)


def _hash_large(reader: _Reader, size: int, watch: Watch, *, second: bool) -> Digest:
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()

    def digest(block: Block) -> None:
        sha256.update(block.view[: block.length])

    def digest_again(block: Block) -> None:
        sha512.update(block.view[: block.length])

    workers: list[Work] = [digest, digest_again] if second else [digest]
    ring = Ring(BLOCK_BYTES, BLOCKS, workers=workers)
    done = 0
    try:
        while done < size:
            block = ring.take()
            wanted = min(BLOCK_BYTES, size - done)
            block.length = reader.read(block.view, done, wanted)
            if block.length == 0:  # the file shrank
                break
            done += block.length
            ring.hand_over(block)
            watch.add(block.length)
    finally:
        ring.stop()
    if ring.failure is not None:
        raise ring.failure
    return Digest(done, sha256.hexdigest(), sha512.hexdigest() if second else "")


class _Reader:
    """Reads from the cache while it can, else from the device."""

    def __init__(self, fd: int, path: Path, system: SystemCalls) -> None:
        self._fd = fd
        self._system = system
        self._misses = 0
        self._byte = bytearray(1)
        self._direct = self._open_direct(path) if DIRECT and _NOWAIT else None
        if self._direct is None:
            system.expect_sequence(fd)
        else:
            system.expect_cached(fd)

    def _open_direct(self, path: Path) -> int | None:
        try:
            fd, _ = open_source(path, flags=DIRECT, system=self._system)
        except OSError as error:
            if error.errno in _NO_DIRECT:
                return None
            raise
        mine, theirs = self._system.fstat(self._fd), self._system.fstat(fd)
        if (mine.st_dev, mine.st_ino) == (theirs.st_dev, theirs.st_ino):
            return fd
        self._system.close(fd)  # renamed over in between: keep to the first
        return None

    def close(self) -> None:
        if self._direct is not None:
            self._system.close(self._direct)
            self._direct = None

    def read(self, view: memoryview, offset: int, wanted: int) -> int:
        """Read up to `wanted` bytes at `offset`; fewer only at the end of file."""
        if (
            self._direct is not None
            and not self._cached(offset, wanted)
            and (count := self._from_device(view, offset))
        ):
            return min(count, wanted)
        done = 0
        while done < wanted:
            count = self._system.preadv(self._fd, (view[done:wanted],), offset + done)
            if count == 0:
                break
            done += count
        return done

    def _cached(self, offset: int, wanted: int) -> bool:
        """Probe one byte; a miss is believed for the next `_MISS_BLOCKS` blocks.

        The kernel starts read-ahead even for a probe that must not wait, so probing
        with the whole block would read everything twice.
        """
        if self._misses:
            self._misses -= 1
            return False
        try:
            middle = offset + wanted // 2
            return os.preadv(self._fd, (self._byte,), middle, _NOWAIT) == 1
        except BlockingIOError:
            self._misses = _MISS_BLOCKS
            return False
        except OSError as error:
            if error.errno not in _NO_DIRECT:
                raise
            self.close()  # no probing here: leave all to the cache
            return True

    def _from_device(self, view: memoryview, offset: int) -> int:
        """Fill the whole block with O_DIRECT; 0 when that is refused."""
        if self._direct is None or offset % BLOCK_BYTES:  # after a short read
            return 0
        try:
            return self._system.preadv(self._direct, (view,), offset)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self.close()
            return 0


def hash_ranges(
    path: Path, ranges: Sequence[tuple[int, int]], *, system: SystemCalls = REAL
) -> list[str | None]:
    """Return the SHA-256 of each (offset, length) of a file, in order.

    None stands for a range that is not wholly inside the file. Meant to find which
    members of a packed payload are damaged after its own digest did not match.

    Raises:
        OSError: the file cannot be opened or read.
    """
    fd, _ = open_source(path, system=system)
    try:
        half = (len(ranges) + 1) // _THREADS or 1
        parts = [ranges[i : i + half] for i in range(0, len(ranges), half)]
        with ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(lambda part: _hash_part(fd, part, system), parts)
            return [digest for part in found for digest in part]
    finally:
        system.close(fd)


def _hash_part(
    fd: int, ranges: Sequence[tuple[int, int]], system: SystemCalls
) -> list[str | None]:
    memory = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    buffer = memoryview(memory)
    digests: list[str | None] = []
    for offset, length in ranges:
        sha256 = hashlib.sha256()
        done = 0
        while done < length:
            view = buffer[: min(len(buffer), length - done)]
            count = system.preadv(fd, (view,), offset + done)
            if count == 0:
                break
            sha256.update(view[:count])
            done += count
        digests.append(sha256.hexdigest() if done == length else None)
    return digests
