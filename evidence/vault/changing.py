"""Letting others decrypt a case, and taking that away from then on.

A change rewrites the files in ``keys/`` only. The entry comes first: from then on the
files are what has to follow, and `rewrap` can always be repeated. Each file is replaced
durably, so a power cut leaves every one old or new, and never none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.case import Case, CaseWriter
from evidence.signals import held
from evidence.vault.agefile import MAX_HEADER_BYTES, read_header
from evidence.vault.agekeys import recipient_of
from evidence.vault.holders import ADD, CASE, CUSTODIAN, MAX_HOLDERS, REMOVE, Holder
from evidence.vault.keyring import FOLDER, CaseKeys, key_path
from evidence.vault.writing import FreshKey, Vault
from evidence.vault_errors import (
    KeyFileError,
    NotEncryptedError,
    RecipientRefusedError,
)
from manifests import durable
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError


def _vault(writer: CaseWriter) -> Vault:
    if writer.vault is None:
        raise NotEncryptedError
    return writer.vault


def add_holder(
    writer: CaseWriter, keys: CaseKeys, holder: Holder, *, name: str
) -> tuple[Entry, int]:
    """Let somebody decrypt the whole case; return the entry and the files rewritten.

    Args:
        keys: of somebody who can decrypt now.
        name: whose it is, for the sealed record.

    Raises:
        NotEncryptedError, RecipientRefusedError: nothing was recorded.
        LockedError, NotARecipientError, KeyFileError: a key does not open; nothing was
            recorded.
        StorageFailedError: recorded, but not every file was rewritten; repeat.
    """
    vault = _vault(writer)
    if holder.recipient in vault.holders.current:
        raise RecipientRefusedError(reason="it can decrypt already")
    if len(vault.holders.current) >= MAX_HOLDERS:
        raise RecipientRefusedError(reason=f"there are {MAX_HOLDERS} already")
    return _change(writer, keys, ADD, holder, name)


def remove_holder(
    writer: CaseWriter, keys: CaseKeys, recipient: str, *, name: str
) -> tuple[Entry, int]:
    """Encrypt the keys without somebody from now on.

    What they copied before stays readable for them: keys of what is there already are
    not exchanged, only wrapped anew.

    Raises:
        As `add_holder`.
    """
    vault = _vault(writer)
    holder = vault.holders.current.get(recipient)
    if holder is None:
        raise RecipientRefusedError(reason="it is not one of this case")
    if holder.kind == CUSTODIAN and vault.holders.count(CUSTODIAN) == 1:
        raise RecipientRefusedError(reason="no custodian would be left to decrypt")
    return _change(writer, keys, REMOVE, holder, name)


def _change(
    writer: CaseWriter, keys: CaseKeys, kind: str, holder: Holder, name: str
) -> tuple[Entry, int]:
    vault = _vault(writer)
    opened = _open_all(vault, keys)  # before anything is recorded
    facts: dict[str, Json] = {"holder": holder.facts(), "kind": kind}
    private: dict[str, Json] = {"name": name}
    with held():
        entry = writer.record(EntryType.ANNOTATE, facts=facts, private=private)
        vault.holders.take(entry)
        return entry, _store_all(vault, opened)


def rewrap(writer: CaseWriter, keys: CaseKeys) -> int:
    """Encrypt every key to the present holders again; return how many.

    For after a change that was interrupted.

    Raises:
        As `add_holder`.
    """
    vault = _vault(writer)
    opened = _open_all(vault, keys)
    with held():
        return _store_all(vault, opened)


def _open_all(vault: Vault, keys: CaseKeys) -> dict[str, FreshKey]:
    """Open every key that is there, each compared with what the entries say."""
    wanted = {CASE: vault.holders.case, **vault.holders.exhibits}
    opened: dict[str, FreshKey] = {}
    for name, recipient in wanted.items():
        if name != CASE and not key_path(vault.case, name).exists():
            continue  # destroyed, or lost: there is nothing to encrypt anew
        identity = keys.identity(name)
        if recipient_of(identity) != recipient:
            file = f"{FOLDER}/{name}.age"
            raise KeyFileError(file=file, reason="it holds the key of something else")
        opened[name] = FreshKey(identity, recipient)
    return opened


def _store_all(vault: Vault, opened: dict[str, FreshKey]) -> int:
    for name, key in opened.items():
        path = key_path(vault.case, name)
        data = vault.key_bytes(key, name)
        durable.replace_file(path, data, system=vault.system)
    return len(opened)


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """How many key files there are, and which are not for as many as the log says."""

    count: int
    stale: tuple[str, ...]


def key_files(case: Case, holders: int) -> KeyFiles:
    """Look at the key files without opening one: each names a stanza a holder."""
    paths = sorted((case.path / FOLDER).glob("*.age"))
    stale = [path.name for path in paths if _stanzas(path) != holders]
    return KeyFiles(len(paths), tuple(stale))


def _stanzas(path: Path) -> int:
    try:
        with path.open("rb") as stream:
            return read_header(stream.read(MAX_HEADER_BYTES)).count()
    except (OSError, MalformedError):
        return -1
