"""Numbers of decisions, interference items and statements: worked out from the log.

Each is numbered without gaps in the order of the entries. An entry that claims another
number than its turn is not used, and named: a number never means two things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evidence.casework_errors import CaseworkRefusedError, CaseworkUnknownError
from manifests.entries import Entry, EntryType

DECISION, INTERFERENCE, STATEMENT = "decision", "interference", "statement"
HARM, PROCEEDS = "harm", "proceeds"
PREFIXES = {
    DECISION: "DE",
    INTERFERENCE: "IN",
    STATEMENT: "ST",
    HARM: "HA",
    PROCEEDS: "PC",
}
PERSON = re.compile(r"PE-[0-9]{4,6}", re.ASCII)
MAX_TEXT = 100_000


@dataclass(slots=True)
class Numbered:
    """The entries of one kind by number, and those that claim a wrong one.

    Attributes:
        found: number to its entries: one, or the versions of a statement in order.
        odd: sequence numbers of entries that claim a number or version out of turn.
    """

    kind: str
    found: dict[str, list[Entry]] = field(default_factory=dict)
    odd: list[int] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Add an entry of this kind."""
        number, version = entry.facts.get("number"), entry.facts.get("version", 1)
        plain = isinstance(number, str) and type(version) is int
        whole = self.kind != STATEMENT or len(entry.exhibits) == 1
        held = self.found.get(str(number), [])
        if not plain or not whole or version != len(held) + 1:
            self.odd.append(entry.seq)
        elif number == self.following or (held and self.kind == STATEMENT):
            self.found.setdefault(str(number), []).append(entry)
        else:
            self.odd.append(entry.seq)

    @property
    def following(self) -> str:
        """The number the next one gets."""
        return f"{PREFIXES[self.kind]}-{len(self.found) + 1:04d}"

    def entry(self, number: str) -> Entry:
        """Return the newest entry of a number.

        Raises:
            CaseworkUnknownError: there is none.
        """
        found = self.found.get(number.upper())
        if not found:
            raise CaseworkUnknownError(number=number)
        return found[-1]


def annotated(entries: Iterable[Entry], *kinds: str) -> Iterator[Entry]:
    """Yield the `annotate` entries of some kinds."""
    for entry in entries:
        if entry.type == EntryType.ANNOTATE and entry.facts.get("kind") in kinds:
            yield entry


def numbered(entries: Iterable[Entry], kind: str) -> Numbered:
    """Return the numbered entries of a kind."""
    result = Numbered(kind)
    for entry in annotated(entries, kind):
        result.take(entry)
    return result


def check_text(what: str, *texts: str) -> None:
    """Refuse a text that is longer than `MAX_TEXT` characters.

    Raises:
        CaseworkRefusedError: one is.
    """
    if any(len(text) > MAX_TEXT for text in texts):
        raise CaseworkRefusedError(what=what, reason="a text is too long")


def check_people(entries: Iterable[Entry], people: Iterable[str]) -> None:
    """Refuse a person the case's register does not hold (``PE-0001``).

    Raises:
        CaseworkUnknownError: there is no such person.
    """
    wanted = dict.fromkeys(people)
    if not wanted:
        return
    known = {
        value
        for entry in annotated(entries, "person")
        for value in entry.facts.values()
        if isinstance(value, str)
    }
    for person in wanted:
        if not PERSON.fullmatch(person) or person not in known:
            raise CaseworkUnknownError(number=f"person {person}")


def known_exhibits(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the acquire entry of every exhibit."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.type == EntryType.ACQUIRE and entry.exhibits:
            found.setdefault(entry.exhibits[0], entry)
    return found
