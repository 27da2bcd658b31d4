"""`custody kit`: what a recipient needs to check a case without this tool."""

from __future__ import annotations

from pathlib import Path

import click

from cli import output
from cli.session import Session, session_options
from cli.writing_out import output_option

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="kit")
@output_option("Folder to write: new or empty, and not in a case.", name="folder")
@click.option(
    "--identity",
    "identities",
    type=_PATH,
    multiple=True,
    help="Public identity to put beside it (repeatable).",
)
@session_options
@click.pass_obj
def command(session: Session, folder: Path, identities: tuple[Path, ...]) -> None:
    """Write VERIFY.txt and verify.sh, to check a case without this tool.

    verify.sh needs a POSIX shell, openssl, sha256sum, xxd, base64 and jq. Hand the
    folder over on another way than the case, and read the SHA-256 of verify.sh and
    the key ids to each other.
    """
    from evidence.handcheck import write_kit

    written = write_kit(folder, identities)
    if session.as_json:
        found = [{"file": file.name, "sha256": file.sha256} for file in written]
        output.emit_json("kit", {"folder": str(folder), "files": found})
        return
    output.table(["file", "sha256"], [[file.name, file.sha256] for file in written])
    if not session.quiet:
        output.tell("Hand it over on another way than the case.")
