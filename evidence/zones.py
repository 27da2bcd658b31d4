"""Time zone names, checked before anything is acquired."""

from __future__ import annotations

from evidence.errors import TimezoneUnknownError


def check_timezone(name: str | None) -> None:
    """Accept an IANA zone name or None.

    Raises:
        TimezoneUnknownError: the database does not have it.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is None:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimezoneUnknownError(name=name) from error
