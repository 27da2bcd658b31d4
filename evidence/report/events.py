"""From the entries to the rows of the custody table: public facts only."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.narration import describe, label
from evidence.overview import Overview
from evidence.report.model import Event
from manifests.entries import Entry, EntryType


def events_of(view: Overview, entries: Iterable[Entry]) -> tuple[Event, ...]:
    """Return one event an entry, in their order, with the gaps before them."""
    events: list[Event] = []
    share: dict[str, str] = {}  # texts that thousands of entries have are kept once
    kinds: dict[str, str] = {}
    recovery = EntryType.RECOVERY.value  # looking up a member of an enum is slow
    before = ""
    for entry in entries:
        gap = ""
        facts, time, type_ = entry.facts, entry.time, entry.type
        if before and time < before:
            gap = "The clock was set back before this entry."
        elif facts.get("restored") is True:
            gap = "The case was restored from an older state before this entry."
        elif type_ == recovery:
            gap = "Work was interrupted before this entry (crash or power cut)."
        before = time
        authority = entry.body.get("authority")
        kind = kinds.get(type_)
        if kind is None:
            kind = kinds[type_] = label(type_)
        text = describe(entry)
        events.append(
            Event(
                entry=entry.seq,
                time=time,
                type=kind,
                actor=view.actor(entry),
                authority=authority if isinstance(authority, str) else None,
                exhibits=entry.exhibits,
                text=share.setdefault(text, text),
                gap=gap,
            )
        )
    return tuple(events)
