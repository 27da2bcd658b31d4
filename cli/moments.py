"""The time a verb compares a case with: given, or this computer's clock, with care."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifests.entries import Entry

_AHEAD = timedelta(days=366)  # a clock so far after the newest entry is told


def time_to_compare(entries: Iterable[Entry], at: str | None) -> str:
    """Return the time to compare with; never before the newest entry by itself.

    A clock that was put back would tell that nothing is due.
    """
    from evidence.authority.checks import read_time
    from evidence.authority.register import is_time, moment
    from evidence.clock import utc_text

    if at is not None:
        return read_time(at, field="--at")
    now = utc_text(datetime.now(UTC))
    times = [entry.time for entry in entries if is_time(entry.time)]
    newest = max(times, default=now)
    if newest > now:
        output.tell(
            f"Warning: this computer's clock ({now}) is before the newest entry; "
            f"{newest} is taken instead."
        )
        return newest
    if moment(now) - moment(newest) > _AHEAD:
        output.tell(
            f"Warning: the newest entry is of {newest}; is this computer's clock right?"
        )
    return now
