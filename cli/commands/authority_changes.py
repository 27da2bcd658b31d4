"""`custody authority withdraw`, `extend`, ...: what becomes of a legal ground."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, acting_options, session_options

_AT = click.option("--at", default="", metavar="TIME", help="When (default: now).")
_NUMBER = click.argument("number", metavar="AU-0001")


def _change(
    session: Session,
    number: str,
    kind: str,
    *,
    at: str,
    reason: str = "",
    result: str = "",
) -> None:
    from evidence.authority.recording import DONE, change

    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = change(writer, number, kind, at=at, reason=reason, result=result)
    if session.as_json:
        value = {"entry": entry.seq, "facts": entry.facts}
        output.emit_json("authority-change", value)
        return
    told = f"validation {result}" if result else DONE[kind]
    output.say(
        f"Recorded: {number.upper()} {told}, {entry.facts['at']}, entry {entry.seq}."
    )


@click.command(name="withdraw")
@_NUMBER
@click.option("--reason", required=True, help="Why (sealed).")
@_AT
@acting_options
@session_options
@click.pass_obj
def withdraw(session: Session, number: str, reason: str, at: str) -> None:
    """Record that a legal ground was withdrawn: from then on it covers nothing.

    What was done before under it stays recorded and is told on the report.
    """
    from evidence.authority.register import WITHDRAWN

    if not reason.strip():
        raise click.UsageError("Give a reason.")
    _change(session, number, WITHDRAWN, at=at, reason=reason)


@click.command(name="extend")
@_NUMBER
@_AT
@acting_options
@session_options
@click.pass_obj
def extend(session: Session, number: str, at: str) -> None:
    """Record the one prolongation of a preservation by 30 days (EPOC-PR, Annex VI)."""
    from evidence.authority.register import EXTENDED

    _change(session, number, EXTENDED, at=at)


@click.command(name="confirm")
@_NUMBER
@_AT
@acting_options
@session_options
@click.pass_obj
def confirm(session: Session, number: str, at: str) -> None:
    """Record that a request for production follows a preservation (Annex V).

    Preservation then lasts as long as that request needs; no deadline ends it.
    """
    from evidence.authority.register import CONFIRMED

    _change(session, number, CONFIRMED, at=at)


@click.command(name="validated")
@_NUMBER
@click.option(
    "--result",
    type=click.Choice(["sought", "granted", "refused"]),
    default="granted",
    show_default=True,
    help="What became of it.",
)
@_AT
@acting_options
@session_options
@click.pass_obj
def validated(session: Session, number: str, result: str, at: str) -> None:
    """Record the validation of an emergency order afterwards (2023/1543 Art. 4(5))."""
    from evidence.authority.register import VALIDATED

    _change(session, number, VALIDATED, at=at, result=result)


@click.command(name="clarification")
@_NUMBER
@click.option("--answered", is_flag=True, help="The question was answered.")
@_AT
@acting_options
@session_options
@click.pass_obj
def clarification(session: Session, number: str, answered: bool, at: str) -> None:
    """Record that the addressee asked for clarification (Annex III), or its answer."""
    from evidence.authority.register import ANSWERED, ASKED

    _change(session, number, ANSWERED if answered else ASKED, at=at)
