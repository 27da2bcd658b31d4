"""PAdES signatures (ETSI EN 319 142-1) on a finished report, through pyHanko.

Everything is appended: the report's own bytes stay as they are, so what they were
before signing can be compared and reproduced. The field is invisible (an empty
rectangle), which PDF/A-3 allows; document information and XMP are left alone, or they
would contradict each other. Levels: B-B, the signature; B-T, with a time stamp on it;
B-LT, with the revocation data that was given; B-LTA, with a time stamp over all that.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from evidence.cades import check_signing
from evidence.certificates import Certificate
from evidence.handlesigner import DIGEST, handle_signer
from evidence.report_errors import RevocationMissingError, SigningFailedError
from evidence.signers.handles import KeyHandle

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.timestamps.api import TimeStamper
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.path import ValidationPath

SIGNATURE_FIELD = "Signature"
STAMP_FIELD = "Timestamp"
_RESERVED = 2 * (24 << 10)  # hexadecimal digits for certificates, signature, token
_MAX_REVOCATION = 8 << 20

# Takes a TimeStampReq (DER), returns the body of the authority's answer.
Stamp = Callable[[bytes], bytes]


class Level(StrEnum):
    """PAdES baseline levels."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"


@dataclass(frozen=True, slots=True)
class Revocation:
    """What shows, offline, that no certificate was revoked.

    Attributes:
        files: CRLs and OCSP responses, DER, in any order.
        roots: CA certificates relied on, DER: of the signer and of the authority.
    """

    files: tuple[bytes, ...]
    roots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed report: its bytes, and the level its parts make up."""

    data: bytes
    level: Level
    certificate_sha256: str


def level_aimed_at(*, stamped: bool, revocation: bool) -> Level:
    """Return the level that a signature with these parts can have."""
    if revocation and stamped:
        return Level.LTA
    return Level.T if stamped else Level.B


def sign_report(
    pdf: bytes,
    certificate: Certificate,
    key: KeyHandle,
    *,
    stamp: Stamp | None = None,
    revocation: Revocation | None = None,
) -> Signed:
    """Return the PDF with a signature over all of it appended.

    Args:
        stamp: asks a time-stamping authority; it sees a digest and nothing else.
        revocation: with `stamp` only; makes B-LT and, by a second time stamp, B-LTA.

    Raises:
        CertificateRefusedError: the key or certificate cannot sign now.
        RevocationMissingError: `revocation` does not cover every certificate.
        SigningFailedError: the PDF or the authority's answer cannot be used.
        TokenFailedError: the token did not sign.
        NetworkError, StampRefusedError, StampAnswerError: from `stamp`.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    check_signing(certificate, key, now)
    return asyncio.run(_sign(pdf, certificate, key, stamp, revocation, now))


async def _sign(
    pdf: bytes,
    certificate: Certificate,
    key: KeyHandle,
    stamp: Stamp | None,
    revocation: Revocation | None,
    now: datetime,
) -> Signed:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    stamper = _stamper(stamp) if stamp is not None else None
    try:
        data = await _append_signature(pdf, certificate, key, stamper, now)
        if stamper is None or revocation is None:
            level = level_aimed_at(stamped=stamper is not None, revocation=False)
            return Signed(data, level, certificate.sha256)
        data = await _append_store(data, certificate, revocation, now)
        data = await _append_stamp(data, stamper)
    except (PdfError, SigningError, TimestampRequestError) as error:
        raise SigningFailedError(reason=type(error).__name__) from error
    return Signed(data, Level.LTA, certificate.sha256)


def _appending(pdf: bytes) -> IncrementalPdfFileWriter:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Appending(IncrementalPdfFileWriter):
        """Appends what it is told to and no dates or producers of its own."""

        def _update_meta(self) -> None:
            """Leave /Info and XMP as they are (ISO 19005-3 6.6.2.1: they agree)."""

        def ensure_output_version(self, version: object) -> None:
            """Leave the version as it is: PDF/A-3 is PDF 1.7."""

    return Appending(io.BytesIO(pdf))


async def _append_signature(
    pdf: bytes,
    certificate: Certificate,
    key: KeyHandle,
    stamper: TimeStamper | None,
    now: datetime,
) -> bytes:
    from pyhanko.pdf_utils.writer import BasePdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import (
        PdfSignatureMetadata,
        PdfSigner,
        PdfSigningSession,
    )

    class UtcSigner(PdfSigner):
        """Says the time in UTC, not in the zone of this machine."""

        def init_signing_session(
            self,
            pdf_out: BasePdfFileWriter,
            existing_fields_only: bool = False,  # noqa: FBT001, FBT002 - the library's
        ) -> PdfSigningSession:
            session = super().init_signing_session(pdf_out, existing_fields_only)
            session.system_time = now
            return session

    signer = UtcSigner(
        PdfSignatureMetadata(
            field_name=SIGNATURE_FIELD,
            md_algorithm=DIGEST,
            subfilter=SigSeedSubFilter.PADES,
        ),
        handle_signer(certificate, key),
        timestamper=stamper,
        new_field_spec=SigFieldSpec(SIGNATURE_FIELD),
    )
    output = io.BytesIO()
    await signer.async_sign_pdf(
        _appending(pdf), bytes_reserved=_RESERVED, output=output
    )
    return output.getvalue()


