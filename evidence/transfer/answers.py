"""The giver's side of answers: taking a receipt, or writing down what was told.

A receipt is taken only when it answers an offer of this case, by the very key the offer
names, which is trusted now, and for a package that was written. It is kept whole, as an
exhibit; a receiver who answers twice, alike or not, has signed both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence import clock
from evidence.acquire import DOCUMENT, Request, acquire
from evidence.case import Case, CaseWriter, unreadable
from evidence.countersigning import add_cosignatures
from evidence.identity import Identity
from evidence.methods import take_files
from evidence.transfer.register import Transfer, read_transfers
from evidence.transfer.sides import asked, make_side
from evidence.transfer.words import ANSWERED, REASONS
from evidence.transfer_errors import (
    ReceiptKnownError,
    ReceiptRefusedError,
    TransferUnsoundError,
)
from manifests import ledger
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.merkle import ProofError, verify_consistency
from manifests.transfer import (
    MAX_BYTES,
    Side,
    TransferProof,
    read_transfer,
    write_transfer,
)
from manifests.transfer import is_transfer as is_transfer_data
from manifests.verifying.judge import Anchors
from manifests.verifying.transfers import RESULTS, TOLD, judge_transfer, read_answer
from manifests.verifying.verdict import Axis, Status
from manifests.verifying.witnesses import Witness

_HOLDS = (Axis.INTACT, Axis.CONSISTENT, Axis.SIGNED, Axis.WITNESSED)
MAX_NOTE = 10_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt that holds and answers an offer of this case.

    Attributes:
        receiver: the trusted key that signed it.
    """

    proof: TransferProof
    answer: Side
    transfer: Transfer
    receiver: Identity


