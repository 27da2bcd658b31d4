"""Every act on evidence names its legal ground; this finds it and asks it.

A ground is named (`Claim.wanted`), or it is the only one in force that covers the act.
What it does not cover is refused, or done with an override whose codes are public and
whose reason is sealed. An organisation of the profile ``ngo`` may always capture, and
look at what it keeps: where its case records no ground at all, that is said in the
entry (`Basis.doubts`) instead.

The check stands here and in `evidence.acquire`, not in the command line, so that no way
of acting leads around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from evidence.authority.instruments import Instrument
from evidence.authority.register import Authority, authorities, is_time, moment
from evidence.authority_errors import (
    GroundAmbiguousError,
    GroundRefusedError,
    GroundUnknownError,
    NoGroundError,
    OverrideRefusedError,
)
from evidence.clock import utc_text
from evidence.retention.refusing import refusals as retention_refusals
from evidence.scope import Ground, Refusal, Scope, Touch
from evidence.spanning import with_data
from manifests.entries import Entry, EntryType

if TYPE_CHECKING:
    from evidence.case import Case, CaseWriter
    from manifests.canonical import Json

NO_GROUND = Refusal("GROUND_MISSING", "The case records no legal ground for the act.")
CLOCK_BEHIND = Refusal(
    "CLOCK_BEHIND",
    "The clock is before the newest entry, so whether a ground is in force is unsure.",
)
# An organisation may keep, and look at what it keeps, before a ground is recorded.
_KEEPING = (Touch.COLLECT, Touch.CONSULT)
_SLACK = timedelta(minutes=10)
MAX_REASON = 2000
_MAX_TOLD = 8  # refusals spelled out in an error

Reader = Callable[["Case", Sequence[Entry]], Iterable[Ground]]


def _read_authorities(_case: Case, entries: Sequence[Entry]) -> Iterable[Ground]:
    return authorities(entries).values()


def _read_consents(case: Case, entries: Sequence[Entry]) -> Iterable[Ground]:
    """Read the whole log where there is a consent: it depends on other entries."""
    if not any(entry.type == EntryType.CONSENT_ADD for entry in entries):
        return ()
    from evidence.consent.ledger import read_ledger

    return read_ledger(case).consents.values()


# Each kind of ground has one reader; it gets the entries `tells_of_grounds` names.
READERS: tuple[Reader, ...] = (_read_authorities, _read_consents)


@dataclass(frozen=True, slots=True)
class Claim:
    """What whoever acts says of the ground.

    Attributes:
        wanted: its number, e.g. ``AU-0001`` or ``CO-0002``; "" to have it found.
        override: reason to act although nothing covers the act; "" for none.
    """

    wanted: str = ""
    override: str = ""

    def check(self) -> None:
        """Refuse a reason that is none.

        Raises:
            OverrideRefusedError: blank or too long.
        """
        if self.override and not self.override.strip():
            raise OverrideRefusedError(reason="blank")
        if len(self.override) > MAX_REASON:
            raise OverrideRefusedError(reason=f"longer than {MAX_REASON} characters")


@dataclass(frozen=True, slots=True)
class Basis:
    """On what an act stands: goes into its entry.

    Attributes:
        ground: number of the ground, the entry's `authority`; None without one.
        overridden: refusals the act was done in spite of.
        doubts: refusals that became known only afterwards, or that did not stop it.
        reason: of the override; sealed.
        unused: an override was given and was not needed.
    """

    ground: str | None
    overridden: tuple[Refusal, ...] = ()
    doubts: tuple[Refusal, ...] = ()
    reason: str = ""
    unused: bool = False

    def facts(self) -> dict[str, Json]:
        """Public facts: codes only. {} when the ground covers the act."""
        facts: dict[str, Json] = {}
        if self.overridden:
            facts["override"] = {"refusals": _codes(self.overridden)}
        if self.doubts:
            facts["ground_doubts"] = _codes(self.doubts)
        return facts

    def sealed(self) -> dict[str, Json]:
        """Members of the sealed record."""
        return {"override_reason": self.reason} if self.reason else {}


NO_BASIS = Basis(None)


def _codes(refusals: Iterable[Refusal]) -> list[Json]:
    return [*sorted({refusal.code for refusal in refusals})]


def read_grounds(case: Case, entries: Sequence[Entry]) -> dict[str, Ground]:
    """Return the grounds of a case by number.

    Args:
        entries: all, or those of which `register.tells_of_grounds` is true.
    """
    return {one.id: one for reader in READERS for one in reader(case, entries)}


def ground_of(writer: CaseWriter, scope: Scope, claim: Claim) -> Basis:
    """Return on what an act in a case opened to write stands.

    The entry takes `Basis.ground` as authority, `Basis.facts()` among its public and
    `Basis.sealed()` among its sealed facts.

    Raises:
        GroundUnknownError: no ground of the wanted number is there.
        GroundRefusedError: no ground covers the act, and there is no override.
        GroundAmbiguousError: several cover it, and none was named.
        NoGroundError: the case records none, and there is no override.
        OverrideRefusedError: the override's reason is blank or too long.
    """
    standing = _standing_grounds(writer)
    scope = with_data(writer.case, scope, standing.values(), writer.case.entries())
    grounds = barred(standing, retention_refusals(writer.case, scope))
    basis = decide(grounds, scope, claim, profile=profile_of(writer.law))
    if _is_behind(scope.at, writer.latest):
        basis = replace(basis, doubts=(*basis.doubts, CLOCK_BEHIND))
    return basis


@dataclass(frozen=True, slots=True)
class _Barred:
    """A ground, and what in the case speaks against an act on any ground."""

    ground: Ground
    bars: tuple[Refusal, ...]

    @property
    def id(self) -> str:
        return self.ground.id

    def refusals(self, scope: Scope) -> Sequence[Refusal]:
        return tuple(dict.fromkeys((*self.ground.refusals(scope), *self.bars)))


def barred(
    grounds: Mapping[str, Ground], bars: tuple[Refusal, ...]
) -> dict[str, Ground]:
    """Return grounds that also say what holds against each of them."""
    if not bars:
        return dict(grounds)
    return {number: _Barred(ground, bars) for number, ground in grounds.items()}


def _standing_grounds(writer: CaseWriter) -> dict[str, Ground]:
    """Return the grounds; whether a second person approved, as the log's rules say."""
    grounds = read_grounds(writer.case, writer.law)
    standing = writer.log.standing
    for number, one in grounds.items():
        if not isinstance(one, Authority):
            continue
        entry = one.entry
        if entry.seq and standing.needs_second(entry.type, entry.facts):
            grounds[number] = replace(one, waits=entry.seq not in standing.approved)
    return grounds


