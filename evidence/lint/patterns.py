"""The written forms an identifier is looked for in.

A pattern is folded text (`folding`) with the places where its words meet. How far apart
its characters may stand, and what may stand beside it, follows from its kind; `Rule`
says it. Only the matcher knows positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, permutations, product

from evidence.lint import folding
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.words import is_common

_LONG = 10  # folded characters from which chance does not write a word
_SHORT = 4  # below, a word alone is doubtful
_MAX_PARTS = 6
_MAX_LENGTH = 300
_MOST_SCHWAS = 3  # of one word, each with two spellings
_PHONE_DIGITS = 9
_SHORTEST_REFERENCE, _LONG_NUMBER = 5, 8
_WORDS = re.compile(r"[^\W_]+(?:['’ʼ`\u0300-\u036f\u064b-\u0652][^\W_]+)*")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ENDINGS = ("skiy", "skii", "skij", "sky", "ski")
_PHONE = re.compile(r"[^\w]*(?:\d[^\w]*){6,}")
_CONSONANTS, _FEW_CONSONANTS = 5, 4  # below, they are of many names; of any
_ARTICLES = frozenset(
    ("al", "el", "ul", "ad", "ar", "as", "az", "an", "at", "ash", "ad", "ed", "er",
     "es", "ez", "en", "et", "esh", "аль", "эль", "ад", "ар", "ас", "аз", "ан", "ат",
     "аш")
)  # fmt: skip
_CYRILLIC = re.compile("[\u0400-\u052f]")
_CYRILLIC_ENDINGS = "аеёиійоуыьэюя"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a pattern may stand in text.

    Attributes:
        joints: indices in the pattern before which a gap is natural.
        loose: gaps may stand anywhere.
        inside: it counts inside a longer word, too.
        doubtful: a hit is reported and does not block.
        ends: up to three more letters may follow (case endings).
        digits: it is a number: digits right beside it make it another one.
        apart: the gaps at the joints must be there.
    """

    joints: frozenset[int] = frozenset()
    loose: bool = False
    inside: bool = False
    doubtful: bool = False
    ends: bool = False
    digits: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Folded text that stands for an identifier.

    Attributes:
        identifier: number in the list the patterns were made from.
        arabic: the consonants of something written in Arabic.
    """

    text: str
    identifier: int
    rule: Rule
    arabic: bool = False


def patterns(identifiers: Iterable[Identifier]) -> Iterator[Pattern]:
    """Yield the patterns of all identifiers but positions; some may be alike."""
    for number, identifier in enumerate(identifiers):
        value = folding.composed(identifier.value)[:_MAX_LENGTH]
        for text, rule in _forms(identifier.kind, value):
            if len(text) >= 2:
                yield Pattern(text, number, rule)


def _forms(kind: Kind, value: str) -> Iterator[tuple[str, Rule]]:
    if kind == Kind.PARTICIPANT and _PHONE.fullmatch(value):
        yield from _phone(value)
    elif kind in (Kind.NAME, Kind.PARTICIPANT, Kind.USER):
        yield from _name(value)
        if kind == Kind.NAME:  # of few persons: each has many spellings
            yield from _azerbaijani(value)
    elif kind == Kind.PHONE:
        yield from _phone(value)
    elif kind == Kind.EMAIL:
        yield from _email(value)
    elif kind == Kind.BIRTH_DATE:
        yield from _birth_date(value)
    elif kind in (Kind.ADDRESS, Kind.PLACE):
        yield from _address(value)
    elif kind == Kind.FILE_NAME:
        yield from _file_name(value)
    elif kind == Kind.REFERENCE:
        yield from _reference(value)
    elif kind != Kind.POSITION:
        yield from _code(value)


def _code(value: str) -> Iterator[tuple[str, Rule]]:
    """Yield a number, a serial or a handle: its characters in their order."""
    text = value.translate(folding.PLAIN)
    weak = len(text) < 5 or is_common(text)
    joints = frozenset(range(1, len(text))) if len(text) >= 6 else frozenset[int]()
    digits = text[:1].isdigit() and text[-1:].isdigit()
    yield (
        text,
        Rule(joints, len(text) >= 8, len(text) >= _LONG, weak, digits=digits),
    )
    for latin in _romanised(value):
        yield latin, Rule(joints, doubtful=weak)


def _reference(value: str) -> Iterator[tuple[str, Rule]]:
    """Yield a file number; what is short or a few digits is everybody's."""
    text = value.translate(folding.PLAIN)
    if len(text) >= _SHORTEST_REFERENCE:
        weak = (text.isdigit() and len(text) < _LONG_NUMBER) or is_common(text)
        digits = text[0].isdigit() and text[-1].isdigit()
        yield text, Rule(_joints(value), doubtful=weak, digits=digits)


