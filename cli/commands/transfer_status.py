"""`custody transfer status|remind|export`: what became of what was handed over."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options, signing_options
from cli.writing_out import check_target, output_option, write_out
from evidence.transfer.words import ANSWERS, OVERDUE

if TYPE_CHECKING:
    from evidence.transfer.register import Received, Transfer

DUE = 4


@click.command(name="status")
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


def _state(one: Transfer, at: str) -> str:
    state = one.state(at)
    return f"{state} ({one.result})" if one.result not in ("", state) else state


def _show_status(given: list[Transfer], received: list[Received], at: str) -> None:
    if given:
        output.title("Given")
        rows = [
            [
                one.number,
                _state(one, at),
                one.alias or one.recipient[:16],
                "whole case" if one.whole else ", ".join(one.exhibits),
                one.gap or "-",
            ]
            for one in given
        ]
        output.table(["number", "state", "to", "exhibits", "custody gap"], rows)
        for one in given:
            if not one.packages and not one.answers:
                text = (
                    f"  {one.number}: no whole package was written for it; finish it "
                )
                output.tell(f"{text}with 'custody transfer continue {one.number}'.")
            if one.contradicted:
                kept = ", ".join(a.receipt for a in one.answers if a.receipt)
                text = f"  {one.number}: the receiver signed yes and no ({kept})."
                output.tell(text)
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


@click.command(name="remind")
@click.argument("number", metavar="TR-0001")
@output_option("Text file to write.")
@session_options
@click.pass_obj
def remind(session: Session, number: str, target: Path) -> None:
    """Write a reminder of an offer that has no answer; sending it is for a person."""
    from evidence.clock import now
    from evidence.transfer.guide import REMINDER
    from evidence.transfer.register import read_transfers
    from evidence.transfer_errors import TransferUnsoundError
    from evidence.visible import visible

    case, at = session.open_case(), now().time
    check_target(target)
    one = read_transfers(case).offer(number)
    if any(not answer.told for answer in one.answers):
        reason = f"{one.number} has a signed answer ({one.result}): nothing is missing"
        raise TransferUnsoundError(reason=reason)
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


@click.command(name="export")
@click.argument("number", metavar="TR-0001|TI-0001")
@output_option("File to write: what proves it to anybody, with 'custody verify'.")
@click.option(
    "--answer",
    "result",
    type=click.Choice(ANSWERS),
    help="Which answer, where there are several (default: the newest signed).",
)
@click.option(
    "--asic-e",
    is_flag=True,
    help="As a container for the decentralised IT system, signed (CAdES).",
)
@click.option(
    "--attach",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Into the container: the report, the transmission manifest, ... (repeatable).",
)
@click.option(
    "--certificate", "wanted", metavar="ID", help="Which certificate signs it."
)
@click.option(
    "--tsa",
    metavar="NAME=URL",
    help="With --asic-e: ask this authority for a time stamp over it all.",
)
@signing_options
@session_options
@click.pass_obj
def export(
    session: Session,
    number: str,
    target: Path,
    result: str | None,
    asic_e: bool,
    attach: tuple[Path, ...],
    wanted: str | None,
    tsa: str | None,
) -> None:
    """Write the proof of a transfer: the receipt, a refusal that was told, the offer.

    Of something received (TI-0001): your own receipt again; --answer returned gives
    that of giving it back. With --asic-e, a container
    of at most 25 MB with the proof, its checkpoint and what is attached.
    """
    from evidence.transfer.answers import export_proof
    from evidence.transfer.receiving import entry_of
    from evidence.transfer.receiving import receipt as own_receipt
    from evidence.transfer.register import read_transfers

    case = session.open_case()
    check_target(target)
    if number.upper().startswith("TI-"):
        one = read_transfers(case).incoming(number)
        seq = one.entry_of(result or one.result)
        data = own_receipt(case, entry_of(case, seq))
    else:
        data = export_proof(case, number, result=result or "")
    if asic_e:
        data = _container(session, data, attach, wanted, tsa)
    elif attach or wanted or tsa:
        raise click.UsageError("--attach, --certificate, --tsa go with --asic-e.")
    write_out(target, data)
    if session.as_json:
        output.emit_json("transfer-export", {"file": str(target), "number": number})
        return
    output.say(f"The proof of {number.upper()} is in {target}: custody verify FILE")


def _container(
    session: Session,
    proof: bytes,
    attach: tuple[Path, ...],
    wanted: str | None,
    tsa: str | None,
) -> bytes:
    """Return a container of a proof and files, signed by a certificate of who acts."""
    from evidence.addresses import StampAuthority
    from evidence.asice import MAX_BYTES, PROOF, make_container
    from evidence.certified import choose_certificate, open_certified
    from evidence.envelope_errors import ContainerTooLargeError
    from evidence.timestamping import stamp_bytes
    from manifests.transfer import read_transfer

    stamp = None
    if tsa:
        stamp = partial(stamp_bytes, authority=StampAuthority.from_text(tsa))
    files = {PROOF: proof, "checkpoint.note": read_transfer(proof).offer.note}
    for path in attach:
        if path.name in files:
            raise click.UsageError(f"Two files would be called {path.name}.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ContainerTooLargeError(bytes=size)
        files[path.name] = path.read_bytes()
    identity, store = session.identity(), session.store()
    chosen = choose_certificate(store, identity, wanted)
    key = open_certified(store, identity, chosen, session.ask_passphrase)
    try:
        return make_container(files, chosen.certificate, key, stamp)
    finally:
        key.close()
