"""Recording breaches of personal data and their notification."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from evidence import clock
from evidence.authority.checks import read_time
from evidence.authority.deadlines import breach_id, breaches
from evidence.authority.register import moment
from evidence.authority_errors import BreachUnknownError, DateInFutureError
from manifests.entries import Entry, EntryType

if TYPE_CHECKING:
    from evidence.case import CaseWriter

_SLACK = timedelta(minutes=10)


def _past(text: str, field: str) -> str:
    """Return a time that has come; the present one for "".

    Raises:
        DateInFutureError, DateUnreadableError: it has not, or it is none.
    """
    now = clock.now().time
    if not text:
        return now
    when = read_time(text, field=field)
    if when > clock.utc_text(moment(now) + _SLACK):
        raise DateInFutureError(field=field, now=now)
    return when


def record_breach(
    writer: CaseWriter, *, known_at: str, nature: tuple[str, ...], what: str
) -> Entry:
    """Record a breach as the next ``BR-`` number; what happened is sealed."""
    known = _past(known_at, "known_at")
    number = breach_id(len(breaches(list(writer.case.entries()))) + 1)
    return writer.record(
        EntryType.ANNOTATE,
        facts={
            "kind": "breach",
            "known_at": known,
            "nature": [*sorted(set(nature))],
            "number": number,
        },
        private={"text": what},
    )


def record_notice(writer: CaseWriter, number: str, *, at: str, recipient: str) -> Entry:
    """Record that a breach was notified.

    Raises:
        BreachUnknownError: the case has none of that number.
    """
    known = breaches(list(writer.case.entries()))
    if number.upper() not in known:
        raise BreachUnknownError(breach=number)
    return writer.record(
        EntryType.ANNOTATE,
        facts={
            "at": _past(at, "at"),
            "breach": number.upper(),
            "kind": "breach_notified",
        },
        private={"recipient": recipient} if recipient else None,
    )
