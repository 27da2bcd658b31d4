"""A certificate an identity issues to itself, so that it can sign a PDF without a CA.

Ed25519 in CMS is read by no common PDF program, so the certificate is for a P-256 key
derived from the same 32-byte seed (one secret, one passphrase). The identity's signing
key vouches for it: a URI in the certificate holds its id and its signature over the
certificate's public key. Whoever holds that key to be genuine needs nothing else. Who
it is, no CA says; by default the certificate names nobody.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from evidence.certificates import Certificate
from evidence.identity import Identity
from evidence.keyfile import FileSigner
from manifests.keys import PublicKey

YEARS = 5
MAX_YEARS = 20
_MESSAGE = b"custody-certificate-1\n"
_BEGINS = "tag:custody.invalid,2026:vouched-by:"
_URI = re.compile(re.escape(_BEGINS) + r"([0-9a-f]{64}):([A-Za-z0-9_-]{86})", re.ASCII)
_MAX_NAME = 64  # X.520 upper bound of a common name


@dataclass(frozen=True, slots=True)
class Vouch:
    """What a certificate says of the key that vouches for it; not yet checked.

    Attributes:
        key: id of the Ed25519 key, hex; signature: 64 bytes.
        spki: SubjectPublicKeyInfo of the certificate's key, DER.
    """

    key: str
    signature: bytes
    spki: bytes

    def holds(self, key: PublicKey) -> bool:
        """Tell whether it was signed by that key."""
        return key.id == self.key and key.is_signed(
            vouched(self.key, self.spki), self.signature
        )


def vouched(key: str, spki: bytes) -> bytes:
    """Return what the identity's key signs: its own id and the certificate's key."""
    return _MESSAGE + key.encode("ascii") + b"\n" + spki


def self_issue(
    identity: Identity,
    signer: FileSigner,
    *,
    at: datetime,
    years: int = YEARS,
    named: bool = False,
) -> Certificate:
    """Return a certificate of the P-256 key that belongs to an identity's seed.

    Args:
        signer: the identity's opened key.
        at: from when it is valid, with a time zone.
        named: name and organisation of the identity stand in it; else its key id.
    """
    private = signer.certificate_key
    start = at.astimezone(UTC).replace(microsecond=0)
    subject = _subject(identity, named=named)
    return Certificate(
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(private.public_key()),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([_vouch(identity, signer, private)]),
            critical=False,
        )
        .sign(private, hashes.SHA256())
    )


def _subject(identity: Identity, *, named: bool) -> x509.Name:
    if not named:
        text = f"custody key {identity.key[:16]}"
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, identity.name[:_MAX_NAME])]
    if identity.organisation:
        organisation = identity.organisation[:_MAX_NAME]
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _vouch(
    identity: Identity, signer: FileSigner, private: ec.EllipticCurvePrivateKey
) -> x509.UniformResourceIdentifier:
    spki = private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    signature = signer.sign(vouched(identity.key, spki))
    text = base64.urlsafe_b64encode(signature).decode("ascii").rstrip("=")
    return x509.UniformResourceIdentifier(f"{_BEGINS}{identity.key}:{text}")


def read_vouch(certificate: bytes) -> Vouch | None:
    """Return what vouches for a certificate (DER); None where nothing does.

    The bytes may come from anywhere: what cannot be read vouches for nothing.
    """
    try:
        loaded = x509.load_der_x509_certificate(certificate)
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found = names.value.get_values_for_type(x509.UniformResourceIdentifier)
        spki = Certificate(loaded).spki
    except (ValueError, x509.ExtensionNotFound):
        return None
    texts = [match for match in map(_URI.fullmatch, found) if match]
    if len(texts) != 1:
        return None
    signature = base64.urlsafe_b64decode(texts[0][2] + "==")
    return Vouch(texts[0][1], signature, spki)
