"""`custody export led-log`: the log of LED Art. 25, for a supervisory authority."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, session_options
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.access.ledlog import LedLog

INCOMPLETE = 3


@click.command(name="led-log")
@click.option("--from", "start", default="", metavar="TIME", help="From then on.")
@click.option("--to", "end", default="", metavar="TIME", help="Before that.")
@output_option("File to write (default: print).", required=False)
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="csv", help="Form."
)
@click.option("--named", is_flag=True, help="Give the names of those who acted.")
@click.option(
    "--reasons",
    is_flag=True,
    help="Give the sealed justifications; a consultation, recorded first.",
)
@consulting_options
@session_options
@click.pass_obj
def led_log(
    session: Session,
    start: str,
    end: str,
    target: Path | None,
    form: str,
    named: bool,
    reasons: bool,
) -> int:
    """List who collected, altered, consulted, disclosed, combined or erased what.

    From the public part of the log: no content, and no key is needed. Times are RFC
    3339, or dates (UTC). It ends with size and root of the checkpoint it rests on.

    \b
    EXIT STATUS
      0 whole   3 something could not be read, or is of an unknown kind
      10-23 the log does not verify (see verify); it was written all the same
    """
    from evidence.access.ledlog import Wanted, read_range
    from evidence.access.ledlog import led_log as read
    from evidence.case import open_case
    from manifests.verifying.verdict import EXIT_CODES

    first, last = read_range(start, end)
    if target is not None:
        check_target(target)
    # Without sealed words no key is asked for, in an encrypted case neither.
    sealed = named or reasons
    case = session.open_case() if sealed else open_case(session.case_path())
    if reasons:
        consult_first(session, case, "led-log", facts={"from": first, "to": last})
    found = read(case, Wanted(first, last, named=named, reasons=reasons))
    as_json = form == "json" or session.as_json
    text = _json(found, first, last) if as_json else _csv(found, first, last)
    if target is None:
        output.already_visible(text)
    else:
        write_out(target, text.encode("utf-8"))
        _tell(session, found, target, text)
    for problem in found.unread[:20]:
        output.tell(f"INCOMPLETE: {problem}.")
    if found.failing:
        failing = ", ".join(axis.value for axis in found.failing)
        output.tell(f"THE LOG DOES NOT VERIFY: {failing}. Run 'custody verify'.")
        return next(EXIT_CODES[axis] for axis in EXIT_CODES if axis in found.failing)
    return INCOMPLETE if found.unread else 0


def _footer(found: LedLog, first: str, last: str) -> list[tuple[str, str]]:
    return [
        ("origin", found.origin),
        ("from", first),
        ("to", last),
        ("rows", str(len(found.rows))),
        ("entries without a verb of Art. 25", str(found.without_verb)),
        ("not read", str(len(found.unread))),
        ("log verifies", "no" if found.failing else "yes"),
        ("checkpoint size", str(found.size)),
        ("checkpoint root", found.root),
    ]


def _csv(found: LedLog, first: str, last: str) -> str:
    from evidence.access.ledlog import COLUMNS
    from evidence.access.tables import to_csv

    rows = ([getattr(row, name) for name in COLUMNS] for row in found.rows)
    return to_csv(COLUMNS, rows, _footer(found, first, last))


def _json(found: LedLog, first: str, last: str) -> str:
    from evidence.access.ledlog import COLUMNS

    value = {
        "schema": "custody.led-log/1",
        "origin": found.origin,
        "from": first or None,
        "to": last or None,
        "rows": [{name: getattr(row, name) for name in COLUMNS} for row in found.rows],
        "without_verb": found.without_verb,
        "unread": found.unread,
        "failing": [axis.value for axis in found.failing],
        "checkpoint": {"size": found.size, "root": found.root},
    }
    return json.dumps(value, ensure_ascii=True) + "\n"


def _tell(session: Session, found: LedLog, target: Path, text: str) -> None:
    from hashlib import sha256

    digest = sha256(text.encode("utf-8")).hexdigest()
    rows, size, root = len(found.rows), found.size, found.root
    if session.as_json:
        value = {"file": str(target), "sha256": digest, "rows": rows}
        checkpoint = {"size": size, "root": root}
        output.emit_json("led-log-file", {**value, "checkpoint": checkpoint})
    else:
        output.say(f"{rows} rows written: {target}, sha256 {digest}.")
