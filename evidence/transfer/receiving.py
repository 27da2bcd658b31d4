"""Answering an offer: accept, decline, give back; each a signed entry and a receipt.

The exhibits are taken first and the answer's entry is written last, so that an answer
never says more than what the case holds; an import that was interrupted goes on where
it stopped. The receiver countersigns the giver's checkpoint before anything is
recorded: a giver whose log was cut or rewritten is noticed then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.case import Case, CaseWriter
from evidence.grounds import Claim
from evidence.identity import Identity
from evidence.transfer.importing import items, take_item, take_proofs, taken_before
from evidence.transfer.opening import Opened, read_offer
from evidence.transfer.register import Received, read_transfers
from evidence.transfer.sides import make_side
from evidence.transfer.words import (
    ACCEPTED,
    DECLINED,
    DIFFERENCES,
    REASONS,
    RETURNED,
    RETURNS,
)
from evidence.transfer_errors import (
    NotYourPackageError,
    OfferAnsweredError,
    PackageMalformedError,
    PlaintextRefusedError,
    TransferUnsoundError,
)
from evidence.vault.keyring import Opener, locked
from manifests import sealing
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.merkle import leaf_hash
from manifests.note import MAX_NOTE_BYTES
from manifests.transfer import Side, TransferProof, read_transfer, write_transfer
from manifests.verifying.judge import Anchors
from manifests.verifying.transfers import RETURN, judge_transfer
from manifests.verifying.verdict import Axis, Status

MAX_NOTE = 10_000
_MAX_LISTED = 5_000  # differences spelled out
_HOLDS = (Axis.CONSISTENT, Axis.SIGNED)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer about to be recorded.

    Attributes:
        facts, private: of its entry; exhibits: of this case.
        cosignature: of the giver's checkpoint; b"" when the key cannot.
        differences: their sealed record; b"" without any.
    """

    kind: EntryType
    facts: dict[str, Json]
    private: dict[str, Json]
    exhibits: tuple[str, ...] = ()
    cosignature: bytes = b""
    differences: bytes = b""


@dataclass(slots=True)
class Taken:
    """What an acceptance took.

    Attributes:
        number: it gets; exhibits: of this case.
        in_clear: what came encrypted stands here in plaintext.
    """

    number: str
    exhibits: list[str] = field(default_factory=list)
    in_clear: bool = False


def check_offer(
    case: Case, offer: TransferProof, receiver: Identity, trusted: Sequence[Identity]
) -> Identity:
    """Return who offers; refuse an offer that is not sound, not ours, not by one known.

    Raises:
        PackageMalformedError: its signatures or proofs do not hold.
        NotYourPackageError: it is for another key, by a stranger, or out of this case.
    """
    side = offer.offer
    verdict = judge_transfer(offer, Anchors())
    if any(verdict.axes[axis].status is Status.FAIL for axis in _HOLDS):
        first = next(f for f in verdict.findings if f.fails)
        reason = f"its offer does not hold ({first.code.value})"
        raise PackageMalformedError(reason=reason)
    entry = side.entry
    if entry.facts.get("recipient") != receiver.key:
        reason = "it is offered to another key than yours"
        raise NotYourPackageError(reason=reason)
    if entry.body.get("log") == case.settings.origin:
        raise NotYourPackageError(reason="it comes out of this very case")
    for one in trusted:
        if one.key == entry.actor:
            return one
    reason = f"the key {entry.actor} that offers it is not one you trust"
    raise NotYourPackageError(reason=reason)


def answered(case: Case, offer: TransferProof) -> Received | None:
    """Return the newest answer of this case to an offer, None without one."""
    leaf = offer.offer.leaf
    found = [o for o in read_transfers(case).received.values() if o.offer == leaf]
    return found[-1] if found else None


def check_first(case: Case, offer: TransferProof) -> None:
    """Refuse an offer that is replayed.

    Raises:
        OfferAnsweredError: this case answered it.
    """
    earlier = answered(case, offer)
    if earlier is not None:
        raise OfferAnsweredError(entry=earlier.entry, result=earlier.result)


# -- accepting ---------------------------------------------------------------------


def take(
    writer: CaseWriter,
    opened: Opened,
    claim: Claim,
    *,
    opener: Opener = locked,
    in_clear: bool = False,
    told: Callable[[str], None] = lambda _exhibit: None,
) -> Taken:
    """Take what is as the origin recorded it into the case.

    Args:
        opener: gives the age identities of who takes it.
        in_clear: what came encrypted may stand in a case that is not.
        told: is given the number of each exhibit when it is safe.

    Raises:
        PlaintextRefusedError: it came encrypted and this case is not.
        As `evidence.acquire.acquire`; what was taken before stays, and is not taken
        again when this is repeated.
    """
    entries = list(writer.case.entries())
    before = taken_before(entries)
    taken = Taken(f"TI-{len(read_transfers(writer.case).received) + 1:04d}")
    log = str(opened.side.entry.body.get("log"))
    found = items(opened, opener)
    sealed = [item for item in found if item.decrypted is not None]
    if sealed and writer.vault is None:
        if not in_clear:
            raise PlaintextRefusedError(exhibit=sealed[0].expected.id)
        taken.in_clear = True
    for item in found:
        exhibit = before.get(item.entry.leaf.hex())
        if exhibit is None or item.inventory is None:
            exhibit = take_item(
                writer,
                item,
                log=log,
                authority=claim.wanted or None,
                override=claim.override,
            )
        taken.exhibits.append(exhibit)
        told(exhibit)
    taken.exhibits.append(take_proofs(writer, opened, taken.number))
    return taken


