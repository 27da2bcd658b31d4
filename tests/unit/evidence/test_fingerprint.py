"""Fingerprints as words: told apart by ear, and read back as they were."""

from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.fingerprint import WORDS, groups, parse, words
from evidence.key_errors import FingerprintRefusedError
from manifests.keys import KeyId

ZERO = KeyId("00" * 32)


def _distance(one: str, other: str) -> int:
    """Levenshtein distance, by the textbook recursion on rows."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def test_the_list() -> None:
    assert len(set(WORDS)) == len(WORDS) == 256
    assert list(WORDS) == sorted(WORDS)
    assert all(w.isascii() and w.isalpha() and w.islower() for w in WORDS)
    assert all(4 <= len(word) <= 8 for word in WORDS)
    assert min(_distance(a, b) for a, b in combinations(WORDS, 2)) >= 3


def test_the_list_never_changes() -> None:
    # Cards were printed with it; made with: printf '%s' "$WORDS" | sha256sum
    digest = hashlib.sha256(" ".join(WORDS).encode()).hexdigest()
    assert digest == (
        "2ca644af7912b072f0cd4af76cdf3988ad019b9ebc6ec9468a3c2cef2460853b"
    )


def test_known_words() -> None:
    assert words(ZERO) == ["acorn"] * 32
    assert groups(KeyId("ff" * 32)) == ["zucchini zucchini zucchini zucchini"] * 8
    assert words(KeyId("00ff" * 16))[:3] == ["acorn", "zucchini", "acorn"]


@given(st.binary(min_size=32, max_size=32), st.sampled_from([" ", "\n", " - ", ", "]))
def test_read_back(raw: bytes, between: str) -> None:
    key = KeyId(raw.hex())
    assert parse(between.join(groups(key))) == key
    assert parse("  " + between.join(words(key)).upper() + "\n") == key
    assert parse(key.upper()) == parse(f"{key[:20]} {key[20:]}") == key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 words"),
        ("acorn " * 31, "31 words"),
        ("acorn " * 33, "33 words"),
        ("acorn " * 31 + "akorn", "none of the words"),
        ("00" * 31, "none of the words"),
        ("00" * 33, "none of the words"),
        ("\x1b[2J", "none of the words"),
    ],
)
def test_no_fingerprint(text: str, reason: str) -> None:
    with pytest.raises(FingerprintRefusedError, match=reason):
        parse(text)
