"""Verifying a report's PDF: what it is, what it carries, and whether the two agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import get_args

from evidence.case import Case
from evidence.checking import read_log
from evidence.report.attachments import Attachment, Relationship
from evidence.report.model import Report
from evidence.report.named import compare_names
from evidence.report.padescheck import PdfSigned, judge_signatures
from evidence.report.received import Carried, Received, problem, read_bytes, take_apart
from evidence.report.recorded import NAME, Recorded, read_recorded
from evidence.report.refigured import (
    Refigured,
    embedded_case,
    own_figures,
    refigure,
)
from evidence.report.versions import libraries
from evidence.report.vouched import judge_vouch
from evidence.report_errors import ReportModelError
from manifests import ledger
from manifests.entries import EntryType
from manifests.errors import CustodyError
from manifests.verifying.certificates import StampRoots
from manifests.verifying.judge import Anchors
from manifests.verifying.reading import LogReading
from manifests.verifying.reports import Claim, ReportClaims, judge_report
from manifests.verifying.verdict import Axis, Code, Finding, Verdict

_SAME_BYTES = "The file before signing is, byte for byte, what report.json gives."
_SAME_GRAPH = (
    "The file before signing holds and draws exactly what report.json gives; only its "
    "compression differs."
)
_SAME_TEXT = "Every page says what report.json says."
_BY_TEXT = (
    "The report was made with other versions of the libraries: its pages were compared "
    "by their text alone, not by how they are drawn. Look at them, too."
)
_SUBJECT = "the pages"


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """The verdict on a report, and what it rests on.

    Attributes:
        sha256: of the whole file, hex; bytes: its length.
        entered: number of the case's entry that names this file; None where no case
            was given or it names it nowhere.
    """

    verdict: Verdict
    sha256: str
    bytes: int
    report_id: str
    signed: PdfSigned
    attachments: tuple[str, ...]
    entered: int | None


def check_report(
    path: Path,
    *,
    anchors: Anchors,
    ca_roots: tuple[bytes, ...] = (),
    case: Case | None = None,
) -> CheckedReport:
    """Verify a report; nothing is written but in a temporary folder.

    Args:
        ca_roots: trusted CA certificates, DER, for the PDF's signature.
        case: the case it should have come from, to look its digest up there.

    Raises:
        CaseUnreadableError, ReportFileError: it cannot be read at all.
        MalformedError: the anchors hold something that is no certificate of a root.
    """
    data = read_bytes(path)
    received = take_apart(data)
    roots = StampRoots.from_bytes(*anchors.stamp_roots)
    signed = PdfSigned(())
    if received.whole:  # else a signature may lie in what was not read
        signed = judge_signatures(
            data,
            received.signatures,
            ca_roots=ca_roots,
            stamp_roots=roots,
            validation=received.validation,
        )
    findings = [*received.findings, *signed.findings]
    recorded = _recorded(received, findings)
    log: LogReading | None = None
    refigured = Refigured((), 0, ())
    pages = "The pages were not compared."
    if recorded is not None:
        findings += compare_attachments(received, recorded)
        carried = {name: one.content for name, one in received.attachments.items()}
        findings += compare_names(recorded.report.people, carried)
        pages, more = _pages(data, received, recorded)
        findings += more
        log, refigured = _figures(received, recorded, findings)
    findings += judge_vouch(signed.certificate, log)
    digest = sha256(data).hexdigest()
    entered = _entered(case, recorded, digest, findings) if case else None
    claims = _claims(received, recorded, signed, refigured, pages=pages)
    return CheckedReport(
        judge_report(log, claims, findings, anchors),
        digest,
        len(data),
        recorded.report.report_id if recorded else "",
        signed,
        tuple(sorted(received.attachments)),
        entered,
    )


def _recorded(received: Received, findings: list[Finding]) -> Recorded | None:
    if not received.whole:
        return None
    carried = received.attachments.get(NAME)
    if carried is None:
        text = f"It carries no {NAME}: what it prints cannot be checked."
        found = Finding(Axis.COMPLETE, Code.ATTACHMENT_MISSING, NAME, text)
        findings.append(found)
        return None
    try:
        return read_recorded(carried.content)
    except ReportModelError as error:
        findings.append(problem(Code.MODEL_MALFORMED, NAME, error.what))
        return None


def compare_attachments(received: Received, recorded: Recorded) -> list[Finding]:
    """Compare what is attached with what report.json lists."""
    found: list[Finding] = []
    listed = {one.name: one for one in recorded.attachments}
    for name, one in listed.items():
        carried = received.attachments.get(name)
        if carried is None:
            text = "It was attached when the report was made; it is not there."
            code = Code.ATTACHMENT_MISSING
            found.append(Finding(Axis.COMPLETE, code, name, text))
        elif sha256(carried.content).hexdigest() != one.sha256:
            text = f"It is not the file that was attached (SHA-256 {one.sha256})."
            found.append(problem(Code.ATTACHMENT_MODIFIED, name, text))
    printed = [(one.name, one.bytes, one.sha256) for one in recorded.attachments]
    told = recorded.report.attachments.files
    if sorted((one.name, one.size, one.sha256) for one in told) != printed:
        text = "The list of attachments printed is not that of those attached."
        found.append(problem(Code.FIGURE_WRONG, NAME, text))
    for line in told:
        carried = received.attachments.get(line.name)
        said = (line.media_type, line.description)
        if carried and said != (carried.media_type, carried.description):
            text = "What is printed of it is not what the file says."
            found.append(problem(Code.FIGURE_WRONG, line.name, text))
    for name in sorted(received.attachments.keys() - listed.keys() - {NAME}):
        text = "It was not attached when the report was made."
        found.append(problem(Code.ATTACHMENT_NEW, name, text))
    return found


# -- pages -------------------------------------------------------------------------


def _pages(
    data: bytes, received: Received, recorded: Recorded
) -> tuple[str, list[Finding]]:
    """Render the model again and compare: bytes, else objects, else text."""
    from evidence.report.making import attach

    try:
        files = [as_attachment(n, c) for n, c in received.attachments.items()]
        again = attach(recorded.report, files)
    except Exception as error:  # noqa: BLE001 - a model of hostile input
        text = f"What {NAME} says cannot be rendered again ({type(error).__name__})."
        return "", [problem(Code.PAGES_DIFFER, _SUBJECT, text)]
    if again == data[: received.base_end]:
        return _SAME_BYTES, []
    rebuilt = take_apart(again)
    if rebuilt.digest == received.digest:
        return _SAME_GRAPH, []
    told = take_apart(data, texts=True).pages
    found = take_apart(again, texts=True).pages
    differing = [
        number
        for number, (one, other) in enumerate(zip(told, found, strict=False), 1)
        if one != other
    ]
    if len(told) != len(found) or differing or not found:
        where = ", ".join(map(str, differing[:20])) or "their number"
        text = f"They do not say what {NAME} says: page {where}."
        return "", [problem(Code.PAGES_DIFFER, _SUBJECT, text)]
    if recorded.libraries == libraries():
        text = f"They say what {NAME} says, but show or hold something else beside it."
        return "", [problem(Code.PAGES_DIFFER, _SUBJECT, text)]
    remark = Finding(Axis.INTACT, Code.PAGES_BY_TEXT, _SUBJECT, _BY_TEXT, fails=False)
    return _SAME_TEXT, [remark]


def as_attachment(name: str, carried: Carried) -> Attachment:
    """Return an attachment as it was given to the PDF.

    Raises:
        ValueError: it is none that this tool attaches.
    """
    relationship = next(
        (one for one in get_args(Relationship) if one == carried.relationship), None
    )
    if relationship is None:
        raise ValueError("no relationship")
    return Attachment(
        name, carried.media_type, relationship, carried.description, carried.content
    )


# -- figures -----------------------------------------------------------------------


def _figures(
    received: Received, recorded: Recorded, findings: list[Finding]
) -> tuple[LogReading | None, Refigured]:
    """Read the log the report carries and work its figures out again."""
    nothing, report = Refigured((), 0, ()), recorded.report
    if ledger.ENTRIES not in received.attachments:
        findings += _without_log(report)
        findings += own_figures(recorded)
        return None, nothing
    files: Mapping[str, bytes] = {
        name: carried.content for name, carried in received.attachments.items()
    }
    with embedded_case(report.origin, report.profile, files) as case:
        try:
            log = read_log(case)
        except CustodyError as error:
            text = f"The log it carries cannot be read: {error.what}"
            code = Code.ENTRY_MALFORMED
            findings.append(Finding(Axis.CONSISTENT, code, ledger.ENTRIES, text))
            return None, nothing
        refigured = refigure(case, recorded, files)
    findings += refigured.findings
    return log, refigured


def _without_log(report: Report) -> Iterator[Finding]:
    """Say that there is no log, and that there should be one."""
    text = "It carries no log: its figures are the issuer's word."
    code = Code.FIGURES_UNCHECKED
    yield Finding(Axis.CONSISTENT, code, NAME, text, fails=False)
    said = any(line.startswith("The log (") for line in report.attachments.left_out)
    if report.extras.variant.log and not said:
        text = "A report of this kind carries the log it was made from."
        code = Code.ATTACHMENT_MISSING
        yield Finding(Axis.COMPLETE, code, ledger.ENTRIES, text)


def _claims(
    received: Received,
    recorded: Recorded | None,
    signed: PdfSigned,
    refigured: Refigured,
    *,
    pages: str,
) -> ReportClaims:
    report = recorded.report if recorded else None
    exhibits = report.exhibits if report else ()
    words = ""
    if signed.level:
        words = f"PAdES {signed.level}, signed for {signed.subject} at {signed.time}"
        words += f", seen by an authority at {signed.stamped}" if signed.stamped else ""
    return ReportClaims(
        origin=report.origin if report else "",
        size=report.size if report else 0,
        root=report.root if report else "",
        exhibits=tuple(
            Claim(
                one.id,
                one.entry,
                one.payload_bytes,
                one.sha256,
                one.inventory_records,
                one.inventory_root,
            )
            for one in exhibits
        ),
        pages=pages,
        drawn=pages in (_SAME_BYTES, _SAME_GRAPH),
        attachments=len(received.attachments),
        listed=recorded is not None,
        compared=refigured.compared,
        signed=words,
        unrevoked=signed.unrevoked,
        stated=refigured.stated,
    )


# -- the case it came from ---------------------------------------------------------


def _entered(
    case: Case, recorded: Recorded | None, digest: str, findings: list[Finding]
) -> int | None:
    """Return the entry of the case that names this file, by its SHA-256."""
    if recorded is not None and recorded.report.origin != case.settings.origin:
        text = f"It is a report of another case than the one given ({case.path.name})."
        code = Code.REPORT_OTHER_CASE
        findings.append(Finding(Axis.CONSISTENT, code, "the report", text))
        return None
    for entry in case.entries():
        if entry.type != EntryType.REPORT_ISSUE:
            continue
        issued = entry.facts.get("issued")
        inside = issued.get("sha256") if isinstance(issued, dict) else None
        if digest in {entry.facts.get("sha256"), inside}:
            return entry.seq
    text = "No entry of the case given names a report with this file's SHA-256."
    code = Code.REPORT_NOT_ENTERED
    findings.append(Finding(Axis.CONSISTENT, code, "the report", text))
    return None
