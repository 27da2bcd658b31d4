"""A stretch of code during which local time is UTC.

The C library turns FAT and ISO 9660 times (local, zone unknown) into seconds through
the process's time zone. Under UTC that is the identity, so the wall-clock time that is
in the image comes back unchanged, also in an hour that summer time leaves out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

_UTC = "UTC0"


@contextmanager
def utc() -> Iterator[None]:
    """Make the process's time zone UTC for the block, and put it back after.

    Not for code with threads: the zone belongs to the process. A parser has a process
    of its own and one thread.
    """
    before = os.environ.get("TZ")
    if before == _UTC:
        yield
        return
    os.environ["TZ"] = _UTC
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
