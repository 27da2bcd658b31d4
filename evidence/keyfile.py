"""Private keys as files: PKCS#8 PEM, encrypted with a passphrase.

Encryption is PBES2 (RFC 8018) with PBKDF2-HMAC-SHA-256 and AES-256-CBC, which openssl
and every PKCS#8 reader opens. The library's own default of 2,048 rounds suits random
secrets, not what people remember, so the container is built here with `ROUNDS`.

The ML-DSA-44 key beside an Ed25519 key is derived from the same 32-byte seed (HKDF),
so there is one secret to keep; so are the age identity and the P-256 key of a
self-issued certificate, each under a label of its own. Who recovers the Ed25519 scalar
from the public key has not recovered the seed: the scalar is half of the seed's SHA-512
(RFC 8032 5.1.5).
"""

from __future__ import annotations

import base64
import secrets
import textwrap

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from evidence.key_errors import KeyUnusableError, WrongPassphraseError
from manifests.keys import PostQuantumKey, PublicKey
from manifests.postquantum import is_available

ROUNDS = 1_000_000
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("300c06082a864886f70d02090500")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_MAX_KEY_FILE = 16_384
_DERIVATION = b"custody ML-DSA-44 v1"
_CERTIFICATE_DERIVATION = b"custody X.509 P-256 v1"
# SP 800-186 3.2.1.3
_P256_ORDER = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _encrypt(plain: bytes, passphrase: bytes) -> bytes:
    """Return the EncryptedPrivateKeyInfo (RFC 5958) of a PKCS#8 key."""
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(16)
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, ROUNDS).derive(passphrase)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    data = encryptor.update(padder.update(plain) + padder.finalize())
    data += encryptor.finalize()
    rounds = _der(0x02, ROUNDS.to_bytes(3, "big"))
    kdf = _der(0x30, _PBKDF2, _der(0x30, _der(0x04, salt), rounds, _HMAC_SHA256))
    cipher = _der(0x30, _AES_256_CBC, _der(0x04, iv))
    return _der(0x30, _der(0x30, _PBES2, _der(0x30, kdf, cipher)), _der(0x04, data))


class DerivedPostQuantum:
    """The ML-DSA-44 private key that belongs to an Ed25519 seed."""

    def __init__(self, seed: bytes) -> None:
        derived = HKDF(hashes.SHA512(), 32, None, _DERIVATION).derive(seed)
        self._private = MLDSA44PrivateKey.from_seed_bytes(derived)
        self._public = PostQuantumKey(self._private.public_key().public_bytes_raw())

    @property
    def public(self) -> PostQuantumKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the 2,420-byte signature over `message`, empty context."""
        return self._private.sign(message)


class FileSigner:
    """An Ed25519 private key held in memory while a command runs."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._public = PublicKey(raw)
        self._post_quantum: DerivedPostQuantum | None = None

    @property
    def post_quantum(self) -> DerivedPostQuantum | None:
        """The ML-DSA-44 key; None where this installation has no ML-DSA."""
        if self._post_quantum is None and is_available():
            seed = self._private.private_bytes_raw()
            self._post_quantum = DerivedPostQuantum(seed)
        return self._post_quantum

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`."""
        return self._private.sign(message)

    @property
    def age_identity(self) -> str:
        """The age identity of the same person (see `evidence.vault.agekeys`)."""
        from evidence.vault.agekeys import derived_identity

        return derived_identity(self._private.private_bytes_raw())

    @property
    def certificate_key(self) -> ec.EllipticCurvePrivateKey:
        """The P-256 key for a certificate (see `evidence.selfissued`)."""
        return derived_certificate_key(self._private.private_bytes_raw())

    def to_pem(self, passphrase: str | None) -> bytes:
        """Return the PKCS#8 PEM; encrypted unless `passphrase` is None."""
        if passphrase is None:
            return self._private.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
        plain = self._private.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        der = _encrypt(plain, passphrase.encode("utf-8"))
        body = textwrap.fill(base64.b64encode(der).decode("ascii"), 64)
        label = "ENCRYPTED PRIVATE KEY"
        return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


def derived_certificate_key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key that belongs to an Ed25519 seed (32 bytes).

    128 bits more than the order has, so that the remainder is even enough (FIPS 186-5
    A.2.1 asks for 64).
    """
    derived = HKDF(hashes.SHA512(), 48, None, _CERTIFICATE_DERIVATION).derive(seed)
    scalar = int.from_bytes(derived, "big") % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def new_signer() -> FileSigner:
    """Return a signer with a fresh key."""
    return FileSigner(Ed25519PrivateKey.generate())


def is_encrypted(pem: bytes) -> bool:
    """Tell whether a PEM needs a passphrase."""
    return b"ENCRYPTED" in pem.partition(b"\n")[0]


def load_signer(pem: bytes, passphrase: str | None, *, name: str) -> FileSigner:
    """Return the signer in a PKCS#8 PEM.

    Raises:
        WrongPassphraseError: it does not open with `passphrase`.
        KeyUnusableError: damaged, or not Ed25519.
    """
    if len(pem) > _MAX_KEY_FILE:
        raise KeyUnusableError(name=name, reason="the file is too large")
    secret = passphrase.encode("utf-8") if is_encrypted(pem) and passphrase else None
    if is_encrypted(pem) and secret is None:
        raise WrongPassphraseError(name=name)
    try:
        private = load_pem_private_key(pem, secret)
    except (ValueError, TypeError) as error:
        if secret is not None:
            raise WrongPassphraseError(name=name) from error
        raise KeyUnusableError(name=name, reason="the file is damaged") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusableError(name=name, reason="it is not an Ed25519 key")
    return FileSigner(private)
