"""From the entries to the lines on who looked at sealed content: public facts only."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.narration import describe_basis
from evidence.overview import Overview
from evidence.report.model import AccessLine
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

_WORD = 80  # characters of a public fact that is printed


def access_lines(view: Overview, entries: Iterable[Entry]) -> tuple[AccessLine, ...]:
    """Return the consultations of a case, oldest first."""
    consult = EntryType.CONSULT.value  # looking up a member of an enum is slow
    return tuple(
        AccessLine(
            entry=entry.seq,
            time=entry.time,
            who=view.actor(entry),
            what=_what(entry),
            exhibits=entry.exhibits,
            purpose=_word(entry.facts.get("purpose")) or "not stated",
            ground=_word(entry.body.get("authority")),
            doubts=describe_basis(entry.facts).strip(),
        )
        for entry in entries
        if entry.type == consult
    )


def _what(entry: Entry) -> str:
    kind = _word(entry.facts.get("kind")) or "not stated"
    facts = entry.facts
    for name in ("persons", "statements", "authorities", "consents", "with"):
        told = facts.get(name)
        if isinstance(told, list) and told:
            return f"{kind}: {', '.join(_word(one) for one in told[:20])}"
    return kind


def _word(value: Json) -> str:
    return value[:_WORD] if isinstance(value, str) else ""
