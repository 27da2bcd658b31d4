"""Refer, don't copy: record that something is there, and to whom it was referred.

For material an organisation may not hold, child-abuse material above all. The source is
read once, read-only, to hash it; its bytes go through one buffer that is overwritten,
and nowhere else: no payload, no parser, no preview, no staging. What stays is an
`identify` entry with size, digest, a word for the reason and the alias of whom it was
referred to; path and note are sealed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence import clock
from evidence.access_errors import ReferralRefusedError
from evidence.acquire import readable
from evidence.case import CaseWriter
from evidence.consent.words import check_recipient
from evidence.errors import SourceInsideCaseError, SourceMissingError
from evidence.grounds import Basis, Claim, ground_of
from evidence.outcome import Outcome
from evidence.reading import (
    READ_BYTES,
    Progress,
    Stop,
    Watch,
    describe,
    difference,
    open_source,
    read_into,
)
from evidence.scope import Scope, Touch
from evidence.system import REAL, SystemCalls
from evidence.tool import tool_facts
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

KIND = "referral"
REASONS = ("child-abuse-material", "not-lawful-to-hold", "other-authority", "unsafe")
MAX_FILES = 1000
MAX_NOTE = 10_000


@dataclass(frozen=True, slots=True)
class Referral:
    """What is referred, why and to whom.

    Attributes:
        sources: regular files.
        reason: one of `REASONS`; public.
        recipient: alias (``POL-1``), person number or key id; public.
        note: in words; sealed.
    """

    sources: tuple[Path, ...]
    reason: str
    recipient: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Referred:
    """One source that was looked at and its entry.

    Attributes:
        facts: outcome, and size and digest of what could be read; in an encrypted case
            these two are sealed, and still told to who acted.
    """

    source: Path
    entry: Entry
    facts: Mapping[str, Json]

    @property
    def whole(self) -> bool:
        """Tell whether every byte was read, and nothing changed meanwhile."""
        return self.facts["outcome"] == "referred"


class _Digest:
    """A target for `read_into` that keeps nothing but a hash."""

    def __init__(self) -> None:
        self._buffer = bytearray(READ_BYTES)
        self._hash = sha256()

    def space(self) -> memoryview:
        """Return the one buffer."""
        return memoryview(self._buffer)

    def advance(self, count: int) -> None:
        """Hash the first `count` bytes."""
        self._hash.update(memoryview(self._buffer)[:count])

    def fill(self, count: int) -> None:
        """Hash zeros in the place of what could not be read."""
        while count:
            size = min(count, len(self._buffer))
            self._hash.update(bytes(size))
            count -= size

    def finish(self) -> str:
        """Wipe the buffer and return the digest in hex."""
        self._buffer[:] = bytes(len(self._buffer))
        return self._hash.hexdigest()


def refer(
    writer: CaseWriter,
    referral: Referral,
    claim: Claim,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    system: SystemCalls = REAL,
) -> list[Referred]:
    """Hash each source and record its referral, an entry each.

    Raises:
        ReferralRefusedError, ConsentAliasError: the request is not of its form.
        SourceMissingError, SourceInsideCaseError: nothing was recorded.
        GroundRefusedError, ...: as `evidence.grounds.ground_of`.
        StorageFailedError: what was recorded before stays.
    """
    _check(referral, writer.case.path)
    scope = Scope(Touch.COLLECT, clock.now().time, categories=("content",))
    basis = ground_of(writer, scope, claim)
    watch = Watch(progress=progress, stop=stop)
    found = []
    for source in referral.sources:
        outcome, sealed = _read(source, watch, system)
        found.append(_record(writer, referral, source, basis, (outcome, sealed)))
    return found


def _check(referral: Referral, case: Path) -> None:
    check_recipient(referral.recipient)
    if referral.reason not in REASONS:
        raise ReferralRefusedError(reason="the reason is not a known word")
    if not 0 < len(referral.sources) <= MAX_FILES:
        raise ReferralRefusedError(reason=f"give 1 to {MAX_FILES} files")
    if len(referral.note) > MAX_NOTE:
        raise ReferralRefusedError(reason="the note is too long")
    inside = Path(os.path.realpath(case))
    for source in referral.sources:
        try:
            status = source.lstat()
        except OSError as error:
            raise SourceMissingError(path=str(source)) from error
        if not stat.S_ISREG(status.st_mode):
            raise ReferralRefusedError(reason="one of them is not a regular file")
        resolved = Path(os.path.realpath(source))
        if inside in resolved.parents:
            raise SourceInsideCaseError(path=str(source))


def _read(
    source: Path, watch: Watch, system: SystemCalls
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return public and sealed facts of one source; it is read once."""
    try:
        fd, _ = open_source(source, system=system)
    except OSError as error:
        return _failed(describe(error))
    try:
        before = system.fstat(fd)
        if not stat.S_ISREG(before.st_mode):
            return _failed("it is not a regular file any more")
        digest = _Digest()
        limit = before.st_size or None
        reading = read_into(fd, digest, limit=limit, watch=watch, system=system)
        moved = difference(before, system.fstat(fd))
        made = digest.finish()
    finally:
        system.close(fd)
    short = limit is not None and reading.bytes != limit
    if reading.errors or reading.absent is not None:
        outcome = Outcome.UNREADABLE.value
    elif moved or short:
        outcome = Outcome.CHANGED.value
    else:
        outcome = "referred"
    facts: dict[str, Json] = {"bytes": reading.bytes, "outcome": outcome}
    return {**facts, "sha256": made}, {"what": reading.reason or moved}


def _failed(reason: str) -> tuple[dict[str, Json], dict[str, Json]]:
    return {"outcome": Outcome.UNREADABLE.value}, {"what": reason}


def _record(
    writer: CaseWriter,
    referral: Referral,
    source: Path,
    basis: Basis,
    found: tuple[dict[str, Json], dict[str, Json]],
) -> Referred:
    outcome, told = found
    # In an encrypted case no digest of anything inside is public (ADR 0018).
    digest = {name: fact for name, fact in outcome.items() if name != "outcome"}
    public: Mapping[str, Json] = digest if writer.vault is None else {}
    facts: dict[str, Json] = {
        "outcome": outcome["outcome"],
        **public,
        "kind": KIND,
        "reason": referral.reason,
        "recipient": referral.recipient,
        "tool": tool_facts(),
        **basis.facts(),
    }
    entry = writer.record(
        EntryType.IDENTIFY,
        facts=facts,
        private={
            "note": readable(referral.note),
            "source": readable(str(source.absolute())),
            **digest,
            **told,
            **basis.sealed(),
        },
        authority=basis.ground,
    )
    return Referred(source, entry, {**facts, **digest})
