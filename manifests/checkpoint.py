"""C2SP tlog-checkpoint v1.0.0: the signed head of a manifest.

Text: origin, decimal size, base64 root, one a line, then optional extension lines.
The signing key's name is the origin.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from manifests import note
from manifests.canonical import base64_bytes
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


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the signed note of `checkpoint`, Ed25519 (type 0x01), key named origin.

    Raises:
        MalformedError: the origin cannot name a key, or the text would be read back
            as another checkpoint (a line break in the origin, a short root, ...).
    """
    if not note.is_name(checkpoint.origin):
        raise MalformedError(what="a checkpoint", reason="its origin is no key name")
    if read_checkpoint(checkpoint.text) != checkpoint:
        raise MalformedError(what="a checkpoint", reason="it reads differently")
    identity = note.note_key_id(checkpoint.origin, signer.public.raw)
    signature = signer.sign(checkpoint.text)
    line = note.NoteSignature(checkpoint.origin, identity, signature)
    return note.write_note(checkpoint.text, [line])


def is_signed_by(signed: note.SignedNote, name: str, key: PublicKey) -> bool:
    """Tell whether `key` signed the note under `name`.

    A line that names the key (name and id) and does not verify spoils the note, as
    the specification recommends, even beside a line that does.
    """
    identity = note.note_key_id(name, key.raw)
    lines = [
        line.signature
        for line in signed.signatures
        if line.name == name and line.key_id == identity
    ]
    return bool(lines) and all(key.is_signed(signed.text, line) for line in lines)
