"""Runs a parser in a process of its own and hands its items over.

A parser can crash, hang, or eat memory: the copy is made before, by other code, and
the worst outcome is a `Summary` that says the parse failed. Bounds: memory and CPU by
the operating system (`worker.limit_process`), silence by `SILENCE_SECONDS`, the number
of records and bytes here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from evidence.outcome import ParseOutcome
from evidence.parsing.base import FileStart, Item, Job, Record, Summary
from evidence.parsing.frames import FrameError, ParserFailedError, read_frames

MEMORY_BYTES = 2 << 30
CPU_BASE_SECONDS = 60
CPU_BYTES_PER_SECOND = 2 << 20
SILENCE_SECONDS = 120.0
MAX_RECORDS = 20_000_000
_GRACE_SECONDS = 1.0  # between the end of a stream and the end of its process


def parse(name: str, job: Job, *, seconds: int | None = None) -> Iterator[Item]:
    """Yield the items parser `name` sends for `job`; always ends with a `Summary`.

    The iterator owns the process: closing it early kills the process.

    Args:
        seconds: of the processor it may take; by the payload's size when None.
    """
    size = Path(job.path).stat().st_size if job.data is None else len(job.data)
    allowed = CPU_BASE_SECONDS + size // CPU_BYTES_PER_SECOND
    allowed = max(allowed, seconds or 0)
    request = {
        "path": job.path,
        "name": job.name,
        "offset": job.offset,
        "length": job.length,
        "options": dict(job.options),
        "sealed": job.sealed,
        "held": None if job.data is None else len(job.data),
        "memory_bytes": MEMORY_BYTES,
        "cpu_seconds": allowed,
    }
    try:
        process = _start(name)
    except OSError as error:  # no memory, too many processes
        yield _failed(f"it could not be started ({type(error).__name__})")
        return
    watch = _Watch(process, 600.0 + 4.0 * allowed)
    try:
        _send(process, request, job.data or b"")
        yield from _receive(process, watch)
    finally:
        watch.stop()
        _end(process)
        process.wait()
        cast("BinaryIO", process.stdout).close()


def _start(name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-m", "evidence.parsing.worker", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        close_fds=True,
        start_new_session=True,  # so that whatever it starts ends with it
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and everything it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _environment() -> dict[str, str]:
    """Only what an interpreter needs; nothing a user's shell could slip in."""
    kept = ("SYSTEMROOT", "TEMP", "TMP")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    # Some libraries read the zone on every time they convert; UTC is no conversion.
    return {**found, "TZ": "UTC0"}


def _send(process: subprocess.Popen[bytes], request: object, data: bytes) -> None:
    """Send the job, one line, and the bytes that are in no file."""
    stream = cast("BinaryIO", process.stdin)
    # The process may die at once: `_receive` reports how.
    with contextlib.suppress(BrokenPipeError):
        stream.write(json.dumps(request).encode("ascii") + b"\n")
        stream.write(data)
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def _receive(process: subprocess.Popen[bytes], watch: _Watch) -> Iterator[Item]:
    records = 0
    try:
        for item in read_frames(cast("BinaryIO", process.stdout)):
            watch.touch()
            if isinstance(item, Summary):
                yield item
                return
            records += isinstance(item, Record | FileStart)
            if time.monotonic() > watch.deadline:
                yield _failed("it took too long")
                return
            if records > MAX_RECORDS:
                yield _failed(f"it sent more than {MAX_RECORDS} records")
                return
            watch.rest()
            yield item
            watch.touch()
    except ParserFailedError as error:
        yield _failed(str(error))
        return
    except FrameError as error:
        reason = str(error)
    else:
        reason = "it ended without a result"
    yield _failed(_ending(process, watch) or reason)


def _ending(process: subprocess.Popen[bytes], watch: _Watch) -> str | None:
    """Return how a process ended that sent no result; None when by itself."""
    if watch.expired:
        return f"it was silent for {SILENCE_SECONDS:.0f} seconds and was stopped"
    try:
        code = process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return None  # it goes on with what nobody can use: the caller ends it
    return f"it was stopped by {_signal_name(-code)}" if code < 0 else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _failed(reason: str) -> Summary:
    return Summary(ParseOutcome.FAILED, {}, (f"The parser failed: {reason}.",))


class _Watch:
    """Kills a process that sends nothing for too long."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self.deadline = time.monotonic() + seconds
        self._stirred = threading.Event()
        self._stopped = False
        self._resting = False
        self.expired = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def touch(self) -> None:
        """The process has sent something, or may go on."""
        self._resting = False
        self._stirred.set()

    def rest(self) -> None:
        """It is the acquisition's turn: its slowness is not the parser's."""
        self._resting = True

    def stop(self) -> None:
        self._stopped = True
        self._stirred.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            self._stirred.clear()
            if self._stirred.wait(SILENCE_SECONDS) or self._resting or self._stopped:
                continue
            self.expired = True
            _end(self._process)
            return