def _phone(value: str) -> Iterator[tuple[str, Rule]]:
    digits = "".join(c for c in value.translate(folding.PLAIN) if c.isdigit())
    # Without prefixes of a country or a trunk: +49 170 ..., 0049 170 ..., 0170 ...
    text = digits.lstrip("0")[-_PHONE_DIGITS:].lstrip("0")
    if len(text) < 6:
        text = digits[-_PHONE_DIGITS:]
    yield text, Rule(loose=True, doubtful=len(text) < 6, digits=True, inside=True)


def _email(value: str) -> Iterator[tuple[str, Rule]]:
    local, _, domain = value.partition("@")
    left, right = local.translate(folding.PLAIN), domain.translate(folding.PLAIN)
    yield left + right, Rule(frozenset((len(left),)), loose=True)
    spelled = domain.replace(".", " dot ").translate(folding.PLAIN)
    yield f"{left}at{spelled}", Rule(loose=True)
    if len(left) >= 4:
        weak = is_common(left) or len(left) < 6
        yield left, Rule(_joints(local), doubtful=weak)


def _birth_date(value: str) -> Iterator[tuple[str, Rule]]:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return
    y, m, d = f"{day.year:04d}", day.month, day.day
    month = _MONTHS[m - 1]
    names = {month, month[:3]}
    for parts in (
        (y, f"{m:02d}", f"{d:02d}"),
        (f"{d:02d}", f"{m:02d}", y),
        (f"{m:02d}", f"{d:02d}", y),
    ):
        yield "".join(parts), Rule(_ends(parts), digits=True)
    for parts in ((str(d), str(m), y), (str(m), str(d), y), (y, str(m), str(d))):
        yield "".join(parts), Rule(_ends(parts), digits=True, apart=True)
    for name in names:
        for parts in ((str(d), name, y), (f"{d:02d}", name, y), (name, str(d), y)):
            yield "".join(parts), Rule(_ends(parts), digits=True)


def _address(value: str) -> Iterator[tuple[str, Rule]]:
    """Yield the whole and each line or part that is long enough to tell a place."""
    pieces = [value, *re.split(r"[,;\n]+", value)]
    for piece in pieces:
        for text in (piece.translate(folding.PLAIN), *_romanised(piece)):
            weak = len(text) < _SHORT or is_common(text)
            if piece is not value and (len(text) < 6 or text.isdigit()):
                continue
            yield text, Rule(_joints(piece), len(text) >= _LONG, doubtful=weak)


def _file_name(value: str) -> Iterator[tuple[str, Rule]]:
    stem = value.rsplit(".", 1)[0] if "." in value.strip(".") else value
    for text in (stem.translate(folding.PLAIN), *_romanised(stem)):
        known = all(is_common(w) for w in _parts(stem))
        if len(text) >= 6 and not known:
            joints = _joints(stem)
            # One word can be anything; several, or a number, are of this file.
            weak = len(text) < 8 or (len(joints) == 1 and text.isalpha())
            yield text, Rule(joints, doubtful=weak, digits=text[-1].isdigit())


def _joints(value: str) -> frozenset[int]:
    return _ends(_parts(value))


def _parts(value: str) -> list[str]:
    found = (word.translate(folding.PLAIN) for word in _WORDS.findall(value))
    return [part for part in found if part]


def _ends(parts: Iterable[str]) -> frozenset[int]:
    ends, at = set(), 0
    for part in parts:
        at += len(part)
        ends.add(at)
    return frozenset(ends)


def _name(value: str) -> Iterator[tuple[str, Rule]]:
    """Yield a name whole, in both orders, any two parts, and each part alone."""
    for parts in _spellings(value):
        yield from _orders(parts)
        for part in parts:
            yield from _part(part, whole=len(parts) == 1)


def _spellings(value: str) -> list[tuple[str, ...]]:
    """Return the folded parts of a name in each script and scheme, once each."""
    words = _WORDS.findall(value)[:_MAX_PARTS]
    every: dict[tuple[str, ...], None] = {}
    joined = "\u2028".join(words)
    for view, text in folding.views(joined):
        folded = (word.translate(view) for word in text.split("\u2028"))
        parts = tuple(part for part in folded if part)
        for spelled in _respelled(parts):
            every[spelled] = None
    return [parts for parts in every if parts]


def _azerbaijani(value: str) -> Iterator[tuple[str, Rule]]:
    """Yield the parts of a name as Russian and English papers spell them, too."""
    low = value.lower()
    if not folding.AZERBAIJANI_LETTERS & set(low):
        return
    words = _WORDS.findall(low)[:_MAX_PARTS]
    for word in words:
        for spelled in sorted(_heard(word)):
            yield from _part(spelled, whole=len(words) == 1)
            if spelled.endswith("a") and len(spelled) > 6:  # Мамедова, Мамедовой
                yield spelled[:-1], Rule(ends=True)


def _heard(word: str) -> set[str]:
    """Return spellings of a word: for each ə an a or an e, doubled letters or not."""
    count = min(word.count("ə"), _MOST_SCHWAS)
    found: set[str] = set()
    for vowels in product("ae", repeat=count):
        text = word
        for vowel in vowels:
            text = text.replace("ə", vowel, 1)
        text = text.replace("ə", "a")
        for table in folding.AZERBAIJANI_HEARD:
            latin = "".join(table.get(char, char) for char in text)
            latin = latin.translate(folding.PLAIN)
            found |= {latin, undoubled(latin)}
    return found


