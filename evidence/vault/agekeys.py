"""Age identities: those of people, of a case, of exhibits, and for recovery.

The age identity of a person with a key file is derived from the same 32-byte seed as
the signing key (HKDF), so that there is one secret and one passphrase. Who knows the
age identity has not learnt the seed. A key on a token gives no secret away: beside its
description stands ``age.identity``, which the age tool opens with its passphrase.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyrage
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from evidence.vault import bech32
from evidence.vault_errors import (
    AgeIdentityError,
    CiphertextError,
    NotARecipientError,
    RecipientRefusedError,
)
from manifests import canonical
from manifests.canonical import Json
from manifests.errors import MalformedError

MAX_KEY_FILE: Final = 64 << 10
FILE_NAME: Final = "age.identity"
_DERIVATION = b"custody age X25519 v1"
_PREFIX = "AGE-SECRET-KEY-"
_IDENTITY = re.compile(r"^(AGE-SECRET-KEY-1[A-Z0-9]{58})\s*$", re.MULTILINE)
_BINDING = "application/vnd.custody.recipient.v1+json"


def derived_identity(seed: bytes) -> str:
    """Return the age identity that belongs to an Ed25519 seed (32 bytes)."""
    secret = HKDF(SHA256(), 32, None, _DERIVATION).derive(seed)
    return bech32.encode(_PREFIX.lower(), secret).upper()


def new_identity() -> str:
    """Return a fresh age identity."""
    return str(pyrage.x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """Return the recipient of an age identity.

    Raises:
        MalformedError: it is not one.
    """
    secret = bech32.decode(identity, _PREFIX.lower())
    if len(secret) != 32:
        raise MalformedError(what="an age key", reason="it is not well formed")
    public = X25519PrivateKey.from_private_bytes(secret).public_key()
    return bech32.encode("age", public.public_bytes_raw())


def identity_file(identity: str, comment: str) -> bytes:
    """Return an identity as age-keygen writes it; `comment` is one line of ASCII."""
    text = f"# {comment}\n# public key: {recipient_of(identity)}\n{identity}\n"
    return text.encode("ascii")


def read_identities(data: bytes, name: str) -> list[str]:
    """Return the age identities in a file.

    Raises:
        AgeIdentityError: there are none.
    """
    found = _IDENTITY.findall(data[:MAX_KEY_FILE].decode("ascii", "replace"))
    try:
        for identity in found:
            recipient_of(identity)
    except MalformedError as error:
        raise AgeIdentityError(name=name, reason="it is damaged") from error
    if not found:
        raise AgeIdentityError(name=name, reason="it holds no AGE-SECRET-KEY-1...")
    return found


def read_identity_file(path: Path, passphrase: str | None = None) -> list[str]:
    """Return the age identities in a file, which may need a passphrase.

    Raises:
        AgeIdentityError: it cannot be read, or does not open.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_KEY_FILE)
    except OSError as error:
        raise AgeIdentityError(name=path.name, reason="unreadable") from error
    if not data.startswith(b"age-encryption.org/"):
        return read_identities(data, path.name)
    try:
        plain = pyrage.passphrase.decrypt(data, passphrase or "")
    except pyrage.DecryptError as error:
        reason = "the passphrase does not open it"
        raise AgeIdentityError(name=path.name, reason=reason) from error
    return read_identities(plain, path.name)


def protected(identity: str, comment: str, passphrase: str) -> bytes:
    """Return an identity file only a passphrase opens (age's own scrypt form)."""
    return bytes(
        pyrage.passphrase.encrypt(identity_file(identity, comment), passphrase)
    )


def wrap(data: bytes, recipients: Iterable[str]) -> bytes:
    """Return `data` as an age file for all `recipients`.

    Raises:
        RecipientRefusedError: one of them is none, or there are none.
    """
    try:
        keys = [pyrage.x25519.Recipient.from_str(text) for text in recipients]
    except pyrage.RecipientError as error:
        raise RecipientRefusedError(reason="it is not an age recipient") from error
    if not keys:
        raise RecipientRefusedError(reason="there would be nobody to decrypt")
    return bytes(pyrage.encrypt(data, keys))


def unwrap(data: bytes, identities: Iterable[str], *, file: str, name: str) -> bytes:
    """Return the plaintext of a small age file.

    Args:
        file, name: how errors name the file, and whose key it is.

    Raises:
        NotARecipientError: it is not for these identities.
        CiphertextError: it is damaged.
    """
    keys = [pyrage.x25519.Identity.from_str(text) for text in identities]
    try:
        return bytes(pyrage.decrypt(data, keys))
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise NotARecipientError(file=file, name=name) from error
        reason = "it is cut off, altered, or no age file"
        raise CiphertextError(file=file, reason=reason) from error


def binding(key: str, recipient: str) -> bytes:
    """Return what a signing key signs to name its holder's recipient (DSSE PAE).

    Without it whoever passes a public description on could put a recipient of their
    own into it, and would be given the keys of the case.
    """
    value: dict[str, Json] = {"key": key, "recipient": recipient}
    body = canonical.encode(value, what="a recipient")
    kind = _BINDING.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def encoded(signature: bytes) -> str:
    """Return a signature in base64."""
    return base64.b64encode(signature).decode("ascii")
