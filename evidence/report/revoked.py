"""Was a certificate revoked when it signed? Judged by what the PDF carries alone.

CRLs (RFC 5280) and OCSP responses (RFC 6960) stand in the document security store, in
Adobe's signed attribute, or in the CMS. They count when they are signed by whom the
issuer lets sign them, below a root the verifier gave, and cover the time in question.
That is a time somebody else proved; without one it is the latest known, and a
certificate revoked at any time fails: whoever has its key can claim any earlier time.
Nothing is fetched. pyhanko-certvalidator does the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asn1crypto import cms, x509
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.path import ValidationPath

_MAX_EMBEDDED = 1000  # values in the CMS
_OCSP_INFO = "1.3.6.1.5.5.7.16.2"  # RFC 5940 2
_ADOBE = "adobe_revocation_info_archival"
_UNAUTHORISED = "signed by an unauthorized certificate"  # words of the library


class Standing(StrEnum):
    """What is known of a certificate's revocation."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "not judged"


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of it; text is the end of a sentence (unescaped)."""

    standing: Standing
    text: str


@dataclass(slots=True)
class Validation:
    """Certificates and revocation data, DER as they stand, unjudged."""

    certificates: list[bytes] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    responses: list[bytes] = field(default_factory=list)

    def add(self, kind: str, value: bytes) -> None:
        """Add one value; kinds are those of `parsing.pdf_validation`.

        Raises:
            ValueError: of another kind.
        """
        kinds = {"crl": self.crls, "response": self.responses}
        kinds["certificate"] = self.certificates
        if kind not in kinds:
            raise ValueError("no kind of validation data")
        kinds[kind].append(value)

    def __bool__(self) -> bool:
        """Whether it says anything of revocation."""
        return bool(self.crls or self.responses)

    def joined(self, others: Iterable[tuple[str, bytes]]) -> Validation:
        """Return it with what stands elsewhere, too."""
        found = Validation([*self.certificates], [*self.crls], [*self.responses])
        for kind, value in others:
            found.add(kind, value)
        return found


def embedded(signed: cms.SignedData) -> Iterator[tuple[str, bytes]]:
    """Yield the revocation data a CMS carries: Adobe's attribute, and its own field.

    Raises:
        ValueError, TypeError, KeyError: malformed.
    """
    found: list[tuple[str, bytes]] = []
    for attribute in signed["signer_infos"][0]["signed_attrs"]:
        if attribute["type"].native == _ADOBE:
            for value in attribute["values"]:
                found += [("crl", one.dump()) for one in value["crl"] or ()]
                found += [("response", one.dump()) for one in value["ocsp"] or ()]
    for one in signed["crls"] or ():
        if one.name == "crl":
            found.append(("crl", one.chosen.dump()))
        elif one.chosen["other_rev_info_format"].dotted == _OCSP_INFO:
            found.append(("response", one.chosen["other_rev_info"].dump()))
    yield from found[:_MAX_EMBEDDED]


def judge_revocation(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    validation: Validation,
    roots: Sequence[bytes],
    *,
    proven: datetime | None,
    claimed: datetime,
) -> Judged:
    """Judge one certificate and those above it. Never raises.

    Args:
        others: certificates that came with it.
        roots: trusted CA certificates, DER.
        proven: when an authority that is trusted saw the signature; None: nobody did.
        claimed: when it says it was made; only without `proven`.
    """
    if not roots:
        return _unknown("no root was given")
    if not validation:
        return _unknown("the PDF carries no revocation data")
    try:
        return _judge(certificate, others, validation, roots, proven, claimed)
    except Exception as error:  # noqa: BLE001 - parsers of hostile input
        return _unknown(f"the data cannot be read ({type(error).__name__})")


def _unknown(text: str) -> Judged:
    return Judged(Standing.UNKNOWN, text)


def _judge(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    validation: Validation,
    roots: Sequence[bytes],
    proven: datetime | None,
    claimed: datetime,
) -> Judged:
    from asn1crypto import crl, ocsp, x509

    lists = _loaded(crl.CertificateList, validation.crls, _made)
    responses = _loaded(ocsp.OCSPResponse, validation.responses, _answered)
    if not lists and not responses:
        return _unknown("none of its revocation data can be read")
    anchors = [x509.Certificate.load(root, strict=True) for root in roots]
    known = [*others, *_loaded(x509.Certificate, validation.certificates, _named)]
    times = [*map(_made, lists), *map(_answered, responses)]
    latest = max([claimed if proven is None else proven, *times])
    moment = latest if proven is None else proven

    def check(at: datetime) -> Judged:
        context = _context(anchors, known, lists, responses, at)
        return asyncio.run(_follow(certificate, context, at))

    found = check(moment)
    if found.standing is Standing.REVOKED and proven is None:
        text = f"{found.text}; nothing shows that it signed before"
        return Judged(found.standing, text)
    if found.standing is Standing.GOOD and latest > moment:
        later = check(latest)
        if later.standing is Standing.REVOKED:
            return Judged(Standing.GOOD, f"{found.text}; after that it {later.text}")
    return found


def _loaded(
    kind: Any, values: Sequence[bytes], look: Callable[[Any], object]
) -> list[Any]:
    """Return what can be read; the rest proves nothing, as if it were not there.

    Args:
        look: reads what is needed of one (the parser is lazy, and must be: reading all
            of a value costs time that doubles with each level of nesting).
    """
    found = []
    for value in values:
        try:
            one = kind.load(value, strict=True)
            look(one)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        found.append(one)
    return found


def _named(certificate: Any) -> object:
    return certificate.subject.hashable, certificate.not_valid_after


def _made(revoked: Any) -> datetime:
    """Return when a CRL was made (thisUpdate)."""
    found: datetime = revoked["tbs_cert_list"]["this_update"].native
    return found


def _answered(response: Any) -> datetime:
    """Return when the newest answer of an OCSP response was made.

    Raises:
        ValueError: it is a refusal, or answers nothing.
    """
    if response["response_status"].native != "successful":
        raise ValueError("a refusal")
    answers = response["response_bytes"]["response"].parsed["tbs_response_data"]
    found: datetime = max(one["this_update"].native for one in answers["responses"])
    return found


def _context(
    anchors: Sequence[x509.Certificate],
    known: Sequence[x509.Certificate],
    lists: Sequence[Any],
    responses: Sequence[Any],
    at: datetime,
) -> ValidationContext:
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

    return ValidationContext(
        trust_roots=anchors,
        other_certs=known,
        crls=lists,
        ocsps=responses,
        moment=at,
        allow_fetching=False,
        # `_follow` asks itself, as the library looks at OCSP only where a certificate
        # names a responder, and at CRLs only where no OCSP says "good". What was made
        # after the time in question says the most about it.
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION, retroactive_revinfo=True),
    )


async def _follow(
    certificate: x509.Certificate, context: ValidationContext, at: datetime
) -> Judged:
    """Judge every certificate from this one to the root, by CRLs and by OCSP."""
    from pyhanko_certvalidator import CertificateValidator
    from pyhanko_certvalidator.errors import (
        ExpiredError,
        NotYetValidError,
        PathBuildingError,
        PathError,
        RevokedError,
        ValidationError,
    )

    when = f"{at:%Y-%m-%d %H:%M:%S}Z"
    validator = CertificateValidator(certificate, validation_context=context)
    try:
        path = await validator.async_validate_path()
    except (ExpiredError, NotYetValidError):
        return _unknown(f"a certificate of its chain was not valid at {when}")
    except PathBuildingError:
        return _unknown("it does not lead to a root you gave")
    except (PathError, ValidationError) as error:
        return _unknown(f"its chain does not hold ({type(error).__name__})")
    unknown: Judged | None = None
    for one in path.iter_certs(include_root=False):
        try:
            reason = await _uncovered(one, path, context)
        except RevokedError as error:
            since = f"{error.revocation_dt:%Y-%m-%d %H:%M:%S}Z"
            whose = "" if one is path.last else ", a certificate above it"
            why = error.reason.human_friendly
            return Judged(Standing.REVOKED, f"was revoked{whose} at {since}: {why}")
        unknown = _unknown(f"{reason} at {when}") if reason else unknown
    return unknown or Judged(Standing.GOOD, f"was not revoked at {when}")


async def _uncovered(
    certificate: x509.Certificate, path: ValidationPath, context: ValidationContext
) -> str:
    """Return why nothing shows that a certificate was not revoked; "" if it is shown.

    Raises:
        RevokedError: a CRL or a response says that it was.
    """
    from pyhanko_certvalidator.errors import (
        CRLValidationError,
        CRLValidationIndeterminateError,
        OCSPValidationError,
        OCSPValidationIndeterminateError,
    )
    from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
    from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

    reasons: list[str] = []
    good = False
    # One kind that says "good" must not hide another that says "revoked".
    for verify in (verify_ocsp_response, verify_crl):
        try:
            await verify(certificate, path, context)
            good = True
        except (
            OCSPValidationIndeterminateError,
            CRLValidationIndeterminateError,
        ) as error:
            words = " ".join(str(failure[0]) for failure in error.failures)
            if _UNAUTHORISED in words:
                reasons.append("whoever answered was not authorised by the issuer")
            elif error.suspect_stale is not None:
                reasons.append("the data had expired")
        except (OCSPValidationError, CRLValidationError):
            continue  # none is about this certificate
    return "" if good else next(iter(reasons), "no data that holds covers its chain")
