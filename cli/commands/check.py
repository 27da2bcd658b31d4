"""`custody check`: a law or standard, row by row, against what a case records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from cli import output
from cli.anchors import Trust, anchors, trust_options
from cli.moments import time_to_compare
from cli.session import Session, session_options, signing_options

if TYPE_CHECKING:
    from evidence.checking import Checked
    from evidence.conformity.model import Line, Table

LACKING = 5
NAMES = ("e-evidence", "led", "iso27037", "fre902")  # test_check compares them
_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="check")
@click.argument("name", metavar="CATALOGUE", type=click.Choice(NAMES))
@click.option("--at", metavar="TIME", help="Time to compare with (default: now).")
@click.option(
    "--strict",
    is_flag=True,
    help="What a case could show, and this one does not, counts as missing.",
)
@click.option(
    "--ca-root",
    "ca_roots",
    type=_PATH,
    multiple=True,
    help="CA certificate you rely on, for .p7s beside checkpoints (repeatable).",
)
@trust_options
@signing_options
@session_options
@click.pass_obj
def command(
    session: Session,
    name: str,
    at: str | None,
    ca_roots: tuple[Path, ...],
    *,
    strict: bool,
    **trust: Unpack[Trust],
) -> int:
    """Compare a case with e-evidence, led, iso27037 or fre902, article by article.

    The case is verified first; nothing is written. Each row says whether it is met,
    missing, not applicable or not shown, why, and which entries or axes prove it.
    Sealed records are opened only to see whether a field is filled in; of an encrypted
    case that takes a custodian's key. It is no legal advice, and says nothing on
    whether evidence is to be admitted.

    \b
    EXIT STATUS
      0 nothing is missing   5 something is missing
      10-23 an axis of the verification failed (see verify)
    """
    from evidence.authority.register import moment
    from evidence.certificates import read_roots
    from evidence.checking import check_case
    from evidence.conformity.catalogues import tables

    case = session.open_case()
    when = time_to_compare(case.entries(), at)
    meter = output.Meter("verifying", on=not session.quiet and not session.as_json)
    try:
        checked = check_case(
            case,
            anchors=anchors(session, trust, now=moment(when)),
            ca_roots=read_roots(ca_roots),
            progress=meter,
        )
    finally:
        meter.close()
    (table,) = tables(case, checked, [name], at=when)
    lacking = table.lacks(strict=strict)
    if session.as_json:
        _emit(table, checked, lacking)
    else:
        _show(table, checked, lacking)
    return checked.verdict.exit_code() or (LACKING if lacking else 0)


def _emit(table: Table, checked: Checked, lacking: tuple[Line, ...]) -> None:
    from evidence.conformity.model import NO_ADVICE

    verdict = checked.verdict
    rows = [
        {
            "id": line.duty.id,
            "article": line.duty.article,
            "duty": line.duty.text,
            "outcome": line.answer.outcome.value,
            "why": line.answer.why,
            "entries": list(line.answer.entries),
            "axes": list(line.answer.axes),
            "outside": line.duty.outside,
        }
        for line in table.lines
    ]
    output.emit_json(
        "check",
        {
            "catalogue": table.catalogue.name,
            "source": table.catalogue.source,
            "note": table.catalogue.note,
            "at": table.at,
            "origin": verdict.origin,
            "entries": verdict.size,
            "root": verdict.root,
            "axes": {axis.value: r.status.value for axis, r in verdict.axes.items()},
            "rows": rows,
            "counts": table.counts,
            "missing": [line.duty.id for line in lacking],
            "statement": NO_ADVICE,
        },
    )


def _show(table: Table, checked: Checked, lacking: tuple[Line, ...]) -> None:
    from evidence.conformity.model import NO_ADVICE, Outcome

    catalogue = table.catalogue
    output.title(f"{catalogue.name}: {catalogue.source}")
    output.prose(catalogue.note)
    output.prose(f"{NO_ADVICE} Compared with {table.at[:19]}Z.")
    output.say()
    rows = [
        [
            _outcome(line.answer.outcome),
            line.duty.article,
            f"{line.duty.text} {line.answer.why}",
            line.proof,
        ]
        for line in table.lines
    ]
    header = ["outcome", "article", "what is asked; what the record shows", "proof"]
    output.wrapped_table(header, rows, widths=(14, 16, 0, 18))
    output.say()
    told = ", ".join(f"{count} {word}" for word, count in table.counts.items())
    output.say(f"{len(table.lines)} rows: {told}.")
    strictly = [ln for ln in lacking if ln.answer.outcome is Outcome.NOT_SHOWN]
    if strictly:
        output.prose(f"--strict counts {len(strictly)} not shown as missing, too.")
    if checked.verdict.exit_code():
        output.tell("The verification FAILS: see 'custody verify' before all else.")


def _outcome(outcome: str) -> str:
    return outcome.upper() if outcome == "missing" else str(outcome)