def _respelled(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield parts
    if any("ks" in part for part in parts):
        yield tuple(part.replace("ks", "x") for part in parts)
    if any("x" in part for part in parts):
        yield tuple(part.replace("x", "ks") for part in parts)
    for ending in _ENDINGS:
        if any(part.endswith(_ENDINGS) and len(part) > 5 for part in parts):
            yield tuple(_with_ending(part, ending) for part in parts)
    if any(re.search("g[ei]", part) for part in parts):  # French keeps the sound
        yield tuple(re.sub("g(?=[ei])", "gu", part) for part in parts)
    if any(part.endswith(("iy", "ii", "ij")) for part in parts):
        yield tuple(re.sub("i[iyj]$", "y", part) for part in parts)


def _with_ending(part: str, ending: str) -> str:
    for known in _ENDINGS:
        if part.endswith(known) and len(part) > 5:
            return part.removesuffix(known) + ending
    return part


def _orders(parts: tuple[str, ...]) -> Iterator[tuple[str, Rule]]:
    if len(parts) < 2:
        return
    orders = {parts, parts[::-1]}
    orders.update(permutations(parts, 2))
    for order in orders:
        text = "".join(order)
        weak = len(text) < 6
        sure = len(text) >= _LONG
        yield text, Rule(_ends(order), sure, inside=sure, doubtful=weak, ends=sure)
    first, last = parts[0], parts[-1]
    for order in ((first[0], last), (last, first[0]), (last[0], first)):
        weak = len("".join(order)) < 6 or is_common(max(order, key=len))
        yield "".join(order), Rule(_ends(order), apart=True, doubtful=weak)


def _part(part: str, *, whole: bool) -> Iterator[tuple[str, Rule]]:
    if len(part) < 2 or part.isdigit():
        return
    weak = len(part) < _SHORT or is_common(part)
    ends = len(part) >= 5
    yield part, Rule(doubtful=weak and not (whole and len(part) > 6), ends=ends)
    if _CYRILLIC.search(part) and part[-1] in _CYRILLIC_ENDINGS and len(part) >= 5:
        yield part[:-1], Rule(doubtful=len(part) < 7, ends=True)


def _romanised(value: str) -> list[str]:
    found = {text.translate(view): None for view, text in folding.views(value)[1:]}
    return [text for text in found if text]


def consonant_patterns(identifiers: Iterable[Identifier]) -> Iterator[Pattern]:
    """Yield the consonants of names: what Arabic and Latin spellings share."""
    for number, identifier in enumerate(identifiers):
        if identifier.kind not in (Kind.NAME, Kind.PARTICIPANT):
            continue
        value = folding.composed(identifier.value)[:_MAX_LENGTH]
        arabic = folding.ARABIC_LETTERS.search(value) is not None
        words = _WORDS.findall(value)[:_MAX_PARTS]
        least = _CONSONANTS if arabic else _FEW_CONSONANTS
        for parts in _with_articles(words):
            for order in {parts, parts[::-1]}:
                text = undoubled("".join(order))
                if len(order) >= 2 and len(text) >= least:
                    weak = len(text) < _CONSONANTS
                    joints = _ends(order) | {end + 1 for end in _ends(order)}
                    yield Pattern(text, number, Rule(joints, doubtful=weak), arabic)


def _with_articles(words: list[str]) -> set[tuple[str, ...]]:
    """Return the consonants of a name as it is, without any article, and with each.

    Arabic writes the article as part of its word and Latin mostly apart, or as it is
    spoken (az-Zahra), or not at all.
    """
    bare: list[str] = []
    own: list[str] = []
    for word in words:
        held = undoubled(word.translate(folding.CONSONANTS))
        if held:
            own.append(held)
        if word.casefold() in _ARTICLES:
            continue
        inner = word.removeprefix("\u0627\u0644")
        held = undoubled(inner.translate(folding.CONSONANTS))
        if held:
            bare.append(held)
    found = {tuple(own), tuple(bare)}
    for index in range(1, len(bare)):
        found.add((*bare[:index], "l" + bare[index], *bare[index + 1 :]))
    found.add((*bare[:1], *("l" + part for part in bare[1:])))
    return found


def undoubled(text: str) -> str:
    """Return `text` with runs of one character made one."""
    return "".join(c for before, c in pairwise("\0" + text) if c != before)


def positions(identifiers: Iterable[Identifier]) -> Mapping[int, tuple[float, float]]:
    """Return latitude and longitude in degrees by number of the identifier."""
    found: dict[int, tuple[float, float]] = {}
    for number, identifier in enumerate(identifiers):
        if identifier.kind == Kind.POSITION:
            latitude, _, longitude = identifier.value.partition(" ")
            try:
                found[number] = float(latitude), float(longitude)
            except ValueError:
                continue
    return found
