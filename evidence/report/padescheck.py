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
        level: PAdES level its parts make up; "" without a valid signature.
        subject: of the signer's certificate (unescaped); time: that it claims.
        stamped: when an authority saw it, "" when none did.
    """

    findings: tuple[Finding, ...]
    level: str = ""
    subject: str = ""
    time: str = ""
    stamped: str = ""


def judge_signatures(
    data: bytes,
    signatures: Sequence[PdfSignature],
    *,
    ca_roots: Sequence[bytes],
    stamp_roots: StampRoots,
    store: bool,
) -> PdfSigned:
    """Judge the signatures of a report.

    Args:
        data: the whole file.
        ca_roots: trusted CA certificates, DER; none: trust is not checked.
        store: the PDF holds a store of validation data.
    """
    own = [one for one in signatures if one.kind == "Sig"]
    if not own:
        text = (
            "The PDF carries no signature, so it does not show who made it: whoever "
            "has the log can print another report around it. Its digest may stand in "
            "the case's log: verify with -C CASE."
        )
        return PdfSigned(
            (Finding(Axis.SIGNED, Code.REPORT_UNSIGNED, "the PDF", text, fails=False),)
        )
    if len(own) > 1:
        text = "It carries more than one signature; a report is signed once."
        return PdfSigned((Finding(Axis.SIGNED, Code.SIGNATURE_RANGE, NAME, text),))
    signature = own[0]
    claimed = _moment(signature.time)
    if claimed is None or signature.subfilter != _PADES:
        text = "It is no CAdES signature over the PDF: its form is another."
        return PdfSigned((Finding(Axis.SIGNED, Code.P7S_MALFORMED, NAME, text),))
    cms = _cut(signature.contents)
    token = _token(cms)
    stamp = judge_token(token[0], token[1], stamp_roots) if token else None
    findings = _stamp_findings(stamp)
    known = stamp is not None and stamp.code is None
    at = stamp.gen_time if stamp is not None and known else None
    judged = check_cades(
        cms,
        _signed_bytes(data, signature),
        ca_roots,
        at,
        name=NAME,
        claimed=claimed,
        over="the PDF",
    )
    findings += [_demanding(one, ca_roots) for one in judged]
    over = [one for one in signatures if one.kind == "DocTimeStamp"]
    archived = bool(over)
    for one in over:
        found = _archive_stamp(data, one, stamp_roots)
        findings += found
        archived &= not any(f.fails for f in found)
    if any(f.axis is Axis.SIGNED and f.fails for f in findings):
        return PdfSigned(tuple(findings))
    return PdfSigned(
        tuple(findings),
        _level(stamp, store=store, archived=archived),
        _subject(cms),
        f"{claimed:%Y-%m-%dT%H:%M:%SZ}",
        f"{stamp.gen_time:%Y-%m-%dT%H:%M:%SZ}" if stamp and stamp.gen_time else "",
    )


def _level(stamp: TokenVerdict | None, *, store: bool, archived: bool) -> str:
    """Return the level of the parts that are there and sound (trust is apart)."""
    if stamp is None or stamp.code not in (None, Code.TIMESTAMP_UNTRUSTED):
        return "B-B"
    if not store:
        return "B-T"
    return "B-LTA" if archived else "B-LT"


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


def _token(cms: bytes) -> tuple[bytes, bytes] | None:
    """Return the time stamp on a signature and the signature's own bytes."""
    import pyhanko.sign.general  # noqa: F401 - registers attributes asn1crypto caches
    from asn1crypto import cms as asn1

    try:
        info = asn1.ContentInfo.load(cms)["content"]["signer_infos"][0]
        attributes = info["unsigned_attrs"]
        for attribute in attributes:
            if attribute["type"].native == "signature_time_stamp_token":
                return attribute["values"][0].dump(), info["signature"].native
    except (ValueError, TypeError, KeyError, IndexError):
        return None  # judged as malformed where it is read
    return None


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


def _archive_stamp(
    data: bytes, signature: PdfSignature, roots: StampRoots
) -> list[Finding]:
    if signature.subfilter != _STAMP_FILTER:
        text = "It is no time stamp over the PDF: its form is another."
        code = Code.TIMESTAMP_MALFORMED
        return [Finding(Axis.TIMESTAMPED, code, STAMP, text)]
    covered = _signed_bytes(data, signature)
    return _stamp_findings(judge_token(_cut(signature.contents), covered, roots))
