"""HEIC and AVIF: the primary item's size, and where its EXIF and XMP items lie.

Source: ISO/IEC 14496-12 clause 8.11 (meta, iloc, iinf, pitm, iprp); ISO/IEC 23008-12
clauses 6.5 (ispe, pixi, irot) and annex A (Exif item).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.parsing.picture_boxes import Box, Cursor, boxes
from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import CutShortError, DamagedError, Window

MAX_ITEMS = 20_000
MAX_PACKETS = 8
_MAX_PACKET = 1 << 20
_SEQUENCES = frozenset({b"msf1", b"hevc", b"hevx", b"avis"})
_STRUCTURE = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"moov", b"moof"})
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_TIFF_START = re.compile(rb"II\*\x00|MM\x00\*")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item lies: construction method 0 is the file, 1 the idat box."""

    method: int
    extents: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Items:
    primary: int | None = None
    types: dict[int, bytes] = field(default_factory=dict)
    media: dict[int, bytes] = field(default_factory=dict)
    places: dict[int, _Place] = field(default_factory=dict)
    properties: list[Box] = field(default_factory=list)
    linked: dict[int, list[int]] = field(default_factory=dict)
    idat: Window | None = None


def read_heif(window: Window, findings: Findings) -> None:
    """Walk the boxes; raises `DamagedError` where the walk cannot go on."""
    items = _Items()
    try:
        _top_level(window, items, findings)
    finally:
        # A file cut in its picture data still has its metadata, which comes first.
        _measure(items, findings)
        _metadata(window, items, findings)


def _top_level(window: Window, items: _Items, findings: Findings) -> None:
    end = 0
    try:
        for box in boxes(window):
            if box.type == b"ftyp" and box.body.read(0, 4) in _SEQUENCES:
                findings.picture["animated"] = True
            elif box.type == b"meta":
                _meta(box.body, items)
            elif box.type not in _STRUCTURE:
                _note(window, box, findings)
            if box.is_cut:
                raise CutShortError("a box ends beyond the file")
            end = box.body.start - window.start + box.length
    except CutShortError:
        raise
    except DamagedError:
        if not items.types:
            raise
        # Bytes after the last box that are no box: trailing data, as after any image.
    findings.end = end


def _note(window: Window, box: Box, findings: Findings) -> None:
    is_c2pa = box.type == b"uuid" and box.body.read(0, 16) == _C2PA
    note = "C2PA present, not validated" if is_c2pa else "box, not interpreted"
    length = box.body.start - window.start - box.offset + box.body.size
    name = box.type.decode("latin-1")
    findings.part(name, note, source=window.source(box.offset, length))


def _meta(body: Window, items: _Items) -> None:
    for box in boxes(body, 4):
        cursor = Cursor(box.body)
        match box.type:
            case b"pitm":
                wide = cursor.take(4) >> 24
                items.primary = cursor.take(4 if wide else 2)
            case b"iinf":
                _item_types(box.body, items)
            case b"iloc":
                _item_places(cursor, items)
            case b"iprp":
                _item_properties(box.body, items)
            case b"idat":
                items.idat = box.body


def _item_types(body: Window, items: _Items) -> None:
    wide = body.number(0, 1) > 0
    for box in boxes(body, 8 if wide else 6):
        cursor = Cursor(box.body)
        version = cursor.take(4) >> 24
        if box.type != b"infe" or version < 2 or len(items.types) >= MAX_ITEMS:
            continue
        item = cursor.take(2 if version == 2 else 4)
        cursor.take(2)
        items.types[item] = cursor.raw(4)
        if items.types[item] == b"mime":
            cursor.text()
            items.media[item] = cursor.text()


def _item_places(cursor: Cursor, items: _Items) -> None:
    version = cursor.take(4) >> 24
    sizes = cursor.take(2)
    of_offset, of_length, of_base, of_index = (sizes >> at & 15 for at in (12, 8, 4, 0))
    wide = version >= 2
    for _ in range(min(cursor.take(4 if wide else 2), MAX_ITEMS)):
        item = cursor.take(4 if wide else 2)
        method = cursor.take(2) & 15 if version else 0
        cursor.take(2)
        base = cursor.take(of_base)
        count = cursor.take(2)
        if not of_offset and not of_length:
            count = min(count, 1)  # extents without fields would loop for free
        extents = []
        for _ in range(count):
            cursor.take(of_index if version else 0)
            extents.append((base + cursor.take(of_offset), cursor.take(of_length)))
        items.places[item] = _Place(method, tuple(extents))


