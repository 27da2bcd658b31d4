"""Holding back Ctrl-C and SIGTERM while an act is committed.

A command that is told to stop must have recorded an act wholly or not at all: between
moving an exhibit into place and appending its entry there is no good place to stop.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HELD = frozenset((signal.SIGINT, signal.SIGTERM))


@contextmanager
def held() -> Iterator[None]:
    """Deliver SIGINT and SIGTERM only after the block (milliseconds of fsyncs).

    Does nothing outside the main thread, where Python handles no signals, and on
    platforms without signal masks (Windows).
    """
    if (
        not hasattr(signal, "pthread_sigmask")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
