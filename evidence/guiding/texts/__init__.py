"""What `custody preserve` says, in several languages, as drafts.

Each language is one file with the same tables, strings and placeholders
(``{folder}``); a test compares them.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from evidence.consent.texts import LANGUAGES

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
RIGHT_TO_LEFT = ("ar",)


@dataclass(frozen=True, slots=True)
class Texts:
    """The strings of one language, by table and name."""

    language: str
    tables: Mapping[str, Mapping[str, str]]

    def get(self, table: str, name: str, /, **facts: object) -> str:
        """Return a string with its placeholders filled in; a missing one is a bug."""
        text = self.tables[table][name]
        return _PLACEHOLDER.sub(lambda found: str(facts[found[1]]), text)


@cache
def texts(language: str) -> Texts:
    """Return the strings of one of `LANGUAGES`."""
    if language not in LANGUAGES:
        raise KeyError(language)
    file = resources.files("evidence.guiding.texts") / f"{language}.toml"
    return Texts(language, tomllib.loads(file.read_text("utf-8")))


def spoken_here() -> str | None:
    """Return the language of the environment where a text in it is shipped."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            word = re.split(r"[_.@-]", value)[0].lower()
            return word if word in LANGUAGES else None
    return None
