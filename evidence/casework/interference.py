"""Interference with a case: presumed threats, bribes, retractions, contacts.

An item says that somebody reported or noticed something, never that it happened.
Public: number and kind, and the exhibits that show it. When, whom it is about and every
word are sealed: who threatens may be who reads what travels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evidence.case import CaseWriter
from evidence.casework.account import Account
from evidence.casework.numbers import (
    INTERFERENCE,
    check_text,
    numbered,
)
from evidence.casework.words import INTERFERENCE as KINDS
from evidence.casework_errors import CaseworkRefusedError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

_TIME = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?Z)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Interference:
    """What is to be recorded.

    Attributes:
        kind: one of `words.INTERFERENCE`.
        at: day or UTC time it is said to have happened, as `check_time` reads it.
        account: its people are those it is said to be aimed at.
    """

    kind: str
    at: str
    account: Account


def note_interference(writer: CaseWriter, item: Interference) -> Entry:
    """Record an interference item and return its entry.

    Raises:
        CaseworkRefusedError: its kind or time is not well formed, or it says nothing.
        CaseworkUnknownError, ExhibitUnknownError: it names what the case has not.
    """
    what, told = "The interference", item.account
    check_text(what, told.fact, told.assessment)
    if item.kind not in KINDS:
        raise CaseworkRefusedError(what=what, reason="its kind is not known")
    if not told.exhibits and not told.fact.strip():
        reason = "it names no exhibit and says no fact"
        raise CaseworkRefusedError(what=what, reason=reason)
    check_time(what, item.at)
    entries = list(writer.case.entries())
    told.check(entries)
    facts: dict[str, Json] = {
        "interference": item.kind,
        "kind": INTERFERENCE,
        "number": numbered(entries, INTERFERENCE).following,
    }
    private = {**told.sealed(), "at": item.at}
    return writer.record(
        EntryType.ANNOTATE, facts=facts, private=private, exhibits=told.exhibits
    )


def check_time(what: str, text: str) -> None:
    """Refuse a time that is not ``2026-01-31`` or ``2026-01-31T12:00Z``.

    Raises:
        CaseworkRefusedError: it is not.
    """
    if not _TIME.fullmatch(text):
        reason = "a time is not of the form 2026-01-31 or 2026-01-31T12:00Z"
        raise CaseworkRefusedError(what=what, reason=reason)
