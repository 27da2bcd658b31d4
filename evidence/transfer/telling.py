"""Hand-overs in plain words, from public facts and closed words alone."""

from __future__ import annotations

from collections.abc import Mapping

from evidence.transfer.words import ANSWERED, PACKED, SWEPT
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.verifying.transfers import RETURN, TOLD


def describe_handing(entry: Entry) -> str:
    """Return one sentence on an entry about a hand-over, "" on another."""
    facts, kind = entry.facts, entry.facts.get("kind")
    number = facts.get("transfer", facts.get("number"))
    result = f"{facts.get('result')}{_reason(facts)}"
    if entry.type == EntryType.TRANSFER_OUT and kind == RETURN:
        return f"{number} given back ({facts.get('how')})."
    if entry.type == EntryType.TRANSFER_OUT:
        what = "the whole case" if facts.get("whole") is True else "exhibits"
        party = facts.get("alias") or str(facts.get("recipient"))[:16]
        word = ", in an emergency" if facts.get("emergency") is True else ""
        return (
            f"{number}: {what} offered to {party} for {facts.get('purpose')} by "
            f"{facts.get('channel')}, until {facts.get('available_until')}{word}."
        )
    if entry.type == EntryType.TRANSFER_IN:
        sender = str(facts.get("sender"))[:16]
        clear = ", taken into a case in clear" if facts.get("in_clear") is True else ""
        return f"{number}: an offer by {sender} answered: {result}{clear}."
    if kind == SWEPT:
        number = facts.get("folders")
        count = number if isinstance(number, int) else "?"
        return f"Open packages a crash had left beside the case destroyed: {count}."
    if kind == PACKED:
        return f"{number}: package {str(facts.get('package'))[:16]} written."
    if kind == TOLD:
        return f"{number}: {result}, as told; the receiver signed nothing."
    if kind == ANSWERED:
        return f"{number}: receipt taken: {result}."
    return ""


def _reason(facts: Mapping[str, Json]) -> str:
    reason = facts.get("reason")
    return f" ({reason})" if isinstance(reason, str) and reason else ""


def describe_lineage(facts: Mapping[str, Json]) -> str:
    """Say which exhibit of which log an exhibit is a copy of, "" for none."""
    lineage = facts.get("lineage")
    if not isinstance(lineage, dict):
        return ""
    part = "" if lineage.get("whole") is True else "part of "
    return f" Handed over: {part}{lineage.get('exhibit')} of {lineage.get('log')}."
