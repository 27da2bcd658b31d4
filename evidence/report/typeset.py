"""Lines of glyphs: faces chosen, right-to-left runs ordered, text shaped and placed."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from evidence.report.bidi import (
    base_level,
    levels,
    levels_right_to_left,
    needs_bidi,
    visual_runs,
)
from evidence.report.breaks import fill
from evidence.report.faces import Face, Family, Glyph, face_for, primary
from evidence.report.i18n import _
from evidence.report.text import ALIKE, CACHED_LENGTH, MARKS, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.ink import FaceInk, Ink
    from evidence.report.style import Style

_PLAIN_DIGEST = 150.0  # line width in points of what should be a digest and is not
_TRIES = 6
_PIECES = 8192  # drawn pieces kept: words come again, above all between spaces
_NARROWEST = 40  # thousandths an average character takes at least, marks included


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ready to draw: text operators, and its width in points."""

    ops: str
    width: float
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class _Segment:
    """Characters `start` to `end` of a paragraph: one face, one direction."""

    start: int
    end: int
    face: Face
    level: int


class Typesetter:
    """Lays text out with one document's faces."""

    def __init__(self, ink: Ink, *, rtl: bool = False) -> None:
        """Use (and so embed) the faces of `ink`.

        Args:
            ink: faces of the document.
            rtl: the document reads from right to left: so does every paragraph with
                a right-to-left character in it, whichever stands first.
        """
        self._ink = ink
        self._pieces: dict[tuple[Face, str, int, float], tuple[str, int]] = {}
        self._rtl = rtl

    def wrap(self, text: str, style: Style, width: float) -> tuple[Line, ...]:
        """Break one paragraph into lines no wider than `width` points.

        An empty paragraph is one empty line. Words longer than a line are broken, at
        punctuation where there is any.
        """
        return self.wrap_shown(shown(text, style.family), style, width)

    def wrap_shown(self, text: str, style: Style, width: float) -> tuple[Line, ...]:
        """Break a paragraph that `shown` has returned for the style's family."""
        if not style.kern and self._is_plain(text, style.family):
            return self._wrap_plain(text, style, width)
        return self._wrap_shaped(text, style, width)

    def paragraphs(self, text: str, style: Style, width: float) -> tuple[Line, ...]:
        """Break text with its own line ends (LF); every source line starts anew."""
        return tuple(
            line for part in text.split("\n") for line in self.wrap(part, style, width)
        )

    def line(self, text: str, style: Style, width: float = float("inf")) -> Line:
        """Set text on one line; what does not fit in `width` becomes ``…``."""
        text = shown(text, style.family)
        end = self.fitting(text, style, width)
        if end < len(text):
            end = self.fitting(text, style, width - style.size)
            text = text[:end] + "…"
        return self.wrap_shown(text, style, float("inf"))[0]

    def fitting(self, text: str, style: Style, width: float) -> int:
        """How many characters of shown text fit in `width` points."""
        if width == float("inf"):
            return len(text)
        limit = width * 1000 / style.size
        text = text[: int(limit / _NARROWEST) + 1]
        if not style.kern and self._is_plain(text, style.family):
            advances = self._ink.of(primary(style.family)).advances
            edges = [0, *accumulate([advances[char] for char in text])]
            return bisect_right(edges, limit) - 1
        edges = _edges(text, self._laid(text, style.family).segments)
        return bisect_right(edges, limit) - 1

    def digest(self, value: str, style: Style, *, groups: int) -> tuple[Line, ...]:
        """Set a hex digest in groups of eight digits, `groups` to a line.

        Only the space between groups is drawn: each line copies as one unbroken word.
        """
        if not value.isalnum() or not value.isascii():
            return self.wrap(value or _("not available"), style, _PLAIN_DIGEST)
        return tuple(
            self._grouped(value[at : at + 8 * groups], style)
            for at in range(0, len(value), 8 * groups)
        )

    def _grouped(self, value: str, style: Style) -> Line:
        used = self._ink.of(primary(style.family))
        parts = [value[at : at + 8] for at in range(0, len(value), 8)]
        gap = 600
        shown_parts = f"{-gap}".join(used.show(part) for part in parts)
        units = sum(used.advances[char] for char in value) + gap * (len(parts) - 1)
        ops = (
            f"{_font(used, style)} /Span <</ActualText ({value})>> BDC "
            f"[{shown_parts}] TJ EMC"
        )
        return Line(ops, units * style.size / 1000)

    def _laid(self, text: str, family: Family) -> _Laid:
        if len(text) > CACHED_LENGTH:
            return _lay(text, family, rtl=self._rtl)
        return _kept_lay(text.translate(ALIKE), family, rtl=self._rtl)

    def _is_plain(self, text: str, family: Family) -> bool:
        """One face, one direction, no marks: nominal glyphs do."""
        if text.isascii():
            return True
        known = self._ink.of(primary(family)).advances
        return all(char in known or _simple(char, family) for char in text)

    def _wrap_plain(self, text: str, style: Style, width: float) -> tuple[Line, ...]:
        used = self._ink.of(primary(style.family))
        advances = used.advances
        scale = style.size / 1000
        font = _font(used, style)
        total = sum(map(advances.__getitem__, text))
        if total * scale <= width:
            return (Line(f"{font} {used.show(text)} Tj", total * scale),)
        edges = [0, *accumulate(map(advances.__getitem__, text))]
        out: list[Line] = []
        for start, end in fill(text, edges, width / scale):
            # The space at a break has no place on the line, but parts the words for
            # who hears them.
            after = end + 1 if text[end : end + 1] == " " else end
            ops = f"{font} {used.show(text[start:after])} Tj"
            out.append(Line(ops, (edges[end] - edges[start]) * scale))
        return tuple(out)

    def _wrap_shaped(self, text: str, style: Style, width: float) -> tuple[Line, ...]:
        scale = style.size / 1000
        laid = self._laid(text, style.family)
        edges = _edges(text, laid.segments)
        limit = width / scale
        for _attempt in range(_TRIES):
            breaks = fill(text, edges, limit)
            out = [
                self._shaped_line(
                    text[start:end],
                    laid.faces[start:end],
                    laid.levels[start:end],
                    style,
                )
                for start, end in breaks
            ]
            widest = max(units for _, units in out)
            if widest <= width / scale:
                break
            # a word cut in the middle ends in another, wider Arabic form
            limit = min(limit - (widest - width / scale), limit * 0.9)
        if laid.base:
            return tuple(Line(ops, units * scale, rtl=True) for ops, units in out)
        used = self._ink.of(primary(style.family))
        gap = f" {_font(used, style)} {used.show(' ')} Tj"
        return tuple(
            Line(ops + gap if text[end : end + 1] == " " else ops, units * scale)
            for (_, end), (ops, units) in zip(breaks, out, strict=True)
        )

    def _shaped_line(
        self,
        text: str,
        faces: tuple[Face, ...],
        embedding: tuple[int, ...],
        style: Style,
    ) -> tuple[str, int]:
        """Operators and width (thousandths) of one line, in visual order."""
        ops: list[str] = []
        units = 0
        for piece in _ordered(faces, embedding):
            part = text[piece.start : piece.end]
            drawn, advance = self._piece(piece.face, part, piece.level % 2, style)
            ops.append(drawn)
            units += advance
        return " ".join(ops), units

    def _piece(
        self, face: Face, text: str, direction: int, style: Style
    ) -> tuple[str, int]:
        """Operators and width (thousandths) of text in one face and direction."""
        key = face, text, direction, style.size
        found = self._pieces.get(key)
        if found is None:
            used = self._ink.of(face)
            glyphs = shaped(face, text, direction)
            placed = _placed(used, glyphs, style.size, rtl=direction == 1)
            found = (
                f"{_font(used, style)} {placed}",
                sum(glyph.advance for glyph in glyphs),
            )
            if len(self._pieces) >= _PIECES:
                self._pieces.clear()
            self._pieces[key] = found
        return found


