"""Entries on retention in plain words, from their public facts."""

from __future__ import annotations

from evidence.retention.register import Register, Tombstone
from evidence.retention.words import DONE, HOLD, HOLD_LIFTED
from manifests.entries import Entry, EntryType


def retention_lines(register: Register, at: str) -> list[tuple[str, str, str]]:
    """Return times of keeping, holds, restrictions and erasures: what, about, state.

    Args:
        at: UTC time to tell the state at.
    """
    rows: list[tuple[str, str, str]] = []
    for keeping in register.keeping.values():
        until = f"until {keeping.until[:10]}" if keeping.until else "no end"
        review = f", review {keeping.review[:10]}" if keeping.review else ""
        entry = f", entry {keeping.entry.seq}"
        about = keeping.exhibit or "the case"
        rows.append((f"kept: {keeping.rule}", about, until + review + entry))
    for hold in register.holds.values():
        state = "lasts" if hold.lifted < 0 else f"lifted by entry {hold.lifted}"
        about = ", ".join(hold.exhibits) or "the case"
        state += f", entry {hold.entry.seq}"
        rows.append((f"legal hold {hold.number}", about, state))
    for one in register.restrictions:
        state = "lasts" if one.lasts(at) else "ended"
        state += f", entry {one.entry.seq}"
        rows.append((f"restricted: {one.ground}", one.exhibit, state))
    for stone in register.tombstones:
        about = ", ".join(stone.exhibits)
        rows.append((f"erased: {stone.reason}", about, _state(stone)))
    return rows


def _state(stone: Tombstone) -> str:
    """Say when and by whom, on what ground, and what is odd about it."""
    when = f"{stone.entry.time[:19]}Z by key {stone.entry.actor[:16]}"
    told = f"{when}, ground {stone.ground or 'none'}, entry {stone.entry.seq}"
    if stone.effect < 0:
        return f"NOT IN FORCE (no second person approved it): {told}"
    if stone.approver:
        told += f", approved by key {stone.approver[:16]}"
    if stone.done < 0:
        told += "; NOT CARRIED OUT"
    if stone.held:
        told += "; IN SPITE OF A LEGAL HOLD"
    return told


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
            return (
                f"{about} restricted to use as evidence: {facts.get('ground')}{until}."
            )
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
            also = (
                f", and in {count} named cop{'y' if count == 1 else 'ies'}"
                if count
                else ""
            )
            return f"Erasure of entry {facts.get('erasure')} carried out{also}."
        case _:
            return ""
