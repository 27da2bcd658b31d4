"""`custody deposit`: keep exhibits sealed while a person reflects."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, acting_options, session_options

_NOTE = "In your or the person's words (sealed)."


@click.group(name="deposit")
@session_options
def command() -> None:
    """Keep exhibits sealed while a person reflects; nothing leaves meanwhile."""


@command.command(name="start")
@click.argument("exhibits", metavar="[EX-0001]...", nargs=-1)
@click.option("--subject", required=True, metavar="ALIAS", help="Who reflects.")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    help="How long (default: 30, CETS 197 Art. 13).",
)
@click.option("--note", default="", help=_NOTE)
@acting_options
@session_options
@click.pass_obj
def start(
    session: Session,
    exhibits: tuple[str, ...],
    subject: str,
    days: int | None,
    note: str,
) -> None:
    """Start a reflection period for exhibits, or for the whole case.

    Until it ends nothing leaves, not even with a consent, unless the person lifts it.
    """
    from evidence.consent.changing import start_deposit

    named = tuple(dict.fromkeys(exhibit.upper() for exhibit in exhibits))
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = start_deposit(writer, subject, exhibits=named, days=days, note=note)
    facts = entry.facts
    if session.as_json:
        value = {"entry": entry.seq, "exhibits": list(named), **facts}
        output.emit_json("deposit-start", value)
        return
    what = ", ".join(named) or "The whole case"
    text = f"{facts['number']}: {what} sealed until {facts['until']}"
    output.say(f"{text}, entry {entry.seq}.")


@command.command(name="lift")
@click.argument("number", metavar="DP-0001|CO-0001")
@click.option(
    "--given-by",
    type=click.Choice(["self", "guardian", "representative"]),
    required=True,
    help="Who ended it.",
)
@click.option("--note", default="", help=_NOTE)
@acting_options
@session_options
@click.pass_obj
def lift(session: Session, number: str, given_by: str, note: str) -> None:
    """Record that the person ended a reflection period early. Nobody else can."""
    from evidence.consent.changing import lift_reflection

    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = lift_reflection(writer, number.upper(), given_by=given_by, note=note)
    if session.as_json:
        value = {"entry": entry.seq, "number": number.upper(), "given_by": given_by}
        output.emit_json("deposit-lift", value)
    else:
        output.say(f"{number.upper()} lifted, entry {entry.seq}.")
