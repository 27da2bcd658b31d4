"""Lets a `KeyHandle` sign CMS through pyHanko: the private key stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.certificates import Certificate
from evidence.key_errors import CertificateRefusedError
from evidence.signers.handles import KeyHandle, is_signature

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer

DIGEST = "sha256"


def handle_signer(certificate: Certificate, key: KeyHandle) -> Signer:
    """Return a signer for pyHanko: SHA-256 only, no root embedded.

    Its `async_sign_raw` raises `CertificateRefusedError` when what the key signed does
    not verify with it, and whatever the key raises.
    """
    from asn1crypto import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class HandleSigner(Signer):
        """A file or a token signs."""

        async def async_sign_raw(
            self,
            data: bytes,
            digest_algorithm: str,
            dry_run: bool = False,  # noqa: FBT001, FBT002 - the library's signature
        ) -> bytes:
            if digest_algorithm != DIGEST or dry_run:
                raise ValueError("only SHA-256, and never a rehearsal")
            signature = key.sign(data)
            if not is_signature(key.spki, data, signature):
                reason = "what the key signed does not verify with it"
                raise CertificateRefusedError(reason=reason)
            return signature

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its __init__
    for one in certificate.chain:
        store.register(x509.Certificate.load(one.public_bytes(Encoding.DER)))
    return HandleSigner(
        signing_cert=x509.Certificate.load(certificate.der),
        cert_registry=store,
        embed_roots=False,
    )
