"""Checking a CAdES signature (.p7s) over a checkpoint: bytes in, findings out.

The file is hostile input: it is bounded, and whatever its parsing raises becomes a
finding. Nothing is fetched. Revocation is not looked at here, and a finding says so. A
signature by an algorithm this code does not rely on (MD5, SHA-1, short RSA) counts as
none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import new
from typing import TYPE_CHECKING

from manifests.verifying.heads import MAX_COMPANION_BYTES
from manifests.verifying.verdict import Axis, Code, Finding

if TYPE_CHECKING:
    from asn1crypto import cms, x509

_DIGESTS = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512")
_MIN_RSA_BITS = 2048  # of others; what is made here has 3,072 and more
_MIN_CURVE_BITS = 256
_MAX_SUBJECT = 200  # characters shown
_SIGNATURE_USES = {"digital_signature", "non_repudiation"}


class _MalformedError(Exception):
    """The file is not a detached CAdES signature; the text says why."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    info: cms.SignerInfo
    digest: str
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    claimed: datetime


def check_cades(
    p7s: bytes,
    note: bytes,
    roots: Sequence[bytes],
    at: datetime | None = None,
    *,
    name: str = "p7s",
    claimed: datetime | None = None,
    over: str = "a checkpoint",
) -> list[Finding]:
    """Judge a detached signature over `note`.

    Args:
        roots: trusted CA certificates, each one certificate in DER; none at all means
            that trust is not checked.
        at: when the signature is known to have existed (a time stamp), with a time
            zone; None for the time it claims itself.
        name: the file's name, for the findings.
        claimed: the signing time it claims where that does not stand in it: PAdES
            forbids the attribute (EN 319 142-1 6.3) and has the time in the PDF.
        over: what was signed, for the findings.

    Returns:
        Findings on the axes signed and trusted; never none.
    """
    try:
        parsed = _parse(p7s, claimed)
        findings = _judge_signature(parsed, note, name, over=over)
    except _MalformedError as error:
        return [_malformed(name, str(error), over)]
    except Exception as error:  # noqa: BLE001 - a parser of hostile input
        return [_malformed(name, f"it cannot be read ({type(error).__name__})", over)]
    if findings:
        return findings
    try:
        return _judge_trust(parsed, roots, at, name)
    except Exception as error:  # noqa: BLE001 - a parser of hostile input
        reason = f"its certificates cannot be judged ({type(error).__name__})"
        return [_untrusted(name, f"The signature holds, but {reason}.")]


def _malformed(name: str, reason: str, over: str) -> Finding:
    text = f"It is no CAdES signature over {over}: {reason}."
    return Finding(Axis.SIGNED, Code.P7S_MALFORMED, name, text)


def _untrusted(name: str, text: str) -> Finding:
    return Finding(Axis.TRUSTED, Code.P7S_UNTRUSTED, name, text, fails=False)


def _parse(p7s: bytes, claimed: datetime | None) -> _Parsed:
    from asn1crypto import cms
    from pyhanko.sign.general import extract_certificate_info
    from pyhanko.sign.validation.generic_cms import extract_self_reported_ts

    if len(p7s) > MAX_COMPANION_BYTES:
        raise _MalformedError("it is too large")
    content = cms.ContentInfo.load(p7s, strict=True)
    if content["content_type"].native != "signed_data":
        raise _MalformedError("it holds no signed data")
    signed = content["content"]
    encapsulated = signed["encap_content_info"]
    if encapsulated["content_type"].native != "data" or encapsulated["content"]:
        raise _MalformedError("it is not detached")
    if len(signed["signer_infos"]) != 1:
        raise _MalformedError("it has not exactly one signer")
    info = signed["signer_infos"][0]
    types = [attribute["type"].native for attribute in info["signed_attrs"]]
    for needed in ("content_type", "message_digest", "signing_certificate_v2"):
        if types.count(needed) != 1:
            raise _MalformedError(f"it has not one signed attribute {needed}")
    if types.count("signing_time") != (claimed is None):
        word = "not one" if claimed is None else "a"
        raise _MalformedError(f"it has {word} signed attribute signing_time")
    certificates = extract_certificate_info(signed)
    if claimed is None:
        claimed = extract_self_reported_ts(info)
    if claimed is None:
        raise _MalformedError("it claims no signing time")
    digest = str(info["digest_algorithm"]["algorithm"].native)
    if digest not in [one["algorithm"].native for one in signed["digest_algorithms"]]:
        raise _MalformedError("it does not announce its signer's digest")
    return _Parsed(
        info,
        digest,
        certificates.signer_cert,
        tuple(certificates.other_certs),
        claimed,
    )


