"""`custody interference`: presumed threats, bribes, retractions."""

from __future__ import annotations

from typing import Unpack

import click

from cli.accounts import Told, account_of, account_options, tell_items, tell_recorded
from cli.consulting import consulting_options
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
@account_options("At whom.")
@acting_options
@session_options
@click.pass_obj
def add(session: Session, kind: str, at: str, **told: Unpack[Told]) -> None:
    """Record that interference was noticed or reported; not that it happened."""
    from evidence.casework.interference import Interference, note_interference

    item = Interference(kind, at, account_of(told))
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = note_interference(writer, item)
    tell_recorded(session, "interference", entry)


@command.command(name="list")
@click.option("--texts", is_flag=True, help="Show the sealed words, too.")
@consulting_options
@session_options
@click.pass_obj
def show_list(session: Session, texts: bool) -> None:
    """List the items.

    Showing the sealed words is a consultation and recorded first.
    """
    tell_items(session, "interference", texts=texts, words=KINDS)
