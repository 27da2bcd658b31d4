"""The members of a chat archive, unpacked in memory only and only as declared.

Nothing is written to disk. A member is believed when it unpacks to exactly the declared
size and checksum; everything else is refused with a reason and counted.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from evidence.outcome import Outcome
from evidence.parsing.base import Fields
from evidence.parsing.chat_tally import Present
from evidence.parsing.chat_zip import DEFLATED, MAX_RATIO, Directory, Member

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1 << 18
# Android exports hold some GiB at most; more is unpacked to exhaust, not to tell.
MAX_UNPACKED = 64 << 30
# Damage, not deceit: the beginning of such a member can be read, and is marked so.
READABLE = frozenset(("cut-short",))


class MemberError(Exception):
    """A member does not unpack as declared; the message is the reason."""


def unpacked(stream: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield the member's bytes in pieces of at most 256 KiB.

    Raises:
        MemberError: cut-short, damaged, size-mismatch, bad-checksum or
            compression-ratio; what was yielded before is what there was.
    """
    stream.seek(member.data)
    pieces = _packed(stream, member.packed)
    if member.method == DEFLATED:
        pieces = _inflated(pieces)
    crc = size = 0
    for piece in pieces:
        size += len(piece)
        if size > member.size:
            raise MemberError("size-mismatch")
        if size > MAX_RATIO * max(member.packed, 1):
            raise MemberError("compression-ratio")
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != member.size:
        raise MemberError("size-mismatch")
    if crc != member.crc:
        raise MemberError("bad-checksum")


def _packed(stream: BinaryIO, length: int) -> Iterator[bytes]:
    at = stream.tell()
    while length:
        stream.seek(at)  # other members may be read between two pieces
        piece = stream.read(min(PIECE, length))
        if not piece:
            raise MemberError("cut-short")
        at += len(piece)
        length -= len(piece)
        yield piece


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-15)
    try:
        for packed in pieces:
            data = packed
            while data:
                if inflate.eof:
                    raise MemberError("size-mismatch")
                piece = inflate.decompress(data, PIECE)
                data = inflate.unconsumed_tail
                if piece:
                    yield piece
            if inflate.unused_data:
                raise MemberError("size-mismatch")
        while not inflate.eof:
            piece = inflate.decompress(b"", PIECE)
            if not piece:
                raise MemberError("cut-short")
            yield piece
    except zlib.error as error:
        raise MemberError("damaged") from error


class MemberStream(io.RawIOBase):
    """A member as a readable stream; a refusal ends it early.

    Attributes:
        reason: why it ended before the declared end; None when it did not.
    """

    def __init__(self, stream: BinaryIO, member: Member) -> None:
        super().__init__()
        self._pieces = unpacked(stream, member)
        self._piece = b""
        self.reason: str | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        """Fill `target`; 0 at the end."""
        view = memoryview(target).cast("B")
        if not self._piece:
            try:
                self._piece = next(self._pieces, b"")
            except MemberError as error:
                self.reason = str(error)
        count = min(len(view), len(self._piece))
        view[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count


@dataclass(slots=True)
class Archive:
    """Hashes an archive's members and remembers them for the messages.

    Attributes:
        files: what each believed or refused member is, by name.
        refused: members refused.
        folders: entries that only name a folder, and the system's own files.
    """

    stream: BinaryIO
    directory: Directory
    files: dict[str, Present]
    acquired: int = 0
    refused: int = 0
    aside: set[str] = field(default_factory=set)
    _unpacked: int = 0

    def records(self) -> Iterator[Fields]:
        """Yield a record for each member."""
        for member in self.directory.members:
            fields: Fields = {"kind": "member", "name": member.name}
            if member.name.encode("utf-8", "replace") != member.raw:
                fields["name_b64"] = base64.b64encode(member.raw).decode()
            sha256 = self._hash(member) if member.reason is None else None
            refused = member.reason is not None
            outcome = Outcome.REFUSED if refused else Outcome.ACQUIRED
            # A declared size of a refused member may be a lie beyond 2**53.
            fields["bytes"] = min(member.size, 2**53 - 1)
            fields["compressed_bytes"] = min(member.packed, 2**53 - 1)
            fields["sha256"] = sha256
            fields["outcome"] = outcome.value
            if member.reason is not None:
                fields["reason"] = member.reason
            if member.note is not None:
                fields["note"] = member.note
            fields["source"] = self._source(member)
            self.refused += refused
            self.acquired += not refused
            if member.folder or member.name.startswith("__MACOSX/"):
                self.aside.add(member.name)
            self.files[member.name] = Present(
                outcome.value, None if refused else member.size, sha256
            )
            yield fields

    def _source(self, member: Member) -> Fields:
        """Return the member's range: local header, name and packed bytes."""
        end = member.data + member.packed if member.data else member.offset
        length = min(end - member.offset, 2**53 - 1)
        return {"offset": min(member.offset, 2**53 - 1), "length": max(length, 0)}

    def _hash(self, member: Member) -> str | None:
        if self._unpacked + member.size > MAX_UNPACKED:
            member.reason = "total-size"
            return None
        digest = hashlib.sha256()
        try:
            for piece in unpacked(self.stream, member):
                digest.update(piece)
        except MemberError as error:
            member.reason = str(error)
            return None
        finally:
            self._unpacked += member.size
        return digest.hexdigest()
