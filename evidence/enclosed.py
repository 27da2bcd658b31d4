"""Encrypted files that were received: compared as they are, and decrypted in memory.

Nothing decrypted is written. A payload and an inventory are read as streams whose every
chunk is authentic; chosen records and keys are small.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evidence.case import unreadable
from evidence.hashing import hash_file
from evidence.vault.keyring import Opener
from evidence.vault_errors import CiphertextError, KeyFileError, NotARecipientError
from manifests import ledger
from manifests.disclosure import (
    MAX_KEY_BYTES,
    MAX_LINE_BYTES,
    Enclosed,
    key_name,
    payload_name,
)
from manifests.entries import Entry
from manifests.errors import CustodyError, MalformedError
from manifests.verifying.disclosures import RecordsReader, SeenExhibit
from manifests.verifying.enclosed import SeenEnclosed, lines_name
from manifests.verifying.proofs import ProofReading
from manifests.verifying.seen import SeenFile
from manifests.verifying.verdict import Axis, Code, Finding

Progress = Callable[[int], None]
_PIECE = 1 << 20
_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


def hash_seen(path: Path, progress: Progress | None) -> SeenFile:
    """Hash one file of a folder; what cannot be read says why."""
    try:
        digest = hash_file(path, progress=progress)
    except OSError as error:
        return SeenFile(error=reason_of(error))
    except CustodyError as error:
        return SeenFile(error=str(error.facts.get("reason")))
    return SeenFile(digest.bytes, digest.sha256)


def reason_of(error: OSError) -> str:
    """Say why something could not be read, without a path."""
    return os.strerror(error.errno) if error.errno else type(error).__name__


@dataclass(slots=True)
class ReceivedKeys:
    """Opens what was encrypted to who reads, in one folder that was received.

    Attributes:
        opener: gives name and age identities of who reads; called when first needed.
    """

    folder: Path
    opener: Opener
    _mine: tuple[str, list[str]] | None = None
    _keys: dict[str, str] = field(default_factory=dict)

    def mine(self) -> tuple[str, list[str]]:
        """Return name and age identities of who reads.

        Raises:
            LockedError: there are none.
        """
        if self._mine is None:
            self._mine = self.opener()
        return self._mine

    def identity(self, exhibit: str) -> str:
        """Return the age identity of an exhibit that was given whole.

        Raises:
            LockedError, NotARecipientError, KeyFileError, CiphertextError: it cannot
                be had.
        """
        if exhibit not in self._keys:
            self._keys[exhibit] = self._open(key_name(exhibit))
        return self._keys[exhibit]

    def _open(self, file: str) -> str:
        from evidence.vault.agekeys import read_identities, unwrap
        from evidence.vault_errors import AgeIdentityError

        name, mine = self.mine()
        plain = unwrap(self.key_file(file), mine, file=file, name=name)
        try:
            return read_identities(plain, file)[0]
        except AgeIdentityError as error:
            raise KeyFileError(file=file, reason="it holds no key") from error

    def key_file(self, file: str) -> bytes:
        """Return the bytes of a key file, as it is.

        Raises:
            KeyFileError: it is not there, or no key file by its size.
        """
        try:
            with ledger.open_plain(self.folder / file) as stream:
                data = stream.read(MAX_KEY_BYTES + 1)
        except OSError as error:
            raise KeyFileError(file=file, reason=reason_of(error)) from error
        if len(data) > MAX_KEY_BYTES:
            raise KeyFileError(file=file, reason="it is too long for a key")
        return data

    def of_exhibit(self, file: str, exhibit: str) -> BinaryIO:
        """Open a file of an exhibit that was given whole.

        Raises:
            As `identity`; CaseUnreadableError: it cannot be read.
        """
        return self._stream(file, [self.identity(exhibit)], exhibit)

    def for_reader(self, file: str) -> BinaryIO:
        """Open a file that was encrypted to who reads.

        Raises:
            LockedError, NotARecipientError, CiphertextError: it does not open.
            CaseUnreadableError: it cannot be read.
        """
        name, mine = self.mine()
        return self._stream(file, mine, name)

    def _stream(self, file: str, identities: list[str], name: str) -> BinaryIO:
        from evidence.vault.agefile import NoKeyError, PayloadReader, open_file

        try:
            fd = os.open(self.folder / file, os.O_RDONLY | os.O_CLOEXEC | _PLAIN)
        except OSError as error:
            raise unreadable(file, error) from error
        try:
            for identity in identities:
                try:
                    opened = open_file(fd, identity)
                except NoKeyError:
                    continue
                return io.BufferedReader(PayloadReader(fd, opened), _PIECE)
            raise NotARecipientError(file=file, name=name)
        except MalformedError as error:
            os.close(fd)
            reason = str(error.facts["reason"])
            raise CiphertextError(file=file, reason=reason) from error
        except BaseException:
            os.close(fd)
            raise


def look_enclosed(
    folder: Path,
    reading: ProofReading,
    told: Enclosed,
    *,
    entry: Entry,
    left: set[str],
    opener: Opener | None,
    progress: Progress | None,
) -> SeenExhibit:
    """Look at the encrypted files of one exhibit; take their names out of `left`.

    Args:
        entry: its acquire entry; told: what the disclosure's entry says.
        opener: None to compare digests alone.

    Raises:
        LockedError, NotARecipientError: it was given to somebody else.
    """
    exhibit = reading.exhibit

    def seen(name: str) -> SeenFile | None:
        if name not in left:
            return None
        left.discard(name)
        return hash_seen(folder / name, progress)

    name = lines_name(exhibit.id, told)
    found = SeenEnclosed(told, None, seen(name))
    if told.whole:
        found = SeenEnclosed(told, seen(key_name(exhibit.id)), found.lines)
    payload = seen(payload_name(exhibit.id, exhibit.payload_name))
    if opener is None:
        return SeenExhibit(reading, None, told.whole, payload, found)
    inside = _Inside(reading, found, ReceivedKeys(folder, opener), progress)
    records, findings = inside.look(entry, payload)
    opened = SeenEnclosed(told, found.key, found.lines, findings)
    return SeenExhibit(reading, records, told.whole, payload, opened)


def _told(error: OSError | CustodyError) -> str:
    return error.what if isinstance(error, CustodyError) else "It is not readable."


@dataclass(slots=True)
class _Inside:
    """One exhibit, decrypted."""

    reading: ProofReading
    files: SeenEnclosed
    keys: ReceivedKeys
    progress: Progress | None
    findings: list[Finding] = field(default_factory=list)

    def look(
        self, entry: Entry, payload: SeenFile | None
    ) -> tuple[RecordsReader | None, tuple[Finding, ...]]:
        """Return what took the records, and what is wrong inside."""
        self.keys.mine()
        whole = self.files.told.whole
        if whole and not self._key(entry):
            return None, tuple(self.findings)
        records = self._records() if self.files.lines is not None else None
        if whole and payload is not None:
            self._payload()
        return records, tuple(self.findings)

    def _key(self, entry: Entry) -> bool:
        """Tell whether the key that was given opens the exhibit."""
        from evidence.vault.agekeys import recipient_of

        exhibit = self.reading.exhibit.id
        if self.files.key is None:
            return False  # that it is missing is found without it
        try:
            identity = self.keys.identity(exhibit)
        except NotARecipientError as error:
            if self.files.key.sha256 == self.files.told.key:
                raise  # nothing is wrong with it: it is for somebody else
            return self._wrong(exhibit, error.what)
        except (KeyFileError, CiphertextError) as error:
            return self._wrong(exhibit, error.what)
        if recipient_of(identity) != entry.facts.get("recipient"):
            return self._wrong(exhibit, "It holds the key of something else.")
        return True

    def _wrong(self, exhibit: str, text: str) -> bool:
        name = key_name(exhibit)
        self.findings.append(Finding(Axis.INTACT, Code.KEY_FILE_WRONG, name, text))
        return False

    def _records(self) -> RecordsReader | None:
        told, exhibit = self.files.told, self.reading.exhibit.id
        name = lines_name(exhibit, told)
        reader = RecordsReader(self.reading, whole=told.whole)
        try:
            for line in self._lines(name):
                reader.take(line)
        except NotARecipientError as error:
            lines = self.files.lines
            if not told.whole and lines is not None and lines.sha256 == told.records:
                raise
            self._damaged(name, error.what)
            return None
        except (OSError, CustodyError) as error:
            self._damaged(name, _told(error))
            return None
        return reader

    def _lines(self, name: str) -> Iterator[bytes]:
        whole = self.files.told.whole
        stream = (
            self.keys.of_exhibit(name, self.reading.exhibit.id)
            if whole
            else self.keys.for_reader(name)
        )
        with stream:
            while line := stream.readline(MAX_LINE_BYTES):
                # An incomplete line is none that was given.
                yield line[:-1] if line.endswith(b"\n") else line + b"\x00"

    def _payload(self) -> None:
        exhibit = self.reading.exhibit
        name = payload_name(exhibit.id, exhibit.payload_name)
        done = 0
        try:
            with self.keys.of_exhibit(name, exhibit.id) as stream:
                while piece := stream.read(_PIECE):
                    done += len(piece)
                    if self.progress is not None:
                        self.progress(done)
        except (OSError, CustodyError) as error:
            self._damaged(name, _told(error))

    def _damaged(self, name: str, text: str) -> None:
        found = Finding(Axis.INTACT, Code.PLAINTEXT_MODIFIED, name, text)
        self.findings.append(found)
