"""Comparing checkpoints with the log, each when the log reaches its size."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace

from manifests.checkpoint import (
    PostQuantum,
    is_signed_by,
    post_quantum_status,
    read_checkpoint,
)
from manifests.errors import MalformedError
from manifests.note import read_note
from manifests.verifying.heads import COMPANIONS, MAX_COMPANIONS, Head
from manifests.verifying.keyring import Keyring
from manifests.verifying.verdict import Axis, Code, Finding
from manifests.warrants import Warrant

COMPANION = re.compile(r"([0-9]{10})\.[a-z0-9\-]{1,64}(\.[a-z0-9]{3,5})")
_PQ_REMARKS = {
    PostQuantum.ABSENT: (
        Code.POST_QUANTUM_ABSENT,
        "Its signer has an ML-DSA-44 key, but did not sign it with that one.",
    ),
    PostQuantum.UNAVAILABLE: (
        Code.POST_QUANTUM_UNCHECKED,
        "This installation cannot check its ML-DSA-44 signature.",
    ),
}


class CheckpointReader:
    """Feed `companion` and `take` before the log, then `compare` at every size.

    Attributes:
        held: number of the case's own checkpoints that hold.
        newest: largest size of a checkpoint in the case.
        confirmed: largest size confirmed by one kept outside; 0 for none.
        heads: those that have companions, that were kept outside, and the newest.
        post_quantum: ML-DSA-44 status to the number of checkpoints.
    """

    def __init__(
        self, origin: str, keyring: Keyring, find: Callable[[Finding], None]
    ) -> None:
        self.held = 0
        self.newest = 0
        self.confirmed = 0
        self.heads: list[Head] = []
        self.post_quantum: Counter[PostQuantum] = Counter()
        self._origin = origin
        self._keyring = keyring
        self._find = find
        self._waiting: defaultdict[int, list[Head]] = defaultdict(list)
        self._companions: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)

    def _add(self, axis: Axis, code: Code, subject: str, text: str) -> None:
        self._find(Finding(axis, code, subject, text))

    def _remark(self, axis: Axis, code: Code, subject: str, text: str) -> None:
        self._find(Finding(axis, code, subject, text, fails=False))

    def companion(self, name: str, data: bytes) -> None:
        """Take a file that stands beside a checkpoint: cosignatures, token, CAdES.

        Args:
            name: ``NNNNNNNNNN.<tag>.cosig``, ``.tsr`` or ``.p7s``.
        """
        match = COMPANION.fullmatch(name)
        if match is None or match[2] not in COMPANIONS:
            return  # not a name this format knows: unlisted, which others judge
        beside = self._companions[int(match[1])]
        if len(beside) < MAX_COMPANIONS:
            beside.append((name, data))
            return
        text = f"More than {MAX_COMPANIONS} files stand beside one checkpoint."
        self._add(Axis.CONSISTENT, Code.COMPANION_MALFORMED, name, text)

    def take(self, name: str, data: bytes, *, outside: bool = False) -> None:
        """Take a checkpoint note; it is compared when the log reaches its size.

        Args:
            name: its file name.
            data: the note's bytes.
            outside: True when it was kept outside the case (a paper, a witness).
        """
        try:
            signed = read_note(data)
            head = read_checkpoint(signed.text)
        except MalformedError as error:
            self._add(Axis.CONSISTENT, Code.CHECKPOINT_MALFORMED, name, error.what)
            return
        if head.size == 0:
            text = "A checkpoint over no entries confirms nothing."
            self._add(Axis.CONSISTENT, Code.CHECKPOINT_MALFORMED, name, text)
            return
        if head.origin != self._origin:
            text = "The checkpoint belongs to another manifest."
            self._add(Axis.CONSISTENT, Code.CHECKPOINT_FOREIGN, name, text)
            return
        if not outside and name != f"{head.size:010d}.note":
            text = f"The checkpoint is over {head.size} entries, not what it is named."
            self._add(Axis.CONSISTENT, Code.CHECKPOINT_MISNAMED, name, text)
        if not outside:
            self.newest = max(self.newest, head.size)
        found = Head(
            name, data, signed, head, holds=False, outside=outside, last_time=""
        )
        self._waiting[head.size].append(found)

    def compare(self, size: int, root: Callable[[], bytes], last_time: str) -> None:
        """Compare the tree over `size` entries with every checkpoint of this size."""
        for head in self._waiting.pop(size, ()):
            good = True
            if head.checkpoint.root != root():
                good = False
                code = Code.ROLLBACK if head.outside else Code.CHECKPOINT_ROOT
                text = f"The first {size} entries are not those it was made over."
                self._add(Axis.CONSISTENT, code, head.name, text)
            signers = [
                warrant
                for warrant in self._keyring.in_force()
                if is_signed_by(head.signed, self._origin, warrant.key)
            ]
            if not signers:
                good = False
                text = "No key in force there signed this checkpoint as it stands."
                self._add(Axis.SIGNED, Code.CHECKPOINT_SIGNATURE, head.name, text)
            for warrant in signers:
                problem = self._keyring.sign_head(head.name, warrant, last_time)
                if problem is not None:
                    good = False
                    self._add(Axis.SIGNED, *problem)
                good = self._judge_post_quantum(head, warrant) and good
            self._keep(head, good=good, last_time=last_time)

    def _judge_post_quantum(self, head: Head, warrant: Warrant) -> bool:
        """Judge the ML-DSA-44 signature beside the classical one; False if wrong."""
        if warrant.post_quantum is None:
            return True
        status = post_quantum_status(head.signed, head.checkpoint, warrant.post_quantum)
        if not head.outside:
            self.post_quantum[status] += 1
        if status is PostQuantum.WRONG:
            text = "Its ML-DSA-44 signature does not match it."
            self._add(Axis.SIGNED, Code.CHECKPOINT_SIGNATURE, head.name, text)
        elif status in _PQ_REMARKS:
            code, text = _PQ_REMARKS[status]
            self._remark(Axis.SIGNED, code, head.name, text)
        return status is not PostQuantum.WRONG

    def _keep(self, head: Head, *, good: bool, last_time: str) -> None:
        if head.outside and good:
            self.confirmed = max(self.confirmed, head.size)
        self.held += good and not head.outside
        beside = self._companions.get(head.size, [])
        if beside or head.outside or head.size == self.newest:
            kept = replace(
                head, holds=good, last_time=last_time, companions=tuple(beside)
            )
            self.heads.append(kept)

    def finish(self, size: int) -> None:
        """Judge what the log never reached: its end was cut off."""
        for beyond in sorted(self._waiting):
            for head in self._waiting[beyond]:
                code = Code.ROLLBACK if head.outside else Code.CHECKPOINT_BEYOND
                text = (
                    f"It was made over {beyond} entries, but the manifest holds only "
                    f"{size}: entries are missing or the end was cut off."
                )
                self._add(Axis.CONSISTENT, code, head.name, text)
                self._keep(head, good=False, last_time="")
        for number in sorted(set(self._companions) - {h.size for h in self.heads}):
            for name, _ in self._companions[number]:
                text = "It belongs to a checkpoint that is not there."
                self._remark(Axis.CONSISTENT, Code.COMPANION_ALONE, name, text)
        if self.newest == 0 and size:
            text = "There is no checkpoint, so cut-off entries could not be noticed."
            self._add(Axis.CONSISTENT, Code.CHECKPOINT_NONE, "checkpoints", text)
        elif self.newest < size:
            text = "The last entries have no checkpoint yet: a command was interrupted."
            subject = f"entries from {self.newest}"
            self._remark(Axis.CONSISTENT, Code.CHECKPOINT_LAGS, subject, text)


def is_companion(name: str) -> bool:
    """Tell whether a file name in the checkpoints folder is that of a companion."""
    match = COMPANION.fullmatch(name)
    return match is not None and match[2] in COMPANIONS
