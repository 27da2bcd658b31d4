"""The ledger: the manifest as files, appended to by one writer at a time.

``manifest/entries.jsonl`` holds the signed lines, ``manifest/checkpoints/`` a signed
note for every size the log had when a command ended, ``manifest/quarantine/`` what an
interrupted append left. Order of an append: the caller has made everything durable
that the entry names, then `append` (one write, fsync), then `checkpoint`.

Opening for writing re-computes every leaf hash and refuses to go on from a log that
does not match its newest checkpoint: nobody extends a manifest somebody altered.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from manifests import durable
from manifests.checkpoint import (
    Checkpoint,
    is_signed_by,
    read_checkpoint,
    sign_checkpoint,
)
from manifests.durable import SYSTEM, System
from manifests.entries import (
    MAX_LINE_BYTES,
    NO_PREVIOUS,
    Act,
    Clock,
    Entry,
    body_bytes,
    glance_entry,
    pre_authentication_encoding,
    read_entry,
    write_entry,
)
from manifests.errors import BrokenManifestError, MalformedError
from manifests.keys import PublicKey, Signer
from manifests.merkle import Frontier
from manifests.note import MAX_NOTE_BYTES, read_note

ENTRIES = "entries.jsonl"
CHECKPOINTS = "checkpoints"
_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
QUARANTINE = "quarantine"
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
    """The state needed to append; build it with `create` or `open_to_append`.

    Not thread-safe. The caller holds the case's writer lock.
    """

    folder: Path
    origin: str
    system: System = SYSTEM
    frontier: Frontier = field(default_factory=Frontier)
    last_leaf: str = NO_PREVIOUS
    newest_checkpoint: int = 0
    torn: TornTail | None = None

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
            StorageFailedError: it was not recorded.
            MalformedError: the act is outside the format; it was not recorded.
        """
        line = write_entry(
            act,
            clock,
            origin=self.origin,
            seq=self.size,
            prev=self.last_leaf,
            signer=signer,
        )
        durable.append_line(self.folder / ENTRIES, line, system=self.system)
        entry = read_entry(line)
        self.frontier.append(entry.leaf)
        self.last_leaf = entry.leaf.hex()
        return entry

    def checkpoint(self, signer: Signer) -> Path | None:
        """Sign and store a checkpoint of the current size; None if there is one."""
        if self.newest_checkpoint == self.size:
            return None
        note = sign_checkpoint(Checkpoint(self.origin, self.size, self.root), signer)
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
    with _open_plain(path) as stream:
        while line := stream.readline(MAX_LINE_BYTES + 2):
            yield line
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)


