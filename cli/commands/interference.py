"""`custody interference`: presumed threats, bribes, retractions."""

from __future__ import annotations

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options
from evidence.casework.words import INTERFERENCE as KINDS


@click.group(name="interference")
@session_options
def command() -> None:
    """Presumed interference with the case or the people in it.

    Number and kind are public; when, whom it is about and every word are sealed.
    """


@command.command(name="add")
@click.option(
    "--kind",
    required=True,
    type=click.Choice(list(KINDS)),
    help="What it presumably is (public).",
)
@click.option("--at", required=True, metavar="TIME", help="Day, or time in UTC.")
@click.option("--exhibit", "exhibits", multiple=True, help="What shows it.")
@click.option("--person", "people", multiple=True, metavar="PE-0001", help="At whom.")
@click.option(
    "--statement",
    "statements",
    multiple=True,
    metavar="ST-0001",
    help="A statement it is about (sealed).",
)
@click.option("--fact", default="", help="What was noticed or reported (sealed).")
@click.option("--assessment", default="", help="What you make of it (sealed).")
@acting_options
@session_options
@click.pass_obj
def add(
    session: Session,
    kind: str,
    at: str,
    exhibits: tuple[str, ...],
    people: tuple[str, ...],
    statements: tuple[str, ...],
    fact: str,
    assessment: str,
) -> None:
    """Record that interference was noticed or reported; not that it happened."""
    from evidence.casework.interference import Interference, note_interference

    item = Interference(
        kind,
        at,
        tuple(dict.fromkeys(exhibit.upper() for exhibit in exhibits)),
        tuple(dict.fromkeys(person.upper() for person in people)),
        tuple(dict.fromkeys(number.upper() for number in statements)),
        fact,
        assessment,
    )
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = note_interference(writer, item)
    if session.as_json:
        value = {"number": entry.facts["number"], "entry": entry.seq}
        output.emit_json("interference", value)
    else:
        output.say(f"{entry.facts['number']} recorded, entry {entry.seq}.")


@command.command(name="list")
@click.option("--texts", is_flag=True, help="Show the sealed words, too.")
@consulting_options
@session_options
@click.pass_obj
def show_list(session: Session, texts: bool) -> None:
    """List the items.

    Showing the sealed words is a consultation and recorded first.
    """
    from cli.commands.decision import tell_odd
    from evidence.casework.numbers import INTERFERENCE, numbered

    case = session.open_case()
    if texts:
        consult_first(session, case, "interference")
    known = numbered(case.entries(), INTERFERENCE)
    found = [(number, entries[0]) for number, entries in known.found.items()]
    if session.as_json:
        items = [
            {
                "number": number,
                "entry": entry.seq,
                "time": entry.time,
                "kind": entry.facts.get("interference"),
                "exhibits": entry.exhibits,
                **({"sealed": case.sealed(entry)} if texts else {}),
            }
            for number, entry in found
        ]
        output.emit_json("interference-list", {"items": items, "odd": known.odd})
        return
    for number, entry in found:
        kind = str(entry.facts.get("interference"))
        about = ", ".join(entry.exhibits) or "no exhibit"
        output.say(f"{number}  {entry.time}  {KINDS.get(kind, kind)}  {about}")
        if texts:
            record = case.sealed(entry).items()
            output.fields([(k, str(v)) for k, v in record if v and k != "salt"])
    tell_odd(known.odd)
