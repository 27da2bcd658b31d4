"""C2SP tlog-checkpoint v1.0.0: the signed head of a manifest.

Text: origin, decimal size, base64 root, one a line, then optional extension lines.
The signing key's name is the origin. Signature lines: Ed25519 (type 0x01) or P-256
(0x02), and ML-DSA-44 (0x06, without a statement of time) where the signer has one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from manifests import note
from manifests.canonical import base64_bytes
from manifests.cosignature import Cosigner, post_quantum_line
from manifests.errors import MalformedError
from manifests.keys import Algorithm, PostQuantumKey, PublicKey, Signer
from manifests.postquantum import is_available


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Head of a log: `size` entries with RFC 6962 `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """The note text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode("utf-8")


def read_checkpoint(text: bytes) -> Checkpoint:
    """Read the text of a checkpoint note.

    Raises:
        MalformedError: not the form the specification prescribes.
    """
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError(what="a checkpoint", reason="it is not UTF-8") from error
    if len(lines) < 4 or lines[-1] != "" or not all(lines[:-1]):
        raise MalformedError(what="a checkpoint", reason="it lacks one of its lines")
    origin, size, root_text = lines[0], lines[1], lines[2]
    if not (size.isascii() and size.isdigit()) or (size[0] == "0" and size != "0"):
        raise MalformedError(what="a checkpoint", reason="its size is not a number")
    if len(size) > 15:
        raise MalformedError(what="a checkpoint", reason="its size is too large")
    try:
        root = base64_bytes(root_text)
    except ValueError as error:
        raise MalformedError(what="a checkpoint", reason="root not base64") from error
    if len(root) != 32:
        raise MalformedError(what="a checkpoint", reason="its root is not 32 bytes")
    return Checkpoint(origin, int(size), root, tuple(lines[3:-1]))


def signature_id(name: str, key: PublicKey) -> bytes:
    """Return the 4-byte id of a log key in signature lines (C2SP signed-note)."""
    if key.algorithm is Algorithm.P256:
        return sha256(key.spki).digest()[:4]
    return note.note_key_id(name, key.raw)


def sign_checkpoint(
    checkpoint: Checkpoint, signer: Signer, *, post_quantum: bool = True
) -> bytes:
    """Return the signed note of `checkpoint`; the keys are named by the origin.

    Args:
        post_quantum: sign with the signer's ML-DSA-44 key, too, if it has one.

    Raises:
        MalformedError: the origin cannot name a key, or the text would be read back
            as another checkpoint (a line break in the origin, a short root, ...).
    """
    name = checkpoint.origin
    if not note.is_name(name):
        raise MalformedError(what="a checkpoint", reason="its origin is no key name")
    if read_checkpoint(checkpoint.text) != checkpoint:
        raise MalformedError(what="a checkpoint", reason="it reads differently")
    identity = signature_id(name, signer.public)
    lines = [note.NoteSignature(name, identity, signer.sign(checkpoint.text))]
    if post_quantum and signer.post_quantum is not None:
        lines.append(post_quantum_line(checkpoint, name, 0, signer.post_quantum))
    return note.write_note(checkpoint.text, lines)


def is_signed_by(signed: note.SignedNote, name: str, key: PublicKey) -> bool:
    """Tell whether `key` signed the note under `name`.

    A line that names the key (name and id) and does not verify spoils the note, as
    the specification recommends, even beside a line that does.
    """
    identity = signature_id(name, key)
    lines = [
        line.signature
        for line in signed.signatures
        if line.name == name and line.key_id == identity
    ]
    return bool(lines) and all(key.is_signed(signed.text, line) for line in lines)


class PostQuantum(StrEnum):
    """What became of the ML-DSA-44 signature on a checkpoint."""

    HOLDS = "holds"
    ABSENT = "absent"
    WRONG = "wrong"
    UNAVAILABLE = "unavailable"  # this installation cannot verify it


def post_quantum_status(
    signed: note.SignedNote, head: Checkpoint, key: PostQuantumKey
) -> PostQuantum:
    """Judge the ML-DSA-44 lines of `key` on a checkpoint, named by its origin."""
    cosigner = Cosigner(head.origin, key)
    lines = [line for line in signed.signatures if cosigner.names(line)]
    if not lines:
        return PostQuantum.ABSENT
    if not is_available():
        return PostQuantum.UNAVAILABLE
    good = all(cosigner.time_of(line, signed.text, head) >= 0 for line in lines)
    return PostQuantum.HOLDS if good else PostQuantum.WRONG
