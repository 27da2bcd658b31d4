"""Certificates a package is encrypted to, and the CMS structures that carry its key.

RFC 5652 6.2 with RSA-OAEP (RFC 3560, SHA-256) or ephemeral-static ECDH (RFC 5753,
X9.63 KDF with the curve's digest, AES-256 key wrap of RFC 3394). Implementing
Regulation (EU) 2025/1550, Annex 6: an order may supply an X.509 certificate.
"""

from __future__ import annotations

import struct
from datetime import datetime

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence.envelope_errors import (
    EnvelopeKeyError,
    EnvelopeMalformedError,
    RecipientCertificateExpiredError,
    RecipientCertificateNotYetValidError,
    RecipientCertificateUsageError,
    RecipientCertificateWeakError,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_LEAST_RSA = 2048
_CURVES: dict[str, tuple[type[hashes.HashAlgorithm], str]] = {
    "secp256r1": (hashes.SHA256, "1.3.132.1.11.1"),
    "secp384r1": (hashes.SHA384, "1.3.132.1.11.2"),
}
# Read only: what openssl makes by default uses SHA-1 in the KDF.
_KDFS: dict[str, type[hashes.HashAlgorithm]] = {
    "1.3.133.16.840.63.0.2": hashes.SHA1,
    "1.3.132.1.11.0": hashes.SHA224,
    "1.3.132.1.11.1": hashes.SHA256,
    "1.3.132.1.11.2": hashes.SHA384,
    "1.3.132.1.11.3": hashes.SHA512,
}
_WRAPS = {
    "2.16.840.1.101.3.4.1.5": 16,
    "2.16.840.1.101.3.4.1.25": 24,
    "2.16.840.1.101.3.4.1.45": 32,
}
_WRAP_256 = "2.16.840.1.101.3.4.1.45"
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_MAX_RECIPIENTS = 50


def check_certificate(certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate nothing should be encrypted to.

    Raises:
        RecipientCertificateExpiredError, RecipientCertificateNotYetValidError,
        RecipientCertificateUsageError, RecipientCertificateWeakError: why not.
    """
    if now > certificate.not_valid_after_utc:
        at = f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
        raise RecipientCertificateExpiredError(at=at)
    if now < certificate.not_valid_before_utc:
        at = f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}"
        raise RecipientCertificateNotYetValidError(at=at)
    try:
        key = certificate.public_key()
        usage = _usage(certificate)
    except (ValueError, UnsupportedAlgorithm) as error:
        reason = "its key or an extension cannot be read"
        raise RecipientCertificateWeakError(reason=reason) from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _LEAST_RSA:
            reason = f"its RSA key has {key.key_size} bits"
            raise RecipientCertificateWeakError(reason=reason)
        if usage is not None and not usage.key_encipherment:
            reason = "its key usage lacks keyEncipherment"
            raise RecipientCertificateUsageError(reason=reason)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            reason = "its curve is neither P-256 nor P-384"
            raise RecipientCertificateWeakError(reason=reason)
        if usage is not None and not usage.key_agreement:
            reason = "its key usage lacks keyAgreement"
            raise RecipientCertificateUsageError(reason=reason)
    else:
        raise RecipientCertificateWeakError(reason="its key only signs")


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


# -- to a certificate ----------------------------------------------------------------


def recipient_info(certificate: x509.Certificate, key: bytes) -> bytes:
    """Return the DER of the RecipientInfo that carries `key` to a certificate."""
    public = certificate.public_key()
    loaded = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    named = cms.IssuerAndSerialNumber(
        {"issuer": loaded.issuer, "serial_number": loaded.serial_number}
    )
    if isinstance(public, rsa.RSAPublicKey):
        return _transported(public, named, key)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return _agreed(public, named, key)
    raise RecipientCertificateWeakError(reason="its key only signs")


def _transported(
    public: rsa.RSAPublicKey, named: cms.IssuerAndSerialNumber, key: bytes
) -> bytes:
    method = OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), None)
    parameters = {
        "hash_algorithm": {"algorithm": "sha256"},
        "mask_gen_algorithm": {
            "algorithm": "mgf1",
            "parameters": {"algorithm": "sha256"},
        },
    }
    info = cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier("issuer_and_serial_number", named),
            "key_encryption_algorithm": {
                "algorithm": "rsaes_oaep",
                "parameters": algos.RSAESOAEPParams(parameters),
            },
            "encrypted_key": public.encrypt(key, method),
        }
    )
    return bytes(cms.RecipientInfo("ktri", info).dump())


def _agreed(
    public: ec.EllipticCurvePublicKey, named: cms.IssuerAndSerialNumber, key: bytes
) -> bytes:
    digest, scheme = _CURVES[public.curve.name]
    own = ec.generate_private_key(public.curve)
    secret = own.exchange(ec.ECDH(), public)
    wrapped = aes_key_wrap(_derived(secret, digest(), _WRAP_256), key)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # RFC 5753 3.1.1: the originator's key names its algorithm without the curve.
    originator = _tlv(
        0xA0,
        _tlv(0xA1, _tlv(0x30, _oid("1.2.840.10045.2.1")), _tlv(0x03, b"\0", point)),
    )
    method = _tlv(0x30, _oid(scheme), _algorithm(_WRAP_256))
    encrypted = _tlv(0x30, named.dump(), _tlv(0x04, wrapped))
    return _tlv(0xA1, b"\x02\x01\x03", originator, method, _tlv(0x30, encrypted))


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def _algorithm(dotted: str) -> bytes:
    return _tlv(0x30, _oid(dotted))


def _tlv(tag: int, *parts: bytes) -> bytes:
    from manifests.verifying.der import encode

    return encode(tag, *parts)


def _derived(secret: bytes, digest: hashes.HashAlgorithm, wrap: str) -> bytes:
    """Derive the wrapping key: ECC-CMS-SharedInfo of RFC 5753 7.2."""
    length = _WRAPS[wrap]
    bits = struct.pack(">I", 8 * length)
    shared = _tlv(0x30, _algorithm(wrap), _tlv(0xA2, _tlv(0x04, bits)))
    return X963KDF(digest, length, shared).derive(secret)


# -- with the private key ------------------------------------------------------------


def content_key(infos: bytes, key: PrivateKey) -> bytes:
    """Return the content key one of the RecipientInfos carries to this key.

    Args:
        infos: DER of the SET OF RecipientInfo, bounded by the caller.

    Raises:
        EnvelopeMalformedError: the structures cannot be read.
        EnvelopeKeyError: none is for this key.
    """
    try:
        found = cms.RecipientInfos.load(infos, strict=True)
        if not 0 < len(found) <= _MAX_RECIPIENTS:
            raise ValueError("too many recipients, or none")
        for info in found:
            made = _try(info, key)
            if made:
                return made
    except (ValueError, TypeError, KeyError, IndexError, UnsupportedAlgorithm) as error:
        raise EnvelopeMalformedError(reason="its recipients cannot be read") from error
    kind = "RSA" if isinstance(key, rsa.RSAPrivateKey) else "an elliptic curve"
    raise EnvelopeKeyError(reason=f"a key of {kind}")


def _try(info: cms.RecipientInfo, key: PrivateKey) -> bytes:
    if info.name == "ktri" and isinstance(key, rsa.RSAPrivateKey):
        return _from_transport(info.chosen, key)
    if info.name == "kari" and isinstance(key, ec.EllipticCurvePrivateKey):
        return _from_agreement(info.chosen, key)
    return b""


def _from_transport(info: cms.KeyTransRecipientInfo, key: rsa.RSAPrivateKey) -> bytes:
    algorithm = info["key_encryption_algorithm"]
    name = algorithm["algorithm"].native
    method: OAEP | PKCS1v15 = PKCS1v15()
    if name == "rsaes_oaep":
        parameters = algorithm["parameters"]
        digest = _DIGESTS[parameters["hash_algorithm"]["algorithm"].native]
        mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
        method = OAEP(MGF1(_DIGESTS[mask]()), digest(), None)
    elif name not in ("rsa", "rsaes_pkcs1v15"):
        return b""
    try:
        return key.decrypt(info["encrypted_key"].native, method)
    except ValueError:
        return b""


def _from_agreement(
    info: cms.KeyAgreeRecipientInfo, key: ec.EllipticCurvePrivateKey
) -> bytes:
    originator = info["originator"]
    if originator.name != "originator_key":
        return b""
    point = _point(originator.chosen.dump())
    algorithm = info["key_encryption_algorithm"]
    digest = _KDFS[algorithm["algorithm"].dotted]
    inner = core.Sequence.load(algorithm["parameters"].dump())
    wrap = core.ObjectIdentifier.load(inner[0].dump()).dotted
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)
        secret = key.exchange(ec.ECDH(), public)
    except ValueError:
        return b""
    kek = _derived(secret, digest(), wrap)
    for one in info["recipient_encrypted_keys"]:
        try:
            return aes_key_unwrap(kek, one["encrypted_key"].native)
        except (InvalidUnwrap, ValueError):
            continue
    return b""


def _point(originator: bytes) -> bytes:
    """Return the point in an OriginatorPublicKey (RFC 5753 3.1.1)."""
    from manifests.verifying.der import DerError, only

    try:
        fields = only(originator, originator[0]).fields()
        fields.any()
        bits = fields.take(0x03).body
    except (DerError, IndexError) as error:
        raise ValueError("no originator key") from error
    if bits[:1] != b"\0":
        raise ValueError("no point")
    return bits[1:]
