"""Opening an existing log to append: nothing is continued that does not hold.

Re-computes every leaf hash and refuses to go on from a log that does not match its
newest checkpoint: nobody extends a manifest somebody altered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from manifests import durable
from manifests.checkpoint import Checkpoint, is_signed_by, read_checkpoint
from manifests.durable import SYSTEM, System
from manifests.entries import (
    MAX_LINE_BYTES,
    Entry,
    body_bytes,
    glance_entry,
    pre_authentication_encoding,
    read_entry,
)
from manifests.errors import (
    BrokenManifestError,
    KeyNotInForceError,
    MalformedError,
)
from manifests.keys import KeyId, PublicKey
from manifests.ledger import (
    CHECKPOINTS,
    ENTRIES,
    QUARANTINE,
    Ledger,
    TornTail,
    admit,
    open_plain,
    read_lines,
)
from manifests.note import MAX_NOTE_BYTES, SignedNote, read_note

_CHECKPOINT = re.compile(r"[0-9]{10}\.note")
NOT_ENROLLED = "it was never enrolled"


def open_to_append(
    folder: Path,
    origin: str,
    *,
    key: PublicKey,
    known: Sequence[Checkpoint] = (),
    observe: Callable[[Entry], None] = lambda _entry: None,
    system: System = SYSTEM,
) -> Ledger:
    """Open an existing log for writing, quarantining an incomplete last line.

    What the newest checkpoint covers is compared with its root, and its signature
    must be by a key in force there. Entries after it (a command was interrupted), and
    those that change who may sign, are read strictly and their signatures verified.
    So nobody's forgery is ever extended and vouched for.

    Args:
        key: who wants to append; the key must be in force after the last entry.
        known: heads the caller knows from elsewhere; the log must extend them.
        observe: is shown every entry in order, so that the log is read only once.

    Raises:
        KeyNotInForceError: `key` may not append here; nothing is written.
        BrokenManifestError: the log does not match its newest checkpoint or a known
            head, or breaks its own chain; nothing is written then.
        OSError: the log cannot be read; nothing is written.
        StorageFailedError: an incomplete last line could not be set aside.
    """
    ledger = Ledger(folder, origin, system)
    path = folder / ENTRIES
    signed, newest = _newest_checkpoint(folder, origin)
    heads = {head.size: head for head in known}
    good_bytes, tail = 0, b""
    for line in read_lines(path):
        if not line.endswith(b"\n"):
            tail = line
            break
        observe(_take(ledger, line[:-1], strict=ledger.size >= newest.size))
        good_bytes += len(line)
        if ledger.size == newest.size:
            _compare(ledger, newest)
            _check_signed(ledger, signed)
        if ledger.size in heads:
            _compare_known(ledger, heads.pop(ledger.size))
    end = path.stat().st_size
    if ledger.size < newest.size:
        raise BrokenManifestError(
            entry=ledger.size, reason="entries that were checkpointed are missing"
        )
    if heads:
        raise BrokenManifestError(
            entry=ledger.size, reason="entries you have vouched for are missing"
        )
    if tail and end - good_bytes > MAX_LINE_BYTES:
        raise BrokenManifestError(entry=ledger.size, reason="a line is too long")
    if key.id not in ledger.standing.in_force:
        ended = key.id in ledger.standing.ended
        reason = "it was revoked or replaced" if ended else NOT_ENROLLED
        raise KeyNotInForceError(key=key.id, reason=reason)
    ledger.newest_checkpoint = newest.size
    # A writer that was killed leaves a line, or a cut, visible but maybe not stored. A
    # checkpoint, or a payload moved away, must not rest on it before it is.
    durable.sync_file(path, system=system)
    if tail:
        ledger.torn = _quarantine(ledger, path, good_bytes, tail)
    return ledger


def _take(ledger: Ledger, line: bytes, *, strict: bool) -> Entry:
    """Add a stored line to the state; its place in the chain must be right.

    Args:
        strict: verify form and signature; False when a checkpoint covers the line
            (an entry that changes who may sign is verified all the same).
    """
    try:
        entry = glance_entry(line)
        strict = strict or ledger.standing.decides(entry)
        if strict:
            entry = read_entry(line)
        # A glance does not look at every member: each that is used is read here.
        time, kind, facts = entry.time, entry.type, entry.facts
    except MalformedError as error:
        raise BrokenManifestError(entry=ledger.size, reason=error.what) from error
    if entry.seq != ledger.size or entry.body.get("prev") != ledger.last_leaf:
        raise BrokenManifestError(
            entry=ledger.size, reason="it does not follow the entry before"
        )
    if entry.body.get("log") != ledger.origin:
        raise BrokenManifestError(
            entry=ledger.size, reason="it belongs to another manifest"
        )
    if strict or ledger.standing.needs_second(kind, facts):
        _apply(ledger, entry, strict=strict)
    leaf = entry.leaf
    ledger.frontier.append(leaf)
    ledger.last_leaf = leaf.hex()
    ledger.last_time = time
    return entry


def _apply(ledger: Ledger, entry: Entry, *, strict: bool) -> None:
    """Let a stored entry change who may sign, once its own signature is right."""
    standing = ledger.standing  # no copy: whatever does not hold ends the opening
    try:
        if entry.seq == 0:
            standing.take(entry)  # the founder is in force from this entry on
        warrant = standing.in_force.get(KeyId(entry.actor))
        if strict and (warrant is None or not _is_signed(entry, warrant.key)):
            reason = "its signature is not by a key in force"
            raise BrokenManifestError(entry=entry.seq, reason=reason)
        if strict and entry.seq and warrant is not None:
            admit(standing, entry, warrant.key)
        elif entry.seq:
            standing.take(entry)
    except (MalformedError, KeyNotInForceError) as error:
        reason = error.what.rstrip(".")
        raise BrokenManifestError(entry=entry.seq, reason=reason) from error


def _is_signed(entry: Entry, key: PublicKey) -> bool:
    message = pre_authentication_encoding(body_bytes(entry.line))
    return entry.actor == key.id and all(
        name == key.id and key.is_signed(message, signature)
        for name, signature in entry.signatures
    )


def _newest_checkpoint(folder: Path, origin: str) -> tuple[SignedNote, Checkpoint]:
    """Return the newest checkpoint; a case has one from its first entry on."""
    found = sorted(p.name for p in (folder / CHECKPOINTS).glob("*.note"))
    names = [name for name in found if _CHECKPOINT.fullmatch(name)]
    if not names:
        raise BrokenManifestError(entry=0, reason="no checkpoint covers it")
    try:
        with open_plain(folder / CHECKPOINTS / names[-1]) as stream:
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
    if newest.size < 1:
        reason = "the newest checkpoint covers nothing"
        raise BrokenManifestError(entry=0, reason=reason)
    return signed, newest


def _check_signed(ledger: Ledger, signed: SignedNote) -> None:
    """Refuse a checkpoint that no key in force after its last entry has signed."""
    warrants = ledger.standing.in_force.values()
    if not any(is_signed_by(signed, ledger.origin, w.key) for w in warrants):
        reason = "the newest checkpoint is not signed by a key in force"
        raise BrokenManifestError(entry=ledger.size, reason=reason)


def _compare_known(ledger: Ledger, head: Checkpoint) -> None:
    if ledger.root != head.root:
        reason = "the entries differ from those you have vouched for"
        raise BrokenManifestError(entry=ledger.size - 1, reason=reason)


def _compare(ledger: Ledger, newest: Checkpoint) -> None:
    if ledger.root != newest.root:
        raise BrokenManifestError(
            entry=ledger.size - 1, reason="the entries differ from the checkpoint"
        )


def _quarantine(ledger: Ledger, path: Path, good_bytes: int, tail: bytes) -> TornTail:
    digest = sha256(tail).hexdigest()
    name = f"entry-{ledger.size:010d}-{digest[:16]}.torn"
    target = ledger.folder / QUARANTINE / name
    if target.exists():  # whole, but the name is only sure after a sync
        durable.sync_folder(target.parent, system=ledger.system)
    else:
        durable.write_new(target, tail, system=ledger.system)
    durable.truncate(path, good_bytes, system=ledger.system)
    return TornTail(name, len(tail), digest)
