"""Asking a witness's server to cosign: the client of C2SP tlog-witness.

One call, and one more when the server says which size it has seen last. Whatever it
answers is judged here; nothing is believed but a cosignature that verifies with a key
the user gave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from evidence.countersigning import Leaves
from evidence.witness_errors import (
    WitnessAnswerError,
    WitnessConflictError,
    WitnessRefusedError,
)
from manifests.errors import MalformedError
from manifests.note import NoteSignature
from manifests.verifying.heads import (
    MAX_COMPANION_BYTES,
    read_cosignatures,
)
from manifests.verifying.witnesses import Witness
from manifests.witnessing import add_checkpoint_body, write_cosignatures

SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain"
ANSWER_BYTES = MAX_COMPANION_BYTES
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,14})\n")
_REASONS = {
    400: "it calls the request malformed (400)",
    403: "it trusts no key that signed this log (403)",
    404: "it does not know this log (404)",
    429: "it is asked too often; wait and send it again (429)",
}


class Reply(Protocol):
    """An HTTP answer, as `evidence.network.post` gives it."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def content_type(self) -> str:
        """Media type, lower case, no parameters."""
        ...

    @property
    def body(self) -> bytes:
        """At most `ANSWER_BYTES` bytes."""
        ...


Send = Callable[[str, bytes], Reply]


def submit(
    send: Send, url: str, log: Leaves, start: int, witnesses: Sequence[Witness]
) -> bytes:
    """Have the head cosigned; return the cosignature file.

    Args:
        send: posts a body to an address.
        url: the witness's submission prefix.
        start: size it is believed to have cosigned last; 0 when not known.
        witnesses: the keys its cosignatures may be by.

    Raises:
        WitnessRefusedError, WitnessConflictError: it did not cosign.
        WitnessAnswerError: its answer is of no use.
    """
    address = url.rstrip("/") + "/add-checkpoint"
    old = start
    for _ in range(2):
        body = add_checkpoint_body(old, log.prove(old), log.head.note)
        reply = send(address, body)
        if reply.status == 200:
            return _cosignatures(reply, log, witnesses)
        if reply.status != 409:
            raise _refusal(reply.status)
        known = _known_size(reply)
        if known > log.head.size:
            reason = (
                f"it has cosigned {known} entries, and the newest checkpoint here "
                f"covers {log.head.size}"
            )
            raise WitnessConflictError(reason=reason)
        if known == old:
            if known != log.head.size:
                reason = "it asks for the size it was given (409)"
                raise WitnessAnswerError(reason=reason)
            reason = f"it has cosigned another history of {known} entries"
            raise WitnessConflictError(reason=reason)
        old = known
    raise WitnessRefusedError(reason="its memory changed while it was asked; try again")


def _refusal(status: int) -> WitnessRefusedError | WitnessConflictError:
    if status == 422:
        reason = "the proof that this log extends it does not hold there (422)"
        return WitnessConflictError(reason=reason)
    return WitnessRefusedError(reason=_REASONS.get(status, f"it answered {status}"))


def _known_size(reply: Reply) -> int:
    match = _SIZE.fullmatch(reply.body)
    if reply.content_type != SIZE_TYPE or match is None:
        raise WitnessAnswerError(reason="its conflict (409) names no size")
    return int(match[1])


def _cosignatures(reply: Reply, log: Leaves, witnesses: Sequence[Witness]) -> bytes:
    """Return the lines by the keys given; one that does not verify spoils them all."""
    try:
        lines = read_cosignatures(reply.body)
    except MalformedError as error:
        reason = error.what.rstrip(".")
        raise WitnessAnswerError(reason=reason) from error
    kept: list[NoteSignature] = []
    for line in lines:
        cosigners = [c for w in witnesses if (c := w.cosigner(line)) is not None]
        if not cosigners:
            continue  # the protocol says to ignore keys that are not known
        text, head = log.head.signed.text, log.head.checkpoint
        if max(cosigner.time_of(line, text, head) for cosigner in cosigners) < 0:
            raise WitnessAnswerError(reason="its cosignature does not verify")
        kept.append(line)
    if not kept:
        raise WitnessAnswerError(reason="no cosignature in it is by the key you gave")
    return write_cosignatures(kept)
