"""`custody transfer accept|decline|return|receipt|told`: the answers to an offer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.envelopes import key_option
from cli.envelopes import opened as opening
from cli.grounds import claim, ground_options
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option, write_out
from evidence.transfer.words import REASONS, RETURNS

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.transfer.opening import Opened
    from evidence.transfer.receiving import Answer
    from evidence.witness import WitnessDesk
    from manifests.entries import Entry

_PACKAGE = click.Path(path_type=Path, exists=True)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_INCOMPLETE = 3


def _desk(session: Session) -> WitnessDesk:
    from evidence.witness import WitnessDesk

    return WitnessDesk(session.memory().home)


@click.command(name="accept")
@click.argument("package", metavar="PACKAGE", type=_PACKAGE)
@output_option("Receipt to write, to be sent back.")
@click.option("--again", is_flag=True, help="Although this case answered before.")
@click.option(
    "--in-clear", is_flag=True, help="What came encrypted, into a case that is not."
)
@click.option("--note", default="", help="In your words (sealed).")
@key_option
@ground_options
@acting_options
@session_options
@click.pass_obj
def accept(
    session: Session,
    package: Path,
    target: Path,
    again: bool,
    in_clear: bool,
    note: str,
    certificate_key: Path | None,
) -> int:
    """Take a package into your case: re-hash, list differences, countersign, answer.

    The exhibits keep their content and inventories and name where they come from.
    What is not as the giver recorded it is not taken, and the answer says so. What
    came encrypted is checked in memory and goes into an encrypted case.

    \b
    EXIT STATUS
      0  accepted
      3  accepted with differences
    """
    case = session.open_case()
    check_target(target)
    with opening(
        session, package, certificate_key, case.path, case.settings.origin
    ) as folder:
        words = {"again": again, "in_clear": in_clear}
        return _accept(session, case, folder, target, note=note, **words)


def _accept(
    session: Session,
    case: Case,
    package: Path,
    target: Path,
    *,
    again: bool,
    in_clear: bool,
    note: str,
) -> int:
    from evidence.transfer.receiving import (
        acceptance,
        check_first,
        check_offer,
        record,
        take,
    )
    from evidence.transfer.sides import cosign

    identity, signer = session.acting()
    opened = _opened(session, package, identity.key)
    sender = check_offer(case, opened.offer, identity, session.trusted())
    if not again:
        check_first(case, opened.offer)
    with session.writing(case, identity, signer) as writer:
        memory = session.memory().remember
        cosig = cosign(opened.side, signer, sender, _desk(session), memory)
        taken = take(
            writer, opened, claim(), opener=session.age_identities, in_clear=in_clear
        )
        answer = acceptance(opened, taken, cosig, note)
        entry = record(writer, answer)
    _write_receipt(session, case, entry, answer, target)
    _tell_differences(session, opened)
    return _INCOMPLETE if opened.differences else 0


def _opened(session: Session, package: Path, key: str) -> Opened:
    from evidence.transfer.opening import open_package, opener_for
    from manifests.verifying.judge import Anchors

    meter = output.Meter("hashing", on=not session.quiet and not session.as_json)
    try:
        opener = opener_for(package, key, session.age_identities)
        return open_package(package, anchors=Anchors(), opener=opener, progress=meter)
    finally:
        meter.close()


def _tell_differences(session: Session, opened: Opened) -> None:
    if session.as_json or not opened.differences:
        return
    output.title("DIFFERENCES")
    rows = [[d.word, d.path, d.detail] for d in opened.differences]
    output.table(["word", "path", "what"], rows)


def _write_receipt(
    session: Session, case: Case, entry: Entry, answer: Answer, target: Path
) -> None:
    from evidence.transfer.receiving import receipt as make_receipt

    write_out(target, make_receipt(case, entry))
    facts = entry.facts
    if session.as_json:
        value = {
            "number": facts["number"],
            "entry": entry.seq,
            "result": facts["result"],
            "reason": facts["reason"],
            "package": facts["package"],
            "counts": facts.get("counts", {}),
            "exhibits": list(entry.exhibits),
            "countersigned": bool(answer.cosignature),
            "receipt": str(target),
        }
        output.emit_json("transfer-answer", value)
        return
    output.title(f"Answered as {facts['number']}, entry {entry.seq}")
    output.fields(
        [
            ("result", str(facts["result"])),
            *_exhibits(entry),
            ("receipt", str(target)),
            ("countersigned", "yes" if answer.cosignature else "no"),
        ]
    )
    if not session.quiet:
        output.tell("Send the receipt back: the giver's proof is that file.")


def _exhibits(entry: Entry) -> list[tuple[str, str]]:
    """Say which exhibits came; the proofs of the package are the last of them."""
    from evidence.transfer.words import ACCEPTED, DIFFERENCES

    came, papers = entry.exhibits, ""
    if entry.facts.get("result") in (ACCEPTED, DIFFERENCES) and came:
        came, papers = came[:-1], came[-1]
    told = [("exhibits", ", ".join(came) or "none")]
    return [*told, ("papers with them", papers)] if papers else told


@click.command(name="decline")
@click.argument("package", metavar="PACKAGE", type=_PACKAGE)
@click.option(
    "--reason", type=click.Choice(REASONS), required=True, help="In one word; public."
)
@click.option("--note", default="", help="The reason in words (sealed).")
@output_option("Receipt to write, to be sent back.")
@click.option("--again", is_flag=True, help="Although this case answered before.")
@key_option
@acting_options
@session_options
@click.pass_obj
def decline(
    session: Session,
    package: Path,
    reason: str,
    note: str,
    target: Path,
    again: bool,
    certificate_key: Path | None,
) -> None:
    """Take nothing, say why, and sign that: a refusal is an answer, too."""
    from evidence.transfer.receiving import (
        check_first,
        check_offer,
        package_of,
        record,
    )
    from evidence.transfer.receiving import decline as declining
    from evidence.transfer.sides import cosign

    case = session.open_case()
    check_target(target)
    with opening(
        session, package, certificate_key, case.path, case.settings.origin
    ) as folder:
        offer, named = package_of(folder)
    identity, signer = session.acting()
    sender = check_offer(case, offer, identity, session.trusted())
    if not again:
        check_first(case, offer)
    with session.writing(case, identity, signer) as writer:
        memory = session.memory().remember
        cosig = cosign(offer.offer, signer, sender, _desk(session), memory)
        answer = declining(case, offer, named, reason, note, cosig)
        entry = record(writer, answer)
    _write_receipt(session, case, entry, answer, target)


@click.command(name="return")
@click.argument("number", metavar="TI-0001")
@click.option(
    "--how", type=click.Choice(RETURNS), required=True, help="What was done with it."
)
@click.option("--note", default="", help="In your words (sealed).")
@output_option("Receipt to write, to be sent to whom you had it from.")
@acting_options
@session_options
@click.pass_obj
def give_back(session: Session, number: str, how: str, note: str, target: Path) -> None:
    """Record that something received was sent back or destroyed, and sign that."""
    from evidence.transfer.receiving import give_back as giving_back
    from evidence.transfer.receiving import record

    case = session.open_case()
    check_target(target)
    answer = giving_back(case, number, how, note)
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = record(writer, answer)
    _write_receipt(session, case, entry, answer, target)


@click.command(name="receipt")
@click.argument("file", metavar="RECEIPT", type=_FILE)
@output_option(
    "Countersignature of the receiver's record to write, to be sent back.",
    required=False,
)
@acting_options
@session_options
@click.pass_obj
def receipt(session: Session, file: Path, target: Path | None) -> None:
    """Take the answer to an offer of yours: check it, keep it, countersign it.

    The receiver keeps what -o writes with 'custody witness add FILE'.
    """
    from evidence.transfer.answers import (
        check_extends,
        check_receipt,
        keep_cosignature,
        read_proof_file,
        record_receipt,
    )
    from evidence.transfer.sides import cosign
    from evidence.witness_errors import CosignatureRefusedError

    case = session.open_case()
    if target is not None:
        check_target(target)
    checked = check_receipt(case, read_proof_file(file), session.trusted())
    check_extends(case, checked)
    identity, signer = session.acting()
    back = b""
    with session.writing(case, identity, signer) as writer:
        if target is not None:
            memory = session.memory().remember
            back = cosign(
                checked.answer, signer, checked.receiver, _desk(session), memory
            )
        entry = record_receipt(writer, checked, file)
    refused = ""
    try:
        kept = keep_cosignature(case, checked)
    except CosignatureRefusedError as error:
        kept, refused = False, error.what
    if target is not None and back:
        write_out(target, back)
    facts = entry.facts
    if session.as_json:
        value = {
            "number": facts["transfer"],
            "entry": entry.seq,
            "result": facts["result"],
            "reason": facts["reason"],
            "receipt": facts["receipt"],
            "receiver": facts["receiver"],
            "countersigned": kept,
            "file": str(target) if back else None,
        }
        output.emit_json("transfer-receipt", value)
        return
    output.title(f"{facts['transfer']}: {facts['result']}")
    output.fields(
        [
            ("by", checked.receiver.name),
            ("reason", str(facts["reason"] or "-")),
            ("kept as", str(facts["receipt"])),
            ("they countersigned", "yes" if kept else refused or "no"),
        ]
    )


@click.command(name="told")
@click.argument("number", metavar="TR-0001")
@click.option(
    "--answer",
    "result",
    type=click.Choice(["accepted", "declined"]),
    required=True,
    help="What they said.",
)
@click.option("--reason", type=click.Choice(REASONS), help="If they gave one.")
@click.option("--note", required=True, help="Who said it, where and how (sealed).")
@click.option("--at", default="", help="When, RFC 3339 or a date; now if not given.")
@acting_options
@session_options
@click.pass_obj
def told(
    session: Session, number: str, result: str, reason: str | None, note: str, at: str
) -> None:
    """Write down an answer nobody signed, e.g. a refusal at the counter."""
    from evidence.authority.checks import read_time
    from evidence.clock import now
    from evidence.transfer.answers import record_told

    case = session.open_case()
    when = read_time(at, field="at") if at else now().time
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = record_told(writer, number, result, reason or "", note, when)
    facts = entry.facts
    if session.as_json:
        value = {"number": facts["transfer"], "entry": entry.seq, "result": result}
        output.emit_json("transfer-told", value)
        return
    output.say(f"{facts['transfer']}: {result}, as told (entry {entry.seq}).")
