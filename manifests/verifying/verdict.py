"""Verdicts: several axes, typed findings, and what was not established (DESIGN 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Axis(StrEnum):
    """One question each; never one green tick."""

    COMPLETE = "complete"
    INTACT = "intact"
    CONSISTENT = "consistent"
    SIGNED = "signed"
    TRUSTED = "trusted"
    TIMESTAMPED = "timestamped"
    WITNESSED = "witnessed"


QUESTIONS = {
    Axis.COMPLETE: "Is everything the manifest names there, and nothing else?",
    Axis.INTACT: "Do all bytes match the digests recorded when they were acquired?",
    Axis.CONSISTENT: "Do the entries form one unbroken, ordered log that every "
    "checkpoint confirms?",
    Axis.SIGNED: "Is every entry signed by a key that was allowed to sign then?",
    Axis.TRUSTED: "Are these keys known from outside the case?",
    Axis.TIMESTAMPED: "Does an independent authority confirm the time?",
    Axis.WITNESSED: "Has another party countersigned the head of the log?",
}

# Exit code of a failed axis; the first failed axis in this order decides.
EXIT_CODES = {
    Axis.INTACT: 10,
    Axis.COMPLETE: 11,
    Axis.CONSISTENT: 12,
    Axis.SIGNED: 20,
    Axis.TRUSTED: 21,
    Axis.TIMESTAMPED: 22,
    Axis.WITNESSED: 23,
}


class Status(StrEnum):
    """Result of one axis."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NOT_CHECKED = "not checked"


