"""Public keys, key ids, and the seam through which signing keys are used.

A key id is the SHA-256 of the public key's SubjectPublicKeyInfo DER (RFC 8410), 64
lower-case hex digits: ``openssl pkey -pubin -outform DER | sha256sum`` shows the same.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import NewType, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from manifests.canonical import base64_bytes
from manifests.errors import MalformedError

KeyId = NewType("KeyId", str)

SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, id-Ed25519
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_FIELD = 2**255 - 19
# y of the points of order 1, 2, 4 and 8: with such a key one signature fits many
# messages, so it binds its holder to none of them.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)


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
            spki = base64_bytes(text)
        except ValueError as error:
            raise MalformedError(what="a public key", reason="not base64") from error
        if not spki.startswith(SPKI_PREFIX):
            raise MalformedError(what="a public key", reason="not an Ed25519 key")
        return cls(spki[len(SPKI_PREFIX) :])

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (64 bytes) over `message` verifies (RFC 8032).

        A signature whose scalar S is not below the group order is refused (RFC 8032
        5.1.7), so that a signature cannot be altered into another valid one. A key
        of small order, or not in its canonical encoding (5.1.3), verifies nothing.
        """
        y = int.from_bytes(self.raw, "little") & (2**255 - 1)
        if y >= _FIELD or y in _SMALL_ORDER_Y:
            return False
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
