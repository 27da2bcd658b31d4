"""`custody identity trust|untrust|trusted|card`: keys of others, and keys on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options
from cli.writing_out import check_target, output_option, write_out
from evidence.report.i18n import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from evidence.trust import TrustStore

_MAX_FILE = 1 << 16


def _store() -> TrustStore:
    from evidence.identity import home_folder
    from evidence.trust import TrustStore

    return TrustStore(home_folder())


@click.command(name="trust")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--fingerprint",
    metavar="WORDS",
    help="The words (or key id) the person told you; needed without a terminal.",
)
@session_options
@click.pass_obj
def trust(session: Session, file: Path, fingerprint: str | None) -> None:
    """Hold the key in FILE to be genuine, once its words were compared.

    FILE is what 'custody identity export' or 'custody key request' wrote. 'custody
    verify' then knows whose key it is. Nothing of this is taken from a case.
    """
    from cli.confirming import confirm_key
    from evidence.joining import read_identity

    with file.open("rb") as stream:
        identity = read_identity(stream.read(_MAX_FILE))
    confirm_key(identity, fingerprint)
    _store().add(identity)
    if session.as_json:
        output.emit_json("trust", identity.fields())
        return
    output.say(f"Trusted from now on: {identity.name}, key {identity.key}.")


@click.command(name="untrust")
@click.argument("name", metavar="NAME|KEYID")
@session_options
@click.pass_obj
def untrust(session: Session, name: str) -> None:
    """Trust a key no longer. Nothing in any case changes."""
    identity = _store().remove(name)
    if session.as_json:
        output.emit_json("untrust", identity.fields())
        return
    output.say(f"Not trusted any more: {identity.name}, key {identity.key}.")


@click.command(name="trusted")
@session_options
@click.pass_obj
def trusted(session: Session) -> None:
    """List the keys of others you trust."""
    found = _store().list()
    if session.as_json:
        output.emit_json("trusted", {"identities": [i.fields() for i in found]})
        return
    if not found:
        output.say("No key of anybody else yet. Add one: custody identity trust FILE")
        return
    rows = [[i.name, i.role, i.organisation or "-", i.key[:16]] for i in found]
    output.table(["name", "role", "organisation", "key id"], rows)


@click.command(name="card")
@click.argument("name", required=False)
@output_option("PDF to write.")
@click.option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    default=ENGLISH,
    show_default=True,
    help="Language of the labels; the words are compared and stay the same.",
)
@session_options
@click.pass_obj
def card(session: Session, name: str | None, target: Path, language: str) -> None:
    """Write a card (A6): key id, its words, a QR code. No secret is in it."""
    from evidence.report.card import card as draw

    identity = session.store().find(name)
    check_target(target)
    write_out(target, draw(identity, language))
    if session.as_json:
        output.emit_json("card", {"file": str(target), "key": identity.key})
    elif not session.quiet:
        output.tell(f"Wrote {target}: print it and hand it over yourself.")
