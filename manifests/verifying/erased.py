"""What was erased: the verifier's own account, from the log alone (erasure-v1).

An `erase` entry takes effect when its signature and place hold, its key had the right,
nobody revoked that key from an earlier time on and, where a second person is asked for,
from that person's approval on. Then the files it is about must be gone. An entry that
takes no effect erases nothing: what is missing is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId
from manifests.verifying.examining import Examined
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.keyring import Keyring, Problem
from manifests.verifying.verdict import Axis, Code, Finding

_EXHIBIT = re.compile(r"EX-[0-9]{4,9}")
_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_WORD = 40
_ERASE: Final = EntryType.ERASE.value  # looking up a member of an enum is slow
_GROUND = re.compile(r"(AU|CO)-[0-9]{4,9}")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an `erase` entry says, and since when it is in force.

    Attributes:
        reason: closed word; ground: number of the legal ground, or "".
        reports: file names of issued reports that went, too.
        effect: number of the entry that put it in force: its own, or the approval's.
        approver: key id of the second person, or "".
    """

    seq: int
    time: str
    actor: str
    reason: str
    ground: str
    exhibits: tuple[str, ...]
    reports: tuple[str, ...]
    effect: int = -1
    approver: str = ""

    def text(self) -> str:
        """Say on what day, by whom and why, in one sentence."""
        by = f"by key {self.actor[:16]}"
        if self.approver:
            by += f", approved by key {self.approver[:16]}"
        ground = f", ground {self.ground}" if self.ground else ", no ground recorded"
        return f"Erased on {self.time} {by}, because: {self.reason}{ground}."


def read_erasure(entry: Entry) -> Erasure:
    """Read an `erase` entry.

    Raises:
        MalformedError: it has not the prescribed form.
    """
    reason, ground = entry.facts.get("reason"), entry.body.get("authority")
    if not isinstance(reason, str) or not _is_word(reason):
        raise MalformedError(what="an erasure", reason="its reason is no word")
    if ground is not None and not (
        isinstance(ground, str) and _GROUND.fullmatch(ground)
    ):
        raise MalformedError(what="an erasure", reason="its ground is not a number")
    names = entry.exhibits
    odd = any(_EXHIBIT.fullmatch(name) is None for name in names)
    if not names or odd or len(set(names)) != len(names):
        raise MalformedError(what="an erasure", reason="it names no exhibits")
    return Erasure(
        entry.seq,
        entry.time,
        entry.actor,
        reason,
        ground or "",
        names,
        _reports(entry.facts.get("reports")),
    )


def _is_word(text: str) -> bool:
    return len(text) <= _MAX_WORD and _WORD.fullmatch(text) is not None


def _reports(value: Json) -> tuple[str, ...]:
    names = [] if value is None else value
    if isinstance(names, list):
        found = tuple(name for name in names if isinstance(name, str))
        if len(found) == len(names):
            return found
    raise MalformedError(what="an erasure", reason="its reports are no names")


@dataclass(frozen=True, slots=True)
class Erased:
    """Everything the erasures in force took away.

    Attributes:
        exhibits: exhibit to the first erasure in force of it.
        records: numbers of entries whose sealed records went.
        reports: file names of issued reports.
    """

    exhibits: Mapping[str, Erasure] = field(default_factory=dict)
    records: frozenset[int] = frozenset()
    reports: frozenset[str] = frozenset()


@dataclass(slots=True)
class ErasureReader:
    """Feed `take` with each rightly signed entry, `about` with each sealed record."""

    _found: list[Erasure] = field(default_factory=list)
    _about: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def take(self, line: Examined) -> list[Problem]:
        """Take an entry whose place and signature hold; return what is wrong in it."""
        if line.type != _ERASE or line.entry is None:
            return []
        try:
            self._found.append(read_erasure(line.entry))
        except MalformedError as error:  # it erases nothing
            return [(Code.ENTRY_MALFORMED, f"entry {line.seq}", error.what)]
        return []

    def about(self, line: Examined) -> None:
        """Note which exhibits a sealed record is about."""
        if line.exhibits and line.type != _ERASE:
            self._about.setdefault(line.seq, line.exhibits)

    def finish(
        self, keyring: Keyring, exhibits: Mapping[str, ExpectedExhibit]
    ) -> Erased:
        """Return what is erased, by the keys as they stand at the end of the log.

        Args:
            exhibits: those acquired; nothing is erased before it was.
        """
        return self._erased(keyring, {x.id: x.entry for x in exhibits.values()})

    def _erased(self, keyring: Keyring, acquired: Mapping[str, int]) -> Erased:
        exhibits: dict[str, Erasure] = {}
        reports: set[str] = set()
        for erasure in _in_force(self._found, keyring):
            reports.update(erasure.reports)
            for name in erasure.exhibits:
                if acquired.get(name, erasure.effect) >= erasure.effect:
                    continue
                known = exhibits.get(name)
                if known is None or erasure.effect < known.effect:
                    exhibits[name] = erasure
        records = {
            seq
            for seq, names in self._about.items()
            if all(n in exhibits and seq < exhibits[n].effect for n in names)
        }
        return Erased(exhibits, frozenset(records), frozenset(reports))


def _in_force(found: Iterable[Erasure], keyring: Keyring) -> Iterable[Erasure]:
    for erasure in found:
        seq = erasure.seq
        held = keyring.holdings.get(KeyId(erasure.actor))
        if held is None or not held.counts_at(erasure.time):
            continue
        if seq in keyring.waiting or seq in keyring.refused:
            continue
        approval = keyring.approved.get(seq)
        if approval is not None:
            by = approval[1]
            yield replace(erasure, effect=by.seq, approver=by.key)
        elif not keyring.was_asked(_ERASE):
            yield replace(erasure, effect=seq)


def judge_erased(
    erased: Erased,
    *,
    present: Mapping[str, Iterable[str]] | None = None,
    records: Iterable[int] = (),
    reports: Iterable[str] = (),
) -> Iterable[Finding]:
    """Say what was erased, and what of it is still there.

    Args:
        present: exhibit to the names of its files that are there, its key among them.
        records: numbers of entries whose sealed record is there.
        reports: issued reports that are there.
    """
    for name, erasure in erased.exhibits.items():
        text = f"{erasure.text()} Entry {erasure.seq}; its digests remain."
        yield Finding(Axis.COMPLETE, Code.ERASED, name, text, fails=False)
        for file in (present or {}).get(name, ()):
            yield _still(name, f"{file} is still there")
    for seq in sorted(erased.records.intersection(records)):
        yield _still(f"entry {seq}", "Its sealed record is still there")
    for report in sorted(erased.reports.intersection(reports)):
        yield _still(report, "The report is still there")


def _still(subject: str, what: str) -> Finding:
    text = (
        f"{what} although an erasure is in force. 'custody erase --carry-out' ends "
        "what was interrupted; otherwise somebody put it back."
    )
    return Finding(Axis.COMPLETE, Code.ERASED_STILL_PRESENT, subject, text)
