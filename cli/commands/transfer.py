"""`custody transfer`: hand exhibits over, with proof on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.commands.transfer_answers import accept, decline, give_back, receipt, told
from cli.grounds import claim, ground_options, tell_unused
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option, write_out
from evidence.labels.words import RECIPIENTS
from evidence.transfer.words import CHANNELS, OVERDUE

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.disclosing import Portion, Prepared
    from evidence.grounds import Basis
    from evidence.identity import Identity
    from evidence.transfer.offering import Wish
    from evidence.transfer.packing import Packed
    from evidence.transfer.register import Received, Transfer
    from manifests.entries import Entry

DUE = 4


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


for _verb in (accept, decline, give_back, receipt, told):
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
@output_option("Folder to make: the package; it must not exist.")
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
    """
    from evidence.clock import now
    from evidence.disclosing import check_space, folder_for, prepare
    from evidence.transfer.offering import basis_of, check_wish, record_offer
    from evidence.transfer.packing import check_keys, record_packed, whole_exhibits
    from evidence.transfer.transmission import available_until
    from manifests import durable

    case = session.open_case()
    names, wish = _names(exhibits, whole=given["whole"]), _wish(given)
    names = whole_exhibits(case) if wish.whole else names
    at = now().time
    check_wish(case, wish, names)
    available_until(at, wish.days)
    check_target(target)
    portions = _portions(names, payload=not no_payload)
    prepared = [] if wish.whole else prepare(case, portions, with_keys=True)
    check_keys(case, prepared, wish.recipient)
    with folder_for(target) as part:
        check_space(prepared, part, case)
        if wish.whole:
            _check_whole(case, part)
        identity, signer = session.acting()
        with session.writing(case, identity, signer) as writer:
            basis = basis_of(case, wish, names, at, claim())
            entry = record_offer(
                writer, wish, prepared=prepared, exhibits=names, basis=basis, at=at
            )
        packed = _packed(session, case, entry, prepared, part, identity, wish)
        with session.writing(case, identity, signer) as writer:
            record_packed(writer, entry, packed)
        durable.move_folder(part, target)
    _tell_offer(session, target, entry, packed, basis)


def _packed(
    session: Session,
    case: Case,
    entry: Entry,
    prepared: Sequence[Prepared],
    part: Path,
    identity: Identity,
    wish: Wish,
) -> Packed:
    from evidence.transfer.packing import write_package

    meter = output.Meter("packing", on=not session.quiet and not session.as_json)
    try:
        return write_package(
            case,
            entry,
            prepared,
            part=part,
            sender=identity,
            recipient=wish.recipient,
            progress=meter,
        )
    finally:
        meter.close()


def _names(exhibits: tuple[str, ...], *, whole: bool) -> tuple[str, ...]:
    if whole == bool(exhibits):
        raise click.UsageError("Name exhibits, or --whole for all there is.")
    return tuple(dict.fromkeys(name.upper() for name in exhibits))


def _portions(names: tuple[str, ...], *, payload: bool) -> list[Portion]:
    from evidence.disclosing import Portion

    return [Portion(name, None, payload) for name in names]


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


