"""Code sets: what a handling code or a grade means, as data.

A code set is a data file (`evidence.datafile`). Shipped ones are named; a user's own is
a file. Its digest stands in every label, so that nobody can say later that a code
meant something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evidence import datafile
from evidence.casework_errors import LabelRefusedError
from evidence.datafile import DataFile
from evidence.labels.words import PURPOSES, RECIPIENTS
from evidence.wording import is_neutral
from manifests.canonical import Json

FORMAT = "custody-code-set-1"
PACKAGE = "evidence.labels.sets"
DEFAULT = "custody"
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,11}", re.ASCII)
_MAX_CODES = 64
_MEMBERS = frozenset(
    ("format", "name", "version", "title", "basis", "note")
    + ("handling", "source", "information")
)
_CODE_MEMBERS = frozenset(
    ("title", "not_for", "only_for", "only_to", "permission", "needs_words")
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a label bars. Purposes and recipients: `evidence.labels.words`.

    Attributes:
        not_for: purposes it bars.
        only_for: purposes it is limited to; () for no limit.
        only_to: kinds of recipients it is limited to; () for no limit.
        permission: nothing leaves without the provider's permission.
        words: only the sealed words say what is barred, so a person has to decide.
    """

    not_for: tuple[str, ...] = ()
    only_for: tuple[str, ...] = ()
    only_to: tuple[str, ...] = ()
    permission: bool = False
    words: bool = False

    def facts(self) -> dict[str, Json]:
        """Return it as public facts."""
        return {
            "not_for": list(self.not_for),
            "only_for": list(self.only_for),
            "only_to": list(self.only_to),
            "permission": self.permission,
            "words": self.words,
        }

    @property
    def is_empty(self) -> bool:
        """Nothing is barred."""
        return self == Effect()


@dataclass(frozen=True, slots=True)
class HandlingCode:
    """A handling code and what it bars; `needs_words` asks for a text beside it."""

    title: str
    effect: Effect
    needs_words: bool


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A code set.

    Attributes:
        digest: SHA-256 of the file, hex.
        basis: where the codes are from; note: what to mind before using them.
        source, information: code to its title, the two axes of a grade.
    """

    name: str
    version: str
    digest: str
    title: str
    basis: str
    note: str
    handling: Mapping[str, HandlingCode]
    source: Mapping[str, str]
    information: Mapping[str, str]

    def facts(self) -> dict[str, Json]:
        """Return what a label says of its set."""
        return {"name": self.name, "sha256": self.digest, "version": self.version}

    def grade(self, text: str) -> tuple[str, str]:
        """Read a grade, source then information: ``B/2`` or ``B2``.

        Raises:
            LabelRefusedError: this set has no such grade.
        """
        found = [
            (source, information)
            for source in self.source
            for information in self.information
            if text in (f"{source}/{information}", f"{source}{information}")
        ]
        if len(found) != 1:
            reason = f"the set {self.name} has no grade of that form"
            raise LabelRefusedError(reason=reason)
        return found[0]


def set_names() -> tuple[str, ...]:
    """Return the names of the shipped sets."""
    return datafile.shipped_names(PACKAGE)


def open_set(wanted: str) -> CodeSet:
    """Return a shipped set by its name, or read the file `wanted`.

    Raises:
        DataFileError: the file cannot be used, or takes the name of a shipped set.
    """
    return datafile.open_named(PACKAGE, wanted, read_set, sort="set")


def read_set(file: DataFile) -> CodeSet:
    """Return the code set in a data file.

    Raises:
        DataFileError: it has not the form of a code set.
    """
    values = file.values
    name, version = file.header(FORMAT, _MEMBERS, sort="code set")
    handling = {
        code: HandlingCode(
            _title(file, table),
            _effect(file, table),
            file.flag(table, "needs_words"),
        )
        for code, table in _codes(file, "handling").items()
    }
    source = {c: _title(file, t) for c, t in _codes(file, "source").items()}
    known = {c: _title(file, t) for c, t in _codes(file, "information").items()}
    if not handling and not (source and known):
        raise file.refuse("it has neither handling codes nor both axes of a grade")
    return CodeSet(
        name,
        version,
        file.digest,
        file.text(values, "title"),
        file.text(values, "basis"),
        file.text(values, "note"),
        handling,
        source,
        known,
    )


def _codes(file: DataFile, name: str) -> dict[str, Mapping[str, object]]:
    found = file.table(file.values, name)
    if len(found) > _MAX_CODES:
        raise file.refuse(f"'{name}' has more than {_MAX_CODES} codes")
    for code in found:
        if not _CODE.fullmatch(code) or not is_neutral(code):
            raise file.refuse(f"'{name}' has a code that is not well formed")
        if not _CODE_MEMBERS.issuperset(file.table(found, code)):
            raise file.refuse(f"'{name}' has a code with unknown members")
    return {code: file.table(found, code) for code in found}


def _title(file: DataFile, table: Mapping[str, object]) -> str:
    title = file.text(table, "title")
    if not is_neutral(title):
        raise file.refuse("a title states who is a victim or an offender")
    return title


def _effect(file: DataFile, table: Mapping[str, object]) -> Effect:
    return Effect(
        file.words(table, "not_for", PURPOSES),
        file.words(table, "only_for", PURPOSES),
        file.words(table, "only_to", RECIPIENTS),
        file.flag(table, "permission"),
    )
