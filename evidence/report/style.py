"""Measures, colours and type sizes of the report; lengths in points (1/72 inch)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from evidence.report.faces import Family

MM = 72 / 25.4
PAGE_WIDTH = 595.28  # A4
PAGE_HEIGHT = 841.89
LEFT = 25 * MM
RIGHT = 20 * MM
TOP = 30 * MM
BOTTOM = 25 * MM
TEXT_WIDTH = PAGE_WIDTH - LEFT - RIGHT
TEXT_TOP = PAGE_HEIGHT - TOP
TEXT_HEIGHT = TEXT_TOP - BOTTOM

# Fill colours as PDF operands (DeviceRGB).
INK = "0.09 0.10 0.12"
ACCENT = "0.10 0.18 0.32"
GREY = "0.38 0.40 0.44"
GOOD = "0.07 0.37 0.20"
BAD = "0.66 0.07 0.09"
OPEN = "0.50 0.34 0.02"
RULE = "0.74 0.76 0.79"
PANEL = "0.955 0.96 0.968"
GAP_PANEL = "0.995 0.935 0.85"
HEAD_PANEL = "0.925 0.935 0.95"
HAIRLINE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How one piece of text is set; compared by identity, as it is a cache key.

    Attributes:
        size, leading: in points; `leading` is from baseline to baseline.
        kern: pair kerning, for prose and headings.
    """

    family: Family = Family.REGULAR
    size: float = 9.5
    leading: float = 14.0
    colour: str = INK
    kern: bool = False

    def coloured(self, colour: str) -> Style:
        """Return the same style in another colour; the same object each time."""
        return _coloured(self, colour)


@cache
def _coloured(style: Style, colour: str) -> Style:
    return replace(style, colour=colour)


@cache
def smaller(style: Style, factor: float) -> Style:
    """Return the style at a fraction of its size; the same object each time."""
    return replace(style, size=round(style.size * factor - 0.05, 1))


BODY = Style(kern=True)
LEAD = Style(family=Family.BOLD, kern=True)
NOTE = Style(size=8, leading=11.5, colour=GREY, kern=True)
CELL = Style(size=8, leading=11)
CELL_BOLD = Style(Family.BOLD, size=8, leading=11)
HEAD_CELL = Style(Family.BOLD, size=7.5, leading=10.5, colour=ACCENT, kern=True)
LABEL = Style(size=8, leading=12, colour=GREY, kern=True)
TERM = Style(Family.BOLD, size=8, leading=12, kern=True)
VALUE = Style(size=8.5, leading=12)
DIGEST = Style(Family.MONO, size=7.6, leading=12)
DIGEST_CELL = Style(Family.MONO, size=7, leading=11)
CODE = Style(Family.MONO, size=7.6, leading=11)
CHAPTER = Style(Family.BOLD, size=15, leading=20, colour=ACCENT, kern=True)
SECTION = Style(Family.BOLD, size=11, leading=15, colour=ACCENT, kern=True)
TITLE = Style(Family.BOLD, size=25, leading=31, colour=ACCENT, kern=True)
SUBTITLE = Style(size=13, leading=18.5, kern=True)
FURNITURE = Style(size=7.5, leading=10, colour=GREY)
FURNITURE_BOLD = Style(Family.BOLD, size=7.5, leading=10, colour=INK)
FURNITURE_MONO = Style(Family.MONO, size=7.2, leading=10, colour=GREY)
