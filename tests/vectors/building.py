"""Test keys, canonical JSON and the file form of a vector; used by generate.py."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "vectors.example/case-1"
PAYLOAD_TYPE = "application/vnd.custody.entry.v1+json"
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Key:
    """A key from a fixed seed; for tests only, never to be trusted."""

    def __init__(self, name: str) -> None:
        seed = sha256(b"custody test vectors v1, not secret: " + name.encode()).digest()
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.raw = self.private.public_key().public_bytes_raw()
        self.spki = bytes.fromhex("302a300506032b6570032100") + self.raw
        self.id = sha256(self.spki).hexdigest()
        self.text = base64.b64encode(self.spki).decode()

    @property
    def post_quantum(self) -> None:
        return None

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def note_id(self, name: str) -> bytes:
        return sha256(name.encode() + b"\n\x01" + self.raw).digest()[:4]

    def vkey(self, name: str) -> str:
        body = base64.b64encode(b"\x01" + self.raw).decode()
        return f"{name}+{self.note_id(name).hex()}+{body}"


EXAMINER, CUSTODIAN, STRANGER = Key("examiner"), Key("custodian"), Key("stranger")


@dataclass(frozen=True, slots=True)
class Vector:
    """One file. `name` begins with kind and verdict."""

    name: str
    fault: str
    comment: str
    data: bytes
    extra: tuple[tuple[str, str], ...] = field(default=())

    def file(self) -> bytes:
        kind, _, rest = self.name.partition("-")
        known = ("bad-signature", "unknown-key", "wrong-origin", "wrong-root")
        known += ("wrong-commitment", "wrong-answer", "malformed", "ok")
        verdict = next(word for word in known if rest.startswith(word))
        plain = _is_plain(self.data)
        body = self.data if plain else base64.b64encode(self.data) + b"\n"
        header = [
            ("expect", verdict),
            ("fault", self.fault),
            ("kind", kind),
            ("comment", self.comment),
            ("encoding", "text" if plain else "base64"),
            *self.extra,
        ]
        lines = "".join(f"{name}: {value}\n" for name, value in header)
        return lines.encode("ascii") + b"\n" + body


def _is_plain(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char == "\n" or char.isprintable() for char in text)


def pack(value: object) -> bytes:
    """RFC 8785 for values without floats and with ASCII keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def pae(body: bytes, kind: str = PAYLOAD_TYPE) -> bytes:
    """DSSE v1 pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def unused_bits(text: str, pads: int) -> str:
    """The same bytes in base64 with a bit set that no byte uses."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    place = len(text) - pads - 1
    char = alphabet[alphabet.index(text[place]) + 1]
    return text[:place] + char + text[place + 1 :]


def larger_scalar(sig: bytes) -> bytes:
    """The same R with S + group order: the classic second signature."""
    scalar = int.from_bytes(sig[32:], "little") + GROUP_ORDER
    return sig[:32] + scalar.to_bytes(32, "little")


def flipped(data: bytes, position: int, bit: int = 0) -> bytes:
    out = bytearray(data)
    out[position] ^= 1 << bit
    return bytes(out)
