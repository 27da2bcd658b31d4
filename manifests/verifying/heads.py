"""Checkpoints as the verifier keeps them, with what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

from manifests.checkpoint import Checkpoint
from manifests.errors import MalformedError
from manifests.note import NoteSignature, SignedNote, read_note

COSIGNATURES = ".cosig"
TOKEN = ".tsr"  # noqa: S105 - a file suffix
CADES = ".p7s"
COMPANIONS = (COSIGNATURES, TOKEN, CADES)
MAX_COMPANION_BYTES = 1 << 16
MAX_COMPANIONS = 64  # of one checkpoint


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint that was compared with the log.

    Attributes:
        name: its file name; note: the file's bytes.
        signed: the note, parsed; checkpoint: what it says.
        holds: root and log signature are right.
        outside: it was kept outside the case.
        last_time: time of the last entry it covers, as written there.
        companions: (file name, bytes) of the files that belong to it.
    """

    name: str
    note: bytes
    signed: SignedNote
    checkpoint: Checkpoint
    holds: bool
    outside: bool
    last_time: str
    companions: tuple[tuple[str, bytes], ...] = ()

    @property
    def size(self) -> int:
        """Number of entries covered."""
        return self.checkpoint.size

    @property
    def tokens(self) -> tuple[tuple[str, bytes], ...]:
        """(file name, bytes) of its RFC 3161 tokens."""
        return self._of_kind(TOKEN)

    @property
    def cosignatures(self) -> tuple[tuple[str, bytes], ...]:
        """(file name, bytes) of its cosignature files."""
        return self._of_kind(COSIGNATURES)

    @property
    def cades(self) -> tuple[tuple[str, bytes], ...]:
        """(file name, bytes) of its CAdES signatures."""
        return self._of_kind(CADES)

    def _of_kind(self, suffix: str) -> tuple[tuple[str, bytes], ...]:
        return tuple(pair for pair in self.companions if pair[0].endswith(suffix))


def read_cosignatures(data: bytes) -> tuple[NoteSignature, ...]:
    """Read a cosignature file: signature lines of a note, without the note.

    Raises:
        MalformedError: not its form.
    """
    if not data or len(data) > MAX_COMPANION_BYTES:
        raise MalformedError(what="a cosignature file", reason="its size is not right")
    return read_note(b"-\n\n" + data).signatures
