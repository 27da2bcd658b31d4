"""Harm and proceeds: what somebody holds to be lost or gained, and how it is known.

An item is a statement of whoever records it, never a finding. Public: number and
kind, and the exhibits that show it. Amounts, times, persons and every word are sealed.
Amounts are decimal texts in one currency each; nothing is converted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from evidence.case import CaseWriter
from evidence.casework import words
from evidence.casework.account import Account
from evidence.casework.numbers import HARM, PROCEEDS, check_text, numbered
from evidence.casework_errors import CaseworkRefusedError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

SORTS: Mapping[str, Mapping[str, str]] = {HARM: words.HARM, PROCEEDS: words.PROCEEDS}
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Loss:
    """What is to be recorded.

    Attributes:
        kind: `HARM` or `PROCEEDS`; sort: a key of `SORTS` of that kind.
        amount: ``1200.50``, not negative; "" when nobody can say.
        currency: ISO 4217 code; "" exactly when there is no amount.
        known: how it is known, one of `words.KNOWN`.
        start, end: first and last day it is about, ``2026-01-31``; "" for unknown.
        account: its people are those who bore the harm or gained.
    """

    kind: str
    sort: str
    known: str
    account: Account
    amount: str = ""
    currency: str = ""
    start: str = ""
    end: str = ""


def note_loss(writer: CaseWriter, item: Loss) -> Entry:
    """Record an item and return its entry.

    Raises:
        CaseworkRefusedError: it is not well formed, or says nothing.
        CaseworkUnknownError, ExhibitUnknownError: it names what the case has not.
    """
    _check(f"The {item.kind}", item)
    entries = list(writer.case.entries())
    item.account.check(entries)
    facts: dict[str, Json] = {
        "kind": item.kind,
        "number": numbered(entries, item.kind).following,
    }
    private: dict[str, Json] = {
        **item.account.sealed(),
        "amount": item.amount,
        "currency": item.currency,
        "end": item.end,
        "known": item.known,
        "sort": item.sort,
        "start": item.start,
    }
    return writer.record(
        EntryType.ANNOTATE,
        facts=facts,
        private=private,
        exhibits=item.account.exhibits,
    )


def _check(what: str, item: Loss) -> None:
    check_text(what, item.account.fact, item.account.assessment)
    reason = ""
    if item.sort not in SORTS.get(item.kind, {}) or item.known not in words.KNOWN:
        reason = "its kind is not known"
    elif item.amount and not _AMOUNT.fullmatch(item.amount):
        reason = "an amount is a plain decimal number such as 1200.50"
    elif bool(item.amount) != bool(item.currency):
        reason = "an amount needs its currency, and a currency its amount"
    elif item.currency and not is_currency(item.currency):
        reason = "a currency is a code of ISO 4217 such as EUR"
    elif any(day and not _DAY.fullmatch(day) for day in (item.start, item.end)):
        reason = "a day is not of the form 2026-01-31"
    elif item.start and item.end and item.end < item.start:
        reason = "it ends before it begins"
    elif not item.amount and not item.account.fact.strip():
        reason = "it names no amount and says no fact"
    if reason:
        raise CaseworkRefusedError(what=what, reason=reason)


def is_currency(code: str) -> bool:
    """Tell whether ISO 4217 has or had this code."""
    from babel.numbers import list_currencies  # heavy

    return bool(_CURRENCY.fullmatch(code)) and code in list_currencies()


def totals(amounts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the sum by currency, exact, of (amount, currency) pairs.

    What is no amount of this form is left out; callers say so.
    """
    sums: dict[str, Decimal] = {}
    with localcontext(prec=60):
        for amount, currency in amounts:
            if _AMOUNT.fullmatch(amount) and _CURRENCY.fullmatch(currency):
                sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    return {currency: f"{total:f}" for currency, total in sorted(sums.items())}
