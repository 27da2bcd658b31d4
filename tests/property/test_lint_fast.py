"""The fast search finds what the plain one finds, and stays linear on hostile text."""

from __future__ import annotations

import base64
import binascii
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evidence.lint import decoding, folding
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.leaving import strings
from evidence.lint.linting import Search
from evidence.lint.matching import CHUNK, Matcher
from tests.property import plain_search as plain

NAMES = ("Jane Li", "Tolo Lollo", "Тарас Шевчук", "Əliyev Cəfər", "سعاد المرزوقي")
CODES = ("AZE1012345", "@o1o_lol", "+49 170 7610101", "1990-10-01")
KINDS = (Kind.DOCUMENT, Kind.HANDLE, Kind.PHONE, Kind.BIRTH_DATE)
IDENTIFIERS = [
    *(Identifier(Kind.NAME, "PE-0001", n, name) for n, name in enumerate(NAMES, 1)),
    *(
        Identifier(kind, "PE-0001", 1, one)
        for kind, one in zip(KINDS, CODES, strict=True)
    ),
]
LATIN = [i for i in IDENTIFIERS if i.value.isascii()]
PAIRS = [
    (Matcher(some), plain.PlainMatcher(some))
    for some in (IDENTIFIERS, LATIN, LATIN[:1])
]

planted = st.sampled_from(
    [*NAMES, *CODES, "T0L0 L0110", "li", "LI", "JANE", "tolo-lollo", "T.o.l.o", "Taras",
     "Shevchuk", "Suad Almarzouqi", "so'ad marzuqi", "Aliyev", "ＴＯＬＯ", "T0l\u00f3",
     "6170 7610101", "aze l0l2345", "1.10.1990"]
)  # fmt: skip
noise = st.text(
    st.one_of(
        st.sampled_from("01olLOi.-_ \n|@+x"),
        st.characters(max_codepoint=0x5FF, exclude_categories=["Cs"]),
        st.sampled_from("\u200b\u0301\u0130ſK①²ﬁ－𝐨"),
    ),
    max_size=12,
)
digests = st.binary(min_size=16, max_size=40).map(bytes.hex)
texts = st.lists(st.one_of(planted, noise, digests), max_size=12).map("".join)


@settings(max_examples=250, deadline=None)
@given(texts)
@example("K li K")
@example("li")
def test_the_matcher_finds_what_the_plain_one_finds(text: str) -> None:
    for fast, slow in PAIRS:
        assert fast.find(text) == slow.find(text)


def test_the_property_would_tell() -> None:
    """Each planted text is found by the plain matcher at all."""
    for text in ("T0L0 L0110", "li", "Suad Almarzouqi", "6170 7610101", "1.10.1990"):
        assert PAIRS[0][1].find(text), text


@settings(max_examples=200, deadline=None)
@given(texts)
def test_views_fold_as_translate_does(text: str) -> None:
    for view in (folding.PLAIN, folding.LOOK_ALIKE):
        assert view.folded(text) == text.translate(view)


def test_every_character_is_folded_as_translate_does() -> None:
    for view in (folding.PLAIN, folding.LOOK_ALIKE):
        for point in (*range(0xD800), *range(0xE000, 0x20000)):
            text = f"aZ0{chr(point)}1"
            assert view.folded(text) == text.translate(view), hex(point)


def _as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


payloads = st.one_of(
    st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")),
    st.text(max_size=40).map(lambda t: t.encode("utf-16-le", "replace")),
    st.text(max_size=40).map(lambda t: t.encode("utf-16-be", "replace")),
    st.text(min_size=8, max_size=30).map(lambda t: t.encode("utf-8", "replace")[2:-1]),
    st.binary(max_size=40),
    st.text(max_size=60).map(lambda t: zlib.compress(t.encode("utf-8", "replace"))),
)
wrapped = st.lists(
    st.one_of(
        payloads.map(_as_base64),
        payloads.map(lambda data: "x" + _as_base64(data)),
        payloads.map(lambda data: base64.urlsafe_b64encode(data).decode("ascii")),
        payloads.map(bytes.hex),
        payloads.map(lambda data: data.hex(" ")),
        payloads.map(lambda data: binascii.hexlify(data, ":", 1).decode("ascii")),
        payloads.map(lambda data: base64.encodebytes(data * 3).decode("ascii")),
        payloads.map(
            lambda data: base64.encodebytes(data * 3).decode().replace("\n", "\r\n")
        ),
        st.sampled_from(["\n", " ", ":", "=", "==", "A" * 47 + "\n", "A" * 48 + "\n"]),
    ),
    max_size=8,
).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(wrapped)
def test_what_is_wrapped_is_unwrapped_as_plainly(text: str) -> None:
    assert list(decoding._tokens(text)) == list(plain.tokens(text))
    assert list(decoding._lines(text)) == list(plain.lines(text))
    assert list(decoding._hexadecimal(text)) == list(plain.hexadecimal(text))