def _is_behind(now: str, latest: str) -> bool:
    """Tell whether a clock is well before the newest entry."""
    return is_time(latest) and utc_text(moment(now) + _SLACK) < latest


def profile_of(entries: Sequence[Entry]) -> str:
    """Return the profile as the first entry says it (settings are not evidence)."""
    for entry in entries:
        if entry.type == EntryType.CASE_OPEN:
            return str(entry.facts.get("profile"))
    return ""


def decide(
    grounds: Mapping[str, Ground], scope: Scope, claim: Claim, *, profile: str
) -> Basis:
    """Return on what an act stands; errors as `ground_of`."""
    claim.check()
    if claim.wanted:
        return _named(grounds, scope, claim)
    answers = {one.id: tuple(one.refusals(scope)) for one in grounds.values()}
    covering = [number for number, refusals in answers.items() if not refusals]
    if len(covering) == 1:
        return Basis(covering[0], unused=bool(claim.override))
    own = [number for number in covering if _is_own_initiative(grounds[number])]
    if own and profile == "ngo" and scope.touch in _KEEPING:
        # A consent or order of one person must not be guessed for another's data.
        return Basis(own[0], unused=bool(claim.override))
    if covering:
        raise GroundAmbiguousError(grounds=", ".join(covering[:_MAX_TOLD]))
    if len(answers) == 1:
        return _named(grounds, scope, replace(claim, wanted=next(iter(answers))))
    refusals = tuple(r for some in answers.values() for r in some) or (NO_GROUND,)
    if claim.override:
        return Basis(None, refusals, reason=claim.override)
    if not answers and profile == "ngo" and scope.touch in _KEEPING:
        return Basis(None, doubts=(NO_GROUND,))
    if not answers:
        raise NoGroundError
    raise _refused(refusals)


def _is_own_initiative(ground: Ground) -> bool:
    return isinstance(ground, Authority) and (
        ground.text("type") == Instrument.OWN_INITIATIVE
    )


def _named(grounds: Mapping[str, Ground], scope: Scope, claim: Claim) -> Basis:
    ground = grounds.get(claim.wanted.upper())
    if ground is None:
        raise GroundUnknownError(ground=claim.wanted)
    refusals = tuple(ground.refusals(scope))
    if not refusals:
        return Basis(ground.id, unused=bool(claim.override))
    if claim.override:
        return Basis(ground.id, refusals, reason=claim.override)
    raise _refused(refusals)


def _refused(refusals: Sequence[Refusal]) -> GroundRefusedError:
    told = " ".join(refusal.text for refusal in refusals[:_MAX_TOLD])
    codes = " ".join(str(code) for code in _codes(refusals))
    return GroundRefusedError(reason=told, refusals=codes)


def is_dated(writer: CaseWriter, basis: Basis) -> bool:
    """Tell whether a ground is limited to data of a time."""
    ground = read_grounds(writer.case, writer.law).get(basis.ground or "")
    return isinstance(ground, Authority) and bool(
        ground.time("data_from") or ground.time("data_to")
    )


def doubted(writer: CaseWriter, basis: Basis, scope: Scope) -> Basis:
    """Return `basis` with what its ground says now that more is known of the data.

    For what shows only after the bytes are safe: evidence is not lost for it.
    """
    if basis.ground is None:
        return basis
    ground = _standing_grounds(writer)[basis.ground]
    known = {refusal.code for refusal in basis.overridden}
    new = [r for r in ground.refusals(scope) if r.code not in known]
    return replace(basis, doubts=(*basis.doubts, *new))
