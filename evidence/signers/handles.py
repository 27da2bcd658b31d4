"""An opened private key, wherever it is, and what it can sign.

`KeyHandle` is the narrow seam: the public key as SubjectPublicKeyInfo, and one
signature with SHA-256 (or pure Ed25519). `LogSigner` makes of it a signer of entries
and checkpoints, and looks at every signature before it is used: a token whose public
key does not belong to its private key, or whose arithmetic failed, is found here and
not in court.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from evidence.key_errors import KeyUnusableError
from manifests.errors import MalformedError
from manifests.keys import Algorithm, PublicKey, lower_half
from manifests.postquantum import PostQuantumSigner

MIN_RSA_BITS = 3072  # ENISA agreed mechanisms: RSA below 3,000 bits is legacy


class KeyKind(StrEnum):
    """Kinds of keys that sign here."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    RSA = "RSA"


class KeyHandle(Protocol):
    """An opened private key."""

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`.

        Ed25519: 64 bytes. P-256: DER of r and s, over SHA-256. RSA: PKCS #1 v1.5
        over SHA-256.
        """
        ...

    def close(self) -> None:
        """Let go of the key."""
        ...


def kind_of(spki: bytes) -> KeyKind | None:
    """Return the kind of a public key; None for one that signs nothing here."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if isinstance(key, Ed25519PublicKey):
        return KeyKind.ED25519
    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeyKind.P256 if isinstance(key.curve, ec.SECP256R1) else None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return KeyKind.RSA
    return None


def is_signature(spki: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether `signature` in the form of `KeyHandle.sign` verifies."""
    try:
        key = load_der_public_key(spki)
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


class LogSigner:
    """Signs entries and checkpoints with an Ed25519 or P-256 key behind a handle."""

    def __init__(self, handle: KeyHandle, *, name: str) -> None:
        self._handle = handle
        self._name = name
        try:
            self._public = PublicKey.from_spki(handle.spki)
        except MalformedError as error:
            reason = "it is neither an Ed25519 nor a P-256 key"
            raise KeyUnusableError(name=name, reason=reason) from error

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    @property
    def post_quantum(self) -> PostQuantumSigner | None:
        """None: no token signs with ML-DSA-44 yet."""
        return None

    def sign(self, message: bytes) -> bytes:
        """Return the signature in the one form `PublicKey.is_signed` takes.

        Raises:
            KeyUnusableError: what was signed does not verify with the public key.
            TokenFailedError: the token did not sign.
        """
        signature = self._handle.sign(message)
        if self._public.algorithm is Algorithm.P256:
            try:
                signature = lower_half(signature)
            except ValueError as error:
                reason = "its signature has not the form of one"
                raise KeyUnusableError(name=self._name, reason=reason) from error
        if not self._public.is_signed(message, signature):
            reason = "what it signed does not verify with its public key"
            raise KeyUnusableError(name=self._name, reason=reason)
        return signature
