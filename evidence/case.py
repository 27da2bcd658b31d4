"""A case: the folder of DESIGN 4, opened to read or to write.

Reading needs no key and takes no lock. Writing takes the writer lock, finishes or
rolls back what a crash left (`recovery` entry), and ends with a checkpoint whenever
something was appended.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evidence import clock
from evidence.addresses import StampAuthority, read_authorities, to_toml
from evidence.authority.register import tells_of_grounds
from evidence.errors import (
    CaseUnreadableError,
    NotACaseError,
    SealedRecordError,
    SignerNotAllowedError,
)
from evidence.identity import Identity
from evidence.recovery import Leftover
from evidence.signals import held
from evidence.tidying import Survey, tidy
from manifests import durable, ledger, sealing
from manifests.canonical import Json
from manifests.checkpoint import Checkpoint
from manifests.durable import SYSTEM, System
from manifests.entries import FORMAT_VERSION, Act, Entry, EntryType, read_entry
from manifests.errors import (
    CheckpointMissingError,
    CustodyError,
    KeyNotInForceError,
    MalformedError,
    NewerFormatError,
    RecordUnclearError,
    StorageFailedError,
)
from manifests.keys import Signer
from manifests.ledger import Ledger
from manifests.lock import WriterLock
from manifests.reopening import NOT_ENROLLED, open_to_append
from manifests.warrants import Right

SETTINGS = "custody.toml"
MANIFEST = "manifest"
PRIVATE = "private"
EXHIBITS = "exhibits"
IDENTITIES = "identities"
STAGING = "staging"
QUARANTINE = "quarantine"
FOLDERS = (EXHIBITS, IDENTITIES, PRIVATE, QUARANTINE, STAGING, "packages", "reports")
LOCK = ".lock"
PROFILES = ("police", "ngo")
_ORIGIN = re.compile(r"[a-z0-9.\-]+(/[a-z0-9.\-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``custody.toml`` holds; never evidence."""

    origin: str
    profile: str
    authorities: tuple[StampAuthority, ...] = ()

    def to_text(self) -> str:
        """The file's content."""
        return (
            "# Settings of this case. They are not evidence: the manifest is.\n"
            f"format = {FORMAT_VERSION}\n"
            f'origin = "{self.origin}"\n'
            f'profile = "{self.profile}"\n'
            f"{to_toml(self.authorities)}"
        )


def exhibit_id(number: int) -> str:
    """Return the exhibit id of a number from 1."""
    return f"EX-{number:04d}"


