"""C2SP tlog-cosignature v1: what a witness, or a post-quantum key, says of a head.

A cosignature is a note signature line whose bytes are an 8-byte big-endian POSIX time
and a signature. Ed25519 (0x04) signs ``cosignature/v1``, ``time T`` and the note text;
ML-DSA-44 (0x06) signs a binary structure with name, time, origin, size and root. Time
0 (ML-DSA-44 only) makes no statement about when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manifests import note
from manifests.errors import MalformedError
from manifests.keys import Algorithm, PostQuantumKey, PublicKey, Signer
from manifests.postquantum import SIGNATURE_BYTES, PostQuantumSigner

if TYPE_CHECKING:
    from manifests.checkpoint import Checkpoint

ED25519_COSIGNATURE = 0x04
ML_DSA_44 = 0x06
_LABEL = b"subtree/v1\n\x00"
_MAX_TIME = 2**63 - 1


def classical_message(time: int, text: bytes) -> bytes:
    """Return what an Ed25519 cosigner signs over the note text `text`."""
    return b"cosignature/v1\ntime %d\n" % time + text


def post_quantum_message(name: str, time: int, head: Checkpoint) -> bytes:
    """Return what an ML-DSA-44 cosigner signs over `head`.

    Raises:
        MalformedError: name or origin are longer than 255 bytes.
    """
    fields = []
    for text in (name, head.origin):
        raw = text.encode("utf-8")
        if not 1 <= len(raw) <= 255:
            raise MalformedError(what="a cosignature", reason="a name is too long")
        fields.append(bytes([len(raw)]) + raw)
    cosigner, origin = fields
    return (
        _LABEL
        + cosigner
        + time.to_bytes(8, "big")
        + origin
        + bytes(8)
        + head.size.to_bytes(8, "big")
        + head.root
    )


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A cosigning key as a verifier knows it: its name in notes and its key."""

    name: str
    key: PublicKey | PostQuantumKey

    @property
    def kind(self) -> int:
        """Signature type byte."""
        post_quantum = isinstance(self.key, PostQuantumKey)
        return ML_DSA_44 if post_quantum else ED25519_COSIGNATURE

    @property
    def note_id(self) -> bytes:
        """The 4-byte key id in signature lines."""
        return note.note_key_id(self.name, self.key.raw, kind=self.kind)

    @property
    def vkey(self) -> str:
        """Verifier key text."""
        return note.vkey(self.name, self.key.raw, kind=self.kind)

    @classmethod
    def from_vkey(cls, text: str) -> Cosigner:
        """Read a verifier key of type 0x04 or 0x06.

        Raises:
            MalformedError: another type, or not a verifier key.
        """
        name, kind, raw = note.read_vkey(text)
        if kind == ED25519_COSIGNATURE:
            return cls(name, PublicKey(raw))
        if kind == ML_DSA_44:
            return cls(name, PostQuantumKey(raw))
        raise MalformedError(what="a verifier key", reason="it is no cosigner's")

    def names(self, line: note.NoteSignature) -> bool:
        """Tell whether a signature line claims to be this cosigner's."""
        return line.name == self.name and line.key_id == self.note_id

    def time_of(self, line: note.NoteSignature, text: bytes, head: Checkpoint) -> int:
        """Return the POSIX time of a cosignature that verifies; -1 if it does not.

        Args:
            text: the note text; `head` is what it says.
        """
        size = SIGNATURE_BYTES if isinstance(self.key, PostQuantumKey) else 64
        if len(line.signature) != 8 + size:
            return -1
        time = int.from_bytes(line.signature[:8], "big")
        if time > _MAX_TIME:
            return -1
        message = classical_message(time, text)
        if isinstance(self.key, PostQuantumKey):
            message = post_quantum_message(self.name, time, head)
        return time if self.key.is_signed(message, line.signature[8:]) else -1


def cosign(
    text: bytes, head: Checkpoint, *, name: str, time: int, signer: Signer
) -> list[note.NoteSignature]:
    """Return a witness's signature lines over a checkpoint: one for each of its keys.

    Raises:
        MalformedError: the key is not Ed25519 (C2SP knows no other classical form).
    """
    if signer.public.algorithm is not Algorithm.ED25519:
        raise MalformedError(what="a witness key", reason="it is not Ed25519")
    cosigner = Cosigner(name, signer.public)
    signature = signer.sign(classical_message(time, text))
    stamp = time.to_bytes(8, "big")
    lines = [note.NoteSignature(name, cosigner.note_id, stamp + signature)]
    if signer.post_quantum is not None:
        lines.append(post_quantum_line(head, name, time, signer.post_quantum))
    return lines


def post_quantum_line(
    head: Checkpoint, name: str, time: int, signer: PostQuantumSigner
) -> note.NoteSignature:
    """Return the ML-DSA-44 signature line over `head` under `name`."""
    signature = signer.sign(post_quantum_message(name, time, head))
    identity = Cosigner(name, signer.public).note_id
    return note.NoteSignature(name, identity, time.to_bytes(8, "big") + signature)
