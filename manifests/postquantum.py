"""ML-DSA-44 (FIPS 204), where the installed cryptography library has it.

It signs checkpoints beside the classical key (C2SP tlog-cosignature type 0x06), so
that the head of a log stays bound to its signer when quantum computers break the
other. An installation without it says so; nothing else depends on it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa

from manifests.canonical import base64_bytes
from manifests.errors import MalformedError

PUBLIC_BYTES = 1312
SIGNATURE_BYTES = 2420
SEED_BYTES = 32


@cache
def is_available() -> bool:
    """Tell whether this installation can make and verify ML-DSA-44 signatures."""
    try:
        mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(SEED_BYTES))
    except UnsupportedAlgorithm:  # pragma: no cover - an OpenSSL without it
        return False
    return True


@dataclass(frozen=True, slots=True)
class PostQuantumKey:
    """An ML-DSA-44 public key, raw (1,312 bytes)."""

    raw: bytes

    def __post_init__(self) -> None:
        """Refuse keys of another length."""
        if len(self.raw) != PUBLIC_BYTES:
            reason = f"it is not {PUBLIC_BYTES} bytes"
            raise MalformedError(what="an ML-DSA-44 key", reason=reason)

    @property
    def text(self) -> str:
        """The raw key in base64, as it stands in entries."""
        return base64.b64encode(self.raw).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the raw key, hex."""
        return sha256(self.raw).hexdigest()

    @classmethod
    def from_text(cls, text: str) -> PostQuantumKey:
        """Read the base64 form.

        Raises:
            MalformedError: not base64 of a key.
        """
        try:
            return cls(base64_bytes(text))
        except ValueError as error:
            raise MalformedError(
                what="an ML-DSA-44 key", reason="not base64"
            ) from error

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (2,420 bytes, empty context) verifies.

        False also where this installation has no ML-DSA: ask `is_available` first.
        """
        if not is_available() or len(signature) != SIGNATURE_BYTES:
            return False
        try:
            key = mldsa.MLDSA44PublicKey.from_public_bytes(self.raw)
            key.verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class PostQuantumSigner(Protocol):
    """Whatever holds an ML-DSA-44 private key."""

    @property
    def public(self) -> PostQuantumKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 2,420-byte signature over `message`, empty context."""
        ...
