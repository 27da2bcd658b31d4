"""File times and modes as inventory text."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import lru_cache

from evidence.parsing.base import Fields

_SECOND = 1_000_000_000
_HAS_BIRTH = hasattr(os.stat_result, "st_birthtime")
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


def put_times(fields: Fields, status: os.stat_result) -> None:
    """Add mtime, ctime, atime and, where the system gives it, btime.

    A time RFC 3339 cannot express stands in ``<name>_unix`` as decimal seconds.
    """
    mtime, ctime, atime = status.st_mtime_ns, status.st_ctime_ns, status.st_atime_ns
    try:  # `timestamp`, written out: this runs for every file
        fields["mtime"] = f"{_second(mtime // _SECOND)}.{mtime % _SECOND:09d}Z"
        fields["ctime"] = f"{_second(ctime // _SECOND)}.{ctime % _SECOND:09d}Z"
        fields["atime"] = f"{_second(atime // _SECOND)}.{atime % _SECOND:09d}Z"
    except OverflowError:
        _put_odd_times(fields, mtime=mtime, ctime=ctime, atime=atime)
    if _HAS_BIRTH:  # macOS, BSD; microseconds there
        born = getattr(status, "st_birthtime", 0.0)
        fields["btime"] = timestamp(int(born * 1_000_000) * 1000)


def _put_odd_times(fields: Fields, **times: int) -> None:
    for name, value in times.items():
        text = timestamp(value)
        if text is None:
            fields[f"{name}_unix"] = decimal_seconds(value)
        else:
            fields[name] = text
