"""What is inside an exhibit, line by line, for lists that others' programs read.

Reading an inventory is a consultation: the caller records it first. An inventory that
is not the recorded one ends the reading with an error, so that no list of it is put in
place.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidence.case import Case
from evidence.errors import ProofImpossibleError
from evidence.proving import inventory_lines
from manifests import sealing
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.merkle import Frontier, leaf_hash
from manifests.verifying.expected import ExpectedExhibit


@dataclass(frozen=True, slots=True)
class Line:
    """One record of an inventory.

    Attributes:
        number: from 1.
    """

    exhibit: str
    number: int
    fields: Mapping[str, Json]

    def text(self, name: str) -> str:
        """Return a member that is text, "" otherwise."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def count(self, name: str) -> int | None:
        """Return a member that is a number from 0, None otherwise."""
        value = self.fields.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return value if whole and isinstance(value, int) and value >= 0 else None

    @property
    def path(self) -> str:
        """The path or name of what it is about, "" when it has none.

        Bytes that are no UTF-8 stand in it as surrogate escapes (PEP 383).
        """
        raw = self.text("path_b64") or self.text("name_b64")
        try:
            named = b64decode(raw, validate=True).decode("utf-8", "surrogateescape")
        except ValueError:
            named = ""
        return named or self.text("path") or self.text("name")

    @property
    def size(self) -> int | None:
        """Bytes of what it is about."""
        found = self.count("bytes")
        return self.count("size") if found is None else found

    @property
    def sha256(self) -> str:
        """SHA-256 in hex, "" when none was worked out."""
        digest = self.text("sha256")
        return digest if len(digest) == 64 and _is_hex(digest) else ""

    def time(self, name: str, other: str) -> str:
        """Return a time as it is written, of a file (`name`) or of an entry."""
        times = self.fields.get("times")
        value = times.get(other) if isinstance(times, dict) else None
        return self.text(name) or (value if isinstance(value, str) else "")


def _is_hex(text: str) -> bool:
    return all(char in "0123456789abcdef" for char in text)


def lines_of(case: Case, expected: ExpectedExhibit) -> Iterator[Line]:
    """Yield the records of an exhibit's inventory.

    Raises:
        ProofImpossibleError: (in the end) it is not the recorded inventory.
        ExhibitErasedError, LockedError, CaseUnreadableError: it cannot be read.
    """
    frontier = Frontier()
    for line in inventory_lines(case, expected.id):
        frontier.append(leaf_hash(line))
        try:
            fields = sealing.unseal(line)
        except MalformedError as error:
            raise _not_recorded(expected) from error
        yield Line(expected.id, frontier.size, fields)
    promised = (expected.inventory_records, expected.inventory_root)
    if (frontier.size, frontier.root().hex()) != promised:
        raise _not_recorded(expected)


def _not_recorded(expected: ExpectedExhibit) -> ProofImpossibleError:
    reason = "its inventory is not the recorded one"
    return ProofImpossibleError(exhibit=expected.id, reason=reason)
