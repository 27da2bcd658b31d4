"""What a manifest says and what is wrong with it: the result of reading its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manifests.keys import KeyId, PublicKey
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.verdict import Finding


@dataclass(frozen=True, slots=True)
class LogReading:
    """What the log says and what is wrong with it.

    Attributes:
        checkpoints: number that hold (root and signature).
        newest_checkpoint: largest size of a checkpoint in the case.
        outside_checkpoint: largest size confirmed by one kept outside; 0 for none.
        signed: entries whose signatures hold.
        quarantined: what recoveries set aside: path below the case, to digest, number
            of files and bytes in one text.
        reports: issued reports: file name, and SHA-256 hex.
    """

    origin: str
    size: int
    root: str
    findings: tuple[Finding, ...]
    exhibits: Mapping[str, ExpectedExhibit]
    private: Mapping[int, bytes]
    quarantined: Mapping[str, str]
    reports: Mapping[str, str]
    signers: Mapping[KeyId, PublicKey]
    founder: KeyId | None
    checkpoints: int
    newest_checkpoint: int
    outside_checkpoint: int
    signed: int
    first_time: str
    last_time: str
