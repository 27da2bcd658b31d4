"""Making and checking proof files: one exhibit, told apart from its case.

Making one needs no key and writes nothing into the case. What was made is judged by
the verifying core before anybody gets it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.case import Case, unreadable
from evidence.countersigned import Countersigned, countersigned
from evidence.errors import (
    ExhibitUnknownError,
    ProofImpossibleError,
    RecordUnknownError,
)
from evidence.hashing import hash_file
from manifests import ledger
from manifests.checkpoint import signature_id
from manifests.entries import Entry, EntryType, read_entry
from manifests.errors import CustodyError, MalformedError, ProofTooLargeError
from manifests.merkle import inclusion_proofs, leaf_hash
from manifests.proof import (
    MAX_PROOF_BYTES,
    MAX_RECORDS,
    MAX_STANDING,
    ExhibitProof,
    Placed,
    is_about_keys,
    is_proof,
    read_proof,
    write_proof,
)
from manifests.sealing import MAX_RECORD_BYTES
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit
from manifests.verifying.judge import Anchors, SeenFile
from manifests.verifying.proof_verdict import judge
from manifests.verifying.proofs import ProofReading, read
from manifests.verifying.verdict import Verdict
from manifests.warrants import APPROVALS, read_warrant

Progress = Callable[[int], None]
# A canonical line that can say who may sign holds one of these texts.
_ABOUT_KEYS = tuple(
    f'"type":"{kind}"'.encode()
    for kind in (
        EntryType.CASE_OPEN,
        EntryType.KEY_ENROL,
        EntryType.KEY_REVOKE,
        EntryType.ERASE,
    )
) + tuple(f'"kind":"{kind}"'.encode() for kind in APPROVALS)
_ACQUIRES = f'"type":"{EntryType.ACQUIRE}"'.encode()


@dataclass(frozen=True, slots=True)
class Made:
    """A proof file and what went into it.

    Attributes:
        data: the file's bytes.
        left_out: companions of the checkpoint that could not be put in, with why.
    """

    data: bytes
    proof: ExhibitProof
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """The verdict on a proof file and the reading it rests on."""

    verdict: Verdict
    reading: ProofReading


# -- checking ----------------------------------------------------------------------


def is_proof_file(path: Path) -> bool:
    """Tell by its first bytes whether a path is a proof file, whatever its name."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return is_proof(stream.read(64))
    except OSError as error:
        raise unreadable(str(path), error) from error


