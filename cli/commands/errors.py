"""`custody errors`: the table of error codes."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, session_options


@click.command(name="errors")
@session_options
@click.pass_obj
def command(session: Session) -> None:
    """List every error code with its exit code and what to do."""
    from cli.exits import error_classes

    classes = error_classes()
    if session.as_json:
        found = [
            {"code": c.code, "exit_code": c.exit_code, "advice": c.advice}
            for c in classes
        ]
        output.emit_json("errors", {"errors": found})
        return
    rows = [[str(c.exit_code), c.code, c.advice] for c in classes]
    output.table(["exit", "code", "what to do"], rows)
