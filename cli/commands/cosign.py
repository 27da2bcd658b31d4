"""`custody cosign`: countersign another party's record, as its witness."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options
from cli.witnesses import log_key
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.witness import Cosigned
    from manifests.keys import PublicKey


@click.command(name="cosign")
@click.argument(
    "request",
    metavar="REQUEST",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@output_option("File to write: the cosignature, to be sent back.")
@click.option(
    "--log",
    "logs",
    metavar="VKEY|FILE",
    multiple=True,
    help="Key of whoever keeps this log: a verifier key or a public identity.",
)
@click.option(
    "--witness-name",
    metavar="NAME",
    help="Name in countersignatures, e.g. witness.example.org; chosen once.",
)
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    request: Path,
    target: Path,
    logs: tuple[str, ...],
    witness_name: str | None,
) -> None:
    """Countersign the checkpoint in REQUEST: that it extends what you saw before.

    You see the number of entries and a hash, not the evidence. Your machine remembers
    what it countersigned and refuses a record that was cut or rewritten since; keep
    that memory (`$CUSTODY_HOME/witness`) and back it up.
    """
    from evidence.witness import WitnessDesk
    from manifests.witnessing import MAX_REQUEST_BYTES, read_request, write_cosignatures

    check_target(target)
    with request.open("rb") as stream:
        asked = read_request(stream.read(MAX_REQUEST_BYTES + 1))
    identity, signer = session.acting()
    memory = session.memory()
    desk = WitnessDesk(memory.home)
    done = desk.cosign(
        asked,
        signer,
        name=desk.name_of(identity.public, witness_name),
        accepted=[log_key(text) for text in logs],
        confirm=_confirm,
    )
    memory.remember(done.head.origin, done.note)
    write_out(target, write_cosignatures(list(done.lines)))
    _tell(session, done, target)


def _confirm(origin: str, key: PublicKey) -> bool:
    """Ask about a log that is new here; nobody at a terminal means no."""
    from evidence.visible import visible

    if not sys.stdin.isatty():
        return False
    output.tell(f"The log {origin} is new here. Its key id is")
    output.tell(f"  {key.id}")
    output.tell("Compare it with the person who sent it, on another way.")
    question = f"Is this the key of {visible(origin)}?"
    return bool(click.confirm(question, default=False, err=True))


def _tell(session: Session, done: Cosigned, target: Path) -> None:
    if session.as_json:
        output.emit_json(
            "cosign",
            {
                "origin": done.head.origin,
                "entries": done.head.size,
                "root": done.head.root.hex(),
                "before": done.before,
                "time": done.time,
                "file": str(target),
                "witness": done.lines[0].name,
                "signatures": len(done.lines),
            },
        )
        return
    before = f"extends the {done.before} cosigned before" if done.before else "first"
    output.title("Countersigned")
    output.fields(
        [
            ("log origin", done.head.origin),
            ("entries", f"{done.head.size} ({before})"),
            ("root", done.head.root.hex()),
            ("as", done.lines[0].name),
            ("file", str(target)),
        ]
    )