def _stamper(stamp: Stamp) -> TimeStamper:
    from asn1crypto import tsp
    from pyhanko.sign.timestamps.api import TimeStamper

    class AskingStamper(TimeStamper):
        """Asks through `stamp`: no socket is opened by the library."""

        async def async_request_tsa_response(
            self, req: tsp.TimeStampReq
        ) -> tsp.TimeStampResp:
            try:
                return tsp.TimeStampResp.load(stamp(req.dump()), strict=True)
            except (ValueError, TypeError) as error:
                raise SigningFailedError(reason="the time stamp is no DER") from error

    return AskingStamper()  # type: ignore[no-untyped-call]  # its __init__


async def _append_stamp(pdf: bytes, stamper: TimeStamper) -> bytes:
    from pyhanko.sign.signers.pdf_signer import PdfTimeStamper

    output = io.BytesIO()
    await PdfTimeStamper(stamper, field_name=STAMP_FIELD).async_timestamp_pdf(
        _appending(pdf), DIGEST, bytes_reserved=_RESERVED, output=output
    )
    return output.getvalue()


async def _append_store(
    pdf: bytes, certificate: Certificate, revocation: Revocation, now: datetime
) -> bytes:
    """Append a document security store (EN 319 142-1 5.4.2)."""
    from asn1crypto import x509
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    token = _token_certificates(pdf)
    context = _context(revocation, [*_loaded(certificate), *token], now)
    paths = [
        await _path(context, x509.Certificate.load(certificate.der)),
        await _path(context, token[0], uses={"time_stamping"}),
    ]
    writer = _appending(pdf)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        sig_contents=None,
        paths=paths,
        validation_context=context,
        embed_roots=True,
    )
    output = io.BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]  # the library's
    return output.getvalue()


def _loaded(certificate: Certificate) -> list[Any]:
    from asn1crypto import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return [
        x509.Certificate.load(one.public_bytes(Encoding.DER))
        for one in certificate.chain
    ]


def _token_certificates(pdf: bytes) -> list[Any]:
    """Return the certificates of the signature's time stamp, the signer's first."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import extract_certificate_info

    signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[-1]
    for attribute in signature.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            found = extract_certificate_info(attribute["values"][0]["content"])
            return [found.signer_cert, *found.other_certs]
    raise SigningFailedError(reason="the signature carries no time stamp")


def _context(
    revocation: Revocation, others: Sequence[Any], now: datetime
) -> ValidationContext:
    from asn1crypto import crl, ocsp, x509
    from pyhanko_certvalidator.context import ValidationContext

    crls, responses = [], []
    for data in revocation.files:
        try:
            crls.append(crl.CertificateList.load(data, strict=True))
            _ = crls[-1].native
        except (ValueError, TypeError):
            crls = [one for one in crls if one.dump() != data]
            responses.append(_response(ocsp.OCSPResponse, data))
    return ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in revocation.roots],
        other_certs=list(others),
        crls=crls,
        ocsps=responses,
        moment=now,
        allow_fetching=False,
        revocation_mode="require",
    )


def _response(kind: Any, data: bytes) -> Any:
    try:
        found = kind.load(data, strict=True)
        _ = found.native
    except (ValueError, TypeError) as error:
        reason = "a file is neither a CRL nor an OCSP response (DER)"
        raise RevocationMissingError(reason=reason) from error
    return found


async def _path(
    context: ValidationContext, certificate: Any, *, uses: set[str] | None = None
) -> ValidationPath:
    from pyhanko_certvalidator import CertificateValidator
    from pyhanko_certvalidator.errors import PathError, ValidationError

    validator = CertificateValidator(certificate, validation_context=context)
    try:
        if uses:
            found: ValidationPath = await validator.async_validate_usage(  # type: ignore[no-untyped-call]  # the library's
                set(), uses
            )
            return found
        return await validator.async_validate_path()
    except (PathError, ValidationError) as error:
        who = "the time-stamping authority" if uses else "the signer"
        reason = f"the certificate of {who} is not covered ({type(error).__name__})"
        raise RevocationMissingError(reason=reason) from error
