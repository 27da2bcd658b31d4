"""Keys of other people this person holds to be genuine, outside of any case.

``$CUSTODY_HOME/trusted/<key id>.json`` holds the public description of each (mode
0600). Trust never comes out of a case: somebody compared the fingerprint.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import CaseUnreadableError
from evidence.identity import Identity
from evidence.key_errors import TrustedUnknownError, TrustUnclearError
from manifests import durable
from manifests.errors import MalformedError

FOLDER = "trusted"
_MAX_FILE = 16_384
_MIN_PREFIX = 8
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The trusted keys of the person at this machine."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where the descriptions stand."""
        return self.home / FOLDER

    def list(self) -> list[Identity]:
        """Return the trusted identities, by name.

        Raises:
            TrustUnclearError: others can write there, or a file is not what its name
                says; then none is returned, for any could have been put there.
            CaseUnreadableError: the folder cannot be read.
        """
        try:
            self._check_closed(self.folder)
            paths = sorted(self.folder.glob("*.json"))
            found = [self._read(path) for path in paths]
        except FileNotFoundError:
            return []
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "unreadable"
            raise CaseUnreadableError(
                what="the folder of trusted keys", reason=reason
            ) from error
        return sorted(found, key=lambda identity: (identity.name, identity.key))

    def _read(self, path: Path) -> Identity:
        self._check_closed(path)
        try:
            with path.open("rb") as stream:
                identity = Identity.from_bytes(stream.read(_MAX_FILE + 1))
        except MalformedError as error:
            raise TrustUnclearError(name=path.name, reason="it is damaged") from error
        if path.name != f"{identity.key}.json":
            raise TrustUnclearError(name=path.name, reason="it holds another key")
        return identity

    def _check_closed(self, path: Path) -> None:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise TrustUnclearError(name=path.name, reason="it is a symbolic link")
        if os.name != "nt" and stat.S_IMODE(mode) & _WRITABLE:
            raise TrustUnclearError(name=path.name, reason="others can write to it")

    def add(self, identity: Identity) -> None:
        """Trust a key from now on (whoever calls has compared the fingerprint).

        Raises:
            StorageFailedError: it could not be stored.
        """
        for path in (self.home, self.folder):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                durable.make_folder(path)
        durable.write_new(self.folder / f"{identity.key}.json", identity.to_bytes())

    def find(self, wanted: str) -> Identity:
        """Return the trusted identity of a name, or of 8 or more digits of its key id.

        Raises:
            TrustedUnknownError: not exactly one answers.
        """
        return choose(self.list(), wanted)

    def remove(self, wanted: str) -> Identity:
        """Trust a key no longer; return whose it was.

        Raises:
            TrustedUnknownError: not exactly one answers to `wanted`.
            StorageFailedError: it could not be removed.
        """
        identity = self.find(wanted)
        try:
            (self.folder / f"{identity.key}.json").unlink()
            durable.sync_folder(self.folder)
        except OSError as error:
            durable.storage_failure(error, "the folder of trusted keys")
        return identity


def choose(identities: list[Identity], wanted: str) -> Identity:
    """Return the one identity that `wanted` names.

    Args:
        wanted: a name (case ignored) or the beginning of a key id (8 digits up).

    Raises:
        TrustedUnknownError: not exactly one answers.
    """
    folded = wanted.casefold()
    found = [i for i in identities if i.name.casefold() == folded]
    if not found and len(folded) >= _MIN_PREFIX:
        found = [i for i in identities if i.key.startswith(folded)]
    if len(found) != 1:
        raise TrustedUnknownError(name=wanted, count=len(found))
    return found[0]
