"""The consents of a case, read from its entries in one pass.

Numbers (``CO-0001``, ``DP-0001``) count the entries of their kind; an entry with
another number is not of this format. Odd members cover nothing; an odd withdrawal
withdraws all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from evidence.case import Case
from evidence.consent.ground import Consent, Covered, Deposit, Situation, Withdrawal
from evidence.errors import UnsealableError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError

DEPOSIT = "deposit"
LIFT = "deposit_lift"
NO_CONTACT = "no_contact"
PERSON = "person"
APPROVAL = "approval"
_SUSPECT = frozenset({"suspect", "convicted"})


@dataclass(slots=True)
class ConsentLedger:
    """What the entries say about consents.

    Attributes:
        profile: "ngo" or "police", as the first entry says.
        unread: entries about persons whose sealed record could not be used.
        keys: of registered persons, by their numbers.
        two_person: types of entries that need a second person.
        authors: of consents, key id and leaf hash (hex) of the entry.
    """

    consents: dict[str, Consent] = field(default_factory=dict)
    deposits: dict[str, Deposit] = field(default_factory=dict)
    situation: Situation = field(default_factory=Situation)
    profile: str = ""
    unread: list[int] = field(default_factory=list)
    keys: dict[str, set[str]] = field(default_factory=dict)
    two_person: frozenset[str] = frozenset()
    authors: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_ledger(
    case: Case,
    *,
    before: int | None = None,
    entries: Iterable[Entry] | None = None,
) -> ConsentLedger:
    """Read the consents of `case`.

    Args:
        before: only entries with smaller numbers count: how it stood then.
        entries: of the case, where they have been read already.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read, or a number in it
            is not the next one.
    """
    ledger = ConsentLedger()
    for entry in case.entries() if entries is None else entries:
        if before is not None and entry.seq >= before:
            break
        _take(ledger, case, entry)
    ledger.situation.deposits = tuple(ledger.deposits.values())
    ledger.situation.no_contact = _with_keys(ledger)
    return ledger


def _take(ledger: ConsentLedger, case: Case, entry: Entry) -> None:
    situation, facts = ledger.situation, entry.facts
    situation.newest = max(situation.newest, entry.time)
    kind = facts.get("kind")
    if entry.type == EntryType.CASE_OPEN and entry.seq == 0:
        ledger.profile = _text(facts, "profile")
        ledger.two_person = frozenset(_texts(facts, "two_person"))
    elif entry.type == EntryType.ACQUIRE and entry.exhibits:
        situation.kinds.setdefault(entry.exhibits[0], _text(facts, "kind"))
    elif entry.type == EntryType.CONSENT_ADD:
        number = _next(entry, "CO", len(ledger.consents))
        consent = _consent(number, entry, situation)
        waits = EntryType.CONSENT_ADD in ledger.two_person
        ledger.consents[number] = replace(consent, waits=waits)
        ledger.authors[number] = (entry.actor, entry.leaf.hex())
    elif entry.type == EntryType.CONSENT_WITHDRAW:
        _withdraw(ledger, entry)
    elif entry.type == EntryType.ANNOTATE and kind == DEPOSIT:
        number = _next(entry, "DP", len(ledger.deposits))
        until, subject = _text(facts, "until"), _text(facts, "subject")
        until = until or "9999"  # without an end it does not end
        deposit = Deposit(number, entry.seq, subject, until, entry.exhibits)
        ledger.deposits[number] = deposit
    elif entry.type == EntryType.ANNOTATE and kind == LIFT:
        _lift(ledger, entry)
    elif entry.type == EntryType.ANNOTATE and kind == NO_CONTACT:
        _list(situation, facts)
    elif entry.type == EntryType.ANNOTATE and kind == APPROVAL:
        _approve(ledger, entry)
    elif entry.type == EntryType.ANNOTATE and kind == PERSON:
        _register(ledger, case, entry)


def _next(entry: Entry, letters: str, count: int) -> str:
    number = f"{letters}-{count + 1:04d}"
    if entry.facts.get("number") != number:
        reason = f"its number is not {number}, the next one"
        raise MalformedError(what=f"entry {entry.seq}", reason=reason)
    return number


def _text(facts: Mapping[str, Json], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""


def _texts(facts: Mapping[str, Json], name: str) -> tuple[str, ...]:
    value = facts.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(member for member in value if isinstance(member, str))


def _consent(number: str, entry: Entry, situation: Situation) -> Consent:
    facts = entry.facts
    scope = facts.get("scope")
    told: Mapping[str, Json] = scope if isinstance(scope, dict) else {}
    covered = Covered(
        told.get("whole") is True, _texts(told, "exhibits"), _texts(told, "kinds")
    )
    return Consent(
        id=number,
        entry=entry.seq,
        recorded_at=entry.time,
        subject=_text(facts, "subject"),
        minor=_text(facts, "minor"),
        given_by=_text(facts, "given_by"),
        guardian=_text(facts, "guardian"),
        protected=facts.get("child_protection") is True,
        levels=_texts(facts, "levels"),
        purposes=_texts(facts, "purposes"),
        recipients=_texts(facts, "recipients"),
        covered=covered,
        language=_text(facts, "language"),
        explained=_texts(facts, "explained"),
        form=_text(facts, "form"),
        given_at=_text(facts, "given_at"),
        review_at=_text(facts, "review_at"),
        valid_until=_text(facts, "valid_until"),
        reflection_until=_text(facts, "reflection_until"),
        lifted_at="",
        withdrawals=(),
        situation=situation,
    )


def _withdraw(ledger: ConsentLedger, entry: Entry) -> None:
    """Take a withdrawal; one that names no consent withdraws them all."""
    facts = entry.facts
    part = facts.get("part")
    told: Mapping[str, Json] = part if isinstance(part, dict) else {}
    taken = Withdrawal(
        min(_text(facts, "at") or entry.time, entry.time),
        entry.seq,
        _texts(told, "exhibits"),
        _texts(told, "recipients"),
        _texts(told, "purposes"),
    )
    named = _text(facts, "number")
    for number in [named] if named in ledger.consents else list(ledger.consents):
        consent = ledger.consents[number]
        withdrawals = (*consent.withdrawals, taken)
        ledger.consents[number] = replace(consent, withdrawals=withdrawals)


def _lift(ledger: ConsentLedger, entry: Entry) -> None:
    """Take the end of a reflection period, from the entry's time on."""
    number = _text(entry.facts, "number")
    if number in ledger.deposits:
        deposit = ledger.deposits[number]
        ledger.deposits[number] = replace(deposit, lifted_at=entry.time)
    elif number in ledger.consents:
        consent = ledger.consents[number]
        ledger.consents[number] = replace(consent, lifted_at=entry.time)


