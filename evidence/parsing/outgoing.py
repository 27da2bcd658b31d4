"""Takes apart what is about to leave, so that its text can be searched.

Runs in the parser's process and is told no identifier: it sends every text, name and
stream it finds to the process that searches. Archives, compressed files, PDF and
pictures are opened, also inside each other; what cannot be opened is sent as a record
of kind ``unread``. A place is made of numbers alone: names in evidence may be names of
people. Everything is bounded: depth, members, bytes and their ratio.
"""

from __future__ import annotations

import bz2
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import (
    Content,
    FileEnd,
    FileStart,
    Item,
    Job,
    Record,
    Summary,
)
from evidence.parsing.picture import read_picture

MAX_DEPTH = 5
MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 192 << 20  # of one thing inside another, in memory
_LEAST_BYTES = 256 << 20  # that may come out of any file
_RATIO = 100
_PIECE = 1 << 20
_OVERLAP = 1 << 14  # between pieces, so that nothing is cut in two
_CLOSED = (
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"age-encryption.org/", "encrypted (age)"),
    (b"-----BEGIN AGE ENCRYPTED FILE", "encrypted (age)"),
    (b"-----BEGIN PGP MESSAGE", "encrypted (PGP)"),
)
_TAGS = re.compile(rb"<[^<>]{0,4096}>")
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
)
Place = tuple[str, ...]
_Opener = Callable[[BinaryIO, Place], Iterator[Item]]


class _Inflater(Protocol):
    """What `zlib`, `bz2` and `lzma` have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class TooMuchError(Exception):
    """More comes out of a file than may."""


@dataclass(slots=True)
class Budget:
    """What may still come out: bytes and members."""

    bytes: int
    members: int = MAX_MEMBERS

    def spend(self, count: int) -> None:
        """Count bytes that came out; raises `TooMuchError` when it is too much."""
        self.bytes -= count
        if self.bytes < 0:
            raise TooMuchError

    def member(self) -> None:
        """Count a member."""
        self.members -= 1
        if self.members < 0:
            raise TooMuchError


class OutgoingParser:
    """Takes one file apart (see `evidence.parsing.base.Parser`)."""

    name = "outgoing"
    version = "1"

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield what is in the file; raises `OSError` only."""
        with _opened(job) as stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            budget = Budget(max(_LEAST_BYTES, _RATIO * size))
            taker = Taker(
                budget,
                pages=bool(job.options.get("pages", True)),
                drawn=bool(job.options.get("drawn", True)),
            )
            try:
                yield from taker.open(stream, ())
            except TooMuchError:
                reason = "more comes out of it than can be searched"
                yield unread((), reason)
        yield Summary(ParseOutcome.PARSED, {}, tuple(sorted(taker.limits)))


def _opened(job: Job) -> BinaryIO:
    return Path(job.path).open("rb") if job.data is None else io.BytesIO(job.data)


def unread(place: Place, reason: str) -> Record:
    """Return the record of something that could not be read."""
    return Record({"kind": "unread", "place": list(place), "reason": reason})


def slices(data: bytes) -> Iterator[bytes]:
    """Yield `data` in the pieces it is sent in; each overlaps the one before."""
    for start in range(0, len(data), _PIECE):
        yield data[max(start - _OVERLAP, 0) : start + _PIECE]


def part(place: Place, form: str, data: bytes) -> Iterator[Item]:
    """Yield something to search: `form` is text, bytes or name."""
    name = ", ".join(place).encode("ascii")
    yield FileStart(name, len(data), {"form": form})
    for piece in slices(data):
        yield Content(piece)
    yield FileEnd(Outcome.ACQUIRED, {})


