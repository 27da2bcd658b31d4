"""Places of an image that could not be read.

They are handed to The Sleuth Kit as zeros and remembered here, because the library
cannot be told: for a read whose length is not a multiple of the sector it takes a
failure for success and returns memory it never filled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

SECTOR = 512
_COARSE = 4096


@dataclass(slots=True)
class Damage:
    """Unreadable byte ranges, in order, none touching the next.

    Attributes:
        starts, ends: of each range.
        reason: what the operating system said of the first.
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.starts)

    def add(self, start: int, end: int) -> None:
        """Remember ``start .. end``, joined with what touches it."""
        first = bisect_left(self.ends, start)
        last = first
        while last < len(self.starts) and self.starts[last] <= end:
            last += 1
        if first < last:
            start = min(start, self.starts[first])
            end = max(end, self.ends[last - 1])
        self.starts[first:last] = [start]
        self.ends[first:last] = [end]

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the unreadable parts of ``start .. end`` as (start, end) pairs."""
        found: list[tuple[int, int]] = []
        for at in range(bisect_left(self.ends, start + 1), len(self.starts)):
            if self.starts[at] >= end:
                break
            found.append((max(start, self.starts[at]), min(end, self.ends[at])))
        return found

    def salvage(self, read: Callable[[int, int], bytes], start: int, end: int) -> bytes:
        """Read what can be read of ``start .. end``; zeros stand for the rest.

        Args:
            read: offset and size to bytes; may raise OSError or answer short.
            start, end: byte range.
        """
        whole = bytearray()
        while start + len(whole) < end:
            at = start + len(whole)
            step = min(_COARSE - at % _COARSE, end - at)
            if self.within(at, at + step):
                part = self._fine(read, at, step)
            else:
                part = self._try(read, at, step) or self._fine(read, at, step)
            whole += part
        return bytes(whole)

    def _fine(self, read: Callable[[int, int], bytes], at: int, size: int) -> bytes:
        whole = bytearray()
        while len(whole) < size:
            here = at + len(whole)
            step = min(SECTOR - here % SECTOR, size - len(whole))
            known = bool(self.within(here, here + step))
            part = None if known else self._try(read, here, step)
            if part is None:
                self.add(here, here + step)
                part = bytes(step)
            whole += part
        return bytes(whole)

    def _try(
        self, read: Callable[[int, int], bytes], at: int, size: int
    ) -> bytes | None:
        try:
            data = read(at, size)
        except OSError as error:
            self.reason = self.reason or error.strerror or "read error"
            return None
        if len(data) < size:
            self.reason = self.reason or "the file ends earlier than it did"
            return None
        return data
