"""A signing key from a fixed seed, behind the project's `Signer` seam; tests only."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from manifests.keys import PublicKey


@dataclass(frozen=True, slots=True)
class SeedSigner:
    """Signs with the Ed25519 key of a 32-byte seed (RFC 8032 5.1.5)."""

    seed: bytes

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> PublicKey:
        return PublicKey(self._private.public_key().public_bytes_raw())

    @property
    def post_quantum(self) -> None:
        return None

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)
