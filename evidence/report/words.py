"""How numbers, times and names read in the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence.report.i18n import N_, _, current, long_date, number, plural
from evidence.report.retelling import role, who

if TYPE_CHECKING:
    from evidence.report.model import Person, Report

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z\Z", re.ASCII)
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
NOT_SHOWN = N_("not shown (sealed, withheld or erased)")
NOT_STATED = N_("not stated")
NONE_RECORDED = N_("None recorded.")
NOT_AVAILABLE = N_("(the text is not available)")


def when(time: str) -> str:
    """``2026-11-22T07:11:00.5Z`` as ``2026-11-22 07:11:00.5 UTC``; else unchanged."""
    found = _TIME.match(time)
    return f"{found[1]} {found[2]} UTC" if found else time


def day(time: str) -> str:
    """A time of the record and, where people read, its date in their language."""
    date = long_date(time)
    return f"{when(time)} ({date})" if date else when(time)


def date_and_clock(time: str) -> tuple[str, ...]:
    """Date and clock time of an RFC 3339 UTC time; else the text alone."""
    found = _TIME.match(time)
    return (found[1], found[2]) if found else (time,)


def recorded(time: str, entry: int) -> str:
    """When something was recorded, and in which entry."""
    return _("{time}, entry {entry}", time=when(time), entry=entry)


def byte_count(size: int) -> tuple[str, ...]:
    """Exact bytes, and a binary unit from 1 KiB up: ``1,536 bytes``, ``(1.5 KiB)``."""
    exact = plural("{count} byte", "{count} bytes", size)
    if size < 1024:
        return (exact,)
    power = min((size.bit_length() - 1) // 10, len(_UNITS))
    tenths = (size * 10 + (1 << 10 * power) // 2) >> (10 * power)
    point = current().decimal
    return exact, f"({number(tenths // 10)}{point}{tenths % 10} {_UNITS[power - 1]})"


def person(someone: Person) -> str:
    """Name, role and organisation of a person on one line."""
    name = (
        who(someone.name)
        if someone.name is not None
        else _("name not shown (sealed, withheld or erased)")
    )
    return ", ".join(
        part for part in (name, role(someone.role), someone.organisation) if part
    )


def exhibits_there(report: Report, noun: str = "") -> str:
    """Return how many exhibits are there and, if any went, how many were erased.

    Args:
        noun: "exhibit", or "" for the number alone.
    """
    erased = sum(1 for exhibit in report.exhibits if exhibit.erased)
    count = len(report.exhibits) - erased
    left = plural("{count} exhibit", "{count} exhibits", count)
    left = left if noun else number(count)
    return _("{left} ({n} more erased)", left=left, n=erased) if erased else left


def issuer(report: Report) -> str:
    """Who issues the report, or plainly that nobody is named."""
    if report.issuer is not None:
        return person(report.issuer)
    return _(
        "not stated; the case was opened by {person}", person=person(report.founder)
    )
