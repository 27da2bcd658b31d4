"""Judging a report: a PDF that carries the public log it was made from.

Pure, as the rest of the core. The caller took the PDF apart, judged its signature and
compared its pages with its model; here the log inside is judged as that of a case is,
and the digests, sizes, counts and times the report prints for its exhibits are compared
with that log, apart from the code that wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manifests.verifying.anchors import Anchors
from manifests.verifying.judge import trust_status
from manifests.verifying.outside import judge_outside_of_log
from manifests.verifying.reading import LogReading
from manifests.verifying.tally import counted, failing, remarked, unanchored
from manifests.verifying.verdict import (
    Axis,
    AxisVerdict,
    Code,
    Finding,
    Status,
    Verdict,
)
from manifests.verifying.witnesses import unestablished

_NOTHING = "The report carries no log that could be read."
_UNLISTED = "What should be attached could not be read."
_UNSIGNED = "Nobody signed the PDF."


@dataclass(frozen=True, slots=True)
class Claim:
    """What a report prints of one exhibit (digests in hex)."""

    id: str
    entry: int
    payload_bytes: int
    payload_sha256: str
    inventory_records: int
    inventory_root: str


@dataclass(frozen=True, slots=True)
class ReportClaims:
    """What a report prints of its log, and of what it is.

    Attributes:
        pages: how the pages were compared with the model, in words; drawn: what they
            show was compared, not their text alone.
        attachments: how many there are; listed: `report.json` was read, so that they
            could be compared with what it lists.
        compared: how many figures were worked out again; 0 for none.
        signed: level and signer of the PDF's signature, in words; "" without one.
        unrevoked: it proves that the signer's certificate was not revoked.
        stated: what rests on sealed records or payloads, in words.
    """

    origin: str
    size: int
    root: str
    exhibits: tuple[Claim, ...]
    pages: str
    drawn: bool
    attachments: int
    listed: bool
    compared: int
    signed: str
    unrevoked: bool
    stated: tuple[str, ...]


def judge_report(
    log: LogReading | None,
    claims: ReportClaims,
    found: Sequence[Finding],
    anchors: Anchors,
) -> Verdict:
    """Return the verdict on a report.

    Args:
        log: the reading of the log it carries; None when it carries none.
        found: what was found of the PDF, its signature, attachments and pages.

    Raises:
        MalformedError: the anchors hold something that is no certificate of a root.
    """
    findings = [*found]
    own: dict[Axis, AxisVerdict] = {}
    witnessed = 0
    if log is None:
        for axis in (Axis.CONSISTENT, Axis.SIGNED, Axis.TRUSTED):
            own[axis] = AxisVerdict(Status.NOT_CHECKED, _NOTHING)
        own[Axis.TIMESTAMPED] = own[Axis.WITNESSED] = own[Axis.TRUSTED]
    else:
        findings += log.findings
        findings += _compare(log, claims)
        text = "This key signed in the log but is not one you gave as trusted."
        findings += unanchored(log.signers, anchors.demanded, text)
        outside = judge_outside_of_log(log, anchors)
        findings += outside.findings
        own, witnessed = {**outside.axes}, outside.witnessed
        own[Axis.TRUSTED] = trust_status(log, anchors)
    axes = {axis: _status(axis, log, claims, findings, own) for axis in Axis}
    return Verdict(
        origin=claims.origin,
        size=log.size if log else 0,
        root=log.root if log else "",
        axes=axes,
        findings=tuple(dict.fromkeys(findings)),
        counts={"attachments": claims.attachments, "figures": claims.compared},
        not_established=_not_established(axes, log, claims, witnessed),
    )


def _compare(log: LogReading, claims: ReportClaims) -> list[Finding]:
    found: list[Finding] = []

    def differ(subject: str, what: str, told: object, real: object) -> None:
        text = f"The report gives {what} {told}; the log it carries has {real}."
        found.append(Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, subject, text))

    if claims.size != log.size:
        differ("report", "the number of entries", claims.size, log.size)
    if claims.root != log.root:
        differ("report", "the root", claims.root, log.root)
    told = {claim.id: claim for claim in claims.exhibits}
    if len(told) != len(claims.exhibits) or told.keys() != log.exhibits.keys():
        names = ", ".join(sorted(told.keys() ^ log.exhibits.keys())[:20]) or "twice"
        text = f"The report and the log it carries name other exhibits: {names}."
        found.append(Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, "exhibits", text))
    for exhibit in log.exhibits.values():
        claim = told.get(exhibit.id)
        if claim is None:
            continue
        for what, mine, real in (
            ("the entry", claim.entry, exhibit.entry),
            ("the size", claim.payload_bytes, exhibit.payload_bytes),
            ("the SHA-256", claim.payload_sha256, exhibit.payload_sha256),
            ("the records", claim.inventory_records, exhibit.inventory_records),
            ("the root", claim.inventory_root, exhibit.inventory_root),
        ):
            if mine != real:
                differ(exhibit.id, what, mine, real)
    return found


def _status(
    axis: Axis,
    log: LogReading | None,
    claims: ReportClaims,
    findings: Sequence[Finding],
    own: dict[Axis, AxisVerdict],
) -> AxisVerdict:
    if failed := failing(axis, findings):
        return failed
    if axis in own:
        verdict = own[axis]
        return AxisVerdict(
            verdict.status, verdict.explanation + remarked(axis, findings)
        )
    entries = counted(log.size, "entry", "entries") if log else ""
    signed = f"The PDF: {claims.signed}." if claims.signed else _UNSIGNED
    text = {
        Axis.COMPLETE: f"There: {counted(claims.attachments, 'attachment')}, each of "
        "those listed, and no other.",
        Axis.INTACT: f"{claims.pages} The attachments match their digests.",
        Axis.CONSISTENT: f"The log carried is one chain of {entries}, confirmed by "
        f"{counted(log.checkpoints if log else 0, 'checkpoint')}; "
        f"{counted(claims.compared, 'figure')} follow from it.",
        Axis.SIGNED: f"{signed} The signatures on {log.signed if log else 0} of "
        f"{entries} in the log it carries hold.",
    }[axis]
    # Whoever has the log can print another report around it.
    unseen = (axis is Axis.INTACT and not claims.drawn) or (
        axis is Axis.SIGNED and not claims.signed
    )
    if axis in (Axis.COMPLETE, Axis.INTACT) and not claims.listed:
        unseen, text = True, _UNLISTED
    status = Status.NOT_CHECKED if unseen else Status.PASS
    return AxisVerdict(status, text + remarked(axis, findings))


def _not_established(
    axes: dict[Axis, AxisVerdict],
    log: LogReading | None,
    claims: ReportClaims,
    witnessed: int,
) -> tuple[str, ...]:
    lines = [
        "That the exhibits still exist or match: a report carries no payload. The "
        "verdict printed in it, findings and levels are stated by its issuer.",
        "That the content of any exhibit is true, or what it means.",
    ]
    if claims.stated:
        names = ", ".join(claims.stated)
        lines.append(
            f"Stated by the issuer, not provable from this file: {names}. It rests on "
            "sealed records, payloads or the issuer's own word."
        )
    if not claims.signed:
        lines.append(
            "Who made this PDF: it carries no signature that holds. What its log "
            "proves holds all the same, for whoever may have printed it."
        )
    else:
        if not claims.unrevoked:
            lines.append("That the signer's certificate was not revoked.")
        lines.append(
            "Whether the signature is advanced or qualified (Regulation (EU) No "
            "910/2014)."
        )
    if axes[Axis.TRUSTED].status is not Status.PASS:
        lines.append("Whose keys signed: compare the key id with one from the person.")
    if axes[Axis.TIMESTAMPED].status is not Status.PASS:
        lines.append("That the recorded times are true: they are the acquirer's clock.")
    lines.append(unestablished(witnessed, log.outside_checkpoint if log else 0))
    return tuple(lines)
