"""Laws of canonical JSON."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import canonical
from manifests.errors import MalformedError

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
KEYS = st.text(st.characters(max_codepoint=0x7F), max_size=6)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


def independent_reader() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "vectors" / "check.py"
    spec = importlib.util.spec_from_file_location("vector_check", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECK = independent_reader()


def standard(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def accepts(data: bytes) -> bool:
    try:
        canonical.decode(data)
    except MalformedError:
        return False
    return True


def independently_accepts(data: bytes) -> bool:
    try:
        CHECK.Reader(data).whole()
    except CHECK.Refused:
        return False
    return True


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_round_trip_and_standard_library_bytes(value: Any) -> None:
    text = canonical.encode(value)
    assert text == standard(value)
    again = canonical.decode(text)
    assert again == value
    assert repr(again) == repr(json.loads(text))  # 1 is not True
    assert CHECK.Reader(text).whole() == value


@given(VALUES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_never_gives_the_same_value(value: Any, data: Any) -> None:
    text = canonical.encode(value)
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 1))
    put = data.draw(st.binary(max_size=1))
    changed = text[:at] + put + text[at + cut :]
    if changed == text:
        return
    assert accepts(changed) == independently_accepts(changed)
    if accepts(changed):
        other = canonical.decode(changed)
        assert repr(other) != repr(canonical.decode(text))
        assert standard(other) == changed


def test_every_bit_of_one_text() -> None:
    value = {"a": [1, -20, True, None, "ž\n\x1f"], "b": {"": "\\", "c": False}}
    text = canonical.encode(value)
    for position in range(len(text) * 8):
        changed = bytearray(text)
        changed[position // 8] ^= 1 << position % 8
        try:
            other = canonical.decode(bytes(changed))
        except MalformedError:
            continue
        assert repr(other) != repr(value)


LOOSE = st.one_of(
    st.sampled_from('{}[],:" \t\n\\/-+.0123456789eEtrufalsn\ufeffé\x00'),
    st.sampled_from(["true", "null", '"a"', "1.5", "-0", "9" * 17]),
    st.sampled_from(["\\u0061", "\\ud83d", "\\ude02", "\\n", "\\u001f", "\\u00_1"]),
)


@given(st.lists(LOOSE, max_size=12).map("".join))
@settings(max_examples=250, deadline=None)
def test_two_readers_agree_on_nearly_json(text: str) -> None:
    data = text.encode("utf-8")
    try:
        value = CHECK.Reader(data).whole()
    except CHECK.Refused:
        value = CHECK
    try:
        found = canonical.decode(data)
    except MalformedError:
        found = CHECK
    assert repr(found) == repr(value)


@given(st.binary(max_size=40))
@settings(max_examples=150, deadline=None)
def test_nothing_but_the_named_error_escapes(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except MalformedError:
        return
    assert standard(value) == data


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_other_spellings_are_refused(value: Any) -> None:
    text = canonical.encode(value)
    spellings = {
        json.dumps(value, sort_keys=True, ensure_ascii=False).encode(),
        json.dumps(value, sort_keys=True, separators=(",", ":")).encode(),
        json.dumps(value, indent=0).encode(),
        text + b"\n",
        b"\xef\xbb\xbf" + text,
    }
    for other in spellings - {text}:
        try:
            canonical.decode(other)
        except MalformedError:
            continue
        raise AssertionError(other)
