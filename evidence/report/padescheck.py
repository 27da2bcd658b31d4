"""Judging the signatures of a report's PDF: bytes in, findings out.

The parser's process has found them and checked their range; here the CMS is judged as
that of a checkpoint is (`evidence.cadescheck`), and time stamps by the one engine for
time stamps (`manifests.verifying.timestamps`). Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from evidence.cadescheck import check_cades
from evidence.report.revoked import (
    Judged,
    Standing,
    Validation,
    embedded,
    judge_revocation,
)
from manifests.verifying.certificates import StampRoots
from manifests.verifying.timestamps import TokenVerdict, judge_token
from manifests.verifying.verdict import Axis, Code, Finding

NAME = "the PDF's signature"
STAMP = "the PDF's time stamp"
_PADES, _STAMP_FILTER = "ETSI.CAdES.detached", "ETSI.RFC3161"
_TIME = re.compile(r"D:(\d{14})(Z|\+00'00'?)")


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """One signature as the parser's process found it.

    Attributes:
        kind: "Sig" or "DocTimeStamp"; time: /M, as it stands.
        ranges: first byte, length before the gap, end of the gap, length after it.
        contents: what stands in the gap, zeros at its end included.
    """

    kind: str
    subfilter: str
    time: str
    ranges: tuple[int, int, int, int]
    contents: bytes

    @property
    def end(self) -> int:
        """Where the bytes it covers end."""
        return self.ranges[2] + self.ranges[3]


@dataclass(frozen=True, slots=True)
class PdfSigned:
    """What the signatures of a PDF come to.

    Attributes:
        level: PAdES level that was judged and holds; "" without a valid signature.
        parts: the level its parts would make up, were all of them judged to hold.
        subject: of the signer's certificate (unescaped); time: that it claims.
        stamped: when an authority saw it, "" when none did.
        unrevoked: the PDF proves that the signer's certificate was not revoked.
    """

    findings: tuple[Finding, ...]
    level: str = ""
    parts: str = ""
    subject: str = ""
    time: str = ""
    stamped: str = ""
    unrevoked: bool = False


@dataclass(frozen=True, slots=True)
class _Parts:
    """A signature with its time stamps, judged.

    Attributes:
        cms, token: DER; the token is that on the signature.
        archives: end of what each time stamp over the PDF covers, and what it proves.
    """

    cms: bytes
    claimed: datetime
    token: bytes
    stamp: TokenVerdict | None
    archives: tuple[tuple[int, TokenVerdict], ...]

    @property
    def proven(self) -> datetime | None:
        """When an authority that is trusted saw the signature."""
        return self.stamp.gen_time if self.stamp and self.stamp.holds else None

    @property
    def seen_again(self) -> datetime | None:
        """When one first saw the signature with its time stamp."""
        times = [one.gen_time for _, one in self.archives if one.holds]
        return min((time for time in times if time), default=None)

    def covers(self, length: int) -> bool:
        """Tell whether a time stamp that holds covers the file to its end."""
        return any(end == length and one.holds for end, one in self.archives)


def judge_signatures(
    data: bytes,
    signatures: Sequence[PdfSignature],
    *,
    ca_roots: Sequence[bytes],
    stamp_roots: StampRoots,
    validation: Validation,
) -> PdfSigned:
    """Judge the signatures of a report.

    Args:
        data: the whole file.
        ca_roots: trusted CA certificates, DER; none: trust is not checked.
        validation: what the PDF's store of validation data holds.
    """
    try:
        signature, claimed = _only([one for one in signatures if one.kind == "Sig"])
    except _NoneError as none:
        return PdfSigned((none.finding,))
    over = [one for one in signatures if one.kind == "DocTimeStamp"]
    findings, parts = _parts(data, signature, claimed, over, stamp_roots)
    judged = check_cades(
        parts.cms,
        _signed_bytes(data, signature),
        ca_roots,
        parts.proven,
        name=NAME,
        claimed=claimed,
        over="the PDF",
    )
    findings += [_demanding(one, ca_roots) for one in judged]
    if any(f.axis is Axis.SIGNED and f.fails for f in findings):
        return PdfSigned(tuple(findings))
    kept = validation.joined(_embedded(parts.cms))
    told, signer, authority = _revocation(parts, kept, ca_roots, stamp_roots)
    seen = parts.stamp.gen_time if parts.stamp else None
    return PdfSigned(
        (*findings, *told),
        _level(
            stamped=parts.proven is not None,
            unrevoked=signer and authority,
            archived=parts.covers(len(data)),
        ),
        _level(stamped=bool(parts.token), unrevoked=bool(kept), archived=bool(over)),
        _subject(parts.cms),
        f"{claimed:%Y-%m-%dT%H:%M:%SZ}",
        f"{seen:%Y-%m-%dT%H:%M:%SZ}" if seen else "",
        unrevoked=signer,
    )


class _NoneError(Exception):
    """There is no signature to judge; the finding says why."""

    def __init__(self, code: Code, subject: str, text: str, *, fails: bool) -> None:
        self.finding = Finding(Axis.SIGNED, code, subject, text, fails=fails)
        super().__init__(text)


def _only(own: Sequence[PdfSignature]) -> tuple[PdfSignature, datetime]:
    """Return the one signature and the time it claims."""
    if not own:
        text = (
            "The PDF carries no signature, so it does not show who made it: whoever "
            "has the log can print another report around it. Its digest may stand in "
            "the case's log: verify with -C CASE."
        )
        raise _NoneError(Code.REPORT_UNSIGNED, "the PDF", text, fails=False)
    if len(own) > 1:
        text = "It carries more than one signature; a report is signed once."
        raise _NoneError(Code.SIGNATURE_RANGE, NAME, text, fails=True)
    claimed = _moment(own[0].time)
    if claimed is None or own[0].subfilter != _PADES:
        text = "It is no CAdES signature over the PDF: its form is another."
        raise _NoneError(Code.P7S_MALFORMED, NAME, text, fails=True)
    return own[0], claimed


def _parts(
    data: bytes,
    signature: PdfSignature,
    claimed: datetime,
    over: Sequence[PdfSignature],
    roots: StampRoots,
) -> tuple[list[Finding], _Parts]:
    cms = _cut(signature.contents)
    token, value = _token(cms)
    stamp = judge_token(token, value, roots) if token else None
    findings = _stamp_findings(stamp)
    archives: list[tuple[int, TokenVerdict]] = []
    for one in over:
        if one.subfilter != _STAMP_FILTER:
            text = "It is no time stamp over the PDF: its form is another."
            code = Code.TIMESTAMP_MALFORMED
            findings.append(Finding(Axis.TIMESTAMPED, code, STAMP, text))
            continue
        found = judge_token(_cut(one.contents), _signed_bytes(data, one), roots)
        findings += _stamp_findings(found)
        archives.append((one.end, found))
    return findings, _Parts(cms, claimed, token, stamp, tuple(archives))


def _level(*, stamped: bool, unrevoked: bool, archived: bool) -> str:
    """Return the level of parts that build on each other (EN 319 142-1 6)."""
    if not stamped:
        return "B-B"
    if not unrevoked:
        return "B-T"
    return "B-LTA" if archived else "B-LT"


# -- revocation --------------------------------------------------------------------


def _revocation(
    parts: _Parts,
    kept: Validation,
    ca_roots: Sequence[bytes],
    stamp_roots: StampRoots,
) -> tuple[list[Finding], bool, bool]:
    """Judge signer and authority; return whether each was shown not to be revoked."""
    signer = _standing(
        parts.cms, kept, ca_roots, proven=parts.proven, claimed=parts.claimed
    )
    found = _told(signer, Axis.TRUSTED, NAME, asked=bool(ca_roots))
    good = signer.standing is Standing.GOOD
    if parts.proven is None:
        return found, good, False
    authority = _standing(
        parts.token,
        kept.joined(_embedded(parts.token)),
        _ders(stamp_roots),
        proven=parts.seen_again,
        claimed=parts.proven,
    )
    found += _told(authority, Axis.TIMESTAMPED, STAMP, asked=bool(kept))
    return found, good, authority.standing is Standing.GOOD


def _standing(
    cms: bytes,
    kept: Validation,
    roots: Sequence[bytes],
    *,
    proven: datetime | None,
    claimed: datetime,
) -> Judged:
    """Judge the revocation of the certificate that made a CMS."""
    from asn1crypto import cms as asn1
    from pyhanko.sign.general import extract_certificate_info

    try:
        found = extract_certificate_info(asn1.ContentInfo.load(cms)["content"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        text = f"its certificates cannot be read ({type(error).__name__})"
        return Judged(Standing.UNKNOWN, text)
    return judge_revocation(
        found.signer_cert,
        [*found.other_certs],
        kept,
        roots,
        proven=proven,
        claimed=claimed,
    )


def _told(judged: Judged, axis: Axis, name: str, *, asked: bool) -> list[Finding]:
    """Return what to tell of a revocation.

    Args:
        asked: somebody wants to know; else what was not judged is no news.
    """
    if judged.standing is Standing.REVOKED:
        text = f"Its certificate {judged.text}."
        return [Finding(axis, Code.CERTIFICATE_REVOKED, name, text)]
    code, text = Code.REVOCATION_CHECKED, f"Its certificate {judged.text}."
    if judged.standing is Standing.UNKNOWN:
        if not asked:
            return []
        code = Code.REVOCATION_UNCHECKED
        text = f"Whether its certificate was revoked was not judged: {judged.text}."
    return [Finding(axis, code, name, text, fails=False)]


def _ders(roots: StampRoots) -> list[bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding

    return [one.public_bytes(Encoding.DER) for one in roots.roots]


def _embedded(cms: bytes) -> list[tuple[str, bytes]]:
    """Return the revocation data inside a CMS that was read before."""
    from asn1crypto import cms as asn1

    try:
        return [*embedded(asn1.ContentInfo.load(cms)["content"])]
    except (ValueError, TypeError, KeyError, IndexError):
        return []  # as if it carried none: then nothing is proved by it


# -- bytes -------------------------------------------------------------------------


def _moment(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    try:
        return datetime.strptime(f"{match[1]}Z", "%Y%m%d%H%M%S%z") if match else None
    except ValueError:
        return None


def _signed_bytes(data: bytes, signature: PdfSignature) -> bytes:
    start, before, after, rest = signature.ranges
    return data[start : start + before] + data[after : after + rest]


def _cut(contents: bytes) -> bytes:
    """Return the DER value at the beginning; what follows must be zeros."""
    from asn1crypto import parser

    try:
        *_, header, inner, trailer = parser.parse(contents, strict=False)
    except ValueError:
        return contents  # judged as malformed where it is read
    found = bytes(header + inner + trailer)
    return contents if contents[len(found) :].strip(b"\0") else found


def _token(cms: bytes) -> tuple[bytes, bytes]:
    """Return the time stamp on a signature, and the signature's own bytes."""
    # Both register attributes that asn1crypto then caches.
    import pyhanko.sign.general  # noqa: F401
    from asn1crypto import cms as asn1

    try:
        info = asn1.ContentInfo.load(cms)["content"]["signer_infos"][0]
        attributes = info["unsigned_attrs"]
        for attribute in attributes:
            if attribute["type"].native == "signature_time_stamp_token":
                return attribute["values"][0].dump(), info["signature"].native
    except (ValueError, TypeError, KeyError, IndexError):
        pass  # judged as malformed where it is read
    return b"", b""


def _subject(cms: bytes) -> str:
    from asn1crypto import cms as asn1
    from pyhanko.sign.general import extract_certificate_info

    signed = asn1.ContentInfo.load(cms)["content"]
    subject = extract_certificate_info(signed).signer_cert.subject.human_friendly
    return str(subject)[:200]


def _stamp_findings(stamp: TokenVerdict | None) -> list[Finding]:
    if stamp is None:
        return []
    if stamp.code is None:
        return []
    fails = stamp.code is not Code.TIMESTAMP_UNTRUSTED
    return [Finding(Axis.TIMESTAMPED, stamp.code, STAMP, stamp.text, fails=fails)]


def _demanding(finding: Finding, roots: Sequence[bytes]) -> Finding:
    """Let a certificate that leads to none of the roots given fail."""
    if roots and finding.code is Code.P7S_UNTRUSTED:
        return replace(finding, fails=True)
    return finding
