"""`custody refuse`: the second person says no."""

from __future__ import annotations

import click

from cli.commands.approve import give_answer
from cli.session import Session, acting_options, session_options


@click.command(name="refuse")
@click.argument("entry", metavar="ENTRY", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why (sealed).")
@acting_options
@session_options
@click.pass_obj
def command(session: Session, entry: int, reason: str) -> None:
    """Refuse what another person did; it never comes into force."""
    give_answer(session, entry, approves=False, reason=reason)
