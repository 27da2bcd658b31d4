"""A checkpoint of a case together with the cosignatures and tokens beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from evidence.case import Case, unreadable
from evidence.errors import CheckpointUnknownError, ProofImpossibleError
from manifests import ledger
from manifests.checkpoint import Checkpoint, read_checkpoint
from manifests.errors import MalformedError
from manifests.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteSignature,
    SignedNote,
    read_note,
    write_note,
)
from manifests.proof import MAX_TOKEN_BYTES, MAX_TOKENS
from manifests.verifying.certificates import StampRoots
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.heads import (
    COSIGNATURES,
    MAX_COMPANION_BYTES,
    TOKEN,
    read_cosignatures,
)
from manifests.verifying.timestamps import judge_token
from manifests.verifying.verdict import Code


@dataclass(slots=True)
class Countersigned:
    """A checkpoint of the case, with the companions a proof can carry.

    Attributes:
        left_out: companions that could not be taken, with why.
    """

    note: bytes
    signed: SignedNote
    head: Checkpoint
    cosignatures: list[NoteSignature] = field(default_factory=list)
    tokens: list[tuple[str, bytes]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def merged(self) -> bytes:
        """Return the note with the cosignatures of its companions."""
        lines = [*self.signed.signatures, *self.cosignatures]
        return write_note(self.signed.text, lines)

    def cosign(self, name: str, data: bytes) -> None:
        """Take the lines of a cosignature file."""
        try:
            lines = read_cosignatures(data)
        except MalformedError as error:
            self.left_out.append(f"{name}: {error.what}")
            return
        for line in lines:
            present = (*self.signed.signatures, *self.cosignatures)
            if line in present:
                continue
            if line.name == self.head.origin:
                self.left_out.append(f"{name}: a line in it bears the log's own name")
            elif len(present) >= MAX_SIGNATURES:
                self.left_out.append(f"{name}: a note holds no more signatures")
            else:
                self.cosignatures.append(line)

    def stamp(self, name: str, data: bytes) -> None:
        """Take a time-stamp token; it covers the note without cosignatures.

        One that is no well-formed token can never hold, whatever root is relied on: it
        would only make the proof fail. Any other is for the verifier to judge.
        """
        own = all(line.name == self.head.origin for line in self.signed.signatures)
        if not own:
            reason = "it covers a note that others signed, too"
        elif not 0 < len(data) <= MAX_TOKEN_BYTES:
            reason = "its size is not right"
        elif len(self.tokens) >= MAX_TOKENS:
            reason = "a proof holds no more tokens"
        elif malformed := _malformed(data, self.note):
            reason = malformed
        else:
            self.tokens.append((name, data))
            return
        self.left_out.append(f"{name}: {reason}")


def _malformed(token: bytes, note: bytes) -> str:
    """Return why these bytes are no token at all, "" when they are one."""
    verdict = judge_token(token, note, StampRoots.from_bytes())
    is_none = verdict.code is Code.TIMESTAMP_MALFORMED
    return verdict.text.rstrip(".") if is_none else ""


def countersigned(case: Case, exhibit: str, at: int | None) -> Countersigned:
    """Read the checkpoint over `at` entries (None: the newest) and its companions.

    Args:
        exhibit: what is to be proved, for the words of an error.

    Raises:
        CheckpointUnknownError: there is none of that size.
        ProofImpossibleError: there is none at all, or it is not what it is named.
        MalformedError, CaseUnreadableError: it cannot be read.
    """
    folder = case.manifest / ledger.CHECKPOINTS
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise unreadable(ledger.CHECKPOINTS, error) from error
    notes = [name for name in names if re.fullmatch(r"[0-9]{10}\.note", name)]
    wanted = notes[-1] if notes and at is None else f"{at or 0:010d}.note"
    if at is not None and wanted not in notes:
        raise CheckpointUnknownError(size=at)
    if not notes:
        reason = "the case has no checkpoint"
        raise ProofImpossibleError(exhibit=exhibit, reason=reason)
    note = _read_plain(folder / wanted, MAX_NOTE_BYTES)
    signed = read_note(note)
    found = Countersigned(note, signed, read_checkpoint(signed.text))
    if f"{found.head.size:010d}.note" != wanted:
        raise ProofImpossibleError(
            exhibit=exhibit, reason=f"{wanted} is not the checkpoint it is named"
        )
    for name in names:
        if name.startswith(wanted[:11]) and is_companion(name):
            if name.endswith(COSIGNATURES):
                found.cosign(name, _read_plain(folder / name, MAX_COMPANION_BYTES))
            elif name.endswith(TOKEN):
                found.stamp(name, _read_plain(folder / name, MAX_TOKEN_BYTES))
    return found


def _read_plain(path: Path, limit: int) -> bytes:
    """Return at most one byte more than `limit` of a regular file."""
    try:
        with ledger.open_plain(path) as stream:
            return stream.read(limit + 1)
    except OSError as error:
        raise unreadable(path.name, error) from error
