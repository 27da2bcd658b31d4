"""Certificates beside an identity: for its own key, or for an organisation's seal.

``identities/<key id>/certificates/<first 16 hex of SHA-256>.pem`` holds a certificate
and its chain, all public; ``<same>.json`` beside it, written first, says where the
private key is when that is not the identity's own: at a URI (a seal on a token), or
derived from the identity's (`evidence.selfissued`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence.certificates import Certificate, check_usable, join, read_file
from evidence.identity import Identity, IdentityStore
from evidence.key_errors import (
    CertificateRefusedError,
    CertificateUnknownError,
    KeyUnusableError,
)
from evidence.keyfile import FileSigner
from evidence.signers.handles import KeyHandle, is_signature
from evidence.signers.opening import FileKey, open_key
from evidence.signers.uri import FileUri, KeyUri, parse_uri
from manifests import canonical, durable
from manifests.canonical import Json
from manifests.errors import MalformedError

FOLDER = "certificates"
ID_DIGITS = 16
_FORMAT = "custody-seal-key-1"
_DERIVED = "custody-derived-key-1"
_OF_IDENTITY = FileUri(Path("/"))  # stands for no file
_MAX_KEY_FILE = 16_384
_PROBE = b"custody: does this key belong to its certificate?\n"
Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate kept with an identity.

    Attributes:
        uri: where its key is; None when it is the identity's own.
        derived: its key is derived from the identity's.
    """

    certificate: Certificate
    uri: KeyUri | None
    derived: bool = False

    @property
    def id(self) -> str:
        """The first 16 hex digits of the certificate's SHA-256."""
        return self.certificate.sha256[:ID_DIGITS]


def add_certificate(
    store: IdentityStore,
    identity: Identity,
    path: Path,
    *,
    chain: Path | None = None,
    uri: KeyUri | None = None,
    ask: Ask,
) -> Certified:
    """Keep the certificate in the PEM file `path` with an identity.

    Args:
        chain: PEM of the certificates that lead towards its root.
        uri: where its private key is, when that is not the identity's key; the key
            is opened and signs once.
        ask: called for the passphrase or PIN of `uri`.

    Raises:
        CertificateRefusedError: it does not belong to the key, or cannot be used.
        KeyProblemError: the key of `uri` does not open.
        StorageFailedError: it could not be stored.
    """
    first, *others = read_file(path)
    if chain is not None:
        others += read_file(chain)
    certificate = join(first, others)
    check_usable(certificate)
    if uri is None and certificate.spki != identity.public.spki:
        reason = "it is for another key than the identity's (a seal needs --key URI)"
        raise CertificateRefusedError(reason=reason)
    if uri is not None:
        _prove(certificate, uri, ask, name=identity.name)
    return _keep(store, identity, Certified(certificate, uri))


def add_self_issued(
    store: IdentityStore,
    identity: Identity,
    *,
    at: datetime,
    years: int,
    named: bool,
    ask: Ask,
) -> Certified:
    """Make a certificate an identity issues to itself, and keep it.

    Raises:
        CertificateRefusedError: the identity's key is on a token or elsewhere.
        KeyProblemError: the identity's key does not open.
        StorageFailedError: it could not be stored.
    """
    from evidence.selfissued import self_issue

    signer = _own_signer(store, identity, ask)
    certificate = self_issue(identity, signer, at=at, years=years, named=named)
    return _keep(store, identity, Certified(certificate, None, derived=True))


def _own_signer(store: IdentityStore, identity: Identity, ask: Ask) -> FileSigner:
    if store.key_uri(identity) is not None:
        reason = "its key is on a token, or elsewhere; use a certificate for that key"
        raise CertificateRefusedError(reason=reason)
    signer = store.signer(identity, ask)
    assert isinstance(signer, FileSigner)  # noqa: S101 - not on a token
    return signer