def check_proof(
    path: Path,
    *,
    anchors: Anchors,
    payload: Path | None = None,
    progress: Progress | None = None,
) -> CheckedProof:
    """Verify a proof file, and a file or block device against it.

    Args:
        payload: what should be the exhibit's payload (or, where the proof shows a
            record with a digest, what that record names).

    Raises:
        CaseUnreadableError: the proof cannot be read.
        MalformedError, ProofTooLargeError, NewerFormatError: it is not well formed.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_PROOF_BYTES + 1)
    except OSError as error:
        raise unreadable(str(path), error) from error
    reading = read(read_proof(data))
    seen = None if payload is None else _look(payload, progress)
    return CheckedProof(judge(reading, seen, anchors), reading)


def _look(path: Path, progress: Progress | None) -> SeenFile:
    """Hash what the verifier named; a link there is their own, and is followed."""
    try:
        digest = hash_file(path.resolve(strict=True), progress=progress)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return SeenFile(error=reason)
    except CustodyError as error:
        return SeenFile(error=str(error.facts.get("reason")))
    return SeenFile(digest.bytes, digest.sha256)


# -- making ------------------------------------------------------------------------


def make_proof(
    case: Case, exhibit: str, *, records: Iterable[int] = (), at: int | None = None
) -> Made:
    """Return a proof file of one exhibit.

    Args:
        records: lines of its inventory to show, from 1.
        at: size of the checkpoint to use; None for the newest.

    Raises:
        ExhibitUnknownError, RecordUnknownError, CheckpointUnknownError: no such thing.
        ProofImpossibleError: the case does not hold what a proof needs.
        ProofTooLargeError: more than the format allows.
        CaseUnreadableError: a file of the case cannot be read.
    """
    numbers = tuple(sorted(set(records)))
    return _make(case, (exhibit,), at, numbers)[exhibit]


def make_proofs(
    case: Case, exhibits: Sequence[str], *, at: int | None = None
) -> dict[str, Made]:
    """Return a proof file of each exhibit, without records; the log is read once.

    Raises:
        As `make_proof`.
    """
    return _make(case, tuple(exhibits), at, ())


def _make(
    case: Case, exhibits: tuple[str, ...], at: int | None, records: tuple[int, ...]
) -> dict[str, Made]:
    first = exhibits[0]
    try:
        # Before the log: a writer may append while this reads, and then the log is
        # the longer one of the two. The other way round it would look cut off.
        checkpoint = countersigned(case, first, at)
        log = _read_log(case, exhibits)
    except MalformedError as error:
        raise _impossible(first, error.what) from error
    size = checkpoint.head.size
    if size > len(log.leaves):
        raise _impossible(first, "entries are missing that the checkpoint covers")
    found = {name: _rests_on(log, name, checkpoint) for name in exhibits}
    wanted = {entry.seq for entries in found.values() for entry in entries}
    paths = inclusion_proofs(log.leaves[:size], wanted)
    return {
        name: _made(case, name, entries, checkpoint, paths, records)
        for name, entries in found.items()
    }


def _rests_on(log: _Log, exhibit: str, checkpoint: Countersigned) -> list[Entry]:
    """Return the entry that acquired an exhibit, and those about keys it rests on."""
    subject = log.subjects.get(exhibit)
    if subject is None:
        raise ExhibitUnknownError(exhibit=exhibit)
    if checkpoint.head.size <= subject.seq:
        raise _impossible(exhibit, "the checkpoint does not cover its entry")
    return [subject, *_standing(log, subject, checkpoint, exhibit)]


def _made(
    case: Case,
    exhibit: str,
    entries: Sequence[Entry],
    checkpoint: Countersigned,
    paths: Mapping[int, tuple[bytes, ...]],
    records: Sequence[int],
) -> Made:
    subject, *standing = (Placed(e.line, e.seq, paths[e.seq]) for e in entries)
    try:
        promised = expected_exhibit(entries[0])
    except MalformedError as error:
        raise _impossible(exhibit, error.what) from error
    proof = ExhibitProof(
        subject=subject,
        standing=tuple(standing),
        note=checkpoint.merged(),
        records=_records(case, promised, records) if records else (),
        tokens=tuple(checkpoint.tokens),
    )
    data = write_proof(proof)
    _judge_own(data, exhibit)
    return Made(data, proof, tuple(checkpoint.left_out))


def _impossible(exhibit: str, reason: str) -> ProofImpossibleError:
    return ProofImpossibleError(exhibit=exhibit, reason=reason.rstrip("."))


def _judge_own(data: bytes, exhibit: str) -> None:
    """Give away nothing a verifier would refuse."""
    reading = read(read_proof(data))
    for finding in reading.findings:
        if finding.fails:
            reason = f"{finding.code.value}, {finding.subject}: {finding.text}"
            raise _impossible(exhibit, reason)


@dataclass(slots=True)
class _Log:
    """What making a proof needs of the log: 32 bytes an entry, and the lines."""

    leaves: list[bytes] = field(default_factory=list)
    subjects: dict[str, Entry] = field(default_factory=dict)
    about_keys: list[Entry] = field(default_factory=list)


def _read_log(case: Case, exhibits: Iterable[str]) -> _Log:
    log, wanted = _Log(), frozenset(exhibits)
    try:
        for line in ledger.read_lines(case.manifest / ledger.ENTRIES):
            if not line.endswith(b"\n"):
                break  # an incomplete last line; if more follow, the roots differ
            _take(log, line[:-1], wanted)
    except OSError as error:
        raise unreadable(ledger.ENTRIES, error) from error
    return log


def _take(log: _Log, line: bytes, wanted: frozenset[str]) -> None:
    log.leaves.append(leaf_hash(line))
    number = len(log.leaves) - 1
    acquires = len(log.subjects) < len(wanted) and _ACQUIRES in line
    if not acquires and not any(mark in line for mark in _ABOUT_KEYS):
        return
    entry = read_entry(line)
    if entry.seq != number:
        reason = f"line {number + 1} calls itself entry {entry.seq}"
        raise MalformedError(what="the manifest", reason=reason)
    if entry.type == EntryType.ACQUIRE:
        if len(entry.exhibits) == 1 and entry.exhibits[0] in wanted:
            log.subjects.setdefault(entry.exhibits[0], entry)
    elif is_about_keys(entry) or any(_erases(entry, name) for name in wanted):
        log.about_keys.append(entry)


def standing_of(case: Case, entry: Entry, at: int) -> tuple[Entry, ...]:
    """Return the entries that put the keys in force on which any one entry rests.

    Args:
        at: size of the checkpoint, which covers `entry`.

    Raises:
        As `make_proof`.
    """
    what = f"entry {entry.seq}"
    try:
        checkpoint = countersigned(case, what, at)
        log = _read_log(case, ())
    except MalformedError as error:
        raise _impossible(what, error.what) from error
    return tuple(_standing(log, entry, checkpoint, ""))


def _standing(
    log: _Log, subject: Entry, checkpoint: Countersigned, exhibit: str
) -> list[Entry]:
    """Return the entries that put the keys in force on which the proof rests.

    These are the first entry; the enrolments of the keys that signed the subject, the
    checkpoint and, in turn, the entries taken; what ended one of these keys; and second
    persons' answers to any of them. What erased the exhibit is among them.
    """
    covered = [e for e in log.about_keys if e.seq < checkpoint.head.size]
    taken = {entry.seq: entry for entry in covered[:1] if entry.seq == 0}
    keys, answered = {subject.actor}, {subject.seq}
    keys |= {key for entry in covered for key in _enrolled(entry, checkpoint)}
    grown = True
    while grown:
        grown = False
        for entry in covered:
            concerns = bool(_concerned(entry) & keys) or _answers(entry, answered)
            concerns = concerns or _erases(entry, exhibit)
            if entry.seq in taken or not concerns:
                continue
            taken[entry.seq] = entry
            keys |= {entry.actor, *_replaced(entry)}
            answered.add(entry.seq)
            grown = True
    if len(taken) > MAX_STANDING:
        what = exhibit or f"entry {subject.seq}"
        raise ProofTooLargeError(reason=f"{what} rests on too many entries on keys")
    return [taken[seq] for seq in sorted(taken)]


def _enrolled(entry: Entry, checkpoint: Countersigned) -> set[str]:
    """Return the key an entry enrols, if its note id stands on the checkpoint."""
    try:
        key = read_warrant(entry.facts.get("enrols"), checkpoint.head.origin).key
    except MalformedError:
        return set()  # it enrols nobody: the verifier says so if it matters
    identity = signature_id(checkpoint.head.origin, key)
    named = {line.key_id for line in checkpoint.signed.signatures}
    return {key.id} if identity in named else set()


def _replaced(entry: Entry) -> set[str]:
    """Return the key an enrolment takes the place of: it must have been there."""
    old = entry.facts.get("replaces")
    return {old} if isinstance(old, str) else set()


def _concerned(entry: Entry) -> set[str]:
    """Return the ids of the keys an entry enrols, replaces or revokes."""
    enrols = entry.facts.get("enrols")
    told = [entry.facts.get("key"), entry.facts.get("replaces")]
    told.append(enrols.get("key") if isinstance(enrols, dict) else None)
    return {key for key in told if isinstance(key, str)}


def _erases(entry: Entry, exhibit: str) -> bool:
    return entry.type == EntryType.ERASE and exhibit in entry.exhibits


def _answers(entry: Entry, asked: set[int]) -> bool:
    return entry.type == EntryType.ANNOTATE and entry.facts.get("seq") in asked


# -- records -------------------------------------------------------------------------


def _records(
    case: Case, promised: ExpectedExhibit, numbers: Sequence[int]
) -> tuple[Placed, ...]:
    if len(numbers) > MAX_RECORDS:
        raise ProofTooLargeError(reason=f"more than {MAX_RECORDS} records")
    wanted = {number - 1 for number in numbers}
    leaves: list[bytes] = []
    lines: dict[int, bytes] = {}
    for index, line in enumerate(inventory_lines(case, promised.id)):
        leaves.append(leaf_hash(line))
        if index in wanted:
            lines[index] = line
    for index in sorted(wanted - set(lines)):
        raise RecordUnknownError(exhibit=promised.id, record=index + 1)
    paths = inclusion_proofs(leaves, lines)
    return tuple(Placed(line, index, paths[index]) for index, line in lines.items())


def inventory_lines(case: Case, exhibit: str) -> Iterator[bytes]:
    """Yield the lines of an inventory, as `evidence.inventory.scan` cuts them."""
    try:
        with case.open_inventory(exhibit) as stream:
            while line := stream.readline(MAX_RECORD_BYTES + 2):
                yield line[:-1] if line.endswith(b"\n") else line + b"\x00"
    except OSError as error:
        raise unreadable(f"The inventory of {exhibit}", error) from error
