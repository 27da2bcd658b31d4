"""Text brought to one form: letters and digits only, without case, marks or gaps.

A view maps one character at a time, so that a chunk is turned by `str.translate` at the
speed of C and the place of every result can be found again when something matched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from evidence.lint import transliteration as tables

# Latin letters no decomposition takes apart.
_LATIN = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
    "ı": "i", "ə": "e", "ŋ": "n", "ħ": "h", "ʻ": "", "ʼ": "", "ʹ": "",
}  # fmt: skip
_INITIAL = {"є": "\ue000", "ї": "\ue001", "й": "\ue002", "ю": "\ue003", "я": "\ue004"}
_INITIAL_FORMS = {
    "\ue000": "ye", "\ue001": "yi", "\ue002": "y", "\ue003": "yu", "\ue004": "ya",
}  # fmt: skip
_WORD_START = re.compile(r"(?<![^\W_])[єїйюяЄЇЙЮЯ]")


_FOREIGN = re.compile("[^\x00-\x7f]+")


class View(dict[int, str]):
    """A table for `str.translate`, filled as characters are met.

    Args:
        fold: turns one character.
        settled: what it makes of any character it would not change again, and of an
            ASCII character at most one; `folded` is fast then.
    """

    def __init__(self, fold: Callable[[str], str], *, settled: bool = False) -> None:
        super().__init__()
        self._fold = fold
        self._plain: tuple[bytes, bytes] | None = None
        if settled:
            kept = {point: fold(chr(point)).encode("ascii") for point in range(128)}
            gone = bytes(point for point, made in kept.items() if not made)
            table = b"".join(kept.get(point) or b"?" for point in range(256))
            self._plain = table, gone

    def folded(self, text: str) -> str:
        """Return ``text.translate(self)``, at the speed of C where all is Latin."""
        if self._plain is None:
            return text.translate(self)
        if not text.isascii():
            text = _FOREIGN.sub(lambda found: found[0].translate(self), text)
            if not text.isascii():
                return text.translate(self)
        return text.encode("ascii").translate(*self._plain).decode("ascii")

    def __missing__(self, point: int) -> str:
        """Fold a character that was not met before."""
        self[point] = found = self._fold(chr(point))
        return found


def plain_character(char: str) -> str:
    """Fold one character: compatibility forms, case, marks; separators give ``""``."""
    out: list[str] = []
    folded = unicodedata.normalize("NFKD", char).casefold()
    for part in unicodedata.normalize("NFKD", folded):
        category = unicodedata.category(part)
        if part in _LATIN:
            out.append(_LATIN[part])
        elif category == "Nd":
            out.append(str(unicodedata.decimal(part)))
        elif category[0] in "LN":
            out.append(part)
    return "".join(out)


def _look_alike(char: str) -> str:
    return "".join(tables.LOOK_ALIKES.get(c, c) for c in plain_character(char))


def _scheme(table: Mapping[str, str]) -> Callable[[str], str]:
    def fold(char: str) -> str:
        if char in _INITIAL_FORMS:
            return _INITIAL_FORMS[char]
        low = char.lower()
        if low in table:
            return table[low]
        return "".join(table.get(part, part) for part in plain_character(char))

    return fold


def _consonant(char: str) -> str:
    out = []
    for part in plain_character(char):
        latin = tables.ARABIC.get(part, tables.CYRILLIC_CONSONANTS.get(part, part))
        out += [tables.LATIN_CONSONANTS.get(c, c) for c in latin]
    return "".join(out)


PLAIN = View(plain_character, settled=True)
LOOK_ALIKE = View(_look_alike, settled=True)
CONSONANTS = View(_consonant)


def _views(schemes: tuple[Mapping[str, str], ...]) -> tuple[View, ...]:
    return tuple(View(_scheme(table)) for table in schemes)


# What calls for a romanisation, and its views.
ROMANISED: tuple[tuple[re.Pattern[str], tuple[View, ...]], ...] = (
    (re.compile("[\u0400-\u052f]"), _views(tables.CYRILLIC)),
    (re.compile("[әҝғһҹјөүӘҜҒҺҸЈӨҮ]"), _views(tables.AZERBAIJANI_CYRILLIC)),
    (re.compile("[əğışçƏĞİŞÇ]"), _views(tables.AZERBAIJANI)),
    (re.compile("[ђљњћџјЂЉЊЋЏЈ]"), _views(tables.SERBIAN)),
    (re.compile("[äöüåøđÄÖÜÅØĐ]"), _views(tables.TWO_LETTERS)),
    (re.compile("[\u10a0-\u10ff]"), _views(tables.GEORGIAN)),
    (re.compile("[\u0370-\u03ff]"), _views(tables.GREEK)),
)
AZERBAIJANI_LETTERS = tables.AZERBAIJANI_LETTERS
AZERBAIJANI_HEARD = (tables.AZERBAIJANI_ENGLISH, tables.AZERBAIJANI_RUSSIFIED)
_UKRAINIAN_VIEW = ROMANISED[0][1][tables.CYRILLIC.index(tables.UKRAINIAN)]
ARABIC_LETTERS = re.compile("[\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_DECEIVING = re.compile("[\u0370-\u052f\u0530-\u058f01ı]")


def composed(text: str) -> str:
    """Return `text` in normal form C: schemes know composed letters."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def views(text: str) -> list[tuple[View, str]]:
    """Return the views `text` (composed) is to be read in, each with its text."""
    found = [(PLAIN, text)]
    if _DECEIVING.search(text):
        found.append((LOOK_ALIKE, text))
    if text.isascii():
        return found
    for letters, schemes in ROMANISED:
        if letters.search(text):
            found += [(view, text) for view in schemes]
    marked = _WORD_START.sub(lambda m: _INITIAL[m[0].lower()], text)
    if marked != text:  # Ukrainian writes these otherwise where a word begins
        found.append((_UKRAINIAN_VIEW, marked))
    return found


def is_ignorable(char: str) -> bool:
    """Tell whether a character draws nothing or only a mark on another one."""
    return unicodedata.category(char) in ("Mn", "Me", "Cf")
