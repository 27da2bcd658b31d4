"""`custody verify`: the verdict on a case, or on one exhibit by its proof file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import click

from cli import output
from cli.anchors import Trust, trust_options
from cli.anchors import anchors as trusting
from cli.disclosures import verify_bundle, verify_disclosure
from cli.envelopes import key_option
from cli.reports import verify_report
from cli.sealed_files import verify_envelope
from cli.session import AGE_IDENTITY, Session, session_options, signing_options
from cli.transfers import verify_container, verify_package, verify_receipt
from cli.verdicts import print_verdict, print_verdict_json

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.checking import Checked
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Axis, Verdict

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_PAYLOAD = click.Path(path_type=Path, exists=True, dir_okay=False)
_MAX_CELL = 2000
_MEMORY = "this machine's own memory"


@click.command(name="verify")
@click.argument(
    "folder",
    metavar="[CASE|PROOF|DISCLOSURE|PACKAGE|RECEIPT|BUNDLE|CONTAINER|REPORT.pdf]",
    required=False,
    type=click.Path(path_type=Path),
)
@click.option(
    "--checkpoint",
    "checkpoints",
    type=_PATH,
    multiple=True,
    help="Checkpoint or receipt kept outside the case (repeatable).",
)
@trust_options
@click.option(
    "--no-memory",
    is_flag=True,
    help="Leave out the head this machine remembers of the log.",
)
@click.option(
    "--ca-root",
    "ca_roots",
    type=_PATH,
    multiple=True,
    help="CA certificate you rely on: .p7s beside checkpoints, signatures of reports "
    "(repeatable).",
)
@click.option(
    "--require",
    metavar="AXES",
    default="",
    help="Axes that must pass, e.g. trusted,timestamped,witnessed.",
)
@click.option(
    "--payload",
    type=_PAYLOAD,
    help="With a proof: the file or device that should be the exhibit.",
)
@key_option
@signing_options
@session_options
@click.pass_obj
def command(  # noqa: C901, PLR0912 - one branch for each thing that is verified
    session: Session,
    folder: Path | None,
    checkpoints: tuple[Path, ...],
    ca_roots: tuple[Path, ...],
    no_memory: bool,
    require: str,
    payload: Path | None,
    certificate_key: Path | None,
    **trust: Unpack[Trust],
) -> int:
    """Verify a case, or a part of one that left it, and say what was not checked.

    Nothing is written, no key and no network is needed. All findings of one run are
    shown. Of an encrypted case the files are compared as they are; with --as, a
    passphrase file or $CUSTODY_AGE_IDENTITY it is also decrypted, in memory, and what
    is inside is checked. A package that came as one encrypted file needs such a key,
    or --certificate-key; without, its digest alone is told, and with -C compared with
    what the giver's case recorded.

    \b
    EXIT STATUS
      0   no axis failed (and all required ones passed)
      3   an encrypted package that was not opened
      10  intact   11  complete   12  consistent
      20  signed   21  trusted    22  timestamped   23  witnessed
    """
    from evidence.asice import is_container
    from evidence.certificates import read_roots
    from evidence.checking import check_case
    from evidence.disclosed import is_disclosure
    from evidence.envelope.looking import is_envelope
    from evidence.interchange.bundle_check import is_bundle
    from evidence.proving import is_proof_file
    from evidence.report.received import is_report_file
    from evidence.transfer.answers import is_transfer_file
    from evidence.transfer.opening import is_package

    required, anchors = _axes(require), trusting(session, trust, now=datetime.now(UTC))
    meter = output.Meter("verifying", on=not session.quiet and not session.as_json)
    if folder is not None and is_proof_file(folder):
        if checkpoints:
            raise click.UsageError("--checkpoint is for a case; a proof holds its own.")
        if ca_roots:
            raise click.UsageError("--ca-root is for a case; a proof holds no .p7s.")
        verdict = _verify_proof(session, folder, anchors, payload, meter)
        return verdict.exit_code(required)
    if folder is not None and (is_disclosure(folder) or is_bundle(folder)):
        if checkpoints or ca_roots or payload is not None:
            text = "A disclosure takes no --checkpoint, --ca-root or --payload."
            raise click.UsageError(text)
        judge = verify_disclosure if is_disclosure(folder) else verify_bundle
        return judge(session, folder, anchors, meter).exit_code(required)
    if folder is not None and (is_transfer_file(folder) or is_package(folder)):
        if checkpoints or ca_roots or payload is not None:
            text = "A hand-over takes no --checkpoint, --ca-root or --payload."
            raise click.UsageError(text)
        show = verify_package if folder.is_dir() else verify_receipt
        return show(session, folder, anchors, meter).exit_code(required)
    if folder is not None and is_report_file(folder):
        if checkpoints or payload is not None:
            text = "A report takes no --checkpoint or --payload."
            raise click.UsageError(text)
        return verify_report(session, folder, anchors, ca_roots).exit_code(required)
    if folder is not None and is_container(folder):
        if checkpoints or payload is not None:
            raise click.UsageError("A container takes no --checkpoint or --payload.")
        roots = read_roots(ca_roots)
        return verify_container(session, folder, anchors, roots, meter).exit_code(
            required
        )
    if payload is not None:
        raise click.UsageError("--payload is for a proof; a case holds its payloads.")
    if folder is not None and is_envelope(folder):
        return verify_envelope(
            session, folder, certificate_key, anchors, required, meter
        )
    session.case = folder or session.case
    opened = session.open_case()
    roots = read_roots(ca_roots)
    outside = _outside(checkpoints, opened)
    if not no_memory:
        outside += _remembered(session, opened)
    try:
        checked = check_case(
            opened,
            anchors=anchors,
            outside=tuple(outside),
            ca_roots=roots,
            decrypt=_has_key(session),
            progress=meter,
        )
    finally:
        meter.close()
    _show_case(session, opened, checked)
    return checked.verdict.exit_code(required)


def _axes(text: str) -> frozenset[Axis]:
    from manifests.verifying.verdict import Axis

    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        return frozenset(Axis(name) for name in names)
    except ValueError as error:
        known = ", ".join(axis.value for axis in Axis)
        raise click.UsageError(f"--require knows these axes: {known}.") from error


def _outside(paths: tuple[Path, ...], case: Case) -> list[tuple[str, bytes]]:
    """Return checkpoints kept outside; a receipt gives those of this log in it."""
    from evidence.transfer.answers import is_transfer_file, read_proof_file

    found: list[tuple[str, bytes]] = []
    for path in paths:
        if not is_transfer_file(path):
            found.append((path.name, path.read_bytes()[: 1 << 20]))
            continue
        proof = read_proof_file(path)
        sides = [proof.offer] + ([proof.answer] if proof.answer else [])
        own = [s for s in sides if s.head.origin == case.settings.origin]
        if not own:
            text = f"{path.name} holds no checkpoint of this case's log."
            raise click.UsageError(text)
        found += [(path.name, side.note) for side in own]
    return found


def _has_key(session: Session) -> bool:
    """Tell whether whoever verifies said with which key to decrypt."""
    named = session.actor is not None or session.passphrase_file is not None
    return named or bool(os.environ.get(AGE_IDENTITY))


def _remembered(session: Session, case: Case) -> list[tuple[str, bytes]]:
    """Return the head this machine remembers of the log; it lies outside the case."""
    note = session.memory().note(case.settings.origin)
    return [] if note is None else [(_MEMORY, note)]


def _show_case(session: Session, case: Case, checked: Checked) -> None:
    from evidence.vault.holders import holders_of, reach
    from manifests.verifying.tally import remaining

    verdict, gone = checked.verdict, checked.verdict.counts.get("erased", 0)
    exhibits = len(checked.log.exhibits)
    there = remaining(exhibits, gone)
    holders = holders_of(case.entries()) if checked.log.encrypted else None
    if session.as_json:
        facts: dict[str, object] = {"exhibits": exhibits - gone, "erased": gone}
        if holders is not None:
            facts["holders"] = [holder.facts() for holder in holders.current.values()]
        print_verdict_json(verdict, facts)
        return
    more = [] if holders is None else [("encrypted", reach(holders))]
    print_verdict(
        verdict,
        [
            ("log origin", verdict.origin),
            ("entries", str(verdict.size)),
            ("root", verdict.root),
            ("exhibits", there),
            *more,
        ],
    )


def _verify_proof(
    session: Session,
    path: Path,
    anchors: Anchors,
    payload: Path | None,
    meter: output.Meter,
) -> Verdict:
    """Check a proof file and show the verdict on its exhibit."""
    from evidence.proving import check_proof

    try:
        checked = check_proof(path, anchors=anchors, payload=payload, progress=meter)
    finally:
        meter.close()
    verdict, reading = checked.verdict, checked.reading
    exhibit = reading.exhibit
    records = [
        {"record": r.index + 1, "holds": r.holds, "fields": r.fields}
        for r in reading.records
    ]
    if session.as_json:
        facts = {
            "exhibit": exhibit.id,
            "entry": exhibit.entry,
            "time": reading.time,
            "actor": reading.actor,
            "payload": {
                "bytes": exhibit.payload_bytes,
                "sha256": exhibit.payload_sha256,
            },
            "records": records,
        }
        print_verdict_json(verdict, facts)
        return verdict
    print_verdict(
        verdict,
        [
            ("exhibit", f"{exhibit.id}, entry {exhibit.entry} of {reading.time}"),
            ("payload", f"{exhibit.payload_bytes} bytes"),
            ("sha256", exhibit.payload_sha256),
            ("signed by key", reading.actor),
            ("log origin", verdict.origin),
            ("checkpoint", f"{verdict.size} entries"),
            ("root", verdict.root),
        ],
    )
    _show_records(records)
    return verdict


def _show_records(records: list[dict[str, Any]]) -> None:
    for record in records:
        where = "in the inventory" if record["holds"] else "NOT in the inventory"
        output.title(f"Record {record['record']}, {where}")
        output.fields([(k, str(v)[:_MAX_CELL]) for k, v in record["fields"].items()])