def read_proof_file(path: Path) -> TransferProof:
    """Read an offer or receipt file.

    Raises:
        CaseUnreadableError: it cannot be read.
        MalformedError, NewerFormatError: it is none.
    """
    try:
        with ledger.open_plain(path) as stream:
            return read_transfer(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise unreadable(str(path), error) from error


def is_transfer_file(path: Path) -> bool:
    """Tell by its content whether a file means to be an offer or a receipt."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(str(path), error) from error
    return is_transfer_data(data)


def check_receipt(
    case: Case, proof: TransferProof, trusted: Sequence[Identity]
) -> Checked:
    """Judge a receipt against the offers of this case.

    Raises:
        ReceiptRefusedError: it does not hold, or is not for this case.
        ReceiptKnownError: the case holds it.
    """
    answer = proof.answer
    if answer is None:
        raise ReceiptRefusedError(reason="it is an offer, nobody's answer")
    verdict = judge_transfer(proof, Anchors())
    failing = [f for f in verdict.findings if f.fails and f.axis in _HOLDS]
    if failing or any(verdict.axes[a].status is Status.FAIL for a in _HOLDS):
        told = failing[0]
        reason = f"it does not hold ({told.code.value}): {told.text.rstrip('.')}"
        raise ReceiptRefusedError(reason=reason)
    given = read_transfers(case).given.values()
    one = next((t for t in given if t.leaf == proof.offer.leaf), None)
    if one is None:
        raise ReceiptRefusedError(reason="it answers no offer of this case")
    known = next((a for a in one.answers if a.leaf == answer.leaf), None)
    if known is not None:
        raise ReceiptKnownError(entry=known.entry)
    found = read_answer(answer.entry)
    if found.told:
        raise ReceiptRefusedError(reason="the receiver signed nothing in it")
    if found.package and found.package not in one.packages:
        reason = "it is for another package than those written for this offer"
        raise ReceiptRefusedError(reason=reason)
    for identity in trusted:
        if identity.key == answer.entry.actor:
            return Checked(proof, answer, one, identity)
    reason = f"the key {answer.entry.actor} is not, or no longer, one you trust"
    raise ReceiptRefusedError(reason=reason)


def check_extends(case: Case, checked: Checked) -> None:
    """Refuse a receiver's log that does not extend what it showed in earlier receipts.

    Where the new receipt brings no proof from the earlier size, nothing is said.

    Raises:
        ReceiptRefusedError: the receiver rewrote its log.
    """
    request = asked(checked.answer)
    for entry in case.entries():
        facts = entry.facts
        head = facts.get("checkpoint")
        if facts.get("kind") != ANSWERED or not isinstance(head, dict):
            continue
        size, root = head.get("size"), head.get("root")
        if head.get("log") != request.head.origin or not isinstance(size, int):
            continue
        old = bytes.fromhex(str(root))
        if size > request.head.size:
            continue  # an older receipt that came late
        path = request.proofs.get(size)
        if path is None:
            continue
        try:
            verify_consistency(size, request.head.size, path, old, request.head.root)
        except ProofError as error:
            reason = f"the receiver's log is not the one of entry {entry.seq}"
            raise ReceiptRefusedError(reason=reason) from error


def record_receipt(writer: CaseWriter, checked: Checked, file: Path) -> Entry:
    """Keep a receipt as an exhibit and record it.

    Raises:
        As `evidence.acquire.acquire`; StorageFailedError: it was not recorded.
    """
    one, told = checked.transfer, read_answer(checked.answer.entry)
    request = Request(
        kind=DOCUMENT,
        sources=(file,),
        description="a receipt of a hand-over",
        documents=one.number,
    )
    exhibit = acquire(writer, request, take_files).exhibit
    head = checked.answer.head
    facts: dict[str, Json] = {
        "answer": checked.answer.leaf,
        "at": checked.answer.entry.time,
        "checkpoint": {
            "log": head.origin,
            "root": head.root.hex(),
            "size": head.size,
        },
        "counts": dict(told.counts),
        "kind": ANSWERED,
        "offer": _offer(writer, one),
        "package": told.package,
        "reason": told.reason,
        "receipt": exhibit,
        "receiver": checked.receiver.key,
        "result": told.result,
        "sha256": sha256(write_transfer(checked.proof)).hexdigest(),
        "transfer": one.number,
    }
    return writer.record(
        EntryType.ANNOTATE, facts=facts, exhibits=(exhibit,), private=None
    )


def _offer(writer: CaseWriter, one: Transfer) -> dict[str, Json]:
    origin = writer.case.settings.origin
    return {"entry": one.leaf, "log": origin, "seq": one.entry}


def keep_cosignature(case: Case, checked: Checked) -> bool:
    """Keep the receiver's countersignature beside its checkpoint; False without one.

    Raises:
        CosignatureRefusedError, StorageFailedError: it was not kept.
    """
    data = checked.proof.cosignature
    if not data:
        return False
    witness = Witness(checked.receiver.name, checked.receiver.public)
    add_cosignatures(case, data, [witness], what="the receipt")
    return True


def record_told(
    writer: CaseWriter, number: str, result: str, reason: str, note: str, at: str
) -> Entry:
    """Write down an answer that was given without a signature.

    Raises:
        TransferUnknownError: the case made no such offer.
        TransferUnsoundError: not among the known words.
    """
    one = read_transfers(writer.case).offer(number)
    if at > clock.now().time:
        raise TransferUnsoundError(reason="the answer is later than now")
    if any(not answer.told for answer in one.answers):
        reason = f"{one.number} has an answer that was signed"
        raise TransferUnsoundError(reason=reason)
    if result not in RESULTS or (reason and reason not in REASONS):
        raise TransferUnsoundError(reason="result or reason is not a known word")
    if not note.strip() or len(note) > MAX_NOTE:
        reason = "who said it, where and how is not told, or too long"
        raise TransferUnsoundError(reason=reason)
    facts: dict[str, Json] = {
        "at": at,
        "kind": TOLD,
        "offer": _offer(writer, one),
        "package": one.packages[-1] if one.packages else "",
        "reason": reason,
        "result": result,
        "transfer": one.number,
    }
    return writer.record(EntryType.ANNOTATE, facts=facts, private={"note": note})


def export_proof(case: Case, number: str, *, result: str = "") -> bytes:
    """Return what proves one transfer to anybody: the newest receipt, or what is there.

    A receipt as it came; else what was told, or the offer alone, out of this log.

    Args:
        result: of the answer wanted, where there are several; "" for the newest.

    Raises:
        TransferUnknownError: there is none of that number.
        TransferUnsoundError: it has no answer with that result.
        CaseUnreadableError, MalformedError, ProofImpossibleError: it cannot be made.
    """
    one = read_transfers(case).offer(number)
    entries = list(case.entries())
    wanted = [a for a in one.answers if result in ("", a.result)]
    if result and not wanted:
        reason = f"{one.number} has no answer '{result}'"
        raise TransferUnsoundError(reason=reason)
    # What was signed comes before what was told, whichever is newer.
    for answer in sorted(wanted, key=lambda a: (a.told, -a.entry)):
        if answer.receipt:
            return _kept(case, answer.receipt)
        offer = make_side(case, entries[one.entry])
        told = make_side(case, entries[answer.entry])
        return write_transfer(TransferProof(offer, told))
    return write_transfer(TransferProof(make_side(case, entries[one.entry])))


def _kept(case: Case, exhibit: str) -> bytes:
    try:
        with case.open_payload(exhibit) as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(f"The receipt {exhibit}", error) from error
    if read_transfer(data).answer is None:
        raise MalformedError(what=f"the receipt {exhibit}", reason="it answers nothing")
    return data
