"""Consultations: looking at sealed content leaves an entry (LED Art. 25(1), (2)).

The one way for every command that shows sealed content. It records before anything is
shown, so that a look that was interrupted is on record, too. Public: what kind of
content, of which exhibits, and a word for the purpose. Sealed: why, in the person's
words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evidence import clock
from evidence.access.words import PURPOSES
from evidence.authority_errors import GroundAmbiguousError, GroundRefusedError
from evidence.case import CaseWriter
from evidence.errors import ExhibitUnknownError
from evidence.grounds import Basis, Claim, ground_of
from evidence.people_errors import JustificationMissingError
from evidence.scope import Scope, Touch
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

MAX_JUSTIFICATION = 10_000


def consult(
    writer: CaseWriter,
    exhibits: tuple[str, ...],
    justification: str,
    *,
    facts: Mapping[str, Json] | None = None,
    private: Mapping[str, Json] | None = None,
    authority: str | None = None,
) -> Entry:
    """Record that somebody looks at sealed content; call it before showing any.

    Args:
        exhibits: exhibits looked at; empty for the register of persons and the like.
        justification: why, in the person's words; sealed.
        facts: public: what kind of content (``kind``), counts, pseudonyms.
        private: more for the sealed record (search words, record numbers).

    Raises:
        JustificationMissingError: none was given; nothing was recorded.
        StorageFailedError: not recorded, so nothing may be shown.
    """
    return writer.record(
        EntryType.CONSULT,
        facts=dict(facts or {}),
        private={**(private or {}), "justification": check_reason(justification)},
        exhibits=exhibits,
        authority=authority,
    )


def check_reason(justification: str) -> str:
    """Return a justification without outer space.

    Raises:
        JustificationMissingError: it is blank or too long.
    """
    text = justification.strip()
    if not text or len(text) > MAX_JUSTIFICATION:
        raise JustificationMissingError
    return text


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody is about to look at, and why.

    Attributes:
        kind: public word for the content, e.g. "exhibit", "transcript", "decisions".
        purpose: one of `PURPOSES`; public.
        because: the justification; sealed.
        exhibits: exhibits looked at; empty when it is the case's own records.
        facts: more public facts: counts and numbers.
    """

    kind: str
    purpose: str
    because: str
    exhibits: tuple[str, ...] = ()
    facts: Mapping[str, Json] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse a look that nobody justifies.

        Raises:
            JustificationMissingError: purpose or justification is missing.
        """
        check_reason(self.because)
        if self.purpose not in PURPOSES:
            raise JustificationMissingError


def look(writer: CaseWriter, wanted: Look, claim: Claim) -> Entry:
    """Record a look on its legal ground; call it before showing anything.

    Looking at exhibits needs a ground: the one named, or that under which they were
    acquired where it covers consulting, or the only one that does. Looking at the
    case's own records needs a justification; a ground is asked when it is named.

    Raises:
        JustificationMissingError: nothing was recorded.
        ExhibitUnknownError: the case has no such exhibit.
        GroundRefusedError, ...: as `evidence.grounds.ground_of`.
        StorageFailedError: not recorded, so nothing may be shown.
    """
    wanted.check()
    basis = _basis(writer, wanted, claim)
    return consult(
        writer,
        wanted.exhibits,
        wanted.because,
        facts={
            **wanted.facts,
            "kind": wanted.kind,
            "purpose": wanted.purpose,
            **basis.facts(),
        },
        private=basis.sealed(),
        authority=basis.ground,
    )


def _basis(writer: CaseWriter, wanted: Look, claim: Claim) -> Basis:
    acquired = _acquired(writer.case.entries(), wanted.exhibits)
    if not wanted.exhibits and not claim.wanted:
        claim.check()
        return Basis(None)
    scope = Scope(
        Touch.CONSULT,
        clock.now().time,
        wanted.exhibits,
        categories=tuple(sorted({str(e.facts.get("category")) for e in acquired})),
    )
    grounds = {entry.body.get("authority") for entry in acquired}
    first = next(iter(grounds)) if len(grounds) == 1 else None
    if not claim.wanted and isinstance(first, str):
        try:
            return ground_of(writer, scope, Claim(first))
        except (GroundRefusedError, GroundAmbiguousError):
            pass  # it does not cover looking; another one may
    return ground_of(writer, scope, claim)


def _acquired(entries: Iterable[Entry], exhibits: tuple[str, ...]) -> list[Entry]:
    """Return the acquire entries of exhibits."""
    if not exhibits:
        return []
    found = {
        entry.exhibits[0]: entry
        for entry in entries
        if entry.type == EntryType.ACQUIRE and entry.exhibits[:1]
    }
    for exhibit in exhibits:
        if exhibit not in found:
            raise ExhibitUnknownError(exhibit=exhibit)
    return [found[exhibit] for exhibit in exhibits]
