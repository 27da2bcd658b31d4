"""`custody restrict`: use for purposes of evidence only (LED Art. 16(3))."""

from __future__ import annotations

import click

from cli.retention import named, tell_recorded
from cli.session import Session, acting_options, session_options


@click.command(name="restrict")
@click.argument("exhibits", metavar="EX-0001...", nargs=-1, required=True)
@click.option(
    "--ground", required=True, metavar="WORD", help="E.g. accuracy-contested."
)
@click.option("--until", default="", metavar="DATE", help="It ends by itself then.")
@click.option("--text", default="", help="Why, in words (sealed).")
@click.option("--lift", is_flag=True, help="End the restriction on this ground.")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    exhibits: tuple[str, ...],
    ground: str,
    until: str,
    text: str,
    lift: bool,
) -> None:
    """Restrict the use of exhibits instead of erasing them, or lift that.

    While it lasts they are consulted and disclosed for purposes of evidence only:
    investigation, prosecution, court-hearing, defence, legal-claims.
    """
    from evidence.retention.recording import lift_restriction, restrict

    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        if lift:
            entry = lift_restriction(writer, named(exhibits), ground=ground, text=text)
        else:
            entry = restrict(
                writer, named(exhibits), ground=ground, until=until, text=text
            )
        waits = entry.seq in writer.log.standing.pending
    tell_recorded(session, "restrict", entry, waits=waits)
