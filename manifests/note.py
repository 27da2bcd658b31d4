"""C2SP signed notes v1.0.0: a text and signatures over it, in readable bytes.

``<text ending in newline>`` ``<newline>`` then lines ``— <name> <base64(id || sig)>``.
A note key is named; its 4-byte id is SHA-256(name || 0x0A || type || public key)[:4].
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256

from manifests.canonical import base64_bytes
from manifests.errors import MalformedError

ED25519 = 0x01
MAX_NOTE_BYTES = 1 << 20
MAX_SIGNATURES = 64  # the specification asks for at least 16
_DASH = "— "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: key name, 4-byte key id, signature bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A parsed note; `text` are the exact bytes the signatures cover."""

    text: bytes
    signatures: tuple[NoteSignature, ...]


def note_key_id(name: str, public: bytes, *, kind: int = ED25519) -> bytes:
    """Return the 4-byte id of a note key."""
    return sha256(name.encode("utf-8") + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name: str, public: bytes, *, kind: int = ED25519) -> str:
    """Return the verifier-key text ``name+hexid+base64(type || public)``."""
    body = base64.b64encode(bytes([kind]) + public).decode("ascii")
    return f"{name}+{note_key_id(name, public, kind=kind).hex()}+{body}"


def read_vkey(text: str) -> tuple[str, int, bytes]:
    """Return (name, type, public key bytes) of a verifier key.

    Raises:
        MalformedError: not a verifier key, or its id does not match.
    """
    parts = text.split("+", 2)
    try:
        name, digest, body = parts
        raw = base64_bytes(body)
    except ValueError as error:
        raise MalformedError(what="a verifier key", reason="not its form") from error
    if not is_name(name) or len(raw) < 2:
        raise MalformedError(what="a verifier key", reason="not its form")
    if note_key_id(name, raw[1:], kind=raw[0]).hex() != digest:
        raise MalformedError(what="a verifier key", reason="its id does not match")
    return name, raw[0], raw[1:]


def is_name(name: str) -> bool:
    """Tell whether `name` can name a note key (no Unicode spaces, no plus)."""
    if any(c.isspace() or 0xD800 <= ord(c) <= 0xDFFF for c in name):
        return False
    return bool(name) and "+" not in name


def write_note(text: bytes, signatures: list[NoteSignature]) -> bytes:
    """Return the bytes of a note with these signatures.

    Args:
        text: valid UTF-8 ending in a newline, no other control characters.
        signatures: one to `MAX_SIGNATURES`.

    Raises:
        MalformedError: the note would not be read back as given.
    """
    lines = [
        f"{_DASH}{s.name} {base64.b64encode(s.key_id + s.signature).decode('ascii')}\n"
        for s in signatures
    ]
    try:
        data = text + b"\n" + "".join(lines).encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedError(what="a note", reason="a name is not text") from error
    if read_note(data) != SignedNote(text, tuple(signatures)):
        raise MalformedError(what="a note", reason="it would be read differently")
    return data


def read_note(data: bytes) -> SignedNote:
    """Split a note into text and signatures without verifying any.

    Raises:
        MalformedError: not the form the specification prescribes.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise MalformedError(what="a note", reason="it is too long")
    try:
        decoded = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(what="a note", reason="it is not UTF-8") from error
    if any(ord(c) < 0x20 and c != "\n" for c in decoded):
        raise MalformedError(what="a note", reason="it holds control characters")
    text, separator, tail = decoded.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise MalformedError(what="a note", reason="it has no signature block")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedError(what="a note", reason="it has too many signatures")
    return SignedNote(
        (text + "\n").encode("utf-8"), tuple(_read_signature(line) for line in lines)
    )


def _read_signature(line: str) -> NoteSignature:
    name, space, body = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_name(name):
        raise MalformedError(what="a note", reason="a signature line has not its form")
    try:
        raw = base64_bytes(body)
    except ValueError as error:
        raise MalformedError(
            what="a note", reason="a signature is not base64"
        ) from error
    if len(raw) < 5:
        raise MalformedError(what="a note", reason="a signature is too short")
    return NoteSignature(name, raw[:4], raw[4:])
