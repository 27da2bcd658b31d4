"""`custody export case-uco|hashdeep|csv|dfxml`: a case for others' programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from cli.consulting import consult_first, consulting_options
from cli.exporting import (
    Naming,
    NamingOptions,
    basis_of_names,
    check_plaintext,
    chosen,
    let_through_option,
    naming_of,
    naming_options,
    put_in_place,
    record_names,
    tell_put,
)
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.interchange.source import Source
    from manifests.canonical import Json
    from manifests.verifying.expected import ExpectedExhibit

_FILE = "File to write; it must not exist."


@click.command(name="case-uco")
@output_option(_FILE)
@let_through_option
@acting_options
@session_options
@click.pass_obj
def case_uco(session: Session, target: Path, let_through: str | None) -> int:
    """Write the case as CASE/UCO 1.4 JSON-LD: exhibits, acts, grounds, tools, digests.

    From the public part of the log alone: people are keys and aliases, and nothing
    sealed is in it. The same entries give the same bytes.

    \b
    EXIT STATUS
      0 written   10-23 written, but the log does not verify (see verify)
      34 not written: an identifier was found   3 not written: not searched wholly
    """
    from evidence.interchange.caseuco import case_uco as pieces

    return _public(session, target, let_through, pieces, "case-uco")


@click.command(name="hashdeep")
@output_option(_FILE)
@let_through_option
@acting_options
@session_options
@click.pass_obj
def hashdeep(session: Session, target: Path, let_through: str | None) -> int:
    """Write the digests of all files of exhibits, as hashdeep reads them.

    Check the case with it: cd CASE; hashdeep -c sha256 -r -l -a -k LIST exhibits

    \b
    EXIT STATUS
      0 written   10-23 written, but the log does not verify (see verify)
      34 not written: an identifier was found   3 not written: not searched wholly
    """
    from evidence.interchange.hashdeep import hashdeep as pieces

    return _public(session, target, let_through, pieces, "hashdeep")


@click.command(name="csv")
@click.argument("table", type=click.Choice(["custody", "exhibits", "inventory"]))
@click.argument("exhibits", metavar="[EX-0001...]", nargs=-1)
@output_option(_FILE)
@naming_options
@let_through_option
@consulting_options
@session_options
@click.pass_obj
def csv_table(
    session: Session,
    table: str,
    exhibits: tuple[str, ...],
    target: Path,
    let_through: str | None,
    **naming: Unpack[NamingOptions],
) -> int:
    """Write a table as CSV: the acts, the exhibits, or what is inside exhibits.

    RFC 4180, UTF-8. What a spreadsheet would compute has an apostrophe in front, and
    characters nobody sees are spelled out. An inventory is sealed content: reading it
    is a consultation, recorded first; its paths and names leave only with --with-names,
    and what is encrypted in the case only with --in-clear.

    \b
    EXIT STATUS
      0 written   10-23 written, but the log does not verify (see verify)
      34 not written: refused, or an identifier was found; 3 not searched wholly
    """
    from evidence.interchange import tables
    from evidence.interchange.source import source_of

    wanted = naming_of(naming)
    _check(wanted, inside=table == "inventory", exhibits=exhibits)
    check_target(target)
    case = session.open_case()
    source = source_of(case)
    pieces: Iterable[bytes]
    if table == "inventory":
        inside = _look(session, case, exhibits, wanted, form="csv")
        pieces = tables.inventory_table(case, inside, named=wanted.named)
    elif table == "custody":
        pieces = tables.custody_table(source)
    else:
        pieces = tables.exhibits_table(source)
    made = put_in_place(
        session, case, target, pieces, named=wanted.named, reason=let_through
    )
    return tell_put(session, case, made, "csv")


@click.command(name="dfxml")
@click.argument("exhibits", metavar="[EX-0001...]", nargs=-1)
@output_option(_FILE)
@naming_options
@let_through_option
@consulting_options
@session_options
@click.pass_obj
def dfxml(
    session: Session,
    exhibits: tuple[str, ...],
    target: Path,
    let_through: str | None,
    **naming: Unpack[NamingOptions],
) -> int:
    """Write exhibits as Digital Forensics XML; with EX-..., the files inside these too.

    Looking inside is a consultation, recorded first; paths and names leave only with
    --with-names, and what is encrypted in the case only with --in-clear.

    \b
    EXIT STATUS
      0 written   10-23 written, but the log does not verify (see verify)
      34 not written: refused, or an identifier was found; 3 not searched wholly
    """
    from evidence.interchange.dfxml import dfxml as pieces
    from evidence.interchange.source import source_of

    wanted = naming_of(naming)
    _check(wanted, inside=bool(exhibits), exhibits=exhibits)
    check_target(target)
    case = session.open_case()
    source = source_of(case)
    inside = _look(session, case, exhibits, wanted, form="dfxml") if exhibits else []
    told = pieces(source, case, inside, named=wanted.named)
    made = put_in_place(
        session, case, target, told, named=wanted.named, reason=let_through
    )
    return tell_put(session, case, made, "dfxml")


def _public(
    session: Session,
    target: Path,
    let_through: str | None,
    pieces: Callable[[Source], Iterable[bytes]],
    form: str,
) -> int:
    """Write what is made of public entries alone."""
    from evidence.interchange.source import source_of

    check_target(target)
    case = session.open_case()
    told = pieces(source_of(case))
    made = put_in_place(session, case, target, told, reason=let_through)
    return tell_put(session, case, made, form)


def _check(naming: Naming, *, inside: bool, exhibits: tuple[str, ...]) -> None:
    if inside != bool(exhibits):
        raise click.UsageError("Name exhibits for an inventory, and only for one.")
    if (naming.named or naming.in_clear) and not inside:
        told = "--with-names and --in-clear are for what is inside exhibits."
        raise click.UsageError(told)
    naming.check()


def _look(
    session: Session,
    case: Case,
    exhibits: tuple[str, ...],
    naming: Naming,
    *,
    form: str,
) -> list[ExpectedExhibit]:
    """Record the look, and the disclosure of names, before an inventory is read."""
    found = chosen(case, exhibits)
    names = tuple(expected.id for expected in found)
    check_plaintext(found, naming)
    if naming.named:
        basis_of_names(case, naming, names)  # before the look, so that it is none
    acting = session.acting()
    facts: dict[str, Json] = {"format": form, "named": naming.named}
    if naming.in_clear:
        facts["in_clear"] = True
    consult_first(session, case, "export", exhibits=names, facts=facts, acting=acting)
    if naming.named:
        record_names(session, case, naming, names, acting)
    return found