def _judge_signature(
    parsed: _Parsed, note: bytes, name: str, *, over: str
) -> list[Finding]:
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    weak = _weakness(parsed)
    if weak:
        text = f"Its signature is not relied on: {weak}."
        return [Finding(Axis.SIGNED, Code.P7S_SIGNATURE, name, text)]
    actual = new(parsed.digest, note).digest()
    try:
        intact, valid = validate_sig_integrity(
            parsed.info, parsed.certificate, "data", actual
        )
    except SignatureValidationError as error:
        raise _MalformedError("its attributes contradict each other") from error
    if not valid:
        text = "Its signature does not match its certificate's key."
        return [Finding(Axis.SIGNED, Code.P7S_SIGNATURE, name, text)]
    if not intact:
        what = "this checkpoint" if over == "a checkpoint" else over
        text = f"It was made over other bytes than {what}."
        return [Finding(Axis.SIGNED, Code.P7S_OTHER_BYTES, name, text)]
    return []


def _weakness(parsed: _Parsed) -> str:
    """Return why the algorithms are not relied on; "" when they are."""
    key = parsed.certificate.public_key
    if parsed.digest not in _DIGESTS:
        return "its digest is not of the SHA-2 or SHA-3 family"
    try:
        signed_over = parsed.info["signature_algorithm"].hash_algo
    except ValueError:
        signed_over = parsed.digest  # an algorithm that names no digest
    if signed_over not in _DIGESTS:
        return "it signs a digest that is not of the SHA-2 or SHA-3 family"
    if key.algorithm == "rsa" and key.bit_size < _MIN_RSA_BITS:
        return f"its RSA key has fewer than {_MIN_RSA_BITS} bits"
    if key.algorithm not in ("rsa", "rsassa_pss", "ec"):
        return "its key is neither RSA nor of an elliptic curve"
    if key.algorithm == "ec" and key.bit_size < _MIN_CURVE_BITS:
        return f"its curve has fewer than {_MIN_CURVE_BITS} bits"
    return ""


def _judge_trust(
    parsed: _Parsed, roots: Sequence[bytes], at: datetime | None, name: str
) -> list[Finding]:
    moment = (at or parsed.claimed).astimezone(UTC)
    source = "a time stamp" if at is not None else "its own claim"
    subject = parsed.certificate.subject.human_friendly
    if len(subject) > _MAX_SUBJECT:
        subject = subject[:_MAX_SUBJECT] + "..."
    signed = f"Signed for {subject} at {moment:%Y-%m-%d %H:%M:%S}Z ({source})"
    validity = parsed.certificate["tbs_certificate"]["validity"]
    if not validity["not_before"].native <= moment <= validity["not_after"].native:
        text = f"{signed}, when the certificate was not valid."
        return [Finding(Axis.TRUSTED, Code.P7S_EXPIRED, name, text)]
    usage = parsed.certificate.key_usage_value
    if usage is not None and not _SIGNATURE_USES & set(usage.native):
        text = f"{signed}, with a certificate that is not for signatures."
        return [_untrusted(name, text)]
    if not roots:
        text = f"{signed}; the certificate was not checked: no root was given."
        return [_untrusted(name, text)]
    return [_follow(parsed, roots, moment, name=name, signed=signed)]


def _follow(
    parsed: _Parsed,
    roots: Sequence[bytes],
    moment: datetime,
    *,
    name: str,
    signed: str,
) -> Finding:
    """Follow the certificate to one of `roots` as of `moment` (RFC 5280 6.1)."""
    from asn1crypto import x509
    from pyhanko_certvalidator import CertificateValidator
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.errors import (
        ExpiredError,
        NotYetValidError,
        PathError,
        ValidationError,
    )

    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root, strict=True) for root in roots],
        other_certs=list(parsed.others),
        moment=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    validator = CertificateValidator(parsed.certificate, validation_context=context)
    try:
        asyncio.run(validator.async_validate_path())
    except (ExpiredError, NotYetValidError):
        text = f"{signed}, when a certificate above its own was not valid."
        return Finding(Axis.TRUSTED, Code.P7S_EXPIRED, name, text)
    except (PathError, ValidationError):
        text = f"{signed}; the certificate does not lead to a root you gave."
        return _untrusted(name, text)
    text = (
        f"{signed}; the certificate leads to a root you gave. Whether what it claims "
        "(qualified, ...) is true was not checked, nor here whether it was revoked."
    )
    return Finding(Axis.TRUSTED, Code.P7S_TRUSTED, name, text, fails=False)