def acceptance(opened: Opened, taken: Taken, cosignature: bytes, note: str) -> Answer:
    """Return the answer to a package whose exhibits were taken."""
    differences = opened.differences
    facts = _offer_facts(opened.side)
    facts |= {
        "countersigned": bool(cosignature),
        "counts": dict(opened.looked.counts),
        "number": taken.number,
        "package": opened.looked.identity,
        "reason": "",
        "result": DIFFERENCES if differences else ACCEPTED,
    }
    if taken.in_clear:
        facts["in_clear"] = True
    listed: list[Json] = [
        {"detail": d.detail[:500], "path": d.path[:1024], "word": d.word}
        for d in differences[:_MAX_LISTED]
    ]
    line = b""
    if differences:
        found: dict[str, Json] = {"differences": listed, "in_all": len(differences)}
        line = _sealed(found)
        facts["differences"] = leaf_hash(line).hex()
    private: dict[str, Json] = {
        "cosignature": cosignature.decode("utf-8"),
        "differences": line.decode("utf-8"),
        "note": note,
        "offer": write_transfer(opened.offer).decode("utf-8"),
    }
    return Answer(
        EntryType.TRANSFER_IN,
        facts,
        private,
        tuple(taken.exhibits),
        cosignature,
        line,
    )


def _sealed(found: dict[str, Json]) -> bytes:
    try:
        return sealing.seal(found)
    except MalformedError:  # a name no record can hold
        return sealing.seal({"in_all": found["in_all"], "unlisted": True})


def _offer_facts(offer: Side) -> dict[str, Json]:
    entry = offer.entry
    return {
        "offer": {
            "entry": offer.leaf,
            "log": str(entry.body.get("log")),
            "seq": entry.seq,
        },
        "sender": entry.actor,
    }


# -- declining, giving back ----------------------------------------------------------


def decline(
    case: Case, offer: TransferProof, package: str, reason: str, note: str, cosig: bytes
) -> Answer:
    """Return the answer that takes nothing and says why.

    Args:
        package: SHA-256 of the tag manifest, hex; "" when it could not be read.
        reason: one of `words.REASONS`; note: in words, sealed.

    Raises:
        TransferUnsoundError: no known reason, or the note is too long.
    """
    if reason not in REASONS:
        raise TransferUnsoundError(reason="the reason is not a known word")
    if len(note) > MAX_NOTE:
        raise TransferUnsoundError(reason="the note is too long")
    count = len(read_transfers(case).received) + 1
    facts = _offer_facts(offer.offer)
    facts |= {
        "countersigned": bool(cosig),
        "number": f"TI-{count:04d}",
        "package": package,
        "reason": reason,
        "result": DECLINED,
    }
    private: dict[str, Json] = {
        "cosignature": cosig.decode("utf-8"),
        "differences": "",
        "note": note,
        "offer": write_transfer(offer).decode("utf-8"),
    }
    return Answer(EntryType.TRANSFER_IN, facts, private, (), cosig)


def give_back(case: Case, number: str, how: str, note: str) -> Answer:
    """Return the answer that what was accepted has been given back.

    Raises:
        TransferUnknownError: nothing of that number was received.
        TransferUnsoundError: nothing of it is here, or it was given back before.
    """
    one = read_transfers(case).incoming(number)
    if how not in RETURNS:
        raise TransferUnsoundError(reason="the way of giving back is no known word")
    if one.result == DECLINED or one.returned:
        reason = f"{one.number} was declined or given back before"
        raise TransferUnsoundError(reason=reason)
    entry = entry_of(case, one.entry)
    sealed = case.sealed(entry)
    facts: dict[str, Json] = {
        "how": how,
        "kind": RETURN,
        "number": one.number,
        "offer": entry.facts.get("offer"),
        "package": one.package,
        "reason": "",
        "recipient": one.sender,
        "result": RETURNED,
        "sender": one.sender,
    }
    private: dict[str, Json] = {
        "cosignature": sealed.get("cosignature", ""),
        "differences": "",
        "note": note,
        "offer": sealed.get("offer", ""),
    }
    return Answer(EntryType.TRANSFER_OUT, facts, private, one.exhibits)


def entry_of(case: Case, seq: int) -> Entry:
    """Return the entry of a number that is known to exist."""
    return next(entry for entry in case.entries() if entry.seq == seq)


# -- the receipt ---------------------------------------------------------------------


def record(writer: CaseWriter, answer: Answer) -> Entry:
    """Record an answer; the commit point.

    Raises:
        StorageFailedError: it was not recorded.
    """
    return writer.record(
        answer.kind,
        facts=answer.facts,
        private=answer.private,
        exhibits=answer.exhibits,
    )


def receipt(case: Case, entry: Entry) -> bytes:
    """Return the receipt file of an answer of this case; a checkpoint covers it.

    Raises:
        SealedRecordError: its sealed record is gone.
        ProofImpossibleError, MalformedError: it cannot be made.
    """
    sealed = case.sealed(entry)
    offer = read_transfer(str(sealed.get("offer", "")).encode("utf-8"))
    proof = TransferProof(
        offer.offer,
        make_side(case, entry),
        str(sealed.get("cosignature", "")).encode("utf-8"),
        str(sealed.get("differences", "")).encode("utf-8"),
    )
    return write_transfer(proof)


def package_of(folder: Path) -> tuple[TransferProof, str]:
    """Return a package's offer and, where it can be read, the digest that names it.

    Raises:
        PackageMalformedError: there is no offer to answer.
    """
    from hashlib import sha256

    from evidence.transfer.bag import IDENTITY

    offer = read_offer(folder)
    path = folder / IDENTITY
    if not path.is_file() or path.is_symlink():
        return offer, ""
    with path.open("rb") as stream:
        data = stream.read(MAX_NOTE_BYTES << 4)
    return offer, sha256(data).hexdigest()
