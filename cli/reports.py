"""`custody verify REPORT.pdf`: checking a report, and showing what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.verdicts import print_verdict, print_verdict_json

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.report.padescheck import PdfSigned
    from evidence.report.verifying import CheckedReport
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Verdict


def verify_report(
    session: Session, path: Path, anchors: Anchors, ca_roots: Sequence[Path]
) -> Verdict:
    """Check a report and show the verdict.

    With --case (or -C) the case given is asked whether it names the file, too.

    Raises:
        CaseUnreadableError, ReportFileError, MalformedError: not checked at all.
    """
    from evidence.certificates import read_roots
    from evidence.report.verifying import check_report

    case = session.open_case() if session.case is not None else None
    checked = check_report(
        path, anchors=anchors, ca_roots=read_roots(ca_roots), case=case
    )
    if session.as_json:
        print_verdict_json(checked.verdict, _facts(checked))
    else:
        fields = _fields(checked, asked=case is not None)
        print_verdict(checked.verdict, fields, counted="Compared")
    return checked.verdict


def _facts(checked: CheckedReport) -> dict[str, object]:
    signed = checked.signed
    return {
        "report": checked.report_id,
        "bytes": checked.bytes,
        "sha256": checked.sha256,
        "attachments": [*checked.attachments],
        "pades": signed.level or None,
        "pades_parts": signed.parts or None,
        "signer": signed.subject or None,
        "signed_at": signed.time or None,
        "stamped_at": signed.stamped or None,
        "entered": checked.entered,
    }


def _fields(checked: CheckedReport, *, asked: bool) -> list[tuple[str, str]]:
    verdict, signed = checked.verdict, checked.signed
    entered = f"entry {checked.entered}" if checked.entered is not None else "nowhere"
    return [
        ("report", checked.report_id or "not readable"),
        ("sha256", checked.sha256),
        ("signature", _level(signed)),
        ("signed for", signed.subject or "-"),
        ("signed at", f"{signed.time or '-'} (its own claim)"),
        ("seen by an authority at", signed.stamped or "-"),
        ("attachments", ", ".join(checked.attachments) or "none"),
        ("log origin", verdict.origin or "-"),
        ("entries", str(verdict.size)),
        ("root", verdict.root or "-"),
        ("named in the case", entered if asked else "not asked (give -C CASE)"),
    ]


def _level(signed: PdfSigned) -> str:
    """Say the level that holds and, where its parts are of a higher one, that."""
    if not signed.level:
        return "none that holds"
    if signed.level == signed.parts:
        return f"PAdES {signed.level}"
    return (
        f"PAdES {signed.level} (its parts are those of {signed.parts}; not all were "
        "judged and hold)"
    )
