"""`custody recover`: tidy up after a crash or power cut, or a restored backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.case import CaseWriter


@click.command(name="recover")
@click.option(
    "--restored",
    metavar="REASON",
    help="Go on from an older state, e.g. a backup. The log says so for ever; the "
    "reason is sealed.",
)
@acting_options
@session_options
@click.pass_obj
def command(session: Session, restored: str | None) -> None:
    """Move what an interrupted act left to quarantine, and record that.

    Every verb that writes does this first; use this one to do nothing else.

    A case that lacks entries this machine has vouched for is not continued. If it was
    put back from a backup on purpose, --restored records that and goes on.
    """
    from evidence.restoring import restore

    case = session.open_case()
    identity, signer = session.acting()
    if restored is not None:
        writer = restore(case, identity, signer, session.memory(), restored)
        _tell(session, writer, restored=True)
        return
    with session.writing(case, identity, signer) as writer:
        pass
    _tell(session, writer, restored=False)


def _tell(session: Session, writer: CaseWriter, *, restored: bool) -> None:
    found = [item.facts() for item in writer.recovered]
    if session.as_json:
        value = {
            "quarantined": found,
            "open_packages_removed": writer.swept,
            "entries": writer.log.size,
            "restored": restored,
        }
        output.emit_json("recover", value)
        return
    if restored:
        output.say(
            f"Recorded: restored from an older state, {writer.log.size} entries."
        )
        output.say("Witnesses that saw the lost entries will refuse this log.")
    if found:
        output.say(f"{len(found)} unfinished item(s) moved to quarantine and recorded.")
    if writer.swept:
        output.say(f"{writer.swept} open package(s) beside the case destroyed.")
    if not found and not restored and not writer.swept:
        output.say("Nothing was left unfinished.")
    for item in writer.recovered:
        output.fields([(item.name, f"{item.files} file(s), {item.bytes} bytes")])
