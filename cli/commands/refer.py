"""`custody refer`: record what must not be copied, and to whom it was referred."""

from __future__ import annotations

from pathlib import Path

import click

from cli import output
from cli.grounds import claim, ground_options
from cli.session import Session, acting_options, session_options

INCOMPLETE = 3
_REASONS = ("child-abuse-material", "not-lawful-to-hold", "other-authority", "unsafe")


@click.command(name="refer")
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(path_type=Path),
)
@click.option("--reason", required=True, type=click.Choice(_REASONS), help="Public.")
@click.option(
    "--to",
    "recipient",
    required=True,
    metavar="ALIAS",
    help="To whom: an alias such as POL-1, a person's number, or a key id.",
)
@click.option("--note", default="", help="More, in words (sealed).")
@ground_options
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session, sources: tuple[Path, ...], reason: str, recipient: str, note: str
) -> int:
    """Refer, don't copy: record digest and size, and keep no byte of the content.

    Each file is read once, read-only, to hash it; no copy, no preview and no parser.
    Its path and the note are sealed. Tell the authority by its own way; this records
    that you did.

    \b
    EXIT STATUS
      0 all were read wholly   3 one could not be, or changed (recorded, too)
    """
    from evidence.referring import Referral, refer

    referral = Referral(sources, reason, recipient, note)
    case = session.open_case()
    identity, signer = session.acting()
    meter = output.Meter("Hashing", on=not session.quiet)
    with session.writing(case, identity, signer) as writer:
        try:
            found = refer(writer, referral, claim(), progress=meter)
        finally:
            meter.close()
    whole = all(one.whole for one in found)
    if session.as_json:
        entries = [{"entry": one.entry.seq, **one.facts} for one in found]
        output.emit_json("refer", {"referrals": entries, "complete": whole})
    else:
        for number, one in enumerate(found, 1):  # a name can name somebody
            told = f"{one.facts['outcome']}, entry {one.entry.seq}"
            output.say(f"File {number}: {told}, {one.facts.get('sha256', '-')}")
    if not whole:
        output.tell("INCOMPLETE: something could not be read wholly; it is recorded.")
    return 0 if whole else INCOMPLETE
