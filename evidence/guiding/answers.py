"""Answers given in a file, so that no terminal is needed (``--answers``).

TOML, or JSON when the name ends in ``.json``. Every member may be missing: then its
question is skipped. Anything else is refused before something is done. A passphrase is
no answer: it comes from ``--passphrase-file`` or ``$CUSTODY_PASSPHRASE``.
"""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence.consent.texts import LANGUAGES
from evidence.consent.words import check_alias
from evidence.consent_errors import ConsentAliasError
from evidence.guiding.dangers import dangers
from evidence.guiding.script import MAX_TEXT, Kind, Step, steps
from evidence.guiding_errors import AnswersRefusedError
from evidence.reading import describe, open_source

MAX_BYTES = 65_536
_MAX_PATH = 4096


@dataclass(frozen=True, slots=True)
class Answers:
    """What a file answers.

    Attributes:
        language: of what is said; "" when the file does not tell.
        acknowledged: the warning was read.
        key_name, folder: "" for the defaults.
        steps: answers by step, checked.
    """

    language: str = ""
    acknowledged: bool = False
    key_name: str = ""
    folder: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)


def read_answers(path: Path) -> Answers:
    """Read a file of answers.

    Raises:
        AnswersRefusedError: it cannot be read, is too long, or not of its form. The
            reason names members, never values: they may be names.
    """
    return _checked(_parsed(path, _bytes(path)))


def _bytes(path: Path) -> bytes:
    try:
        fd, _ = open_source(path)
        with os.fdopen(fd, "rb") as stream:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise AnswersRefusedError(reason="it is not a regular file")
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise AnswersRefusedError(reason=describe(error)) from error
    if len(data) > MAX_BYTES:
        raise AnswersRefusedError(reason=f"it is longer than {MAX_BYTES:,} bytes")
    return data


def _parsed(path: Path, data: bytes) -> Mapping[str, object]:
    is_json = path.suffix.lower() == ".json"
    try:
        text = data.decode("utf-8")
        if not is_json:
            return tomllib.loads(text)
        value = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        name = "JSON" if is_json else "TOML"
        reason = f"it is not {name} in UTF-8 with each member once"
        raise AnswersRefusedError(reason=reason) from error
    if not isinstance(value, dict):
        raise AnswersRefusedError(reason="it does not hold an object")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _checked(values: Mapping[str, object]) -> Answers:
    known = {step.name: step for step in steps()}
    own = {"version", "language", "acknowledged", "key_name", "folder"}
    unknown = len(values.keys() - own - known.keys())
    if unknown:
        raise AnswersRefusedError(reason=f"{unknown} member(s) of it are not known")
    if values.get("version", 1) != 1 or values.get("version") is True:
        raise AnswersRefusedError(reason="its version is not 1")
    acknowledged = values.get("acknowledged", False)
    if not isinstance(acknowledged, bool):
        reason = "'acknowledged' is neither true nor false"
        raise AnswersRefusedError(reason=reason)
    language = _text(values, "language", MAX_TEXT)
    if language and language not in LANGUAGES:
        raise AnswersRefusedError(reason="'language' is none of those shipped")
    given = {name: _text(values, name, MAX_TEXT) for name in known if name in values}
    for name, text in given.items():
        if text and not is_answer(known[name], text):
            raise AnswersRefusedError(reason=f"'{name}' is none of its answers")
    return Answers(
        language=language,
        acknowledged=acknowledged,
        key_name=_text(values, "key_name", MAX_TEXT),
        folder=_text(values, "folder", _MAX_PATH),
        steps={name: text for name, text in given.items() if text},
    )


def _text(values: Mapping[str, object], name: str, most: int) -> str:
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise AnswersRefusedError(
            reason=f"'{name}' is no text, too long or unprintable"
        )
    return value.strip()


def is_answer(step: Step, text: str, names: tuple[str, ...] = ()) -> bool:
    """Tell whether `text` answers `step`.

    Args:
        names: what a free answer, which is printed on the paper, must not hold.
    """
    match step.kind:
        case Kind.CHOICE:
            return text in step.choices
        case Kind.LANGUAGE:
            return text in LANGUAGES
        case Kind.ALIAS:
            return is_alias(text)
        case Kind.TEXT:
            fits = 0 < len(text) <= MAX_TEXT and text.isprintable()
            return fits and not dangers(text, names)


def is_alias(text: str) -> bool:
    """Tell whether `text` is a neutral name (`evidence.consent.words`)."""
    try:
        check_alias(text, what="subject")
    except ConsentAliasError:
        return False
    return True


def template() -> str:
    """Return a file of answers in which everything is skipped."""
    lines = [
        "# Answers for `custody preserve --answers FILE`. What is left out or empty is",
        "# skipped. No passphrase goes here.",
        "version = 1",
        f'language = ""        # {", ".join(LANGUAGES)}',
        "acknowledged = false  # the warning about the watched telephone was read",
        'key_name = ""         # of a new key; used only where there is none yet',
        'folder = ""           # of a new case; used only where none is given by -C',
    ]
    for step in steps():
        words = {
            Kind.CHOICE: ", ".join(step.choices),
            Kind.LANGUAGE: ", ".join(LANGUAGES),
            Kind.ALIAS: "such as A1; no name",
            Kind.TEXT: f"one line printed on the paper, up to {MAX_TEXT} characters",
        }[step.kind]
        told = f'{step.name} = ""'
        lines.append(f"{told:<21} # {words}")
    return "\n".join(lines)
