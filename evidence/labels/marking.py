"""Giving labels: what is asked, checked against a code set, and recorded.

Public facts are closed words: codes, grades, purposes, kinds of recipients. What the
codes bar is written out in the entry, so that whoever holds the log can enforce it
without the set. The words of a restriction, and reasons, are sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from evidence.case import CaseWriter
from evidence.casework_errors import LabelRefusedError
from evidence.errors import ExhibitUnknownError, RecordUnknownError
from evidence.labels.codes import CodeSet, Effect
from evidence.labels.history import (
    AXES,
    GRADE,
    HANDLING,
    LABEL,
    QUALITY,
    RESTRICTION,
    Subject,
    in_force,
    marks,
)
from evidence.labels.words import PURPOSES, RECIPIENTS
from evidence.labels.words import QUALITY as QUALITY_WORDS
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

MAX_TEXT = 100_000
_MAX_SUBJECTS = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label as asked for. Axes that are not named stay as they are.

    Attributes:
        handling: codes of the set.
        grade: source and information, ``B/2``; "" for none.
        restriction: words of a use restriction (sealed); "" for none.
        bars: what the restriction bars in closed words; without any, a person has to
            decide each time, because a program cannot read the words.
        lift: axes to be lifted.
        reason: why it changes (sealed); asked for when an axis was labelled before.
    """

    handling: tuple[str, ...] = ()
    grade: str = ""
    restriction: str = ""
    bars: Effect = field(default_factory=Effect)
    lift: tuple[str, ...] = ()
    reason: str = ""


def label(
    writer: CaseWriter, subjects: Sequence[Subject], wanted: Wanted, codes: CodeSet
) -> Entry:
    """Record a label on `subjects`.

    Raises:
        LabelRefusedError: a code is unknown, a reason is missing, or nothing is said.
        ExhibitUnknownError, RecordUnknownError: there is no such subject.
    """
    axes, sealed = _axes(wanted, codes)
    exhibits, records = _check_subjects(writer, subjects)
    for axis in wanted.lift:
        axes[axis] = None
    if not axes:
        raise LabelRefusedError(reason="nothing is said: name a code or an axis")
    _check_reason(writer, subjects, axes, wanted)
    if wanted.reason:
        sealed["reason"] = wanted.reason
    facts: dict[str, Json] = {"kind": LABEL, **axes, "set": codes.facts()}
    if records:
        facts["records"] = [*records]
    return writer.record(
        EntryType.ANNOTATE, facts=facts, private=sealed, exhibits=exhibits
    )


