"""`custody identity`: keys of people and organisations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.commands.identity_certificate import certificate, self_issue
from cli.commands.identity_secrets import new_passphrase, passphrase, recipient
from cli.commands.trusting import card, trust, trusted, untrust
from cli.session import Session, session_options
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.identity import Identity
    from evidence.signers.uri import KeyUri


@click.group(name="identity")
@session_options
def command() -> None:
    """Keys of people and organisations."""


_OTHERS = (
    certificate,
    self_issue,
    trust,
    untrust,
    trusted,
    card,
    passphrase,
    recipient,
)
for _command in _OTHERS:
    command.add_command(_command)


def _pairs(identity: Identity) -> list[tuple[str, str]]:
    return [
        ("name", identity.name),
        ("role", identity.role),
        ("organisation", identity.organisation or "-"),
        ("key id", identity.key),
        ("algorithm", identity.public.algorithm.value),
        ("created", identity.created),
        ("age recipient", identity.recipient or "-"),
    ]


@command.command(name="new")
@click.option("--name", required=True, help="As the person or body is known.")
@click.option("--role", default="examiner", show_default=True, help="Usual role.")
@click.option("--org", default="", help="Organisation.")
@click.option(
    "--no-passphrase", is_flag=True, help="Store the key unencrypted (demo, tests)."
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File that holds the passphrase (or set $CUSTODY_PASSPHRASE).",
)
@click.option(
    "--key",
    "uri",
    metavar="URI",
    help="Take a key that exists: pkcs11:token=..;object=..?module-path=/.. or "
    "file:PATH. Its PIN or passphrase is asked for, or read as above.",
)
@session_options
@click.pass_obj
def new(
    session: Session,
    name: str,
    role: str,
    org: str,
    no_passphrase: bool,
    passphrase_file: Path | None,
    uri: str | None,
) -> None:
    """Make a signing key; its private half is encrypted with a passphrase.

    With --key, take a key that is on a token or in a file, and leave it there. A
    pkcs11: URI runs the token's own library, which is code of the token's maker.
    """
    from evidence import clock

    session.passphrase_file = passphrase_file
    if uri is not None:
        if no_passphrase:
            raise click.UsageError("--no-passphrase makes a key; --key takes one.")
        _adopt(session, name, role=role, org=org, uri=uri)
        return
    store = session.store()
    store.check_new(name, role=role, organisation=org)
    secret = None if no_passphrase else new_passphrase(session, name)
    identity = store.create(
        name,
        role=role,
        organisation=org,
        created=clock.now().time,
        passphrase=secret,
    )
    if session.as_json:
        output.emit_json("identity", {**identity.fields(), "encrypted": bool(secret)})
        return
    output.title(f"New identity: {identity.name}")
    output.fields(_pairs(identity))
    if secret is None and not session.quiet:
        output.tell("The private key is NOT encrypted: use it for demos only.")
    if not session.quiet:
        output.tell("Back up the key folder; a lost passphrase cannot be recovered.")


def _adopt(session: Session, name: str, *, role: str, org: str, uri: str) -> None:
    from evidence import clock
    from evidence.signers.uri import parse_uri

    place = parse_uri(uri)
    identity = session.store().adopt(
        name,
        role=role,
        organisation=org,
        created=clock.now().time,
        uri=place,
        ask=session.ask_passphrase,
    )
    if session.as_json:
        fields = {**identity.fields(), "encrypted": None, "key_uri": place.text}
        output.emit_json("identity", fields)
        return
    output.title(f"New identity: {identity.name}")
    output.fields([*_pairs(identity), ("private key", _where(place))])


def _where(place: KeyUri) -> str:
    from evidence.signers.uri import FileUri

    if isinstance(place, FileUri):
        return f"in the file {place.path}"
    return f"on a token, {place.text}"


@command.command(name="list")
@session_options
@click.pass_obj
def list_(session: Session) -> None:
    """List this person's identities."""
    identities = session.store().list()
    if session.as_json:
        found = [identity.fields() for identity in identities]
        output.emit_json("identities", {"identities": found})
        return
    if not identities:
        output.say("No identities yet. Make one: custody identity new --name NAME")
        return
    rows = [[i.name, i.role, i.organisation or "-", i.key[:16]] for i in identities]
    output.table(["name", "role", "organisation", "key id"], rows)


@command.command(name="show")
@click.argument("name", required=False)
@session_options
@click.pass_obj
def show(session: Session, name: str | None) -> None:
    """Show one identity, where its private key is, and how it is protected."""
    from evidence.fingerprint import groups

    store = session.store()
    identity = store.find(name)
    words = groups(identity.key)
    place = store.key_uri(identity)
    encrypted = store.is_encrypted(identity) if place is None else None
    if session.as_json:
        uri = place.text if place is not None else None
        more = {"encrypted": encrypted, "key_uri": uri, "words": words}
        output.emit_json("identity", {**identity.fields(), **more})
        return
    output.title(identity.name)
    if place is not None:
        protection = _where(place)
    else:
        protection = "encrypted with a passphrase" if encrypted else "NOT encrypted"
    output.fields([*_pairs(identity), ("private key", protection)])
    output.title("The key id in words, to read to others")
    output.fields([(str(number), text) for number, text in enumerate(words, start=1)])


@command.command(name="export")
@click.argument("name", required=False)
@output_option("File to write (default: standard output).", required=False)
@session_options
@click.pass_obj
def export(session: Session, name: str | None, target: Path | None) -> None:
    """Write the public description, for others to trust. No secret is in it."""

    identity = session.store().find(name)
    if target is None:
        output.say(identity.to_bytes().decode("utf-8").rstrip("\n"))
        return
    check_target(target)
    write_out(target, identity.to_bytes())
    if session.as_json:
        output.emit_json("export", {"file": str(target), "key": identity.key})
    elif not session.quiet:
        output.tell(f"Wrote {target}: hand it over, and read the key id to each other.")
