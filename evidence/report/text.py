"""What of a string is drawn: everything, visibly, and nothing is interpreted.

Control, bidirectional and invisible characters, and characters that no embedded face
draws, are spelled out as ``‹U+1F600›``; none is obeyed, drawn as an empty box, or
dropped.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from evidence.report.faces import Family, face_for
from evidence.visible import visible

if TYPE_CHECKING:
    from evidence.report.faces import Face

# Drawn as nothing although they are letters, marks or symbols: text could hide there.
_INVISIBLE = frozenset(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)
    + (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)
MARKS = ("Mn", "Me")
_MAX_MARKS = 2  # stacked higher, marks would run into the line above
_MAX_POINTS = 4  # Hebrew and Arabic points sit around their letter


# Digits are drawn, faced and ordered alike: rows that differ in them only are one case.
ALIKE = str.maketrans("123456789", "000000000")
CACHED_LENGTH = 400  # characters of a text whose case is kept


def shown(text: str, family: Family = Family.REGULAR) -> str:
    """Return `text` with only characters that the family's faces draw visibly."""
    if text.isascii():
        return visible(text)
    if len(text) <= CACHED_LENGTH and _is_kept(text.translate(ALIKE), family):
        return text
    return _spelled(text, family)


@lru_cache(maxsize=8192)
def _is_kept(text: str, family: Family) -> bool:
    """Tell whether every character of `text` is drawn as it is."""
    return _spelled(text, family) == text


def _spelled(text: str, family: Family) -> str:
    text = visible(text)
    out: list[str] = []
    base: Face | None = None
    marks = 0
    for char in text:
        if unicodedata.category(char) in MARKS:
            marks += 1
            drawn = _mark_drawn(char, base, marks)
        else:
            marks = 0
            base = None if char == " " else face_for(family, ord(char))
            drawn = (base is not None or char == " ") and ord(char) not in _INVISIBLE
        if not drawn:
            base = None
        out.append(char if drawn else f"‹U+{ord(char):04X}›")
    return "".join(out)


def _mark_drawn(char: str, base: Face | None, marks: int) -> bool:
    """A mark is drawn on a base of its own face, and only a few of them."""
    point = ord(char)
    if base is None or not base.covers(point) or point in _INVISIBLE:
        return False
    pointed = 0x0591 <= point <= 0x06FF
    return marks <= (_MAX_POINTS if pointed else _MAX_MARKS)
