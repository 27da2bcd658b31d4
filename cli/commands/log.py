"""`custody log`: the entries of the manifest."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, session_options


@click.command(name="log")
@session_options
@click.pass_obj
def command(session: Session) -> None:
    """List the entries in order: who did what, when. Nothing is verified here."""
    from evidence.narration import describe
    from evidence.overview import overview

    case = session.open_case()
    view, entries = overview(case)
    if session.as_json:
        bodies = [{**entry.body, "leaf": entry.leaf.hex()} for entry in entries]
        output.emit_json("log", {"origin": case.settings.origin, "entries": bodies})
        return
    output.title(f"{view.case_id or 'Case'}: {view.title or 'title not available'}")
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
    for problem in view.problems:
        output.tell(f"Warning: {problem}")
    if not session.quiet:
        output.tell("Listed, not verified: run 'custody verify'.")
