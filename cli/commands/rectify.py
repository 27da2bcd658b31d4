"""`custody rectify`: an appended correction, never an overwriting one."""

from __future__ import annotations

import re

import click

from cli import output
from cli.session import Session, acting_options, session_options


@click.command(name="rectify")
@click.argument("about", metavar="EX-0001|ENTRY")
@click.option("--correction", required=True, help="What is right (sealed).")
@click.option("--of", type=click.IntRange(min=0), help="The entry that was wrong.")
@click.option(
    "--fault",
    type=click.Choice(["incorrect", "incomplete", "outdated", "unlawful"]),
    default="incorrect",
    show_default=True,
    help="What was wrong; 'unlawful' when it should not have been sent.",
)
@click.option(
    "--typed",
    type=click.Choice(["fact", "assessment"]),
    help="What the correction is (default: as the note it corrects, else a fact).",
)
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    about: str,
    correction: str,
    of: int | None,
    fault: str,
    typed: str | None,
) -> None:
    """Correct what the record says of an exhibit, or in one entry.

    The earlier entry stays as it is. Recipients who were given the exhibit before have
    to be told: see 'custody correction-notice'.
    """
    from evidence.corrections.notices import owed
    from evidence.corrections.rectifying import Correction, rectify

    exhibit = about.upper() if re.fullmatch(r"(?i)EX-[0-9]{4,9}", about) else ""
    if not exhibit and (not re.fullmatch(r"[0-9]{1,15}", about) or of is not None):
        raise click.UsageError("Name an exhibit (with --of ENTRY or not) or an entry.")
    wrong = of if exhibit else int(about)
    wanted = Correction(correction, exhibit, wrong, fault, typed or "")
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = rectify(writer, wanted)
    waiting = [
        one
        for one in owed(case, case.entries())
        if one.correction.seq == entry.seq and one.told is None
    ]
    if session.as_json:
        value = {
            "entry": entry.seq,
            "of": entry.facts["of"],
            "typed": entry.facts["typed"],
            "to_be_told": len(waiting),
        }
        output.emit_json("rectify", value)
        return
    output.say(f"Entry {entry.facts['of']} corrected by entry {entry.seq}.")
    if waiting:
        output.tell(
            f"{len(waiting)} earlier recipient(s) have to be told: run 'custody "
            f"correction-notice {entry.seq} -o FOLDER'."
        )
