"""`custody person`: the register of persons, by pseudonym."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from manifests.canonical import Json

_F = TypeVar("_F", bound=Callable[..., object])
_SINGULAR = {
    "names": "name",
    "aliases": "alias",
    "phones": "phone",
    "emails": "email",
    "handles": "handle",
    "accounts": "account",
    "addresses": "address",
    "places": "place",
    "documents": "document",
    "serials": "serial",
    "imeis": "imei",
    "keys": "key",
}
_CATEGORIES = ("suspect", "convicted", "victim", "other", "staff")


def _field_options(function: _F) -> _F:
    for name, singular in reversed(_SINGULAR.items()):
        function = click.option(
            f"--{singular}", name, multiple=True, help="May be given again."
        )(function)
    for option in (
        click.option("--birth-date", metavar="YYYY-MM-DD", help="Date of birth."),
        click.option("--note", help="Anything else."),
        click.option(
            "--category",
            type=click.Choice(_CATEGORIES),
            help="Directive (EU) 2016/680 Art. 6; or staff.",
        ),
        click.option(
            "--from",
            "source",
            type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
            help="JSON file with these fields (- for standard input): nothing stands "
            "in the history of the shell.",
        ),
    ):
        function = option(function)
    return function


def _fields(given: dict[str, object], source: Path | None) -> dict[str, Json]:
    """Return the fields of the file, and of the command line above them."""
    from evidence.people.person import MAX_FILE_BYTES, checked, read_file

    found: dict[str, Json] = {}
    if source is not None:
        with click.open_file(str(source), "rb") as stream:
            found = read_file(stream.read(MAX_FILE_BYTES + 1))
    for name, value in given.items():
        if isinstance(value, tuple):
            if value:
                found[name] = list(value)
        elif isinstance(value, str):
            found[name] = value
    return checked(found)


@click.group(name="person")
def command() -> None:
    """The register of persons: pseudonyms in public, everything else sealed."""


@command.command(name="add")
@_field_options
@acting_options
@session_options
@click.pass_obj
def add(session: Session, /, source: Path | None, **given: object) -> None:
    """Add a person; prints the pseudonym (PE-0001).

    Everything is sealed, the category, too. Better give the fields with --from.
    """
    from evidence.people.register import add_person

    fields = _read(given, source)
    identity, signer = session.acting()
    with session.writing(session.open_case(), identity, signer) as writer:
        name = add_person(writer, fields)
        seq = writer.log.size - 1
    _done(session, name, seq, "add")


def _read(given: dict[str, object], source: Path | None) -> dict[str, Json]:
    from evidence.people_errors import PersonRefusedError

    try:
        return _fields(given, source)
    except OSError as error:
        reason = f"the file cannot be read ({type(error).__name__})"
        raise PersonRefusedError(reason=reason) from error


@command.command(name="alter")
@click.argument("person", metavar="PE-0001")
@click.option("--reason", required=True, help="Why; recorded, sealed.")
@click.option("--is", "into", metavar="PE-0002", help="It is the same person as that.")
@_field_options
@acting_options
@session_options
@click.pass_obj
def alter(
    session: Session,
    /,
    person: str,
    reason: str,
    into: str | None,
    source: Path | None,
    **given: object,
) -> None:
    """Record new values of fields; a list replaces the former list.

    Former values stay in their entries, and lint still looks for them. With --is two
    pseudonyms are merged.
    """
    from evidence.people.register import alter_person, merge_people

    fields = _read(given, source)
    if into is not None and fields:
        raise click.UsageError("Merge with --is and alter fields in two commands.")
    identity, signer = session.acting()
    with session.writing(session.open_case(), identity, signer) as writer:
        if into is not None:
            entry = merge_people(writer, person, into, reason=reason)
        else:
            entry = alter_person(writer, person, fields, reason=reason)
    _done(session, str(entry.facts["person"]), entry.seq, str(entry.facts["act"]))


def _done(session: Session, name: str, seq: int, act: str) -> None:
    if session.as_json:
        output.emit_json("person", {"person": name, "entry": seq, "act": act})
    else:
        output.say(f"{name}: {act} recorded, entry {seq}.")


@command.command(name="list")
@session_options
@click.pass_obj
def list_(session: Session) -> None:
    """List the pseudonyms; nothing sealed is shown."""
    from evidence.people.register import read_register

    register = read_register(session.open_case())
    if session.as_json:
        people = [
            {
                "person": p.id,
                "entries": list(p.entries),
                "merged_into": p.merged_into or None,
            }
            for p in register.people.values()
        ]
        value = {"persons": people, "problems": register.problems}
        output.emit_json("person-list", value)
        return
    rows = [
        [p.id, " ".join(map(str, p.entries)), p.merged_into or "-"]
        for p in register.people.values()
    ]
    output.table(["person", "entries", "is"], rows)
    for problem in register.problems:
        output.tell(f"Warning: {problem}")


@command.command(name="show")
@click.argument("person", metavar="PE-0001")
@consulting_options
@session_options
@click.pass_obj
def show(session: Session, person: str) -> None:
    """Show what is sealed of a person. It is a consultation and is recorded first.

    Use it where others cannot read along.
    """
    from datetime import UTC, datetime

    from evidence.people.register import read_register

    case = session.open_case()
    found = read_register(case).person(person)
    entry = consult_first(session, case, "person", facts={"persons": [found.id]})
    minor = found.is_minor(datetime.now(UTC).date())
    if session.as_json:
        output.emit_json(
            "person-show",
            {
                "person": found.id,
                "fields": found.fields,
                "former": found.former,
                "minor_or_presumed": minor,
                "merged_into": found.merged_into or None,
                "consultation": entry.seq,
            },
        )
        return
    output.title(found.id)
    pairs = [("minor, or presumed", "yes" if minor else "no")]
    for name, value in found.fields.items():
        text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        pairs.append((name.replace("_", " "), text))
    pairs += [(f"former {n}", "; ".join(v)) for n, v in found.former.items() if v]
    if found.merged_into:
        pairs.append(("is", found.merged_into))
    output.fields(pairs)
