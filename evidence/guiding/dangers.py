"""Words that must not stand on a paper somebody may find on its bearer; and codes."""

from __future__ import annotations

import secrets
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

# No word that means something in the languages shipped comes of these.
_CONSONANTS, _VOWELS = "bfklmnrtv", "aeiou"
_SHORTEST = 3  # letters of a name that is looked for


def new_code() -> str:
    """Return a code that can be said and remembered, such as ``lumo-27``."""
    while True:
        letters = (secrets.choice(part) for part in (_CONSONANTS, _VOWELS) * 2)
        code = f"{''.join(letters)}-{secrets.randbelow(90) + 10}"
        if not dangers(code):
            return code


@cache
def _words() -> tuple[str, ...]:
    file = resources.files("evidence.guiding") / "dangers.toml"
    lists = tomllib.loads(file.read_text("utf-8")).values()
    return tuple(_folded(word) for words in lists for word in words)


def _folded(text: str) -> str:
    """Return `text` without case and marks: ``POLİS`` is ``polis``."""
    apart = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKD", text).casefold()
    )
    return "".join(char for char in apart if not unicodedata.combining(char))


def dangers(text: str, names: Iterable[str] = ()) -> list[str]:
    """Return what in `text` would endanger its bearer.

    Args:
        names: of people, organisations and files; each of their longer words counts.
    """
    folded = _folded(text)
    parts = {part for name in names for part in _folded(name).split()}
    told = [part for part in parts if len(part) >= _SHORTEST and part in folded]
    return [*(word for word in _words() if word in folded), *sorted(told)]
