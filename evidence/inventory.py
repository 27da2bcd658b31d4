"""The inventory: what is inside an exhibit, one sealed record a line.

Written once, streamed: memory does not grow with the number of records. Its RFC 6962
root over the lines' commitments stands in the acquire entry, so any line can later be
disclosed or withheld on its own.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha512
from pathlib import Path

from manifests import durable, sealing
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.merkle import Frontier, leaf_hash

NAME = "inventory.jsonl"
_BATCH = 1024  # salts drawn at a time: one system call for many records
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Inventory:
    """A finished inventory: number of records, RFC 6962 root (hex), file size."""

    records: int
    root: str
    bytes: int
    sha256: str

    def facts(self) -> dict[str, Json]:
        """The inventory as it stands in the acquire entry."""
        return {
            "bytes": self.bytes,
            "records": self.records,
            "root": self.root,
            "sha256": self.sha256,
        }


class InventoryWriter:
    """Writes a new inventory file.

    Attributes:
        refused: records that were outside the canonical profile; each is replaced by
            a record of kind "refused" that says why, so that none vanishes.

    Raises:
        StorageFailedError: (every method) the system refused.
    """

    def __init__(self, path: Path) -> None:
        self.refused = 0
        self._frontier = Frontier()
        self._hash = sha256()
        self._bytes = 0
        self._salts = b""
        self._what = path.name
        try:
            self._stream = path.open("xb", buffering=_BUFFER)
        except OSError as error:
            durable.storage_failure(error, self._what)

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
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        except OSError as error:
            durable.storage_failure(error, self._what)
        return Inventory(
            self._frontier.size,
            self._frontier.root().hex(),
            self._bytes,
            self._hash.hexdigest(),
        )

    def close(self) -> None:
        """Let go of the file without finishing it (the staging folder goes anyway)."""
        try:
            self._stream.close()
        except OSError as error:
            durable.storage_failure(error, self._what)


def read_records(path: Path) -> Iterator[dict[str, Json]]:
    """Yield the records of an inventory, salts included.

    Raises:
        OSError: it cannot be read.
        MalformedError: a line is not a sealed record.
    """
    with path.open("rb") as stream:
        while line := stream.readline(sealing.MAX_RECORD_BYTES + 2):
            yield sealing.unseal(line.removesuffix(b"\n"))


def scan(path: Path) -> tuple[int, str]:
    """Return (records, root hex) of an inventory file; see `scan_twice`."""
    return scan_twice(path, second=False)[:2]


def scan_twice(path: Path, *, second: bool) -> tuple[int, str, str]:
    """Return (records, root hex, SHA-512 hex) of an inventory file as it is now.

    The SHA-512 is that of the file, "" unless it is asked for (`second`).
    An incomplete last line counts as a record of its own, so that it shows.

    Raises:
        OSError: it cannot be read.
    """
    frontier, whole = Frontier(), sha512()
    with path.open("rb", buffering=_BUFFER) as stream:
        while line := stream.readline(sealing.MAX_RECORD_BYTES + 2):
            if second:
                whole.update(line)
            body = line[:-1] if line.endswith(b"\n") else line + b"\x00"
            frontier.append(sha256(b"\x00" + body).digest())
    return frontier.size, frontier.root().hex(), whole.hexdigest() if second else ""
