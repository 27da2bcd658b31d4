"""The bytes of one file, piece by piece, with every unreadable range told.

A piece that fails is read again block by block; a block that fails is given as zeros
and recorded. Nothing depends on the declared size alone: a file never yields more than
its volume holds, so a forged size cannot fill a disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.parsing.base import Json
from evidence.parsing.disk_damage import Damage
from evidence.parsing.disk_entries import declared_size
from evidence.parsing.disk_names import whole
from evidence.parsing.disk_values import TskError
from evidence.parsing.disk_volumes import Volume
from evidence.parsing.disk_walk import Line

PIECE = 1 << 20
_MAX_FAILURES = 4096  # failing blocks in one file, after which the rest is given up
_MAX_RANGES = 1000  # unreadable ranges named in one record


@dataclass(slots=True)
class Content:
    """Reads one file or stream.

    Attributes:
        volume, line: what is read.
        size: bytes that will be yielded: the declared size, cut to the volume's.
        unreadable: (offset, length) pairs that hold zeros instead, in order.
        reason: why the first of them could not be read.
    """

    volume: Volume
    line: Line
    size: int
    unreadable: list[tuple[int, int]] = field(default_factory=list)
    reason: str = ""
    _failures: int = 0

    @classmethod
    def of(cls, volume: Volume, line: Line) -> Content:
        """Prepare to read `line`; nothing is read yet."""
        declared = max(declared_size(line), 0)
        return cls(volume, line, min(declared, volume.fs.capacity))

    @property
    def cut(self) -> int:
        """Declared bytes that are not yielded."""
        return max(declared_size(self.line), 0) - self.size

    def pieces(self) -> Iterator[bytes]:
        """Yield exactly `size` bytes in pieces of at most 1 MiB."""
        offset = 0
        while offset < self.size:
            wanted = min(PIECE, self.size - offset)
            if self._failures > _MAX_FAILURES:
                self._lost(offset, self.size - offset)
                yield from _zeros(self.size - offset)
                return
            data = self._piece(offset, wanted)
            yield data
            offset += len(data)

    def settle(self) -> None:
        """Add what lies in unreadable sectors; call it after the last piece."""
        stream = self.line.stream
        if not self.volume.fs.image.damage or stream is None:
            return
        try:
            lost = self.volume.fs.damaged(self.line.entry, stream)
        except TskError as error:
            lost = [(0, self.size)]
            self.reason = self.reason or str(error)
        known = Damage()
        for offset, length in [*self.unreadable, *lost]:
            if offset < self.size:
                known.add(offset, min(offset + length, self.size))
        pairs = zip(known.starts, known.ends, strict=True)
        self.unreadable = [(start, end - start) for start, end in pairs]

    def errors(self) -> list[Json]:
        """Return `unreadable` for a record; very many ranges are merged at the end."""
        ranges = self.unreadable
        if len(ranges) > _MAX_RANGES:
            first, last = ranges[_MAX_RANGES - 1], ranges[-1]
            joined = (first[0], last[0] + last[1] - first[0])
            ranges = [*ranges[: _MAX_RANGES - 1], joined]
        return [{"offset": whole(o), "length": whole(n)} for o, n in ranges]

    def _piece(self, offset: int, wanted: int) -> bytes:
        data = self._read(offset, wanted)
        if len(data) == wanted:
            return data
        block = max(min(self.volume.fs.block_size, 4096), 512)
        whole_piece = bytearray(data)
        while len(whole_piece) < wanted:
            at = offset + len(whole_piece)
            size = min(block - at % block, wanted - len(whole_piece))
            part = self._read(at, size) if self._failures <= _MAX_FAILURES else b""
            if len(part) < size:
                self._failures += 1
                self._lost(at + len(part), size - len(part))
            whole_piece += part + bytes(size - len(part))
        return bytes(whole_piece)

    def _read(self, offset: int, size: int) -> bytes:
        fs = self.volume.fs
        stream = self.line.stream if fs.type == "ntfs" else None
        try:
            return fs.read(self.line.entry, stream, (offset, size))[:size]
        except TskError as error:
            self.reason = self.reason or str(error)
            return b""

    def _lost(self, offset: int, length: int) -> None:
        if self.unreadable:
            before, size = self.unreadable[-1]
            if before + size == offset:
                self.unreadable[-1] = (before, size + length)
                return
        self.unreadable.append((offset, length))


def _zeros(size: int) -> Iterator[bytes]:
    while size > 0:
        yield bytes(min(PIECE, size))
        size -= PIECE