class Code(StrEnum):
    """Stable reason codes of findings."""

    # complete
    PAYLOAD_MISSING = "PAYLOAD_MISSING"
    INVENTORY_MISSING = "INVENTORY_MISSING"
    PRIVATE_MISSING = "PRIVATE_MISSING"
    KEY_FILE_MISSING = "KEY_FILE_MISSING"
    UNLISTED = "UNLISTED"
    ERASED = "ERASED"
    ERASED_STILL_PRESENT = "ERASED_STILL_PRESENT"
    EXHIBIT_GAP = "EXHIBIT_GAP"
    UNFINISHED = "UNFINISHED"
    QUARANTINE_MISSING = "QUARANTINE_MISSING"
    REPORT_MISSING = "REPORT_MISSING"
    RENEWAL_MISSING = "RENEWAL_MISSING"
    RENEWED_MISSING = "RENEWED_MISSING"
    PACKAGE_MISSING = "PACKAGE_MISSING"
    PACKAGE_NEW = "PACKAGE_NEW"
    # intact
    PAYLOAD_MODIFIED = "PAYLOAD_MODIFIED"
    INVENTORY_MODIFIED = "INVENTORY_MODIFIED"
    PRIVATE_MODIFIED = "PRIVATE_MODIFIED"
    UNREADABLE = "UNREADABLE"
    MEMBER_MODIFIED = "MEMBER_MODIFIED"
    REPORT_MODIFIED = "REPORT_MODIFIED"
    QUARANTINE_MODIFIED = "QUARANTINE_MODIFIED"
    RECORD_WRONG = "RECORD_WRONG"
    PLAINTEXT_MODIFIED = "PLAINTEXT_MODIFIED"
    PLAINTEXT_UNCHECKED = "PLAINTEXT_UNCHECKED"
    KEY_FILE_WRONG = "KEY_FILE_WRONG"
    RENEWAL_MODIFIED = "RENEWAL_MODIFIED"
    RENEWAL_MALFORMED = "RENEWAL_MALFORMED"
    RENEWED_MODIFIED = "RENEWED_MODIFIED"
    PACKAGE_MODIFIED = "PACKAGE_MODIFIED"
    PACKAGE_MOVED = "PACKAGE_MOVED"
    DIFFERENCES_MODIFIED = "DIFFERENCES_MODIFIED"
    # consistent
    ENTRY_MALFORMED = "ENTRY_MALFORMED"
    ENTRY_FOREIGN = "ENTRY_FOREIGN"
    ENTRY_MISSING = "ENTRY_MISSING"
    ENTRY_DOUBLED = "ENTRY_DOUBLED"
    ENTRY_SWAPPED = "ENTRY_SWAPPED"
    ENTRY_FORKED = "ENTRY_FORKED"
    ENTRY_TORN = "ENTRY_TORN"
    ENTRY_UNKNOWN = "ENTRY_UNKNOWN"
    CHAIN_BROKEN = "CHAIN_BROKEN"
    NO_CASE_OPEN = "NO_CASE_OPEN"
    TIME_BACKWARDS = "TIME_BACKWARDS"
    CHECKPOINT_MALFORMED = "CHECKPOINT_MALFORMED"
    CHECKPOINT_FOREIGN = "CHECKPOINT_FOREIGN"
    CHECKPOINT_MISNAMED = "CHECKPOINT_MISNAMED"
    CHECKPOINT_ROOT = "CHECKPOINT_ROOT"
    CHECKPOINT_BEYOND = "CHECKPOINT_BEYOND"
    CHECKPOINT_NONE = "CHECKPOINT_NONE"
    CHECKPOINT_LAGS = "CHECKPOINT_LAGS"
    COMPANION_MALFORMED = "COMPANION_MALFORMED"
    COMPANION_ALONE = "COMPANION_ALONE"
    ROLLBACK = "ROLLBACK"
    NOT_INCLUDED = "NOT_INCLUDED"
    OFFER_MALFORMED = "OFFER_MALFORMED"
    OFFER_OTHER = "OFFER_OTHER"
    ANSWER_MALFORMED = "ANSWER_MALFORMED"
    # signed
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    SIGNER_UNKNOWN = "SIGNER_UNKNOWN"
    CHECKPOINT_SIGNATURE = "CHECKPOINT_SIGNATURE"
    KEY_REVOKED = "KEY_REVOKED"
    KEY_EXPIRED = "KEY_EXPIRED"
    KEY_RIGHT = "KEY_RIGHT"
    KEY_CLAIM = "KEY_CLAIM"
    APPROVAL_PENDING = "APPROVAL_PENDING"
    APPROVAL_REFUSED = "APPROVAL_REFUSED"
    POST_QUANTUM_ABSENT = "POST_QUANTUM_ABSENT"
    POST_QUANTUM_UNCHECKED = "POST_QUANTUM_UNCHECKED"
    P7S_MALFORMED = "P7S_MALFORMED"
    P7S_OTHER_BYTES = "P7S_OTHER_BYTES"
    P7S_SIGNATURE = "P7S_SIGNATURE"
    ANSWER_BY_OTHER = "ANSWER_BY_OTHER"
    ANSWER_OWN_WORD = "ANSWER_OWN_WORD"
    # trusted
    KEY_NOT_ANCHORED = "KEY_NOT_ANCHORED"
    # witnessed
    COSIGNATURE_MALFORMED = "COSIGNATURE_MALFORMED"
    COSIGNATURE_WRONG = "COSIGNATURE_WRONG"
    COSIGNATURE_HEAD = "COSIGNATURE_HEAD"
    COSIGNATURE_FUTURE = "COSIGNATURE_FUTURE"
    QUORUM_MISSED = "QUORUM_MISSED"
    WITNESS_OWN_KEY = "WITNESS_OWN_KEY"
    TIME_AFTER_WITNESS = "TIME_AFTER_WITNESS"
    P7S_EXPIRED = "P7S_EXPIRED"
    P7S_UNTRUSTED = "P7S_UNTRUSTED"
    P7S_TRUSTED = "P7S_TRUSTED"
    # timestamped
    TIMESTAMP_MALFORMED = "TIMESTAMP_MALFORMED"
    TIMESTAMP_OTHER_BYTES = "TIMESTAMP_OTHER_BYTES"
    TIMESTAMP_SIGNATURE = "TIMESTAMP_SIGNATURE"
    TIMESTAMP_UNTRUSTED = "TIMESTAMP_UNTRUSTED"
    TIMESTAMP_CERT_EXPIRED = "TIMESTAMP_CERT_EXPIRED"
    TIMESTAMP_WEAK = "TIMESTAMP_WEAK"
    TIMESTAMP_NOT_A_TSA = "TIMESTAMP_NOT_A_TSA"
    TIMESTAMP_UNSUPPORTED = "TIMESTAMP_UNSUPPORTED"
    TIMESTAMP_AGED = "TIMESTAMP_AGED"
    TIME_AFTER_STAMP = "TIME_AFTER_STAMP"
    RENEWAL_UNSTAMPED = "RENEWAL_UNSTAMPED"
    RENEWAL_WEAK = "RENEWAL_WEAK"
    RENEWAL_PARTIAL = "RENEWAL_PARTIAL"
    # reports
    ATTACHMENT_MISSING = "ATTACHMENT_MISSING"
    ATTACHMENT_NEW = "ATTACHMENT_NEW"
    ATTACHMENT_DOUBLED = "ATTACHMENT_DOUBLED"
    ATTACHMENT_MODIFIED = "ATTACHMENT_MODIFIED"
    PDF_CHANGED = "PDF_CHANGED"
    PDF_HIDDEN = "PDF_HIDDEN"
    PDF_ACTIVE = "PDF_ACTIVE"
    PDF_LAYERS = "PDF_LAYERS"
    PDF_OVERLAY = "PDF_OVERLAY"
    PDF_DAMAGED = "PDF_DAMAGED"
    PDF_ENCRYPTED = "PDF_ENCRYPTED"
    ENGINES_DIFFER = "ENGINES_DIFFER"
    PAGES_DIFFER = "PAGES_DIFFER"
    PAGES_BY_TEXT = "PAGES_BY_TEXT"
    MODEL_MALFORMED = "MODEL_MALFORMED"
    FIGURE_WRONG = "FIGURE_WRONG"
    FIGURES_UNCHECKED = "FIGURES_UNCHECKED"
    REPORT_OTHER_CASE = "REPORT_OTHER_CASE"
    REPORT_NOT_ENTERED = "REPORT_NOT_ENTERED"
    SIGNATURE_RANGE = "SIGNATURE_RANGE"
    REPORT_UNSIGNED = "REPORT_UNSIGNED"
    CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
    REVOCATION_CHECKED = "REVOCATION_CHECKED"
    REVOCATION_UNCHECKED = "REVOCATION_UNCHECKED"
    # what an axis did not look at
    NOT_ASKED = "NOT_ASKED"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found.

    Attributes:
        subject: exhibit id, "entry 4", a checkpoint's or a file's name (unescaped).
        text: one sentence (may hold names from the file system; escape it).
        fails: False for a remark that does not fail its axis.
    """

    axis: Axis
    code: Code
    subject: str
    text: str
    fails: bool = True


@dataclass(frozen=True, slots=True)
class AxisVerdict:
    """Status of one axis and, in words, why."""

    status: Status
    explanation: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a verification found, in one run.

    Attributes:
        origin: log origin.
        size: entries read; root: over their leaf hashes, hex.
        counts: audit words (matched, modified, missing, new, unreadable) to numbers.
        not_established: what this verdict does not prove, a sentence each.
    """

    origin: str
    size: int
    root: str
    axes: dict[Axis, AxisVerdict]
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    not_established: tuple[str, ...]

    def exit_code(self, required: frozenset[Axis] = frozenset()) -> int:
        """Return 0, or the exit code of the first axis that fails.

        Args:
            required: axes that must pass; for these "not checked" fails too.
        """
        for axis, code in EXIT_CODES.items():
            status = self.axes[axis].status
            if status is Status.FAIL:
                return code
            if status is Status.NOT_CHECKED and axis in required:
                return code
        return 0
