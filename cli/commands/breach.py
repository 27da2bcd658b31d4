"""`custody breach`: breaches of personal data, for the 72 hours of their notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from manifests.entries import Entry

_MAX_TEXT = 100_000


@click.group(name="breach")
@session_options
def command() -> None:
    """Breaches of personal data (Directive (EU) 2016/680 Art. 30, GDPR Art. 33)."""


@command.command(name="record")
@click.option(
    "--known-at", required=True, metavar="TIME", help="When somebody became aware."
)
@click.option(
    "--nature",
    type=click.Choice(["confidentiality", "integrity", "availability"]),
    multiple=True,
    required=True,
    help="What was breached (repeatable).",
)
@click.option("--what", required=True, help="What happened (sealed).")
@acting_options
@session_options
@click.pass_obj
def record(session: Session, known_at: str, nature: tuple[str, ...], what: str) -> None:
    """Record a breach; 'custody deadlines' then counts the 72 hours."""
    from evidence.authority.breaches import record_breach

    if not what.strip() or len(what) > _MAX_TEXT:
        raise click.UsageError(f"The text is empty or longer than {_MAX_TEXT:,}.")
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = record_breach(writer, known_at=known_at, nature=nature, what=what)
    _tell(session, entry, f"{entry.facts['number']} recorded")


@command.command(name="notified")
@click.argument("number", metavar="BR-0001")
@click.option("--at", default="", metavar="TIME", help="When (default: now).")
@click.option("--to", "recipient", default="", help="Which authority (sealed).")
@acting_options
@session_options
@click.pass_obj
def notified(session: Session, number: str, at: str, recipient: str) -> None:
    """Record that the supervisory authority was told of a breach."""
    from evidence.authority.breaches import record_notice

    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = record_notice(writer, number, at=at, recipient=recipient)
    _tell(session, entry, f"{number.upper()} notified")


def _tell(session: Session, entry: Entry, text: str) -> None:
    if session.as_json:
        output.emit_json("breach", {"entry": entry.seq, "facts": entry.facts})
        return
    output.say(f"{text}, entry {entry.seq}.")
