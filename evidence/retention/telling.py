"""Entries on retention in plain words, from their public facts."""

from __future__ import annotations

from evidence.retention.words import DONE, HOLD, HOLD_LIFTED
from manifests.entries import Entry, EntryType


def describe_retention(entry: Entry) -> str:
    """Return a sentence on an entry about retention, "" on another."""
    facts, about = entry.facts, ", ".join(entry.exhibits) or "The whole case"
    match entry.type, facts.get("kind"):
        case EntryType.REVIEW_RETENTION, _:
            times = [
                f"{word} {str(facts[name])[:10]}"
                for name, word in (("retain_until", "until"), ("review_due", "review"))
                if facts.get(name)
            ]
            told = ", ".join(times)
            return f"Retention of {about} decided: {facts.get('rule')}, {told}."
        case EntryType.RESTRICT, _:
            end = facts.get("until")
            until = f", until {str(end)[:10]}" if end else ""
            return f"{about} restricted to use as evidence: {facts.get('ground')}{until}."
        case EntryType.LIFT_RESTRICTION, _:
            return f"Restriction of {about} lifted: {facts.get('ground')}."
        case EntryType.ERASE, _:
            return f"{about} erased: {facts.get('reason')}. Digests remain."
        case EntryType.ANNOTATE, str(kind) if kind == HOLD:
            return f"Legal hold {facts.get('hold')} on {about}: nothing is erased."
        case EntryType.ANNOTATE, str(kind) if kind == HOLD_LIFTED:
            return f"Legal hold {facts.get('hold')} lifted."
        case EntryType.ANNOTATE, str(kind) if kind == DONE:
            copies = facts.get("copies")
            count = len(copies) if isinstance(copies, list) else 0
            also = f", and in {count} named cop{'y' if count == 1 else 'ies'}" if count else ""
            return f"Erasure of entry {facts.get('erasure')} carried out{also}."
        case _:
            return ""