def _keep(store: IdentityStore, identity: Identity, found: Certified) -> Certified:
    folder = store.folder(identity) / FOLDER
    if (folder / f"{found.id}.pem").exists():
        raise CertificateRefusedError(reason="the identity has it already")
    if not folder.exists():
        durable.make_folder(folder)
    value: dict[str, Json] = {}
    if found.uri is not None:
        value = {"format": _FORMAT, "uri": found.uri.text}
    elif found.derived:
        value = {"format": _DERIVED}
    if value:
        data = canonical.encode(value, what="a key URI") + b"\n"
        durable.write_new(folder / f"{found.id}.json", data)
    durable.write_new(folder / f"{found.id}.pem", found.certificate.to_pem())
    return found


def _prove(certificate: Certificate, uri: KeyUri, ask: Ask, *, name: str) -> None:
    key = open_key(uri, ask, name=name)
    try:
        if key.spki != certificate.spki:
            raise CertificateRefusedError(reason="it is for another key than --key's")
        if not is_signature(key.spki, _PROBE, key.sign(_PROBE)):
            reason = "what the key signed does not verify with it"
            raise CertificateRefusedError(reason=reason)
    finally:
        key.close()


def certificates_of(store: IdentityStore, identity: Identity) -> list[Certified]:
    """Return the certificates kept with an identity, by the file's name.

    Raises:
        CertificateRefusedError, KeyUnusableError: one is damaged.
    """
    folder = store.folder(identity) / FOLDER
    return [_read(path, identity) for path in sorted(folder.glob("*.pem"))]


def _read(path: Path, identity: Identity) -> Certified:
    leaf, *others = read_file(path)
    certificate = join(leaf, others)
    uri = _uri_beside(path, identity)
    derived = uri is _OF_IDENTITY
    found = Certified(certificate, None if derived else uri, derived=derived)
    if found.id != path.stem:
        raise CertificateRefusedError(reason=f"{path.name} is not what it is named")
    return found


def _uri_beside(path: Path, identity: Identity) -> KeyUri | None:
    """Return where a certificate's key is; `_OF_IDENTITY` where it is derived."""
    place = path.with_suffix(".json")
    if not os.path.lexists(place):
        return None
    try:
        data = place.read_bytes()
        value = canonical.decode_object(
            data.rstrip(b"\n"), what="a key URI", max_bytes=_MAX_KEY_FILE
        )
    except (OSError, MalformedError) as error:
        reason = f"{place.name} is damaged"
        raise KeyUnusableError(name=identity.name, reason=reason) from error
    if value == {"format": _DERIVED}:
        return _OF_IDENTITY
    uri = value.get("uri")
    if value.get("format") != _FORMAT or not isinstance(uri, str):
        raise KeyUnusableError(name=identity.name, reason=f"{place.name} is damaged")
    return parse_uri(uri)


def choose_certificate(
    store: IdentityStore, identity: Identity, wanted: str | None
) -> Certified:
    """Return the certificate whose SHA-256 begins with `wanted`, or the only one.

    Raises:
        CertificateUnknownError: not exactly one answers.
    """
    found = certificates_of(store, identity)
    if wanted is not None:
        start = wanted.casefold()
        found = [
            one
            for one in found
            if len(start) >= 8 and one.certificate.sha256.startswith(start)
        ]
    if len(found) != 1:
        raise CertificateUnknownError(
            count=len(found), name=identity.name, wanted=wanted or "no choice"
        )
    return found[0]


def open_certified(
    store: IdentityStore, identity: Identity, certified: Certified, ask: Ask
) -> KeyHandle:
    """Open the private key of a certificate.

    Raises:
        KeyProblemError: it does not open.
        CertificateRefusedError: the key there is not the certificate's any more.
    """
    key: KeyHandle
    if certified.derived:
        private = _own_signer(store, identity, ask).certificate_key
        key = FileKey(private, name=identity.name)
    else:
        uri = certified.uri or store.key_uri(identity)
        if uri is None:
            uri = FileUri(store.private_path(identity).absolute())
        key = open_key(uri, ask, name=identity.name)
    if key.spki != certified.certificate.spki:
        key.close()
        raise CertificateRefusedError(reason="its key is not there any more")
    return key
