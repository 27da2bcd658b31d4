"""From one EXIF block to records: tags with their source bytes, thumbnail, orientation.

Text that exifread would garble (UTF-16, undecodable bytes, long values it leaves out)
is read again here from the value's own bytes.
"""

from __future__ import annotations

from evidence.parsing.base import Fields
from evidence.parsing.picture_exif import READER, ExifTag, read_exif
from evidence.parsing.picture_findings import Findings, Reader, decoded
from evidence.parsing.picture_formats import resembles
from evidence.parsing.picture_position import record_position
from evidence.parsing.picture_window import Window

MAX_BLOCKS = 4  # EXIF blocks of one picture
_EXIF_HEADER = b"Exif\x00\x00"
_MAX_VALUE = 1 << 16
_XP_TAGS = frozenset(range(0x9C9B, 0x9CA0))  # Windows' title ... subject, UTF-16LE
_USER_COMMENT = 0x9286
_XMP_TAG = 0x02BC
_NAMESPACES = {"GPS": "gps", "Thumbnail": "thumbnail", "MakerNote": "maker-note"}


def record_exif(window: Window, findings: Findings) -> None:
    """Add all records of the TIFF block in `window`, with or without ``Exif\\0\\0``."""
    if window.read(0, 6) == _EXIF_HEADER:
        window = window.part(6, window.size)
    if window.read(0, 2) not in (b"II", b"MM"):
        source = window.source(0, window.size)
        findings.error("exif", "the block does not begin as TIFF", source=source)
        return
    findings.blocks += 1
    if findings.blocks > MAX_BLOCKS:
        source = window.source(0, window.size)
        findings.error("exif", f"more than {MAX_BLOCKS} blocks", source=source)
        return
    reading = read_exif(window)
    named = {tag.name: tag for tag in reading.tags if not tag.shadowed}
    note = named.get("EXIF MakerNote")
    for tag in reading.tags:
        _record_tag(tag, window, findings, note=note)
    for failure in reading.failures:
        whole = window.source(0, window.size, exact=False)
        findings.error("exif", failure.reason, source=whole, part=failure.part[:64])
    _record_thumbnail(named, window, findings)
    record_position(named, window, findings)
    _note_orientation(named, findings)


def _place(tag: ExifTag, window: Window, note: ExifTag | None) -> Fields:
    """The value's bytes; else the maker note it was split from; else the block."""
    if _inside(tag, window) and tag.offset is not None:
        return window.source(tag.offset, tag.length)
    is_split = tag.length == 0 and tag.name.startswith("MakerNote ")
    if is_split and note and note.offset is not None and _inside(note, window):
        return window.source(note.offset, note.length, exact=False)
    return window.source(0, window.size, exact=False)


def _inside(tag: ExifTag, window: Window) -> bool:
    return tag.offset is not None and 0 <= tag.offset <= window.size - tag.length


def _record_tag(
    tag: ExifTag, window: Window, findings: Findings, *, note: ExifTag | None
) -> None:
    space, _, _ = tag.name.partition(" ")
    text, raw, reader, cut = _readable(tag, window)
    is_packet = tag.number == _XMP_TAG and space == "Image"
    findings.tag(
        "xmp" if is_packet else _NAMESPACES.get(space, "exif"),
        tag.name,
        value=text,
        source=_place(tag, window, note),
        raw=raw,
        cut=cut,
        shadowed=tag.shadowed,
        by=reader,
    )


def _readable(tag: ExifTag, window: Window) -> tuple[str, bytes | None, Reader, bool]:
    """Return text, undecodable bytes, who read it and whether it is cut."""
    own = Reader()
    if _inside(tag, window) and tag.offset is not None and tag.length:
        stored = window.read(tag.offset, min(tag.length, _MAX_VALUE))
        cut = tag.length > _MAX_VALUE
        if tag.name.startswith("Image ") and tag.number in _XP_TAGS:
            text, raw = decoded(stored, "utf-16-le")
            return text.rstrip("\x00"), raw, own, cut
        if tag.name == "EXIF UserComment" and tag.number == _USER_COMMENT:
            text, raw = _user_comment(stored, big=window.read(0, 1) == b"M")
            return text, raw, own, cut
        if tag.number == _XMP_TAG and tag.name.startswith("Image "):
            text, raw = decoded(stored)
            return text, raw, own, cut
        if tag.values == []:
            # exifread leaves out most values of 1,000 elements and more
            return "", stored, own, True
        if isinstance(tag.values, str) and any(stored.partition(b"\x00")[2]):
            # exifread drops what follows a zero: an editor's copyright, hidden text
            return tag.text, stored, READER, cut
    if isinstance(tag.values, bytes):
        return *decoded(tag.values), READER, False
    return tag.text, None, READER, tag.text.endswith(", ... ]")


def _user_comment(stored: bytes, *, big: bool) -> tuple[str, bytes | None]:
    """Exif 2.32 clause 4.6.5, UserComment: eight bytes name the character code."""
    code, body = stored[:8], stored[8:]
    if code == b"UNICODE\x00":
        marked = body[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding = "utf-16" if marked else ("utf-16-be" if big else "utf-16-le")
    elif code.startswith(b"JIS"):
        encoding = "iso2022_jp"
    else:
        encoding = "utf-8"
        body = body if code in (b"ASCII\x00\x00\x00", bytes(8)) else stored
    text, raw = decoded(body, encoding)
    return text.rstrip("\x00 "), raw


def _number(tag: ExifTag | None) -> int | None:
    """The tag's only value when that is a whole number."""
    values = tag.values if tag is not None else None
    if isinstance(values, list) and len(values) == 1 and isinstance(values[0], int):
        return values[0]
    return None


def _record_thumbnail(
    named: dict[str, ExifTag], window: Window, findings: Findings
) -> None:
    """Add the JPEG preview of the second directory, with its SHA-256."""
    offset = _number(named.get("Thumbnail JPEGInterchangeFormat"))
    length = _number(named.get("Thumbnail JPEGInterchangeFormatLength"))
    if offset is None or length is None or length == 0:
        return
    if offset + length > window.size:
        source = window.source(0, window.size, exact=False)
        findings.error("thumbnail", "it lies outside its block", source=source)
        return
    findings.add(
        {
            "kind": "thumbnail",
            "format": resembles(window.part(offset, length)),
            "sha256": window.sha256(offset, length),
            "source": window.source(offset, length),
            "parser": READER.parser,
            "parser_version": READER.version,
        }
    )


def _note_orientation(named: dict[str, ExifTag], findings: Findings) -> None:
    """Keep the first orientation given: 1 to 8 as Exif 2.32 clause 4.6.4.A defines."""
    value = _number(named.get("Image Orientation"))
    if value is not None and 1 <= value <= 8:
        findings.picture.setdefault("orientation", value)
