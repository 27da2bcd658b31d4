"""`custody transfer`: hand exhibits over, with proof on both sides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.commands.transfer_answers import accept, decline, give_back, receipt, told
from cli.commands.transfer_continue import continue_offer
from cli.commands.transfer_status import export, remind, status
from cli.envelopes import read_split, read_to, sealing_options
from cli.grounds import claim, ground_options, tell_unused
from cli.packages import Making, finish_package, report_option
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option
from evidence.labels.words import RECIPIENTS
from evidence.transfer.words import CHANNELS

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.disclosing import Portion
    from evidence.envelope.sealed import To
    from evidence.grounds import Basis
    from evidence.transfer.offering import Wish
    from evidence.transfer.packing import Packed


@click.group(name="transfer")
@session_options
def command() -> None:
    """Hand exhibits over, answer an offer, and prove either.

    \b
    giver:     transfer offer EX-... --to NAME ... -o PACKAGE
    receiver:  transfer accept PACKAGE -o RECEIPT   (or decline)
    giver:     transfer receipt RECEIPT
    anybody:   verify PACKAGE, verify RECEIPT
    """


for _verb in (
    continue_offer,
    accept,
    decline,
    give_back,
    receipt,
    told,
    status,
    remind,
    export,
):
    command.add_command(_verb)


class _Offer(TypedDict):
    recipient: str
    alias: str
    kind: str | None
    purpose: str
    channel: str
    days: int
    reference: str
    contact: str
    remarks: str
    whole: bool
    emergency: bool
    sealed: bool
    certificates: tuple[Path, ...]
    split: str
    report: Path | None


@command.command(name="offer")
@click.argument("exhibits", metavar="EX-0001...", nargs=-1)
@click.option(
    "--whole", is_flag=True, help="The whole case, names too, for safekeeping."
)
@click.option("--no-payload", is_flag=True, help="Inventories without payloads.")
@click.option(
    "--to",
    "recipient",
    metavar="NAME",
    required=True,
    help="A trusted key ('identity trust'): its name, or the beginning of its id.",
)
@click.option(
    "--alias", metavar="ALIAS", default="", help="How consents call the recipient."
)
@click.option(
    "--to-kind",
    "kind",
    type=click.Choice(RECIPIENTS),
    help="What the recipient is, where labels ask.",
)
@click.option(
    "--purpose", metavar="WORD", required=True, help="See 'custody consent words'."
)
@click.option(
    "--channel", type=click.Choice(CHANNELS), required=True, help="How it travels."
)
@click.option(
    "--available-days",
    "days",
    type=int,
    default=30,
    show_default=True,
    help="For how many days it can be had: 10 to 45.",
)
@click.option("--reference", default="", help="Proof of the means (sealed).")
@click.option("--contact", default="", help="Of the recipient (sealed).")
@click.option("--remarks", default="", help="To the recipient (sealed here).")
@click.option("--emergency", is_flag=True, help="Given before the papers are there.")
@report_option
@sealing_options
@output_option("Folder (or encrypted file) to make; it must not exist.")
@ground_options
@acting_options
@session_options
@click.pass_obj
def offer(
    session: Session,
    exhibits: tuple[str, ...],
    no_payload: bool,
    target: Path,
    **given: Unpack[_Offer],
) -> None:
    """Offer exhibits to a key you trust, and write the package.

    Refused unless a consent or another recorded ground covers exactly this. What is
    offered, to whom and on what ground is recorded before anything is written.

    What is encrypted travels as it lies in the case, with its keys for the recipient
    alone; without payloads, as records encrypted to the recipient.
    """
    from evidence.clock import now
    from evidence.disclosing import check_space, folder_for, prepare
    from evidence.envelope.sealed import check_size as check_envelope
    from evidence.envelope.sealed import room_for
    from evidence.transfer.offering import (
        basis_of,
        check_size,
        check_wish,
        record_offer,
    )
    from evidence.transfer.packing import (
        size_of,
        whole_exhibits,
        whole_size,
    )
    from evidence.transfer.transmission import available_until
    from evidence.vault.people import holder

    check_target(target)
    case = session.open_case()
    to, wish = _read(case, given)
    names = _names(exhibits, whole=wish.whole)
    names = whole_exhibits(case) if wish.whole else names
    at = now().time
    check_wish(case, wish, names)
    available_until(at, wish.days)
    portions = _portions(names, payload=not no_payload)
    prepared = []
    if not wish.whole:
        prepared = prepare(case, portions, to=lambda: holder(wish.recipient).recipient)
        check_size(prepared)
    split = read_split(given["split"], to)
    if to is not None:
        check_envelope(to, whole_size(case) if wish.whole else size_of(prepared))
    room = folder_for(target) if to is None else room_for(target, case)
    with room as part:
        check_space(prepared, part, case)
        if wish.whole:
            _check_whole(case, part)
        identity, signer = session.acting()
        with session.writing(case, identity, signer) as writer:
            basis = basis_of(case, wish, names, at, claim())
            entry = record_offer(
                writer,
                wish,
                prepared=prepared,
                exhibits=names,
                basis=basis,
                at=at,
                travels=to.travels(split) if to else None,
            )
        acting = (identity, signer)
        making = Making(
            entry,
            prepared,
            target,
            acting,
            wish.recipient,
            to,
            split,
            given["report"],
        )
        packed = finish_package(session, case, making, part)
    _tell_offer(session, making, packed, basis)


def _names(exhibits: tuple[str, ...], *, whole: bool) -> tuple[str, ...]:
    if whole == bool(exhibits):
        raise click.UsageError("Name exhibits, or --whole for all there is.")
    return tuple(dict.fromkeys(name.upper() for name in exhibits))


def _portions(names: tuple[str, ...], *, payload: bool) -> list[Portion]:
    from evidence.disclosing import Portion

    return [Portion(name, None, payload) for name in names]


def _read(case: Case, given: _Offer) -> tuple[To | None, Wish]:
    """Return to whom the package is encrypted as a whole, and what is wished."""
    from evidence.transfer.alongside import check_report

    wish = _wish(given)
    to = read_to(given["certificates"], wish.recipient, sealed=given["sealed"])
    if given["report"] is None:
        return to, wish
    digest = check_report(case, given["report"], sealed=to is not None)
    return to, replace(wish, report=digest)


def _wish(given: _Offer) -> Wish:
    from evidence.consent.words import words
    from evidence.identity import home_folder
    from evidence.transfer.offering import Wish
    from evidence.trust import TrustStore

    if given["purpose"] not in words().purposes:
        known = ", ".join(words().purposes)
        raise click.UsageError(f"--purpose is one of: {known}.")
    return Wish(
        recipient=TrustStore(home_folder()).find(given["recipient"]),
        purpose=given["purpose"],
        channel=given["channel"],
        alias=given["alias"].upper(),
        kind=given["kind"] or "",
        days=given["days"],
        reference=given["reference"],
        contact=given["contact"],
        remarks=given["remarks"],
        whole=given["whole"],
        emergency=given["emergency"],
    )


def _check_whole(case: Case, part: Path) -> None:
    import shutil

    from evidence.transfer.packing import whole_size
    from manifests import durable

    if shutil.disk_usage(part).free < whole_size(case):
        durable.storage_failure(OSError(28, "no space left"), part.name)


def _written(making: Making) -> tuple[str, str]:
    """Say what was written: a folder, one file, or parts and their list."""
    if making.to is None:
        return "folder", str(making.target)
    if not making.split:
        return "file", str(making.target)
    from evidence.envelope.parts import list_path, read_list

    path = list_path(making.target)
    count = len(read_list(path).digests)
    return "parts", f"{count}, {making.target}.001 and on; send their list, too: {path}"


def _tell_offer(session: Session, making: Making, packed: Packed, basis: Basis) -> None:
    entry, written = making.entry, _written(making)
    refusals = list(dict.fromkeys(refusal.code for refusal in basis.overridden))
    facts = entry.facts
    if session.as_json:
        value = {
            "folder": str(making.target),
            "number": facts["number"],
            "entry": entry.seq,
            "offer": entry.leaf.hex(),
            "package": packed.identity,
            "files": len(packed.files),
            "available_until": facts["available_until"],
            "ground": basis.ground,
            "overridden": refusals,
        }
        output.emit_json("transfer-offer", value)
        return
    output.title(f"Offered as {facts['number']}, entry {entry.seq}")
    output.fields(
        [
            written,
            ("package", packed.identity),
            ("to key", str(facts["recipient"])),
            ("ground", basis.ground or "none"),
            ("to be had until", str(facts["available_until"])),
        ]
    )
    if refusals:
        output.tell(f"  OVERRIDDEN: {', '.join(refusals)}; recorded and shown.")
    tell_unused(unused=basis.unused)
    if not session.quiet:
        output.tell("Read the package's number to the recipient on another way.")
