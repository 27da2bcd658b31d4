"""From a time-stamping certificate to a root the verifier pins (RFC 5280 6.1).

What is checked here gives the reason in the verdict. Name constraints, path lengths
and unknown critical extensions are left to OpenSSL, which judges the same path again
(`timestamps._second_opinion`). Revocation is not checked: nothing in a token proves it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from manifests.errors import MalformedError
from manifests.verifying.der import INTEGER, SEQUENCE, only

_MAX_PATH = 8
_MAX_TRIES = 64  # signatures compared while looking for a path
_MAX_ROOTS = 1000
_MAX_ROOTS_BYTES = 1 << 20
_RSA_BITS, _EC_BITS = (2048, 16384), 256
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
# What reading a certificate of unknown origin can raise in `cryptography`.
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, OverflowError, KeyError)


@dataclass(frozen=True, slots=True)
class StampRoots:
    """Certificates the verifier trusts for time: given, never from the case.

    Attributes:
        roots: self-signed; every path must end in one of them.
        helpers: others given with them, which may stand in a path.
    """

    roots: tuple[x509.Certificate, ...]
    helpers: tuple[x509.Certificate, ...] = ()

    @classmethod
    def from_bytes(cls, *files: bytes) -> StampRoots:
        """Read files of certificates, PEM (any number each) or DER (one each).

        Raises:
            MalformedError: no certificates, or no self-signed one in any file.
        """
        found: dict[x509.Certificate, None] = {}
        for data in files:
            found.update(dict.fromkeys(_read_file(data)))
        roots = tuple(c for c in found if _is_issued(c, c))
        if files and not roots:
            reason = "no certificate in it is a self-signed root"
            raise MalformedError(what="a file of roots", reason=reason)
        return cls(roots, tuple(c for c in found if c not in roots))


def _read_file(data: bytes) -> list[x509.Certificate]:
    what = "a file of roots"
    if len(data) > _MAX_ROOTS_BYTES:
        raise MalformedError(what=what, reason="it is too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd serial numbers and the like
            if b"-----BEGIN" in data:
                found = x509.load_pem_x509_certificates(data)
            else:
                found = [x509.load_der_x509_certificate(data)]
    except _UNREADABLE as error:
        reason = "it holds no certificate, or a damaged one"
        raise MalformedError(what=what, reason=reason) from error
    if len(found) > _MAX_ROOTS:
        raise MalformedError(what=what, reason="it holds too many certificates")
    return found


def load(ders: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    """Return the embedded certificates that can be read, each once."""
    found: dict[x509.Certificate, None] = {}
    for der in ders:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of odd serial numbers and the like
                certificate = x509.load_der_x509_certificate(der)
                _ = certificate.extensions, certificate.subject, certificate.issuer
                _ = certificate.not_valid_after_utc, certificate.serial_number
        except _UNREADABLE:
            continue
        found[certificate] = None
    return tuple(found)


def serial_of(certificate: x509.Certificate) -> int:
    """Return the serial number; RFC 5280 wants it above 0, and some are not.

    Reading one that is not warns, which is nothing to show to whoever verifies.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return certificate.serial_number


def issuer_bytes(certificate: x509.Certificate) -> bytes:
    """Return the issuer's name as it is encoded in the certificate (RFC 5280 4.1).

    Raises:
        DerError: not the prescribed form.
    """
    fields = only(certificate.tbs_certificate_bytes, SEQUENCE).fields()
    fields.optional(0xA0)  # version
    fields.take(INTEGER)  # serial number
    fields.take(SEQUENCE)  # signature algorithm
    return fields.take(SEQUENCE).raw


def problem_of_purpose(tsa: x509.Certificate) -> str:
    """Return why `tsa` may not sign time stamps, "" when it may (RFC 3161 2.3)."""
    try:
        usage = tsa.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return "its certificate is not one for time stamping"
    if list(usage.value) != [Usage.TIME_STAMPING]:
        return "its certificate is for other purposes than time stamping"
    if not usage.critical:
        return "its certificate does not mark its purpose as critical"
    key_usage = _extension(tsa, x509.KeyUsage)
    if isinstance(key_usage, x509.KeyUsage) and not (
        key_usage.digital_signature or key_usage.content_commitment
    ):
        return "its certificate's key is not for signing"
    return ""


def weakness_of(certificate: x509.Certificate) -> str:
    """Return why a certificate's key is too weak, "" when it is not."""
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        return "a key of unknown kind"
    if isinstance(key, rsa.RSAPublicKey):
        good = _RSA_BITS[0] <= key.key_size <= _RSA_BITS[1]
        return "" if good else f"an RSA key of {key.key_size} bits"
    if isinstance(key, ec.EllipticCurvePublicKey):
        good = key.key_size >= _EC_BITS
        return "" if good else f"an elliptic-curve key of {key.key_size} bits"
    return ""


def weakness_of_signature(certificate: x509.Certificate) -> str:
    """Return why the issuer's signature on `certificate` is weak, "" when not."""
    try:
        method = certificate.signature_hash_algorithm
    except _UNREADABLE:
        return "a certificate signed in an unknown way"
    if method is None or isinstance(method, _STRONG):  # None: Ed25519 and the like
        return ""
    return f"a certificate signed over {method.name.upper()}"


def paths(
    tsa: x509.Certificate, embedded: tuple[x509.Certificate, ...], trust: StampRoots
) -> Iterator[list[x509.Certificate]]:
    """Yield every path from `tsa` to a pinned root whose signatures hold, bounded."""
    candidates = (*trust.roots, *trust.helpers, *embedded)
    open_paths, tries = [[tsa]], 0
    while open_paths:
        path = open_paths.pop()
        if path[-1] in trust.roots:
            yield path
            continue
        if len(path) == _MAX_PATH:
            continue
        for issuer in candidates:
            if issuer in path or issuer.subject != path[-1].issuer:
                continue
            tries += 1
            if tries > _MAX_TRIES:
                return
            if _is_issued(path[-1], issuer):
                open_paths.append([*path, issuer])


def problem_of_path(path: list[x509.Certificate]) -> str:
    """Return why an issuer in `path` may not issue, "" when all may."""
    for issuer in path[1:]:
        basic = _extension(issuer, x509.BasicConstraints)
        if isinstance(basic, x509.BasicConstraints):
            allowed = basic.ca
        else:  # old roots have no such extension; they are pinned by hand
            allowed = issuer is path[-1]
        usage = _extension(issuer, x509.KeyUsage)
        if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
            allowed = False
        purposes = _extension(issuer, x509.ExtendedKeyUsage)
        if isinstance(purposes, x509.ExtendedKeyUsage) and not (
            {Usage.TIME_STAMPING, Usage.ANY_EXTENDED_KEY_USAGE} & set(purposes)
        ):
            allowed = False
        if not allowed:
            return "a certificate in its chain may not issue certificates for this"
    return ""


def invalid_at(
    path: list[x509.Certificate], moment: datetime
) -> x509.Certificate | None:
    """Return the first certificate of `path` that was not valid at `moment`."""
    for certificate in path:
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not begin <= moment.replace(microsecond=0) <= end:
            return certificate
    return None


def _is_issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _extension(
    certificate: x509.Certificate, kind: type[x509.ExtensionType]
) -> x509.ExtensionType | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
