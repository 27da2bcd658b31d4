"""Opening the private key a URI names, for the log or for a certificate's signature."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from evidence.key_errors import KeyUnusableError, WrongPassphraseError
from evidence.keyfile import is_encrypted, load_signer
from evidence.signers.handles import KeyHandle, LogSigner, kind_of
from evidence.signers.uri import FileUri, KeyUri
from manifests.keys import Signer

MAX_KEY_FILE = 16_384  # bytes
Ask = Callable[[str], str]


def open_signer(uri: KeyUri, ask: Ask, *, name: str) -> Signer:
    """Open a key that signs entries and checkpoints: Ed25519, or P-256 on a token.

    Args:
        ask: called with a text to show, returns the passphrase or PIN.
        name: whose key it is, for prompts and errors.

    Raises:
        KeyProblemError: it does not open, or is of another kind; see the classes
            in `evidence.errors`.
    """
    if isinstance(uri, FileUri):
        pem = read_key_file(uri.path, name=name)
        passphrase = ask(name) if is_encrypted(pem) else None
        return load_signer(pem, passphrase, name=name)
    key = open_key(uri, ask, name=name)
    try:
        return LogSigner(key, name=name)
    except KeyUnusableError:
        key.close()
        raise


def open_key(uri: KeyUri, ask: Ask, *, name: str) -> KeyHandle:
    """Open any key that signs here: Ed25519, P-256, RSA of 3,072 bits or more.

    Raises:
        As `open_signer`.
    """
    if not isinstance(uri, FileUri):
        from evidence.signers.tokens import open_token_key

        return open_token_key(uri, ask, name=name)
    pem = read_key_file(uri.path, name=name)
    secret = ask(name).encode("utf-8") if is_encrypted(pem) else None
    if secret == b"":
        raise WrongPassphraseError(name=name)
    try:
        return FileKey(load_pem_private_key(pem, secret), name=name)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if secret is not None:
            raise WrongPassphraseError(name=name) from error
        raise KeyUnusableError(name=name, reason="the file is damaged") from error


def read_key_file(path: Path, *, name: str) -> bytes:
    """Return the bytes of a key file that only its owner may read.

    Raises:
        KeyUnusableError: unreadable, too large, or open to others.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(MAX_KEY_FILE + 1) if stat.S_ISREG(mode) else b""
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unreadable"
        raise KeyUnusableError(name=name, reason=reason) from error
    if not stat.S_ISREG(mode):
        raise KeyUnusableError(name=name, reason="its file is not a regular file")
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        reason = "its file is open to other users (chmod 600 it)"
        raise KeyUnusableError(name=name, reason=reason)
    if len(data) > MAX_KEY_FILE:
        raise KeyUnusableError(name=name, reason="the file is too large")
    return data


class FileKey:
    """A private key from a file, held in memory while a command runs."""

    def __init__(self, private: object, *, name: str) -> None:
        known = (Ed25519PrivateKey, ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)
        reason = "it is neither Ed25519 nor P-256, nor RSA of 3,072 bits or more"
        if not isinstance(private, known):
            raise KeyUnusableError(name=name, reason=reason)
        self._private = private
        self._spki = private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        if kind_of(self._spki) is None:
            raise KeyUnusableError(name=name, reason=reason)

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        return self._spki

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message` (`KeyHandle.sign`)."""
        private = self._private
        if isinstance(private, Ed25519PrivateKey):
            return private.sign(message)
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return private.sign(message, ec.ECDSA(hashes.SHA256()))

    def close(self) -> None:
        """Nothing to let go of."""
