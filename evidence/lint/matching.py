"""Finds identifiers in text, whatever its script, spacing and case.

Each view of a chunk is searched once. A hit in folded text is only a candidate: where
its characters really stand decides (`_judge`). Places are worked out for chunks with a
candidate alone, so that text without any costs little.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from evidence.lint import folding
from evidence.lint.automaton import Automaton, beginnings
from evidence.lint.folding import CONSONANTS, PLAIN, View, is_ignorable
from evidence.lint.identifiers import Identifier
from evidence.lint.locating import Locator
from evidence.lint.patterns import (
    Pattern,
    Rule,
    consonant_patterns,
    patterns,
    positions,
)

CHUNK = 1 << 17  # characters searched at a time
OVERLAP = 2048  # of a chunk and the one before; nothing found is longer
_GAP = 8  # characters that may stand between two of a pattern
_JOINT = 60  # the same where words meet
_NO_OTHER = 8  # folded characters of a name that an ending makes no other one
_SURE = 16  # characters a position on earth counts for
_DECEIVED = re.compile("[ol]").search
_DOUBLED = re.compile(r"(.)\1+", re.DOTALL)
_RUN = re.compile(r"(.)\1*", re.DOTALL)
_TOKEN = 100  # characters looked at on each side of a hit
_TOKEN_END = re.compile(r"[A-Za-z0-9+/]+\Z")
_TOKEN_START = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_DIGEST = re.compile(
    r"(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])(?:(?=[^A-Z]*[A-Z])[A-Za-z0-9+/]{43,}={0,2}"
    r"|[0-9a-f]{64,})"
)
_BROKEN = re.compile(r"[-\u00ad\u2010\u2011]?\s*\n\s*|[-\u00ad\u2010\u2011]")


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """An identifier in a text.

    Attributes:
        identifier: its number in the list searched for.
        offset: in characters of the text.
        doubtful: it may be a common word.
        size: folded characters that matched.
    """

    identifier: int
    offset: int
    doubtful: bool
    size: int


class Matcher:
    """Looks for `identifiers` in text.

    Memory grows with the identifiers, time with the length of the text.
    """

    def __init__(self, identifiers: Sequence[Identifier]) -> None:
        every = _by_text(patterns(identifiers))
        self._short = {text: same for text, same in every.items() if len(text) < 4}
        self._brief = _brief(self._short)
        self._brief_latin = beginnings(w for w in self._short if w.isascii())
        self._named = {text: same for text, same in every.items() if len(text) >= 4}
        self._words = list(self._named)
        self.automaton = Automaton(self._words)
        latin = [word for word in self._words if word.isascii()]
        self._latin = beginnings(latin)
        # In Latin text look-alikes write these words only that hold one.
        self._deceived = beginnings(w for w in latin if _DECEIVED(w))
        self._bare = _by_text(consonant_patterns(identifiers))
        self._bare_words = list(self._bare)
        self._consonants = Automaton(self._bare_words)
        # In text without Arabic letters only what was written in Arabic is sought.
        arabic = [w for w, same in self._bare.items() if any(p.arabic for p in same)]
        self._arabic = beginnings(arabic)
        self._locator = Locator(positions(identifiers))

    def find(self, text: str) -> set[Hit]:
        """Return what is in `text`; offsets count characters (of its form NFC)."""
        text = folding.composed(text)
        found: set[Hit] = set()
        for start in range(0, max(len(text), 1), CHUNK):
            begin = max(start - OVERLAP, 0)
            chunk = text[begin : start + CHUNK]
            for hit in self._chunk(chunk):
                found.add(replace(hit, offset=begin + hit.offset))
        return found

    def _chunk(self, chunk: str) -> Iterator[Hit]:
        for view, text in folding.views(chunk):
            yield from self._candidates(view.folded(text), text, view)
        arabic = folding.ARABIC_LETTERS.search(chunk) is not None
        if self._bare and (arabic or self._arabic is not None):
            yield from self._bare_hits(chunk, arabic=arabic)
        if self._brief is not None:
            yield from self._brief_hits(self._brief, chunk)
        for number, at, doubtful in self._locator.find(chunk):
            yield Hit(number, at, doubtful, _SURE)

    def _candidates(self, folded: str, text: str, view: View) -> Iterator[Hit]:
        places: _Places | None = None
        begin: re.Pattern[str] | None = None
        if folded.isascii():
            begin = self._latin
            if text.isascii() and view is folding.LOOK_ALIKE:
                begin = self._deceived
            if begin is None:
                return
        for number, start, end in self.automaton.find(folded, begin):
            if places is None:
                places = _Places(text, view)
            at = places.of(start, end)
            for pattern in self._named[self._words[number]]:
                verdict = _judge(text, at, pattern.rule)
                if verdict is not None:
                    chance = end - start < _NO_OTHER and _in_digest(text, at)
                    yield Hit(pattern.identifier, at[0], verdict or chance, end - start)

    def _brief_hits(self, brief: re.Pattern[str], text: str) -> Iterator[Hit]:
        """Find what has two or three letters, as a word of its own only."""
        if text.isascii() and not _stands_in(self._brief_latin, text.lower()):
            return
        for match in brief.finditer(text):
            for pattern in self._short.get(match[0].translate(PLAIN), ()):
                at, size = match.start(), len(match[0])
                yield Hit(pattern.identifier, at, doubtful=True, size=size)

    def _bare_hits(self, text: str, *, arabic: bool) -> Iterator[Hit]:
        folded = text.translate(CONSONANTS)
        single = _DOUBLED.sub(r"\1", folded)
        begin = None if arabic else self._arabic
        if next(self._consonants.find(single, begin), None) is None:
            return
        places = _Places(text, CONSONANTS)
        kept = [run.start() for run in _RUN.finditer(folded)]
        kept.append(len(folded))
        for number, start, end in self._consonants.find(single, begin):
            at = [places.of(i, i + 1)[0] for i in kept[start:end]]
            runs = [places.of(i - 1, i)[0] for i in kept[start + 1 : end + 1]]
            for pattern in self._bare[self._bare_words[number]]:
                piece = text[at[0] : runs[-1] + 1]
                if not pattern.arabic and not (
                    arabic and folding.ARABIC_LETTERS.search(piece)
                ):
                    continue
                if _whole_words(text, at, runs, pattern.rule):
                    doubt, size = pattern.rule.doubtful, end - start
                    yield Hit(pattern.identifier, at[0], doubt, size)


def _by_text(every: Iterable[Pattern]) -> dict[str, list[Pattern]]:
    found: dict[str, dict[Pattern, None]] = {}
    for pattern in every:
        found.setdefault(pattern.text, {})[pattern] = None
    return {text: list(same) for text, same in found.items()}


def _brief(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return an expression for words of up to three letters."""
    letters = [re.escape(word) for word in sorted(words)]
    if not letters:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(letters)})(?![^\W_])", re.IGNORECASE)


