"""The case's side of witnessing: requests that go out, cosignatures that come back.

A cosignature is kept as a file of its own beside its checkpoint, which never changes:
``manifest/checkpoints/NNNNNNNNNN.w-<16 hex of its SHA-256>.cosig``. Only what verifies
is kept. Nothing here is an entry; the manifest does not depend on it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.case import LOCK, SETTINGS, Case, unreadable
from evidence.witness_errors import CosignatureRefusedError
from manifests import durable, ledger
from manifests.checkpoint import Checkpoint, is_signed_by, read_checkpoint
from manifests.cosignature import Cosigner
from manifests.durable import SYSTEM, System
from manifests.errors import BrokenManifestError, MalformedError
from manifests.keys import KeyId, PublicKey
from manifests.lock import WriterLock
from manifests.merkle import consistency_proof, tree_root
from manifests.note import MAX_NOTE_BYTES, NoteSignature, SignedNote, read_note
from manifests.standing import Standing
from manifests.verifying.heads import (
    COSIGNATURES,
    MAX_COMPANION_BYTES,
    MAX_COMPANIONS,
    read_cosignatures,
)
from manifests.verifying.witnesses import Witness
from manifests.witnessing import MAX_BLOCKS, write_cosignatures, write_request

_NOTE = re.compile(r"([0-9]{10})\.note")
_COSIGNATURES = re.compile(r"([0-9]{10})\.[a-z0-9\-]{1,64}\.cosig")
_KNOWN = 24  # sizes that were cosigned, or sent, before others are thought of
_NEWEST = 8  # checkpoints for which a proof is always sent along
_MAX_SETTINGS = 1 << 16


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint of the case: the note's bytes and what they say."""

    note: bytes
    signed: SignedNote
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        """Number of entries covered."""
        return self.checkpoint.size


@dataclass(frozen=True, slots=True)
class Leaves:
    """The log up to its newest checkpoint, ready to prove things to witnesses.

    Attributes:
        leaves: leaf hashes of the entries `head` covers.
        keys: keys of the case that signed the newest checkpoint.
        enrolled: ids of every key the case ever allowed.
    """

    head: Head
    leaves: list[bytes]
    keys: tuple[PublicKey, ...]
    enrolled: frozenset[KeyId]

    def prove(self, old: int) -> list[bytes]:
        """Return the consistency proof from `old` entries to the head.

        Raises:
            MalformedError: there are not so many entries.
        """
        if not 0 <= old <= self.head.size:
            reason = f"the newest checkpoint covers {self.head.size} entries"
            raise MalformedError(what=f"the old size {old}", reason=reason)
        return consistency_proof(self.leaves, old) if old else []


def heads(case: Case) -> Iterator[Head]:
    """Yield the case's checkpoints, the newest first.

    Raises:
        CaseUnreadableError, MalformedError: one cannot be read.
    """
    for name in sorted(_names(case, _NOTE), reverse=True):
        yield read_head(_read(case, name, MAX_NOTE_BYTES))


def read_head(note: bytes) -> Head:
    """Read a checkpoint note.

    Raises:
        MalformedError: it is none.
    """
    signed = read_note(note)
    return Head(note, signed, read_checkpoint(signed.text))


def newest_head(case: Case) -> Head:
    """Return the newest checkpoint.

    Raises:
        BrokenManifestError: there is none.
    """
    for head in heads(case):
        return head
    raise BrokenManifestError(entry=0, reason="no checkpoint covers it")


def read_leaves(case: Case) -> Leaves:
    """Read the log and compare it with its newest checkpoint.

    Raises:
        BrokenManifestError: a witness would take it for a fork.
        CaseUnreadableError, MalformedError: it cannot be read.
    """
    head = newest_head(case)
    leaves: list[bytes] = []
    standing = Standing(case.settings.origin)
    for entry in case.entries():
        if len(leaves) == head.size:
            break
        leaves.append(entry.leaf)
        if standing.decides(entry) or entry.type in standing.two_person:
            standing.take(entry)
    matches = len(leaves) == head.size and tree_root(leaves) == head.checkpoint.root
    if not matches or head.checkpoint.origin != case.settings.origin:
        reason = "the entries differ from the newest checkpoint"
        raise BrokenManifestError(entry=max(len(leaves) - 1, 0), reason=reason)
    in_force = [warrant.key for warrant in standing.in_force.values()]
    origin = case.settings.origin
    keys = tuple(key for key in in_force if is_signed_by(head.signed, origin, key))
    if not keys:
        reason = "the newest checkpoint is not signed by a key in force"
        raise BrokenManifestError(entry=head.size - 1, reason=reason)
    return Leaves(head, leaves, keys, frozenset({*standing.in_force, *standing.ended}))


