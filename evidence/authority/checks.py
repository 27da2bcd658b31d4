"""Whether an order can be what it says: dates, categories, competence, emergencies.

These checks find slips and orders that cannot exist. That an order passes says nothing
of whether it is lawful or was really issued.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

import msgspec

from evidence import authority_errors as err
from evidence.authority.instruments import (
    CATEGORIES,
    RULES,
    Instrument,
    Rules,
)
from evidence.authority.offences import OFFENCES
from evidence.authority.order import Order
from evidence.authority.register import FIRST_YEAR, LAST_YEAR, moment
from evidence.clock import utc_text
from evidence.consent.words import check_recipient, words
from evidence.consent.words import checked as word_list

_SLACK = timedelta(minutes=10)  # between two clocks
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_JUDGES = ("judge", "court", "investigating-judge")
_EUROPEAN = (Instrument.EPOC, Instrument.EPOC_PR)
_STARTS = ("issued_at", "received_at", "valid_from", "data_from")
_ENDS = ("valid_until", "data_to")


def read_time(text: str, *, field: str, end: bool = False) -> str:
    """Return a time as `clock.utc_text` writes it.

    Args:
        text: RFC 3339 with a zone, or a date, which is that day in UTC.
        end: a date stands for the end of its day, not for its beginning.

    Raises:
        DateUnreadableError: it is none, or has no zone.
        DateImplausibleError: it is before 2000 or after 2999.
    """
    try:
        if _DAY.fullmatch(text):
            hour = clock_time.max if end else clock_time.min
            found = datetime.combine(date.fromisoformat(text), hour, UTC)
        else:
            found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise err.DateUnreadableError(field=field)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise err.DateUnreadableError(field=field) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise err.DateImplausibleError(field=field)
    return utc_text(found)


def checked(order: Order, *, now: str) -> Order:
    """Return `order` with its times in UTC, or refuse it.

    Args:
        now: UTC time as `clock.utc_text` writes it.

    Raises:
        OrderRefusedError: one of its kinds, for the first thing that is wrong.
    """
    order = _with_times(order)
    rules = RULES[order.type]
    for check in (_check_words, _check_past, _check_order_of_times):
        check(order, now)
    for ask in (_check_categories, _check_issuer, _check_emergency, _check_ex_post):
        ask(order, rules)
    return order


def _with_times(order: Order) -> Order:
    changes: dict[str, object] = {}
    for name in (*_STARTS, *_ENDS):
        text = getattr(order, name)
        if text:
            changes[name] = read_time(text, field=name, end=name in _ENDS)
    told = order.user_information
    if told.review_at:
        at = read_time(told.review_at, field="user_information.review_at", end=True)
        changes["user_information"] = msgspec.structs.replace(told, review_at=at)
    return msgspec.structs.replace(order, **changes)


def _check_words(order: Order, _now: str) -> None:
    if order.type is not Instrument.OWN_INITIATIVE and not order.reference.strip():
        raise err.ReferenceMissingError
    for name in order.recipients:
        check_recipient(name)
    word_list(order.purposes, words().purposes, what="purposes")
    for number in order.annex_iv:
        if not 1 <= number <= len(OFFENCES):
            raise err.OffenceUnknownError(number=number)
    told = order.user_information
    if told.state in ("delayed", "restricted", "omitted") and not told.grounds:
        raise err.DelayWithoutGroundError
    for one in order.identifiers:
        if one.kind == "ip" and not (one.at and one.zone):
            raise err.IdentifierTimeError


def _check_past(order: Order, now: str) -> None:
    latest = utc_text(moment(now) + _SLACK)
    for name in ("issued_at", "received_at"):
        if getattr(order, name) > latest:
            raise err.DateInFutureError(field=name, now=now)


def _check_order_of_times(order: Order, _now: str) -> None:
    def reversed_(first: str, second: str) -> bool:
        return bool(first and second and second < first)

    issued, received = order.issued_at, order.received_at
    if reversed_(issued, received):
        raise err.IssuedAfterReceivedError
    for begin in (issued, order.valid_from):
        if reversed_(begin, order.valid_until):
            raise err.ValidityReversedError
    if reversed_(order.data_from, order.data_to):
        raise err.DataRangeReversedError
    # A date alone ends with its day; data up to the day of receipt are stored data.
    end_of_day = f"{received[:10]}T23:59:59.999999Z" if received else ""
    for end in (order.data_from, order.data_to):
        if RULES[order.type].stored and reversed_(end, end_of_day):
            raise err.DataNotStoredError


def _check_categories(order: Order, rules: Rules) -> None:
    if not order.categories:
        raise err.CategoryMissingError
    for category in CATEGORIES:
        if category not in order.categories:
            continue
        if category not in rules.categories:
            law = rules.law or "see its law"
            raise err.CategoryNotGroundedError(
                type=order.type.value, category=category, law=law
            )
        if category in rules.threshold and not order.threshold:
            raise err.ThresholdMissingError(category=category)


def _check_issuer(order: Order, rules: Rules) -> None:
    """Regulation (EU) 2023/1543 Art. 4(1)-(3): who may issue or must validate."""
    if order.type not in _EUROPEAN:
        return
    issuer = order.issuing_authority.kind
    validator = order.validating_authority.kind
    if not issuer:
        raise err.IssuerMissingError
    by_judge = issuer in _JUDGES or validator in _JUDGES
    by_prosecutor = "prosecutor" in (issuer, validator)
    for category in order.categories:
        allowed = by_judge or (by_prosecutor and category in rules.prosecutor)
        if not allowed and not order.ex_post_validation:
            raise err.IssuerNotCompetentError(
                category=category, type=order.type.value, law=rules.law
            )


def _check_emergency(order: Order, rules: Rules) -> None:
    if order.emergency and not rules.emergency:
        raise err.EmergencyNotKnownError(type=order.type.value)
    if order.emergency != bool(order.threat):
        raise err.ThreatMissingError
    hours = order.deadline == "8-hours"
    is_epoc = order.type is Instrument.EPOC
    if order.deadline and (not is_epoc or hours != order.emergency):
        raise err.DeadlineMismatchError(deadline=order.deadline)


def _check_ex_post(order: Order, rules: Rules) -> None:
    """Art. 4(5): only in an emergency, and for an EPOC only for the milder data."""
    if not order.ex_post_validation:
        return
    if not order.emergency:
        raise err.ExPostNotAllowedError(reason="it is no emergency")
    if not order.issued_at:
        raise err.ExPostNotAllowedError(reason="when it was issued is not recorded")
    foreign = sorted(set(order.categories) - rules.ex_post)
    if foreign:
        known = f"not for {foreign[0]} data"
        raise err.ExPostNotAllowedError(reason=known)
