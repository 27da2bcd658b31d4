"""`custody identity certificate`: X.509 certificates beside an identity's key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options

if TYPE_CHECKING:
    from evidence.certificates import Description
    from evidence.certified import Certified
    from evidence.identity import Identity

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
NOT_PROVED = (
    "These are claims of the certificate's issuer. Revocation, trusted lists and the "
    "signing device were not looked at: no level (advanced, qualified) is established."
)


@click.command(name="certificate")
@click.argument("name", required=False)
@click.option("--add", "added", type=_PATH, help="Certificate to keep, PEM or DER.")
@click.option("--chain", type=_PATH, help="With --add: certificates above it, PEM.")
@click.option(
    "--key",
    "uri",
    metavar="URI",
    help="With --add: where the certificate's key is, when it is not the identity's "
    "own (an organisation's seal): pkcs11:... or file:PATH.",
)
@click.option("--show", is_flag=True, help="Show what is kept (the default).")
@click.option(
    "--passphrase-file",
    type=_PATH,
    help="File that holds the passphrase or PIN (or set $CUSTODY_PASSPHRASE).",
)
@session_options
@click.pass_obj
def certificate(
    session: Session,
    name: str | None,
    added: Path | None,
    chain: Path | None,
    uri: str | None,
    show: bool,
    passphrase_file: Path | None,
) -> None:
    """Keep a certificate beside an identity's key, or show those kept.

    What a certificate says of itself is shown as a claim and never as proved.
    """
    if added is None and (chain is not None or uri is not None):
        raise click.UsageError("--chain and --key go with --add.")
    if added is not None and show:
        raise click.UsageError("Give either --add FILE or --show.")
    session.passphrase_file = passphrase_file
    if added is None:
        _show(session, name)
    else:
        _add(session, name, added, chain=chain, uri=uri)


def _add(
    session: Session,
    name: str | None,
    path: Path,
    *,
    chain: Path | None,
    uri: str | None,
) -> None:
    from evidence.certified import add_certificate
    from evidence.signers.uri import parse_uri

    store = session.store()
    identity = store.find(name)
    found = add_certificate(
        store,
        identity,
        path,
        chain=chain,
        uri=parse_uri(uri) if uri is not None else None,
        ask=session.ask_passphrase,
    )
    _tell(session, identity, found)


@click.command(name="self-issue")
@click.argument("name", required=False)
@click.option(
    "--named", is_flag=True, help="Put name and organisation in, not the key id."
)
@click.option(
    "--years",
    type=click.IntRange(1, 20),
    default=5,
    show_default=True,
    help="For how long it is valid.",
)
@click.option(
    "--passphrase-file",
    type=_PATH,
    help="File that holds the passphrase (or set $CUSTODY_PASSPHRASE).",
)
@session_options
@click.pass_obj
def self_issue(
    session: Session,
    name: str | None,
    named: bool,
    years: int,
    passphrase_file: Path | None,
) -> None:
    """Make a certificate without a CA, to sign reports with.

    It is for a P-256 key derived from the identity's key, which vouches for it:
    'custody verify report.pdf' checks that against the log in the report. Other
    programs show a valid signature by somebody unknown: no CA says who it is.
    """
    from datetime import UTC, datetime

    from evidence.certified import add_self_issued

    session.passphrase_file = passphrase_file
    store = session.store()
    identity = store.find(name)
    found = add_self_issued(
        store,
        identity,
        at=datetime.now(UTC),
        years=years,
        named=named,
        ask=session.ask_passphrase,
    )
    _tell(session, identity, found)


def _tell(session: Session, identity: Identity, found: Certified) -> None:
    if session.as_json:
        output.emit_json("certificate", {"key": identity.key, **_fields(found)})
        return
    output.title(f"Kept with {identity.name}")
    _print(found)
    output.say(NOT_PROVED)


def _show(session: Session, name: str | None) -> None:
    from evidence.certified import certificates_of

    store = session.store()
    identity = store.find(name)
    found = certificates_of(store, identity)
    if session.as_json:
        kept = [_fields(one) for one in found]
        output.emit_json("certificates", {"key": identity.key, "certificates": kept})
        return
    if not found:
        output.say(f"{identity.name} has no certificate. Add one with --add FILE.")
        return
    for one in found:
        output.title(f"Certificate {one.id}")
        _print(one)
    output.say(NOT_PROVED)


def _described(found: Certified) -> Description:
    from evidence.certificates import describe

    return describe(found.certificate.leaf)


def _fields(found: Certified) -> dict[str, object]:
    return {
        "id": found.id,
        **_described(found).fields(),
        "chain": len(found.certificate.chain),
        "key_uri": found.uri.text if found.uri is not None else None,
    }


def _where(found: Certified) -> str:
    if found.uri is not None:
        return found.uri.text
    return "derived from the identity's" if found.derived else "the identity's own"


def _print(found: Certified) -> None:
    said = _described(found)
    output.fields(
        [
            ("SHA-256", said.sha256),
            ("subject", said.subject),
            ("organisation id", said.organisation_id or "-"),
            ("issuer", said.issuer),
            ("serial number", said.serial),
            ("valid from", f"{said.not_before:%Y-%m-%d %H:%M:%S}Z"),
            ("valid until", f"{said.not_after:%Y-%m-%d %H:%M:%S}Z"),
            ("key", said.key),
            ("key usage", ", ".join(said.usage) or "not said"),
            ("claims", "; ".join(said.claims) or "none"),
            ("chain", f"{len(found.certificate.chain)} above it"),
            (
                "private key",
                _where(found),
            ),
        ]
    )
