"""Erasing exhibits: the entry first, then keys and bytes, in every copy that is known.

The `erase` entry is the commit point. Before it nothing is destroyed; after it, once it
is in force, the exhibits are erased, and what an interruption leaves of them is
destroyed when the case is opened to write again. A legal hold wins over everything.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evidence import clock
from evidence.errors import ExhibitUnknownError
from evidence.grounds import Basis, Claim, ground_of
from evidence.retention.absence import check_not_erased
from evidence.retention.companions import companions
from evidence.retention.copies import check_copy
from evidence.retention.destroying import Targets, destroy, find_targets, pieces_about
from evidence.retention.register import Register, Tombstone, register_of
from evidence.retention.words import DONE, REASONS
from evidence.retention_errors import (
    DerivedExhibitsError,
    ErasureUnfinishedError,
    LegalHoldError,
    NothingToCarryOutError,
    RetentionRefusedError,
    TransferOpenError,
)
from evidence.scope import Scope, Touch
from evidence.signals import held
from evidence.transfer.register import open_transfers
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError
from manifests.lock import WriterLock

if TYPE_CHECKING:
    from evidence.case import Case, CaseWriter
    from manifests.canonical import Json

MAX_TEXT = 10_000
_LEAVING = frozenset(
    {EntryType.DISCLOSE, EntryType.TRANSFER_OUT, EntryType.TRANSMIT, EntryType.COPY}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do.

    Attributes:
        remains: what stays of each exhibit: number of its entry and its digests.
        records: sealed records that go; reports: file names of issued reports that go.
        handed_over: entries by which these exhibits left, each with the recipient.
        copies: folders that are copies of this case.
        companions: of `exhibits`, those not named but kept as proofs of the named.
        staying: such documents that stay, with the reason.
    """

    exhibits: tuple[str, ...]
    remains: tuple[Mapping[str, Json], ...]
    records: int
    reports: tuple[str, ...]
    handed_over: tuple[Mapping[str, Json], ...]
    copies: tuple[Path, ...]
    companions: tuple[str, ...] = ()
    staying: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Outcome:
    """What carrying out came to.

    Attributes:
        destroyed: numbers of files by kind, in the case folder.
        copies: path and outcome: destroyed, nothing-there, or failed.
        problems: what could not be destroyed, a sentence each.
        unsearched: names in packages/ that cannot be looked into.
    """

    erasures: tuple[int, ...] = ()
    destroyed: Counter[str] = field(default_factory=Counter)
    copies: list[tuple[Path, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unsearched: list[str] = field(default_factory=list)


def plan(case: Case, exhibits: Iterable[str], copies: Sequence[Path] = ()) -> Plan:
    """Work out what erasing these exhibits means, or refuse it.

    Raises:
        ExhibitUnknownError, ExhibitErasedError: no such exhibit, or none any more.
        LegalHoldError: one of them is under a legal hold.
        TransferOpenError: one of them is being handed over.
        DerivedExhibitsError: one was derived from them and is not named.
        CopyRefusedError: a folder is no copy of this case.
    """
    names = tuple(dict.fromkeys(exhibits))
    entries = list(case.entries())
    register = register_of(case)
    for name in names:
        if name not in register.exhibits:
            raise ExhibitUnknownError(exhibit=name)
        check_not_erased(register, name)
    check_no_hold(register, names)
    _check_no_transfer(case, names)
    now, offers = clock.now().time, open_transfers(case)
    with_them = companions(case, entries, register, names, at=now, offers=offers)
    names = (*names, *with_them.go)
    derived = [n for n in register.derived_from(names) if not register.erased(n)]
    if derived:
        raise DerivedExhibitsError(derived=", ".join(derived[:8]))
    gone = set(names) | {n for n in register.exhibits if register.erased(n)}
    first = min(register.exhibits[name] for name in names)
    records = sum(
        entry.private is not None
        and bool(entry.exhibits)
        and entry.type != EntryType.ERASE
        and set(entry.exhibits) <= gone
        and not set(entry.exhibits).isdisjoint(names)
        for entry in entries
    )
    return Plan(
        names,
        tuple(_remains(e) for e in entries if _acquires(e, names)),
        records,
        tuple(_reports(entries, first)),
        tuple(_left(e) for e in entries if _leaves(e, names)),
        tuple(dict.fromkeys(check_copy(case, path) for path in copies)),
        with_them.go,
        with_them.stay,
    )


def check_no_hold(register: Register, exhibits: Iterable[str]) -> None:
    """Refuse to erase, or to approve that, what is under a legal hold.

    Raises:
        LegalHoldError: one of them is.
    """
    for name in exhibits:
        for hold in register.holds_on(name):
            raise LegalHoldError(exhibits=name, hold=hold.number, entry=hold.entry.seq)


def _check_no_transfer(case: Case, exhibits: tuple[str, ...]) -> None:
    """Refuse while something is on its way: offered and neither taken nor declined."""
    for offer in open_transfers(case):
        common = [name for name in exhibits if offer.whole or name in offer.exhibits]
        if common:
            raise TransferOpenError(exhibits=", ".join(common), entry=offer.entry)


def _acquires(entry: Entry, names: tuple[str, ...]) -> bool:
    return entry.type == EntryType.ACQUIRE and entry.exhibits[:1] in [
        (n,) for n in names
    ]


def _remains(entry: Entry) -> Mapping[str, Json]:
    payload, inventory = entry.facts.get("payload"), entry.facts.get("inventory")
    sha256 = payload.get("sha256") if isinstance(payload, dict) else None
    root = inventory.get("root") if isinstance(inventory, dict) else None
    return {
        "entry": entry.seq,
        "exhibit": entry.exhibits[0],
        "root": root,
        "sha256": sha256,
    }


def _reports(entries: Sequence[Entry], first: int) -> list[str]:
    """Return the issued reports that can tell of what entry `first` acquired."""
    issued = (e for e in entries if e.type == EntryType.REPORT_ISSUE and e.seq > first)
    names = (entry.facts.get("file") for entry in issued)
    return [*dict.fromkeys(name for name in names if isinstance(name, str))]


def _leaves(entry: Entry, names: tuple[str, ...]) -> bool:
    return entry.type in _LEAVING and (
        not set(names).isdisjoint(entry.exhibits) or entry.facts.get("whole") is True
    )


def _left(entry: Entry) -> Mapping[str, Json]:
    recipient = entry.facts.get("alias") or entry.facts.get("recipient")
    known = recipient if isinstance(recipient, str) and len(recipient) <= 64 else None
    return {"entry": entry.seq, "recipient": known}


def erase(
    writer: CaseWriter, found: Plan, *, reason: str, text: str, claim: Claim
) -> tuple[Entry, Basis]:
    """Record an erasure: the commit point. Nothing is destroyed here.

    Args:
        reason: one of `words.REASONS`; text: why, in words; sealed.

    Raises:
        RetentionRefusedError: no such reason, or the text is blank or too long.
        GroundRefusedError, NoGroundError, ...: as `evidence.grounds.ground_of`.
        StorageFailedError: it was not recorded.
    """
    if reason not in REASONS:
        raise RetentionRefusedError(reason=f"a reason is {', '.join(REASONS)}")
    check_text(text)
    scope = Scope(Touch.ERASE, clock.now().time, found.exhibits)
    basis = ground_of(writer, scope, claim)
    remains: list[Json] = [dict(one) for one in found.remains]
    handed: list[Json] = [dict(one) for one in found.handed_over]
    facts: dict[str, Json] = {
        "copies": len(found.copies),
        "handed_over": handed,
        "reason": reason,
        "records": found.records,
        "remains": remains,
        "reports": [*found.reports],
        **basis.facts(),
    }
    copies: list[Json] = [str(path) for path in found.copies]
    private: dict[str, Json] = {"copies": copies, "text": text, **basis.sealed()}
    entry = writer.record(
        EntryType.ERASE,
        facts=facts,
        private=private,
        exhibits=found.exhibits,
        authority=basis.ground,
    )
    return entry, basis


def check_text(text: str) -> None:
    """Refuse words that say nothing, or too much.

    Raises:
        RetentionRefusedError: they are blank or longer than `MAX_TEXT`.
    """
    if not text.strip() or len(text) > MAX_TEXT:
        reason = f"say why in words, at most {MAX_TEXT:,} characters"
        raise RetentionRefusedError(reason=reason)


def carry_out(
    writer: CaseWriter, copies: Sequence[Path] = (), *, again: bool = False
) -> Outcome:
    """Destroy what the erasures in force name, and say so in an entry.

    Args:
        copies: folders that `check_copy` took for copies of this case.
        again: look after those that were carried out before, too.

    Raises:
        NothingToCarryOutError: no erasure is in force, with `again`.
        ErasureUnfinishedError: the case folder could not be cleared wholly.
    """
    case = writer.case
    register = register_of(case)
    stones = [s for s in register.tombstones if s.effect >= 0]
    if not again:
        stones = [stone for stone in stones if stone.done < 0]
    elif not stones:
        raise NothingToCarryOutError
    found = Outcome(tuple(stone.entry.seq for stone in stones))
    if not stones:
        return found
    names = frozenset(name for stone in stones for name in stone.exhibits)
    pieces = frozenset(p for e in case.entries() for p in pieces_about(e, names))
    with held():
        try:
            targets = find_targets(case.path, stones, pieces)
            found.destroyed = destroy(targets, system=writer.log.system)
        except OSError as error:
            raise ErasureUnfinishedError(
                entry=stones[0].entry.seq, reason=_why(error)
            ) from error
        found.unsearched = targets.unsearched
        for path in copies:
            found.copies.append((path, _in_copy(path, stones, pieces, found)))
        for stone in stones:
            if stone.done < 0 or found.destroyed or copies:
                _record_done(writer, stone, found)
    return found


def _why(error: OSError) -> str:
    name = Path(str(error.filename)).name if error.filename else "a file"
    return f"{name}: {os.strerror(error.errno) if error.errno else 'it was refused'}"


def _in_copy(
    path: Path, stones: list[Tombstone], pieces: frozenset[str], found: Outcome
) -> str:
    """Destroy in a copy, under its own lock; what it does not let go is told."""
    try:
        with WriterLock(path / ".lock"):
            targets: Targets = find_targets(path, stones, pieces)
            done = destroy(targets)
    except OSError as error:
        found.problems.append(f"In the copy {path}: {_why(error)}.")
        return "failed"
    except CustodyError as error:
        found.problems.append(f"In the copy {path}: {error.what}")
        return "failed"
    for name in targets.unsearched:
        found.problems.append(f"In the copy {path}: packages/{name} was not searched.")
    return "destroyed" if done else "nothing-there"


def _record_done(writer: CaseWriter, stone: Tombstone, found: Outcome) -> None:
    copies: list[Json] = [
        {"copy": number, "outcome": outcome}
        for number, (_, outcome) in enumerate(found.copies, start=1)
    ]
    facts: dict[str, Json] = {
        "copies": copies,
        "destroyed": dict(found.destroyed),
        "erasure": stone.entry.seq,
        "kind": DONE,
        "unsearched": len(found.unsearched),
    }
    paths: list[Json] = [str(path) for path, _ in found.copies]
    unsearched: list[Json] = [*found.unsearched[:100]]
    private: dict[str, Json] = {"copies": paths, "unsearched": unsearched}
    writer.record(
        EntryType.ANNOTATE, facts=facts, private=private, exhibits=stone.exhibits
    )
