"""JPEG: every marker segment up to the end of the image, and what lies between them.

Source: ITU-T T.81 annex B; JFIF 1.02 (ITU-T T.871); CIPA DC-008 clause 4.7; Adobe XMP
specification part 3 clause 1.1.3; ISO 19566-5 (JUMBF) annex D for APP11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from evidence.parsing.base import Fields
from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_profile import record_photoshop
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import (
    PIECE,
    CutShortError,
    DamagedError,
    Window,
)

MAX_SEGMENTS = 65_536
# FF and a byte that is not stuffing (00), TEM (01), a restart (D0-D7) or fill (FF).
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COLOURS = {1: "grey", 3: "ycbcr", 4: "cmyk"}
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\x00"
_ICC = b"ICC_PROFILE\x00"
_KNOWN = frozenset({0xC4, 0xCC, 0xDB, 0xDD, 0xDE, 0xDF})  # tables for the decoder


@dataclass(slots=True)
class _Joined:
    """Segments that together carry one thing."""

    first: Fields
    count: int = 0
    size: int = 0
    note: str = ""


@dataclass(slots=True)
class _Walk:
    window: Window
    findings: Findings
    joined: dict[str, _Joined] = field(default_factory=dict)

    def join(self, kind: str, segment: Window, note: str) -> None:
        source = segment.source(0, segment.size)
        group = self.joined.setdefault(kind, _Joined(source, note=note))
        group.count += 1
        group.size += segment.size


def read_jpeg(window: Window, findings: Findings) -> None:
    """Walk the segments; raises `DamagedError` where the walk cannot go on."""
    walk = _Walk(window, findings)
    try:
        _segments(walk)
    finally:
        for kind, group in walk.joined.items():
            more: Fields = {"segments": group.count, "bytes": group.size}
            findings.part(kind, group.note, source=group.first, **more)


def _segments(walk: _Walk) -> None:
    offset = 2
    for _ in range(MAX_SEGMENTS):
        offset, marker = _next_marker(walk, offset)
        if marker == 0xD9:
            walk.findings.end = offset
            return
        if marker == 0xD8:
            continue
        length = walk.window.number(offset, 2)
        if length < 2:
            raise DamagedError(f"segment {marker:02X} has no room for its length")
        body = walk.window.part(offset + 2, length - 2)
        _segment(walk, marker, body)
        if body.size < length - 2:
            raise CutShortError(f"segment {marker:02X} ends beyond the file")
        offset += length
        if marker == 0xDA:
            offset = _scan_end(walk.window, offset)
    raise DamagedError(f"more than {MAX_SEGMENTS} segments")


def _next_marker(walk: _Walk, offset: int) -> tuple[int, int]:
    """Return the offset after the next marker, and the marker; records strays."""
    found = _scan_end(walk.window, offset)
    stray = found - offset
    if stray and walk.window.read(offset, min(stray, 64)).strip(b"\xff"):
        source = walk.window.source(offset, stray)
        walk.findings.part("stray", "bytes between segments", source=source)
    return found + 2, walk.window.number(found + 1, 1)


def _scan_end(window: Window, offset: int) -> int:
    """Return the offset of the next marker that is not a restart."""
    start = offset
    step = 64  # the next marker is mostly near; only a scan is long
    while start < window.size:
        piece = window.read(start, step)
        step = min(4 * step, PIECE)
        found = _MARKER.search(piece)
        if found is not None:
            return start + found.start()
        start += max(len(piece) - 1, 1)  # the last byte may be half of a marker
    raise CutShortError("the file ends without an end-of-image marker")


def _segment(walk: _Walk, marker: int, body: Window) -> None:
    findings = walk.findings
    source = body.source(0, body.size)
    if marker in _SOF:
        _frame(body, findings, is_lossless=marker in (0xC3, 0xC7, 0xCB, 0xCF))
    elif marker == 0xDC and not findings.picture.get("height"):
        findings.picture["height"] = body.number(0, 2)  # T.81 B.2.5: lines defined late
    elif marker == 0xFE:
        text, raw = decoded(body.read(0, body.size))
        findings.tag("comment", "COM", value=text, source=source, raw=raw)
    elif 0xE0 <= marker <= 0xEF:
        _application(walk, marker - 0xE0, body)
    elif marker not in _KNOWN and marker != 0xDA:
        name = f"marker {marker:02X}"
        findings.part(name, "unknown segment, not interpreted", source=source)


def _frame(body: Window, findings: Findings, *, is_lossless: bool) -> None:
    head = body.exactly(0, 6)
    findings.picture["bit_depth"] = head[0]
    findings.picture["height"] = int.from_bytes(head[1:3], "big")
    findings.picture["width"] = int.from_bytes(head[3:5], "big")
    findings.picture["colour"] = _COLOURS.get(head[5], "unknown")
    if is_lossless:
        findings.picture["lossless"] = True


def _application(walk: _Walk, number: int, body: Window) -> None:
    """Recognise an APPn segment by its identifier."""
    findings = walk.findings
    head = body.read(0, 64)
    match number:
        case 0 if head.startswith(b"JFIF\x00"):
            _jfif(body, head, findings)
        case 1 if head.startswith(b"Exif\x00"):
            record_exif(body.part(6, body.size), findings)
        case 1 if head.startswith(_XMP):
            _packet(body.part(len(_XMP), body.size), findings)
        case 1 if head.startswith(_XMP_MORE):
            walk.join("xmp-extension", body, "more XMP, not joined")
        case 2 if head.startswith(_ICC):
            walk.join("icc", body, "colour profile, not interpreted")
            value = f"profile part {head[12]} of {head[13]}" if len(head) > 13 else ""
            source = body.source(0, body.size)
            findings.tag("icc", "ICC_PROFILE", value=value, source=source)
        case 2 if head.startswith(b"MPF\x00"):
            walk.join("mpf", body, "index of further pictures in this file")
        case 11 if head.startswith(b"JP"):
            is_c2pa = b"c2pa" in body.read(0, 256)
            note = (
                "C2PA present, not validated" if is_c2pa else "JUMBF, not interpreted"
            )
            number = int.from_bytes(head[2:4], "big")  # box instance joins segments
            walk.join(f"jumbf {number}", body, note)
        case 13 if head.startswith(b"Photoshop 3.0\x00"):
            record_photoshop(body.part(14, body.size), findings)
        case _:
            label = re.match(rb"[ -~]{0,32}", head)
            name = label.group().decode("ascii") if label else ""
            note = "application data, not interpreted"
            walk.join(f"APP{number} {name}".rstrip(), body, note)


def _jfif(body: Window, head: bytes, findings: Findings) -> None:
    source = body.source(0, body.size)
    if len(head) < 14:
        findings.error("jfif", "the segment is too short", source=source)
        return
    across, down = (int.from_bytes(head[at : at + 2], "big") for at in (8, 10))
    unit = {0: "aspect ratio only", 1: "per inch", 2: "per cm"}.get(head[7], "unknown")
    values = {
        "Version": (f"{head[5]}.{head[6]:02d}", 5, 2),
        "Density": (f"{across} x {down}, {unit}", 7, 5),
        "Thumbnail": (f"{head[12]} x {head[13]}", 12, 2),
    }
    for name, (value, at, length) in values.items():
        findings.tag("jfif", name, value=value, source=body.source(at, length))


def _packet(body: Window, findings: Findings) -> None:
    text, raw = decoded(body.read(0, body.size))
    source = body.source(0, body.size)
    findings.tag("xmp", "packet", value=text, source=source, raw=raw)
