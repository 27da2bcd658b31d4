"""What became of every path, file or item an acquisition attempted (DESIGN 2)."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum


class Outcome(StrEnum):
    """Closed set; every attempted path has exactly one."""

    ACQUIRED = "acquired"
    UNREADABLE = "unreadable"
    CHANGED = "changed-while-read"
    SKIPPED = "skipped"
    MISSING = "missing"
    REFUSED = "refused"


class ParseOutcome(StrEnum):
    """How far a parser got; the payload is kept whatever it says."""

    PARSED = "parsed"
    PARTIAL = "partial"
    NOT_RECOGNISED = "not-recognised"
    FAILED = "failed"
    NOT_ATTEMPTED = "not-attempted"


Account = Counter[Outcome]


def is_complete(account: Account) -> bool:
    """True when nothing attempted was left out (exit 0); else the act exits 3."""
    left_out = (Outcome.UNREADABLE, Outcome.CHANGED, Outcome.MISSING, Outcome.REFUSED)
    return not any(account[outcome] for outcome in left_out)
