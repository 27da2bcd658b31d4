"""What leaves out of an encrypted exhibit, made for one recipient (age).

A whole exhibit goes as the ciphertexts its acquire entry names, with its key encrypted
to the recipient. Chosen records go as one age file for the recipient: the exhibit's key
would open all the others, too. Key and records are encrypted before anything is
recorded, in memory, so that the entry can name their digests; nothing is in plaintext
outside.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from evidence.case import Case, unreadable
from evidence.consent_errors import RecipientMissingError
from evidence.errors import ProofImpossibleError
from evidence.vault.keyring import CaseKeys
from manifests import durable, ledger
from manifests.disclosure import (
    AGE,
    MAX_ENCLOSED_BYTES,
    Enclosed,
    inventory_name,
    key_name,
    records_name,
)
from manifests.errors import ProofTooLargeError
from manifests.verifying.expected import ExpectedExhibit

_BLOCK = 1 << 20
Recipient = Callable[[], str]  # names an age recipient, or refuses


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Age files for the recipient of one exhibit; one of the two.

    Attributes:
        key: the exhibit's age identity file, encrypted; records: chosen records.
    """

    key: bytes = b""
    records: bytes = b""

    @property
    def told(self) -> Enclosed:
        """What the entry says of it."""
        return Enclosed(*(sha256(d).hexdigest() if d else "" for d in self._files()))

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return sum(map(len, self._files()))

    def _files(self) -> tuple[bytes, bytes]:
        return self.key, self.records


def recipient_for(exhibit: str, to: Recipient | None) -> str:
    """Return the age recipient of an encrypted exhibit.

    Raises:
        RecipientMissingError: nobody was named.
        RecipientRefusedError: who was named has none.
    """
    if to is None:
        raise RecipientMissingError(exhibit=exhibit)
    return to()


def enclose_key(case: Case, exhibit: str, recipient: str) -> Enclosure:
    """Encrypt an exhibit's key to a recipient.

    Raises:
        LockedError, NotARecipientError, KeyFileError, ...: who gives cannot open it.
    """
    from evidence.vault.agekeys import identity_file, wrap

    keys = case.keys or CaseKeys(case.path)
    plain = identity_file(keys.identity(exhibit), f"custody: key of {exhibit}")
    return Enclosure(key=wrap(plain, [recipient]))


def enclose_records(lines: Iterable[bytes], recipient: str) -> Enclosure:
    """Encrypt lines of chosen records (no newline) to a recipient.

    Raises:
        ProofTooLargeError: together more than `MAX_ENCLOSED_BYTES`.
    """
    from evidence.vault.agekeys import wrap

    plain = bytearray()
    for line in lines:
        plain += line + b"\n"
        if len(plain) > MAX_ENCLOSED_BYTES:
            reason = f"more than {MAX_ENCLOSED_BYTES >> 20} MiB of records"
            raise ProofTooLargeError(reason=reason)
    return Enclosure(records=wrap(bytes(plain), [recipient]))


def write_enclosure(
    case: Case, expected: ExpectedExhibit, enclosure: Enclosure, part: Path
) -> None:
    """Write the encrypted records, or key and inventory, of one exhibit into `part`.

    Raises:
        ProofImpossibleError: the inventory's ciphertext is not the recorded one.
        StorageFailedError, CaseUnreadableError, OSError: it cannot be copied.
    """
    exhibit = expected.id
    if enclosure.records:
        durable.write_new(part / (records_name(exhibit) + AGE), enclosure.records)
        return
    durable.write_new(part / key_name(exhibit), enclosure.key)
    copy_recorded(
        case.exhibit_folder(exhibit) / expected.inventory_name,
        part / (inventory_name(exhibit) + AGE),
        (expected.inventory_bytes, expected.inventory_sha256),
        exhibit=exhibit,
        what="inventory",
    )


def copy_recorded(
    source: Path, target: Path, promised: tuple[int, str], *, exhibit: str, what: str
) -> None:
    """Copy a file of an exhibit; other bytes than the recorded ones do not leave.

    What an interrupted copy left at `target` is hashed, and only the rest is copied;
    where the whole is not the recorded one then, everything is copied.

    Args:
        promised: bytes and SHA-256 (hex) of the acquire entry.

    Raises:
        ProofImpossibleError: it is not the recorded one; the copy is taken away.
        CaseUnreadableError, OSError: it cannot be read, or the copy not written.
    """
    kept = target.lstat().st_size if os.path.lexists(target) else 0
    if kept and _copied(source, target, promised, exhibit=exhibit, what=what):
        return
    target.unlink(missing_ok=True)
    if not _copied(source, target, promised, exhibit=exhibit, what=what):
        target.unlink()
        reason = f"its {what} is not the recorded one"
        raise ProofImpossibleError(exhibit=exhibit, reason=reason)


def _copied(
    source: Path, target: Path, promised: tuple[int, str], *, exhibit: str, what: str
) -> bool:
    """Copy what `target` does not hold yet; tell whether it is the recorded one."""
    try:
        stream = ledger.open_plain(source)
    except OSError as error:
        raise unreadable(f"The {what} of {exhibit}", error) from error
    digest = sha256()
    with stream, continued_file(target) as copy:
        while block := copy.read(_BLOCK):
            digest.update(block)
        count = stream.seek(copy.tell())
        while block := stream.read(_BLOCK):
            digest.update(block)
            count += len(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    return (count, digest.hexdigest()) == promised


def continued_file(path: Path) -> BinaryIO:
    """Open a file to read what is there and write the rest; no link is followed."""

    def opener(name: str, flags: int) -> int:
        flags |= os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        return os.open(name, flags & ~os.O_TRUNC & ~os.O_EXCL, 0o600)

    return open(path, "r+b", buffering=_BLOCK, opener=opener)


def private_file(path: Path) -> BinaryIO:
    """Open a new file that only its owner may read."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    return open(path, "xb", buffering=_BLOCK, opener=opener)
