"""Recording consents (`evidence.consent.changing`: what changes later).

What is public and what is sealed is decided here: public are numbers, aliases, closed
words, times and digests; everything a person says in words is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence import clock
from evidence.acquire import DOCUMENT, Acquired, Request, acquire
from evidence.case import CaseWriter
from evidence.consent.ground import Situation
from evidence.consent.ledger import (
    ConsentLedger,
    read_ledger,
)
from evidence.consent.times import days_after, read_time
from evidence.consent.words import (
    Age,
    Giver,
    check_alias,
    check_language,
    check_recipient,
    checked,
    same_party,
    words,
)
from evidence.consent_errors import (
    ConsentUnsoundError,
    GuardianConflictError,
)
from evidence.errors import ExhibitUnknownError
from evidence.methods import take_bytes, take_files
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

_MINOR = {Age.ADULT: "no", Age.MINOR: "yes", Age.UNKNOWN: "presumed"}
_KINDS = ("chat", "screenshot", "disk", "files", "document")
MAX_WORDING = 1 << 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody allowed, as asked at the command line.

    Attributes:
        levels, purposes, explained: closed words (`evidence.consent.words`).
        recipients: aliases or key ids; exhibits, kinds: both empty for the whole case.
        wording: the text that was read or signed, a file or its bytes; form: the
            signed paper, scanned.
        given_at, review, valid_until: as typed; "" for the default (now, after 180
            days, no end).
        guardian_conflict, interpreter_conflict: "none", or anything else for not
            answered or declared.
        interpreter, child_protection, note: free words; sealed.
        reflection_days: days during which nothing may leave yet; 0 for none.
    """

    subject: str
    levels: tuple[str, ...]
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    language: str
    wording: Path | bytes
    given_by: str = Giver.SELF
    age: str = Age.UNKNOWN
    exhibits: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()
    form: Path | None = None
    guardian: str = ""
    guardian_conflict: str = ""
    child_protection: str = ""
    interpreter: str = ""
    interpreter_conflict: str = ""
    given_at: str = ""
    review: str = ""
    valid_until: str = ""
    reflection_days: int = 0
    note: str = ""


def add_consent(writer: CaseWriter, wish: Wish) -> Entry:
    """Record a consent; its wording and form become exhibits of kind ``document``.

    Raises:
        ConsentUnsoundError, ConsentAliasError, GuardianConflictError: nothing was
            recorded.
        SourceMissingError, SourceUnreadableError: a file cannot be read.
    """
    ledger = read_ledger(writer.case)
    facts = _facts(wish, ledger)
    _check_giver(wish, ledger.situation)
    _check_interpreter(wish, ledger.situation)
    _check_wording(wish.wording)
    number = str(facts["number"])
    text = _document(writer, wish.wording, number)
    documents = [text.exhibit]
    payload = text.facts["payload"]
    digest = payload["sha256"] if isinstance(payload, dict) else None
    facts["wording"] = {"exhibit": text.exhibit, "sha256": digest}
    facts["form"] = None
    if wish.form is not None:
        documents.append(_document(writer, wish.form, number).exhibit)
        facts["form"] = documents[-1]
    private: dict[str, Json] = {
        "child_protection": wish.child_protection,
        "interpreter": wish.interpreter,
        "note": wish.note,
    }
    return writer.record(
        EntryType.CONSENT_ADD,
        facts=facts,
        private=private,
        exhibits=tuple(dict.fromkeys((*wish.exhibits, *documents))),
    )


def _facts(wish: Wish, ledger: ConsentLedger) -> dict[str, Json]:
    known = words()
    levels = checked(wish.levels, known.levels, what="levels")
    purposes = checked(wish.purposes, known.purposes, what="purposes")
    recipients = [check_recipient(name) for name in dict.fromkeys(wish.recipients)]
    _check_levels(levels, purposes, recipients)
    now = clock.now().time
    given = read_time(wish.given_at, what="time given") if wish.given_at else now
    if given > now:
        reason = "it was given later than now; check the clock of this machine"
        raise ConsentUnsoundError(reason=reason)
    if ledger.situation.newest > now:
        reason = "the clock of this machine is behind the newest entry"
        raise ConsentUnsoundError(reason=reason)
    review = _later(wish.review, given, "review date") or days_after(
        given, known.review_days
    )
    reflection = ""
    if wish.reflection_days:
        reflection = days_after(given, wish.reflection_days)
    return {
        "child_protection": bool(wish.child_protection.strip()),
        "explained": as_list(checked(wish.explained, known.risks, what="explanations")),
        "given_at": given,
        "given_by": Giver(wish.given_by).value,
        "guardian": wish.guardian or None,
        "interpreter": "named" if wish.interpreter.strip() else "none",
        "language": check_language(wish.language),
        "levels": as_list(levels),
        "minor": _MINOR[Age(wish.age)],
        "number": f"CO-{len(ledger.consents) + 1:04d}",
        "purposes": as_list(purposes),
        "recipients": as_list(recipients),
        "reflection_until": reflection or None,
        "review_at": review,
        "scope": _scope(wish, ledger.situation),
        "subject": check_alias(wish.subject, what="subject"),
        "valid_until": _later(wish.valid_until, given, "end") or None,
        "words": known.version,
    }