def _open_plain(path: Path) -> BinaryIO:
    """Open a regular file; a pipe or link put in its place blocks and leads nowhere."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | _PLAIN)

    stream = open(path, "rb", buffering=1 << 20, opener=opener)  # noqa: SIM115 - needs an opener; closed by the caller
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return stream


def open_to_append(
    folder: Path,
    origin: str,
    *,
    key: PublicKey,
    observe: Callable[[Entry], None] = lambda _entry: None,
    system: System = SYSTEM,
) -> Ledger:
    """Open an existing log for writing, quarantining an incomplete last line.

    What the newest checkpoint covers is compared with its root and its signature;
    what comes after it (a command was interrupted) is read strictly and each entry's
    signature is verified. So nobody's forgery is ever extended and vouched for.

    Args:
        key: the key that signs here; it must have signed the newest checkpoint.
        observe: is shown every entry in order, so that the log is read only once.

    Raises:
        BrokenManifestError: the log does not match its newest checkpoint, or breaks
            its own chain; nothing is written then.
        StorageFailedError: the system refused.
    """
    ledger = Ledger(folder, origin, system)
    path = folder / ENTRIES
    newest = _newest_checkpoint(folder, origin, key)
    good_bytes, tail = 0, b""
    try:
        for line in read_lines(path):
            if not line.endswith(b"\n"):
                tail = line
                break
            strict = ledger.size >= newest.size
            observe(_take(ledger, line[:-1], key if strict else None))
            good_bytes += len(line)
            if ledger.size == newest.size:
                _compare(ledger, newest)
        end = path.stat().st_size
    except OSError as error:
        durable.storage_failure(error, ENTRIES)
    if ledger.size < newest.size:
        raise BrokenManifestError(
            entry=ledger.size, reason="entries that were checkpointed are missing"
        )
    if tail and end - good_bytes > MAX_LINE_BYTES:
        raise BrokenManifestError(entry=ledger.size, reason="a line is too long")
    ledger.newest_checkpoint = newest.size
    if tail:
        ledger.torn = _quarantine(ledger, path, good_bytes, tail)
    return ledger


def _take(ledger: Ledger, line: bytes, key: PublicKey | None) -> Entry:
    """Add a stored line to the state; its place in the chain must be right.

    Args:
        key: verify the line strictly, signed by this key; None when a checkpoint
            covers it.
    """
    try:
        entry = glance_entry(line) if key is None else read_entry(line)
    except MalformedError as error:
        raise BrokenManifestError(entry=ledger.size, reason=error.what) from error
    if key is not None and not _is_signed(entry, key):
        raise BrokenManifestError(
            entry=ledger.size, reason="no checkpoint covers it and its signature fails"
        )
    if entry.seq != ledger.size or entry.body.get("prev") != ledger.last_leaf:
        raise BrokenManifestError(
            entry=ledger.size, reason="it does not follow the entry before"
        )
    if entry.body.get("log") != ledger.origin:
        raise BrokenManifestError(
            entry=ledger.size, reason="it belongs to another manifest"
        )
    leaf = entry.leaf
    ledger.frontier.append(leaf)
    ledger.last_leaf = leaf.hex()
    return entry


def _is_signed(entry: Entry, key: PublicKey) -> bool:
    message = pre_authentication_encoding(body_bytes(entry.line))
    return entry.actor == key.id and all(
        name == key.id and key.is_signed(message, signature)
        for name, signature in entry.signatures
    )


def _newest_checkpoint(folder: Path, origin: str, key: PublicKey) -> Checkpoint:
    """Return the newest checkpoint; a case has one from its first entry on."""
    found = sorted(p.name for p in (folder / CHECKPOINTS).glob("*.note"))
    names = [name for name in found if _CHECKPOINT.fullmatch(name)]
    if not names:
        raise BrokenManifestError(entry=0, reason="no checkpoint covers it")
    try:
        with _open_plain(folder / CHECKPOINTS / names[-1]) as stream:
            signed = read_note(stream.read(MAX_NOTE_BYTES + 1))
        newest = read_checkpoint(signed.text)
    except OSError as error:
        reason = f"{names[-1]} cannot be read"
        raise BrokenManifestError(entry=0, reason=reason) from error
    except MalformedError as error:
        raise BrokenManifestError(entry=0, reason=error.what) from error
    if newest.origin != origin:
        raise BrokenManifestError(
            entry=0, reason="the newest checkpoint belongs to another manifest"
        )
    if newest.size < 1 or not is_signed_by(signed, origin, key):
        raise BrokenManifestError(
            entry=newest.size, reason="the newest checkpoint is not signed by your key"
        )
    return newest


def _compare(ledger: Ledger, newest: Checkpoint) -> None:
    if ledger.root != newest.root:
        raise BrokenManifestError(
            entry=ledger.size - 1, reason="the entries differ from the checkpoint"
        )


def _quarantine(ledger: Ledger, path: Path, good_bytes: int, tail: bytes) -> TornTail:
    digest = sha256(tail).hexdigest()
    name = f"entry-{ledger.size:010d}-{digest[:16]}.torn"
    target = ledger.folder / QUARANTINE / name
    if not target.exists():
        durable.write_new(target, tail, system=ledger.system)
    durable.truncate(path, good_bytes, system=ledger.system)
    return TornTail(name, len(tail), digest)
