"""Members of an archive whose end is missing: an export cut short on its way.

Without the directory, members are found one after the other from the start. WhatsApp
writes sizes only behind the data (a data descriptor); for those the packed data itself
tells where it ends.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from evidence.parsing.chat_zip import (
    DEFLATED,
    MAX_MEMBERS,
    MAX_RATIO,
    Directory,
    Member,
    judge,
    name_text,
)

_LOCAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x07\x08"
_HAS_DESCRIPTOR = 0x8
_PIECE = 1 << 18


def recover(stream: BinaryIO, size: int) -> Directory:
    """Return the members that stand in an archive without a directory.

    The last one may be cut short; it is then refused as such, but its beginning can be
    read. An archive that is no archive gives no members.
    """
    directory = Directory(recovered=True)
    at = 0
    while len(directory.members) < MAX_MEMBERS:
        found = _member(stream, at, size)
        if found is None:
            break
        member, at = found
        directory.members.append(member)
        if at > size:
            break
    judge(stream, directory, limit=size)
    return directory


def _member(stream: BinaryIO, at: int, size: int) -> tuple[Member, int] | None:
    """Return the member at `at` and where the next one begins."""
    stream.seek(at)
    header = stream.read(30)
    if len(header) < 30 or header[:4] != _LOCAL:
        return None
    flags, method = struct.unpack_from("<HH", header, 6)
    crc, packed, unpacked, name_length, extra_length = struct.unpack_from(
        "<IIIHH", header, 14
    )
    raw = stream.read(name_length)
    data = at + 30 + name_length + extra_length
    if len(raw) < name_length or data > size:
        return None
    member = Member(
        raw, name_text(raw, flags), flags, method, crc, unpacked, packed, at, 0
    )
    if not flags & _HAS_DESCRIPTOR:
        return member, data + packed
    if method != DEFLATED:
        return None  # nothing tells where it ends
    return member, _measure(stream, member, data)


def _measure(stream: BinaryIO, member: Member, data: int) -> int:
    """Set sizes and checksum from the data; return where the next member begins."""
    inflate = zlib.decompressobj(-15)
    stream.seek(data)
    member.crc = member.size = member.packed = 0
    while not inflate.eof:
        piece = stream.read(_PIECE)
        if not piece:
            member.size, member.packed = member.size + 1, member.packed + 1
            return data + member.packed
        member.packed += len(piece)
        try:
            while piece and not inflate.eof:
                part = inflate.decompress(piece, _PIECE)
                piece = inflate.unconsumed_tail
                member.crc = zlib.crc32(part, member.crc)
                member.size += len(part)
        except zlib.error:
            return data + member.packed
        if member.size > MAX_RATIO * member.packed:
            return data + member.packed
    member.packed -= len(inflate.unused_data)
    end = data + member.packed
    stream.seek(end)
    descriptor = stream.read(16)
    return end + (16 if descriptor[:4] == _DESCRIPTOR else 12)
