"""EWF images (.E01): the hashes stored in them, and those of the media they hold.

Pure reading of EWF-E01 as libewf documents it ("Expert Witness Compression Format",
J. Metz): sections volume, sectors, table, hash, digest. Every offset, count and size
is checked against the file; a chunk is inflated to its declared size and no further.
The stored hashes are MD5 and SHA-1 by format: they find accidents, not forgeries.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from evidence.peers.claims import Form, Note, Reading
from evidence.peers.judging import Judgement

SIGNATURE = b"EVF\x09\x0d\x0a\xff\x00"
_SECTION = struct.Struct("<16sQQ40sI")
_VOLUME = struct.Struct("<B3xIIIQ")
_TABLE = struct.Struct("<I4xQ4xI")
_MAX_SECTIONS = 200_000
_MAX_CHUNK = 16 << 20
_MAX_ENTRIES = 4_000_000
_COMPRESSED = 0x80000000


class EwfError(ValueError):
    """The image is damaged, or not of the form that is read."""


@dataclass(slots=True)
class Image:
    """What the sections of an image's segments say.

    Attributes:
        tables: (segment, offsets with the compression bit, base, end of data) each.
        md5, sha1: stored, hex; "" when not.
    """

    chunk_bytes: int = 0
    media_bytes: int = 0
    md5: str = ""
    sha1: str = ""
    tables: list[tuple[int, list[int], int, int]] = field(default_factory=list)
    ended: bool = False


def is_ewf(head: bytes) -> bool:
    """Tell whether bytes begin as an EWF-E01 segment."""
    return head.startswith(SIGNATURE)


def read_image(segments: list[IO[bytes]]) -> Image:
    """Read the sections of all segments, in their order.

    Raises:
        EwfError: damaged, or a segment is missing.
    """
    image = Image()
    for index, stream in enumerate(segments):
        head = _at(stream, 0, 13)
        if not is_ewf(head) or struct.unpack_from("<H", head, 9)[0] != index + 1:
            raise EwfError("a segment is not the next of the image")
        image.ended = False
        _sections(stream, index, image)
    if not image.ended:
        raise EwfError("the image does not end here: a segment is missing")
    if not 0 < image.chunk_bytes <= _MAX_CHUNK:
        raise EwfError("it does not say how its media is cut")
    return image


def _at(stream: IO[bytes], offset: int, length: int) -> bytes:
    stream.seek(offset)
    data = stream.read(length)
    if len(data) != length:
        raise EwfError("it ends too early")
    return data


def _sections(stream: IO[bytes], index: int, image: Image) -> None:
    offset, data_end = 13, 0
    for _ in range(_MAX_SECTIONS):
        raw = _at(stream, offset, _SECTION.size)
        kind, following, size, _, check = _SECTION.unpack(raw)
        if zlib.adler32(raw[:72]) != check:
            raise EwfError("the head of a section is damaged")
        name = kind.rstrip(b"\0").decode("ascii", "replace")
        start = offset + _SECTION.size
        if name in ("volume", "disk", "data") and image.chunk_bytes == 0:
            _volume(_at(stream, start, _VOLUME.size), image)
        elif name == "sectors":
            data_end = offset + size
        elif name == "table":
            end = data_end or offset + size
            image.tables.append((index, *_table(stream, start), end))
        elif name == "hash":
            image.md5 = image.md5 or _at(stream, start, 16).hex()
        elif name == "digest":
            data = _at(stream, start, 36)
            image.md5, image.sha1 = data[:16].hex(), data[16:].hex()
        elif name in ("done", "next"):
            image.ended = name == "done"
            return
        if following <= offset:
            raise EwfError("its sections do not follow one another")
        offset = following
    raise EwfError("it holds too many sections")


def _volume(data: bytes, image: Image) -> None:
    _, _, sectors, sector_bytes, count = _VOLUME.unpack(data)
    image.chunk_bytes = sectors * sector_bytes
    image.media_bytes = count * sector_bytes


def _table(stream: IO[bytes], start: int) -> tuple[list[int], int]:
    raw = _at(stream, start, _TABLE.size)
    count, base, check = _TABLE.unpack(raw)
    if zlib.adler32(raw[:20]) != check or count > _MAX_ENTRIES:
        raise EwfError("a table of it is damaged")
    data = _at(stream, start + _TABLE.size, 4 * count)
    return list(struct.unpack(f"<{count}I", data)), base


def media(segments: list[IO[bytes]], image: Image) -> Iterator[bytes]:
    """Yield the media, chunk by chunk.

    Raises:
        EwfError: a chunk is damaged, or chunks are missing.
    """
    left = image.media_bytes
    for index, entries, base, end in image.tables:
        for number, entry in enumerate(entries):
            begin = base + (entry & ~_COMPRESSED)
            stop = end
            if number + 1 < len(entries):
                stop = base + (entries[number + 1] & ~_COMPRESSED)
            wanted = min(image.chunk_bytes, left)
            if left <= 0:
                return
            if not 0 < stop - begin <= 2 * image.chunk_bytes + 1024:
                raise EwfError("a chunk has no possible length")
            raw = _at(segments[index], begin, stop - begin)
            yield _chunk(raw, wanted, packed=bool(entry & _COMPRESSED))
            left -= wanted
    if left:
        raise EwfError("it holds less media than it says")


def _chunk(raw: bytes, wanted: int, *, packed: bool) -> bytes:
    if packed:
        inflate = zlib.decompressobj()
        try:
            data = inflate.decompress(raw, wanted + 1)
        except zlib.error as error:
            raise EwfError("a chunk cannot be inflated") from error
    else:
        data = raw[:wanted]
        check = raw[wanted : wanted + 4]
        if len(check) == 4 and zlib.adler32(data) != int.from_bytes(check, "little"):
            raise EwfError("a chunk does not fit its checksum")
    if len(data) != wanted:
        raise EwfError("a chunk has another length than its media")
    return data


def judge_image(segments: list[IO[bytes]], path: str) -> Judgement:
    """Hash the media of an image and compare with what is stored in it."""
    reading = Reading(Form.EWF, inside=True)
    judgement = Judgement(reading)
    try:
        image = read_image(segments)
        stored = {"md5": image.md5, "sha1": image.sha1}
        stored = {name: value for name, value in stored.items() if value}
        if not stored:
            judgement.found("unchecked", path, "no hash is stored in the image")
            return judgement
        made = {name: hashlib.new(name, usedforsecurity=False) for name in stored}
        for chunk in media(segments, image):
            for one in made.values():
                one.update(chunk)
    except (EwfError, struct.error) as error:
        reading.damaged = True
        reading.faults.append(f"The image cannot be read: {error}.")
        return judgement
    wrong = [
        f"{name} {made[name].hexdigest()}, stored is {value}"
        for name, value in stored.items()
        if made[name].hexdigest() != value
    ]
    judgement.algorithms.update(stored)
    reading.notes.add(Note.WEAK)
    if wrong:
        judgement.found("mismatched", path, "; ".join(wrong))
    else:
        judgement.counts["matched"] += 1
    return judgement
