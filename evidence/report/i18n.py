"""The language of a report: sentences through gettext catalogues, numbers, dates.

English sentences are the keys (msgids) and stand in the code, with ``{named}`` places
for figures; ``locale/<language>.po`` holds their translations and is read with babel
when a language other than English is first used. What a catalogue lacks stays English.
Digests, ids, codes, commands and the times of the record are never translated, and
digits are the Latin ones in every language (a digest or an entry number must read the
same for everybody; Arabic-Indic digits would be a second spelling of one number).

The language in force is a context variable: rendering stays a pure function of the
model (whose field `language` sets it), and two threads may render two languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

ENGLISH: Final = "en"
# What can be asked for: only languages whose catalogue is complete (a test sees to it).
LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "ar": "العربية",
    "az": "Azərbaycanca",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "ro": "Română",
    "uk": "Українська",
    "ru": "Русский",
    "it": "Italiano",
}
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
# CLDR separates with spaces that `evidence.visible` spells out, as it does all but one.
_SPACES: Final = str.maketrans({"\u202f": " ", "\u00a0": " "})
_MAX_BYTES: Final = 1 << 20  # of a catalogue; ours have a tenth of that


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its sentences, and how it groups digits.

    Attributes:
        code: ISO 639-1, also the value of the document's ``Lang``.
        rtl: pages and paragraphs begin at the right.
        sentences: English sentence -> translation; for a sentence with a count the
            English singular -> the plural forms in the catalogue's order.
        form: count -> index of the plural form.
        group, decimal: separators of digits.
    """

    code: str
    rtl: bool = False
    sentences: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = lambda count: int(count != 1)
    group: str = ","
    decimal: str = "."


_ENGLISH: Final = Language(ENGLISH)
_current: ContextVar[Language] = ContextVar("language", default=_ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Set the language of everything said inside the block.

    Raises:
        ValueError: `code` is none of `LANGUAGES`.
    """
    language = language_of(code)
    token = _current.set(language)
    try:
        yield language
    finally:
        _current.reset(token)


def current() -> Language:
    """Return the language in force."""
    return _current.get()


def language_of(code: str) -> Language:
    """Return a language with its catalogue, read once.

    Raises:
        ValueError: `code` is none of `LANGUAGES`.
    """
    if code not in LANGUAGES:
        raise ValueError(f"There is no catalogue for the language {code!r}.")
    return _ENGLISH if code == ENGLISH else _read(code)


@cache
def _read(code: str) -> Language:
    import gettext

    from babel import Locale
    from babel.messages.pofile import read_po

    path = resources.files("evidence.report") / "locale" / f"{code}.po"
    with path.open("rb") as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(f"The catalogue of {code!r} is too large.")
    catalogue = read_po(iter(content.splitlines(keepends=True)), locale=code)
    sentences: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        texts, key = message.string, message.id
        if isinstance(key, (list, tuple)):
            forms = tuple(texts or ())
            if all(forms):
                sentences[key[0]] = forms
        elif isinstance(texts, str) and texts:
            sentences[key] = texts
    symbols = Locale.parse(code).number_symbols.get("latn", {})
    return Language(
        code,
        rtl=code in _RIGHT_TO_LEFT,
        sentences=sentences,
        form=gettext.c2py(catalogue.plural_expr),
        group=symbols.get("group", ",").translate(_SPACES),
        decimal=symbols.get("decimal", "."),
    )


def N_(text: str) -> str:  # noqa: N802 - the name gettext gives it
    """Mark a sentence for the catalogues; it is translated where it is drawn."""
    return text


def _(text: str, **values: object) -> str:
    """Return `text` in the language in force, its places filled with `values`.

    Without values, braces stay as they are. Values are put in as they are, never
    interpreted; whole numbers get the language's separators.
    """
    found = _current.get().sentences.get(text, text)
    said = found if isinstance(found, str) else text
    return _filled(said, values) if values else said


def plural(one: str, many: str, count: int, **values: object) -> str:
    """Return the form that fits `count`; ``{count}`` in it is the count."""
    language = _current.get()
    forms = language.sentences.get(one)
    if isinstance(forms, tuple):
        said = forms[min(language.form(count), len(forms) - 1)]
    else:
        said = one if count == 1 else many
    return _filled(said, {"count": count, **values})


def _filled(text: str, values: Mapping[str, object]) -> str:
    return text.format_map(
        {
            name: number(value)
            if isinstance(value, int) and not isinstance(value, bool)
            else value
            for name, value in values.items()
        }
    )


def number(count: int) -> str:
    """Return a count in Latin digits with the language's separators."""
    text = f"{count:,}"
    group = _current.get().group
    return text if group == "," else text.replace(",", group)


def long_date(time: str) -> str:
    """Return the date of an RFC 3339 UTC time as people write it; "" if it is none.

    It stands beside the time of the record, never in its place.
    """
    from datetime import date

    try:
        day = date.fromisoformat(time[:10])
    except ValueError:
        return ""
    from babel.dates import format_date

    code = _current.get().code
    said = format_date(day, "long", locale="en_GB" if code == ENGLISH else code)
    return said.translate(_SPACES)
