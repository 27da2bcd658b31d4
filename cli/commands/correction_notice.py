"""`custody correction-notice`: who was given what turned out to be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, session_options
from cli.writing_out import output_option

if TYPE_CHECKING:
    from pathlib import Path

    from evidence.corrections.notices import Owed

WAITING = 3


@click.command(name="correction-notice")
@click.argument("entry", metavar="[ENTRY]", type=click.IntRange(min=0), required=False)
@output_option("Folder for the notices.", required=False, name="folder")
@click.option("--named", is_flag=True, help="List sealed names, too; on record.")
@consulting_options
@session_options
@click.pass_obj
def command(
    session: Session, entry: int | None, folder: Path | None, *, named: bool
) -> int:
    """Write notices of the correction in ENTRY, or list who was not told yet.

    Recipients follow from the record: everyone the exhibit was disclosed or
    transferred to before the correction. Each gets a text file, which you send; the
    record says that it was made out, not that it arrived. The list calls them what the
    public record does; --named is a consultation: it needs a key, --purpose and
    --because, and is recorded before anything is shown.

    \b
    EXIT STATUS
      0 nobody is left to be told   3 somebody is (without ENTRY)
    """
    if entry is None:
        return _remind(session, named=named)
    if folder is None:
        raise click.UsageError("Name a folder for the notices with -o.")
    return _write(session, entry, folder)


def _remind(session: Session, *, named: bool) -> int:
    from evidence.corrections.notices import owed

    case = session.open_case()
    if named:
        consult_first(session, case, "corrections")
    found = owed(case, case.entries(), named=named)
    waiting = [one for one in found if one.told is None]
    if session.as_json:
        output.emit_json("correction-notice", {"owed": [_json(one) for one in found]})
    elif not waiting:
        output.say("Nobody is left to be told of a correction.")
    else:
        rows = [
            (
                str(one.correction.seq),
                ", ".join(one.correction.exhibits),
                ", ".join(map(str, one.sent)),
                one.recipient or ("(the record does not say)" if named else "(sealed)"),
            )
            for one in waiting
        ]
        output.table(("correction", "exhibits", "sent by entry", "not told yet"), rows)
    return WAITING if waiting else 0


def _json(one: Owed) -> dict[str, object]:
    return {
        "correction": one.correction.seq,
        "exhibits": one.correction.exhibits,
        "recipient": one.recipient,
        "sent": one.sent,
        "told": one.told,
    }


def _write(session: Session, entry: int, folder: Path) -> int:
    from evidence.case import is_among_evidence
    from evidence.corrections.notices import write_notices
    from evidence.errors import OutputExistsError, OutputForbiddenError
    from manifests import durable

    case = session.open_case()
    if is_among_evidence(folder):
        raise OutputForbiddenError(path=str(folder))
    if folder.is_dir() and any(folder.glob(f"correction-notice-{entry}-*.txt")):
        raise OutputExistsError(path=str(folder / f"correction-notice-{entry}-*.txt"))
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        if not folder.is_dir():
            durable.make_folder(folder)
        made = write_notices(writer, entry, folder)
    if session.as_json:
        notices = [
            {"file": str(n.path), "sha256": n.sha256, "entry": n.entry} for n in made
        ]
        output.emit_json("correction-notice", {"notices": notices})
        return 0
    for notice in made:
        output.say(f"{notice.path}  (entry {notice.entry})")
    if made:
        output.tell("Send them; a notice that was made out has not arrived yet.")
    else:
        output.say("Everybody who has to be told of it was told.")
    return 0
