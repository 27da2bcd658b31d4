"""Holds, restrictions, times of keeping and erasures, as the entries tell them.

Who may sign, and what waits for a second person, is worked out as a writer does
(`manifests.standing`): an act that is not in force changes nothing here. Signatures
are the verifier's matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.authority.register import is_time
from evidence.retention.words import AGAINST_ERASING, DONE, HOLD, HOLD_LIFTED
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId
from manifests.standing import Standing
from manifests.verifying.erased import read_erasure
from manifests.warrants import APPROVALS

if TYPE_CHECKING:
    from evidence.case import Case

_TYPES = frozenset(
    {
        EntryType.RESTRICT,
        EntryType.LIFT_RESTRICTION,
        EntryType.REVIEW_RETENTION,
        EntryType.ERASE,
    }
)
_KINDS = frozenset({HOLD, HOLD_LIFTED, DONE})


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: nothing it covers is erased while it lasts.

    Attributes:
        exhibits: empty for the whole case.
        lifted: number of the entry that ended it; -1 while it lasts.
    """

    number: str
    entry: Entry
    exhibits: tuple[str, ...]
    lifted: int = -1

    def covers(self, exhibit: str) -> bool:
        """Tell whether an exhibit is under it, if it lasts."""
        return not self.exhibits or exhibit in self.exhibits


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction of processing of one exhibit.

    Attributes:
        until: UTC time; "" for no end.
        lifted: number of the entry that ended it; -1 while none did.
    """

    exhibit: str
    ground: str
    until: str
    entry: Entry
    lifted: int = -1

    def lasts(self, at: str) -> bool:
        """Tell whether it is in force at a UTC time."""
        return self.lifted < 0 and (not self.until or at < self.until)

    @property
    def bars_erasing(self) -> bool:
        """Tell whether its ground speaks against erasing, too."""
        return self.ground in AGAINST_ERASING


@dataclass(frozen=True, slots=True)
class Keeping:
    """The newest decision on how long something is kept.

    Attributes:
        exhibit: "" for the whole case.
        until: not to be erased before; review: to be looked at again. UTC, or "".
    """

    exhibit: str
    rule: str
    until: str
    review: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An `erase` entry.

    Attributes:
        effect: number of the entry that put it in force; -1 while it waits.
        approver: key id of the second person, or "".
        records: entries whose sealed records went with it.
        done: number of the entry that says it was carried out; -1 without one.
        held: a legal hold lasted when it was recorded: the program that did this
            did not keep the rule.
    """

    entry: Entry
    exhibits: tuple[str, ...]
    reason: str
    effect: int = -1
    approver: str = ""
    records: frozenset[int] = frozenset()
    done: int = -1
    held: bool = False

    @property
    def ground(self) -> str:
        """Number of the legal ground, or ""."""
        value = self.entry.body.get("authority")
        return value if isinstance(value, str) else ""

    @property
    def reports(self) -> tuple[str, ...]:
        """File names of issued reports that go, too."""
        return _texts(self.entry.facts.get("reports"))


