"""A planted identifier is found in any surroundings; text without it is silent."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.lint import folding
from evidence.lint.automaton import Automaton
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.matching import Matcher

NAMES = ("Zuzanna Wierzbicka", "Тарас Шевчук", "ნინო ბერიძე", "سعاد المرزوقي")
PHONE = "+994 51 765 43 21"
IDENTIFIERS = [
    *(Identifier(Kind.NAME, "PE-0001", n, name) for n, name in enumerate(NAMES, 1)),
    Identifier(Kind.PHONE, "PE-0001", 1, PHONE),
]
MATCHER = Matcher(IDENTIFIERS)

# No letter of any of the names' scripts: what is written here cannot name anybody.
neutral = st.text("  .,;:-()!?\n\t\u00a0/\\'\"#0123456789§€→語日本 ", max_size=60)
words = st.lists(
    st.sampled_from(["report", "of", "what", "the", "house", "holds", "bread"])
).map(" ".join)
joints = st.sampled_from(
    [" ", "  ", "_", ", ", "-", "\n", "\u00a0", "", ".", "/", " \t"]
)
inside = st.sampled_from(["", "\u200b", "\u00ad", "\u2060", " ", ".", "\u0301"])


@st.composite
def spellings(draw: st.DrawFn) -> tuple[int, str]:
    """A name, transformed in a way that is allowed, and its number."""
    number = draw(st.integers(0, len(NAMES) - 1))
    parts = NAMES[number].split()
    if draw(st.booleans()):
        parts.reverse()
    filler, joint = draw(inside), draw(joints)
    if filler in (" ", "."):
        joint = filler * 2
    text = joint.join(filler.join(part) for part in parts)
    change = draw(st.sampled_from([str, str.upper, str.lower, str.swapcase]))
    form = draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    return number, unicodedata.normalize(form, change(text))


@settings(max_examples=300, deadline=None)
@given(neutral, spellings(), neutral, words)
def test_a_planted_name_is_found(
    before: str, planted: tuple[int, str], after: str, more: str
) -> None:
    number, text = planted
    hits = MATCHER.find(f"{more} {before} {text} {after} {more}")
    assert number in {hit.identifier for hit in hits if not hit.doubtful}


@settings(max_examples=200, deadline=None)
@given(words, st.sampled_from(["+994", "00994", "0", "", "(0)", "+994 (0)"]), st.data())
def test_a_planted_phone_is_found(
    before: str, prefix: str, data: st.DataObject
) -> None:
    gap = data.draw(
        st.lists(st.sampled_from(["", " ", "-", ".", "/", " - "]), min_size=9)
    )
    text = "".join(d + g for d, g in zip("517654321", gap, strict=False))
    hits = MATCHER.find(f"{before} {prefix}{text.rstrip(' -./')} {before}")
    assert len(NAMES) in {hit.identifier for hit in hits if not hit.doubtful}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(words, st.text("abcdefgh ijk.0123 жщц\n", max_size=40))))
def test_other_text_is_silent(parts: list[str]) -> None:
    assert {h for h in MATCHER.find(" ".join(parts)) if not h.doubtful} == set()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, unique=True),
    st.text("abc", max_size=80),
)
def test_the_automaton_finds_what_str_find_finds(every: list[str], text: str) -> None:
    expected = {
        (n, at, at + len(word))
        for n, word in enumerate(every)
        for at in range(len(text))
        if text.startswith(word, at)
    }
    assert set(Automaton(every).find(text)) == expected


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_folding_is_done_a_character_at_a_time(text: str) -> None:
    whole = text.translate(folding.PLAIN)
    assert whole == "".join(char.translate(folding.PLAIN) for char in text)
    assert whole.translate(folding.PLAIN) == whole


def test_steps_are_at_most_the_length_of_a_hostile_text() -> None:
    automaton = Automaton(["a" * n + "b" for n in range(4, 120)])
    for length in (10_000, 40_000):
        automaton.steps = 0
        assert list(automaton.find("a" * length)) == []
        assert automaton.steps <= length


def test_a_hit_on_the_edge_of_two_chunks_is_found_once() -> None:
    from evidence.lint.matching import CHUNK

    for shift in range(-20, 4, 4):
        text = "." * (CHUNK + shift) + "Zuzanna Wierzbicka" + "." * 5000
        sure = {h for h in MATCHER.find(text) if not h.doubtful}
        assert {h.offset for h in sure} == {CHUNK + shift, CHUNK + shift + 8}
