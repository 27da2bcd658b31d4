"""Going on from a case that was restored from a backup, openly.

This machine remembers the newest head it vouched for (`evidence.heads`). A case that
does not extend it is not continued. When a person says that it was restored, an entry
says so for ever, with the head that is missing; only then the memory moves on.
"""

from __future__ import annotations

from evidence.case import Case, CaseWriter, writing
from evidence.heads import Memory
from evidence.identity import Identity
from evidence.witness_errors import NotRestoredError
from manifests.checkpoint import Checkpoint
from manifests.entries import EntryType
from manifests.errors import MalformedError
from manifests.keys import Signer
from manifests.merkle import Frontier

_MAX_REASON = 1000


def restore(
    case: Case, identity: Identity, signer: Signer, memory: Memory, reason: str
) -> CaseWriter:
    """Record that the case was restored, and let the memory move on.

    Args:
        reason: why; it is sealed.

    Raises:
        NotRestoredError: the case holds everything that is remembered.
        MalformedError: the reason is empty or too long.
        As `evidence.case.writing`.
    """
    if not reason.strip() or len(reason) > _MAX_REASON:
        raise MalformedError(what="the reason", reason="it is empty or too long")
    origin = case.settings.origin
    lost = [head for head in memory.known(origin) if not _extends(case, head)]
    if not lost:
        raise NotRestoredError
    head = lost[0]
    with writing(
        case,
        identity,
        signer,
        vouched=lambda note: memory.accept(origin, note),
    ) as writer:
        writer.record(
            EntryType.RECOVERY,
            facts={
                "known_root": head.root.hex(),
                "known_size": head.size,
                "quarantined": [],
                "restored": True,
            },
            private={"reason": reason},
        )
    return writer


def _extends(case: Case, head: Checkpoint) -> bool:
    """Tell whether the log begins with the entries of `head`."""
    frontier = Frontier()
    for entry in case.entries():
        frontier.append(entry.leaf)
        if frontier.size == head.size:
            return frontier.root() == head.root
    return False