@dataclass(frozen=True, slots=True)
class _Laid:
    """Faces and levels of a paragraph's characters, `base` that of the paragraph."""

    faces: tuple[Face, ...]
    levels: tuple[int, ...]
    base: int
    segments: tuple[_Segment, ...]


def _lay(text: str, family: Family, *, rtl: bool) -> _Laid:
    """Choose faces and directions; of an ASCII digit it matters only that it is one."""
    faces = _faces(text, family)
    base = 0
    embedding = [0] * len(text)
    if needs_bidi(text):
        base = 1 if rtl else base_level(text)
        embedding = levels_right_to_left(text) if rtl else levels(text, base)
    segments = tuple(_segments(faces, embedding))
    return _Laid(tuple(faces), tuple(embedding), base, segments)


_kept_lay = lru_cache(maxsize=8192)(_lay)


@lru_cache(maxsize=8192)
def _ordered(
    faces: tuple[Face, ...], embedding: tuple[int, ...]
) -> tuple[_Segment, ...]:
    """Return the pieces of a line as the eye meets them, from left to right."""
    found: list[_Segment] = []
    for start, end, level in visual_runs(embedding):
        pieces = _segments(faces[start:end], [level] * (end - start))
        found.extend(
            _Segment(start + piece.start, start + piece.end, piece.face, level)
            for piece in (reversed(pieces) if level % 2 else pieces)
        )
    return tuple(found)