def as_list(texts: list[str]) -> list[Json]:
    """Return texts as a list of JSON."""
    return [*texts]


def _check_levels(
    levels: list[str], purposes: list[str], recipients: list[str]
) -> None:
    """Refuse what would allow nothing, or be misread later."""
    if not levels:
        raise ConsentUnsoundError(reason="it allows nothing: give --level")
    leaving = [level for level in levels if level != "preserve-only"]
    if leaving and not (recipients and purposes):
        reason = "it lets something leave, but names no recipient or no purpose"
        raise ConsentUnsoundError(reason=reason)
    if not leaving and (recipients or purposes):
        reason = "it says preserve-only, and names a recipient or a purpose"
        raise ConsentUnsoundError(reason=reason)
    for purpose in purposes:
        if not set(words().purposes[purpose]) & set(levels):
            reason = f"the purpose {purpose} needs another level"
            raise ConsentUnsoundError(reason=reason)


def _later(typed: str, given: str, what: str) -> str:
    time = read_time(typed, what=what, end=True) if typed else ""
    if time and time <= given:
        reason = f"its {what} is not after the time it was given"
        raise ConsentUnsoundError(reason=reason)
    return time


def _scope(wish: Wish, situation: Situation) -> dict[str, Json]:
    if wish.exhibits and wish.kinds:
        raise ConsentUnsoundError(reason="give exhibits or kinds, not both")
    check_exhibits(wish.exhibits, situation)
    if wish.exhibits:
        return {"exhibits": as_list(list(dict.fromkeys(wish.exhibits)))}
    if wish.kinds:
        return {"kinds": as_list(checked(wish.kinds, _KINDS, what="kinds"))}
    return {"whole": True}


def check_exhibits(exhibits: tuple[str, ...], situation: Situation) -> None:
    """Refuse exhibits the case does not have (`ExhibitUnknownError`)."""
    for exhibit in exhibits:
        if exhibit not in situation.kinds:
            raise ExhibitUnknownError(exhibit=exhibit)


def _check_giver(wish: Wish, situation: Situation) -> None:
    protected = bool(wish.child_protection.strip())
    if wish.given_by == Giver.SELF:
        if wish.guardian:
            reason = "a guardian is named, but it was given by the person alone"
            raise ConsentUnsoundError(reason=reason)
        if wish.age != Age.ADULT and not protected:
            reason = (
                "the person is a minor, or the age is unknown and a minor is presumed: "
                "a guardian has to give it, or --child-protection has to say on what "
                "basis you act"
            )
            raise ConsentUnsoundError(reason=reason)
        return
    if not wish.guardian:
        raise ConsentUnsoundError(reason="--guardian does not say who gave it")
    check_alias(wish.guardian, what="guardian")
    if wish.guardian_conflict != "none":
        reason = "whether there is a conflict of interest was not answered with 'none'"
        raise GuardianConflictError(who="guardian", reason=reason)
    blocked = (*situation.suspects, *situation.no_contact)
    _check_party(wish.guardian, blocked, "guardian", "they are suspected or blocked")
    _check_party(wish.guardian, wish.recipients, "guardian", "they would receive it")
    if same_party(wish.guardian, wish.subject):
        reason = "they are the person themselves"
        raise GuardianConflictError(who="guardian", reason=reason)


def _check_party(name: str, parties: tuple[str, ...], who: str, reason: str) -> None:
    if any(same_party(name, party) for party in parties):
        raise GuardianConflictError(who=who, reason=reason)


def _check_interpreter(wish: Wish, situation: Situation) -> None:
    if not wish.interpreter.strip():
        return
    if wish.interpreter_conflict != "none":
        reason = "whether there is a conflict of interest was not answered with 'none'"
        raise GuardianConflictError(who="interpreter", reason=reason)
    parties = (*situation.suspects, *situation.no_contact, *wish.recipients)
    parties += (wish.guardian,) if wish.guardian else ()
    reason = "they are suspected, blocked, the guardian, or would receive it"
    _check_party(wish.interpreter, parties, "interpreter", reason)


def _check_wording(wording: Path | bytes) -> None:
    """Refuse what is no text somebody could have read.

    Raises:
        ConsentUnsoundError: too long, empty, or not UTF-8.
    """
    try:
        data = wording if isinstance(wording, bytes) else _beginning(wording)
        text = data.decode("utf-8")
    except OSError:
        return  # acquiring says what is wrong
    except UnicodeDecodeError as error:
        reason = "its wording is no text in UTF-8"
        raise ConsentUnsoundError(reason=reason) from error
    if len(data) > MAX_WORDING or not text.strip():
        raise ConsentUnsoundError(reason="its wording is empty or longer than 1 MiB")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_WORDING + 1)


def _document(writer: CaseWriter, paper: Path | bytes, number: str) -> Acquired:
    """Acquire a paper of consent `number`: part of the record, not evidence."""
    if isinstance(paper, bytes):  # never in a file: see evidence.guiding.agreeing
        request = Request(DOCUMENT, (), documents=number)
        return acquire(writer, request, take_bytes(paper))
    return acquire(writer, Request(DOCUMENT, (paper,), documents=number), take_files)