@dataclass(slots=True)
class Taker:
    """Takes things apart within one budget.

    Attributes:
        pages: read the text of the pages of a PDF, too.
        drawn: search the operators that draw these pages, too.
        limits: what was not looked at by nature, in sentences.
    """

    budget: Budget
    pages: bool = True
    drawn: bool = True
    limits: set[str] = field(default_factory=set)

    def data(self, data: bytes, place: Place) -> Iterator[Item]:
        """Yield `data` as such and what is inside it."""
        self.budget.spend(len(data))
        yield from part(place, "bytes", data)
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            # Words that tags stand in are one word for who reads them.
            yield from part(place, "bytes", _TAGS.sub(b"", data))
        yield from self.open(io.BytesIO(data), place)

    def open(self, stream: BinaryIO, place: Place) -> Iterator[Item]:
        """Yield what is inside `stream`, which is seekable."""
        head = stream.read(1024)
        stream.seek(0)
        kind = self._kind(head, stream)
        if kind is None:
            return
        if len(place) >= MAX_DEPTH * 2:
            yield unread(place, "it is nested too deeply")
            return
        try:
            yield from kind(stream, place)
        except _DAMAGE as error:
            yield unread(place, f"it is damaged or closed ({type(error).__name__})")

    def _kind(self, head: bytes, stream: BinaryIO) -> _Opener | None:
        if b"%PDF-" in head:
            from evidence.parsing.outgoing_pdf import take_pdf

            return lambda source, place: take_pdf(self, source, place)
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
            return self._zip
        if head[257:262] == b"ustar":
            return self._tar
        for magic, closed in _CLOSED:
            if head.startswith(magic):
                return lambda _source, place: iter([unread(place, f"it is {closed}")])
        if self._inflater(head) is not None:
            return self._compressed
        return self._picture if _may_be_picture(head, stream) else None

    def _picture(self, stream: BinaryIO, place: Place) -> Iterator[Item]:
        records = read_picture(stream)
        if records is not None:
            self.limits.add("Pictures: what their pixels show was not looked at.")
            text = json.dumps(records, ensure_ascii=False).encode("utf-8", "replace")
            yield from part((*place, "metadata"), "text", text)

    def _zip(self, stream: BinaryIO, place: Place) -> Iterator[Item]:
        with zipfile.ZipFile(stream) as archive:
            for number, info in enumerate(archive.infolist(), 1):
                self.budget.member()
                where = (*place, f"member {number}")
                named = info.filename.encode("utf-8", "surrogateescape")
                yield from part(where, "name", named + b"\n" + info.comment)
                if info.flag_bits & 1:
                    yield unread(where, "it is encrypted")
                elif not info.is_dir():
                    yield from self._zip_member(archive, info, where)

    def _zip_member(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: Place
    ) -> Iterator[Item]:
        try:
            with archive.open(info) as member:
                data = _read(member)
        except _DAMAGE as error:
            yield unread(where, f"it is damaged or closed ({type(error).__name__})")
            return
        if data is None:
            yield unread(where, "it is too large to be looked into")
        else:
            yield from self.data(data, where)

    def _tar(self, stream: BinaryIO, place: Place) -> Iterator[Item]:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for number, info in enumerate(archive, 1):
                self.budget.member()
                where = (*place, f"member {number}")
                names = [info.name, info.linkname, info.uname, info.gname]
                names += [f"{k}={v}" for k, v in info.pax_headers.items()]
                named = "\n".join(names).encode("utf-8", "surrogateescape")
                yield from part(where, "name", named)
                member = archive.extractfile(info) if info.isreg() else None
                if member is None:
                    continue
                data = _read(member)
                if data is None:
                    yield unread(where, "it is too large to be looked into")
                else:
                    yield from self.data(data, where)

    def _compressed(self, stream: BinaryIO, place: Place) -> Iterator[Item]:
        inflater = self._inflater(stream.read(1024))
        stream.seek(0)
        if inflater is None:
            return
        data = b""
        while piece := stream.read(_PIECE):
            data += inflater.decompress(piece, MAX_MEMBER_BYTES + 1 - len(data))
            if len(data) > MAX_MEMBER_BYTES:
                yield unread(place, "it is too large to be looked into")
                return
            if inflater.eof:
                break
        if not inflater.eof:
            yield unread(place, "what it holds is cut off")
        where = (*place, "unpacked")
        yield from self.data(data, where)
        rest = inflater.unused_data + stream.read(MAX_MEMBER_BYTES)
        if rest and data:  # gzip members may follow each other
            yield from self.data(rest, (*place, "after it"))

    def _inflater(self, head: bytes) -> _Inflater | None:
        if head.startswith(b"\x1f\x8b\x08"):
            return zlib.decompressobj(31)
        if head.startswith(b"BZh"):
            return bz2.BZ2Decompressor()
        if head.startswith(b"\xfd7zXZ\x00"):
            return lzma.LZMADecompressor(memlimit=256 << 20)
        if head[:1] == b"\x78" and len(head) > 2 and (head[0] << 8 | head[1]) % 31 == 0:
            return zlib.decompressobj()
        return None


def _read(stream: IO[bytes]) -> bytes | None:
    data = stream.read(MAX_MEMBER_BYTES + 1)
    return None if len(data) > MAX_MEMBER_BYTES else data


def _may_be_picture(head: bytes, stream: BinaryIO) -> bool:
    from evidence.parsing.picture_formats import recognise
    from evidence.parsing.picture_window import Budget as Reads
    from evidence.parsing.picture_window import Window

    if len(head) < 8:
        return False
    size = stream.seek(0, 2)
    found = recognise(Window(stream, 0, size=size, budget=Reads()))
    stream.seek(0)
    return found is not None
