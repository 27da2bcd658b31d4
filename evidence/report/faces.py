"""The embedded typefaces: what each covers, and how text is shaped with it.

All faces have 1000 units per em, so advances are thousandths of the font size.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import uharfbuzz as hb


class Family(StrEnum):
    """The three text styles of a report."""

    REGULAR = "Regular"
    BOLD = "Bold"
    MONO = "Mono"


_SCRIPTS = ("Arabic", "Hebrew", "Georgian", "Armenian")
_CHAINS: dict[Family, tuple[str, ...]] = {
    Family.REGULAR: (
        "NotoSans-Regular",
        *(f"NotoSans{script}-Regular" for script in _SCRIPTS),
    ),
    Family.BOLD: (
        "NotoSans-Bold",
        *(f"NotoSans{script}-Bold" for script in _SCRIPTS),
    ),
    Family.MONO: (
        "NotoSansMono-Regular",
        "NotoSans-Regular",
        *(f"NotoSans{script}-Regular" for script in _SCRIPTS),
    ),
}
# A few characters are whole sentences in one glyph (U+FDFD) and would not fit a column.
_WIDEST = 3000
# Ligatures are off so that each Latin letter stays one glyph; Arabic needs `rlig`.
_FEATURES = {"liga": False, "clig": False}


@dataclass(frozen=True, slots=True)
class Glyph:
    """One placed glyph; lengths in thousandths of the font size.

    Attributes:
        id: glyph number in the shipped face.
        text: the characters it stands for, "" for the rest of a cluster.
        cluster: index of its first character in the shaped string.
        advance, x, y: how far the pen moves, and the offset it is drawn at.
    """

    id: int
    text: str
    cluster: int
    advance: int
    x: int
    y: int


class Face:
    """One shipped TrueType file.

    Attributes:
        data: the file's bytes.
        handle: the same as a HarfBuzz face.
        blank: a glyph without ink or width, or None when the face has none.
        ascent, descent, bounds: of the face, in units.
    """

    def __init__(self, name: str) -> None:
        """Load ``name`` from the package's fonts folder."""
        self.name = name
        folder = resources.files("evidence.report.fonts")
        self.data = (folder / f"{name}.ttf").read_bytes()
        self.handle: Any = hb.Face(hb.Blob(self.data))
        self._font: Any = hb.Font(self.handle)
        self._nominal: dict[int, int] = {}
        for point in self.handle.unicodes:
            glyph = self._font.get_nominal_glyph(point)
            if self.advance(glyph) <= _WIDEST:
                self._nominal[point] = glyph
        self.blank = self._find_blank()
        extents = self._font.get_font_extents("ltr")
        self.ascent: int = extents.ascender
        self.descent: int = extents.descender
        head = self.handle.reference_table("head").data
        self.bounds: tuple[int, ...] = struct.unpack(">4h", head[36:44])

    def covers(self, point: int) -> bool:
        """True when the face draws the character `point`."""
        return point in self._nominal

    def glyph(self, point: int) -> int:
        """Glyph of a covered character, unshaped."""
        return self._nominal[point]

    def advance(self, glyph: int) -> int:
        """How far the pen moves after `glyph`."""
        return int(self._font.get_glyph_h_advance(glyph))

    def shape(self, text: str, *, rtl: bool) -> list[Glyph]:
        """Shape `text` (one direction, all covered) into glyphs, left to right.

        A right-to-left cluster of several characters (a ligature, a letter with its
        points) puts all its text on its widest glyph.
        """
        buffer = hb.Buffer()
        buffer.cluster_level = (
            hb.BufferClusterLevel.MONOTONE_GRAPHEMES
            if rtl
            else hb.BufferClusterLevel.MONOTONE_CHARACTERS
        )
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if rtl else "ltr"
        hb.shape(self._font, buffer, _FEATURES)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        bearers = _bearers(text, infos, places)
        return [
            Glyph(
                id=info.codepoint,
                text=bearers.get(at, ""),
                cluster=info.cluster,
                advance=place.x_advance,
                x=place.x_offset,
                y=place.y_offset,
            )
            for at, (info, place) in enumerate(zip(infos, places, strict=True))
        ]

    def _find_blank(self) -> int | None:
        for point in (0x200B, 0x0000):
            glyph = self._nominal.get(point)
            if glyph is None or self.advance(glyph):
                continue
            ink = self._font.get_glyph_extents(glyph)
            if ink is None or (ink.width == 0 and ink.height == 0):
                return glyph
        return None


def _bearers(text: str, infos: Any, places: Any) -> dict[int, str]:
    """Which glyph (by index) stands for which characters: one a cluster."""
    widest: dict[int, int] = {}
    for at, info in enumerate(infos):
        best = widest.get(info.cluster)
        if best is None or places[at].x_advance > places[best].x_advance:
            widest[info.cluster] = at
    starts = sorted(widest)
    ends = [*starts[1:], len(text)]
    return {
        widest[start]: text[start:end] for start, end in zip(starts, ends, strict=True)
    }


@cache
def face(name: str) -> Face:
    """Return the shipped face called `name`, loaded once."""
    return Face(name)


@cache
def face_for(family: Family, point: int) -> Face | None:
    """First face of the family's chain that draws `point`; None when none does."""
    for name in _CHAINS[family]:
        candidate = face(name)
        if candidate.covers(point):
            return candidate
    return None


def primary(family: Family) -> Face:
    """The face a family's Latin text is set in."""
    return face(_CHAINS[family][0])
