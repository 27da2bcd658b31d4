"""WebP: the RIFF chunks.

Source: RFC 9649 (WebP), sections 2 and 3; RFC 6386 section 9.1 for the key frame.
"""

from __future__ import annotations

from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import CutShortError, DamagedError, Window

MAX_CHUNKS = 65_536
_MAX_PACKET = 1 << 20
_DRAWING = frozenset({b"ALPH", b"ANIM", b"ANMF"})


def read_webp(window: Window, findings: Findings) -> None:
    """Walk the chunks; raises `DamagedError` where the walk cannot go on."""
    stated = window.number(4, 4, "little") + 8
    findings.end = min(stated, window.size)
    offset = 12
    for _ in range(MAX_CHUNKS):
        if offset >= stated:
            return
        kind = window.exactly(offset, 4)
        length = window.number(offset + 4, 4, "little")
        body = window.part(offset + 8, min(length, stated - offset - 8))
        _chunk(kind, body, findings)
        if body.size < length:
            raise CutShortError("a chunk ends beyond the file")
        offset += 8 + length + (length & 1)
    raise DamagedError(f"more than {MAX_CHUNKS} chunks")


def _chunk(kind: bytes, body: Window, findings: Findings) -> None:
    source = body.source(0, body.size)
    match kind:
        case b"VP8X":
            flags = body.number(0, 1)
            findings.picture["animated"] = bool(flags & 0x02)
            findings.picture["colour"] = "rgb+alpha" if flags & 0x10 else "rgb"
            findings.picture["width"] = body.number(4, 3, "little") + 1
            findings.picture["height"] = body.number(7, 3, "little") + 1
        case b"VP8 ":
            _lossy(body, findings)
        case b"VP8L":
            _lossless(body, findings)
        case b"EXIF":
            record_exif(body, findings)
        case b"XMP ":
            text, raw = decoded(body.read(0, _MAX_PACKET))
            findings.tag("xmp", "packet", value=text, source=source, raw=raw)
        case b"ICCP":
            value = f"profile, {body.size} bytes"
            findings.tag("icc", "ICCP", value=value, source=source)
        case b"C2PA":
            findings.part("C2PA", "C2PA present, not validated", source=source)
        case _ if kind not in _DRAWING:
            name = kind.decode("ascii", "replace")
            findings.part(name, "unknown chunk, not interpreted", source=source)


def _lossy(body: Window, findings: Findings) -> None:
    head = body.exactly(0, 10)
    if head[3:6] != b"\x9d\x01\x2a":
        raise DamagedError("the VP8 key frame does not begin as it must")
    # The canvas of VP8X, which comes first, counts; the upper two bits only scale.
    findings.picture.setdefault("width", int.from_bytes(head[6:8], "little") & 0x3FFF)
    findings.picture.setdefault("height", int.from_bytes(head[8:10], "little") & 0x3FFF)
    findings.picture.setdefault("colour", "ycbcr")
    findings.picture.setdefault("bit_depth", 8)


def _lossless(body: Window, findings: Findings) -> None:
    if body.number(0, 1) != 0x2F:
        raise DamagedError("the VP8L stream does not begin as it must")
    bits = body.number(1, 4, "little")
    findings.picture.setdefault("width", (bits & 0x3FFF) + 1)
    findings.picture.setdefault("height", (bits >> 14 & 0x3FFF) + 1)
    findings.picture.setdefault("colour", "rgb+alpha" if bits >> 28 & 1 else "rgb")
    findings.picture.setdefault("bit_depth", 8)
