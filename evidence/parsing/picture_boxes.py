"""ISO base media boxes, as HEIC, AVIF and JPEG XL use them.

Source: ISO/IEC 14496-12 clause 4.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.parsing.picture_window import CutShortError, DamagedError, Window

MAX_BOXES = 10_000


@dataclass(frozen=True, slots=True)
class Box:
    """One box: four-character type, offset in its window, body without the header."""

    type: bytes
    offset: int
    length: int
    body: Window

    @property
    def is_cut(self) -> bool:
        """Whether the file ends before the box does."""
        return self.body.size < self.length


def boxes(window: Window, offset: int = 0) -> Iterator[Box]:
    """Yield the boxes that follow each other from `offset` to the window's end.

    Raises:
        DamagedError: what follows cannot be a box.
    """
    for _ in range(MAX_BOXES):
        if offset >= window.size:
            return
        size = window.number(offset, 4)
        kind = window.exactly(offset + 4, 4)
        head = 8
        if size == 1:
            size = window.number(offset + 8, 8)
            head = 16
        elif size == 0:  # the last box, to the end
            size = window.size - offset
        if size < head or re.fullmatch(rb"[ -~\xa9]{4}", kind) is None:
            raise DamagedError(f"no box begins at {window.start + offset}")
        body = window.part(offset + head, size - head)
        yield Box(kind, offset, size - head, body)
        offset += size
    raise DamagedError(f"more than {MAX_BOXES} boxes")


@dataclass(slots=True)
class Cursor:
    """Reads fields of a box one after another."""

    window: Window
    at: int = 0

    def take(self, length: int) -> int:
        """Return the next big-endian unsigned integer of `length` bytes (0: zero)."""
        value = self.window.number(self.at, length) if length else 0
        self.at += length
        return value

    def raw(self, length: int) -> bytes:
        """Return the next `length` bytes."""
        data = self.window.exactly(self.at, length)
        self.at += length
        return data

    def text(self, limit: int = 256) -> bytes:
        """Return the bytes up to the next zero, which is passed over."""
        data, zero, _ = self.window.read(self.at, limit).partition(b"\x00")
        if not zero:
            raise CutShortError("a name does not end")
        self.at += len(data) + 1
        return data
