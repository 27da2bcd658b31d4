"""The span of time the data of an exhibit covers, as its parser tells."""

from __future__ import annotations

from datetime import datetime

from evidence import clock
from evidence.parsing.base import Fields


def span_of(fields: Fields) -> tuple[str, str]:
    """Return first and last time of a chat in UTC, "" where it is not known.

    A time without a zone is not taken for UTC: it would accuse wrongly.
    """
    times = (fields.get("first"), fields.get("last"))
    first, last = (t if isinstance(t, str) else "" for t in times)
    return _in_utc(first), _in_utc(last)


def _in_utc(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
        return clock.utc_text(found) if found.tzinfo is not None else ""
    except (ValueError, OverflowError):
        return ""
