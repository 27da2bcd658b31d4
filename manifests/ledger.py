"""The ledger: the manifest as files, appended to by one writer at a time.

``manifest/entries.jsonl`` holds the signed lines, ``manifest/checkpoints/`` a signed
note for every size the log had when a command ended, ``manifest/quarantine/`` what an
interrupted append left. Order of an append: the caller has made everything durable
that the entry names, then `append` (one write, fsync), then `checkpoint`.

`manifests.reopening` opens an existing one.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from manifests import durable
from manifests.checkpoint import (
    Checkpoint,
    sign_checkpoint,
)
from manifests.durable import SYSTEM, LineFile, System
from manifests.entries import (
    MAX_LINE_BYTES,
    NO_PREVIOUS,
    Act,
    Clock,
    Entry,
    sign_entry,
)
from manifests.errors import (
    KeyNotInForceError,
)
from manifests.keys import PublicKey, Signer
from manifests.merkle import Frontier
from manifests.standing import Standing

ENTRIES = "entries.jsonl"
CHECKPOINTS = "checkpoints"
_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
QUARANTINE = "quarantine"
RENEWALS = "renewals"  # lists of second digests, and time stamps over them
PENDING = "pending"  # time stamps asked for and not had yet; never evidence
_CHECKPOINT = re.compile(r"[0-9]{10}\.note")


@dataclass(frozen=True, slots=True)
class TornTail:
    """An incomplete last line that was moved out of the log.

    Attributes:
        name: file in the quarantine folder that now holds the bytes.
        size: number of bytes.
        sha256: of these bytes, hex.
    """

    name: str
    size: int
    sha256: str


@dataclass(slots=True)
class Ledger:
    """The state needed to append; build it with `create` or `reopening`.

    Not thread-safe. The caller holds the case's writer lock.
    """

    folder: Path
    origin: str
    system: System = SYSTEM
    frontier: Frontier = field(default_factory=Frontier)
    last_leaf: str = NO_PREVIOUS
    last_time: str = ""
    newest_checkpoint: int = 0
    torn: TornTail | None = None
    standing: Standing = field(init=False)
    _lines: LineFile = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody in force."""
        self.standing = Standing(self.origin)
        self._lines = LineFile(self.folder / ENTRIES)

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.frontier.size

    @property
    def root(self) -> bytes:
        """RFC 6962 root over all entries."""
        return self.frontier.root()

    def append(self, act: Act, clock: Clock, signer: Signer) -> Entry:
        """Sign `act` as the next entry and make it durable; the commit point.

        Raises:
            KeyNotInForceError: the key may not do this now; it was not recorded.
            StorageFailedError: it was not recorded.
            MalformedError: the act is outside the format; it was not recorded.
        """
        return self.append_all([act], clock, signer)[0]

    def append_all(
        self, acts: Sequence[Act], clock: Clock, signer: Signer
    ) -> list[Entry]:
        """Append several acts with one write and one fsync: all of them or none.

        Only a crash in the middle can leave less: the first of them, in order, which
        are then committed.

        Raises:
            As `append`.
        """
        if not acts:
            return []  # an empty write would be an empty line
        entries: list[Entry] = []
        leaves: list[bytes] = []
        standing, previous = self.standing, self.last_leaf
        for act in acts:
            entry = sign_entry(
                act,
                clock,
                origin=self.origin,
                seq=self.size + len(entries),
                prev=previous,
                signer=signer,
            )
            if standing is self.standing and standing.heeds(entry):
                standing = standing.copy()  # nothing changes before it is durable
            admit(standing, entry, signer.public)
            entries.append(entry)
            leaves.append(entry.leaf)
            previous = leaves[-1].hex()
        data = b"\n".join([entry.line for entry in entries])
        self._lines.append(data, system=self.system)
        for leaf in leaves:
            self.frontier.append(leaf)
        self.standing, self.last_leaf = standing, previous
        self.last_time = entries[-1].time
        return entries

    def close(self) -> None:
        """Let the log's file go; harmless when repeated."""
        self._lines.close(system=self.system)

    def checkpoint(self, signer: Signer) -> Path | None:
        """Sign and store a checkpoint of the current size; None if there is one.

        Raises:
            KeyNotInForceError: the key may not vouch for the log (any more).
            StorageFailedError: it could not be stored.
        """
        if self.newest_checkpoint == self.size:
            return None
        warrant = self.standing.in_force.get(signer.public.id)
        if warrant is None:
            reason = "it is not in force"
            raise KeyNotInForceError(key=signer.public.id, reason=reason)
        if warrant.not_after and self.last_time >= warrant.not_after:
            reason = f"it was valid until {warrant.not_after}"
            raise KeyNotInForceError(key=signer.public.id, reason=reason)
        note = sign_checkpoint(
            Checkpoint(self.origin, self.size, self.root),
            signer,
            post_quantum=warrant.post_quantum is not None,
        )
        path = checkpoint_path(self.folder, self.size)
        durable.write_new(path, note, system=self.system)
        self.newest_checkpoint = self.size
        return path


def checkpoint_path(folder: Path, size: int) -> Path:
    """Return where the checkpoint over `size` entries stands."""
    return folder / CHECKPOINTS / f"{size:010d}.note"


def create(folder: Path, origin: str, *, system: System = SYSTEM) -> Ledger:
    """Make the folders and the empty log of a new case.

    Raises:
        StorageFailedError: the system refused.
    """
    for path in (folder, folder / CHECKPOINTS, folder / QUARANTINE):
        durable.make_folder(path, system=system)
    durable.write_new(folder / ENTRIES, b"", system=system)
    return Ledger(folder, origin, system)


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the raw lines of a log, each with its newline if it has one.

    Memory stays bounded: of a line longer than the format allows, the beginning is
    yielded, without a newline, and the rest is passed over. So a piece without a
    newline is an incomplete last line only if nothing follows it and it is not longer
    than `MAX_LINE_BYTES`.
    """
    with open_plain(path) as stream:
        while line := stream.readline(MAX_LINE_BYTES + 2):
            yield line
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file; a pipe or link put in its place blocks and leads nowhere."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | _PLAIN)

    stream = open(path, "rb", buffering=1 << 20, opener=opener)  # noqa: SIM115 - needs an opener; closed by the caller
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return stream


def admit(standing: Standing, entry: Entry, key: PublicKey) -> None:
    """Apply an entry about to be appended; refuse what its key may not do.

    Raises:
        KeyNotInForceError, MalformedError: it may not be appended.
    """
    if entry.seq > 0:
        reason = standing.refusal(
            key.id,
            kind=entry.type,
            role=str(entry.body.get("role")),
            time=entry.time,
            facts=entry.facts,
        )
        if reason:
            raise KeyNotInForceError(key=key.id, reason=reason)
    standing.take(entry)
