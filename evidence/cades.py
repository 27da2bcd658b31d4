"""CAdES-B signatures (.p7s) over a checkpoint note: made here, checked in `cadescheck`.

Detached CMS SignedData (RFC 5652) with the signed attributes of CAdES baseline B
(ETSI EN 319 122-1): content-type, message-digest, signing-time, and
signing-certificate-v2 (RFC 5035), which binds the signature to one certificate.
Everything is SHA-256; P-256 keys sign ECDSA, RSA keys PKCS #1 v1.5, so that
``openssl cms -verify`` and every CMS reader of the last twenty years can check it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from evidence.certificates import Certificate, check_usable
from evidence.handlesigner import DIGEST, handle_signer
from evidence.key_errors import CertificateRefusedError
from evidence.signers.handles import KeyHandle, KeyKind

if TYPE_CHECKING:
    from asn1crypto import cms


def sign_checkpoint_cades(
    note: bytes, certificate: Certificate, key: KeyHandle, *, at: datetime
) -> bytes:
    """Return the DER of a detached CAdES-B signature over the exact bytes of a note.

    Args:
        certificate: of `key`; it and its chain go into the signature, no root does.
        at: the signing time it claims, with a time zone.

    Raises:
        CertificateRefusedError: the key cannot make such a signature, or is not the
            certificate's, or the certificate is not valid at that time.
        TokenFailedError: the token did not sign.
    """
    check_signing(certificate, key, at)
    return _as_bytes(asyncio.run(_sign(note, certificate, key, at)))


def check_signing(certificate: Certificate, key: KeyHandle, at: datetime) -> None:
    """Refuse what would make a signature that common tools do not verify.

    Raises:
        CertificateRefusedError: see `sign_checkpoint_cades`.
    """
    kind = check_usable(certificate)
    if kind is KeyKind.ED25519:
        reason = "CMS with Ed25519 is not verified by common tools; use P-256 or RSA"
        raise CertificateRefusedError(reason=reason)
    if key.spki != certificate.spki:
        raise CertificateRefusedError(reason="it is not the certificate of the key")
    leaf = certificate.leaf
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        raise CertificateRefusedError(reason="it is expired or not valid yet")


async def _sign(
    note: bytes, certificate: Certificate, key: KeyHandle, at: datetime
) -> cms.ContentInfo:
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    signer = handle_signer(certificate, key)
    return await signer.async_sign_general_data(
        note,
        DIGEST,
        detached=True,
        use_cades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
    )


def _as_bytes(content: cms.ContentInfo) -> bytes:
    return bytes(content.dump())
