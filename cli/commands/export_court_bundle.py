"""`custody export court-bundle`: one folder for a court."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.disclosures import Given, record_disclosure
from cli.enclosing import age_recipient, check_encrypted
from cli.exporting import check_reason, judge, let_through_option
from cli.grounds import ground_options, tell_unused
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.disclosing import Portion
    from evidence.grounds import Basis
    from evidence.interchange.bundle import Made
    from manifests.entries import Entry

_PDF = click.Path(path_type=Path, exists=True, dir_okay=False)


class _Given(TypedDict):
    """To whom it goes, for what, and a note."""

    recipient: str
    purpose: str
    encrypt_to: str | None
    note: str


@click.command(name="court-bundle")
@click.argument("exhibits", metavar="[EX-0001...]", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All exhibits, documents too.")
@click.option(
    "--report",
    type=_PDF,
    required=True,
    help="The report, made by 'custody report' (best with --issue).",
)
@click.option(
    "--to",
    "recipient",
    metavar="ALIAS",
    required=True,
    help="Who gets it: an alias (CRT-1) or a key id.",
)
@click.option(
    "--purpose",
    metavar="WORD",
    default="court-hearing",
    show_default=True,
    help="See 'custody consent words'.",
)
@click.option(
    "--encrypt-to",
    metavar="AGE1...|NAME",
    help="Of an encrypted case: the court's age key, or a key you trust.",
)
@click.option("--note", default="", help="In your words (sealed).")
@output_option("Folder to make, or a file that ends in .zip; it must not exist.")
@let_through_option
@ground_options
@acting_options
@session_options
@click.pass_obj
def court_bundle(
    session: Session,
    exhibits: tuple[str, ...],
    every: bool,
    report: Path,
    target: Path,
    let_through: str | None,
    **given: Unpack[_Given],
) -> None:
    """Make one folder for a court: index, report, exhibits, record, how to check it.

    It is a disclosure: recorded before anything is written, and refused unless a
    recorded ground covers exactly this. The report is searched for identifiers first.
    It verifies alone: sh verify.sh, or custody verify FOLDER. The record in it is the
    public part of the whole case; names and sealed records are not in it. Exhibits of
    an encrypted case go as they lie there, with their keys for --encrypt-to.
    """
    from evidence.disclosing import check_space, prepare
    from evidence.interchange.bundle import (
        bytes_beside,
        check_report,
        is_zip,
        part_of,
        write_bundle,
    )
    from evidence.interchange.putting import search
    from evidence.report.issued import issued_as

    recipient, purpose = given["recipient"], given["purpose"]
    _check(recipient, purpose)
    check_reason(let_through)
    check_target(target)
    case = session.open_case()
    check_report(report)
    age = age_recipient(given["encrypt_to"])
    to = None if age is None else lambda: str(age)
    prepared = prepare(case, _portions(case, exhibits, every=every), to=to)
    check_encrypted(prepared, age)
    digest = _digest(report)
    # What was issued was searched byte by byte when it was made.
    raw = issued_as(case, digest) is None
    found = search(case, report, named=False, raw=raw, name=target.name)
    judge(session, case, found, digest, let_through)
    with part_of(target) as part:
        beside = bytes_beside(case, report)
        copies = 2 if is_zip(target) else 1  # the folder, then the file
        check_space(prepared, part, case, beside=beside, copies=copies)
        leaving = Given(recipient, purpose, given["note"], age)
        basis, entry = record_disclosure(session, case, prepared, leaving)
        made = write_bundle(
            case, prepared, entry, report=report, part=part, target=target
        )
    _tell(session, target, entry, made, basis)


def _check(recipient: str, purpose: str) -> None:
    from evidence.consent.words import check_recipient, words

    check_recipient(recipient)
    if purpose not in words().purposes:
        known = ", ".join(words().purposes)
        raise click.UsageError(f"--purpose is one of: {known}.")


def _portions(case: Case, exhibits: tuple[str, ...], *, every: bool) -> list[Portion]:
    from evidence.disclosing import Portion
    from evidence.interchange.source import source_of
    from evidence.interchange_errors import BundleRefusedError
    from manifests.disclosure import MAX_EXHIBITS

    if every == bool(exhibits):
        raise click.UsageError("Name exhibits, or --all for all there are.")
    names = tuple(dict.fromkeys(name.upper() for name in exhibits))
    if every:
        source = source_of(case)
        names = tuple(e.id for _, e in source.exhibits() if not source.erased(e.id))
    if not 0 < len(names) <= MAX_EXHIBITS:
        reason = f"it takes 1 to {MAX_EXHIBITS} exhibits"
        raise BundleRefusedError(reason=reason)
    return [Portion(name) for name in names]


def _digest(path: Path) -> str:
    from evidence.hashing import hash_file

    return hash_file(path.resolve()).sha256


def _tell(
    session: Session, target: Path, entry: Entry, made: Made, basis: Basis
) -> None:
    refusals = [refusal.code for refusal in basis.overridden]
    if session.as_json:
        value = {"path": str(target), "sha256sums": made.identity, "files": made.files}
        told = {"entry": entry.seq, "ground": basis.ground, "overridden": refusals}
        output.emit_json("court-bundle", {**value, **told})
        return
    output.title(f"Court bundle, entry {entry.seq}")
    output.fields(
        [
            ("written", str(target)),
            ("files", str(made.files)),
            ("ground", basis.ground or "none"),
            ("named by", f"SHA-256 of SHA256SUMS, {made.identity}"),
        ]
    )
    if refusals:
        output.tell(f"  OVERRIDDEN: {', '.join(refusals)}; recorded and shown.")
    tell_unused(unused=basis.unused)
