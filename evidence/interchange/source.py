"""What an export rests on: the entries the newest checkpoint covers, read in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from evidence.case import Case
from evidence.checking import read_log
from evidence.countersigned import countersigned
from evidence.errors import (
    CheckpointUnknownError,
    ExhibitUnknownError,
    ProofImpossibleError,
)
from evidence.retention.register import Register, register_of
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit
from manifests.verifying.verdict import Axis


@dataclass(frozen=True, slots=True)
class Head:
    """The checkpoint an export rests on.

    Attributes:
        size: entries covered; root: RFC 6962 root, hex; note: the note file's bytes.
    """

    size: int
    root: str
    note: bytes

    @property
    def name(self) -> str:
        """Name of the note file."""
        return f"{self.size:010d}.note"

    @property
    def sha256(self) -> str:
        """SHA-256 of the note file, hex."""
        return sha256(self.note).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """The public part of a case, to be read as often as needed.

    Attributes:
        read: gives the entries anew, in order; no more than `head` covers.
        erased: says whether an exhibit was erased under a tombstone.
    """

    origin: str
    head: Head | None
    read: Callable[[], Iterator[Entry]]
    erased: Callable[[str], bool] = field(default=lambda _exhibit: False)

    def exhibits(self) -> Iterator[tuple[Entry, ExpectedExhibit]]:
        """Yield the acquire entries with what they promise, erased ones as well.

        Raises:
            MalformedError: an acquire entry has not its form.
        """
        for entry in self.read():
            if entry.type == EntryType.ACQUIRE:
                yield entry, expected_exhibit(entry)


def source_of(case: Case) -> Source:
    """Return what exports of a case read.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    try:
        found = countersigned(case, "the export", None)
        head = Head(found.head.size, found.head.root.hex(), found.note)
    except (CheckpointUnknownError, ProofImpossibleError):
        return Source(case.settings.origin, None, case.entries, _erased(case))

    def read() -> Iterator[Entry]:
        return islice(case.entries(), head.size)

    return Source(case.settings.origin, head, read, _erased(case))


def _erased(case: Case) -> Callable[[str], bool]:
    register: list[Register] = []

    def asked(exhibit: str) -> bool:
        if not register:
            register.append(register_of(case))
        return register[0].erased(exhibit) is not None

    return asked


def failing_axes(case: Case) -> list[Axis]:
    """Return the axes on which the log itself fails: an export says so, and is made.

    Raises:
        CaseUnreadableError, NewerFormatError: it cannot be read at all.
    """
    failing = {finding.axis for finding in read_log(case).findings if finding.fails}
    return [axis for axis in Axis if axis in failing]


def require_exhibit(source: Source, exhibit: str) -> tuple[Entry, ExpectedExhibit]:
    """Return one exhibit.

    Raises:
        ExhibitUnknownError, ExhibitErasedError: there is none, or not any more.
        MalformedError: its entry has not its form.
    """
    for entry, expected in source.exhibits():
        if expected.id == exhibit:
            return entry, expected
    raise ExhibitUnknownError(exhibit=exhibit)


def party(facts: Mapping[str, Json]) -> str:
    """Return to whom an act gave something: an alias or key id, "" for nobody.

    ``recipient`` is also the name of an age key that can decrypt: that is no party.
    """
    found = facts.get("recipient")
    return found if isinstance(found, str) and not found.startswith("age1") else ""
