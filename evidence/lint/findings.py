"""What a search found: whose identifier, of what kind, where; never the identifier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from evidence.lint.identifiers import Identifier

FOUND = 34  # exit code: the same as `IdentifierFoundError`
INCOMPLETE = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """An identifier in one place.

    Attributes:
        id: names this identifier in exactly these bytes; what ``--allow`` takes.
        file: number of the file in the search, from 1.
        place: inside the file, made of numbers ("page 3", "member 2, page 1"), or
            ``name`` for the file's own name, or "".
        offset: of the first one, in characters of the text there.
        count: how often it stands there.
        doubtful: it may be a common word or chance; it does not block.
        allowed: somebody decided that it may stand there.
    """

    id: str
    kind: str
    of: str
    number: int
    file: int
    place: str
    offset: int
    count: int
    doubtful: bool
    allowed: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it keeps the file from leaving."""
        return not self.doubtful and not self.allowed

    def where(self) -> str:
        """Return the place in words."""
        inside = f", {self.place}" if self.place else ""
        return f"file {self.file}{inside}, offset {self.offset}"

    def subject(self) -> str:
        """Return whose identifier of what kind it is: ``PE-0001 phone 2``."""
        return f"{self.of} {self.kind.replace('_', ' ')} {self.number}"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be searched."""

    file: int
    place: str
    reason: str

    def where(self) -> str:
        """Return the place and the reason in words."""
        inside = f", {self.place}" if self.place else ""
        return f"file {self.file}{inside}: {self.reason}"


@dataclass(slots=True)
class Result:
    """All findings of one search.

    Attributes:
        files: number of files searched.
        limits: what was not looked at by nature, in sentences.
        problems: identifiers that could not be gathered, in sentences.
    """

    files: int = 0
    findings: list[Finding] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    limits: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def blocking(self) -> list[Finding]:
        """The findings that block."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def exit_code(self) -> int:
        """34 when an identifier was found, 3 when not all was searched, else 0."""
        if self.blocking:
            return FOUND
        return INCOMPLETE if self.unread or self.problems else 0


def finding_id(identifier: Identifier, digest: str, place: str) -> str:
    """Return the number of a finding, ``F-`` and 16 hex digits.

    It depends on the order in which identifiers were gathered, not on their values, so
    that it cannot be used to guess one.
    """
    seed = f"{identifier.kind}|{identifier.of}|{identifier.number}|{digest}|{place}"
    return f"F-{sha256(seed.encode()).hexdigest()[:16]}"


def in_words(findings: Iterable[Finding], *, most: int = 5) -> str:
    """Return the first findings in one sentence part."""
    every = list(findings)
    shown = "; ".join(f"{f.subject()} in {f.where()}" for f in every[:most])
    more = len(every) - most
    return f"{shown}; and {more} more" if more > 0 else shown
