"""Sentences of the program that a report carries in English, told in its language.

The model of a report is English in every language: it is compared with the log when a
report is verified, and other languages are renderings of it. A sentence is found in the
catalogue whole or, where figures stand in it, by the template it was made from; what no
template fits stays English. Only the program's own sentences come here, never what a
person wrote.
"""

from __future__ import annotations

import re
from functools import lru_cache

from evidence.report import phrases
from evidence.report.i18n import current, language_of, number, plural
from evidence.report.phrasing import (
    comparisons,
    facts,
    findings,
    reasons,
    stamps,
    telling,
    words,
)

_LONGEST = 2000  # characters; the program says nothing longer
_PLACE = re.compile(r"\{(\w+)\}")
_COUNTED = re.compile(r"([0-9,]{1,20}) ([A-Za-z][A-Za-z -]{0,60})")
_SIZE = re.compile(r"([0-9,]{1,26} bytes) \(([0-9]{1,4})\.([0-9]) ([KMGT]iB)\)")
_COUNTING = re.compile(r"([a-z][a-z -]{0,40}) ([0-9,]{1,20})")
_COUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_SENTENCE = re.compile(r"(?<=[.!]) (?=[A-Z0-9('])")
# Members of a list may hold commas: what separates more strongly comes first.
_LISTS = (re.compile(r"(; )"), re.compile(r"(, | · )"))
_FORMS = (
    "list of digests|hashdeep list|BagIt bag|hashes stored in EWF|RFC 3161 time stamp|"
    "ProofMode bundle|WACZ|file of no known form"
)
_RESULTS = (
    "matches in part|matches|DOES NOT MATCH|COULD NOT BE READ|"
    "says nothing of this exhibit"
)
_PROOF = re.compile(
    rf"({_FORMS}) ({_RESULTS})(?:: ([^();:]*?))?(?: \(([^()]*)\))?(?:; (.*))?"
)
_COUNTED_WORD = re.compile(r"([0-9,]{1,20}) ([a-z-]{1,40})")
_DEPTH = 3  # of values inside values
_COMMAS = {", ": "، ", "; ": "؛ "}
_ROLES = frozenset(
    (
        "examiner",
        "investigator",
        "analyst",
        "supervisor",
        "lawyer",
        "prosecutor",
        "custodian",
        "caseworker",
    )
)
_HOLDER = re.compile(r"key [0-9a-f]{16}")
_IN_ROLE = re.compile(r"(.{1,200}) \(([a-z][a-z -]{0,40})\)")
_MORE = (
    *phrases.HAND_CHECK,
    *phrases.ATTACHED,
    *phrases.LOSSES,
    *phrases.GAPS_BETWEEN,
    *phrases.ENTRIES,
    *phrases.RARER,
    *phrases.WORDS,
    *findings.SENTENCES,
    *reasons.SENTENCES,
    *stamps.SENTENCES,
    *telling.SENTENCES,
    *words.SENTENCES,
    *facts.SENTENCES,
    *comparisons.SENTENCES,
    "{left} ({n} more erased)",
)
# What can stand in a place, by its name; elsewhere anything that ends no sentence.
_COUNTS = re.compile(r"[0-9][0-9,]*")
_WORD = re.compile(r"[a-z][a-z-]*")
_PLACES = {
    "n": _COUNTS,
    "m": _COUNTS,
    "seq": _COUNTS,
    "key": re.compile(r"[0-9a-f]{4,64}"),
    "number": re.compile(r"\S+"),
    "time": re.compile(r"[0-9].*"),
    "word": _WORD,
    "stamp": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"),
}


def told(text: str) -> str:
    """Return a sentence of the program in the language in force, or as it is."""
    language = current()
    if not language.sentences or not text or len(text) > _LONGEST:
        return text
    return _told(text, language.code)


def who(text: str) -> str:
    """Return who acted in the language in force: the word for a key, a known role.

    Names and pseudonyms stay as they are, and so does a role in somebody's own words.
    """
    if not current().sentences:
        return text
    if _HOLDER.fullmatch(text):
        return told(text)
    found = _IN_ROLE.fullmatch(text)
    return f"{who(found[1])} ({role(found[2])})" if found else text


def role(text: str) -> str:
    """Return a role in the language in force, where it is one of the usual ones."""
    return told(text) if text in _ROLES else text


@lru_cache(maxsize=20_000)
def _told(text: str, code: str) -> str:  # noqa: ARG001 - `code` is part of the key
    """Tell `text` in the language in force, which is `code`."""
    whole = _known(text, 0)
    if whole is not None:
        return whole
    parts = _SENTENCE.split(text)
    return " ".join(_joined(parts)) if len(parts) > 1 else _value(text, 0)


