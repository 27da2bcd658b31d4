"""The search without any short cut, to compare the fast one with.

What decodes and folds here does it token by token and character by character, as the
search itself once did.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import pairwise

from evidence.lint import decoding, folding
from evidence.lint.folding import CONSONANTS, PLAIN
from evidence.lint.matching import (
    Hit,
    Matcher,
    _in_digest,
    _judge,
    _Places,
    _whole_words,
)

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/]{48,}\r?\n)+[A-Za-z0-9+/]+={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){5,}")
_TRIED_TWICE = 4096


def tokens(text: str) -> Iterator[bytes]:
    for match in _BASE64.finditer(text):
        token = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        for skip in range(4 if len(token) <= _TRIED_TWICE else 1):
            data = _base64(token[skip:])
            if data is not None:
                yield data
                break


def lines(text: str) -> Iterator[bytes]:
    for match in _BASE64_LINES.finditer(text):
        token = re.sub(r"[\r\n=]", "", match[0])
        data = _base64(token, any_bytes=True)
        if data is not None:
            yield decoding._inflated(data)


def _base64(token: str, *, any_bytes: bool = False) -> bytes | None:
    """Return what a token says if it is text; ``any_bytes`` takes all."""
    token = token[: len(token) - (len(token) % 4 == 1)]
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    if any_bytes or decoding.is_text(data):
        return data
    inflated = decoding._inflated(data)
    return inflated if inflated is not data else None


def hexadecimal(text: str) -> Iterator[bytes]:
    for match in _HEX.finditer(text):
        data = bytes.fromhex(re.sub("[ :]", "", match[0]))
        if decoding.is_text(data):
            yield data


class PlainMatcher(Matcher):
    """Searches every view of a chunk wholly, whatever is in it."""

    def _chunk(self, chunk: str) -> Iterator[Hit]:
        for view, text in folding.views(chunk):
            places = _Places(text, view)
            for number, start, end in self.automaton.find(text.translate(view)):
                at = places.of(start, end)
                for pattern in self._named[self._words[number]]:
                    verdict = _judge(text, at, pattern.rule)
                    if verdict is not None:
                        size = end - start
                        doubt = verdict or (size < 8 and _in_digest(text, at))
                        yield Hit(pattern.identifier, at[0], doubt, size)
        arabic = folding.ARABIC_LETTERS.search(chunk) is not None
        if self._bare:
            yield from self._plain_bare(chunk, arabic=arabic)
        if self._brief is not None:
            for match in self._brief.finditer(chunk):
                for pattern in self._short.get(match[0].translate(PLAIN), ()):
                    at, size = match.start(), len(match[0])
                    yield Hit(pattern.identifier, at, doubtful=True, size=size)
        for number, offset, doubtful in self._locator.find(chunk):
            yield Hit(number, offset, doubtful, 16)

    def _plain_bare(self, text: str, *, arabic: bool) -> Iterator[Hit]:
        folded = text.translate(CONSONANTS)
        places = _Places(text, CONSONANTS).of(0, len(folded))
        kept = [i for i, c in enumerate(folded) if not i or folded[i - 1] != c]
        single = "".join(c for before, c in pairwise("\0" + folded) if c != before)
        for number, start, end in self._consonants.find(single):
            at = [places[i] for i in kept[start:end]]
            after = [*kept, len(folded)][start + 1 : end + 1]
            last = [places[i - 1] for i in after]
            for pattern in self._bare[self._bare_words[number]]:
                piece = text[at[0] : last[-1] + 1]
                if not pattern.arabic and not (
                    arabic and folding.ARABIC_LETTERS.search(piece)
                ):
                    continue
                if _whole_words(text, at, last, pattern.rule):
                    doubt = pattern.rule.doubtful
                    yield Hit(pattern.identifier, at[0], doubt, end - start)
