"""Times a person types, as UTC text that sorts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from evidence.clock import utc_text
from evidence.consent_errors import ConsentUnsoundError

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MAX_DAYS = 36_500


def read_time(text: str, *, what: str, end: bool = False) -> str:
    """Return UTC, RFC 3339 with microseconds, of a day or a time with its zone.

    Args:
        text: ``2026-05-01`` or ``2026-05-01T10:00:00+04:00``.
        end: a day means its end (UTC), not its beginning.

    Raises:
        ConsentUnsoundError: it is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            moment = moment.replace(tzinfo=UTC) + timedelta(days=int(end))
        if moment.tzinfo is None or not _DAY.match(text):
            raise ValueError(text)
        return utc_text(moment)
    except (ValueError, OverflowError) as error:
        reason = f"its {what} is no day (2026-05-01) and no time with a zone"
        raise ConsentUnsoundError(reason=reason) from error


def days_after(time: str, days: int) -> str:
    """Return the UTC time so many days after another.

    Raises:
        ConsentUnsoundError: the number of days is not reasonable.
    """
    try:
        if not 0 <= days <= _MAX_DAYS:
            raise ValueError(days)
        return utc_text(datetime.fromisoformat(time) + timedelta(days=days))
    except (ValueError, OverflowError) as error:
        raise ConsentUnsoundError(reason="a number of days is impossible") from error
