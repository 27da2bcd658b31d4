"""Known answers are written out by hand from RFC 8785 and the profile."""

from __future__ import annotations

import enum
import math
from typing import Any

import pytest

from manifests import canonical
from manifests.errors import MalformedError

LIMIT = 2**53


def brief(value: object) -> str:
    """A test id, the same in every process; some of the texts are megabytes."""
    return ascii(value).partition(" object at ")[0][:24]


class Word(str):
    """A string of a class of its own."""

    __slots__ = ()


class Number(int):
    """An integer of a class of its own."""


class Colour(enum.StrEnum):
    """As used for outcomes and entry types."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, b"null"),
        (True, b"true"),
        (False, b"false"),
        (0, b"0"),
        (-1, b"-1"),
        (LIMIT - 1, b"9007199254740991"),
        (1 - LIMIT, b"-9007199254740991"),
        ("", b'""'),
        ([], b"[]"),
        ({}, b"{}"),
        ([1, "a", None, [True]], b'[1,"a",null,[true]]'),
        # upper case sorts before lower case, digits before both, "10" before "2"
        (
            {"a": 1, "A": 2, "10": 3, "2": 4, "": 5},
            b'{"":5,"10":3,"2":4,"A":2,"a":1}',
        ),
        ({"b": {"d": 1, "c": 2}, "a": []}, b'{"a":[],"b":{"c":2,"d":1}}'),
        ('"\\/', b'"\\"\\\\/"'),
        ("\b\f\n\r\t", b'"\\b\\f\\n\\r\\t"'),
        ("\x00\x01\x0b\x1f\x7f", b'"\\u0000\\u0001\\u000b\\u001f\x7f"'),
        ("\u20ac\u2028\ufeff", b'"\xe2\x82\xac\xe2\x80\xa8\xef\xbb\xbf"'),
        ("\U0001f602", b'"\xf0\x9f\x98\x82"'),
        ("e\u0301 \u00e9", b'"e\xcc\x81 \xc3\xa9"'),  # no normalisation
        (Colour.RED, b'"red"'),
        ((1, 2), b"[1,2]"),
    ],
    ids=brief,
)
def test_known_bytes(value: Any, text: bytes) -> None:
    assert canonical.encode(value) == text


def test_every_control_character_has_the_escape_of_rfc_8785() -> None:
    short = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r"}
    for code in range(0x20):
        text = b'"' + short.get(code, b"\\u00%02x" % code) + b'"'
        assert canonical.encode(chr(code)) == text
        assert canonical.decode(text) == chr(code)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        math.nan,
        LIMIT,
        -LIMIT,
        "\ud800",
        "\ud83d\ude02",  # two halves do not make a character
        {"\ud800": 1},
        {"ä": 1},
        {1: 2},
        {None: 1},
        {b"a": 1},
        b"bytes",
        bytearray(b"x"),
        {1, 2},
        1j,
        object(),
        ["deep", {"a": 0.5}],
        Word("a"),
        Number(1),
        [Word("a")],
    ],
    ids=brief,
)
def test_values_outside_the_profile_are_refused(value: Any) -> None:
    with pytest.raises(MalformedError):
        canonical.encode(value)


def test_a_huge_integer_is_refused_without_being_spelled() -> None:
    with pytest.raises(MalformedError, match="outside"):
        canonical.encode(10**5000)


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(MalformedError, match="nested deeper than 32"):
        canonical.encode(loop)


def nested(depth: int) -> Any:
    value: Any = []
    for level in range(depth - 1):
        value = {"a": value} if level % 2 else [value]
    return value


def test_depth_32_is_allowed_and_33_is_not() -> None:
    text = canonical.encode(nested(32))
    assert canonical.decode(text) == nested(32)
    with pytest.raises(MalformedError):
        canonical.encode(nested(33))
    with pytest.raises(MalformedError, match="nested deeper than 32"):
        canonical.decode(b"[" + text + b"]")


def test_brackets_in_strings_are_not_depth() -> None:
    text = b'["' + b"[{" * 500 + b'\\"[[","' + b"\\\\" * 3 + b'",[]]'
    assert canonical.decode(text) == ["[{" * 500 + '"[[', "\\" * 3, []]
    escaped = b'["\\"' + b"[" * 40 + b'\\\\","' + b"{" * 40 + b'"]'
    assert canonical.decode(escaped) == ['"' + "[" * 40 + "\\", "{" * 40]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not valid JSON"),
        (b" ", "not valid JSON"),
        (b"nul", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"a":1,}', "not valid JSON"),
        (b"'a'", "not valid JSON"),
        (b'"\n"', "not valid JSON"),
        (b'"\\x41"', "not valid JSON"),
        (b"01", "not valid JSON"),
        (b"+1", "not valid JSON"),
        (b"\xef\xbb\xbf1", "not valid JSON"),
        (b"1\x00", "not valid JSON"),
        (b"\xff", "not valid UTF-8"),
        (b'"\xc0\xaf"', "not valid UTF-8"),
        (b'"\xed\xa0\x80"', "not valid UTF-8"),
        (b'"\xf4\x90\x80\x80"', "not valid UTF-8"),
        (b"1 ", "not in canonical form"),
        (b"1\n", "not in canonical form"),
        (b"[1, 2]", "not in canonical form"),
        (b"-0", "not in canonical form"),
        (b'{"b":1,"a":2}', "not in canonical form"),
        (b'"\\/"', "not in canonical form"),
        (b'"\\u0061"', "not in canonical form"),
        (b'"\\u001F"', "not in canonical form"),
        (b'"\\u000a"', "not in canonical form"),
        (b'"\\ud83d\\ude02"', "not in canonical form"),
        (b'"\\u007f"', "not in canonical form"),
        (b"1.0", "not an integer"),
        (b"1e2", "not an integer"),
        (b"1E400", "not an integer"),
        (b"NaN", "not an integer"),
        (b"-Infinity", "not an integer"),
        (b"9007199254740992", "outside"),
        (b"-9007199254740992", "outside"),
        (b"9" * 100_000, "outside"),
        (b'{"a":1,"a":1}', "repeats a key"),
        (b'{"a":1,"\\u0061":1}', "repeats a key"),
        (b'[{"":{},"":{}}]', "repeats a key"),
        ('{"ä":1}'.encode(), "key is not ASCII"),
        (b'{"\\u00e4":1}', "key is not ASCII"),
        (b'"\\ud800"', "lone surrogate"),
        (b'"\\ude02\\ud83d"', "lone surrogate"),
        (b'{"a":"\\udfff"}', "lone surrogate"),
        (b"[" * 1_000_000, "nested deeper"),
        (b'{"a":' * 200_000, "nested deeper"),
    ],
    ids=brief,
)
def test_other_texts_are_refused(text: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        canonical.decode(text)


def test_length_is_bounded_before_anything_is_parsed() -> None:
    assert canonical.decode(b'"aaa"', max_bytes=5) == "aaa"
    with pytest.raises(MalformedError, match="longer than 5 bytes"):
        canonical.decode(b'"aaaa"', max_bytes=5)


def test_an_error_names_what_was_read() -> None:
    with pytest.raises(MalformedError) as caught:
        canonical.decode(b"{", what="the list {of} things")
    assert caught.value.what == (
        "the list {of} things is not well formed: it is not valid JSON."
    )
    assert caught.value.code == "MALFORMED"
    assert caught.value.exit_code == 31


def test_decode_object_wants_an_object() -> None:
    assert canonical.decode_object(b'{"a":1}') == {"a": 1}
    for text in (b"[]", b"null", b'"a"', b"1"):
        with pytest.raises(MalformedError, match="not an object"):
            canonical.decode_object(text)


@pytest.mark.parametrize(
    ("text", "raw"),
    [("", b""), ("AA==", b"\0"), ("AAA=", b"\0\0"), ("+/+/", b"\xfb\xff\xbf")],
)
def test_base64_known_answers(text: str, raw: bytes) -> None:
    assert canonical.base64_bytes(text) == raw


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA",
        "AA=",
        "AAA",
        "AB==",  # RFC 4648 3.5: the low bits of B are not used
        "AAB=",
        "AA==\n",
        " AA==",
        "A A==",
        "AA==AA==",
        "====",
        "-_-_",
        "é===",
        "\ud800",
    ],
)
def test_only_one_spelling_of_base64(text: str) -> None:
    with pytest.raises(ValueError):
        canonical.base64_bytes(text)