def _stands_in(words: re.Pattern[str] | None, text: str) -> bool:
    """Tell whether a word of up to three letters may stand alone in `text`."""
    if words is None:
        return False
    return any(
        not text[match.start() - 1 : match.start()].isalnum()
        for match in words.finditer(text)
    )


def _in_digest(text: str, at: list[int]) -> bool:
    """Tell whether a hit is inside a digest or signature, which holds any short word.

    That is one token of base64 or hexadecimal letters, as long as 32 bytes are, with
    capital and small letters and digits. What such a token says is searched apart.
    """
    before = _TOKEN_END.search(text, max(at[0] - _TOKEN, 0), at[0])
    after = _TOKEN_START.match(text, at[-1] + 1, at[-1] + 1 + _TOKEN)
    token = (before[0] if before else "") + text[at[0] : at[-1] + 1]
    token += after[0] if after else ""
    return _DIGEST.fullmatch(token) is not None


class _Places:
    """Where the characters of folded text come from, worked out block by block."""

    _BLOCK = 1024

    def __init__(self, text: str, view: View) -> None:
        self._text = text
        self._view = view
        self._known: dict[int, list[int]] = {}
        self._ends: list[int] = []
        end = 0
        for start in range(0, len(text), self._BLOCK):
            end += len(text[start : start + self._BLOCK].translate(view))
            self._ends.append(end)

    def of(self, start: int, end: int) -> list[int]:
        """Return the index in the text of each folded character from start to end."""
        found: list[int] = []
        block = bisect_right(self._ends, start)
        first = self._ends[block - 1] if block else 0
        while first < end:
            places = self._block(block)
            found += places[max(start - first, 0) : end - first]
            first, block = self._ends[block], block + 1
        return found

    def _block(self, number: int) -> list[int]:
        places = self._known.get(number)
        if places is None:
            begin, view = number * self._BLOCK, self._view
            piece = self._text[begin : begin + self._BLOCK]
            places = []
            for index, char in enumerate(piece, begin):
                places += [index] * len(view[ord(char)])
            self._known[number] = places
        return places


