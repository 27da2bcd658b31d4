"""Public keys, key ids, and the seam through which signing keys are used.

A key id is the SHA-256 of the public key's SubjectPublicKeyInfo DER (RFC 8410), 64
lower-case hex digits: ``openssl pkey -pubin -outform DER | sha256sum`` shows the same.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import NewType, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from manifests.errors import MalformedError

KeyId = NewType("KeyId", str)

SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, id-Ed25519
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


def key_id(public: bytes) -> KeyId:
    """Return the id of a raw 32-byte Ed25519 public key."""
    return KeyId(sha256(SPKI_PREFIX + public).hexdigest())


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, raw (32 bytes)."""

    raw: bytes

    def __post_init__(self) -> None:
        """Refuse keys of another length."""
        if len(self.raw) != 32:
            raise MalformedError(what="a public key", reason="it is not 32 bytes")

    @property
    def id(self) -> KeyId:
        """The key id, 64 hex digits."""
        return key_id(self.raw)

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER, 44 bytes."""
        return SPKI_PREFIX + self.raw

    @property
    def text(self) -> str:
        """The SPKI in base64, as it stands in entries."""
        return base64.b64encode(self.spki).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """Read the base64 SPKI form.

        Raises:
            MalformedError: not base64, or not an Ed25519 SPKI.
        """
        try:
            spki = base64.b64decode(text.encode("ascii"), validate=True)
        except (ValueError, binascii.Error) as error:
            raise MalformedError(what="a public key", reason="not base64") from error
        if not spki.startswith(SPKI_PREFIX):
            raise MalformedError(what="a public key", reason="not an Ed25519 key")
        return cls(spki[len(SPKI_PREFIX) :])

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (64 bytes) over `message` verifies (RFC 8032).

        A signature whose scalar S is not below the group order is refused (RFC 8032
        5.1.7), so that a signature cannot be altered into another valid one.
        """
        if len(signature) != 64:
            return False
        if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """Whatever can sign: a key file now, tokens behind the same seam later."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`."""
        ...
