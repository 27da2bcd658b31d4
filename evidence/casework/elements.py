"""Elements of the offence as data: act, means, purpose, as legal texts define them.

A definition is a data file (`evidence.datafile`). It gives links their words and
decides nothing: whether an element is made out is for a court.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence import datafile
from evidence.casework_errors import CaseworkRefusedError
from evidence.datafile import NAME, DataFile
from evidence.wording import is_neutral
from manifests.canonical import Json

FORMAT = "custody-definition-1"
PACKAGE = "evidence.casework.definitions"
DEFAULT = "palermo-3"
ELEMENTS = ("act", "means", "purpose")
TAGS = ("coercion", "harm", "proceeds")
_MAX_DETAILS = 64
_MEMBERS = frozenset(
    ("format", "name", "version", "title", "basis", "note", "minors_without_means")
    + ELEMENTS
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of the offence.

    Attributes:
        digest: SHA-256 of the file, hex.
        details: element to its forms, each a word with its title.
        minors_without_means: of a child no means has to be shown.
    """

    name: str
    version: str
    digest: str
    title: str
    basis: str
    note: str
    minors_without_means: bool
    details: Mapping[str, Mapping[str, str]]

    def facts(self) -> dict[str, Json]:
        """Return how a link names it."""
        return {"name": self.name, "sha256": self.digest, "version": self.version}

    def element(self, text: str) -> tuple[str, str]:
        """Read ``means`` or ``means.deception``: the element and its form ("").

        Raises:
            CaseworkRefusedError: it has no such element.
        """
        element, _, detail = text.partition(".")
        known = self.details.get(element)
        if known is None or (detail and detail not in known) or text.endswith("."):
            reason = f"{self.name} has no element of that name"
            raise CaseworkRefusedError(what="The link", reason=reason)
        return element, detail


def definition_names() -> tuple[str, ...]:
    """Return the names of the shipped definitions."""
    return datafile.shipped_names(PACKAGE)


def open_definition(wanted: str) -> Definition:
    """Return a shipped definition by its name, or read the file `wanted`.

    Raises:
        DataFileError: the file cannot be used, or takes the name of a shipped one.
    """
    return datafile.open_named(PACKAGE, wanted, read_definition, sort="definition")


def read_definition(file: DataFile) -> Definition:
    """Return the definition in a data file.

    Raises:
        DataFileError: it has not the form of a definition.
    """
    values = file.values
    name, version = file.header(FORMAT, _MEMBERS, sort="definition")
    return Definition(
        name,
        version,
        file.digest,
        file.text(values, "title"),
        file.text(values, "basis"),
        file.text(values, "note"),
        file.flag(values, "minors_without_means"),
        {element: _details(file, element) for element in ELEMENTS},
    )


def _details(file: DataFile, element: str) -> dict[str, str]:
    table = file.table(file.values, element)
    if not 1 <= len(table) <= _MAX_DETAILS:
        raise file.refuse(f"'{element}' has no forms, or more than {_MAX_DETAILS}")
    found = {word: file.text(table, word) for word in table}
    for word, title in found.items():
        if not NAME.fullmatch(word) or not is_neutral(word) or not is_neutral(title):
            raise file.refuse(f"'{element}' has a form that is not well worded")
    return found
