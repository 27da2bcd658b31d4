"""What is drawn, spelled out or broken, character by character."""

from __future__ import annotations

import unicodedata

import pytest

from evidence.report.breaks import fill
from evidence.report.faces import Family, face, face_for
from evidence.report.ink import Ink
from evidence.report.style import BODY, CELL, CODE, DIGEST
from evidence.report.text import shown
from evidence.report.typeset import Typesetter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain <b>&amp;", "plain <b>&amp;"),
        ("Știință Gəncə Привет", "Știință Gəncə Привет"),
        ("😀", "‹U+1F600›"),
        ("漢", "‹U+6F22›"),
        ("a\u202eb", "a‹U+202E›b"),
        ("a\u00a0b", "a‹U+00A0›b"),
        ("a\tb\n", "a‹U+0009›b‹U+000A›"),
        ("x\ufe0f", "x‹U+FE0F›"),  # variation selector: draws nothing
        ("x\u034fy", "x‹U+034F›y"),  # combining grapheme joiner
        ("\u3164", "‹U+3164›"),  # Hangul filler
        ("\u0301a", "‹U+0301›a"),  # a mark without a base
        (" \u0301", " ‹U+0301›"),
        ("😀\u0301", "‹U+1F600›‹U+0301›"),
        ("a\u064e", "a‹U+064E›"),  # an Arabic point on a Latin letter
        ("e\u0323\u0302", "e\u0323\u0302"),
        ("e\u0323\u0302\u0301", "e\u0323\u0302‹U+0301›"),
        ("\u0628\u064e", "\u0628\u064e"),
        ("\u05e9\u05c1\u05b8", "\u05e9\u05c1\u05b8"),
        ("‹", "‹U+2039›"),
        ("\ufdfd", "‹U+FDFD›"),  # a sentence in one glyph, wider than a column
    ],
)
def test_everything_is_shown_or_spelled(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_no_shown_character_is_an_empty_box() -> None:
    for family in Family:
        for point in (*range(0x20, 0x3000), *range(0xFB00, 0x10000)):
            if 0xD800 <= point <= 0xDFFF:
                continue
            for char in shown("a" + chr(point), family):
                used = face_for(family, ord(char))
                assert used is not None, (family, hex(point))
                assert used.glyph(ord(char)) != 0


@pytest.mark.parametrize(
    "alphabet",
    [
        "abcdefghijklmnopqrstuvwxyz ăâîșț əğıöüçş ąćęłńóśźż čďěňřšťůž őű",
        "αβγδεζηθικλμνξοπρσςτυφχψω άέήίόύώ",
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя іїєґ ђљњћџ қңғүұөәһ",
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
        "אבגדהוזחטיכלמנסעפצקרשתךםןףץ",
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئ پچژگ",
    ],
)
@pytest.mark.parametrize("family", list(Family))
def test_promised_alphabets_are_covered(alphabet: str, family: Family) -> None:
    assert shown(alphabet, family) == alphabet
    if family is not Family.MONO:
        assert shown(alphabet.upper(), family) == alphabet.upper()


def test_arabic_is_shaped_and_keeps_its_letters() -> None:
    arabic = face("NotoSansArabic-Regular")
    glyphs = arabic.shape("السلام", rtl=True)
    assert len(glyphs) == 5  # lam and alef join
    assert "".join(glyph.text for glyph in reversed(glyphs)) == "السلام"
    assert glyphs[2].text == "س"
    assert glyphs[2].id != arabic.glyph(ord("س"))  # joined on both sides


def test_latin_keeps_one_glyph_a_letter() -> None:
    assert len(face("NotoSans-Regular").shape("official fi ffl", rtl=False)) == 15


@pytest.mark.parametrize("style", [BODY, CELL, CODE])
@pytest.mark.parametrize(
    "text",
    [
        "one two three " * 50,
        "x" * 5_000,
        "/a/long/path" * 100,
        "مرحبا بالعالم " * 60,
        "م" * 1_000,
        "س" * 1_000,  # the final form, at a cut, is much wider than the medial one
        "שלום world " * 60,
        "a\u0323\u0301" * 500,
        "😀" * 300,
    ],
)
def test_no_line_is_wider_than_asked(text: str, style: object) -> None:
    typesetter = Typesetter(Ink())
    for width in (60.0, 200.0, 460.0):
        lines = typesetter.wrap(text, style, width)  # type: ignore[arg-type]  # parametrized styles
        assert len(lines) > 1
        assert max(line.width for line in lines) <= width + 1e-6


def test_breaking_loses_nothing_but_spaces() -> None:
    text = "aa bbb  cccc ddddddddddddd e/f/g-h " * 9
    edges = list(range(len(text) + 1))
    lines = fill(text, edges, 10)
    assert "".join(text[a:b] for a, b in lines).replace(" ", "") == text.replace(
        " ", ""
    )
    assert all(b - a <= 10 for a, b in lines)


def test_marks_stay_with_their_letter_and_spellings_whole() -> None:
    text = "e\u0301" * 20
    assert all(
        unicodedata.category(text[a]) != "Mn" for a, _ in fill(text, range(41), 7)
    )
    spelled = "‹U+1F600›" * 5
    for a, b in fill(spelled, range(46), 13):
        assert spelled[a:b] == "‹U+1F600›"


def test_digest_lines_have_equal_width_and_groups() -> None:
    typesetter = Typesetter(Ink())
    lines = typesetter.digest("0f" * 32, DIGEST, groups=4)
    assert [line.width for line in lines] == [pytest.approx(159.6)] * 2
    assert lines[0].ops.count("-600") == 3
    assert "/ActualText (" + "0f" * 16 + ")" in lines[0].ops


def test_a_digest_that_is_none_is_set_as_text() -> None:
    lines = Typesetter(Ink()).digest("x) Tj (", DIGEST, groups=8)
    assert "ActualText" not in lines[0].ops


def test_a_line_that_must_fit_ends_with_an_ellipsis() -> None:
    line = Typesetter(Ink()).line("w" * 300, CELL, 100)
    assert 80 < line.width <= 100
