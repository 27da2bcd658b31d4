"""Where a chat parser's bytes come from, and what the examiner asked of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from evidence.parsing.base import Job
from evidence.parsing.chat_wallclock import WallClock

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER = 1 << 20


class Part(io.RawIOBase):
    """A range of the payload as a seekable stream of its own.

    Args:
        raw: the payload; other parts may move its position in between.
        start: first byte of the range in the payload.
        size: bytes of the range.
    """

    def __init__(self, raw: io.RawIOBase, start: int, size: int) -> None:
        super().__init__()
        self._raw, self._start, self._size = raw, start, size
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move and return the position in the range."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, target: WriteableBuffer) -> int:
        """Fill `target` with the next bytes; 0 at the end of the range."""
        view = memoryview(target).cast("B")
        count = min(len(view), max(self._size - self._at, 0))
        self._raw.seek(self._start + self._at)
        data = self._raw.read(count) or b""
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def never() -> None:
    """Say that a stream did not end early."""


@dataclass(frozen=True, slots=True)
class Text:
    """The bytes that hold messages, openable more than once.

    Attributes:
        open: gives the text from its first byte.
        size: bytes of the text, as far as declared.
        member: its name inside an archive or folder; "" for a lone file.
        early: says why the stream opened last ended early; None when it did not.
    """

    open: Callable[[], BinaryIO]
    size: int
    member: str = ""
    early: Callable[[], str | None] = never


@dataclass(frozen=True, slots=True)
class Wish:
    """What the examiner asked.

    Attributes:
        app: auto, whatsapp or telegram.
        date_order: auto, dmy, mdy or ymd.
        clock: of the zone named, or of none.
        main: in a folder, the name of the file that holds the messages.
        members: in a folder, all names; None for a lone file.
    """

    app: str
    date_order: str
    clock: WallClock
    main: str
    members: tuple[str, ...] | None

    @classmethod
    def of(cls, job: Job) -> Wish:
        """Return the options of `job`; raises `UnknownZoneError`."""

        def text(name: str, default: str) -> str:
            value = job.options.get(name)
            return value if isinstance(value, str) and value else default

        members = job.options.get("members")
        listed = members if isinstance(members, list) else None
        return cls(
            app=text("app", "auto"),
            date_order=text("date_order", "auto"),
            clock=WallClock(text("timezone", "") or None),
            main=text("main", ""),
            members=None
            if listed is None
            else tuple(name for name in listed if isinstance(name, str)),
        )