def _tell_offer(
    session: Session, target: Path, entry: Entry, packed: Packed, basis: Basis
) -> None:
    refusals = [refusal.code for refusal in basis.overridden]
    facts = entry.facts
    if session.as_json:
        value = {
            "folder": str(target),
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
            ("folder", str(target)),
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


@command.command(name="status")
@click.option("--overdue", is_flag=True, help="Only what is overdue.")
@session_options
@click.pass_obj
def status(session: Session, overdue: bool) -> int:
    """List what was offered and received, and where custody has gaps.

    \b
    EXIT STATUS
      0  nothing is overdue
      4  an answer is overdue
    """
    from evidence.clock import now
    from evidence.transfer.register import read_transfers

    case, at = session.open_case(), now().time
    found = read_transfers(case)
    given = [t for t in found.given.values() if not overdue or t.state(at) == OVERDUE]
    late = [t.number for t in found.given.values() if t.state(at) == OVERDUE]
    received = [] if overdue else list(found.received.values())
    if session.as_json:
        value = {
            "given": [_given_json(one, at) for one in given],
            "received": [_received_json(one) for one in received],
            "overdue": late,
            "odd": list(found.odd),
        }
        output.emit_json("transfer-status", value)
    else:
        _show_status(given, received, at)
        for seq in found.odd:
            output.tell(f"  Entry {seq} answers an offer this case never made.")
    return DUE if late else 0


def _given_json(one: Transfer, at: str) -> dict[str, object]:
    return {
        "number": one.number,
        "entry": one.entry,
        "time": one.time,
        "state": one.state(at),
        "result": one.result,
        "exhibits": list(one.exhibits),
        "whole": one.whole,
        "recipient": one.recipient,
        "alias": one.alias,
        "available_until": one.available_until,
        "packages": list(one.packages),
        "gap": one.gap,
        "contradicted": one.contradicted,
        "answers": [
            {
                "entry": answer.entry,
                "result": answer.result,
                "reason": answer.reason,
                "at": answer.at,
                "told": answer.told,
                "receipt": answer.receipt,
            }
            for answer in one.answers
        ],
    }


def _received_json(one: Received) -> dict[str, object]:
    return {
        "number": one.number,
        "entry": one.entry,
        "time": one.time,
        "log": one.log,
        "offer": one.offer,
        "sender": one.sender,
        "result": one.result,
        "reason": one.reason,
        "exhibits": list(one.exhibits),
        "returned": one.returned,
    }


def _show_status(given: list[Transfer], received: list[Received], at: str) -> None:
    if given:
        output.title("Given")
        rows = [
            [
                one.number,
                one.state(at) + (f" ({one.result})" if one.answers else ""),
                one.alias or one.recipient[:16],
                "whole case" if one.whole else ", ".join(one.exhibits),
                one.gap or "-",
            ]
            for one in given
        ]
        output.table(["number", "state", "to", "exhibits", "custody gap"], rows)
        for one in given:
            if one.contradicted:
                output.tell(f"  {one.number}: the receiver signed yes and no.")
    if received:
        output.title("Received")
        rows = [
            [
                one.number,
                one.result + (f", {one.returned}" if one.returned else ""),
                one.sender[:16],
                ", ".join(one.exhibits) or "-",
                f"entry {one.seq} of {one.log}",
            ]
            for one in received
        ]
        output.table(["number", "answer", "from", "exhibits", "offer"], rows)
    if not given and not received:
        output.say("Nothing was handed over.")


@command.command(name="remind")
@click.argument("number", metavar="TR-0001")
@output_option("Text file to write.")
@session_options
@click.pass_obj
def remind(session: Session, number: str, target: Path) -> None:
    """Write a reminder of an offer that has no answer; sending it is for a person."""
    from evidence.clock import now
    from evidence.transfer.guide import REMINDER
    from evidence.transfer.register import read_transfers
    from evidence.visible import visible

    case, at = session.open_case(), now().time
    check_target(target)
    one = read_transfers(case).offer(number)
    text = REMINDER.format(
        recipient=visible(one.recipient),
        log=visible(case.settings.origin),
        number=one.number,
        entry=one.entry,
        time=visible(one.time),
        leaf=one.leaf,
        exhibits="the whole case" if one.whole else ", ".join(one.exhibits),
        until=visible(one.available_until),
        today=at[:10],
        state=one.state(at),
    )
    write_out(target, text.encode("utf-8"))
    if session.as_json:
        value = {"file": str(target), "number": one.number, "state": one.state(at)}
        output.emit_json("transfer-remind", value)
        return
    output.say(f"Reminder of {one.number} ({one.state(at)}) written to {target}.")


@command.command(name="export")
@click.argument("number", metavar="TR-0001|TI-0001")
@output_option("File to write: what proves it to anybody, with 'custody verify'.")
@session_options
@click.pass_obj
def export(session: Session, number: str, target: Path) -> None:
    """Write the proof of a transfer: the receipt, a refusal that was told, the offer.

    Of something received (TI-0001): your own receipt again.
    """
    from evidence.transfer.answers import export_proof
    from evidence.transfer.receiving import entry_of
    from evidence.transfer.receiving import receipt as own_receipt
    from evidence.transfer.register import read_transfers

    case = session.open_case()
    check_target(target)
    if number.upper().startswith("TI-"):
        one = read_transfers(case).incoming(number)
        data = own_receipt(case, entry_of(case, one.entry))
    else:
        data = export_proof(case, number)
    write_out(target, data)
    if session.as_json:
        output.emit_json("transfer-export", {"file": str(target), "number": number})
        return
    output.say(f"The proof of {number.upper()} is in {target}: custody verify FILE")