def make_request(
    case: Case, olds: Sequence[int] = (), *, sent: Sequence[int] = ()
) -> tuple[bytes, Leaves]:
    """Return the request file for the newest checkpoint, and what it was made from.

    Args:
        olds: sizes a witness said it has seen last.
        sent: sizes of checkpoints that went to somebody who may have cosigned them
            without our having heard of it, the likeliest first.

    Raises:
        BrokenManifestError, MalformedError: it cannot be made.
    """
    log = read_leaves(case)
    cosigned = sorted(_sizes(case, _COSIGNATURES), reverse=True)
    newest = sorted(_sizes(case, _NOTE), reverse=True)[:_NEWEST]
    known = (*cosigned[:_KNOWN], *sent[:_KNOWN], *newest, *cosigned, *sent)
    held = [size for size in known if size <= log.head.size]
    chosen = list(dict.fromkeys([0, log.head.size, *olds, *held]))[:MAX_BLOCKS]
    proofs = {size: log.prove(size) for size in chosen}
    return write_request(log.head.note, proofs, log.keys), log


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a cosignature file.

    Attributes:
        size: entries of the checkpoint it belongs to.
        name: file beside the checkpoint; `new` is False when it was there before.
        held: (witness's label, POSIX time) of the cosignatures that were kept.
        strangers: number of lines by keys nobody named; they were left out.
    """

    size: int
    name: str
    new: bool
    held: tuple[tuple[str, int], ...]
    strangers: int


def add_cosignatures(
    case: Case,
    data: bytes,
    witnesses: Sequence[Witness],
    *,
    what: str,
    system: System = SYSTEM,
) -> Added:
    """Keep the cosignatures that verify, beside their checkpoint.

    Args:
        data: the file from the witness: signature lines of a note.
        witnesses: the keys they may be by.
        what: names the file in an error.

    Raises:
        MalformedError: it is no cosignature file.
        CosignatureRefusedError: nothing in it may be kept.
        CaseLockedError, StorageFailedError: it was not stored.
    """
    lines = read_cosignatures(data)
    claimed = {line: c for line in lines if (c := _claims(witnesses, line))}
    if not claimed:
        reason = f"it holds {len(lines)} by keys you did not name"
        raise CosignatureRefusedError(what=what, reason=reason)
    enrolled = read_leaves(case).enrolled
    for found in claimed.values():
        if any(w.key.id in enrolled for w, _ in found if isinstance(w.key, PublicKey)):
            reason = "it is by a key of this case, which witnesses nothing"
            raise CosignatureRefusedError(what=what, reason=reason)
    head, held = _place(case, claimed, what)
    kept = write_cosignatures([line for line in lines if line in held])
    name = f"{head.size:010d}.w-{sha256(kept).hexdigest()[:16]}{COSIGNATURES}"
    with WriterLock(case.path / LOCK):
        new = name not in _names(case, _COSIGNATURES)
        beside = [n for n in _names(case, _COSIGNATURES) if n[:10] == name[:10]]
        if new and len(beside) >= MAX_COMPANIONS // 2:
            reason = "too many stand beside this checkpoint"
            raise CosignatureRefusedError(what=what, reason=reason)
        if new:
            path = case.manifest / ledger.CHECKPOINTS / name
            durable.write_new(path, kept, system=system)
    told = tuple(dict.fromkeys(held.values()))
    return Added(head.size, name, new, told, len(lines) - len(claimed))


_Claims = list[tuple[Witness, Cosigner]]


def _claims(witnesses: Sequence[Witness], line: NoteSignature) -> _Claims:
    found = ((witness, witness.cosigner(line)) for witness in witnesses)
    return [(witness, cosigner) for witness, cosigner in found if cosigner is not None]


def _place(
    case: Case, claimed: dict[NoteSignature, _Claims], what: str
) -> tuple[Head, dict[NoteSignature, tuple[str, int]]]:
    """Find the checkpoint all claimed lines are over, and when they were made."""
    for head in heads(case):
        held = {
            line: told
            for line, found in claimed.items()
            if (told := _told(line, found, head)) is not None
        }
        if len(held) == len(claimed):
            return head, held
        if held:
            reason = "only some of its signatures hold"
            raise CosignatureRefusedError(what=what, reason=reason)
    reason = "it fits no checkpoint of this case"
    raise CosignatureRefusedError(what=what, reason=reason)


def _told(line: NoteSignature, found: _Claims, head: Head) -> tuple[str, int] | None:
    for witness, cosigner in found:
        time = cosigner.time_of(line, head.signed.text, head.checkpoint)
        if time >= 0:
            return witness.label, time
    return None


@dataclass(frozen=True, slots=True)
class Listed:
    """A cosignature in the case: `holds` is None when its key is not known here."""

    size: int
    file: str
    name: str
    key_id: str
    time: int
    holds: bool | None
    label: str = ""


def list_cosignatures(case: Case, witnesses: Sequence[Witness]) -> list[Listed]:
    """Return every cosignature beside the case's checkpoints, unjudged as a whole.

    Raises:
        CaseUnreadableError, MalformedError: one cannot be read.
    """
    by_size = {head.size: head for head in heads(case)}
    found: list[Listed] = []
    for file in sorted(_names(case, _COSIGNATURES)):
        size = int(file[:10])
        for line in read_cosignatures(_read(case, file, MAX_COMPANION_BYTES)):
            claims = _claims(witnesses, line)
            head = by_size.get(size)
            told = _told(line, claims, head) if head is not None else None
            holds = None if not claims else told is not None
            time = int.from_bytes(line.signature[:8], "big")
            label = told[0] if told is not None else ""
            item = Listed(size, file, line.name, line.key_id.hex(), time, holds, label)
            found.append(item)
    return found


@dataclass(frozen=True, slots=True)
class Configured:
    """A ``[[witness]]`` table of ``custody.toml``; `key` is a verifier key."""

    name: str
    url: str = ""
    key: str = ""


def configured_witnesses(case: Case) -> list[Configured]:
    """Return the witnesses the case's settings name; a convenience, never trust.

    Raises:
        CaseUnreadableError, MalformedError: the settings cannot be used.
    """
    try:
        with (case.path / SETTINGS).open("rb") as stream:
            settings = tomllib.loads(stream.read(_MAX_SETTINGS).decode("utf-8"))
    except OSError as error:
        raise unreadable(SETTINGS, error) from error
    except (ValueError, RecursionError) as error:
        raise MalformedError(what=SETTINGS, reason="it is damaged") from error
    tables = settings.get("witness", [])
    if not isinstance(tables, list):
        raise MalformedError(what=SETTINGS, reason="its witness is no list of tables")
    return [_configured(table) for table in tables]


def _configured(table: object) -> Configured:
    texts = table if isinstance(table, dict) else {}
    values = [texts.get(name, "") for name in ("name", "url", "key")]
    if not all(isinstance(value, str) for value in values) or not values[0]:
        reason = "a witness in it has no name, or one of another form"
        raise MalformedError(what=SETTINGS, reason=reason)
    return Configured(*values)


def _sizes(case: Case, pattern: re.Pattern[str]) -> set[int]:
    return {int(name[:10]) for name in _names(case, pattern)}


def _names(case: Case, pattern: re.Pattern[str]) -> list[str]:
    try:
        names = [p.name for p in (case.manifest / ledger.CHECKPOINTS).iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(ledger.CHECKPOINTS, error) from error
    return [name for name in names if pattern.fullmatch(name)]


def _read(case: Case, name: str, limit: int) -> bytes:
    path: Path = case.manifest / ledger.CHECKPOINTS / name
    try:
        with ledger.open_plain(path) as stream:
            return stream.read(limit + 1)
    except OSError as error:
        raise unreadable(name, error) from error
