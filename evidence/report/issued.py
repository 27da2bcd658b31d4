"""Which reports the manifest of a case names as issued."""

from __future__ import annotations

from evidence.case import Case
from manifests.entries import EntryType


def issued_as(case: Case, digest: str) -> int | None:
    """Return the number of the entry that issued a report, by its SHA-256 (hex)."""
    for entry in case.entries():
        if entry.type == EntryType.REPORT_ISSUE:
            inner = entry.facts.get("issued")
            plain = inner.get("sha256") if isinstance(inner, dict) else None
            if digest in (entry.facts.get("sha256"), plain):
                return entry.seq
    return None