@lru_cache(maxsize=16384)
def shaped(face: Face, text: str, direction: int) -> tuple[Glyph, ...]:
    """Shape with a cache; `direction` is 1 for right to left."""
    return tuple(face.shape(text, rtl=bool(direction)))


@lru_cache(maxsize=4096)
def _simple(char: str, family: Family) -> bool:
    return (
        face_for(family, ord(char)) is primary(family)
        and unicodedata.category(char) not in MARKS
        and unicodedata.bidirectional(char) not in ("R", "AL", "AN")
    )


def _faces(text: str, family: Family) -> list[Face]:
    """Face of each character; a mark is set in its base's face."""
    out: list[Face] = []
    for char in text:
        if out and unicodedata.category(char) in MARKS:
            out.append(out[-1])
        else:
            out.append(face_for(family, ord(char)) or primary(family))
    return out


def _segments(faces: Sequence[Face], embedding: Sequence[int]) -> list[_Segment]:
    out: list[_Segment] = []
    start = 0
    for at in range(1, len(faces) + 1):
        if (
            at == len(faces)
            or faces[at] is not faces[start]
            or embedding[at] != embedding[start]
        ):
            out.append(_Segment(start, at, faces[start], embedding[start]))
            start = at
    return out


def _edges(text: str, segments: Sequence[_Segment]) -> list[int]:
    """Pen position before each character, in reading order, and after the last."""
    found: list[int] = []
    for one in segments:  # side by side, from the first character to the last
        found += _widths(one.face, text[one.start : one.end], one.level % 2)
    return [0, *accumulate(found)]


@lru_cache(maxsize=16384)
def _widths(face: Face, text: str, direction: int) -> tuple[int, ...]:
    widths = [0] * len(text)
    for glyph in shaped(face, text, direction):
        widths[glyph.cluster] += glyph.advance
    return tuple(widths)


def _font(used: FaceInk, style: Style) -> str:
    return f"{used.resource} {style.size:g} Tf"


def _placed(used: FaceInk, glyphs: Sequence[Glyph], size: float, *, rtl: bool) -> str:
    """Text-showing operators for placed glyphs, kerning and offsets included."""
    ops: list[str] = []
    array: list[str] = []
    codes: list[str] = []
    rise = pending = 0
    for glyph in glyphs:
        if glyph.y != rise:
            _close(codes, array, ops)
            rise = glyph.y
            ops.append(f"{rise * size / 1000:.4g} Ts")
        shift = pending + glyph.x
        if shift:
            _flush(codes, array)
            array.append(str(-shift))
        codes.append(_codes(used, glyph, rtl=rtl))
        pending = glyph.advance - used.face.advance(glyph.id) - glyph.x
    if pending:
        _flush(codes, array)
        array.append(str(-pending))
    _close(codes, array, ops)
    if rise:
        ops.append("0 Ts")
    return " ".join(ops)


def _codes(used: FaceInk, glyph: Glyph, *, rtl: bool) -> str:
    """Codes that draw `glyph` once and extract as its text.

    Readers take drawn right-to-left text backwards, one code at a time: a cluster's
    later characters therefore go before its glyph, on glyphs without ink or width.
    """
    blank = used.face.blank if rtl and len(glyph.text) > 1 else None
    if blank is None:
        return used.code(glyph.id, glyph.text)
    later = [used.code(blank, char) for char in reversed(glyph.text[1:])]
    return "".join((*later, used.code(glyph.id, glyph.text[0])))


def _flush(codes: list[str], array: list[str]) -> None:
    if codes:
        array.append(f"<{''.join(codes)}>")
        codes.clear()


def _close(codes: list[str], array: list[str], ops: list[str]) -> None:
    _flush(codes, array)
    if array:
        ops.append(f"[{''.join(array)}] TJ")
        array.clear()
