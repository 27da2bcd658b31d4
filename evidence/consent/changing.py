"""Recording what changes later: withdrawals, reflection periods, no-contact wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence import clock
from evidence.case import CaseWriter
from evidence.consent.ground import Situation
from evidence.consent.ledger import DEPOSIT, LIFT, NO_CONTACT, read_ledger
from evidence.consent.recording import as_list, check_exhibits
from evidence.consent.times import days_after, read_time
from evidence.consent.words import (
    Giver,
    check_alias,
    check_recipient,
    checked,
    words,
)
from evidence.consent_errors import ConsentUnknownError, ConsentUnsoundError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken back; all empty for the whole consent."""

    exhibits: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    def facts(self, situation: Situation) -> dict[str, Json] | None:
        """Return the part as the entry names it, None for the whole."""
        check_exhibits(self.exhibits, situation)
        recipients = [check_recipient(name) for name in self.recipients]
        purposes = checked(self.purposes, words().purposes, what="purposes")
        told: Mapping[str, list[Json]] = {
            "exhibits": as_list(list(self.exhibits)),
            "purposes": as_list(purposes),
            "recipients": as_list(recipients),
        }
        return {name: value for name, value in told.items() if value} or None


def withdraw_consent(
    writer: CaseWriter, number: str, *, part: Part, at: str, note: str
) -> Entry:
    """Record that a person took a consent back, wholly or in part.

    Args:
        at: when they said so, as typed; "" for now. It cannot lie ahead.

    Raises:
        ConsentUnknownError, ConsentUnsoundError: nothing was recorded.
    """
    ledger = read_ledger(writer.case)
    consent = ledger.consents.get(number)
    if consent is None:
        raise ConsentUnknownError(number=number[:12])
    now = clock.now().time
    time = read_time(at, what="time of withdrawal") if at else now
    if time > now:
        reason = "it cannot be withdrawn in advance; check the clock of this machine"
        raise ConsentUnsoundError(reason=reason)
    facts: dict[str, Json] = {"at": time, "number": number}
    told = part.facts(ledger.situation)
    if told is not None:
        facts["part"] = told
    return writer.record(
        EntryType.CONSENT_WITHDRAW,
        facts=facts,
        private={"note": note},
        exhibits=part.exhibits or consent.covered.exhibits,
    )


def start_deposit(
    writer: CaseWriter,
    subject: str,
    *,
    exhibits: tuple[str, ...],
    days: int | None,
    note: str,
) -> Entry:
    """Record that exhibits (all, when empty) are kept sealed while a person reflects.

    Raises:
        ConsentUnsoundError, ConsentAliasError, ExhibitUnknownError: not recorded.
    """
    ledger = read_ledger(writer.case)
    check_exhibits(exhibits, ledger.situation)
    number = words().reflection_days if days is None else days
    facts: dict[str, Json] = {
        "kind": DEPOSIT,
        "number": f"DP-{len(ledger.deposits) + 1:04d}",
        "subject": check_alias(subject, what="subject"),
        "until": days_after(clock.now().time, number),
    }
    return writer.record(
        EntryType.ANNOTATE, facts=facts, private={"note": note}, exhibits=exhibits
    )


def lift_reflection(
    writer: CaseWriter, number: str, *, given_by: str, note: str
) -> Entry:
    """Record that the person ended a reflection period (``DP-``, ``CO-``) early.

    Raises:
        ConsentUnknownError: the case has no such number.
    """
    ledger = read_ledger(writer.case)
    if number not in ledger.deposits and number not in ledger.consents:
        raise ConsentUnknownError(number=number[:12])
    facts: dict[str, Json] = {
        "given_by": Giver(given_by).value,
        "kind": LIFT,
        "number": number,
    }
    return writer.record(EntryType.ANNOTATE, facts=facts, private={"note": note})


def list_no_contact(
    writer: CaseWriter, recipients: tuple[str, ...], *, lifted: bool, note: str
) -> Entry:
    """Record who must never be contacted nor get anything, or that this ended.

    Raises:
        ConsentAliasError, ConsentUnsoundError: not recorded.
    """
    names = [check_recipient(name) for name in dict.fromkeys(recipients)]
    listed = read_ledger(writer.case).situation.no_contact
    if lifted and not set(names) <= set(listed):
        raise ConsentUnsoundError(reason="one of them is not on the no-contact list")
    facts: dict[str, Json] = {
        "kind": NO_CONTACT,
        "lifted": lifted,
        "recipients": as_list(names),
    }
    return writer.record(EntryType.ANNOTATE, facts=facts, private={"note": note})
