"""`custody recover`: tidy up after a crash or power cut."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, acting_options, session_options


@click.command(name="recover")
@acting_options
@session_options
@click.pass_obj
def command(session: Session) -> None:
    """Move what an interrupted act left to quarantine, and record that.

    Every verb that writes does this first; use this one to do nothing else.
    """
    from evidence.case import writing

    case = session.open_case()
    identity, signer = session.acting()
    with writing(case, identity, signer) as writer:
        found = [item.facts() for item in writer.recovered]
        size = writer.log.size
    if session.as_json:
        output.emit_json("recover", {"quarantined": found, "entries": size})
        return
    if not found:
        output.say("Nothing was left unfinished.")
        return
    output.say(f"{len(found)} unfinished item(s) moved to quarantine and recorded.")
    for item in writer.recovered:
        output.fields([(item.name, f"{item.files} file(s), {item.bytes} bytes")])
