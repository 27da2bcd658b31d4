"""What a proof made by another tool says, before anything is compared with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from evidence.parsing.base import Json

MAX_PROOF_BYTES = 64 << 20  # of one list, token or document
MAX_CLAIMS = 2_000_000
MAX_LISTED = 1_000  # findings spelled out, of each proof
# Digests hashlib makes everywhere, by the names lists use; True: still collision-free.
ALGORITHMS = {
    "md5": False,
    "sha1": False,
    "sha224": True,
    "sha256": True,
    "sha384": True,
    "sha512": True,
}
BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384"}
BY_LENGTH |= {128: "sha512"}
_HEX = re.compile(r"[0-9a-fA-F]+")


class Form(StrEnum):
    """The forms of proofs that are read."""

    SUMS = "sums"
    HASHDEEP = "hashdeep"
    BAGIT = "bagit"
    EWF = "ewf"
    TIMESTAMP = "timestamp"
    PROOFMODE = "proofmode"
    WACZ = "wacz"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """What became of one proof, worst first."""

    MISMATCHED = "mismatched"  # it says other bytes than were acquired
    UNREADABLE = "unreadable"  # it is damaged, or of no form that is read
    INCOMPLETE = "incomplete"  # it names what is not here, or could not be checked
    ELSEWHERE = "elsewhere"  # it says nothing of this exhibit
    MATCHED = "matched"


class Note(StrEnum):
    """What was not checked, or is weak; closed words for the signed entry."""

    WEAK = "weak-digest"  # matched by MD5 or SHA-1 alone
    SIGNER = "signer-unknown"  # whose key or certificate it is
    ROOT = "root-not-trusted"  # its chain ends in no root anybody gave
    EXPECTED = "signer-expected"  # by the key that was given from elsewhere
    KEY_MISSING = "key-missing"
    KEY_OTHER = "key-other"  # not by the key that was given
    KEY_INVALID = "key-not-in-force"  # expired or revoked when it signed
    REVOKED_LATER = "key-revoked-later"
    WEAK_SIGNATURE = "weak-signature"  # SHA-1, MD5, or a key too short
    PARTLY = "partly-signed"
    TOO_LARGE = "too-large"  # what is signed
    DOMAIN = "domain-not-checked"
    TIME = "time-not-checked"
    ALGORITHM = "algorithm-unknown"
    LINES = "lines-unreadable"
    AMBIGUOUS = "name-ambiguous"
    RENAMED = "found-under-another-name"
    FETCH = "fetch-not-followed"
    NOT_COMPARED = "not-compared"  # the process that compares failed
    STORED_ONLY = "stored-hash-only"  # an image's hash compared, the image not read


class Signature(StrEnum):
    """A signature inside a proof."""

    NONE = "none"
    VALID = "valid"
    INVALID = "invalid"
    WEAK = "weak"  # it can be forged, so it shows nothing
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Claim:
    """One digest a proof states.

    Attributes:
        path: of what, as the proof writes it; None for "the" file.
        digest: lower-case hex; bytes: size if stated.
        base: folder the path counts from, "a/b/" or "".
    """

    algorithm: str
    digest: str
    path: str | None
    bytes: int | None = None
    base: str = ""


@dataclass(slots=True)
class Reading:
    """A proof as read.

    Attributes:
        faults: sentences on what is wrong with the proof itself (sealed).
        limits: sentences on what was not checked (sealed).
        inside: it lies in the exhibit and speaks of all of it.
        short: its signatures do not reach as far as they should.
    """

    form: Form
    claims: list[Claim] = field(default_factory=list)
    signature: Signature = Signature.NONE
    notes: set[Note] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    unread: int = 0
    unlisted: list[str] = field(default_factory=list)
    inside: bool = False
    damaged: bool = False
    short: bool = False

    def add(self, claim: Claim) -> None:
        """Keep a claim.

        Raises:
            ValueError: there are too many.
        """
        if len(self.claims) >= MAX_CLAIMS:
            raise ValueError("the proof holds too many lines")
        self.claims.append(claim)


@dataclass(slots=True)
class Finding:
    """One claim that does not simply match."""

    word: str
    path: str
    detail: str

    def fields(self) -> dict[str, Json]:
        """As an inventory-like record; text from evidence stays sealed."""
        told = {"word": self.word, "path": self.path, "detail": self.detail}
        return {k: storable(v) for k, v in told.items()}


def storable(text: str) -> str:
    """Return text of evidence, cut, as UTF-8 can hold it."""
    raw = text[:2048].encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "backslashreplace")


def is_digest(text: str, algorithm: str = "") -> str:
    """Return the algorithm of a hex digest; "" when it is none or another's."""
    found = BY_LENGTH.get(len(text), "")
    if not found or _HEX.fullmatch(text) is None:
        return ""
    return found if algorithm in ("", found) else ""
