"""C2SP tlog-checkpoint v1.0.0: the signed head of a manifest.

Text: origin, decimal size, base64 root, one a line, then optional extension lines.
The signing key's name is the origin.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from manifests import note
from manifests.errors import MalformedError
from manifests.keys import PublicKey, Signer


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
    lines = text.decode("utf-8").split("\n")
    if len(lines) < 4 or lines[-1] != "" or not all(lines[:-1]):
        raise MalformedError(what="a checkpoint", reason="it lacks one of its lines")
    origin, size, root_text = lines[0], lines[1], lines[2]
    if not (size.isascii() and size.isdigit()) or (size[0] == "0" and size != "0"):
        raise MalformedError(what="a checkpoint", reason="its size is not a number")
    if len(size) > 15:
        raise MalformedError(what="a checkpoint", reason="its size is too large")
    try:
        root = base64.b64decode(root_text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedError(what="a checkpoint", reason="root not base64") from error
    if len(root) != 32 or base64.b64encode(root).decode("ascii") != root_text:
        raise MalformedError(what="a checkpoint", reason="its root is not 32 bytes")
    return Checkpoint(origin, int(size), root, tuple(lines[3:-1]))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the signed note of `checkpoint`, Ed25519 (type 0x01), key named origin."""
    identity = note.note_key_id(checkpoint.origin, signer.public.raw)
    signature = signer.sign(checkpoint.text)
    line = note.NoteSignature(checkpoint.origin, identity, signature)
    return note.write_note(checkpoint.text, [line])


def is_signed_by(signed: note.SignedNote, name: str, key: PublicKey) -> bool:
    """Tell whether one signature line of the note is by `key` under `name`."""
    identity = note.note_key_id(name, key.raw)
    return any(
        line.name == name
        and line.key_id == identity
        and key.is_signed(signed.text, line.signature)
        for line in signed.signatures
    )
