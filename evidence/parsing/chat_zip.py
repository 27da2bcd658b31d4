"""The directory of a ZIP archive, read without trusting it.

A ZIP says everything twice: in the central directory at the end and in a local header
before each member. Attacks live in the difference. This module reads both (PKWARE
APPNOTE 6.3.10, sections 4.3 to 4.5) and says of each member why it must not be
believed; `chat_archive` then reads those that may be.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from evidence.parsing.chat_tally import folded

# WhatsApp attaches 10,000 messages' media at most, Telegram some per message.
MAX_MEMBERS = 100_000
MAX_DIRECTORY = 64 << 20  # 100,000 members with names of 600 bytes
# Deflate cannot pack better than 1032:1; media never comes near.
MAX_RATIO = 1000
STORED, DEFLATED = 0, 8

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_END_SEARCH = 22 + 0xFFFF  # fixed part and longest comment
_ENCRYPTED, _PATCHED, _STRONG, _UTF8, _MASKED = 0x1, 0x20, 0x40, 0x800, 0x2000
_UNIX, _MACOS = 3, 19
_FILE_TYPES = {0o120000: "symbolic-link"}
_REGULAR = (0, 0o100000, 0o040000)


class NotZipError(Exception):
    """The archive has no directory that can be read; the message says why."""


@dataclass(slots=True)
class Member:
    """One member as the central directory describes it.

    Attributes:
        raw: name, bytes as stored.
        name: name, text; CP437 where it is neither marked nor valid as UTF-8.
        offset: of the local header, bytes from the archive's start.
        size: bytes unpacked, as declared.
        packed: bytes in the archive, as declared.
        data: where the packed bytes begin; 0 until the local header was read.
        reason: why it is refused; None while nothing speaks against it.
        note: what is odd about it though it is read.
    """

    raw: bytes
    name: str
    flags: int
    method: int
    crc: int
    size: int
    packed: int
    offset: int
    mode: int
    data: int = 0
    reason: str | None = None
    note: str | None = None

    @property
    def folder(self) -> bool:
        """True for an entry that only names a folder."""
        return self.raw.endswith(b"/") and not self.size


@dataclass(slots=True)
class Directory:
    """All members of an archive.

    Attributes:
        members: in the directory's order, refusals marked.
        beyond: members above `MAX_MEMBERS`, not read.
        recovered: the directory is missing; members were found one after the other.
    """

    members: list[Member] = field(default_factory=list)
    beyond: int = 0
    recovered: bool = False


def is_zip(start: bytes) -> bool:
    """True when a file beginning with `start` opens with a ZIP member or is empty."""
    return start.startswith((_LOCAL, _END))


def read_directory(stream: BinaryIO, size: int) -> Directory:
    """Return the members of the archive.

    Args:
        stream: the archive, seekable, from its first byte.
        size: bytes of the archive.

    Raises:
        NotZipError: there is no central directory, or not where it should be.
    """
    count, length, offset = _end(stream, size)
    if length > MAX_DIRECTORY or offset + length > size:
        raise NotZipError("the archive's directory is not where its end says")
    stream.seek(offset)
    raw = stream.read(length)
    directory = Directory()
    for member in _central(raw):
        if len(directory.members) == MAX_MEMBERS:
            directory.beyond += 1
        else:
            directory.members.append(member)
    found = len(directory.members) + directory.beyond
    if found != count and found % 0x10000 != count:  # old writers count modulo 65,536
        raise NotZipError("the archive's directory does not hold what its end says")
    judge(stream, directory, limit=offset)
    return directory


def judge(stream: BinaryIO, directory: Directory, *, limit: int) -> None:
    """Mark the members that must not be believed.

    Args:
        stream: the archive.
        directory: its members, not yet judged.
        limit: no member reaches beyond this offset.
    """
    _judge_names(directory.members)
    for member in directory.members:
        _judge_headers(stream, member, limit=limit)
    _judge_ranges(directory.members)


def _end(stream: BinaryIO, size: int) -> tuple[int, int, int]:
    """Return number of members, bytes and offset of the central directory."""
    tail_at = max(size - _END_SEARCH, 0)
    stream.seek(tail_at)
    tail = stream.read(_END_SEARCH)
    at = tail.rfind(_END)
    while at >= 0 and len(tail) - at < 22:
        at = tail.rfind(_END, 0, at)
    if at < 0:
        raise NotZipError("the archive's end is missing")
    count, length, offset = struct.unpack_from("<HII", tail, at + 10)
    if count == 0xFFFF or 0xFFFFFFFF in (length, offset):
        return _end64(stream, tail[:at], size) or (count, length, offset)
    return count, length, offset


def _end64(stream: BinaryIO, before: bytes, size: int) -> tuple[int, int, int] | None:
    if before[-20:-16] != _LOCATOR64:
        return None
    (at,) = struct.unpack_from("<Q", before, len(before) - 12)
    if at > size - 56:
        raise NotZipError("the archive's 64-bit end is not where it should be")
    stream.seek(at)
    record = stream.read(56)
    if record[:4] != _END64:
        raise NotZipError("the archive's 64-bit end is not where it should be")
    count, length, offset = struct.unpack_from("<QQQ", record, 32)
    return count, length, offset


def _central(raw: bytes) -> Iterator[Member]:
    at = 0
    while at + 46 <= len(raw) and raw[at : at + 4] == _CENTRAL:
        made, flags, method, crc, packed, size, name_length, extra_length = (
            struct.unpack_from("<H2xHH4xIIIHH", raw, at + 4)
        )
        comment_length, attributes, offset = struct.unpack_from("<H4xII", raw, at + 32)
        name = raw[at + 46 : at + 46 + name_length]
        extra_at = at + 46 + name_length
        extra = raw[extra_at : extra_at + extra_length]
        at = extra_at + extra_length + comment_length
        if at > len(raw):
            return
        size, packed, offset = _wide(extra, size, packed, offset)
        mode = attributes >> 16 if made >> 8 in (_UNIX, _MACOS) else 0
        yield Member(
            name,
            name_text(name, flags),
            flags,
            method,
            crc,
            size,
            packed,
            offset,
            mode,
        )


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Return the three numbers, from the ZIP64 field where they overflow."""
    values = [size, packed, offset]
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            body, used = extra[at + 4 : at + 4 + length], 0
            for index, value in enumerate(values):
                if value == 0xFFFFFFFF and used + 8 <= len(body):
                    (values[index],) = struct.unpack_from("<Q", body, used)
                    used += 8
        at += 4 + length
    return values[0], values[1], values[2]