@settings(max_examples=300, deadline=None)
@given(st.one_of(payloads, st.binary(min_size=16, max_size=24)), st.binary(max_size=5))
def test_no_text_is_thrown_away_by_its_head(data: bytes, more: bytes) -> None:
    whole = data + more
    if len(whole) >= 16 and decoding.is_text(whole):
        assert decoding._TEXT.match(whole[:12])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), min_size=17, max_size=200))
def test_repeated_pieces_lose_no_neighbours(pieces: list[bytes]) -> None:
    kept = list(decoding._once(pieces))

    def rows(of: list[bytes]) -> set[tuple[bytes, ...]]:
        return {tuple(of[at : at + 16]) for at in range(len(of) - 15)}

    assert rows(pieces) <= rows(kept)
    assert kept[-16:] == pieces[-16:]
    assert kept[:16] == pieces[:16]


def test_alike_records_are_searched_in_a_fraction() -> None:
    record = " ".join(map(_as_base64, (b"first words!", b"and other", b"no more!!")))
    text = (record + "\n") * 5000
    assert sum(map(len, decoding._bytes_in(text))) < len(text) // 100


def test_texts_in_pieces_are_found_once_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from evidence.lint import linting

    monkeypatch.setattr(linting, "_BLOCK", 40_000)
    filler = ["the house holds bread"] * 5000
    parts = [*filler, "AZE1012345", *filler, "AZE1012345", *filler]
    search = Search(IDENTIFIERS)
    search.texts(parts, digest="0" * 64)
    (found,) = search.result.findings
    assert (found.offset, found.count) == (23 * 5000, 2)


@dataclass(frozen=True)
class _Part:
    name: str
    number: int
    more: tuple[object, ...] = ()


def test_strings_come_in_the_order_of_their_fields() -> None:
    value = _Part("a", 1, ("b", _Part("c", 2, (["d", None], "e")), True, "f"))
    assert list(strings(value)) == ["a", "b", "c", "d", "e", "f"]
    assert list(strings(value, frozenset(("name",)))) == ["b", "d", "e", "f"]


HOSTILE: list[Callable[[int], str]] = [
    lambda n: "a" * n,
    lambda n: "0" * n,
    lambda n: "\n" * n,
    lambda n: ("A" * 47 + "\n") * (n // 48),
    lambda n: ("A" * 49 + "\n") * (n // 50),
    lambda n: "0a:" * (n // 3),
    lambda n: "tolo" * (n // 4),
    lambda n: "t0lo l0ll" * (n // 9),
    lambda n: "=\n" * (n // 2),
    lambda n: "l\u0301" * (n // 2),
    lambda n: " ".join(f"{at:08d}" for at in range(n // 9)),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_time_is_linear_in_hostile_text(hostile: Callable[[int], str]) -> None:
    """Eight times as much takes less than twenty times as long."""

    def seconds(size: int) -> float:
        best = 60.0
        for _ in range(2):
            began = time.process_time()
            for form in decoding.wrapped(hostile(size)):
                PAIRS[1][0].find(form)
            best = min(best, time.process_time() - began)
        return best

    small, large = seconds(CHUNK // 4), seconds(CHUNK * 2)
    assert large < 20 * small + 0.1


RUNS = (
    (decoding._BASE64_SHADOW, decoding._BASE64_RUN, re.compile("[A-Za-z0-9+/]{8,}")),
    (
        decoding._HEX_SHADOW,
        decoding._HEX_RUN,
        re.compile("(?:[0-9a-fA-F]{2}[ :]?){5,}"),
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.text("0aAfgZ+/ :-=_\u00e9\ud800\u0660", max_size=80) | texts)
@example("00112233445566 77:88")
@example("00 11 22 33 4")
def test_runs_in_the_shadow_are_those_in_the_text(text: str) -> None:
    for shadow, run, plainly in RUNS:
        assert decoding._runs(text, shadow, run) == plainly.findall(text)