def _item_properties(body: Window, items: _Items) -> None:
    for box in boxes(body):
        if box.type == b"ipco":
            items.properties = list(boxes(box.body))
        elif box.type == b"ipma":
            _associations(Cursor(box.body), items)


def _associations(cursor: Cursor, items: _Items) -> None:
    head = cursor.take(4)
    wide_item, wide_index = head >> 24 > 0, head & 1
    for _ in range(min(cursor.take(4), MAX_ITEMS)):
        item = cursor.take(4 if wide_item else 2)
        count = cursor.take(1)
        size, mask = (2, 0x7FFF) if wide_index else (1, 0x7F)
        items.linked[item] = [cursor.take(size) & mask for _ in range(count)]


def _measure(items: _Items, findings: Findings) -> None:
    """Take size, depth and rotation from the properties of the primary item."""
    linked: list[int] = []
    if items.primary is not None:
        linked = items.linked.get(items.primary, [])
    for index in linked:
        if not 1 <= index <= len(items.properties):
            continue
        box = items.properties[index - 1]
        try:
            _property(box, findings)
        except CutShortError:
            name = box.type.decode("latin-1")
            source = box.body.source(0, box.body.size)
            findings.error("heif", f"property {name} is too short", source=source)


def _property(box: Box, findings: Findings) -> None:
    match box.type:
        case b"ispe":
            findings.picture.setdefault("width", box.body.number(4, 4))
            findings.picture.setdefault("height", box.body.number(8, 4))
        case b"pixi":
            findings.picture.setdefault("bit_depth", box.body.number(5, 1))
            grey = box.body.number(4, 1) == 1
            findings.picture.setdefault("colour", "grey" if grey else "rgb")
        case b"irot":
            # Anticlockwise; the stored size is the one before turning.
            findings.picture["rotation"] = (box.body.number(0, 1) & 3) * 90
        case b"colr" if box.body.read(0, 4) in (b"prof", b"rICC"):
            value = f"profile, {box.body.size - 4} bytes"
            source = box.body.source(4, box.body.size - 4)
            findings.tag("icc", "colr", value=value, source=source)


def _metadata(window: Window, items: _Items, findings: Findings) -> None:
    exif = [item for item, kind in items.types.items() if kind == b"Exif"]
    for item in exif:
        body = _contents(window, items, item)
        if body is None or body.size < 8:
            findings.error("exif", "the item is missing, cut or in several pieces")
        else:
            _exif_item(body, findings)
    for item, media in _packets(items.media):
        body = _contents(window, items, item)
        if body is None:
            findings.error("xmp", f"the {media} item is missing or in several pieces")
            continue
        text, raw = decoded(body.read(0, _MAX_PACKET))
        source = body.source(0, body.size)
        findings.tag("xmp", "packet", value=text, source=source, raw=raw)


def _packets(media: Mapping[int, bytes]) -> list[tuple[int, str]]:
    wanted = b"application/rdf+xml"
    found = [(item, "XMP") for item, kind in media.items() if kind == wanted]
    return found[:MAX_PACKETS]


def _contents(window: Window, items: _Items, item: int) -> Window | None:
    """Return the bytes of an item that lies in one piece; None otherwise."""
    place = items.places.get(item)
    base = {0: window, 1: items.idat}.get(place.method) if place else None
    if place is None or base is None or len(place.extents) != 1:
        return None
    offset, length = place.extents[0]
    length = length or base.size - offset  # zero: to the end
    body = base.part(offset, length)
    return body if 0 < body.size == length else None


def _exif_item(body: Window, findings: Findings) -> None:
    """Four bytes say how far behind them the TIFF header is; not all writers obey."""
    start = 4 + body.number(0, 4)
    if body.read(start, 2) not in (b"II", b"MM"):
        found = _TIFF_START.search(body.read(0, 64))
        start = found.start() if found is not None else start
    record_exif(body.part(start, body.size), findings)
