"""What a report says of labels, corrections, decisions and corroboration.

By default closed words and counts only. Sealed words of decisions and interference, and
the matrix, are in the variants that were asked for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from evidence.case import Case
from evidence.casework import decisions as decision_log
from evidence.casework.links import links
from evidence.casework.matrix import CAVEAT, matrix
from evidence.casework.numbers import DECISION, INTERFERENCE, Numbered, numbered
from evidence.casework.words import INTERFERENCE as INTERFERENCE_KINDS
from evidence.corrections.notices import owed
from evidence.errors import UnsealableError
from evidence.labels.codes import Effect
from evidence.labels.history import (
    QUALITY,
    RESTRICTION,
    Mark,
    effect_text,
    in_force,
    marks,
)
from evidence.labels.history import value_text as mark_text
from evidence.narration import counted, describe, label
from evidence.overview import NoteView, Overview
from evidence.report.model import (
    Casework,
    CaseworkLine,
    LabelLine,
    MatrixLine,
    Statement,
)
from evidence.report.words import NOT_AVAILABLE, NOT_SHOWN
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

_AXES = {RESTRICTION: "Use restriction", QUALITY: "Quality of the data"}
# Sealed texts that are neither fact nor assessment, shown with the item itself.
_LABELLED = {
    "decision": "Decided",
    "at": "Said to have been",
    "people": "Persons",
    "statements": "Statements",
}
# The others go to the chapter of their kind (LED Art. 7(1)).
_TYPED = {
    "fact": {"facts": "relied on in {}", "fact": "noted as {}"},
    "assessment": {
        "reason": "reason of {}",
        "risk": "risk assessed in {}",
        "assessment": "about {}",
    },
}


def _axis(mark: Mark) -> str:
    return _AXES.get(mark.axis, label(mark.axis))


def label_lines(view: Overview, entries: Sequence[Entry]) -> tuple[LabelLine, ...]:
    """Return every label ever given, oldest first."""
    found = marks(entries)
    standing = in_force(found)
    return tuple(
        LabelLine(
            str(mark.subject),
            _axis(mark),
            mark_text(mark),
            mark.entry.seq,
            mark.entry.time,
            view.actor(mark.entry),
            standing.get(mark.subject, {}).get(mark.axis) is mark,
        )
        for mark in found
    )


def labels_of(entries: Sequence[Entry]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return by exhibit what is in force on it and on its records, as pairs."""
    found: dict[str, list[tuple[str, str]]] = {}
    for subject, axes in sorted(in_force(marks(entries)).items()):
        for mark in axes.values():
            where = f" of record {subject.record}" if subject.record else ""
            said = f"{mark_text(mark)} (entry {mark.entry.seq})"
            found.setdefault(subject.exhibit, []).append((_axis(mark) + where, said))
    return {exhibit: tuple(pairs) for exhibit, pairs in found.items()}


