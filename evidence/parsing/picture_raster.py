"""BMP and TIFF: size and colour from their headers; TIFF is one EXIF block as a whole.

Sources: Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER; TIFF 6.0
section 2 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evidence.parsing.picture_findings import Findings
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import CutShortError, Window

_TIFF_TAGS = {256: "width", 257: "height", 258: "bit_depth"}
_TIFF_COLOURS = {0: "grey", 1: "grey", 2: "rgb", 3: "palette", 5: "cmyk", 6: "ycbcr"}
_TIFF_SIZES = {1: 1, 3: 2, 4: 4}
_PHOTOMETRIC = 262
_TIFF_DATA = frozenset({273, 279, 324, 325})  # offsets and lengths of strips and tiles
_MAX_ENTRIES = 4096
_MAX_VALUES = 4096


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


@dataclass(frozen=True, slots=True)
class _Tiff:
    """A TIFF file and its byte order."""

    window: Window
    order: Literal["little", "big"]

    def number(self, offset: int, length: int) -> int:
        return self.window.number(offset, length, self.order)

    def values(self, entry: int) -> list[int]:
        """Return the whole numbers of the 12-byte directory entry at `entry`."""
        size = _TIFF_SIZES.get(self.number(entry + 2, 2))
        if size is None:
            return []
        count = min(self.number(entry + 4, 4), _MAX_VALUES)
        inside = size * self.number(entry + 4, 4) <= 4
        place = entry + 8 if inside else self.number(entry + 8, 4)
        return [self.number(place + size * index, size) for index in range(count)]


def read_tiff(window: Window, findings: Findings) -> None:
    """Read the first directory for the size, then everything as EXIF."""
    findings.limits.append(
        "TIFF has no end marker: bytes no tag points to are not found."
    )
    tiff = _Tiff(window, "big" if window.read(0, 1) == b"M" else "little")
    if tiff.number(2, 2) == 43:
        findings.error("tiff", "BigTIFF (64-bit offsets) is not read")
        return
    try:
        _first_directory(tiff, findings)
    finally:
        record_exif(window, findings)


def _first_directory(tiff: _Tiff, findings: Findings) -> None:
    start = tiff.number(4, 4)
    places: dict[int, list[int]] = {}
    for entry in range(min(tiff.number(start, 2), _MAX_ENTRIES)):
        at = start + 2 + 12 * entry
        tag = tiff.number(at, 2)
        if tag not in _TIFF_TAGS and tag not in _TIFF_DATA and tag != _PHOTOMETRIC:
            continue
        values = tiff.values(at)
        if tag in _TIFF_DATA:
            places[tag] = values
        elif values and tag == _PHOTOMETRIC:
            findings.picture["colour"] = _TIFF_COLOURS.get(values[0], "unknown")
        elif values:
            findings.picture[_TIFF_TAGS[tag]] = values[0]
    _check_data(tiff, places)


def _check_data(tiff: _Tiff, places: Mapping[int, list[int]]) -> None:
    """Raise `CutShortError` when strips or tiles lie beyond the end of the file."""
    for offsets, lengths in ((273, 279), (324, 325)):
        pairs = zip(places.get(offsets, []), places.get(lengths, []), strict=False)
        if any(offset + length > tiff.window.size for offset, length in pairs):
            raise CutShortError("picture data lie beyond the end of the file")
