"""Reading what is sealed or kept in a case: records and files, encrypted or not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from evidence.errors import SealedRecordError
from evidence.layout import PRIVATE
from evidence.retention.absence import erased_record, refuse_erased
from evidence.settings import unreadable
from evidence.vault.keyring import CaseKeys
from evidence.vault_errors import CiphertextError
from manifests import ledger, sealing
from manifests.canonical import Json
from manifests.entries import Entry

if TYPE_CHECKING:
    from evidence.case import Case

MAX_PRIVATE_BYTES = sealing.MAX_RECORD_BYTES + (64 << 10)  # an age file is longer


def open_kept(case: Case, path: Path, exhibit: str) -> BinaryIO:
    """Open a file of an exhibit as it was before it was encrypted.

    Args:
        path: without the ending an encrypted file has.

    Raises:
        As `Case.open_inventory`.
    """
    encrypted = path.with_name(path.name + ".age")
    if not os.path.lexists(path) and not os.path.lexists(encrypted):
        refuse_erased(case, exhibit)
    if os.path.lexists(path) or not os.path.lexists(encrypted):
        return ledger.open_plain(path)  # or says that it is not there
    keys = case.keys or CaseKeys(case.path)
    return keys.stream(encrypted, exhibit)


def read_sealed(case: Case, entry: Entry) -> Mapping[str, Json]:
    """Return the sealed record of `entry`; as `Case.sealed`."""
    if entry.private is None:
        return {}
    file = entry.private_file
    path = case.private_path(entry.seq, encrypted=file is not None)
    try:
        if not path.is_file():  # a pipe put in its place would block
            return erased_record(case, entry)
        with path.open("rb") as stream:
            line = stream.read(MAX_PRIVATE_BYTES + 1)
    except OSError as error:
        raise unreadable(f"sealed record {entry.seq}", error) from error
    if file is not None:
        keys = case.keys or CaseKeys(case.path)
        try:
            line = keys.record(line, file.key, file=f"{PRIVATE}/{path.name}")
        except CiphertextError as error:
            reason = str(error.facts["reason"])
            raise SealedRecordError(entry=entry.seq, reason=reason) from error
    if sealing.commitment(line) != entry.private:
        reason = "it is not the one the entry commits to"
        raise SealedRecordError(entry=entry.seq, reason=reason)
    return sealing.unseal(line)
