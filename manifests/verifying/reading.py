"""What a manifest says and what is wrong with it: the result of reading its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manifests.checkpoint import PostQuantum
from manifests.entries import Entry, PrivateFile
from manifests.keys import KeyId, PublicKey
from manifests.verifying.erased import Erased
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.heads import Head
from manifests.verifying.keyring import Holding
from manifests.verifying.rehashed import Rehash
from manifests.verifying.verdict import Finding
from manifests.warrants import Warrant


@dataclass(frozen=True, slots=True)
class LogReading:
    """What the log says and what is wrong with it.

    Attributes:
        checkpoints: number that hold (root and signature).
        newest_checkpoint: largest size of a checkpoint in the case.
        outside_checkpoint: largest size confirmed by one kept outside; 0 for none.
        signed: entries whose signatures hold.
        erased: what erasures in force took away.
        private_files: files of encrypted sealed records, by number of the entry.
        encrypted: the first entry says that the case is encrypted.
        quarantined: what recoveries set aside: path below the case, to digest, number
            of files and bytes in one text.
        reports: issued reports: file name, and SHA-256 hex.
        signers: every key the log ever allowed, by id; warrants: what each may do.
        holdings: the career of each of these keys, in order of enrolment.
        named_keys: these keys and those whose enrolment waits or was refused.
        waiting: numbers of acts without their second signature: not in force.
        refused: numbers of acts a second person refused.
        heads: checkpoints with companions, from outside, and the newest.
        post_quantum: ML-DSA-44 status to number of checkpoints.
        renewals: `renew` entries, in order.
        rehashes: what those of kind `rehash` say, by number of the entry.
    """

    origin: str
    size: int
    root: str
    findings: tuple[Finding, ...]
    exhibits: Mapping[str, ExpectedExhibit]
    private: Mapping[int, bytes]
    private_files: Mapping[int, PrivateFile]
    encrypted: bool
    quarantined: Mapping[str, str]
    reports: Mapping[str, str]
    signers: Mapping[KeyId, PublicKey]
    founder: KeyId | None
    warrants: tuple[Warrant, ...]
    holdings: tuple[Holding, ...]
    named_keys: frozenset[KeyId]
    waiting: tuple[int, ...]
    refused: tuple[int, ...]
    checkpoints: int
    newest_checkpoint: int
    outside_checkpoint: int
    heads: tuple[Head, ...]
    post_quantum: Mapping[PostQuantum, int]
    renewals: tuple[Entry, ...]
    rehashes: Mapping[int, Rehash]
    erased: Erased
    signed: int
    first_time: str
    last_time: str
