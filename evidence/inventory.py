"""The inventory: what is inside an exhibit, one sealed record a line.

Written once, streamed: memory does not grow with the number of records. Its RFC 6962
root over the lines' commitments stands in the acquire entry, so any line can later be
disclosed or withheld on its own.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha512
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from manifests import durable, sealing
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from evidence.vault.encrypting import EncryptedStream

NAME = "inventory.jsonl"
ENCRYPTED_NAME = NAME + ".age"
_BATCH = 1024  # salts drawn at a time: one system call for many records
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Inventory:
    """A finished inventory: number of records, RFC 6962 root (hex), its file.

    `bytes` and `sha256` are those of the file, which may be encrypted.
    """

    records: int
    root: str
    bytes: int
    sha256: str
    name: str = NAME

    def facts(self) -> dict[str, Json]:
        """The inventory as it stands in the acquire entry."""
        facts: dict[str, Json] = {
            "bytes": self.bytes,
            "records": self.records,
            "root": self.root,
            "sha256": self.sha256,
        }
        if self.name != NAME:
            facts["name"] = self.name
        return facts


def _create(path: Path, recipient: str | None) -> io.BufferedWriter | EncryptedStream:
    if recipient is not None:
        from evidence.vault.encrypting import EncryptedStream

        return EncryptedStream(path, recipient)
    try:
        return cast("io.BufferedWriter", path.open("xb", buffering=_BUFFER))
    except OSError as error:
        durable.storage_failure(error, path.name)


class InventoryWriter:
    """Writes a new inventory file, an age file when there is a `recipient`.

    Attributes:
        refused: records that were outside the canonical profile; each is replaced by
            a record of kind "refused" that says why, so that none vanishes.

    Raises:
        StorageFailedError: (every method) the system refused.
    """

    def __init__(self, path: Path, *, recipient: str | None = None) -> None:
        self.refused = 0
        self._frontier = Frontier()
        self._hash = sha256()
        self._bytes = 0
        self._salts = b""
        self._what = path.name
        self._stream = _create(path, recipient)

    def _salt(self) -> bytes:
        if not self._salts:
            self._salts = secrets.token_bytes(_BATCH * sealing.SALT_BYTES)
        salt = self._salts[: sealing.SALT_BYTES]
        self._salts = self._salts[sealing.SALT_BYTES :]
        return salt

    def add(self, fields: Mapping[str, Json]) -> None:
        """Seal `fields` and append them."""
        try:
            line = sealing.seal(fields, salt=self._salt())
        except MalformedError as error:
            self.refused += 1
            refused: dict[str, Json] = {"kind": "refused", "reason": error.what}
            line = sealing.seal(refused, salt=self._salt())
        self.copy(line)

    def copy(self, line: bytes) -> None:
        """Append a record sealed elsewhere, as it is (no newline).

        An inventory that came with a hand-over keeps its root only so.
        """
        self._frontier.append(leaf_hash(line))
        line += b"\n"
        self._hash.update(line)
        self._bytes += len(line)
        try:
            self._stream.write(line)
        except OSError as error:
            durable.storage_failure(error, self._what)

    def finish(self) -> Inventory:
        """Make the file durable and return what it holds."""
        size, root = self._frontier.size, self._frontier.root().hex()
        if not isinstance(self._stream, io.BufferedWriter):
            written = self._stream.finish()
            return Inventory(size, root, written.bytes, written.sha256, ENCRYPTED_NAME)
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        except OSError as error:
            durable.storage_failure(error, self._what)
        return Inventory(size, root, self._bytes, self._hash.hexdigest())

    def close(self) -> None:
        """Let go of the file without finishing it (the staging folder goes anyway)."""
        try:
            self._stream.close()
        except OSError as error:
            durable.storage_failure(error, self._what)


def read_records(source: Path | BinaryIO) -> Iterator[dict[str, Json]]:
    """Yield the records of an inventory, salts included.

    Args:
        source: a plain inventory, or what `Case.open_inventory` gave; is closed.

    Raises:
        OSError: it cannot be read.
        MalformedError: a line is not a sealed record, or the ciphertext was altered.
    """
    with source.open("rb") if isinstance(source, Path) else source as stream:
        while line := stream.readline(sealing.MAX_RECORD_BYTES + 2):
            yield sealing.unseal(line.removesuffix(b"\n"))


def scan(source: Path | BinaryIO) -> tuple[int, str]:
    """Return (records, root hex) of an inventory; see `scan_twice`."""
    return scan_twice(source, second=False)[:2]


def scan_twice(source: Path | BinaryIO, *, second: bool) -> tuple[int, str, str]:
    """Return (records, root hex, SHA-512 hex) of an inventory as it is now.

    A stream is closed.

    The SHA-512 is that of the file, "" unless it is asked for (`second`).
    An incomplete last line counts as a record of its own, so that it shows.

    Raises:
        OSError: it cannot be read.
    """
    frontier, whole = Frontier(), sha512()
    if isinstance(source, Path):
        source = source.open("rb", buffering=_BUFFER)
    with source as stream:
        while line := stream.readline(sealing.MAX_RECORD_BYTES + 2):
            if second:
                whole.update(line)
            body = line[:-1] if line.endswith(b"\n") else line + b"\x00"
            frontier.append(sha256(b"\x00" + body).digest())
    return frontier.size, frontier.root().hex(), whole.hexdigest() if second else ""
