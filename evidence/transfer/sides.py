"""One side of a hand-over, made from a case: its entry with its place in the log."""

from __future__ import annotations

from evidence.case import Case
from evidence.countersigning import make_request
from evidence.errors import ProofImpossibleError
from evidence.proving import standing_of
from manifests.entries import Entry
from manifests.errors import MalformedError
from manifests.merkle import inclusion_proof
from manifests.proof import Placed
from manifests.transfer import Side
from manifests.witnessing import Request, read_request


def make_side(case: Case, entry: Entry) -> Side:
    """Return an entry with its proof up to the newest checkpoint, and that checkpoint.

    Raises:
        ProofImpossibleError: no checkpoint covers it.
        BrokenManifestError, CaseUnreadableError: the log cannot be used.
    """
    request, log = make_request(case)
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
