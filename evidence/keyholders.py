"""The keys of a case as a list for people: whose, what they may do, since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.case import Case
from evidence.checking import read_log
from evidence.key_errors import KeyChangeRefusedError
from evidence.narration import describe
from evidence.overview import overview
from manifests.entries import Entry
from manifests.keys import KeyId
from manifests.verifying.keyring import Holding
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Axis

_MIN_PREFIX = 8


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key of the case.

    Attributes:
        name: from sealed records; "" when none that can be used tells it.
        state: in words, as of the time the list was made.
        in_force: it may sign now.
        enrolled: number of the entry it came with; vouched: who signed that, then who
            approved it (names or key ids).
        roles: empty for any; rights: sorted.
    """

    key: KeyId
    name: str
    state: str
    in_force: bool
    enrolled: int
    vouched: tuple[str, ...]
    roles: tuple[str, ...]
    rights: tuple[str, ...]
    not_before: str
    not_after: str
    post_quantum: bool


@dataclass(frozen=True, slots=True)
class WaitingView:
    """An act without its second signature."""

    entry: Entry
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyList:
    """Keys in order of enrolment, acts that wait, and whether the log holds."""

    keys: tuple[KeyView, ...]
    waiting: tuple[WaitingView, ...]
    sound: bool

    def find(self, wanted: str) -> KeyView:
        """Return the key of a name, or of 8 or more digits of the key id.

        Raises:
            KeyChangeRefusedError: not exactly one answers.
        """
        folded = wanted.casefold()
        found = [view for view in self.keys if view.name.casefold() == folded]
        if len(found) > 1:  # rotated keys bear one name: the one in force is meant
            found = [view for view in found if view.in_force] or found
        if not found and len(folded) >= _MIN_PREFIX:
            found = [view for view in self.keys if view.key.startswith(folded)]
        if len(found) != 1:
            reason = f"{len(found)} keys of the case answer to {wanted}"
            raise KeyChangeRefusedError(reason=reason)
        return found[0]


def key_list(case: Case, now: str) -> KeyList:
    """Read the log, verified, and return its keys as they stand at `now` (UTC).

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    log = read_log(case)
    view, entries = overview(case)
    broken = (Axis.CONSISTENT, Axis.SIGNED)
    return KeyList(
        tuple(_view(held, view.names, now) for held in log.holdings),
        waiting_views(log, entries, view.names),
        sound=not any(f.fails and f.axis in broken for f in log.findings),
    )


def waiting_views(
    log: LogReading, entries: list[Entry], names: Mapping[str, str]
) -> tuple[WaitingView, ...]:
    """Return the acts that wait for a second person."""
    wanted = set(log.waiting)
    return tuple(
        WaitingView(entry, names.get(entry.actor) or entry.actor, describe(entry))
        for entry in entries
        if entry.seq in wanted
    )


def _view(held: Holding, names: Mapping[str, str], now: str) -> KeyView:
    warrant = held.warrant
    state = _state(held, now)
    return KeyView(
        key=warrant.key.id,
        name=names.get(warrant.key.id, ""),
        state=state,
        in_force=state == IN_FORCE,
        enrolled=held.vouchers[0].seq if held.vouchers else 0,
        vouched=tuple(names.get(v.key) or v.key for v in held.vouchers),
        roles=warrant.roles,
        rights=tuple(sorted(right.value for right in warrant.rights)),
        not_before=warrant.not_before,
        not_after=warrant.not_after,
        post_quantum=warrant.post_quantum is not None,
    )


IN_FORCE = "in force"


def _state(held: Holding, now: str) -> str:
    warrant = held.warrant
    if held.void_from == "":
        return f"void: its enrolment does not count (entry {held.ended})"
    if held.void_from is not None:
        return f"revoked from {held.void_from} on (entry {held.ended})"
    if held.ended is not None:
        return f"replaced (entry {held.ended})"
    if warrant.not_before and now < warrant.not_before:
        return f"not valid before {warrant.not_before}"
    if warrant.not_after and now >= warrant.not_after:
        return f"expired at {warrant.not_after}"
    return IN_FORCE
