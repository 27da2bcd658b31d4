"""`custody approve`: the second person's answer to an act."""

from __future__ import annotations

import sys

import click

from cli import output
from cli.session import Session, acting_options, session_options


@click.command(name="approve")
@click.argument("entry", metavar="ENTRY", type=click.IntRange(min=1))
@click.option("--reason", default="", help="Why (sealed).")
@acting_options
@session_options
@click.pass_obj
def command(session: Session, entry: int, reason: str) -> None:
    """Approve what another person did, by the number of its entry.

    It is in force from then on. You sign that you looked at it: for a new key, that
    you compared its words with the person.
    """
    give_answer(session, entry, approves=True, reason=reason)


def give_answer(session: Session, seq: int, *, approves: bool, reason: str) -> None:
    """Record an answer and say what it was given to."""
    from evidence import keychanges
    from evidence.narration import describe
    from manifests.warrants import Right

    if len(reason) > keychanges.MAX_REASON:
        raise click.UsageError(f"The reason is longer than {keychanges.MAX_REASON:,}.")
    identity, signer = session.acting()
    with session.writing(
        session.open_case(), identity, signer, right=Right.APPROVE
    ) as writer:
        asked = keychanges.waiting_entry(writer, seq)
        output.tell(f"Entry {seq}: {describe(asked)}")
        _show_words(asked.facts.get("enrols"))
        if approves and sys.stdin.isatty():
            click.confirm("Approve it?", abort=True, err=True)
        made = keychanges.answer(writer, seq, approves=approves, reason=reason)
    word = "approved; it is in force" if approves else "refused; it stays without force"
    if session.as_json:
        value = {"entry": made.seq, "answers": seq, "approved": approves}
        output.emit_json("approve" if approves else "refuse", value)
    else:
        output.say(f"Entry {seq} {word} (entry {made.seq}).")


def _show_words(enrols: object) -> None:
    """Show the words of a key that would be enrolled."""
    from evidence.fingerprint import groups
    from manifests.keys import KeyId

    if isinstance(enrols, dict):
        for number, group in enumerate(groups(KeyId(str(enrols["key"]))), start=1):
            output.tell(f"  {number}  {group}")