def name_text(raw: bytes, flags: int) -> str:
    """Return a stored name as text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace") if flags & _UTF8 else raw.decode("cp437")


def _judge_names(members: list[Member]) -> None:
    exact = Counter(member.raw for member in members)
    alike = Counter(folded(member.name) for member in members)
    for member in members:
        if exact[member.raw] > 1:
            # Tools differ in which one they unpack, so none of them is believed.
            member.reason = "duplicate-name"
        else:
            member.reason = _name_reason(member)
            if alike[folded(member.name)] > 1:
                member.note = "same-name-when-folded"


def _name_reason(member: Member) -> str | None:
    name = member.name
    if not name or "\0" in name:
        return "unusable-name"
    if "\\" in name:
        return "backslash-name"
    if name.startswith("/"):
        return "absolute-name"
    if name[1:2] == ":" and name[0].isascii() and name[0].isalpha():
        return "drive-name"
    if ".." in name.split("/"):
        return "parent-folder-name"
    kind = member.mode & 0o170000
    if kind not in _REGULAR:
        return _FILE_TYPES.get(kind, "special-file")
    return None


def _judge_headers(stream: BinaryIO, member: Member, *, limit: int) -> None:
    """Compare the local header; set where the data begins."""
    header = b""
    if member.offset + 30 <= limit:
        stream.seek(member.offset)
        header = stream.read(30)
    if header[:4] != _LOCAL:
        member.reason = member.reason or "no-local-header"
        return
    flags, method = struct.unpack_from("<HH", header, 6)
    name_length, extra_length = struct.unpack_from("<HH", header, 26)
    member.data = member.offset + 30 + name_length + extra_length
    if member.reason is not None:
        return
    if stream.read(name_length) != member.raw:
        member.reason = "name-mismatch"
    elif method != member.method:
        member.reason = "method-mismatch"
    elif (flags | member.flags) & (_ENCRYPTED | _STRONG | _MASKED):
        member.reason = "encrypted"
    elif method not in (STORED, DEFLATED) or member.flags & _PATCHED:
        member.reason = "unsupported-compression"
    elif member.data + member.packed > limit:
        member.reason = "cut-short"
    elif method == STORED and member.size != member.packed:
        member.reason = "size-mismatch"
    elif member.size > MAX_RATIO * max(member.packed, 1):
        member.reason = "compression-ratio"


def _judge_ranges(members: list[Member]) -> None:
    """Refuse members that share bytes of the archive."""
    placed = sorted((m for m in members if m.data), key=lambda member: member.offset)
    widest: Member | None = None
    end = 0
    for member in placed:
        if widest is not None and member.offset < end:
            widest.reason = widest.reason or "overlap"
            member.reason = member.reason or "overlap"
        if member.data + member.packed > end:
            widest, end = member, member.data + member.packed