@dataclass(slots=True)
class Register:
    """All of it, at the end of the log.

    Attributes:
        keeping: by exhibit; "" for the whole case.
        exhibits: exhibits with the number of their acquire entry.
        parents: derived exhibits with what they were derived from.
    """

    holds: dict[str, Hold] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    keeping: dict[str, Keeping] = field(default_factory=dict)
    tombstones: list[Tombstone] = field(default_factory=list)
    exhibits: dict[str, int] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def holds_on(self, exhibit: str) -> list[Hold]:
        """Return the legal holds an exhibit is under now."""
        found = self.holds.values()
        return [hold for hold in found if hold.lifted < 0 and hold.covers(exhibit)]

    def restrictions_on(self, exhibit: str, at: str) -> list[Restriction]:
        """Return the restrictions of an exhibit in force at a UTC time."""
        own = (one for one in self.restrictions if one.exhibit == exhibit)
        return [one for one in own if one.lasts(at)]

    def kept_until(self, exhibit: str) -> Keeping | None:
        """Return what was decided on keeping an exhibit: for it, or for the case."""
        return self.keeping.get(exhibit) or self.keeping.get("")

    def erased(self, exhibit: str) -> Tombstone | None:
        """Return the first erasure in force of an exhibit."""
        found = [
            stone
            for stone in self.tombstones
            if exhibit in stone.exhibits
            and self.exhibits.get(exhibit, stone.effect) < stone.effect
        ]
        return min(found, key=lambda stone: stone.effect, default=None)

    def erased_record(self, seq: int) -> Tombstone | None:
        """Return the erasure that took the sealed record of an entry away."""
        return next((s for s in self.tombstones if seq in s.records), None)

    def derived_from(self, exhibits: Iterable[str]) -> list[str]:
        """Return what was derived from these exhibits, at any remove, in order."""
        family = set(exhibits)
        named, grown = frozenset(family), True
        while grown:
            found = {c for c, p in self.parents.items() if p in family} - family
            family |= found
            grown = bool(found)
        return sorted(family - named)


def _texts(value: Json) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def _time(facts: Mapping[str, Json], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) and is_time(value) else ""


def read_register(entries: Iterable[Entry], origin: str) -> Register:
    """Work it out from all entries of a case, in order."""
    reader = _Reader(Standing(origin))
    for entry in entries:
        reader.take(entry)
    return reader.finish()


