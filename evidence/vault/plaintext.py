"""Verifying what is inside: with a key, in memory, chunk by chunk.

The ciphertext's digests prove that nothing changed since it was written. Only whoever
decrypts can tell that the keys still open it and that what is inside is what the sealed
records and commitments say.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from hashlib import sha256

from evidence.case import Case
from evidence.errors import CaseUnreadableError, UnsealableError
from evidence.inventory import scan
from evidence.vault.agekeys import recipient_of
from evidence.vault.holders import CASE, Holders, holders_of
from evidence.vault.keyring import CaseKeys, key_path
from evidence.vault_errors import CiphertextError, KeyFileError, LockedError
from manifests.entries import Entry
from manifests.errors import CustodyError
from manifests.verifying.encrypted import is_encrypted
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Axis, Code, Finding

_PIECE = 1 << 20
Progress = Callable[[int], None]


def check_plaintext(
    case: Case, log: LogReading, progress: Progress | None = None
) -> tuple[Finding, ...] | None:
    """Decrypt everything and return what is wrong; None when nothing is encrypted.

    Args:
        progress: called with the number of plaintext bytes of the present payload.

    Raises:
        LockedError: no key was opened; NotARecipientError: it is nobody's here.
    """
    if not is_encrypted(log):
        return None
    keys = case.keys or CaseKeys(case.path)
    keys.mine()
    if key_path(case.path, CASE).is_file():
        # The wrong person, or key: then nothing is wrong with the case.
        with contextlib.suppress(KeyFileError, CiphertextError):  # found below
            keys.identity(CASE)
    holders = holders_of(case.entries()) or Holders("")
    found = list(_keys(case, keys, holders))
    for entry in case.entries():
        expected = log.exhibits.get(entry.exhibits[0]) if entry.exhibits else None
        of_exhibit = expected is not None and expected.entry == entry.seq
        if expected is not None and expected.id in log.erased.exhibits:
            expected = None
        if entry.private_file is not None and entry.seq not in log.erased.records:
            found += _record(case, entry)
        if expected is not None and of_exhibit and expected.encrypted:
            found += _payload(case, keys, expected, entry, progress)
            found += _inventory(case, expected)
    return tuple(found)


def _keys(case: Case, keys: CaseKeys, holders: Holders) -> Iterator[Finding]:
    """Open every key file that is there, and compare it with its recipient."""
    wanted = {CASE: holders.case, **holders.exhibits}
    for name, recipient in wanted.items():
        if not key_path(case.path, name).is_file():
            continue  # that it is missing is found without a key
        try:
            identity = keys.identity(name)
            right = recipient_of(identity) == recipient
            text = "It holds the key of something else."
        except LockedError:
            raise
        except CustodyError as error:
            right, text = False, error.what
        if not right:
            subject = f"keys/{name}.age"
            yield Finding(Axis.INTACT, Code.KEY_FILE_WRONG, subject, text)


def _modified(subject: str, text: str) -> Finding:
    return Finding(Axis.INTACT, Code.PLAINTEXT_MODIFIED, subject, text)


def _unchecked(subject: str, text: str) -> Finding:
    code = Code.PLAINTEXT_UNCHECKED
    return Finding(Axis.INTACT, code, subject, text, fails=False)


def _record(case: Case, entry: Entry) -> Iterator[Finding]:
    subject = f"entry {entry.seq}"
    try:
        case.sealed(entry)
    except (UnsealableError, CaseUnreadableError) as error:
        if case.private_path(entry.seq, encrypted=True).is_file():
            yield _modified(subject, error.what)
        else:
            yield _unchecked(subject, "Its sealed record is not there to decrypt.")
    except CustodyError as error:
        yield _modified(subject, error.what)


def _payload(
    case: Case,
    keys: CaseKeys,
    exhibit: ExpectedExhibit,
    entry: Entry,
    progress: Progress | None,
) -> Iterator[Finding]:
    try:
        recorded = case.sealed(entry).get("payload")
    except CustodyError:
        recorded = None
    path = case.exhibit_folder(exhibit.id) / exhibit.payload_name
    digest, done = sha256(), 0
    try:
        with keys.stream(path, exhibit.id) as stream:
            while data := stream.read(_PIECE):
                digest.update(data)
                done += len(data)
                if progress is not None:
                    progress(done)
    except (OSError, CustodyError) as error:
        text = error.what if isinstance(error, CustodyError) else "It is not readable."
        yield _modified(exhibit.id, f"{exhibit.payload_name} does not decrypt: {text}")
        return
    if not isinstance(recorded, dict):
        text = "Its sealed record, which names the plaintext, cannot be used."
        yield _unchecked(exhibit.id, text)
        return
    told = (recorded.get("bytes"), recorded.get("sha256"))
    if told != (done, digest.hexdigest()):
        text = (
            f"What is inside {exhibit.payload_name} has SHA-256 {digest.hexdigest()} "
            f"and {done} bytes; its sealed record names {told[1]} and {told[0]}."
        )
        yield _modified(exhibit.id, text)


def _inventory(case: Case, exhibit: ExpectedExhibit) -> Iterator[Finding]:
    try:
        found = scan(case.open_inventory(exhibit.id))
    except (OSError, CustodyError) as error:
        text = error.what if isinstance(error, CustodyError) else "It is not readable."
        name = exhibit.inventory_name
        yield _modified(exhibit.id, f"{name} does not decrypt: {text}")
        return
    expected = (exhibit.inventory_records, exhibit.inventory_root)
    if found != expected:
        text = (
            f"The inventory has {found[0]} records and root {found[1]}; recorded were "
            f"{expected[0]} and {expected[1]}."
        )
        yield _modified(exhibit.id, text)
