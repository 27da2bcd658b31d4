"""File times and modes as inventory text."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import lru_cache

from evidence.parsing.base import Fields

_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - plain arithmetic in UTC


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()


def timestamp(nanoseconds: int) -> str | None:
    """Return a Unix time as RFC 3339 in UTC with nine decimals.

    None when the year is outside 1 to 9999, which RFC 3339 cannot express (corrupt or
    forged file times can be).
    """
    seconds, fraction = divmod(nanoseconds, _SECOND)
    try:
        return f"{_second(seconds)}.{fraction:09d}Z"
    except OverflowError:
        return None


def decimal_seconds(nanoseconds: int) -> str:
    """Return a Unix time as decimal seconds without trailing zeros (POSIX pax)."""
    sign = "-" if nanoseconds < 0 else ""
    seconds, fraction = divmod(abs(nanoseconds), _SECOND)
    if not fraction:
        return f"{sign}{seconds}"
    return f"{sign}{seconds}.{fraction:09d}".rstrip("0")


def time_fields(status: os.stat_result) -> Fields:
    """Return mtime, ctime, atime and, where the system gives it, btime.

    A time RFC 3339 cannot express stands in ``<name>_unix`` as decimal seconds.
    """
    mtime = timestamp(status.st_mtime_ns)
    ctime = timestamp(status.st_ctime_ns)
    atime = timestamp(status.st_atime_ns)
    fields: Fields = {"mtime": mtime, "ctime": ctime, "atime": atime}
    if mtime is None or ctime is None or atime is None:
        _spell_out(fields, status)
    born = getattr(status, "st_birthtime", None)  # macOS, BSD; microseconds there
    if born is not None:
        fields["btime"] = timestamp(int(born * 1_000_000) * 1000)
    return fields


def _spell_out(fields: Fields, status: os.stat_result) -> None:
    for name in ("mtime", "ctime", "atime"):
        if fields[name] is None:
            del fields[name]
            value = getattr(status, f"st_{name}_ns")
            fields[f"{name}_unix"] = decimal_seconds(value)