def conditions(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return what labels in force bar, one sentence each, in closed words."""
    return tuple(
        f"{subject}: {effect_text(mark.effect)} ({_axis(mark)}, entry "
        f"{mark.entry.seq})."
        for subject, axes in sorted(in_force(marks(entries)).items())
        for mark in axes.values()
        if mark.effect != Effect()
    )


def statements(
    view: Overview, kind: str, more: Sequence[Statement] = (), *, shown: bool = True
) -> tuple[Statement, ...]:
    """Return the notes of one kind, "fact" or "assessment"; the kinds never mix.

    Args:
        more: statements of the same kind from elsewhere, set in order.
        shown: the words themselves are shown, not only that there are some.
    """
    corrected: dict[int, list[int]] = {}
    for note in view.notes:
        if note.corrects is not None:
            corrected.setdefault(note.corrects, []).append(note.entry.seq)
    found = [
        Statement(
            note.entry.seq,
            note.entry.time,
            view.actor(note.entry),
            note.exhibit,
            _words(note.text) if shown else NOT_SHOWN,
            _remark(note, corrected.get(note.entry.seq, [])),
        )
        for note in view.notes
        if note.kind == kind
    ]
    return tuple(sorted([*found, *more], key=lambda one: one.entry))


def _words(text: str | None) -> str:
    return text if text is not None else NOT_AVAILABLE


def typed_texts(
    case: Case, view: Overview, entries: Sequence[Entry], kind: str
) -> list[Statement]:
    """Return the facts, or the assessments, in decisions and interference items."""
    found = []
    for sort in (DECISION, INTERFERENCE):
        for number, (entry, *_) in numbered(entries, sort).found.items():
            try:
                sealed = case.sealed(entry)
            except UnsealableError:
                continue  # the item itself says that its words are not available
            about = ", ".join(entry.exhibits)
            for name, words in _TYPED[kind].items():
                text = sealed.get(name)
                if isinstance(text, str) and text.strip():
                    who, remark = view.actor(entry), words.format(number)
                    found.append(
                        Statement(entry.seq, entry.time, who, about, text, remark)
                    )
    return found


def _remark(note: NoteView, by: list[int]) -> str:
    told = []
    if note.corrects is not None:
        told.append(f"Correction of entry {note.corrects}")
    if by:
        told.append(f"CORRECTED by entry {', '.join(map(str, by))}")
    return "; ".join(told)


def corrections(case: Case, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Say of each correction how many earlier recipients were told, without names."""
    told: dict[int, list[bool]] = {}
    for one in owed(case, entries):
        told.setdefault(one.correction.seq, []).append(one.told is not None)
    return tuple(
        f"Correction in entry {seq}: of {counted(len(done), 'earlier recipient')} "
        f"{sum(done)} told, {len(done) - sum(done)} NOT told yet."
        for seq, done in told.items()
    )


def casework(
    case: Case,
    view: Overview,
    entries: Sequence[Entry],
    *,
    decisions: bool,
    with_matrix: bool,
) -> Casework:
    """Return decisions, interference and corroboration.

    Args:
        decisions: with every decision and interference item and its sealed words.
        with_matrix: with the corroboration matrix.
    """
    made, met = numbered(entries, DECISION), numbered(entries, INTERFERENCE)
    unread = [
        f"Entry {seq} claims a number out of turn and is not used."
        for seq in (*made.odd, *met.odd)
    ]
    rows: tuple[MatrixLine, ...] | None = None
    notes: tuple[str, ...] = ()
    if with_matrix:
        rows, notes, lost = _matrix(case, entries)
        unread += lost
    return Casework(
        counts=(*_counts("Decision", made), *_counts("Presumed interference", met)),
        decisions=_decisions(case, view, entries, made) if decisions else None,
        interference=_interference(case, view, met) if decisions else None,
        matrix=rows,
        matrix_notes=notes,
        unread=tuple(unread),
    )


def _counts(word: str, known: Numbered) -> list[tuple[str, int]]:
    kinds = Counter(str(e[0].facts.get(known.kind)) for e in known.found.values())
    return [(f"{word}: {kind}", count) for kind, count in sorted(kinds.items())]


def _decisions(
    case: Case, view: Overview, entries: Sequence[Entry], made: Numbered
) -> tuple[CaseworkLine, ...]:
    answers = decision_log.endorsements(entries)
    lines = []
    for number, (entry, *_) in made.found.items():
        told = [
            f"{a.facts.get('answer')}: {view.actor(a)} (entry {a.seq})"
            for a in answers.get(entry.seq, [])
        ]
        kind = str(entry.facts.get("decision"))
        said = "; ".join(told) or "not countersigned"
        lines.append(_line(case, view, number, kind, entry, said))
    return tuple(lines)


def _interference(
    case: Case, view: Overview, met: Numbered
) -> tuple[CaseworkLine, ...]:
    words = INTERFERENCE_KINDS
    return tuple(
        _line(case, view, number, words.get(_kind(entry), _kind(entry)), entry, "")
        for number, (entry, *_) in met.found.items()
    )


def _kind(entry: Entry) -> str:
    return str(entry.facts.get("interference"))


def _line(
    case: Case, view: Overview, number: str, kind: str, entry: Entry, answers: str
) -> CaseworkLine:
    try:
        texts = _texts(case.sealed(entry))
    except UnsealableError:
        texts = (("Words", "(the sealed record is not available)"),)
    return CaseworkLine(
        number, kind, entry.seq, entry.time, view.actor(entry), answers, texts
    )


def _texts(record: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    found = []
    for name, words in _LABELLED.items():
        value = record.get(name)
        if isinstance(value, list):
            value = ", ".join(str(member) for member in value)
        if isinstance(value, str) and value:
            found.append((words, value))
    return tuple(found)


def _matrix(
    case: Case, entries: Sequence[Entry]
) -> tuple[tuple[MatrixLine, ...], tuple[str, ...], list[str]]:
    found = matrix(*links(case, entries))
    rows = tuple(
        MatrixLine(
            row.item,
            row.passage,
            f"{row.element}: {row.detail}" if row.detail else row.element,
            row.supports,
            row.contradicts,
            ", ".join(row.tags),
        )
        for row in found.rows
    )
    notes = [CAVEAT]
    if found.disputed:
        notes.append(f"Links for and against: {', '.join(found.disputed)}.")
    if found.without:
        notes.append(f"No link supports: {', '.join(found.without)}.")
    lost = [f"{counted(found.unread, 'link')} could not be read."] * bool(found.unread)
    return rows, tuple(notes), lost


def selftest(entries: list[Entry]) -> str:
    """Say what the newest self-test in the manifest found."""
    for entry in reversed(entries):
        if entry.type == EntryType.VERIFY and entry.facts.get("kind") == "selftest":
            digest = entry.facts.get("sha256")
            return (
                f"{describe(entry)} Entry {entry.seq}, {entry.time}; SHA-256 of the "
                f"sealed result: {digest}. It shows damage and careless changes, not "
                "an attacker who changed program and records together."
            )
    return ""
