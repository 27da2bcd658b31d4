"""A bounded, read-only view of the payload that all picture parsers read through.

Offsets given to a `Window` count from its own start; `Window.source` gives them in the
payload, which is what records carry. All windows of one parse share one `Budget`. The
budget counts reads and bytes, not seconds, so that the same payload always yields the
same records; time is limited by the process around the parser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from evidence.parsing.base import Fields

PIECE = 1 << 20  # bytes read at once when a range is scanned


class DamagedError(Exception):
    """The bytes contradict the format; the message says how, without evidence text."""


class CutShortError(DamagedError):
    """The structure goes on beyond the last byte there is."""


class BudgetSpentError(Exception):
    """The parse may not read any more."""


@dataclass(slots=True)
class Budget:
    """What one parse may read: a number of reads and of bytes."""

    reads: int = 1_000_000
    bytes: int = 256 << 20

    def spend(self, length: int) -> None:
        """Count one read; raises `BudgetSpentError` when nothing is left."""
        self.reads -= 1
        self.bytes -= length
        if self.reads < 0 or self.bytes < 0:
            raise BudgetSpentError("the picture takes more reading than is allowed")


class Window:
    """Part of an open file.

    Args:
        stream: the payload, seekable.
        start: first byte of the window in the payload.
        size: bytes in the window; what the file does not hold reads as missing.
        budget: shared by all windows of one parse.
    """

    __slots__ = ("_budget", "_stream", "size", "start")

    def __init__(
        self, stream: BinaryIO, start: int, *, size: int, budget: Budget
    ) -> None:
        self._stream = stream
        self._budget = budget
        self.start = start
        self.size = max(size, 0)

    def charge(self, length: int) -> None:
        """Count work on `length` bytes that were not read here, as inflated ones."""
        self._budget.spend(length)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes; fewer at the end, none outside."""
        length = min(length, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        self._budget.spend(length)
        self._stream.seek(self.start + offset)
        return self._stream.read(length)

    def exactly(self, offset: int, length: int) -> bytes:
        """Return `length` bytes or raise `CutShortError`."""
        data = self.read(offset, length)
        if len(data) != length:
            raise CutShortError(f"{length} bytes expected at {offset}")
        return data

    def number(
        self, offset: int, length: int, order: Literal["big", "little"] = "big"
    ) -> int:
        """Return the unsigned integer of `length` bytes at `offset`."""
        return int.from_bytes(self.exactly(offset, length), order)

    def part(self, offset: int, length: int) -> Window:
        """Return the window of `length` bytes at `offset`, cut at this one's end."""
        offset = min(max(offset, 0), self.size)
        size = min(length, self.size - offset)
        return Window(self._stream, self.start + offset, size=size, budget=self._budget)

    def under(self, budget: Budget) -> Window:
        """Return the same window with a budget of its own."""
        return Window(self._stream, self.start, size=self.size, budget=budget)

    def source(self, offset: int, length: int, *, exact: bool = True) -> Fields:
        """Return the range as a record's ``source``: payload offset and length."""
        fields: Fields = {"offset": self.start + offset, "length": length}
        if not exact:
            fields["exact"] = False
        return fields

    def pieces(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield the range in pieces of at most 1 MiB."""
        end = min(offset + length, self.size)
        while offset < end:
            piece = self.read(offset, min(PIECE, end - offset))
            if not piece:
                return
            yield piece
            offset += len(piece)

    def sha256(self, offset: int, length: int) -> str:
        """Return the SHA-256 of the range, lower-case hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.pieces(offset, length):
            digest.update(piece)
        return digest.hexdigest()
