"""`custody report`: the PDF custody report."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from cli import output
from cli.anchors import Trust, anchors, trust_options
from cli.commands.check import NAMES
from cli.consulting import consult_first, consulting_options
from cli.pdfsigning import Signing, aimed_at, pdf_signature_options, sign_pdf
from cli.report_variants import Chosen, applied, variant_options
from cli.session import Session, session_options
from cli.writing_out import check_target, output_option, write_out
from evidence.report.i18n import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.identity import Identity
    from evidence.lint.findings import Result
    from evidence.report.attachments import Attachment
    from evidence.report.model import Person, Report
    from evidence.report.options import Options
    from evidence.report.signing import Signed
    from manifests.canonical import Json
    from manifests.keys import Signer


class _More(Trust, Chosen, Signing):
    """Whom the report relies on, and what it shows beyond the default."""

    texts: bool
    decisions: bool
    matrix: bool
    checks: tuple[str, ...]
    named_staff: bool
    let_through: str | None
    language: str


@click.command(name="report")
@output_option("PDF to write; it must not exist.")
@click.option(
    "--at",
    metavar="TIME",
    help="Time to print (RFC 3339, UTC; default now or $SOURCE_DATE_EPOCH). "
    "The same case at the same time gives the same bytes.",
)
@click.option(
    "--with-texts",
    "texts",
    is_flag=True,
    help="Show what examiners wrote: descriptions, facts and assessments.",
)
@click.option("--with-sources", is_flag=True, help="Show paths and names of sources.")
@click.option(
    "--with-decisions",
    "decisions",
    is_flag=True,
    help="Show decisions and interference with their sealed words.",
)
@click.option("--with-matrix", "matrix", is_flag=True, help="Show the matrix.")
@click.option(
    "--check",
    "checks",
    type=click.Choice(NAMES),
    multiple=True,
    help="Add a comparison with a law or standard (see check; repeatable).",
)
@click.option(
    "--named-staff",
    is_flag=True,
    help="Show the names of those who acted, not their pseudonyms.",
)
@click.option(
    "--let-through",
    metavar="REASON",
    help="Write it although an identifier was found; the reason is recorded, sealed.",
)
@click.option("--classification", default="", help="Printed on every page.")
@click.option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    default=ENGLISH,
    show_default=True,
    help="Language of the report. Translations are drafts and say so.",
)
@click.option("--issue", is_flag=True, help="Record the report in the manifest.")
@pdf_signature_options
@variant_options
@trust_options
@consulting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    target: Path,
    at: str | None,
    with_sources: bool,
    classification: str,
    issue: bool,
    **more: Unpack[_More],
) -> int:
    """Verify the case and write the PDF custody report.

    No message content, position, source path, name of staff or free text is in it by
    default. The file is PDF/A-3b and carries the log, its proofs and a guide as
    attachments, nothing sealed. It is searched for identifiers before it is put in
    place (see lint) and refused when one is found. Writing sealed words into it
    (--with-...) is a consultation and recorded first. With --issue its digest is
    entered in the manifest and a copy is kept in the case's reports folder; the report
    then covers the entries
    before that one.

    With --sign-with the finished PDF is signed (PAdES); the level that was reached is
    shown and recorded. Only --stamp-with asks anybody: for a time stamp, over a digest.
    'custody verify report.pdf' checks the result.

    \b
    EXIT STATUS
      0 written and no axis failed; 10-23 written, but an axis failed (see verify);
      34 not written: an identifier was found; 3 not written: not searched wholly
    """
    from evidence.held import HeldLog
    from evidence.lint.gathering import names_somebody
    from evidence.lint.leaving import search_for, seek
    from evidence.report.compose import compose
    from evidence.report.options import Options
    from evidence.report.summing import summed
    from evidence.report.variants import variant_of

    let_through = more["let_through"]
    case = session.open_case()
    check_target(target)
    relied_on = anchors(session, more, now=None)
    if let_through is not None and not let_through.strip():
        raise click.UsageError("Give a reason with --let-through.")
    level = aimed_at(more)
    options = Options(
        _moment(at),
        texts=more["texts"],
        sources=with_sources,
        classification=classification,
        named_staff=more["named_staff"],
        time_given=at is not None or bool(os.environ.get("SOURCE_DATE_EPOCH")),
        decisions=more["decisions"],
        matrix=more["matrix"],
        checks=tuple(dict.fromkeys(more["checks"])),
        language=more["language"],
        pades=level,
    )
    options = applied(options, more)
    shown = _sealed_parts(options)
    acting = session.acting() if issue or let_through or shown else None
    if shown:
        parts: dict[str, Json] = {"with": [*shown]}
        consult_first(session, case, "report", facts=parts, acting=acting)
    if acting and issue:
        issuer = _issuer(case, acting[0], named=options.named_staff)
        options = replace(options, issuer=issuer)
    held = HeldLog()
    every = compose(case, options, anchors=relied_on, held=held)
    held.keep(names_somebody)  # all that the search will ask for
    sought = seek(
        case,
        every,
        sources=options.sources,
        named_staff=options.named_staff,
        entries=held.entries,
    )
    report, lists = (every, ()) if more["all_rows"] else summed(every)
    with sought.ahead([one.content for one in lists]) as ahead:
        report, data = _made(case, report, options, lists)
        strict = variant_of(options.variant).strict
        result = search_for(
            sought, every, data, strict=strict, ahead=ahead, name=target.name
        )
    _judge(session, acting, case, result, data, reason=let_through)
    signed = sign_pdf(session, case, data, more) if level else None
    data = signed.data if signed else data
    write_out(target, data)
    if acting and issue:
        _issue(session, acting, case, report, data, signed=signed)
    return _tell(session, report, target, data, signed=signed)


def _made(
    case: Case, report: Report, options: Options, lists: tuple[Attachment, ...]
) -> tuple[Report, bytes]:
    """Return the report with its attachments, and the file: PDF/A-3b."""
    from evidence.report.attaching import attachments_of, with_attachments
    from evidence.report.making import make_pdf

    attached = attachments_of(
        case,
        report,
        named_staff=options.named_staff,
        sources=options.sources,
        lists=lists,
    )
    report = with_attachments(report, attached)
    return report, make_pdf(report, options, attached.files)


def _sealed_parts(options: Options) -> list[str]:
    """Return the words for the sealed parts that the report shows."""
    asked = {
        "texts": options.texts,
        "sources": options.sources,
        "decisions": options.decisions,
        "matrix": options.matrix,
        "losses": options.losses,
        "persons": options.persons,
        "thumbnails": bool(options.thumbnails),
    }
    return [name for name, on in asked.items() if on]


def _moment(at: str | None) -> str:
    """Return the time to print, as RFC 3339 in UTC with seconds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if at is not None:
            moment = datetime.fromisoformat(at)
        elif epoch:
            moment = datetime.fromtimestamp(int(epoch), UTC)
        else:
            moment = datetime.now(UTC)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(
            "The time is not RFC 3339, e.g. 2026-01-31T12:00:00Z."
        ) from error
    if moment.tzinfo is None:
        raise click.UsageError("The time needs a zone: end it with Z for UTC.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _issuer(case: Case, identity: Identity, *, named: bool) -> Person:
    from evidence.people.register import read_register
    from evidence.report.model import Person

    if named:
        organisation = identity.organisation or None
        return Person(identity.name, identity.role, organisation, identity.key)
    pseudonym = read_register(case).staff().get(identity.key)
    name = pseudonym or f"key {identity.key[:16]}"
    return Person(name, identity.role, None, identity.key)


def _judge(
    session: Session,
    acting: tuple[Identity, Signer] | None,
    case: Case,
    result: Result,
    data: bytes,
    *,
    reason: str | None,
) -> None:
    """Refuse a report in which identifiers were found, or record why it may pass."""
    from hashlib import sha256

    from evidence.lint.leaving import doubts_in_words, let_through, refuse

    if acting is None or reason is None:
        refuse(result, "the report")
    elif result.blocking or result.unread:
        identity, signer = acting
        with session.writing(case, identity, signer) as writer:
            let_through(
                writer,
                result.blocking,
                reason,
                unread=len(result.unread),
                file_sha256=sha256(data).hexdigest(),
            )
    told = doubts_in_words(result)
    if told and not session.quiet:
        output.tell(told)
    for problem in result.problems:
        output.tell(f"Warning: not looked for: {problem}")


def _issue(
    session: Session,
    acting: tuple[Identity, Signer],
    case: Case,
    report: Report,
    data: bytes,
    *,
    signed: Signed | None,
) -> None:
    from hashlib import sha256

    from evidence.report.compose import report_name
    from manifests import durable
    from manifests.entries import EntryType

    identity, signer = acting
    name = report_name(report.report_id)
    with session.writing(case, identity, signer) as writer:
        facts: dict[str, Json] = {
            "covers": report.size,
            "report": report.report_id,
            "root": report.root,
        }
        if signed is not None:
            facts["pades"] = {
                "certificate": signed.certificate_sha256,
                "level": signed.level.value,
            }
        kept = data
        if writer.vault is not None:  # it names people
            kept, name = writer.vault.copy(data), f"{name}.age"
            facts["issued"] = {
                "bytes": len(data),
                "sha256": sha256(data).hexdigest(),
            }
        path = case.path / "reports" / name
        if path.exists():
            kept = path.read_bytes()
        else:
            durable.write_new(path, kept)
        digest = sha256(kept).hexdigest()
        facts |= {"bytes": len(kept), "file": name, "sha256": digest}
        writer.record(EntryType.REPORT_ISSUE, facts=facts)


def _tell(
    session: Session,
    report: Report,
    target: Path,
    data: bytes,
    *,
    signed: Signed | None,
) -> int:
    from hashlib import sha256

    from manifests.verifying.verdict import EXIT_CODES

    failed = [axis.axis for axis in report.axes if axis.status == "fail"]
    code = next((c for a, c in EXIT_CODES.items() if a.value in failed), 0)
    digest = sha256(data).hexdigest()
    if session.as_json:
        output.emit_json(
            "report",
            {
                "file": str(target),
                "report": report.report_id,
                "sha256": digest,
                "covers": report.size,
                "root": report.root,
                "failed_axes": failed,
                "pades": signed.level.value if signed else None,
            },
        )
        return code
    output.title(f"Report {report.report_id}")
    output.fields(
        [
            ("file", str(target)),
            ("sha256", digest),
            ("covers", f"{report.size} entries, root {report.root}"),
            ("signature", f"PAdES {signed.level}" if signed else "none"),
        ]
    )
    if failed:
        output.tell(f"The report says that these axes FAIL: {', '.join(failed)}.")
    return code
