"""Ending, when a case is opened to write, what a crash left in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evidence.authority.register import tells_of_grounds
from evidence.envelope.rooms import sweep
from evidence.recovery import find_leftovers, make_missing_folders, quarantine
from evidence.retention.words import DONE
from evidence.transfer.words import SWEPT
from evidence.vault.holders import Holders
from manifests import durable
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import KeyNotInForceError
from manifests.warrants import TIME, Right

if TYPE_CHECKING:
    from evidence.case import CaseWriter


@dataclass(slots=True)
class Survey:
    """What a writer must know of the entries so far."""

    exhibits: int = 0
    quarantined: set[str] = field(default_factory=set)
    law: list[Entry] = field(default_factory=list)
    latest: str = ""
    holders: Holders | None = None
    erasing: set[int] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """Take the next entry, in order."""
        time = entry.body.get("time")
        if isinstance(time, str) and TIME.fullmatch(time):
            self.latest = max(self.latest, time)
        if tells_of_grounds(entry):
            self.law.append(entry)
        if entry.seq == 0:
            self.holders = Holders.of_opening(entry)
        elif self.holders is not None:
            self.holders.take(entry)
        if entry.type == EntryType.ACQUIRE:
            self.exhibits += 1
        elif entry.type == EntryType.ERASE:
            self.erasing.add(entry.seq)
        elif entry.type == EntryType.ANNOTATE:
            self._take_done(entry)
        elif entry.type == EntryType.RECOVERY:
            items = entry.facts.get("quarantined")
            if isinstance(items, list):
                names = (i.get("name") for i in items if isinstance(i, dict))
                self.quarantined.update(str(name) for name in names)

    def _take_done(self, entry: Entry) -> None:
        told = entry.facts.get("erasure")
        if entry.facts.get("kind") == DONE and isinstance(told, int):
            self.erasing.discard(told)


def tidy(writer: CaseWriter, survey: Survey, folders: Sequence[str]) -> None:
    """Quarantine what interrupted acts left, and say so in an entry.

    An erasure that is in force and was not carried out wholly is carried out, and an
    open package beside the case that nobody works in is destroyed. Where that fails
    the case opens all the same (`CaseWriter.unfinished` says why): evidence
    has to be taken in even then.

    Args:
        folders: those a case has; empty ones may have been lost on a copy.

    Raises:
        KeyNotInForceError: the key could not record what it would move.
        StorageFailedError: the system refused.
    """
    case, system, key = writer.case, writer.log.system, writer.signer.public.id
    try:
        make_missing_folders(case.path, folders, system=system)
        found = find_leftovers(case.path, writer.exhibits, writer.log.size)
        may = Right.ACT in writer.log.standing.in_force[key].rights
        if found and not may:  # it could not record what it would move
            reason = "an interrupted act must be tidied first ('custody recover')"
            raise KeyNotInForceError(key=key, reason=reason)
        writer.recovered = quarantine(
            case.path, found, survey.quarantined, system=system
        )
    except OSError as error:
        durable.storage_failure(error, "what an interrupted act left")
    if not may:
        return
    items: list[Json] = [item.facts() for item in writer.recovered]
    # An entry holds at most 64 KiB: after a long series of crashes, several entries.
    for start in range(0, len(items), 100):
        writer.record(EntryType.RECOVERY, facts={"quarantined": items[start:][:100]})
    _sweep_rooms(writer)
    if survey.erasing:
        _end_erasures(writer)


def _sweep_rooms(writer: CaseWriter) -> None:
    """Destroy the open packages a crash left beside the case, and say so."""
    case = writer.case
    found = sweep(case.path, case.settings.origin, system=writer.log.system)
    writer.swept, writer.unfinished = found.folders, found.problem
    if found.folders:
        facts: dict[str, Json] = {
            "bytes": found.bytes,
            "files": found.files,
            "folders": found.folders,
            "kind": SWEPT,
        }
        writer.record(EntryType.ANNOTATE, facts=facts)


def _end_erasures(writer: CaseWriter) -> None:
    from evidence.retention.erasing import carry_out  # it needs a case opened to write
    from evidence.retention_errors import ErasureUnfinishedError

    try:
        carry_out(writer)
    except ErasureUnfinishedError as error:
        writer.unfinished = f"{error.what} {writer.unfinished}".rstrip()
