"""Ranges of a document: lines or bytes, and the digest of what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from evidence.case import Case, unreadable
from evidence.casework_errors import CaseworkRefusedError, PassageChangedError
from manifests.canonical import Json

_BLOCK = 1 << 20
_RANGE = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LineRange:
    """Lines from `first` to `last`, counted from 1, each with its line feed."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start`, counted from 0, up to but without `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """A range of bytes, the lines it was marked by (0 for none), and its SHA-256."""

    start: int
    end: int
    sha256: str
    first: int = 0
    last: int = 0

    def fields(self) -> dict[str, Json]:
        """Return the sealed record's fields."""
        found: dict[str, Json] = {
            "end": self.end,
            "sha256": self.sha256,
            "start": self.start,
        }
        if self.first:
            found["lines"] = [self.first, self.last]
        return found

    @classmethod
    def of(cls, record: Mapping[str, Json]) -> Span:
        """Read what `fields` made.

        Raises:
            PassageChangedError: it has not that form.
        """
        start, end, digest = (record.get(n) for n in ("start", "end", "sha256"))
        lines = record.get("lines", [0, 0])
        plain = isinstance(start, int) and isinstance(end, int)
        if plain and isinstance(digest, str) and isinstance(lines, list):
            numbers = [n for n in lines if isinstance(n, int)]
            if _HEX.fullmatch(digest) and len(numbers) == len(lines) == 2:
                return cls(int(str(start)), int(str(end)), digest, *numbers)
        raise PassageChangedError(number="A passage", reason="its record is malformed")


def read_lines(text: str) -> LineRange:
    """Read ``3`` or ``3-7``.

    Raises:
        CaseworkRefusedError: it is neither.
    """
    match = _RANGE.fullmatch(text)
    if not match or not 1 <= int(match[1]) <= int(match[2] or match[1]):
        reason = "its lines are not of the form 3-7"
        raise CaseworkRefusedError(what="The passage", reason=reason)
    return LineRange(int(match[1]), int(match[2] or match[1]))


def read_bytes(text: str) -> ByteRange:
    """Read ``100-240``: from byte 100 (counted from 0) up to but without byte 240.

    Raises:
        CaseworkRefusedError: it is not of that form, or empty.
    """
    match = _RANGE.fullmatch(text)
    if not match or match[2] is None or int(match[1]) >= int(match[2]):
        reason = "its bytes are not of the form 100-240"
        raise CaseworkRefusedError(what="The passage", reason=reason)
    return ByteRange(int(match[1]), int(match[2]))


def read_span(
    case: Case, exhibit: str, where: LineRange | ByteRange
) -> tuple[Span, str]:
    """Read a document once; return the span and the digest of the whole (hex).

    Raises:
        CaseUnreadableError: it cannot be read.
        CaseworkRefusedError: the range is beyond its end.
    """
    reading = _Reading(where)
    try:
        with _payload(case, exhibit) as stream:
            for piece in _pieces(stream, lines=isinstance(where, LineRange)):
                reading.take(piece)
    except OSError as error:
        raise unreadable(f"The payload of {exhibit}", error) from error
    return reading.span(), reading.whole.hexdigest()


class _Reading:
    """One pass over a document."""

    def __init__(self, where: LineRange | ByteRange) -> None:
        self.whole, self._part = sha256(), sha256()
        self._where = where
        self._at, self._line = 0, 1
        self._start, self._end, self._reached = -1, -1, 0

    def take(self, piece: bytes) -> None:
        """Take the next piece; by lines, it holds bytes of one line only."""
        where = self._where
        self.whole.update(piece)
        if isinstance(where, LineRange):
            low = 0 if where.first <= self._line <= where.last else len(piece)
            high = len(piece)
        else:
            low = min(max(where.start - self._at, 0), len(piece))
            high = min(max(where.end - self._at, 0), len(piece))
        if low < high:
            self._part.update(piece[low:high])
            self._start = self._at + low if self._start < 0 else self._start
            self._end, self._reached = self._at + high, self._line
        self._line += piece.endswith(b"\n")
        self._at += len(piece)

    def span(self) -> Span:
        """Return the range that was read.

        Raises:
            CaseworkRefusedError: the document ends before the range does.
        """
        where = self._where
        lines = (where.first, where.last) if isinstance(where, LineRange) else (0, 0)
        whole = (
            self._reached == where.last
            if isinstance(where, LineRange)
            else self._end == where.end
        )
        if self._start < 0 or not whole:
            reason = "the document ends before"
            raise CaseworkRefusedError(what="The passage", reason=reason)
        return Span(self._start, self._end, self._part.hexdigest(), *lines)


def _pieces(stream: BinaryIO, *, lines: bool) -> Iterator[bytes]:
    """Yield bounded pieces; with `lines` none goes on past a line feed."""
    while piece := stream.readline(_BLOCK) if lines else stream.read(_BLOCK):
        yield piece


def _payload(case: Case, exhibit: str) -> BinaryIO:
    """Open the payload of a document; the one place here that opens an exhibit."""
    return case.open_payload(exhibit)
