"""`custody init`: open a new case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options
from evidence.authority.instruments import CATEGORIES, RULES, Instrument

if TYPE_CHECKING:
    from evidence.authority.order import Order
    from evidence.founding import SecondPersons
    from evidence.identity import Identity
    from evidence.vault.holders import Holder
    from manifests.keys import Signer


@click.command(name="init")
@click.argument("folder", metavar="CASE", type=click.Path(path_type=Path))
@click.option("--case-id", required=True, help='Reference, e.g. "PROC 123/2026".')
@click.option("--title", required=True, help="What the case is about (sealed).")
@click.option(
    "--profile",
    type=click.Choice(["police", "ngo"]),
    default="police",
    show_default=True,
    help="Whose rules apply.",
)
@click.option(
    "--tsa",
    "authorities",
    metavar="NAME=URL",
    multiple=True,
    help="Time-stamping authority that 'custody seal' asks (repeatable).",
)
@click.option("--synthetic", is_flag=True, help="Mark as training data for ever.")
@click.option(
    "--two-person",
    metavar="TYPES",
    default="",
    help="Acts that need a second person, e.g. key_enrol,key_revoke,erase.",
)
@click.option(
    "--approver",
    "approvers",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Request of a second person, from 'key request --origin' (repeatable).",
)
@click.option(
    "--encrypt/--no-encrypt",
    default=None,
    help="Encrypt everything acquired and sealed (default: with --profile ngo).",
)
@click.option(
    "--recovery",
    "recoveries",
    metavar="age1...",
    multiple=True,
    help="Recovery recipient, from 'recipient recovery'; kept elsewhere (repeatable).",
)
@click.option("--origin", help="Log origin from 'key origin', for --approver.")
@click.option(
    "--authority-type",
    type=click.Choice([kind.value for kind in Instrument]),
    help="Legal ground the case begins with, its AU-0001 (default: none; with the "
    "profile ngo, own-initiative).",
)
@click.option("--authority-reference", default="", help="Its file number (sealed).")
@acting_options
@session_options
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917 - one an option
    session: Session,
    folder: Path,
    case_id: str,
    title: str,
    profile: str,
    authorities: tuple[str, ...],
    synthetic: bool,
    two_person: str,
    approvers: tuple[Path, ...],
    origin: str | None,
    encrypt: bool | None,
    recoveries: tuple[str, ...],
    authority_type: str | None,
    authority_reference: str,
) -> None:
    """Open a new case in the folder CASE, which must not exist or be empty.

    Case id and title are sealed: the part of the case that travels does not hold them.
    Keys of approvers get every right; whoever else is to sign is enrolled later with
    'custody key enrol'. A rule for two people always covers key_enrol.

    An encrypted case opens with the key of whoever founds it, of custodians added with
    'custody recipient add', and of a recovery key that should be kept elsewhere.

    Every acquisition names a legal ground. Give the first one here, or with more of
    its details by 'custody authority add'.
    """
    from evidence.addresses import StampAuthority
    from evidence.countersigning import newest_head
    from evidence.founding import create_case

    stampers = tuple(StampAuthority.from_text(text) for text in authorities)
    second = _second_persons(session, two_person, approvers, origin)
    encrypted = encrypt if encrypt is not None else profile == "ngo"
    if recoveries and not encrypted:
        raise click.UsageError("--recovery is for an encrypted case: add --encrypt.")
    identity, signer = session.acting()
    holders = first_holders(session, identity, signer, recoveries) if encrypted else ()
    case = create_case(
        folder,
        identity,
        signer,
        case_id=case_id,
        title=title,
        profile=profile,
        synthetic=synthetic,
        authorities=stampers,
        second=second,
        holders=holders,
        ground=_ground(authority_type, authority_reference),
    )
    session.remember(case)(newest_head(case).note)
    if session.as_json:
        output.emit_json(
            "init",
            {
                "case": str(folder),
                "origin": case.settings.origin,
                "profile": profile,
                "founder": identity.key,
                "encrypted": encrypted,
                "entries": 1,
            },
        )
        return
    output.title(f"Opened case {case_id}")
    output.fields(
        [
            ("folder", str(folder)),
            ("log origin", case.settings.origin),
            ("profile", profile),
            ("founder", f"{identity.name} ({identity.role})"),
            ("key id", identity.key),
            ("encrypted", "yes" if encrypted else "no"),
        ]
    )
    if encrypted and not recoveries:
        output.tell(
            "Warning: there is no recovery key. If this key or its passphrase is lost, "
            "so is the evidence: see 'custody recipient recovery'."
        )
    if not session.quiet:
        begun = authority_type is not None or profile == "ngo"
        verb = "acquire chat FILE" if begun else "authority add --type TYPE ..."
        output.tell(f"Next: custody -C {folder} {verb}")


def _ground(kind: str | None, reference: str) -> Order | None:
    from evidence.authority.order import Order

    if kind is None:
        if reference:
            raise click.UsageError("--authority-reference needs --authority-type.")
        return None
    instrument = Instrument(kind)
    categories = tuple(c for c in CATEGORIES if c in RULES[instrument].categories)
    return Order(type=instrument, reference=reference, categories=categories)


def first_holders(
    session: Session, identity: Identity, signer: Signer, recoveries: tuple[str, ...]
) -> tuple[Holder, ...]:
    """Return who can decrypt an encrypted case from the beginning.

    Raises:
        RecipientRefusedError: a recovery recipient is none, or the own key has none.
    """
    from evidence.vault.holders import RECOVERY, Holder, check_recipient
    from evidence.vault.people import own_recipient

    own = own_recipient(session.store(), identity, signer)
    texts = dict.fromkeys(check_recipient(text) for text in recoveries)
    return (own, *(Holder(text, RECOVERY) for text in texts))


def _second_persons(
    session: Session, types: str, approvers: tuple[Path, ...], origin: str | None
) -> SecondPersons | None:
    """Read who begins beside the founder; their keys must be known already.

    Raises:
        FingerprintRefusedError: an approver's key was not compared with the person.
    """
    from cli.confirming import confirm_key
    from evidence.founding import SecondPersons, new_origin
    from evidence.joining import MAX_BYTES, read_request

    wanted = tuple(word.strip() for word in types.split(",") if word.strip())
    if not wanted and not approvers and origin is None:
        return None
    if bool(approvers) != (origin is not None):
        raise click.UsageError("--approver and --origin go together.")
    keys = session.known_keys()
    requests = []
    for path in approvers:
        with path.open("rb") as stream:
            request = read_request(stream.read(MAX_BYTES + 1))
        confirm_key(request.identity, None, known=keys)
        requests.append(request)
    return SecondPersons(origin or new_origin(), wanted, tuple(requests))
