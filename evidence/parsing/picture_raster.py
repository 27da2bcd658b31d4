"""BMP and TIFF: size and colour from their headers; TIFF is one EXIF block as a whole.

Sources: Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER; TIFF 6.0
section 2 and 8.
"""

from __future__ import annotations

from typing import Literal

from evidence.parsing.picture_findings import Findings
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import CutShortError, Window

_TIFF_TAGS = {256: "width", 257: "height", 258: "bit_depth"}
_TIFF_COLOURS = {0: "grey", 1: "grey", 2: "rgb", 3: "palette", 5: "cmyk", 6: "ycbcr"}
_TIFF_SIZES = {1: 1, 3: 2, 4: 4}
_MAX_ENTRIES = 4096


def read_bmp(window: Window, findings: Findings) -> None:
    """Read the headers; the end of the image is the size the file header states."""
    stated = window.number(2, 4, "little")
    if window.number(14, 4, "little") in (12, 16):
        width = window.number(18, 2, "little")
        height = window.number(20, 2, "little")
        depth = window.number(24, 2, "little")
    else:
        width = window.number(18, 4, "little")
        height = window.number(22, 4, "little")
        if height >> 31:  # negative: rows are stored from the top
            height = (1 << 32) - height
        depth = window.number(28, 2, "little")
    colour = "palette" if depth <= 8 else "rgb"
    findings.picture["width"] = width
    findings.picture["height"] = height
    findings.picture["bit_depth"] = depth
    findings.picture["colour"] = colour
    if stated > window.size:
        raise CutShortError("the file is shorter than its header says")
    if stated:  # some writers leave it zero
        findings.end = stated


def read_tiff(window: Window, findings: Findings) -> None:
    """Read the first directory for the size, then everything as EXIF."""
    findings.limits.append(
        "TIFF has no end marker: bytes no tag points to are not found."
    )
    order: Literal["little", "big"] = "little"
    if window.read(0, 1) == b"M":
        order = "big"
    if window.number(2, 2, order) == 43:
        findings.error("tiff", "BigTIFF (64-bit offsets) is not read")
        return
    try:
        _first_directory(window, order, findings)
    finally:
        record_exif(window, findings)


def _first_directory(
    window: Window, order: Literal["little", "big"], findings: Findings
) -> None:
    start = window.number(4, 4, order)
    for entry in range(min(window.number(start, 2, order), _MAX_ENTRIES)):
        at = start + 2 + 12 * entry
        tag = window.number(at, 2, order)
        size = _TIFF_SIZES.get(window.number(at + 2, 2, order))
        if size is None or (tag not in _TIFF_TAGS and tag != 262):
            continue
        count = window.number(at + 4, 4, order)
        place = at + 8 if size * count <= 4 else window.number(at + 8, 4, order)
        value = window.number(place, size, order)
        if tag == 262:
            findings.picture["colour"] = _TIFF_COLOURS.get(value, "unknown")
        else:
            findings.picture[_TIFF_TAGS[tag]] = value