def _judge(text: str, at: list[int], rule: Rule) -> bool | None:
    """Return whether a hit is doubtful; None when it is none."""
    spread = _spread(text, at, rule)
    if spread is None:
        return None
    before, after = at[0], at[-1]
    if rule.digits:
        if not _number_ends(text, before, after, rule):
            return None
        return rule.doubtful or spread
    if rule.inside:
        longer = text[after].isdigit() and _neighbour(text, after, 1).isdigit()
        return None if longer else rule.doubtful or spread
    if not _begins(text, before):
        return None
    tail = _tail(text, after)
    if tail == 0:
        return rule.doubtful or spread
    if not rule.ends or tail > 3:
        return None
    # "Smiths" may be "Smith" or another name; "Ивановым" is "Иванов", and what is as
    # long as "Məmmədovanın" no other name.
    short = text[after].isascii() and len(at) < _NO_OTHER
    return rule.doubtful or spread or short


def _spread(text: str, at: list[int], rule: Rule) -> bool | None:
    """Judge the gaps inside a hit: natural (False), odd (True), none (None)."""
    gaps: dict[int, str] = {}
    for index in range(1, len(at)):
        between = text[at[index - 1] + 1 : at[index]]
        if between and not all(map(is_ignorable, between)):
            gaps[index] = between
            if len(between) > (_JOINT if index in rule.joints else _GAP):
                return None
    if rule.apart:
        inner = {joint for joint in rule.joints if joint < len(at)}
        return False if inner == set(gaps) else None
    odd = [index for index in gaps if index not in rule.joints]
    if not odd or rule.loose:
        return False
    steps = sum(at[i] != at[i - 1] for i in range(1, len(at)))
    if len(gaps) >= steps - len(rule.joints) and steps > 1:
        return False  # written apart, letter by letter
    if len(odd) == 1 and len(at) >= 5 and _BROKEN.fullmatch(gaps[odd[0]]):
        return False  # broken at the end of a line
    return True if len(odd) == 1 and len(at) >= 7 else None


def _neighbour(text: str, index: int, step: int) -> str:
    """Return the next character that draws something, "" at the end."""
    index += step
    while 0 <= index < len(text):
        if not is_ignorable(text[index]):
            return text[index]
        index += step
    return ""


def _begins(text: str, index: int) -> bool:
    """Tell whether a word begins at `index`: also ``x2Anna``, ``maryAnna``."""
    before, first = _neighbour(text, index, -1), text[index]
    if not before.isalnum():
        return True
    if before.isdigit() != first.isdigit():
        return True
    return before.islower() and first.isupper()


def _in_word(char: str) -> bool:
    return char.isalnum() or is_ignorable(char)


def _tail(text: str, index: int) -> int:
    """Return how many letters follow `index` in the same word, at most 4."""
    last, count = text[index], 0
    while count < 4:
        index += 1
        if index >= len(text) or not (
            text[index].isalnum() or is_ignorable(text[index])
        ):
            return count
        if is_ignorable(text[index]):
            continue
        if text[index].isdigit() != last.isdigit():
            return count
        if last.islower() and text[index].isupper():
            return count
        count += 1
    return count


def _number_ends(text: str, first: int, last: int, rule: Rule) -> bool:
    """Tell whether a number stands alone, or after the digits of a prefix."""
    if _neighbour(text, last, 1).isdigit():
        return False
    if not rule.inside:
        return not _neighbour(text, first, -1).isdigit()
    digits = 0
    while digits <= 7 and first > 0 and text[first - 1].isdigit():
        first, digits = first - 1, digits + 1
    return digits <= 6


def _whole_words(text: str, at: list[int], runs: list[int], rule: Rule) -> bool:
    """Tell whether the words of a hit begin and end where its parts do.

    Args:
        at, runs: where the first and the last of each letter doubled to one stand.
    """
    for index in range(len(at)):
        between = text[runs[index - 1] + 1 : at[index]] if index else ""
        apart = any(not c.isalnum() and not is_ignorable(c) for c in between)
        if (apart and index not in rule.joints) or len(between) > _JOINT:
            return False
    start, end = at[0], runs[-1]
    return _vowels_only(text, start, -1) and _vowels_only(text, end, 1)


def _vowels_only(text: str, index: int, step: int) -> bool:
    """Tell whether only letters without a consonant stand between it and the edge."""
    index += step
    while 0 <= index < len(text) and (
        text[index].isalnum() or is_ignorable(text[index])
    ):
        if CONSONANTS[ord(text[index])] not in (
            "",
            CONSONANTS[ord(text[index - step])],
        ):
            return False
        index += step
    return True
