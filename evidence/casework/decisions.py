"""The decision log: what was decided and why, shared by investigator and prosecutor.

Public: number, kind, whether the risk was assessed. Everything else is sealed. A second
person countersigns with a key of their own; one person cannot do so with another key of
the same person, and an answer can be "disagrees".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evidence import clock
from evidence.case import CaseWriter
from evidence.casework.numbers import (
    DECISION,
    annotated,
    check_text,
    known_exhibits,
    numbered,
)
from evidence.casework.words import ANSWERS, DECISIONS
from evidence.casework_errors import CaseworkRefusedError, EndorsementRefusedError
from evidence.errors import ExhibitUnknownError
from evidence.identity import Identity
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.keys import KeyId
from manifests.warrants import Right

ENDORSED = "decision_endorsed"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be recorded; every text is sealed.

    Attributes:
        kind: one of `words.DECISIONS`.
        text: what was decided; reason: why; facts: what is relied on as fact;
            risk: the assessment of risks, "" when none was made.
        exhibits: those it is about.
    """

    kind: str
    text: str
    reason: str
    facts: str = ""
    risk: str = ""
    exhibits: tuple[str, ...] = ()


def decide(writer: CaseWriter, decision: Decision) -> Entry:
    """Record a decision and return its entry.

    Raises:
        CaseworkRefusedError: its kind is unknown, or its reason is missing.
        ExhibitUnknownError: it names an exhibit the case has not.
    """
    what = "The decision"
    check_text(what, decision.text, decision.reason, decision.facts, decision.risk)
    if decision.kind not in DECISIONS:
        raise CaseworkRefusedError(what=what, reason="its kind is not known")
    if not decision.reason.strip():
        raise CaseworkRefusedError(what=what, reason="it gives no reason")
    entries = list(writer.case.entries())
    check_exhibits(entries, decision.exhibits)
    facts: dict[str, Json] = {
        "decision": decision.kind,
        "kind": DECISION,
        "number": numbered(entries, DECISION).following,
        "risk_assessed": bool(decision.risk.strip()),
    }
    private: dict[str, Json] = {
        "decision": decision.text,
        "facts": decision.facts,
        "reason": decision.reason,
        "risk": decision.risk,
    }
    return writer.record(
        EntryType.ANNOTATE, facts=facts, private=private, exhibits=decision.exhibits
    )


def check_exhibits(entries: Iterable[Entry], exhibits: Iterable[str]) -> None:
    """Refuse exhibits the case has not.

    Raises:
        ExhibitUnknownError: one is unknown.
    """
    known = known_exhibits(entries)
    for exhibit in exhibits:
        if exhibit not in known:
            raise ExhibitUnknownError(exhibit=exhibit)


def endorse(writer: CaseWriter, number: str, *, answer: str, reason: str = "") -> Entry:
    """Countersign a decision with the acting key: another person than its maker.

    Raises:
        CaseworkUnknownError: there is no such decision.
        EndorsementRefusedError: the same person, or a second answer.
        CaseworkRefusedError: the answer is not one of `ANSWERS`, or is unexplained.
    """
    check_text("The answer", reason)
    if answer not in ANSWERS:
        raise CaseworkRefusedError(what="The answer", reason="it is not known")
    if answer == "disagrees" and not reason.strip():
        raise CaseworkRefusedError(what="The answer", reason="it gives no reason")
    entries = list(writer.case.entries())
    made = numbered(entries, DECISION).entry(number)
    told = str(made.facts["number"])
    check_other_person(writer, made, writer.signer.public.id, number=told)
    for earlier in annotated(entries, ENDORSED):
        same = earlier.facts.get("seq") == made.seq
        if same and _holder(writer, earlier.actor) == _holder(
            writer, writer.signer.public.id
        ):
            reason = f"you answered it already, in entry {earlier.seq}"
            raise EndorsementRefusedError(number=told, reason=reason)
    facts: dict[str, Json] = {
        "answer": answer,
        "entry": made.leaf.hex(),
        "kind": ENDORSED,
        "number": told,
        "seq": made.seq,
    }
    private: dict[str, Json] | None = {"reason": reason} if reason.strip() else None
    return writer.record(
        EntryType.ANNOTATE, facts=facts, private=private, exhibits=made.exhibits
    )


def check_other_person(
    writer: CaseWriter, made: Entry, key: KeyId, *, number: str
) -> None:
    """Refuse a countersignature by the person who made the entry.

    Raises:
        EndorsementRefusedError: it is the same person, or nobody of this case.
    """
    if _holder(writer, made.actor) == _holder(writer, key):
        reason = "it is your own; another person has to sign it"
        raise EndorsementRefusedError(number=number, reason=reason)


def check_second(writer: CaseWriter, second: Identity) -> None:
    """Refuse, before anything is recorded, a second signer who cannot countersign.

    Raises:
        EndorsementRefusedError: the key may not act here, or is the same person's.
    """
    key, now = second.key, clock.now().time
    if key not in writer.log.standing.in_force:
        reason = "the second key is not in force in this case"
        raise EndorsementRefusedError(number="The decision", reason=reason)
    reason = writer.log.standing.hindrance(key, second.role, now, Right.ACT)
    if reason:
        raise EndorsementRefusedError(number="The decision", reason=reason)
    if _holder(writer, key) == _holder(writer, writer.signer.public.id):
        reason = "the second key is the same person's"
        raise EndorsementRefusedError(number="The decision", reason=reason)


def _holder(writer: CaseWriter, key: str) -> str:
    return writer.log.standing.holders.get(KeyId(key), KeyId(key))


def endorsements(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Return the answers to every decision by the sequence number of its entry.

    Only answers that name the decision's very line, by its leaf hash, are counted.
    """
    read = list(entries)
    leaves = {e.seq: e.leaf.hex() for e in annotated(read, DECISION)}
    found: dict[int, list[Entry]] = {}
    for entry in annotated(read, ENDORSED):
        seq = entry.facts.get("seq")
        if isinstance(seq, int) and leaves.get(seq) == entry.facts.get("entry"):
            found.setdefault(seq, []).append(entry)
    return found
