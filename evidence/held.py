"""Entries kept in memory after a log was verified: many, small, read from it once.

A report of 100,000 entries asks each of them a dozen times. Here an entry holds what
is asked and no more, as plain attributes; what many entries share is kept once. The
lines come from the verifier's own reading, so that what a report says is what was
verified, and the log is read and its form checked only once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from manifests.canonical import Json
from manifests.entries import Entry, PrivateFile, read_private_file
from manifests.errors import MalformedError
from manifests.merkle import leaf_hash
from manifests.verifying.verdict import Code

if TYPE_CHECKING:
    from evidence.case import Case
    from manifests.verifying.reading import LogReading

_Value = TypeVar("_Value")


class _Body(msgspec.Struct):
    """Members of a body that are kept; the verifier looked at the others."""

    seq: int
    type: str
    time: str
    actor: str
    exhibits: list[str]
    facts: dict[str, Any]
    private: str | None
    role: Any = None
    authority: Any = None
    log: Any = None
    private_file: Any = None


class _Line(msgspec.Struct):
    body: _Body


_DECODER = msgspec.json.Decoder(_Line)


class HeldEntry(Entry):
    """An entry without its line, signatures, clock and link to the one before.

    `body` has the members ``role``, ``authority`` and ``log`` only.
    """

    __slots__ = (
        "actor", "exhibits", "facts", "leaf", "private", "private_file", "seq",
        "time", "type",
    )  # fmt: skip
    seq: int
    type: str
    time: str
    actor: str
    exhibits: tuple[str, ...]
    facts: Mapping[str, Json]
    private: bytes | None
    private_file: PrivateFile | None
    leaf: bytes


@dataclass(slots=True)
class HeldLog:
    """Keeps the entries of a log while somebody reads its lines.

    Attributes:
        entries: of the reading begun last, in the order of the file.
        odd: a line could not be read here; the verifier says what it is.
    """

    entries: list[Entry] = field(default_factory=list)
    odd: bool = False
    _shared: dict[object, Any] = field(default_factory=dict)
    _bodies: dict[object, dict[str, Json]] = field(default_factory=dict)

    def reading(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield `lines` (newline included) unchanged; what was held before is let go.

        A last line without its newline is no entry yet.
        """
        self.entries, self.odd = [], False
        for line in lines:
            if line.endswith(b"\n"):
                self._hold(line[:-1])
            yield line

    def of(self, case: Case, log: LogReading) -> list[Entry]:
        """Return the entries of the log that was read as `log`.

        Raises:
            CaseUnreadableError, MalformedError: the log cannot be read.
        """
        strange = any(found.code is Code.ENTRY_MALFORMED for found in log.findings)
        if self.odd or strange:
            self.entries = list(case.entries())  # says what is wrong, where it matters
        return self.entries

    def keep(self, wanted: Callable[[Entry], bool]) -> None:
        """Let the other entries go."""
        self.entries = [entry for entry in self.entries if wanted(entry)]

    def _hold(self, line: bytes) -> None:
        try:
            body = _DECODER.decode(line).body
            self.entries.append(self._held(body, leaf_hash(line)))
        except (ValueError, RecursionError, MalformedError):
            self.odd = True

    def _held(self, body: _Body, leaf: bytes) -> HeldEntry:
        share = self._share
        rest = (body.role, body.authority, body.log)
        if {str, type(None)}.issuperset(map(type, rest)):
            named = self._bodies.get(rest)
            if named is None:
                named = self._bodies[rest] = _named(rest)
        else:
            named = _named(rest)
        entry = HeldEntry(b"", named, ())
        put = object.__setattr__
        put(entry, "seq", body.seq)
        put(entry, "type", share(body.type))
        put(entry, "time", body.time)
        put(entry, "actor", share(body.actor))
        put(entry, "exhibits", share(tuple(body.exhibits)))
        put(entry, "facts", body.facts)
        private = body.private
        put(entry, "private", None if private is None else bytes.fromhex(private))
        file = body.private_file
        put(entry, "private_file", None if file is None else read_private_file(file))
        put(entry, "leaf", leaf)
        return entry

    def _share(self, value: _Value) -> _Value:
        """Return an equal value met before, so that each is kept once."""
        known: _Value = self._shared.setdefault(value, value)
        return known


def _named(rest: tuple[Json, Json, Json]) -> dict[str, Json]:
    return dict(zip(("role", "authority", "log"), rest, strict=True))
