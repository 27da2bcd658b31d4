"""Checking a disclosure that was received: a folder, without the case."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evidence.case import SETTINGS, unreadable
from evidence.enclosed import hash_seen, look_enclosed, reason_of
from evidence.vault.keyring import Opener
from manifests import ledger
from manifests.disclosure import (
    MAX_BYTES,
    MAX_EXHIBITS,
    MAX_LINE_BYTES,
    NAME,
    Disclosure,
    given_of,
    inventory_name,
    payload_name,
    proof_name,
    read_disclosure,
    read_enclosed,
    records_name,
)
from manifests.errors import MalformedError
from manifests.proof import MAX_PROOF_BYTES, read_proof
from manifests.verifying.disclosures import (
    RecordsReader,
    SeenExhibit,
    judge_disclosure,
    read_exhibit,
)
from manifests.verifying.judge import Anchors
from manifests.verifying.proofs import ProofReading
from manifests.verifying.verdict import Verdict

Progress = Callable[[int], None]
_MAX_FILES = 5 * MAX_EXHIBITS


@dataclass(frozen=True, slots=True)
class CheckedDisclosure:
    """The verdict on a disclosure and what it rests on."""

    verdict: Verdict
    disclosure: Disclosure
    exhibits: dict[str, SeenExhibit]


def is_disclosure(path: Path) -> bool:
    """Tell whether a path is a folder that means to be a disclosure, and no case."""
    return path.is_dir() and (path / NAME).is_file() and not (path / SETTINGS).exists()


def check_disclosure(
    path: Path,
    *,
    anchors: Anchors,
    opener: Opener | None = None,
    progress: Progress | None = None,
) -> CheckedDisclosure:
    """Verify a disclosure.

    Args:
        opener: gives the age identities of who reads, so that what is encrypted is
            decrypted, in memory, and checked; asked only if something is. None to
            compare the digests of what is encrypted.

    Raises:
        LockedError, NotARecipientError: it is encrypted to somebody else.
        CaseUnreadableError: the folder, its list or a proof cannot be read.
        MalformedError, NewerFormatError, ProofTooLargeError: not well formed.
    """
    disclosure = read_disclosure(_read(path / NAME, MAX_BYTES))
    given = given_of(disclosure.entry)
    opener = None if opener is None else _once(opener)
    present = _names(path)
    left = present - {NAME}
    seen: dict[str, SeenExhibit] = {}
    missing: list[str] = []
    for exhibit in disclosure.exhibits:
        name = proof_name(exhibit)
        if name not in left:
            missing.append(name)
            continue
        left.discard(name)
        proof = read_proof(_read(path / name, MAX_PROOF_BYTES))
        reading = read_exhibit(disclosure, proof)
        told = read_enclosed(given.get(exhibit, {}))
        if told is None or reading.exhibit.id != exhibit:
            seen[exhibit] = _look(path, exhibit, reading, left, progress)
            continue
        seen[exhibit] = look_enclosed(
            path,
            reading,
            told,
            entry=proof.entry,
            left=left,
            opener=opener,
            progress=progress,
        )
    if not seen:
        raise MalformedError(what="a disclosure", reason="it holds no proof file")
    verdict = judge_disclosure(
        disclosure,
        seen,
        missing=tuple(missing),
        unlisted=tuple(sorted(left)),
        anchors=anchors,
    )
    return CheckedDisclosure(verdict, disclosure, seen)


def _once(opener: Opener) -> Opener:
    """Ask for the identities once for all exhibits, and not before."""
    return cache(opener)


def _look(
    path: Path,
    exhibit: str,
    reading: ProofReading,
    left: set[str],
    progress: Progress | None,
) -> SeenExhibit:
    """Look at the files of one exhibit and take their names out of `left`."""
    records, whole = None, False
    for name, is_whole in (
        (inventory_name(exhibit), True),
        (records_name(exhibit), False),
    ):
        if name in left and records is None:
            left.discard(name)
            records, whole = _lines(path / name, reading, whole=is_whole), is_whole
    payload = None
    name = payload_name(exhibit, reading.exhibit.payload_name)
    if name in left:
        left.discard(name)
        payload = hash_seen(path / name, progress)
    return SeenExhibit(reading, records, whole, payload)


def _lines(path: Path, reading: ProofReading, *, whole: bool) -> RecordsReader:
    reader = RecordsReader(reading, whole=whole)
    try:
        with ledger.open_plain(path) as stream:
            while line := stream.readline(MAX_LINE_BYTES):
                # An incomplete line is none that was given.
                reader.take(line[:-1] if line.endswith(b"\n") else line + b"\x00")
    except OSError as error:
        reader.wrong.append(f"It cannot be read: {reason_of(error)}.")
    return reader


def _read(path: Path, limit: int) -> bytes:
    try:
        with ledger.open_plain(path) as stream:
            return stream.read(limit + 1)
    except OSError as error:
        raise unreadable(path.name, error) from error


def _names(path: Path) -> set[str]:
    """Return the names in the folder; a folder in it counts as a name, too."""
    found: set[str] = set()
    try:
        with os.scandir(path) as items:
            for item in items:
                regular = stat.S_ISREG(item.stat(follow_symlinks=False).st_mode)
                found.add(item.name if regular else item.name + "/")
                if len(found) > _MAX_FILES:
                    reason = "the folder holds more files than a disclosure can"
                    raise MalformedError(what="a disclosure", reason=reason)
    except OSError as error:
        raise unreadable(str(path), error) from error
    return found