@dataclass(slots=True)
class _Reader:
    standing: Standing
    acts: list[Entry] = field(default_factory=list)
    effects: dict[int, int] = field(default_factory=dict)
    about: dict[int, tuple[str, ...]] = field(default_factory=dict)
    found: Register = field(default_factory=Register)

    def take(self, entry: Entry) -> None:
        kind = entry.facts.get("kind")
        annotation = entry.type == EntryType.ANNOTATE
        if entry.type in _TYPES or (annotation and kind in _KINDS):
            key, facts = KeyId(entry.actor), entry.facts
            role = str(entry.body.get("role"))
            if not self.standing.refusal(
                key, kind=entry.type, role=role, time=entry.time, facts=facts
            ):
                self.acts.append(entry)
                self._heed(entry)
        elif self.standing.heeds(entry):
            self._heed(entry)
            if annotation and kind in APPROVALS:
                self._approved(entry)
        self._collect(entry)

    def _heed(self, entry: Entry) -> None:
        try:
            self.standing.take(entry)
        except MalformedError:
            return  # a claim that does not hold changes nothing; 'verify' tells it

    def _approved(self, entry: Entry) -> None:
        seq = entry.facts.get("seq")
        if isinstance(seq, int) and seq in self.standing.approved:
            deed = self.standing.approved[seq][1]
            if deed == (entry.actor, entry.time):
                self.effects[seq] = entry.seq

    def _collect(self, entry: Entry) -> None:
        names = entry.exhibits
        if entry.private is not None and names and entry.type != EntryType.ERASE:
            self.about[entry.seq] = names
        if entry.type in (EntryType.ACQUIRE, EntryType.DERIVE) and names:
            if entry.type == EntryType.ACQUIRE:
                self.found.exhibits.setdefault(names[0], entry.seq)
            parent = entry.facts.get("parent")
            if isinstance(parent, str):
                self.found.parents.setdefault(names[0], parent)

    def _effect(self, entry: Entry) -> int:
        """Return the number of the entry that put an act in force, else -1."""
        standing = self.standing
        since = standing.ended.get(KeyId(entry.actor))
        if since is not None and entry.time >= since:
            return -1  # its key was revoked from an earlier time on
        if standing.needs_second(entry.type, entry.facts):
            waits = entry.seq not in standing.approved
            return -1 if waits else self.effects.get(entry.seq, -1)
        return entry.seq

    def finish(self) -> Register:
        for entry in self.acts:
            effect = self._effect(entry)
            if entry.type == EntryType.ERASE:
                self._erase(entry, effect)
            elif effect >= 0:
                self._act(entry)
        self._records()
        return self.found

    def _act(self, entry: Entry) -> None:
        facts, found = entry.facts, self.found
        match entry.type, facts.get("kind"):
            case EntryType.ANNOTATE, "legal_hold":
                number = f"HO-{len(found.holds) + 1:04d}"
                found.holds[number] = Hold(number, entry, entry.exhibits)
            case EntryType.ANNOTATE, "legal_hold_lifted":
                hold = found.holds.get(str(facts.get("hold")))
                if hold is not None and hold.lifted < 0:
                    found.holds[hold.number] = replace(hold, lifted=entry.seq)
            case EntryType.ANNOTATE, _:
                self._done(entry)
            case EntryType.RESTRICT, _:
                ground, until = str(facts.get("ground")), _time(facts, "until")
                found.restrictions += [
                    Restriction(name, ground, until, entry) for name in entry.exhibits
                ]
            case EntryType.LIFT_RESTRICTION, _:
                found.restrictions = [
                    replace(one, lifted=entry.seq)
                    if one.lifted < 0
                    and one.exhibit in entry.exhibits
                    and one.ground == facts.get("ground")
                    else one
                    for one in found.restrictions
                ]
            case _:
                rule = str(facts.get("rule"))
                until, review = _time(facts, "retain_until"), _time(facts, "review_due")
                for name in entry.exhibits or ("",):
                    found.keeping[name] = Keeping(name, rule, until, review, entry)

    def _erase(self, entry: Entry, effect: int) -> None:
        try:
            read_erasure(entry)
        except MalformedError:
            return  # it erases nothing; 'verify' tells it
        held = any(self.found.holds_on(name) for name in entry.exhibits)
        approver = ""
        if effect > entry.seq:
            approver = self.standing.approved[entry.seq][1][0]
        reason = str(entry.facts.get("reason"))
        stone = Tombstone(entry, entry.exhibits, reason, effect, approver, held=held)
        self.found.tombstones.append(stone)

    def _done(self, entry: Entry) -> None:
        seq = entry.facts.get("erasure")
        stones = self.found.tombstones
        for at, stone in enumerate(stones):
            if stone.entry.seq == seq and stone.done < 0:
                stones[at] = replace(stone, done=entry.seq)

    def _records(self) -> None:
        """Work out which sealed records go: all that are about erased exhibits only."""
        found = self.found
        gone = {name: found.erased(name) for name in found.exhibits}
        taken: dict[int, set[int]] = {}
        for seq, names in self.about.items():
            stones = [gone.get(name) for name in names]
            if all(stone is not None and seq < stone.effect for stone in stones):
                last = max(stone.effect for stone in stones if stone is not None)
                taken.setdefault(last, set()).add(seq)
        found.tombstones = [
            replace(stone, records=frozenset(taken.get(stone.effect, ())))
            for stone in found.tombstones
        ]


def register_of(case: Case) -> Register:
    """Return the register of a case as its log is now.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    return read_register(case.entries(), case.settings.origin)


@lru_cache(maxsize=4)
def _at(_path: Path, _size: int, _changed: int, read: _Reading) -> Register:
    return register_of(read.case)


@dataclass(frozen=True)
class _Reading:
    """Carries a case past the cache's comparison: its path and size tell enough."""

    case: Case = field(compare=False)


def known_register(case: Case) -> Register:
    """As `register_of`, read once for one state of the log's file."""
    path = case.manifest / "entries.jsonl"
    try:
        found = path.stat()
    except OSError:
        return register_of(case)  # it says what is wrong
    return _at(path.resolve(), found.st_size, found.st_mtime_ns, _Reading(case))
