"""JPEG XL: the codestream's size header, and metadata boxes of the container.

Source: ISO/IEC 18181-1 annex D (SizeHeader), ISO/IEC 18181-2 clause 9 (boxes).
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.parsing.picture_boxes import Box, boxes
from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import CutShortError, DamagedError, Window

_MAX_PACKET = 1 << 20
_SIZE_BITS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


@dataclass(slots=True)
class _Bits:
    """Bits of an integer, least significant first."""

    value: int

    def take(self, count: int) -> int:
        taken = self.value & (1 << count) - 1
        self.value >>= count
        return taken


def read_jxl(window: Window, findings: Findings) -> None:
    """Read a bare codestream or a container."""
    if window.read(0, 2) == b"\xff\x0a":
        _size(window, findings)
        findings.limits.append(
            "A bare JPEG XL stream was not decoded: bytes after its end are not found."
        )
        return
    for box in boxes(window):
        _box(window, box, findings)
        if box.is_cut:
            raise CutShortError("a box ends beyond the file")
        findings.end = box.body.start - window.start + box.length


def _box(window: Window, box: Box, findings: Findings) -> None:
    body = box.body
    source = body.source(0, body.size)
    match box.type:
        case b"jxlc":
            _size(body, findings)
        case b"jxlp" if body.read(4, 2) == b"\xff\x0a":
            _size(body.part(4, body.size), findings)
        case b"Exif":
            record_exif(body.part(4 + body.number(0, 4), body.size), findings)
        case b"xml ":
            text, raw = decoded(body.read(0, _MAX_PACKET))
            findings.tag("xmp", "packet", value=text, source=source, raw=raw)
        case b"jumb":
            is_c2pa = b"c2pa" in body.read(0, 256)
            note = (
                "C2PA present, not validated" if is_c2pa else "JUMBF, not interpreted"
            )
            findings.part("jumb", note, source=source)
        case b"brob":
            name = body.read(0, 4).decode("ascii", "replace")
            findings.part("brob", f"compressed {name} box, not read", source=source)
            findings.limits.append("A Brotli-compressed metadata box was not read.")
        case b"JXL " | b"ftyp" | b"jxlp" | b"jxll" | b"jxli" | b"jbrd":
            pass
        case _:
            name = box.type.decode("latin-1")
            length = body.start - window.start - box.offset + body.size
            whole = window.source(box.offset, length)
            findings.part(name, "box, not interpreted", source=whole)


def _size(stream: Window, findings: Findings) -> None:
    if stream.read(0, 2) != b"\xff\x0a":
        raise DamagedError("the codestream does not begin as it must")
    bits = _Bits(int.from_bytes(stream.exactly(2, 9), "little"))
    is_small = bits.take(1)
    height = _length(bits, is_small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        width = height * across // down
    else:
        width = _length(bits, is_small)
    findings.picture["width"], findings.picture["height"] = width, height


def _length(bits: _Bits, is_small: int) -> int:
    if is_small:
        return (bits.take(5) + 1) * 8
    return bits.take(_SIZE_BITS[bits.take(2)]) + 1
