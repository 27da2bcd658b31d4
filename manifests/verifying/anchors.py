"""What a verifier knows from outside, and relies on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from manifests.keys import KeyId
from manifests.verifying.policy import Policy
from manifests.verifying.witnesses import Witness


@dataclass(frozen=True, slots=True)
class Anchors:
    """Keys the verifier knows from outside the case.

    Attributes:
        demanded: keys given for this verification; the case must rest on them.
        known: keys in the verifier's own store; they may or may not be meant.
        stamp_roots: certificates (PEM or DER) of time-stamping roots to rely on.
        now: the verifier's present time, to tell what has aged or lies ahead.
        witnesses: keys that may countersign; without a policy, one of them suffices.
        policy: the verifier's rule for logs and witnesses (C2SP tlog-policy).
    """

    demanded: frozenset[KeyId] = frozenset()
    known: frozenset[KeyId] = frozenset()
    stamp_roots: tuple[bytes, ...] = ()
    now: datetime | None = None
    witnesses: tuple[Witness, ...] = ()
    policy: Policy | None = None
