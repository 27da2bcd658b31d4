"""Rectifying: a correction is appended, nothing is ever overwritten (LED Art. 16(1)).

Public: which entry and exhibit, what kind of fault, and whether the correction is a
fact or an assessment, so that the two never mix (LED Art. 7(1)). Its words are sealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evidence.case import CaseWriter
from evidence.casework.numbers import check_text, known_exhibits
from evidence.casework_errors import CaseworkRefusedError, CaseworkUnknownError
from evidence.errors import ExhibitUnknownError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

KIND = "correction"
FAULTS = ("incorrect", "incomplete", "outdated", "unlawful")
TYPED = ("fact", "assessment")
_WHAT = "The correction"


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction.

    Attributes:
        exhibit: what it is about; "" when it follows from `of`.
        of: sequence number of the entry it corrects; None for the acquisition.
        fault: one of `FAULTS`; unlawful when it should not have been sent.
        typed: fact or assessment; "" for that of the note it corrects, else a fact.
    """

    text: str
    exhibit: str = ""
    of: int | None = None
    fault: str = "incorrect"
    typed: str = ""


def rectify(writer: CaseWriter, correction: Correction) -> Entry:
    """Record a correction and return its entry.

    Raises:
        CaseworkRefusedError: it says nothing, or mixes a fact with an assessment.
        CaseworkUnknownError, ExhibitUnknownError: it is about nothing in the case.
    """
    check_text(_WHAT, correction.text)
    if not correction.text.strip():
        raise CaseworkRefusedError(what=_WHAT, reason="its text is empty")
    if correction.fault not in FAULTS:
        raise CaseworkRefusedError(what=_WHAT, reason="its fault is not known")
    entries = list(writer.case.entries())
    wrong = _corrected(entries, correction)
    typed = correction.typed or _typed(wrong)
    if typed not in TYPED or (_is_note(wrong) and typed != _typed(wrong)):
        reason = "a fact is corrected by a fact, an assessment by an assessment"
        raise CaseworkRefusedError(what=_WHAT, reason=reason)
    facts: dict[str, Json] = {
        "entry": wrong.leaf.hex(),
        "fault": correction.fault,
        "kind": KIND,
        "of": wrong.seq,
        "typed": typed,
    }
    return writer.record(
        EntryType.RECTIFY,
        facts=facts,
        private={"text": correction.text},
        exhibits=(correction.exhibit,) if correction.exhibit else wrong.exhibits,
    )


def _corrected(entries: list[Entry], correction: Correction) -> Entry:
    """Return the entry a correction is of."""
    if correction.of is None:
        found = known_exhibits(entries).get(correction.exhibit)
        if found is None:
            raise ExhibitUnknownError(exhibit=correction.exhibit)
        return found
    if not 0 <= correction.of < len(entries):
        raise CaseworkUnknownError(number=f"entry {correction.of}")
    found = entries[correction.of]
    if correction.exhibit and correction.exhibit not in found.exhibits:
        reason = f"entry {correction.of} is not about {correction.exhibit}"
        raise CaseworkRefusedError(what=_WHAT, reason=reason)
    return found


def _is_note(entry: Entry) -> bool:
    kinds = (EntryType.ANNOTATE, EntryType.RECTIFY)
    return entry.type in kinds and _told(entry) in TYPED


def _told(entry: Entry) -> object:
    name = "typed" if entry.type == EntryType.RECTIFY else "kind"
    return entry.facts.get(name)


def _typed(entry: Entry) -> str:
    return str(_told(entry)) if _is_note(entry) else "fact"


def corrections(entries: Iterable[Entry]) -> list[Entry]:
    """Return the correction entries, oldest first."""
    return [
        entry
        for entry in entries
        if entry.type == EntryType.RECTIFY and entry.facts.get("kind") == KIND
    ]
