"""Annotations in plain words: labels, decisions, statements, links, corrections.

From public facts only, and neutral: nothing says that something presumed happened.
"""

from __future__ import annotations

from collections import defaultdict

from evidence.labels.history import GRADE, HANDLING, LABEL, QUALITY, RESTRICTION, marks
from evidence.labels.history import value_text as mark_text
from manifests.entries import Entry, EntryType

_AXES = {
    HANDLING: "handling",
    GRADE: "grade",
    RESTRICTION: "use restriction",
    QUALITY: "quality of the data",
}


_SENTENCES = {
    "decision": "Decision {number} recorded ({decision}); its words are sealed.",
    "decision_endorsed": "Second signature on {number}: {answer}.",
    "guided": "Guided preservation: {step}.",
    "harm": "Presumed harm {number} recorded; it is sealed.",
    "proceeds": "Presumed proceeds {number} recorded; they are sealed.",
    "interference": "Presumed interference {number} recorded ({interference}).",
    "link": "Link between an item and a presumed element; it is sealed.",
    "link_withdrawn": "The link in entry {seq} withdrawn.",
    "passage": "Passage {number}#p{passage} marked.",
    "statement": "Statement {number} recorded, version {version}.",
}


def describe_annotation(entry: Entry) -> str:
    """Return one sentence on an annotation of a kind known here, "" on another."""
    facts = entry.facts
    kind = facts.get("kind")
    if entry.type == EntryType.RECTIFY and "of" in facts:
        typed = facts.get("typed")
        return f"Entry {facts.get('of')} corrected ({typed}); the words are sealed."
    if entry.type == EntryType.CORRECTION_NOTICE and "of" in facts:
        return f"Notice of the correction in entry {facts.get('of')} made out."
    if entry.type == EntryType.ANNOTATE and isinstance(kind, str):
        if kind in (LABEL, QUALITY):
            return _label(entry)
        known = defaultdict(lambda: "?", facts)
        return _SENTENCES.get(kind, "").format_map(known)
    return ""


def _label(entry: Entry) -> str:
    """Say what a label says, each axis once, with its subjects."""
    found = marks([entry])
    told = {mark.axis: mark_text(mark) for mark in found}
    about = ", ".join(dict.fromkeys(str(mark.subject) for mark in found))
    said = "; ".join(f"{_AXES[axis]} {text}" for axis, text in told.items())
    return f"Label on {about}: {said}." if said else "Label that says nothing known."
