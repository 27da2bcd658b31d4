"""A case: the folder of DESIGN 4, opened to read or to write.

Reading needs no key and takes no lock. Writing takes the writer lock, finishes or
rolls back what a crash left (`recovery` entry), and ends with a checkpoint whenever
something was appended.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from evidence import clock
from evidence.authority.register import tells_of_grounds
from evidence.errors import (
    SignerNotAllowedError,
)
from evidence.identity import Identity
from evidence.layout import (
    EXHIBITS,
    FOLDERS,
    IDENTITIES,
    INVENTORY,
    LOCK,
    MANIFEST,
    PRIVATE,
    QUARANTINE,
    STAGING,
    exhibit_id,
)
from evidence.recovery import Leftover
from evidence.settings import (
    SETTINGS,
    Settings,
    is_among_evidence,
    read_settings,
    unreadable,
)
from evidence.signals import held
from evidence.tidying import Survey, tidy
from evidence.unsealing import open_kept, read_sealed
from evidence.vault.keyring import FOLDER as KEYS
from evidence.vault.keyring import CaseKeys, Opener
from evidence.vault.writing import FreshKey, Vault, keeping
from manifests import durable, ledger, sealing
from manifests.canonical import Json
from manifests.checkpoint import Checkpoint
from manifests.durable import SYSTEM, System
from manifests.entries import Act, Entry, EntryType, read_entry
from manifests.errors import (
    CheckpointMissingError,
    CustodyError,
    KeyNotInForceError,
    MalformedError,
    RecordUnclearError,
    StorageFailedError,
)
from manifests.keys import Signer
from manifests.ledger import Ledger
from manifests.lock import WriterLock
from manifests.reopening import NOT_ENROLLED, open_to_append
from manifests.warrants import Right

__all__ = [
    "EXHIBITS",
    "FOLDERS",
    "IDENTITIES",
    "KEYS",
    "LOCK",
    "MANIFEST",
    "PRIVATE",
    "QUARANTINE",
    "SETTINGS",
    "STAGING",
    "Case",
    "CaseWriter",
    "Settings",
    "exhibit_id",
    "is_among_evidence",
    "open_case",
    "unreadable",
    "writing",
]


@dataclass(frozen=True, slots=True)
class Case:
    """A case opened to read.

    Attributes:
        keys: opens what is encrypted; None when nobody's key is at hand.
    """

    path: Path
    settings: Settings
    keys: CaseKeys | None = field(default=None, compare=False, repr=False)

    @property
    def manifest(self) -> Path:
        """Folder of the manifest."""
        return self.path / MANIFEST

    def exhibit_folder(self, exhibit: str) -> Path:
        """Folder of an exhibit (the id comes from a checked entry)."""
        return self.path / EXHIBITS / exhibit

    def private_path(self, seq: int, *, encrypted: bool = False) -> Path:
        """Where the sealed record of entry `seq` stands."""
        suffix = ".json.age" if encrypted else ".json"
        return self.path / PRIVATE / f"{seq:010d}{suffix}"

    def opened(self, opener: Opener) -> Case:
        """Return the case with whoever reads it; nothing is opened yet."""
        return replace(self, keys=CaseKeys(self.path, opener))

    def open_payload(self, exhibit: str) -> BinaryIO:
        """Open an exhibit's ``payload`` (no tar) as it was; decrypted in memory.

        Raises:
            As `open_inventory`.
        """
        return open_kept(self, self.exhibit_folder(exhibit) / "payload", exhibit)

    def open_inventory(self, exhibit: str) -> BinaryIO:
        """Open the inventory of an exhibit as plain lines; decrypted in memory.

        Raises:
            ExhibitErasedError: it was erased.
            LockedError, NotARecipientError, KeyFileError, CiphertextError: it is
                encrypted and does not open.
            OSError: it cannot be read.
        """
        return open_kept(self, self.exhibit_folder(exhibit) / INVENTORY, exhibit)

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
        """Return the sealed record of `entry`, {} when it has none or it was erased.

        Raises:
            SealedRecordError: missing, altered, or not a sealed record; as
                `LockedError`, `NotARecipientError` or `KeyFileError`: encrypted, and
                not to be opened.
        """
        return read_sealed(self, entry)


def open_case(path: Path) -> Case:
    """Open a case to read.

    Raises:
        NotACaseError: there is no case there.
        NewerFormatError: it was written by a newer version.
    """
    return Case(path, read_settings(path))


@dataclass(slots=True)
class CaseWriter:
    """A case opened to write; use `writing`. Not thread-safe.

    Attributes:
        law: entries that tell of legal grounds, in order (`evidence.grounds`).
        latest: latest time an entry bears; a clock before it is wrong, or was.
        unfinished: why an erasure in force could not be carried out, or an open package
            beside the case not removed; "" mostly.
        swept: open packages beside the case that were destroyed.
    """

    case: Case
    log: Ledger
    identity: Identity
    signer: Signer
    exhibits: int = 0
    vault: Vault | None = None
    recovered: list[Leftover] = field(default_factory=list)
    law: list[Entry] = field(default_factory=list)
    latest: str = ""
    unfinished: str = ""
    swept: int = 0

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
        act = Act(kind, self.identity.role, facts, exhibits, authority)
        path = self.case.private_path(self.log.size, encrypted=self.vault is not None)
        if private is not None:
            line = sealing.seal(private)
            data, act = line, replace(act, private=sealing.commitment(line))
            if self.vault is not None:
                about = () if kind is EntryType.ERASE else exhibits  # outlasts its key
                data, file = self.vault.seal(line, about)
                act = replace(act, private_file=file)
            durable.write_new(path, data, system=self.log.system)
        try:
            entry = self.log.append(act, clock.now(), self.signer)
        except (KeyNotInForceError, MalformedError):
            with contextlib.suppress(OSError):  # no entry will name the record
                self.log.system.unlink(str(path))
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
        key: FreshKey | None = None,
    ) -> tuple[str, Entry]:
        """Move durable staged files into place and append their acquire entry.

        Args:
            key: what the files are encrypted to, in an encrypted case.

        Raises:
            StorageFailedError: not committed; the files are in `staging` again.
            RecordUnclearError: the files are in place; the next opening decides.
        """
        exhibit = exhibit_id(self.exhibits + 1)
        target = self.case.exhibit_folder(exhibit)
        with held(), keeping(self.vault, key, exhibit):
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
            if survey.holders is not None:
                origin = case.settings.origin
                writer.vault = Vault(case.path, origin, survey.holders, system)
            writer.check_may(right)  # now, not at the end of something long
            try:
                with held():
                    folders = FOLDERS if writer.vault is None else (*FOLDERS, KEYS)
                    tidy(writer, survey, folders)
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
