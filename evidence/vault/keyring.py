"""The keys of an encrypted case, opened for who may read it.

``keys/case.age`` and ``keys/EX-0001.age`` are age identity files, each encrypted to all
holders. They are opened when first needed: whoever only lists entries without sealed
content is asked for no passphrase. Plaintext stays in memory.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from evidence.errors import UnsealableError
from evidence.vault.agefile import NoKeyError, Opened, PayloadReader, open_file
from evidence.vault_errors import CiphertextError, KeyFileError, LockedError
from manifests.errors import MalformedError

if TYPE_CHECKING:
    from evidence.case import Case

FOLDER = "keys"
_BUFFER = 1 << 20
_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
Opener = Callable[[], tuple[str, list[str]]]


def key_path(case: Path, name: str) -> Path:
    """Return where the key `name` ("case" or an exhibit id) stands."""
    return case / FOLDER / f"{name}.age"


def locked() -> tuple[str, list[str]]:
    """Open nothing: for readers that have no key.

    Raises:
        LockedError: always.
    """
    raise LockedError(reason="no key was given")


def can_decrypt(case: Case) -> bool:
    """Tell whether who reads can open the case's own key; may ask for a passphrase."""
    if case.keys is None or not key_path(case.path, "case").is_file():
        return False
    try:
        case.keys.identity("case")
    except UnsealableError:
        return False
    return True


@dataclass(slots=True)
class CaseKeys:
    """Opens what is encrypted in one case.

    Attributes:
        opener: returns a name and the age identities of who reads; called at most
            once, when something is needed, and may ask for a passphrase.
    """

    case: Path
    opener: Opener = locked
    _mine: tuple[str, list[str]] | None = None
    _keys: dict[str, str] = field(default_factory=dict)
    _refused: LockedError | None = None

    def mine(self) -> tuple[str, list[str]]:
        """Return name and age identities of who reads.

        Raises:
            LockedError: there are none.
        """
        if self._refused is not None:
            raise self._refused
        if self._mine is None:
            try:
                self._mine = self.opener()
            except LockedError as error:
                self._refused = error  # not asked again for every record
                raise
        return self._mine

    def identity(self, name: str) -> str:
        """Return the age identity of the case or of an exhibit.

        Raises:
            LockedError, NotARecipientError, KeyFileError, CiphertextError: it cannot
                be had.
        """
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = self._open(name)
        return found

    def _open(self, name: str) -> str:
        from evidence.vault.agekeys import MAX_KEY_FILE, read_identities, unwrap
        from evidence.vault_errors import AgeIdentityError

        person, mine = self.mine()
        path = key_path(self.case, name)
        file = f"{FOLDER}/{name}.age"
        try:
            if not path.is_file():
                raise KeyFileError(file=file, reason="it is not there")
            with path.open("rb") as stream:
                data = stream.read(MAX_KEY_FILE)
        except OSError as error:
            raise KeyFileError(file=file, reason="it cannot be read") from error
        plain = unwrap(data, mine, file=file, name=person)
        try:
            return read_identities(plain, file)[0]
        except AgeIdentityError as error:
            raise KeyFileError(file=file, reason="it holds no key") from error

    def record(self, data: bytes, name: str, *, file: str) -> bytes:
        """Return the sealed record in the age file `data`.

        Raises:
            As `identity`; NotARecipientError: the key is that of something else.
        """
        from evidence.vault.agekeys import unwrap

        return unwrap(data, [self.identity(name)], file=file, name=name)

    def opened(self, fd: int, name: str, *, file: str) -> Opened:
        """Return what reads the age file at `fd`, for this process or a parser's."""
        try:
            return open_file(fd, self.identity(name))
        except NoKeyError as error:
            reason = "it is encrypted to another key"
            raise CiphertextError(file=file, reason=reason) from error
        except MalformedError as error:
            reason = str(error.facts["reason"])
            raise CiphertextError(file=file, reason=reason) from error

    def stream(self, path: Path, name: str) -> BinaryIO:
        """Open the plaintext of an age file to read and seek.

        Raises:
            As `identity`; CiphertextError: it is damaged; OSError: it cannot be read.
        """
        file = f"{name}/{path.name}"
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | _PLAIN)
        try:
            reader = PayloadReader(fd, self.opened(fd, name, file=file))
        except MalformedError as error:
            os.close(fd)
            reason = str(error.facts["reason"])
            raise CiphertextError(file=file, reason=reason) from error
        except BaseException:
            os.close(fd)
            raise
        return io.BufferedReader(reader, _BUFFER)
