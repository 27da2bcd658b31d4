"""A language nobody speaks: every sentence of the template, each letter replaced.

Whatever is drawn in it and still holds Latin letters was not translated. Its catalogue
is made from the code (`tests.docs.messages`), not from any catalogue that is shipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from evidence.report import i18n
from evidence.report.i18n import Language
from tests.docs.messages import extracted

CODE = "qq"
_PLACE = re.compile(r"(\{\w+\})")


def veiled(text: str) -> str:
    """Replace every Latin letter outside of places."""
    return "".join(
        part if part.startswith("{") else re.sub("[A-Za-z]", "ж", part)
        for part in _PLACE.split(text)
    )


@cache
def sentences() -> dict[str, str | tuple[str, ...]]:
    """Return the catalogue of the language."""
    found: dict[str, str | tuple[str, ...]] = {}
    for message in extracted():
        if isinstance(message.id, (list, tuple)):
            found[message.id[0]] = tuple(veiled(form) for form in message.id)
        elif message.id:
            found[message.id] = veiled(message.id)
    return found


@contextmanager
def spoken() -> Iterator[str]:
    """Let the language be known inside the block; its code is `CODE`."""
    made = Language(CODE, sentences=sentences())
    real = i18n._read
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(i18n.LANGUAGES, CODE, "Pseudo")  # type: ignore[arg-type]
        patch.setattr(i18n, "_read", lambda code: made if code == CODE else real(code))
        patch.setattr("evidence.report.words.long_date", lambda _time: "")
        yield CODE