def _approve(ledger: ConsentLedger, entry: Entry) -> None:
    """Take a second person's approval; nobody approves what they recorded."""
    for number, (actor, leaf) in ledger.authors.items():
        consent = ledger.consents[number]
        meant = entry.facts.get("seq") == consent.entry
        if meant and entry.facts.get("entry") == leaf and entry.actor != actor:
            ledger.consents[number] = replace(consent, waits=False)


def _list(situation: Situation, facts: Mapping[str, Json]) -> None:
    names = _texts(facts, "recipients")
    if facts.get("lifted") is True:
        left = [name for name in situation.no_contact if name not in names]
        situation.no_contact = tuple(left)
    else:
        situation.no_contact = tuple(dict.fromkeys((*situation.no_contact, *names)))


def _register(ledger: ConsentLedger, case: Case, entry: Entry) -> None:
    """Note whose category is that of a suspect, and which keys a person has.

    Both stand in the sealed record alone, as `person` or, altered, as `change`.
    """
    number, suspects = _text(entry.facts, "person"), ledger.situation.suspects
    if entry.facts.get("act") == "merge":
        into = _text(entry.facts, "into")
        if {number, into} & suspects:
            ledger.situation.suspects = suspects | {number, into}
        return
    try:
        sealed = case.sealed(entry)
    except UnsealableError:
        ledger.unread.append(entry.seq)  # erased or withheld: nothing is known of it
        return
    told = sealed.get("person") or sealed.get("change")
    fields: Mapping[str, Json] = told if isinstance(told, dict) else {}
    if fields.get("category") in _SUSPECT:
        ledger.situation.suspects = suspects | {number}
    elif "category" in fields:
        ledger.situation.suspects = suspects - {number}
    ledger.keys.setdefault(number, set()).update(_texts(fields, "keys"))


def _with_keys(ledger: ConsentLedger) -> tuple[str, ...]:
    """Return the no-contact list with the other names the same persons go by."""
    listed = set(ledger.situation.no_contact)
    for number, keys in ledger.keys.items():
        if number in listed or keys & listed:
            listed |= {number, *keys}
    return tuple(sorted(listed))
