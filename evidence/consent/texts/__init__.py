"""The consent form and rights notice, shipped in several languages as drafts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from evidence.consent_errors import ConsentTextUnknownError

LANGUAGES = ("az", "en", "ru", "uz", "ro", "uk", "ar", "fr")
_BLANK = "____________________"
_PLACEHOLDER = re.compile(r"\{[a-z]+\}")


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A text to be read aloud, filled in by hand and signed.

    Attributes:
        text: ends with a newline; sha256: of its UTF-8 bytes, hex.
    """

    language: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the bytes that are written."""
        return sha256(self.text.encode("utf-8")).hexdigest()


def read_text(language: str) -> Mapping[str, str | Mapping[str, str]]:
    """Return the parts of a language's text.

    Raises:
        ConsentTextUnknownError: none is shipped.
    """
    if language not in LANGUAGES:
        raise ConsentTextUnknownError(known=", ".join(LANGUAGES))
    file = resources.files("evidence.consent.texts") / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def consent_text(tag: str, *, minor: bool = False) -> ConsentText:
    """Return the form and the rights notice, blanks to be filled in by hand.

    Args:
        tag: of the language; script and region are left aside (``uz-Latn``, ``ro-MD``).

    Raises:
        ConsentTextUnknownError: none is shipped in that language or script.
    """
    language, *rest = tag.split("-")
    if "Cyrl" in rest and language in ("uz", "az"):
        raise ConsentTextUnknownError(known=", ".join(LANGUAGES))
    parts = read_text(language)
    lines = [f"*** {_line(parts, 'draft')} ***", "", _line(parts, "title"), ""]
    lines += [_line(parts, "intro"), "", _line(parts, "receiver"), ""]
    lines += [_line(parts, "choice"), ""]
    lines += [f"[ ] {text}" for text in _group(parts, "levels")]
    for group in ("risks", "free", *(["minors"] if minor else []), "rights"):
        lines += ["", _line(parts, f"{group}_title"), ""]
        lines += [f"- {text}" for text in _group(parts, group)]
    lines += ["", _line(parts, "signature_title"), ""]
    for text in _group(parts, "signature"):
        lines += [text, ""]
    lines.append(f"*** {_line(parts, 'draft')} ***")
    return ConsentText(language, _PLACEHOLDER.sub(_BLANK, "\n".join(lines)) + "\n")


def _line(parts: Mapping[str, str | Mapping[str, str]], name: str) -> str:
    value = parts[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _group(parts: Mapping[str, str | Mapping[str, str]], name: str) -> list[str]:
    value = parts[name]
    if isinstance(value, str):
        raise TypeError(name)
    return list(value.values())
