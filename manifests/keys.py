"""Public keys, key ids, and the seam through which signing keys are used.

A key id is the SHA-256 of the public key's SubjectPublicKeyInfo DER (RFC 5280), 64
lower-case hex digits: ``openssl pkey -pubin -outform DER | sha256sum`` shows the same.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import NewType, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from manifests import ed25519
from manifests.canonical import base64_bytes
from manifests.errors import MalformedError
from manifests.postquantum import PostQuantumKey, PostQuantumSigner

KeyId = NewType("KeyId", str)


class Algorithm(StrEnum):
    """What may sign entries and checkpoints, as named in entries."""

    ED25519 = "ed25519"
    P256 = "ecdsa-p256"  # with SHA-256; for tokens that know no Ed25519


_P256 = Algorithm.P256  # looking up a member of an enum is slow
# SubjectPublicKeyInfo up to the key itself: RFC 8410 id-Ed25519; RFC 5480
# id-ecPublicKey with secp256r1, uncompressed point.
SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
P256_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_PREFIXES = {Algorithm.ED25519: SPKI_PREFIX, Algorithm.P256: P256_PREFIX}
_LENGTHS = {Algorithm.ED25519: 32, Algorithm.P256: 65}
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: Ed25519 (raw: 32 bytes) or P-256 (raw: uncompressed point)."""

    raw: bytes
    algorithm: Algorithm = Algorithm.ED25519

    def __post_init__(self) -> None:
        """Refuse keys of another length or form."""
        length = _LENGTHS[self.algorithm]
        if len(self.raw) != length:
            reason = f"it is not {length} bytes"
            raise MalformedError(what="a public key", reason=reason)
        if self.algorithm is Algorithm.P256:
            try:
                ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.raw)
            except ValueError as error:
                reason = "it is no point of P-256"
                raise MalformedError(what="a public key", reason=reason) from error

    @property
    def id(self) -> KeyId:
        """The key id, 64 hex digits."""
        return _key_id(self.spki)

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        return _PREFIXES[self.algorithm] + self.raw

    @property
    def text(self) -> str:
        """The SPKI in base64, as it stands in entries."""
        return base64.b64encode(self.spki).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """Read the base64 SPKI form.

        Raises:
            MalformedError: not base64, or not the SPKI of a key this format knows.
        """
        try:
            spki = base64_bytes(text)
        except ValueError as error:
            raise MalformedError(what="a public key", reason="not base64") from error
        return cls.from_spki(spki)

    @classmethod
    def from_spki(cls, spki: bytes) -> PublicKey:
        """Read the DER SPKI form.

        Raises:
            MalformedError: not the SPKI of a key this format knows.
        """
        for algorithm, prefix in _PREFIXES.items():
            if spki.startswith(prefix):
                return cls(spki[len(prefix) :], algorithm)
        reason = "neither an Ed25519 nor a P-256 key"
        raise MalformedError(what="a public key", reason=reason)

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether `signature` over `message` verifies, in its one valid form.

        Ed25519: as `manifests.ed25519` says.
        P-256: DER of r and s (RFC 3279 2.2.3), strictly encoded, s in the lower half
        of the group. So a signature cannot be altered into another valid one.

        Raises:
            SignatureLibraryError: nothing can be verified with this installation.
        """
        if self.algorithm is not _P256:
            return ed25519.is_signed(self.raw, message, signature)
        try:
            return self._is_signed_p256(message, signature)
        except (InvalidSignature, ValueError):
            return False

    def require_binding(self) -> None:
        """Refuse a key that no signature is accepted by, where a key is met.

        Such an Ed25519 key (`ed25519.is_weak`) would bind its holder to nothing.

        Raises:
            MalformedError: it is one. A P-256 key never is.
        """
        if self.algorithm is not _P256 and ed25519.is_weak(self.raw):
            reason = "it is of small order or not canonical, and can sign nothing"
            raise MalformedError(what="a public key", reason=reason)

    def _is_signed_p256(self, message: bytes, signature: bytes) -> bool:
        if not 8 <= len(signature) <= 72:
            return False
        r, s = decode_dss_signature(signature)
        if encode_dss_signature(r, s) != signature or not 0 < s <= _P256_ORDER // 2:
            return False
        key = _p256_key(self.raw)
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        return True


# A log has a few keys and very many signatures. The caches hold what follows from the
# raw bytes alone, so they cannot hand one key's object to another.


@lru_cache(maxsize=256)
def _key_id(spki: bytes) -> KeyId:
    return KeyId(sha256(spki).hexdigest())


@lru_cache(maxsize=256)
def _p256_key(raw: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def key_id(public: bytes) -> KeyId:
    """Return the id of a raw 32-byte Ed25519 public key."""
    return PublicKey(public).id


def lower_half(signature: bytes) -> bytes:
    """Return the P-256 signature (DER) in the one form `PublicKey.is_signed` takes.

    Raises:
        ValueError: it is no DER of r and s.
    """
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, _P256_ORDER - s))


class Signer(Protocol):
    """Whatever can sign: a key file, a token (PKCS#11), a test's key."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    @property
    def post_quantum(self) -> PostQuantumSigner | None:
        """The ML-DSA-44 key that signs checkpoints beside it; None without one."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message` in the form `PublicKey` verifies."""
        ...


__all__ = [
    "Algorithm",
    "KeyId",
    "PostQuantumKey",
    "PostQuantumSigner",
    "PublicKey",
    "Signer",
    "key_id",
    "lower_half",
]
