"""`custody note`: a fact or an assessment, kept apart (Directive 2016/680 Art. 7)."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, acting_options, session_options

_MAX_TEXT = 100_000


@click.command(name="note")
@click.argument("exhibit", metavar="EX-0001")
@click.option("--fact", help="Something observed.")
@click.option("--assessment", help="A personal assessment.")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session, exhibit: str, fact: str | None, assessment: str | None
) -> None:
    """Add a note to an exhibit. Its text is sealed; that it was made is not."""
    from evidence.overview import overview
    from manifests.entries import EntryType

    if (fact is None) == (assessment is None):
        raise click.UsageError("Give either --fact TEXT or --assessment TEXT.")
    kind, text = ("fact", fact) if fact is not None else ("assessment", assessment)
    if not text or not text.strip() or len(text) > _MAX_TEXT:
        raise click.UsageError(f"The text is empty or longer than {_MAX_TEXT:,}.")
    case = session.open_case()
    view, _ = overview(case)
    found = view.exhibit(exhibit)
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = writer.record(
            EntryType.ANNOTATE,
            facts={"kind": kind},
            private={"text": text},
            exhibits=(found.id,),
        )
    if session.as_json:
        value = {"exhibit": found.id, "entry": entry.seq, "kind": kind}
        output.emit_json("note", value)
        return
    output.say(f"Noted: {kind} on {found.id}, entry {entry.seq}.")
