"""X.509 certificates beside keys: reading them, and telling what they claim.

What a certificate says of itself (that it is qualified, that its key is in a certified
device) is a claim of its issuer. Whether it is true depends on trusted lists, on
revocation and on law; none of that is looked at here, so nothing here says "advanced"
or "qualified" as a finding of its own. Sources: RFC 5280, RFC 3739 3.2.6, ETSI EN
319 412-1, -3 and -5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from evidence.key_errors import CertificateRefusedError
from evidence.signers.handles import KeyKind, kind_of
from manifests.errors import MalformedError
from manifests.verifying.certificates import serial_of

_E = TypeVar("_E", bound=x509.ExtensionType)

MAX_FILE = 1 << 16  # bytes of a PEM file
MAX_CERTIFICATES = 10
_QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----"
)
_QC_TYPES = "0.4.0.1862.1.6"
# EN 319 412-5 4.2 and 4.3, with the words this tool shows for them.
_CLAIMS = {
    "0.4.0.1862.1.1": "qualified certificate (EU)",
    "0.4.0.1862.1.2": "limit on the value of transactions",
    "0.4.0.1862.1.3": "retention period of its issuer",
    "0.4.0.1862.1.4": "private key in a qualified device (QSCD)",
    "0.4.0.1862.1.5": "disclosure statement of its issuer",
    "0.4.0.1862.1.6.1": "for electronic signatures (esign)",
    "0.4.0.1862.1.6.2": "for electronic seals (eseal)",
    "0.4.0.1862.1.6.3": "for web sites (web)",
    "0.4.0.1862.1.7": "issued under the law of a country outside the EU",
}
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and the ones that lead towards its root, nearest first."""

    leaf: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        """The certificate's exact bytes."""
        return self.leaf.public_bytes(Encoding.DER)

    @property
    def sha256(self) -> str:
        """SHA-256 of the certificate, 64 hex digits."""
        return sha256(self.der).hexdigest()

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo of its key, DER."""
        key = self.leaf.public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def to_pem(self) -> bytes:
        """The certificate and its chain, PEM."""
        every = (self.leaf, *self.chain)
        return b"".join(one.public_bytes(Encoding.PEM) for one in every)


@dataclass(frozen=True, slots=True)
class Description:
    """What a certificate says, as text; `claims` are claims, nothing else.

    Attributes:
        organisation_id: organizationIdentifier (2.5.4.97), "" when none.
        usage: names of RFC 5280 key usages, none when the certificate does not say.
        claims: what its QcStatements say, in words, unknown ones by number.
    """

    sha256: str
    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    key: str
    usage: tuple[str, ...]
    organisation_id: str
    claims: tuple[str, ...]

    def fields(self) -> dict[str, object]:
        """The description as JSON members; times are UTC, RFC 3339."""
        return {
            "certificate_sha256": self.sha256,
            "subject": self.subject,
            "issuer": self.issuer,
            "serial": self.serial,
            "not_before": f"{self.not_before:%Y-%m-%dT%H:%M:%SZ}",
            "not_after": f"{self.not_after:%Y-%m-%dT%H:%M:%SZ}",
            "key": self.key,
            "key_usage": list(self.usage),
            "organisation_id": self.organisation_id,
            "claims": list(self.claims),
            "claims_proved": False,
        }


def read_file(path: Path) -> list[x509.Certificate]:
    """Read the certificates of a PEM file, or the one of a DER file.

    Raises:
        CertificateRefusedError: unreadable, too large, too many, or damaged.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as error:
        reason = f"its file cannot be read ({error.strerror})"
        raise CertificateRefusedError(reason=reason) from error
    return read_certificates(data)


def read_certificates(data: bytes) -> list[x509.Certificate]:
    """Read PEM certificates (text around them is passed over) or one in DER.

    Raises:
        CertificateRefusedError: too large, none, too many, or damaged.
    """
    if len(data) > MAX_FILE:
        raise CertificateRefusedError(reason="the file is too large")
    pems = _PEM.findall(data)
    if len(pems) > MAX_CERTIFICATES or data.count(b"-----BEGIN CERT") != len(pems):
        raise CertificateRefusedError(reason="too many certificates, or a damaged one")
    try:
        found = [x509.load_pem_x509_certificate(pem) for pem in pems]
        return found or [x509.load_der_x509_certificate(data)]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateRefusedError(reason="it is damaged or no X.509") from error


def read_roots(paths: Sequence[Path]) -> tuple[bytes, ...]:
    """Return the certificates of files as DER, for a verifier to rely on.

    Raises:
        MalformedError: a file holds none.
    """
    found: list[bytes] = []
    for path in paths:
        try:
            found += [one.public_bytes(Encoding.DER) for one in read_file(path)]
        except CertificateRefusedError as error:
            reason = str(error.facts["reason"])
            raise MalformedError(what=f"CA root {path}", reason=reason) from error
    return tuple(found)


