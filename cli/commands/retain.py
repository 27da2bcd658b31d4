"""`custody retain`: how long exhibits are kept, and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.retention import named, tell_recorded
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.retention.register import Register

_DUE, _SHOW = "due", "show"
DUE = 4


@click.command(name="retain")
@click.argument("words", metavar="[EX-0001...|due|show]", nargs=-1)
@click.option("--rule", metavar="WORD", help="On what the time rests, e.g. statute.")
@click.option("--until", default="", metavar="DATE", help="Not to be erased before.")
@click.option("--review", default="", metavar="DATE", help="To be looked at again.")
@click.option("--text", default="", help="Why, in words (sealed).")
@click.option(
    "--within", default="48h", metavar="PERIOD", help="For due: 12h, 7d (default 48h)."
)
@click.option("--at", metavar="TIME", help="For due: time to compare with.")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    words: tuple[str, ...],
    rule: str | None,
    until: str,
    review: str,
    text: str,
    within: str,
    at: str | None,
) -> int:
    """Record how long exhibits are kept, or the whole case; list what is due.

    'custody retain due' is for cron: it lists what 'custody deadlines' lists of
    retention. 'custody retain show' lists times, holds, restrictions and erasures.

    \b
    EXIT STATUS of due
      0 nothing is due within the window   4 something is due or has passed
    """
    if words == (_DUE,):
        return _due(session, within, at)
    if words == (_SHOW,):
        _show(session)
        return 0
    if rule is None:
        raise click.UsageError("Name the rule with --rule.")
    from evidence.retention.recording import retain

    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = retain(
            writer, named(words), rule=rule, until=until, review=review, text=text
        )
        waits = entry.seq in writer.log.standing.pending
    tell_recorded(session, "retain", entry, waits=waits)
    return 0


def _due(session: Session, within: str, at: str | None) -> int:
    from dataclasses import asdict

    from cli.commands.deadlines import window
    from cli.moments import time_to_compare
    from evidence.authority.register import moment
    from evidence.clock import utc_text
    from evidence.retention.due import dues

    entries = list(session.open_case().entries())
    now, until = time_to_compare(entries, at), window(within)
    end = utc_text(moment(now) + until)
    found = [(d, "passed" if d.due < now else "due") for d in dues(entries)]
    found = [(d, s) for d, s in found if not d.met and d.due <= end]
    found = [(d, s) for d, s in found if not (d.ends and s == "passed")]
    if session.as_json:
        lines = [{**asdict(one), "status": state} for one, state in found]
        output.emit_json("retain-due", {"at": now, "within": within, "due": lines})
    elif not found:
        output.say("Nothing is due.")
    else:
        rows = [[s.upper(), f"{d.due[:19]}Z", d.about, d.title] for d, s in found]
        output.table(["state", "due", "about", "what"], rows)
    return DUE if found else 0


def _show(session: Session) -> None:
    from evidence.clock import now
    from evidence.retention.register import register_of
    from evidence.retention.telling import retention_lines

    register, at = register_of(session.open_case()), now().time
    if session.as_json:
        output.emit_json("retain-show", _as_json(register, at))
        return
    rows = [list(row) for row in retention_lines(register, at)]
    if rows:
        output.table(["what", "about", "state"], rows)
    else:
        output.say("No time of keeping, hold, restriction or erasure is recorded.")


def _as_json(register: Register, at: str) -> dict[str, object]:
    return {
        "keeping": [
            {
                "about": one.exhibit or None,
                "rule": one.rule,
                "until": one.until or None,
                "review": one.review or None,
                "entry": one.entry.seq,
            }
            for one in register.keeping.values()
        ],
        "holds": [
            {
                "number": one.number,
                "exhibits": list(one.exhibits),
                "entry": one.entry.seq,
                "lasts": one.lifted < 0,
            }
            for one in register.holds.values()
        ],
        "restrictions": [
            {
                "exhibit": one.exhibit,
                "ground": one.ground,
                "until": one.until or None,
                "entry": one.entry.seq,
                "lasts": one.lasts(at),
            }
            for one in register.restrictions
        ],
        "erasures": [
            {
                "entry": one.entry.seq,
                "exhibits": list(one.exhibits),
                "reason": one.reason,
                "ground": one.ground or None,
                "in_force": one.effect >= 0,
                "carried_out": one.done >= 0,
            }
            for one in register.tombstones
        ],
    }
