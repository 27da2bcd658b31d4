"""Recording authorities and what becomes of them; an order's file is an exhibit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evidence import clock
from evidence.acquire import DOCUMENT, Request, acquire
from evidence.authority.checks import checked, read_time
from evidence.authority.register import (
    ANSWERED,
    ASKED,
    CONFIRMED,
    EXTENDED,
    RESULTS,
    VALIDATED,
    WITHDRAWN,
    Authority,
    authorities,
    authority_id,
    moment,
)
from evidence.authority_errors import (
    AuthorityChangeRefusedError,
    AuthorityUnknownError,
    CoversUnknownError,
    OutcomeFutureError,
)
from evidence.case import exhibit_id
from evidence.methods import take_files
from manifests.entries import Entry, EntryType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence.authority.order import Order
    from evidence.case import CaseWriter
    from manifests.canonical import Json

_SLACK = timedelta(minutes=10)
# Kind of the annotation, to what it says was done.
DONE: Final = {
    WITHDRAWN: "withdrawn",
    EXTENDED: "prolonged",
    CONFIRMED: "confirmed",
    VALIDATED: "validated",
    ASKED: "asked about",
    ANSWERED: "clarified",
}


@dataclass(frozen=True, slots=True)
class Added:
    """An authority as recorded, and the exhibit its file became ("" without one)."""

    number: str
    entry: Entry
    document: str


def add_authority(
    writer: CaseWriter,
    order: Order,
    *,
    file: Path | None = None,
    command: tuple[str, ...] = (),
) -> Added:
    """Record an authority; its file first, as an exhibit of kind ``document``.

    Raises:
        OrderRefusedError: it contradicts itself or its instrument; nothing recorded.
        SourceMissingError, ...: the file cannot be acquired; nothing recorded.
    """
    order = checked(order, now=clock.now().time)
    known = {exhibit_id(number + 1) for number in range(writer.exhibits)}
    if not known.issuperset(order.covers):
        raise CoversUnknownError
    number = authority_id(len(authorities(writer.law)) + 1)
    document = ""
    if file is not None:
        request = Request(DOCUMENT, (file,), command=command, documents=number)
        document = acquire(writer, request, take_files).exhibit
    entry = writer.record(
        EntryType.AUTHORITY_ADD,
        facts=order.facts(number),
        private={"order": order.sealed()},
        exhibits=(document,) if document else (),
    )
    return Added(number, entry, document)


def find_authority(writer: CaseWriter, number: str) -> Authority:
    """Return an authority of the case.

    Raises:
        AuthorityUnknownError: there is none of that number.
    """
    found = authorities(writer.law).get(number.upper())
    if found is None:
        raise AuthorityUnknownError(authority=number)
    return found


def change(
    writer: CaseWriter,
    number: str,
    kind: str,
    *,
    at: str = "",
    reason: str = "",
    result: str = "",
) -> Entry:
    """Record what became of an authority, as an annotation of `kind`.

    Args:
        kind: one of `register.KINDS`.
        at: when it happened, RFC 3339 or a date; now when "".
        reason: in words; sealed.
        result: of a validation: one of `register.RESULTS`.

    Raises:
        AuthorityUnknownError: there is none of that number.
        AuthorityChangeRefusedError: it cannot be changed so (any more).
        OutcomeFutureError: it is later than now, or before the authority.
    """
    one = find_authority(writer, number)
    now = clock.now().time
    when = read_time(at, field="at") if at else now
    _check_time(one, kind, when, now)
    hindrance = _hindrance(one, kind, when, result)
    if hindrance:
        raise AuthorityChangeRefusedError(authority=one.id, reason=hindrance)
    facts: dict[str, Json] = {"kind": kind, "authority": one.id, "at": when}
    if kind == VALIDATED:
        facts["result"] = result
    sealed: Mapping[str, Json] | None = {"reason": reason} if reason else None
    return writer.record(EntryType.ANNOTATE, facts=facts, private=sealed)


def _check_time(one: Authority, kind: str, when: str, now: str) -> None:
    if when > clock.utc_text(moment(now) + _SLACK):
        reason = "it is later than now"
    elif when[:10] < one.time("issued_at")[:10]:
        reason = "it had not been issued"
    else:
        return
    raise OutcomeFutureError(authority=one.id, what=DONE[kind], reason=reason)


def _hindrance(one: Authority, kind: str, when: str, result: str) -> str:
    """Return why a change is refused; "" when it may be recorded."""
    if one.withdrawn_at and one.withdrawn_at <= when:
        return f"it was withdrawn at {one.withdrawn_at}"
    if kind in (EXTENDED, CONFIRMED):
        return _preservation_hindrance(one, kind, when)
    if kind == VALIDATED:
        return _validation_hindrance(one, result)
    if kind in (ASKED, ANSWERED) and (kind == ANSWERED) != bool(one.asked_at):
        return "a question waits" if kind == ASKED else "no question waits"
    return ""


def _preservation_hindrance(one: Authority, kind: str, when: str) -> str:
    """Regulation (EU) 2023/1543 Art. 11: once by 30 days, while it lasts."""
    rules = one.rules
    if rules is None or not rules.preserves:
        return "it orders no preservation"
    if one.confirmed:
        return "it was confirmed"
    if not one.preserved_until:
        return "its receipt is not recorded"
    if when > one.preserved_until:
        return f"its preservation ended at {one.preserved_until}"
    if kind == EXTENDED and not rules.prolongs:
        return "its law fixes no prolongation; record the new order instead"
    return "it was prolonged once" if kind == EXTENDED and one.extended else ""


def _validation_hindrance(one: Authority, result: str) -> str:
    if one.facts.get("ex_post_validation") is not True:
        return "it was not issued to be validated afterwards"
    if one.validation in ("granted", "refused"):
        return f"its validation was {one.validation}"
    return "" if result in RESULTS else "what became of it is not told"