@dataclass(frozen=True, slots=True)
class Case:
    """A case opened to read."""

    path: Path
    settings: Settings

    @property
    def manifest(self) -> Path:
        """Folder of the manifest."""
        return self.path / MANIFEST

    def exhibit_folder(self, exhibit: str) -> Path:
        """Folder of an exhibit (the id comes from a checked entry)."""
        return self.path / EXHIBITS / exhibit

    def private_path(self, seq: int) -> Path:
        """Where the sealed record of entry `seq` stands."""
        return self.path / PRIVATE / f"{seq:010d}.json"

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in order, without judging them.

        Raises:
            CaseUnreadableError, MalformedError: the log cannot be read.
        """
        incomplete = False
        try:
            for line in ledger.read_lines(self.manifest / ledger.ENTRIES):
                if incomplete:
                    reason = "a line is longer than an entry can be"
                    raise MalformedError(what="the manifest", reason=reason)
                incomplete = not line.endswith(b"\n")
                if not incomplete:
                    yield read_entry(line[:-1])
        except OSError as error:
            raise unreadable(ledger.ENTRIES, error) from error

    def sealed(self, entry: Entry) -> Mapping[str, Json]:
        """Return the sealed record of `entry`, {} when it has none.

        Raises:
            SealedRecordError: missing, altered, or not a sealed record.
        """
        if entry.private is None:
            return {}
        path = self.private_path(entry.seq)
        try:
            if not path.is_file():  # a pipe put in its place would block
                raise SealedRecordError(entry=entry.seq, reason="it is not there")
            with path.open("rb") as stream:
                line = stream.read(sealing.MAX_RECORD_BYTES + 1)
        except OSError as error:
            raise unreadable(f"sealed record {entry.seq}", error) from error
        if sealing.commitment(line) != entry.private:
            reason = "it is not the one the entry commits to"
            raise SealedRecordError(entry=entry.seq, reason=reason)
        return sealing.unseal(line)


def unreadable(what: str, error: OSError) -> CaseUnreadableError:
    """Return the error for a part of the case that cannot be read."""
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return CaseUnreadableError(what=what, reason=reason)


def is_among_evidence(target: Path) -> bool:
    """Tell whether `target` lies in a case, except in its folder of reports.

    Any case counts, not only the one at hand; links on the way are followed.
    """
    resolved = target.resolve()
    around = (resolved, *resolved.parents)
    cases = [folder for folder in around if os.path.lexists(folder / SETTINGS)]
    return any(folder / "reports" not in resolved.parents for folder in cases)


def open_case(path: Path) -> Case:
    """Open a case to read.

    Raises:
        NotACaseError: there is no case there.
        NewerFormatError: it was written by a newer version.
    """
    try:
        if not (path / SETTINGS).is_file() and os.path.lexists(path / SETTINGS):
            reason = f"its {SETTINGS} is not a file"
            raise NotACaseError(path=str(path), reason=reason)
        settings = tomllib.loads((path / SETTINGS).read_text("utf-8"))
    except FileNotFoundError as error:
        reason = f"it has no {SETTINGS}"
        raise NotACaseError(path=str(path), reason=reason) from error
    except NotADirectoryError as error:
        raise NotACaseError(path=str(path), reason="it is a file") from error
    except OSError as error:
        raise unreadable(SETTINGS, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = f"its {SETTINGS} is damaged"
        raise NotACaseError(path=str(path), reason=reason) from error
    version, origin = settings.get("format"), settings.get("origin")
    if not isinstance(version, int) or not isinstance(origin, str):
        reason = f"its {SETTINGS} lacks format or origin"
        raise NotACaseError(path=str(path), reason=reason)
    if version > FORMAT_VERSION:
        raise NewerFormatError(what="the case", found=version, known=FORMAT_VERSION)
    if not _ORIGIN.fullmatch(origin):
        raise NotACaseError(path=str(path), reason="its origin is not well formed")
    try:
        authorities = read_authorities(settings.get("timestamp_authority", []))
    except CustodyError as error:
        reason = f"its {SETTINGS} is not right: {error.what.rstrip('.')}"
        raise NotACaseError(path=str(path), reason=reason) from error
    profile = str(settings.get("profile", "police"))
    return Case(path, Settings(origin, profile, authorities))


@dataclass(slots=True)
class CaseWriter:
    """A case opened to write; use `writing`. Not thread-safe.

    Attributes:
        law: entries that tell of legal grounds, in order (`evidence.grounds`).
        latest: latest time an entry bears; a clock before it is wrong, or was.
    """

    case: Case
    log: Ledger
    identity: Identity
    signer: Signer
    exhibits: int = 0
    recovered: list[Leftover] = field(default_factory=list)
    law: list[Entry] = field(default_factory=list)
    latest: str = ""

    def record(
        self,
        kind: EntryType,
        *,
        facts: Mapping[str, Json],
        private: Mapping[str, Json] | None = None,
        exhibits: tuple[str, ...] = (),
        authority: str | None = None,
    ) -> Entry:
        """Append one entry, its sealed record first; the commit point of an act.

        Raises:
            StorageFailedError: it was not recorded.
        """
        commitment: bytes | None = None
        if private is not None:
            line = sealing.seal(private)
            commitment = sealing.commitment(line)
            durable.write_new(
                self.case.private_path(self.log.size), line, system=self.log.system
            )
        act = Act(
            kind, self.identity.role, facts, exhibits, authority, private=commitment
        )
        try:
            entry = self.log.append(act, clock.now(), self.signer)
        except (KeyNotInForceError, MalformedError):
            with contextlib.suppress(OSError):  # no entry will name the record
                self.log.system.unlink(str(self.case.private_path(self.log.size)))
            raise
        self.latest = max(self.latest, entry.time)
        if tells_of_grounds(entry):
            self.law.append(entry)
        return entry

    def check_may(self, right: Right) -> None:
        """Raise `KeyNotInForceError` unless the key may use `right` now in its role."""
        key, now = self.signer.public.id, clock.now().time
        reason = self.log.standing.hindrance(key, self.identity.role, now, right)
        if reason:
            raise KeyNotInForceError(key=key, reason=reason)

    def staging_path(self) -> Path:
        """Return where the next exhibit may be staged; nothing is there yet."""
        name = f"{exhibit_id(self.exhibits + 1)}-{secrets.token_hex(6)}"
        return self.case.path / STAGING / name

    def commit_exhibit(
        self,
        staging: Path,
        *,
        facts: Mapping[str, Json],
        private: Mapping[str, Json],
        authority: str | None,
    ) -> tuple[str, Entry]:
        """Move durable staged files into place and append their acquire entry.

        Raises:
            StorageFailedError: not committed; the files are in `staging` again.
            RecordUnclearError: the files are in place; the next opening decides.
        """
        exhibit = exhibit_id(self.exhibits + 1)
        target = self.case.exhibit_folder(exhibit)
        with held():
            durable.move_folder(staging, target, system=self.log.system)
            try:
                entry = self.record(
                    EntryType.ACQUIRE,
                    facts=facts,
                    private=private,
                    exhibits=(exhibit,),
                    authority=authority,
                )
            except RecordUnclearError:
                raise
            except CustodyError:
                # Back to staging, where the caller or a recovery ends it.
                durable.move_folder(target, staging, system=self.log.system)
                raise
            self.exhibits += 1
        return exhibit, entry


@contextmanager
def writing(
    case: Case,
    identity: Identity,
    signer: Signer,
    *,
    known: Sequence[Checkpoint] = (),
    vouched: Callable[[bytes], None] = lambda _note: None,
    right: Right = Right.ACT,
    system: System = SYSTEM,
) -> Iterator[CaseWriter]:
    """Open `case` to write: lock, recover, hand over, checkpoint.

    Args:
        right: what the key is going to be used for.
        known: heads this person has vouched for before; the case must extend them.
        vouched: is shown the note of the newest checkpoint when it is durable and
            the log matches it, under the lock.

    Raises:
        CaseLockedError: somebody else is writing.
        BrokenManifestError: the manifest does not verify; nothing is written.
        SignerNotAllowedError: the key of `identity` was never enrolled here.
        KeyNotInForceError: it may not be used so (any more); nothing is written.
        StorageFailedError: the system refused.
        CheckpointMissingError: all was recorded, but its checkpoint was refused.
    """
    with WriterLock(case.path / LOCK):
        survey = Survey()
        try:
            log = open_to_append(
                case.manifest,
                case.settings.origin,
                key=signer.public,
                known=known,
                observe=survey.take,
                system=system,
            )
        except KeyNotInForceError as error:
            if error.facts["reason"] != NOT_ENROLLED:
                raise
            raise SignerNotAllowedError(key=identity.key) from error
        except OSError as error:
            raise unreadable(ledger.ENTRIES, error) from error
        with contextlib.closing(log):
            writer = CaseWriter(case, log, identity, signer, survey.exhibits)
            writer.law, writer.latest = survey.law, survey.latest
            writer.check_may(right)  # now, not at the end of something long
            try:
                with held():
                    tidy(writer, survey.quarantined, FOLDERS)
                yield writer
            except BaseException as error:
                # What was appended before it stays committed; the error stays, too.
                try:
                    _checkpoint(writer, vouched)
                except StorageFailedError as second:
                    error.add_note(second.what)
                raise
            _checkpoint(writer, vouched)


def _checkpoint(writer: CaseWriter, vouched: Callable[[bytes], None]) -> None:
    try:
        with held():
            writer.log.checkpoint(writer.signer)
            path = ledger.checkpoint_path(writer.log.folder, writer.log.size)
            note = path.read_bytes()
    except StorageFailedError as error:
        raise CheckpointMissingError(reason=error.what.rstrip(".")) from error
    except OSError as error:
        durable.storage_failure(error, path.name)
    vouched(note)
