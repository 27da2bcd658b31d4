"""Evidence text is shown so that it cannot act, hide or pass for other text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence.visible import visible, visible_bytes

ANYTHING = st.text(st.characters(exclude_categories=()))  # lone surrogates too
MARKS = st.text(st.sampled_from("ae\u0301\u0302\u0303\u0304\u0305\u20dd"), max_size=40)
SPELLED = re.compile(r"‹(?:U\+([0-9A-F]{4,6})|byte 0x([89A-F][0-9A-F]))›")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _read_back(shown: str) -> str:
    """Undo `visible`, by its documented notation alone."""

    def char(found: re.Match[str]) -> str:
        point, byte = found.groups()
        return chr(int(point, 16)) if point else chr(0xDC00 + int(byte, 16))

    return SPELLED.sub(char, shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain name.txt", "plain name.txt"),
        ("Ärger, 日本語, שלום, 🙂", "Ärger, 日本語, שלום, 🙂"),
        ("\x1b[2J", "‹U+001B›[2J"),
        ("a\nb\tc\r", "a‹U+000A›b‹U+0009›c‹U+000D›"),
        ("nul\x00", "nul‹U+0000›"),
        ("\x7f\x9b31m", "‹U+007F›‹U+009B›31m"),
        ("gpj.\u202eexe", "gpj.‹U+202E›exe"),
        ("\u2066x\u2069", "‹U+2066›x‹U+2069›"),
        ("zero\u200bwidth", "zero‹U+200B›width"),
        ("no\u00a0break", "no‹U+00A0›break"),
        ("line\u2028para\u2029", "line‹U+2028›para‹U+2029›"),
        ("tag\U000e0041", "tag‹U+E0041›"),
        ("private\ue000", "private‹U+E000›"),
        ("unassigned\u0378", "unassigned‹U+0378›"),
        ("lone\ud800", "lone‹U+D800›"),
        ("raw\udcff", "raw‹byte 0xFF›"),
        ("raw\udc7f", "raw‹U+DC7F›"),  # no PEP 383 escape: only 80 to FF are bytes
        ("‹U+202E›", "‹U+2039›U+202E›"),
    ],
)
def test_known_answers(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_marks_beyond_the_fourth_are_spelled_out() -> None:
    assert visible("e" + "\u0301" * 4) == "e" + "\u0301" * 4
    assert visible("e" + "\u0301" * 6) == "e" + "\u0301" * 4 + "‹U+0301›" * 2
    assert visible(("e" + "\u0301" * 4) * 2) == ("e" + "\u0301" * 4) * 2


@given(ANYTHING)
@example("\u202e")
@example("\r")
def test_result_is_printable(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    shown.encode("utf-8")  # no surrogate is left


@given(ANYTHING)
def test_no_control_bidi_format_or_unassigned_character(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(char) for char in shown} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    }
    assert {char for char in shown if unicodedata.category(char) == "Zs"} <= {" "}


def test_every_bidi_control_is_spelled_out() -> None:
    for char in BIDI:
        assert visible(char) == f"‹U+{ord(char):04X}›"


def test_every_character_there_is_reads_back() -> None:
    everything = "".join(map(chr, range(0x110000)))
    shown = visible(everything)
    assert shown.isprintable()
    assert _read_back(shown) == everything


@given(st.one_of(ANYTHING, MARKS))
@example("‹U+202E›")
@example("‹byte 0xFF›\udcff")
@example("‹")
def test_reads_back_so_no_two_texts_look_the_same(text: str) -> None:
    assert _read_back(visible(text)) == text


@given(ANYTHING, ANYTHING)
def test_two_texts_have_two_looks(one: str, other: str) -> None:
    assert (visible(one) == visible(other)) == (one == other)


@given(st.binary())
@example(b"\xff\xfe")
@example(b"\xed\xb2\x80")  # an encoded surrogate is three undecodable bytes
@example(b"\xc0\xaf")
@example("‹byte 0xFF›".encode())
def test_bytes_read_back(raw: bytes) -> None:
    assert _read_back(visible_bytes(raw)).encode("utf-8", "surrogateescape") == raw


def test_bytes_that_are_utf8_are_shown_as_text() -> None:
    assert visible_bytes("Zoë.txt".encode()) == "Zoë.txt"
    assert visible_bytes(b"Zo\xeb.txt") == "Zo‹byte 0xEB›.txt"


@given(ANYTHING, st.integers(min_value=1, max_value=40))
def test_limit_cuts_and_says_so(text: str, limit: int) -> None:
    whole, cut = visible(text), visible(text, limit=limit)
    assert len(cut) <= limit
    if len(whole) <= limit:
        assert cut == whole
    else:
        assert cut == whole[: limit - 1] + "…"


def test_limit_on_bytes() -> None:
    assert visible_bytes(b"0123456789", limit=5) == "0123…"
    assert visible_bytes(b"01234", limit=5) == "01234"