def _axes(wanted: Wanted, codes: CodeSet) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the public axes and the sealed record of a label."""
    axes: dict[str, Json] = {}
    meanings: dict[str, Json] = {}
    for text in (wanted.restriction, wanted.reason):
        if len(text) > MAX_TEXT:
            raise LabelRefusedError(reason="a text is too long")
    if wanted.handling:
        axes[HANDLING] = _handling(wanted, codes)
        meanings.update({c: codes.handling[c].title for c in wanted.handling})
    if wanted.grade:
        source, information = codes.grade(wanted.grade)
        axes[GRADE] = {"information": information, "source": source}
        meanings["source"] = codes.source[source]
        meanings["information"] = codes.information[information]
    if wanted.restriction.strip():
        bars = Effect(words=True) if wanted.bars.is_empty else wanted.bars
        axes[RESTRICTION] = bars.facts()
    elif not wanted.bars.is_empty:
        axes[RESTRICTION] = wanted.bars.facts()
    if set(axes) & set(wanted.lift):
        raise LabelRefusedError(reason="an axis is both set and lifted")
    return axes, {"meanings": meanings, "text": wanted.restriction}


def _handling(wanted: Wanted, codes: CodeSet) -> dict[str, Json]:
    """Return the facts of the handling codes: their effects joined, the strictest."""
    chosen = tuple(dict.fromkeys(wanted.handling))
    for code in chosen:
        if code not in codes.handling:
            reason = f"the set {codes.name} has no handling code of that name"
            raise LabelRefusedError(reason=reason)
        if codes.handling[code].needs_words and not wanted.restriction.strip():
            reason = f"the code {code} has to be said in words (--restrict)"
            raise LabelRefusedError(reason=reason)
    effects = [codes.handling[code].effect for code in chosen]
    if any(codes.handling[code].needs_words for code in chosen):
        # What its words bar stays barred even if the restriction is lifted alone.
        effects.append(Effect(words=True) if wanted.bars.is_empty else wanted.bars)
    effect = joined(effects)
    return {"codes": list(chosen), **effect.facts()}


def joined(effects: Sequence[Effect]) -> Effect:
    """Return what holds when all `effects` hold at once.

    Limits that leave nothing in common bar everything: then permission is needed.
    """
    not_for = {word for effect in effects for word in effect.not_for}
    for_limits = [set(e.only_for) for e in effects if e.only_for]
    to_limits = [set(e.only_to) for e in effects if e.only_to]
    only_for = set.intersection(*for_limits) if for_limits else set[str]()
    only_to = set.intersection(*to_limits) if to_limits else set[str]()
    nothing = (bool(for_limits) and not only_for) or (bool(to_limits) and not only_to)
    return Effect(
        tuple(word for word in PURPOSES if word in not_for),
        tuple(word for word in PURPOSES if word in only_for),
        tuple(word for word in RECIPIENTS if word in only_to),
        nothing or any(effect.permission for effect in effects),
        any(effect.words for effect in effects),
    )


def _check_subjects(
    writer: CaseWriter, subjects: Sequence[Subject]
) -> tuple[tuple[str, ...], list[int]]:
    """Return exhibits and record numbers; the case must have them all."""
    if not subjects or len(subjects) > _MAX_SUBJECTS:
        raise LabelRefusedError(reason="it names no exhibit, or too many")
    exhibits = tuple(dict.fromkeys(subject.exhibit for subject in subjects))
    records = sorted({subject.record for subject in subjects})
    if records != [0] and (len(exhibits) > 1 or 0 in records):
        reason = "records of one exhibit and other things need a label each"
        raise LabelRefusedError(reason=reason)
    counts = record_counts(writer)
    for exhibit in exhibits:
        if exhibit not in counts:
            raise ExhibitUnknownError(exhibit=exhibit)
    if records[-1] > counts[exhibits[0]]:
        raise RecordUnknownError(exhibit=exhibits[0], record=records[-1])
    return exhibits, [] if records == [0] else records


def record_counts(writer: CaseWriter) -> dict[str, int]:
    """Return every exhibit of the case with the number of its inventory's records."""
    counts: dict[str, int] = {}
    for entry in writer.case.entries():
        if entry.type == EntryType.ACQUIRE and entry.exhibits:
            inventory = entry.facts.get("inventory")
            told = inventory.get("records") if isinstance(inventory, dict) else 0
            counts.setdefault(entry.exhibits[0], told if isinstance(told, int) else 0)
    return counts


def _check_reason(
    writer: CaseWriter,
    subjects: Sequence[Subject],
    axes: dict[str, Json],
    wanted: Wanted,
) -> None:
    """A label that replaces or lifts another says why."""
    standing = in_force(marks(writer.case.entries()))
    before = {axis for s in subjects for axis in standing.get(s, {})}
    missing = [axis for axis in wanted.lift if axis not in before]
    if missing:
        raise LabelRefusedError(reason=f"there is no {missing[0]} to lift")
    changed = [axis for axis in AXES if axis in axes and axis in before]
    if changed and not wanted.reason.strip():
        reason = f"a {changed[0]} is in force already; say why it changes (--reason)"
        raise LabelRefusedError(reason=reason)


def note_quality(
    writer: CaseWriter,
    exhibit: str,
    *,
    words: dict[str, str],
    as_of: str = "",
    basis: str = "",
) -> Entry:
    """Record the quality of an exhibit's data (LED Art. 7(2)): an assessment.

    Args:
        words: axis of `evidence.labels.words.QUALITY` to one of its words.
        as_of: day the data is up to date for, ``YYYY-MM-DD``; "" when unknown.
        basis: what the assessment rests on (sealed).

    Raises:
        LabelRefusedError: nothing is said, or a word is not one of the closed ones.
        ExhibitUnknownError: the case has no such exhibit.
    """
    if exhibit not in record_counts(writer):
        raise ExhibitUnknownError(exhibit=exhibit)
    if any(word not in QUALITY_WORDS.get(axis, ()) for axis, word in words.items()):
        raise LabelRefusedError(reason="a word of quality is not one of the list")
    if not words and not as_of:
        raise LabelRefusedError(reason="nothing is said of the quality")
    if len(basis) > MAX_TEXT:
        raise LabelRefusedError(reason="a text is too long")
    value: dict[str, Json] = dict(words)
    if as_of:
        value["as_of"] = _day(as_of)
    return writer.record(
        EntryType.ANNOTATE,
        facts={"kind": QUALITY, QUALITY: value},
        private={"text": basis} if basis.strip() else None,
        exhibits=(exhibit,),
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        reason = "the day is not of the form 2026-01-31"
        raise LabelRefusedError(reason=reason) from error
