"""Names made to deceive the eye, or that are no text: counted, so that it is said.

The exact bytes stay in payload and inventory. What a name really is shows where it is
printed (`evidence.visible`); the public fact says only how many are odd, and how.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from evidence.visible import visible
from manifests.canonical import Json

NOT_UTF8 = "not-utf8"
BIDI = "bidi-control"
HIDDEN = "control-or-invisible"
MIXED = "mixed-scripts"
WORDS = {
    NOT_UTF8: "not UTF-8",
    BIDI: "with bidirectional controls",
    HIDDEN: "with control or invisible characters",
    MIXED: "with letters of several alphabets in one word",
}
_KEYS = ("path", "name")
_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WORD = re.compile(r"[^\W\d_]+")
# Alphabets with letters that look like Latin ones (Unicode Technical Standard 39).
_ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL")


def oddities(fields: Mapping[str, Json]) -> Iterator[str]:
    """Yield how the names in an inventory record are odd, each word once.

    Args:
        fields: of the record; a name that is no UTF-8 has its bytes in ``<key>_b64``.
    """
    for key in _KEYS:
        text = fields.get(key)
        if not isinstance(text, str):
            continue
        if f"{key}_b64" in fields:
            yield NOT_UTF8
        elif not (text.isascii() and text.isprintable()):
            yield from _odd(text)
        return


def _odd(text: str) -> Iterator[str]:
    plain = _CONTROLS.sub("", text)
    if plain != text:
        yield BIDI
    if visible(plain.replace("‹", "")) != plain.replace("‹", ""):
        yield HIDDEN
    if any(_is_mixed(word) for word in _WORD.findall(text)):
        yield MIXED


def _is_mixed(word: str) -> bool:
    names = [unicodedata.name(char, "") for char in word]
    latin = any(name.startswith("LATIN ") for name in names)
    return latin and any(name.startswith(_ALIKE) for name in names)
