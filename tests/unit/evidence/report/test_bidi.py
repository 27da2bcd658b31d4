"""Right-to-left ordering, against hand-worked lines and Unicode's own test file."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from evidence.report.bidi import base_level, levels, needs_bidi, visual_runs

CONFORMANCE = Path("/usr/share/unicode/BidiCharacterTest.txt")
_CONTROLS = frozenset((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def _drawn(text: str, base: int) -> str:
    """Characters in the order the eye meets them, left to right."""
    out = ""
    for start, end, level in visual_runs(levels(text, base)):
        part = text[start:end]
        out += part[::-1] if level % 2 else part
    return out


@pytest.mark.parametrize(
    ("text", "base", "drawn"),
    [
        ("abc", 0, "abc"),
        ("אבג", 1, "גבא"),
        ("abc אבג def", 0, "abc גבא def"),
        ("אבג abc דהו", 1, "והד abc גבא"),
        ("אבג 12.5 דהו", 1, "והד 12.5 גבא"),
        ("אבג (abc) ד", 1, "ד )abc( גבא"),  # the shaper mirrors these brackets
        ("price: ٣٤ אב", 0, "price: בא ٣٤"),
        ("a‹U+202E›b", 0, "a‹U+202E›b"),
        ("", 0, ""),
    ],
)
def test_order_of_a_line(text: str, base: int, drawn: str) -> None:
    assert _drawn(text, base) == drawn


@pytest.mark.parametrize(
    ("text", "level"),
    [("abc א", 0), ("א abc", 1), ("12 א", 1), ("12", 0), ("", 0), ("...", 0)],
)
def test_first_strong_character_gives_the_base(text: str, level: int) -> None:
    assert base_level(text) == level


def test_only_texts_with_right_to_left_characters_need_it() -> None:
    assert not needs_bidi("plain, Größe, Привет")
    assert needs_bidi("x ש")
    assert needs_bidi("٣")


def test_unicode_conformance_file() -> None:
    """Every 7th case without explicit controls, which never reach this module."""
    if not CONFORMANCE.is_file():
        pytest.skip("Unicode's BidiCharacterTest.txt (Debian: unicode-data) is missing")
    checked = 0
    with CONFORMANCE.open(encoding="utf-8") as lines:
        cases = [line.split(";") for line in lines if line[:1] not in ("#", "\n")]
    for points, _, base, expected, order in cases[::7]:
        text = "".join(chr(int(point, 16)) for point in points.split())
        kinds = {unicodedata.bidirectional(char) for char in text}
        if _CONTROLS & set(map(ord, text)) or kinds & {"BN", "B", ""}:
            continue
        found = levels(text, int(base))
        assert found == [int(level) for level in expected.split()], points
        seen = [
            at
            for start, end, level in visual_runs(found)
            for at in (
                range(end - 1, start - 1, -1) if level % 2 else range(start, end)
            )
        ]
        assert seen == [int(at) for at in order.split()], points
        checked += 1
    assert checked > 10_000
