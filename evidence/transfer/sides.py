"""One side of a hand-over, made from a case: its entry with its place in the log."""

from __future__ import annotations

from collections.abc import Callable

from evidence.case import Case
from evidence.countersigning import make_request
from evidence.errors import ProofImpossibleError
from evidence.identity import Identity
from evidence.proving import standing_of
from evidence.transfer.words import PACKED
from evidence.witness import WitnessDesk
from evidence.witness_errors import WitnessRollbackError
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import Algorithm, Signer
from manifests.merkle import inclusion_proof
from manifests.proof import Placed
from manifests.transfer import Side
from manifests.witnessing import Request, read_request, write_cosignatures


def make_side(case: Case, entry: Entry) -> Side:
    """Return an entry with its proof up to the newest checkpoint, and that checkpoint.

    Raises:
        ProofImpossibleError: no checkpoint covers it.
        BrokenManifestError, CaseUnreadableError: the log cannot be used.
    """
    request, log = make_request(case, sent=_sent(case))
    if log.head.size <= entry.seq:
        reason = "no checkpoint covers it"
        raise ProofImpossibleError(exhibit=f"entry {entry.seq}", reason=reason)

    def placed(one: Entry) -> Placed:
        return Placed(one.line, one.seq, tuple(inclusion_proof(log.leaves, one.seq)))

    standing = standing_of(case, entry, log.head.size)
    own = (one for one in standing if one.seq != entry.seq)
    return Side(
        placed(entry), tuple(placed(one) for one in own), log.head.note, request
    )


def _sent(case: Case) -> list[int]:
    """Return the sizes of checkpoints that left with packages, the newest first.

    Who took one may have cosigned it: a receipt that never came back would else be the
    reason why the next package cannot be taken.
    """
    found: list[int] = []
    for entry in case.entries():
        if entry.type in (EntryType.TRANSFER_OUT, EntryType.TRANSFER_IN):
            found.append(entry.seq + 1)
        elif entry.facts.get("kind") == PACKED:
            found.append(entry.seq)  # of a package that was continued later
    return list(dict.fromkeys(reversed(found)))


def asked(side: Side) -> Request:
    """Return the request to a witness that a side brings, for its own checkpoint.

    Raises:
        MalformedError: it is none, or for another checkpoint.
    """
    request = read_request(side.request)
    if request.note != side.note:
        reason = "its request is for another checkpoint"
        raise MalformedError(what="a transfer proof", reason=reason)
    return request


def cosign(
    side: Side,
    signer: Signer,
    party: Identity,
    desk: WitnessDesk,
    remember: Callable[[str, bytes], None],
) -> bytes:
    """Countersign the other party's checkpoint.

    Nothing (b"") comes back when this key cannot (not Ed25519), or when a later
    checkpoint of the same log was countersigned before: packages are not always
    opened in the order in which they were made.

    Args:
        party: whose log it is.
        remember: takes origin and note of what was countersigned.

    Raises:
        WitnessForkError, ...: that log is another one, or was rewritten.
    """
    if signer.public.algorithm is not Algorithm.ED25519:
        return b""
    request = asked(side)
    name = desk.name_of(signer.public, None)
    accepted = [party.public, *request.keys]
    try:
        done = desk.cosign(request, signer, name=name, accepted=accepted)
    except WitnessRollbackError:
        return b""
    remember(done.head.origin, done.note)
    return write_cosignatures(list(done.lines))