def join(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> Certificate:
    """Put a certificate and those that lead towards its root in order.

    Raises:
        CertificateRefusedError: one of `others` does not lead there.
    """
    left, chain, last = list(others), [], leaf
    while left:
        issuer = next((one for one in left if _issued(last, one)), None)
        if issuer is None:
            reason = "the chain holds a certificate that did not issue another of it"
            raise CertificateRefusedError(reason=reason)
        left.remove(issuer)
        chain.append(issuer)
        last = issuer
    return Certificate(leaf, tuple(chain))


def _issued(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def check_usable(certificate: Certificate) -> KeyKind:
    """Return the kind of its key.

    Raises:
        CertificateRefusedError: it is a CA's, not for signatures, or of a kind of
            key that signs nothing here.
    """
    try:
        kind = kind_of(certificate.spki)
        constraints = _extension(certificate.leaf, x509.BasicConstraints)
        usage = _usage(certificate.leaf)
    except (ValueError, UnsupportedAlgorithm) as error:
        reason = "its key or an extension cannot be read"
        raise CertificateRefusedError(reason=reason) from error
    if kind is None:
        reason = "its key is neither Ed25519 nor P-256, nor RSA of 3,072 bits or more"
        raise CertificateRefusedError(reason=reason)
    if constraints is not None and constraints.ca:
        raise CertificateRefusedError(reason="it is the certificate of a CA")
    if usage and not {"digital_signature", "content_commitment"} & set(usage):
        raise CertificateRefusedError(reason="its key usage is not for signatures")
    return kind


def describe(certificate: x509.Certificate) -> Description:
    """Return what a certificate says of itself (unescaped text of its issuer).

    Raises:
        CertificateRefusedError: an extension is damaged.
    """
    whole = Certificate(certificate)
    try:
        kind = kind_of(whole.spki)
        return Description(
            sha256=whole.sha256,
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            serial=f"{serial_of(certificate):x}",
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            key=kind.value if kind is not None else "of another kind",
            usage=_usage(certificate),
            organisation_id=_organisation_id(certificate),
            claims=_claims(certificate),
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateRefusedError(reason="an extension is damaged") from error


def _extension(certificate: x509.Certificate, kind: type[_E]) -> _E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _usage(certificate: x509.Certificate) -> tuple[str, ...]:
    usage = _extension(certificate, x509.KeyUsage)
    if usage is None:
        return ()
    return tuple(name for name in _USAGES if getattr(usage, name))


def _organisation_id(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    return str(found[0].value) if found else ""


def _claims(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_oid(_QC_STATEMENTS)
    except x509.ExtensionNotFound:
        return ()
    value = extension.value
    if not isinstance(value, x509.UnrecognizedExtension):
        raise TypeError("QcStatements in another form")
    found: list[str] = []
    for oid, types in read_qc_statements(value.value):
        if oid == _QC_TYPES:
            found += [_CLAIMS.get(one, f"type {one}") for one in types]
        else:
            found.append(_CLAIMS.get(oid, f"statement {oid}"))
    return tuple(found)


def read_qc_statements(value: bytes) -> list[tuple[str, list[str]]]:
    """Read QcStatements (RFC 3739 3.2.6): (statement id, OIDs of a QcType) each.

    Raises:
        ValueError: not its form.
    """
    from asn1crypto import core, parser

    found: list[tuple[str, list[str]]] = []
    for statement in _items(value):
        parts = _items(statement)
        if not 1 <= len(parts) <= 2:
            raise ValueError("a statement has not its form")
        oid = core.ObjectIdentifier.load(parts[0], strict=True).dotted
        types: list[str] = []
        if oid == _QC_TYPES and len(parts) == 2:
            types = [
                core.ObjectIdentifier.load(one, strict=True).dotted
                for one in _items(parts[1])
            ]
        elif len(parts) == 2:
            parser.parse(parts[1], strict=True)
        found.append((oid, types))
    return found


def _items(value: bytes) -> list[bytes]:
    """Return the encoded members of a DER SEQUENCE, at most 100."""
    from asn1crypto import parser

    kind, _, tag, _, content, _ = parser.parse(value, strict=True)
    if (kind, tag) != (0, 16):
        raise ValueError("not a sequence")
    members: list[bytes] = []
    while content:
        *_, header, inner, trailer = parser.parse(content)
        members.append(header + inner + trailer)
        content = content[len(members[-1]) :]
        if len(members) > 100:
            raise ValueError("too many members")
    return members
