"""The clock an entry's time comes from, and how far it can be relied on."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from manifests.entries import Clock

_STARTED = time.monotonic()
_TIME_ERROR = 5  # adjtimex(2): clock not synchronised


class _Timex(ctypes.Structure):
    """The leading members of struct timex, with room for the rest (adjtimex(2))."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


@cache
def _adjtimex() -> Callable[[object], int]:
    """Look the system call up once: loading the library costs more than the call."""
    found: Callable[[object], int] = ctypes.CDLL(None, use_errno=True).adjtimex
    return found


def _quality() -> tuple[str, int | None]:
    """Return (sync, error in microseconds) as the kernel sees it; reads only."""
    if not sys.platform.startswith("linux"):
        return "unknown", None
    state = _Timex()  # modes = 0: nothing is set
    try:
        result = _adjtimex()(ctypes.byref(state))
    except (OSError, AttributeError):
        return "unknown", None
    if result < 0:
        return "unknown", None
    if result == _TIME_ERROR:
        return "no", None
    return "yes", int(state.maxerror)


def utc_text(moment: datetime) -> str:
    """Return RFC 3339 text in UTC with microseconds."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def now() -> Clock:
    """Return the present time with its quality."""
    sync, error = _quality()
    offset = int((time.monotonic() - _STARTED) * 1_000_000)
    return Clock(utc_text(datetime.now(UTC)), offset, sync, error)
