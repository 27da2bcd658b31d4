"""`custody log`: the entries of the manifest."""

from __future__ import annotations

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, session_options


@click.command(name="log")
@click.option("--named", is_flag=True, help="Show sealed names, title and reference.")
@consulting_options
@session_options
@click.pass_obj
def command(session: Session, named: bool) -> None:
    """List the entries in order: who did what, when. Nothing is verified here.

    Who acted is shown by pseudonym or key, and role. --named is a consultation: it
    needs a key, --purpose and --because, and is recorded before anything is shown.
    """
    from evidence.checking import read_log
    from evidence.keyholders import waiting_views
    from evidence.narration import describe
    from evidence.overview import overview
    from evidence.vault.holders import holders_of, reach

    case = session.open_case()
    if named and not session.as_json:  # --json names nobody
        consult_first(session, case, "log")
    view, entries = overview(case)
    view.named = named
    # Only a case with such a rule is read twice.
    rule = bool(entries) and bool(entries[0].facts.get("two_person"))
    waiting = waiting_views(read_log(case), entries, view.names) if rule else ()
    if session.as_json:
        bodies = [{**entry.body, "leaf": entry.leaf.hex()} for entry in entries]
        value = {
            "origin": case.settings.origin,
            "entries": bodies,
            "waiting": [found.entry.seq for found in waiting],
        }
        output.emit_json("log", value)
        return
    if named:
        title = view.title or "title not available"
        output.title(f"{view.case_id or 'Case'}: {title}")
    else:
        output.title(f"Log {case.settings.origin}")
    rows = [
        [
            str(entry.seq),
            entry.time[:19] + "Z",
            " ".join(entry.exhibits) or "-",
            view.actor(entry),
            describe(entry),
        ]
        for entry in entries
    ]
    output.table(["entry", "time (UTC)", "exhibit", "who", "what"], rows)
    for found in waiting:
        number = found.entry.seq
        output.say(f"Entry {number} waits for a second person: it is not in force.")
    holders = holders_of(entries)
    if holders is not None:
        output.say(f"Encrypted: {reach(holders)}")
    for problem in view.problems:
        output.tell(f"Warning: {problem}")
    if not session.quiet:
        output.tell("Listed, not verified: run 'custody verify'.")
