"""`custody statement`: statements, their versions and passages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence.case import CaseWriter
    from evidence.casework.statements import Passage
    from manifests.canonical import Json


class _Taken(TypedDict):
    """How a statement was taken."""

    person: str
    interviewer: str
    interpreter: str
    language: str
    at: str
    informed_at: str
    of: str


@click.group(name="statement")
@session_options
def command() -> None:
    """What persons said, version by version. Differences are not judged."""


@command.command(name="add")
@click.option("--person", required=True, metavar="PE-0001", help="Whose it is.")
@click.option("--interviewer", required=True, help="Name or PE-0002 (sealed).")
@click.option("--interpreter", default="", help="Name or PE-0003 (sealed).")
@click.option("--language", required=True, metavar="TAG", help="Spoken, such as az.")
@click.option("--at", default="", metavar="TIME", help="When it was taken (sealed).")
@click.option(
    "--informed-at",
    default="",
    metavar="TIME",
    help="When the person was told of rights and benefits (sealed).",
)
@click.option("--of", default="", metavar="ST-0001", help="A new version of it.")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path),
    help="The statement; becomes an exhibit.",
)
@click.option("--exhibit", default="", metavar="EX-0001", help="It is one already.")
@acting_options
@session_options
@click.pass_obj
def add(
    session: Session, file: Path | None, exhibit: str, **taken: Unpack[_Taken]
) -> None:
    """Record a statement, or a new version of one."""
    from evidence.casework.statements import Taking, add_statement, check_taking

    if (file is None) == (not exhibit):
        raise click.UsageError("Give either --file FILE or --exhibit EX-0001.")
    taking = Taking(
        taken["person"].upper(),
        taken["interviewer"],
        taken["language"],
        taken["interpreter"],
        taken["at"],
        taken["informed_at"],
        taken["of"].upper(),
    )
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        check_taking(case.entries(), taking)
        name = exhibit.upper() if file is None else _acquire(writer, file)
        entry = add_statement(writer, name, taking)
    version = f"{entry.facts['number']}/{entry.facts['version']}"
    if session.as_json:
        value = {"statement": version, "exhibit": name, "entry": entry.seq}
        output.emit_json("statement", value)
    else:
        output.say(f"{version} recorded: {name}, entry {entry.seq}.")


def _acquire(writer: CaseWriter, file: Path) -> str:
    """Acquire the document and return its exhibit."""
    from evidence.acquire import Request, acquire
    from evidence.casework.statements import DOCUMENT
    from evidence.errors import SourceMissingError, SourceUnsuitableError
    from evidence.methods import take_files

    if not file.exists():
        raise SourceMissingError(path=str(file))
    if not file.is_file() or file.is_symlink():
        raise SourceUnsuitableError(path=str(file), reason="it is not a regular file")
    command_line = ("custody", *sys.argv[1:])
    request = Request(DOCUMENT, (file,), command=command_line)
    return acquire(writer, request, take_files).exhibit


@command.command(name="passage")
@click.argument("statement", metavar="ST-0001[/VERSION]")
@click.option("--lines", default="", metavar="A-B", help="Lines from A to B, from 1.")
@click.option(
    "--bytes", "octets", default="", metavar="A-B", help="Bytes from A (from 0) to B."
)
@acting_options
@session_options
@click.pass_obj
def passage(session: Session, statement: str, lines: str, octets: str) -> None:
    """Mark a passage by lines or bytes; its place and digest are sealed."""
    from evidence.casework.ranges import read_bytes, read_lines
    from evidence.casework.statements import mark_passage

    if bool(lines) == bool(octets):
        raise click.UsageError("Give either --lines A-B or --bytes A-B.")
    where = read_lines(lines) if lines else read_bytes(octets)
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        made = mark_passage(writer, statement, where)
    if session.as_json:
        value = {
            "passage": made.reference,
            "version": made.version,
            "exhibit": made.exhibit,
            "bytes": [made.span.start, made.span.end],
            "sha256": made.span.sha256,
            "entry": made.entry.seq,
        }
        output.emit_json("statement-passage", value)
    else:
        span = f"bytes {made.span.start} to {made.span.end}"
        output.say(f"{made.reference} is {span} of {made.exhibit}.")


@command.command(name="show")
@click.argument("statement", metavar="ST-0001")
@click.option("--sealed", "with_sealed", is_flag=True, help="Show what is sealed.")
@consulting_options
@session_options
@click.pass_obj
def show(session: Session, statement: str, with_sealed: bool) -> None:
    """Show the versions of a statement and how many passages are marked.

    With --sealed also who said it and how, and its passages, whose bytes are checked
    again; that is a consultation and recorded first.
    """
    from evidence.casework.numbers import STATEMENT, numbered
    from evidence.casework.statements import check_passage, passages_of

    case = session.open_case()
    entries = list(case.entries())
    known = numbered(entries, STATEMENT)
    number = str(known.entry(statement).facts["number"])
    versions, marked = known.found[number], list(passages_of(entries, number))
    records: list[Mapping[str, Json] | None] = [None for _ in versions]
    passages: list[Passage] = []
    if with_sealed:
        about = tuple(sorted({e.exhibits[0] for e in versions}))
        facts: dict[str, Json] = {"statements": [number]}
        consult_first(session, case, "statement", exhibits=about, facts=facts)
        records = [case.sealed(entry) for entry in versions]
        passages = [check_passage(case, entries, entry) for entry in marked]
    if session.as_json:
        value = {
            "statement": number,
            "versions": [
                {"version": n, "exhibit": e.exhibits[0], "sealed": record}
                for n, (e, record) in enumerate(
                    zip(versions, records, strict=True), start=1
                )
            ],
            "passages_marked": len(marked),
            "passages": [_passage_json(p) for p in passages] if with_sealed else None,
        }
        output.emit_json("statement-show", value)
        return
    for version, (entry, record) in enumerate(
        zip(versions, records, strict=True), start=1
    ):
        output.title(f"{number}/{version}  {entry.exhibits[0]}, entry {entry.seq}")
        told = (record or {}).items()
        output.fields([(k, str(v)) for k, v in told if v and k != "salt"])
    if not with_sealed:
        output.say(f"Passages marked: {len(marked)}; where they are is sealed.")
    for one in passages:
        span = f"bytes {one.span.start}-{one.span.end}"
        output.say(f"{one.reference}  version {one.version}, {span}, bytes match")


def _passage_json(one: Passage) -> dict[str, object]:
    return {
        "passage": one.reference,
        "version": one.version,
        "bytes": [one.span.start, one.span.end],
        "lines": [one.span.first, one.span.last],
        "sha256": one.span.sha256,
    }
