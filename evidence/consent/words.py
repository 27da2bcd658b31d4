"""The closed words of consents, and how persons and recipients may be called.

Everything here ends in public facts, which travel. So a person or recipient is called
by a number (``PE-0001``), an alias of one Latin capital or a closed word with digits
(``A1``, ``ORG-12``) or a key id; free words, which could be names in any script, are
refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from evidence.consent_errors import ConsentAliasError, ConsentUnsoundError

# A letter, or what kind of party it is; "ALI1" would already be a name.
ALIAS = r"(?:[A-Z]|PE|ORG|NGO|POL|CRT|LAW)-?[0-9]{1,4}"
_ALIAS = re.compile(ALIAS, re.ASCII)
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
# RFC 5646: primary language, script, region; no free subtags.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)


class Giver(StrEnum):
    """Who gave a consent."""

    SELF = "self"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"  # a legal representative of an adult


class Age(StrEnum):
    """What is known of the subject's age."""

    ADULT = "adult"
    MINOR = "minor"
    UNKNOWN = "unknown"  # the rules for minors apply


@dataclass(frozen=True, slots=True)
class Words:
    """What ``words.toml`` holds.

    Attributes:
        levels, risks: word to what it means, in English.
        purposes: word to the levels of which one must be allowed.
    """

    version: int
    reflection_days: int
    review_days: int
    levels: Mapping[str, str]
    purposes: Mapping[str, tuple[str, ...]]
    risks: Mapping[str, str]


@cache
def words() -> Words:
    """Return the words this version ships."""
    text = (resources.files("evidence.consent") / "words.toml").read_text("utf-8")
    data = tomllib.loads(text)
    purposes = {name: tuple(levels) for name, levels in data["purposes"].items()}
    return Words(
        version=data["version"],
        reflection_days=data["reflection_days"],
        review_days=data["review_days"],
        levels=data["levels"],
        purposes=purposes,
        risks=data["risks"],
    )


def checked(given: Iterable[str], known: Iterable[str], *, what: str) -> list[str]:
    """Return `given` without doubles, in the order of `known`.

    Raises:
        ConsentUnsoundError: one of them is not a known word (it is not repeated: it may
            be a name).
    """
    asked, order = set(given), list(known)
    if not asked <= set(order):
        reason = f"one of the {what} is not a known word; see 'custody consent words'"
        raise ConsentUnsoundError(reason=reason)
    return [word for word in order if word in asked]


def check_alias(text: str, *, what: str) -> str:
    """Return an alias or person number.

    Raises:
        ConsentAliasError: it may be a name (it is not repeated).
    """
    if not _ALIAS.fullmatch(text):
        raise ConsentAliasError(what=what)
    return text


def check_recipient(text: str) -> str:
    """Return an alias, a person number or a key id (64 hex digits).

    Raises:
        ConsentAliasError: it is none of these.
    """
    return text if _KEY.fullmatch(text) else check_alias(text, what="recipient")


def check_language(tag: str) -> str:
    """Return a language tag of the form ``az``, ``uz-Latn`` or ``ro-MD``.

    Raises:
        ConsentUnsoundError: it has another form.
    """
    if not _LANGUAGE.fullmatch(tag):
        raise ConsentUnsoundError(reason="its language is no tag such as az or uz-Latn")
    return tag


def same_party(one: str, other: str) -> bool:
    """Tell whether two names mean one party: ``A1``, ``A-1`` and ``A0001`` do."""
    return _folded(one) == _folded(other)


def _letters(alias: str) -> str:
    return alias.rstrip("0123456789").rstrip("-")


def _folded(name: str) -> tuple[str, int] | str:
    if not _ALIAS.fullmatch(name):
        return name
    letters = _letters(name)
    return letters, int(name[len(letters) :].removeprefix("-"))
