"""`custody hold`: a legal hold, under which nothing is erased."""

from __future__ import annotations

import click

from cli.retention import named, tell_recorded
from cli.session import Session, acting_options, session_options


@click.command(name="hold")
@click.argument("exhibits", metavar="[EX-0001]...", nargs=-1)
@click.option("--reason", required=True, help="Why, in words (sealed).")
@click.option("--lift", metavar="HO-0001", help="End this hold instead.")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session, exhibits: tuple[str, ...], reason: str, lift: str | None
) -> None:
    """Put exhibits, or the whole case, under a legal hold: nothing of it is erased.

    A hold wins over every ground and is never overridden; it is lifted by its number.
    """
    from evidence.retention.recording import hold, lift_hold

    if lift is not None and exhibits:
        raise click.UsageError("A hold is lifted as a whole: name its number only.")
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        if lift is not None:
            entry = lift_hold(writer, lift, reason=reason)
        else:
            entry = hold(writer, named(exhibits), reason=reason)
    tell_recorded(session, "hold", entry, waits=False)