def _joined(parts: list[str]) -> list[str]:
    """Tell sentence by sentence, the longest run that is known first."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        for end in range(min(len(parts), at + 4), at, -1):
            found = _known(" ".join(parts[at:end]), 0)
            if found is not None:
                out.append(found)
                at = end
                break
        else:
            out.append(parts[at])
            at += 1
    return out


def _known(text: str, depth: int) -> str | None:
    language = current()
    found = language.sentences.get(text)
    if isinstance(found, str):
        return found
    known = _templates(language.code)
    for template in (*known.get(text[:1], ()), *known.get("", ())):
        values = template.match(text)
        if values is None:
            continue
        said = language.sentences[template.key]
        if isinstance(said, str):
            filled = {k: _value(v, depth + 1) for k, v in values.items()}
            return said.format_map(filled)
    return None


def _value(text: str, depth: int) -> str:
    """Tell a value inside a sentence: a word, a counted noun, or a list of them."""
    language = current()
    found = language.sentences.get(text)
    if isinstance(found, str):
        return found
    if _COUNT.fullmatch(text):
        return number(int(text.replace(",", "")))
    if counted := _counted(text, depth):
        return counted
    size = _SIZE.fullmatch(text)
    if size:
        exact = _value(size[1], depth)
        return f"{exact} ({size[2]}{language.decimal}{size[3]} {size[4]})"
    counting = _COUNTING.fullmatch(text)
    if counting and counting[1] in language.sentences:
        return f"{_value(counting[1], depth)} {_value(counting[2], depth)}"
    if depth <= _DEPTH:
        known = _known(text, depth)
        if known is not None:
            return known
        return _members(text, depth)
    return text


def _counted(text: str, depth: int) -> str:
    """Tell a number with what is counted, in the form the number asks for; else ""."""
    language = current()
    counted = _COUNTED.fullmatch(text)
    if counted:
        one = _nouns(language.code).get(counted[2])
        if one is not None:
            return plural(one, one, int(counted[1].replace(",", "") or "0"))
    plain = _COUNTED_WORD.fullmatch(text)
    if plain and isinstance(word := language.sentences.get(plain[2]), str):
        return f"{word} {_value(plain[1], depth)}"
    return ""


def _members(text: str, depth: int) -> str:
    """Tell a list member by member, and what stands behind a colon."""
    strong, weak = _LISTS
    if proof := _proof(text):
        return proof
    if strong.search(text):
        return _each(strong, text, depth)
    if text.endswith(".") and (known := _value(text[:-1], depth + 1)) != text[:-1]:
        return f"{known}."
    head, colon, tail = text.partition(": ")
    if colon and (known := _value(tail, depth + 1)) != tail:
        return f"{_value(head, depth + 1)}: {known}"
    return _each(weak, text, depth) if weak.search(text) else text


def _proof(text: str) -> str:
    """Tell what is said of another's proof: its form, the result, counts and notes."""
    found = _PROOF.fullmatch(text)
    if found is None:
        return ""
    form, result, counts, algorithms, notes = found.groups()
    said = f"{_value(form, 1)}: {_value(result, 1)}"
    if counts:
        said += f" ({_value(counts, 1)})"
    if algorithms:
        said += f" ({algorithms})"
    return f"{said}; {_value(notes, 1)}" if notes else said


def _each(separator: re.Pattern[str], text: str, depth: int) -> str:
    parts = separator.split(text)
    said = [
        part if at % 2 else _value(part, depth + 1) for at, part in enumerate(parts)
    ]
    if current().rtl:  # between words of its own, not between ids
        for at in range(1, len(said) - 1, 2):
            if not (said[at - 1].isascii() and said[at + 1].isascii()):
                said[at] = _COMMAS.get(said[at], said[at])
    return "".join(said)


class _Template:
    """A sentence with places, matched left to right without going back."""

    def __init__(self, key: str) -> None:
        self.key = key
        parts = _PLACE.split(key)
        self.literals, self.names = parts[::2], parts[1::2]

    def match(self, text: str) -> dict[str, str] | None:
        """Return what stands in the places; linear in the length of `text`."""
        first, last = self.literals[0], self.literals[-1]
        if not text.startswith(first) or not text.endswith(last):
            return None
        at, end = len(first), len(text) - len(last)
        found: dict[str, str] = {}
        for name, literal in zip(self.names, [*self.literals[1:-1], ""], strict=True):
            stop = text.find(literal, at, end) if literal else end
            if stop <= at or found.get(name, text[at:stop]) != text[at:stop]:
                return None
            if _SENTENCE.search(text, at, stop):
                return None  # it would swallow sentences that are told apart
            kind = _PLACES.get(name)
            if kind is not None and not kind.fullmatch(text, at, stop):
                return None
            found[name] = text[at:stop]
            at = stop + len(literal)
        return found


@lru_cache(maxsize=16)
def _templates(code: str) -> dict[str, tuple[_Template, ...]]:
    """Templates of the language in force by first character, most literal first."""
    found: dict[str, list[_Template]] = {}
    for key in (*phrases.VERIFIER, *phrases.LEVEL, *_MORE):
        if _PLACE.search(key) and key in language_of(code).sentences:
            template = _Template(key)
            first = template.literals[0][:1]
            found.setdefault(first, []).append(template)
    return {
        first: tuple(sorted(ts, key=lambda t: -sum(map(len, t.literals))))
        for first, ts in found.items()
    }


@lru_cache(maxsize=16)
def _nouns(code: str) -> dict[str, str]:
    """Nouns that are counted, singular and plural, with the key of their forms."""
    found: dict[str, str] = {}
    for one, many in phrases.COUNTED:
        if one in language_of(code).sentences:
            found[one.removeprefix("{count} ")] = one
            found[many.removeprefix("{count} ")] = one
    return found
