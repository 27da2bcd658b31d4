"""What others say of a log: the policy's log keys, witnesses, time-stamp authorities.

The same for a case, for one exhibit's proof and for the log inside a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from manifests.entries import Entry
from manifests.keys import PostQuantumKey, PublicKey
from manifests.verifying.anchors import Anchors
from manifests.verifying.certificates import StampRoots
from manifests.verifying.heads import Head
from manifests.verifying.reading import LogReading
from manifests.verifying.stamped import Renewed, judge_timestamps
from manifests.verifying.verdict import Axis, AxisVerdict, Finding
from manifests.verifying.witnesses import judge_policy_log, judge_witnesses


@dataclass(frozen=True, slots=True)
class Outside:
    """What was found.

    Attributes:
        axes: the verdicts on `Axis.WITNESSED` and `Axis.TIMESTAMPED`.
        witnessed: number of entries that are countersigned, 0 for none.
    """

    findings: tuple[Finding, ...]
    axes: Mapping[Axis, AxisVerdict]
    witnessed: int


def judge_outside(
    heads: Sequence[Head],
    own: Iterable[PublicKey | PostQuantumKey],
    entries: int,
    anchors: Anchors,
    *,
    newest: int | None = None,
    renewals: Sequence[Entry] = (),
    renewed: Sequence[Renewed] = (),
) -> Outside:
    """Judge what stands beside checkpoints.

    Args:
        heads: the checkpoints; own: every key of the case; entries: how many there are.
        newest: entries the newest checkpoint covers; `entries` when not given.
        renewals, renewed: as `judge_timestamps`.

    Raises:
        MalformedError: the anchors hold something that is no certificate of a root.
    """
    last = entries if newest is None else newest
    latest = [head for head in heads if head.size == last and not head.outside]
    findings = judge_policy_log(latest, anchors.policy)
    heard, witnessed, size = judge_witnesses(
        heads,
        own,
        entries,
        witnesses=anchors.witnesses,
        policy=anchors.policy,
        now=anchors.now,
    )
    timed, stamped = judge_timestamps(
        heads,
        entries,
        StampRoots.from_bytes(*anchors.stamp_roots),
        renewals=renewals,
        renewed=renewed,
        now=anchors.now,
    )
    axes = {Axis.WITNESSED: witnessed, Axis.TIMESTAMPED: stamped}
    return Outside((*findings, *heard, *timed), axes, size)


def judge_outside_of_log(
    log: LogReading, anchors: Anchors, *, renewed: Sequence[Renewed] = ()
) -> Outside:
    """Judge what stands beside the checkpoints of a whole log; as `judge_outside`."""
    beside = [w.post_quantum for w in log.warrants if w.post_quantum is not None]
    return judge_outside(
        log.heads,
        [*log.signers.values(), *beside],
        log.size,
        anchors,
        newest=log.newest_checkpoint,
        renewals=log.renewals,
        renewed=renewed,
    )
