"""The labels of a case as its entries tell them: every one, and those in force.

A label says something on one or more *axes* (handling, grade, restriction, quality) of
a *subject*: an exhibit, or one record of its inventory. On each axis of each subject
the newest one is in force; an axis stated as null is lifted. Nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.labels.codes import Effect
from evidence.labels.words import PURPOSES, RECIPIENTS
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

LABEL = "label"
QUALITY = "quality"
HANDLING, GRADE, RESTRICTION = "handling", "grade", "restriction"
AXES = (HANDLING, GRADE, RESTRICTION, QUALITY)
_EFFECT = ("not_for", "only_for", "only_to", "permission", "words")


@dataclass(frozen=True, order=True, slots=True)
class Subject:
    """What a label is on: an exhibit, or (record from 1) a record of its inventory."""

    exhibit: str
    record: int = 0

    def __str__(self) -> str:
        return f"{self.exhibit}#{self.record}" if self.record else self.exhibit


@dataclass(frozen=True, slots=True)
class Mark:
    """What one entry says on one axis of one subject.

    Attributes:
        value: the facts of that axis; None when the axis was lifted.
        entry: the entry that says so.
    """

    subject: Subject
    axis: str
    value: Mapping[str, Json] | None
    entry: Entry

    @property
    def effect(self) -> Effect | None:
        """What it bars; None when the facts have not their form (then: everything)."""
        if self.value is None or self.axis in (GRADE, QUALITY):
            return Effect()
        return read_effect(self.value)


def read_effect(value: Mapping[str, Json]) -> Effect | None:
    """Return the effect in the facts of an axis, None when it cannot be understood."""
    not_for = _words(value.get("not_for"), PURPOSES)
    only_for = _words(value.get("only_for"), PURPOSES)
    only_to = _words(value.get("only_to"), RECIPIENTS)
    permission, words = value.get("permission"), value.get("words")
    if not_for is None or only_for is None or only_to is None:
        return None
    if not isinstance(permission, bool) or not isinstance(words, bool):
        return None
    return Effect(not_for, only_for, only_to, permission, words)


def _words(value: Json, known: tuple[str, ...]) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    found = tuple([word for word in value if isinstance(word, str)])
    return found if len(found) == len(value) and set(found) <= set(known) else None


def marks(entries: Iterable[Entry]) -> list[Mark]:
    """Return everything the entries say by way of labels, oldest first."""
    found: list[Mark] = []
    for entry in entries:
        if entry.type == EntryType.ANNOTATE and entry.facts.get("kind") in (
            LABEL,
            QUALITY,
        ):
            found += _of_entry(entry)
    return found


def _of_entry(entry: Entry) -> list[Mark]:
    facts = entry.facts
    axes = (QUALITY,) if facts.get("kind") == QUALITY else AXES[:3]
    return [
        Mark(subject, axis, _value(facts[axis]), entry)
        for subject in _subjects(entry)
        for axis in axes
        if axis in facts
    ]


def _value(value: Json) -> Mapping[str, Json] | None:
    """Null lifts; anything that is not an object is kept as one nobody understands."""
    if value is None or isinstance(value, dict):
        return value
    return {"unclear": True}


def _subjects(entry: Entry) -> list[Subject]:
    """Return the subjects; records that cannot be read mean the whole exhibit."""
    records = entry.facts.get("records")
    if not isinstance(records, list) or not records:
        return [Subject(exhibit) for exhibit in entry.exhibits]
    plain = [n for n in records if isinstance(n, int) and n is not True and n > 0]
    if len(plain) != len(records) or len(entry.exhibits) != 1:
        return [Subject(exhibit) for exhibit in entry.exhibits]
    return [Subject(entry.exhibits[0], number) for number in plain]


def in_force(found: Iterable[Mark]) -> dict[Subject, dict[str, Mark]]:
    """Return, by subject and axis, the newest mark unless it lifts the axis."""
    newest: dict[Subject, dict[str, Mark]] = {}
    for mark in found:
        newest.setdefault(mark.subject, {})[mark.axis] = mark
    stays = {
        subject: {axis: m for axis, m in axes.items() if m.value is not None}
        for subject, axes in newest.items()
    }
    return {subject: axes for subject, axes in stays.items() if axes}


def value_text(mark: Mark) -> str:
    """Return a mark's value in closed words, e.g. "H1" or "B/2"; never sealed text."""
    value = mark.value
    if value is None:
        return "lifted"
    if mark.axis == HANDLING:
        codes = value.get("codes")
        told = codes if isinstance(codes, list) else []
        plain = [code for code in told if isinstance(code, str)]
        return ", ".join(plain) or "not understood"
    if mark.axis == GRADE:
        return f"{value.get('source')}/{value.get('information')}"
    if mark.axis == QUALITY:
        words = [f"{k} {v}" for k, v in sorted(value.items()) if isinstance(v, str)]
        return ", ".join(words) or "not understood"
    return effect_text(mark.effect)


def effect_text(effect: Effect | None) -> str:
    """Say in words what an effect bars."""
    if effect is None:
        return "not understood: nothing may leave"
    told = []
    if effect.permission:
        told.append("not without the provider's permission")
    if effect.not_for:
        told.append("not for " + ", ".join(effect.not_for))
    if effect.only_for:
        told.append("only for " + ", ".join(effect.only_for))
    if effect.only_to:
        told.append("only to " + ", ".join(effect.only_to))
    if effect.words:
        told.append("restricted in words that are sealed")
    return "; ".join(told) or "nothing barred"
