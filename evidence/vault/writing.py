"""The writer's side of an encrypted case: only public recipients, no secret kept.

The secret of an exhibit's key exists while the exhibit is acquired, to be encrypted to
the holders and to let the parser read the copy; that of the case only while the case is
founded.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.parsing.base import Sealed
from evidence.vault import agekeys
from evidence.vault.holders import CASE, Holders
from evidence.vault.keyring import key_path
from manifests import durable
from manifests.canonical import Json
from manifests.durable import SYSTEM, System
from manifests.errors import CustodyError, RecordUnclearError


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A key made for one exhibit or case, before it is stored."""

    identity: str
    recipient: str

    def reading(self, path: Path) -> Sealed:
        """What lets a parser's process read this one file, and nothing else."""
        from evidence.vault.agefile import open_file

        with path.open("rb") as stream:
            opened = open_file(stream.fileno(), self.identity)
        return {"key": opened.key.hex(), "start": opened.start}


def fresh_key() -> FreshKey:
    """Return a new key."""
    identity = agekeys.new_identity()
    return FreshKey(identity, agekeys.recipient_of(identity))


@dataclass(slots=True)
class Vault:
    """What a writer needs of an encrypted case."""

    case: Path
    origin: str
    holders: Holders
    system: System = SYSTEM

    def key_bytes(self, key: FreshKey, name: str) -> bytes:
        """Return the file in ``keys/`` for a key, encrypted to all holders."""
        comment = f"custody: key of {name} in {self.origin}"
        plain = agekeys.identity_file(key.identity, comment)
        return agekeys.wrap(plain, self.holders.recipients())

    def store(self, key: FreshKey, name: str) -> None:
        """Write the file of a new key, durable.

        Raises:
            StorageFailedError: it could not be stored.
        """
        path = key_path(self.case, name)
        durable.write_new(path, self.key_bytes(key, name), system=self.system)

    def withdraw(self, name: str) -> None:
        """Remove the key of an act that was not committed."""
        self.system.unlink(str(key_path(self.case, name)))

    def copy(self, data: bytes) -> bytes:
        """Return `data` as an age file that opens with the key of the case."""
        return agekeys.wrap(data, [self.holders.case])

    def seal(
        self, line: bytes, exhibits: tuple[str, ...]
    ) -> tuple[bytes, dict[str, Json]]:
        """Encrypt a sealed record; return the age file and the member `private_file`.

        What concerns one exhibit is encrypted to that exhibit's key, so that it goes
        when that key is destroyed; everything else, also what is said of an exhibit
        whose key is gone, to the key of the case.
        """
        name, recipient = CASE, self.holders.case
        if len(exhibits) == 1:
            own = self.holders.exhibits.get(exhibits[0])
            if own is not None and os.path.lexists(key_path(self.case, exhibits[0])):
                name, recipient = exhibits[0], own
        data = agekeys.wrap(line, [recipient])
        digest = sha256(data).hexdigest()
        return data, {"bytes": len(data), "key": name, "sha256": digest}


@contextmanager
def keeping(vault: Vault | None, key: FreshKey | None, exhibit: str) -> Iterator[None]:
    """Store an exhibit's key before its entry; take it away if there will be none.

    Raises:
        StorageFailedError: it could not be stored.
    """
    if vault is None or key is None:
        yield
        return
    vault.store(key, exhibit)
    vault.holders.exhibits[exhibit] = key.recipient
    try:
        yield
    except RecordUnclearError:
        raise
    except CustodyError:
        del vault.holders.exhibits[exhibit]
        with contextlib.suppress(OSError):  # a recovery quarantines it
            vault.withdraw(exhibit)
        raise
