"""Examining the lines of a manifest on several cores, taking them in their order.

Each helping process (`evidence.examiner`) is asked by one thread of its own, which
sends a chunk of lines and waits. Chunks are taken in the order of the file. A helper
that dies, or answers nonsense, is not asked again: its thread examines the chunk in
this process, so the findings are the same, only later. One that is silent for
`PATIENCE` (it was stopped, or hangs) is killed, which comes to the same. A few chunks
of bounded size are in flight, so memory stays bounded whatever the file holds and
however it grows.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import BinaryIO, Final, Self, cast

from evidence.examiner import BrokenFrameError, read_frame, unpack, write_frame
from manifests.keys import KeyId, PublicKey
from manifests.verifying.examining import Examined, examine_all
from manifests.verifying.log import LogReader

JOBS: Final = "CUSTODY_JOBS"  # environment variable: processes that examine lines
MAX_JOBS: Final = 8  # taking the results, in order, is one core's work
# Fewer are examined sooner than processes start (about a third of a second).
ALONE_LINES: Final = 2000
_ALONE_BYTES = 2 << 20
# One request: some 40 ms of work, and at most so many bytes and a line.
_CHUNK_LINES = 256
_CHUNK_BYTES = 256 << 10
PATIENCE: Final = 10.0  # seconds; for a request, starting the process included

Keys = Mapping[KeyId, PublicKey]


def jobs() -> int:
    """Return how many processes examine lines: `$CUSTODY_JOBS`, else one a core."""
    wanted = os.environ.get(JOBS, "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 4 and int(wanted):
        return min(int(wanted), MAX_JOBS)
    return min(_cores(), MAX_JOBS)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover - not on every system
        return os.cpu_count() or 1


def read_all(
    reader: LogReader,
    lines: Iterable[bytes],
    *,
    processes: int,
    alone: int = ALONE_LINES,
) -> None:
    """Feed `reader` with every line, newline included, examined on several cores.

    The findings are those of feeding the lines one by one: a signature whose key was
    not known yet when its line was examined is checked when the line is taken.

    Args:
        processes: 1 starts none.
        alone: so many lines (or 2 MiB) are examined without help if that is all.

    Raises:
        NewerFormatError: an entry is of a newer format version.
        OSError: `lines` cannot be read further.
    """
    rest = iter(lines)
    first, is_all = _first(rest, alone)
    # The founder's key, by which most lines are signed, is known from the first on.
    for line in first[:1]:
        reader.line(line)
    chunks = _chunks(iter(first[1:]), rest)
    if is_all or processes == 1:
        for chunk in chunks:
            _take(reader, chunk, examine_all(_whole(chunk), reader.keyring.keys))
        return
    with _Helpers(processes) as helpers:
        _read_with(helpers, reader, chunks)


def _first(lines: Iterator[bytes], count: int) -> tuple[list[bytes], bool]:
    """Return the first lines, and whether there are no more."""
    found: list[bytes] = []
    size = 0
    for line in lines:
        found.append(line)
        size += len(line)
        if len(found) > count or size > _ALONE_BYTES:
            return found, False
    return found, True


def _chunks(*sources: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Gather lines; the last of a chunk may go beyond its bytes."""
    chunk: list[bytes] = []
    size = 0
    for lines in sources:
        for line in lines:
            chunk.append(line)
            size += len(line)
            if size >= _CHUNK_BYTES or len(chunk) >= _CHUNK_LINES:
                yield chunk
                chunk, size = [], 0
    if chunk:
        yield chunk


def _whole(chunk: list[bytes]) -> list[bytes]:
    """Return the whole lines: a piece without a newline is the reader's to judge."""
    return [line[:-1] for line in chunk if line.endswith(b"\n")]


def _read_with(
    helpers: _Helpers, reader: LogReader, chunks: Iterator[list[bytes]]
) -> None:
    waiting: deque[tuple[list[bytes], Future[list[Examined]]]] = deque()
    keys: Keys = dict(reader.keyring.keys)
    for chunk in chunks:
        if len(keys) != len(reader.keyring.keys):  # it only grows
            keys = dict(reader.keyring.keys)
        waiting.append((chunk, helpers.ask(_whole(chunk), keys)))
        if len(waiting) > helpers.count * 2:
            sent, future = waiting.popleft()
            _take(reader, sent, helpers.answer(future))
    while waiting:
        sent, future = waiting.popleft()
        _take(reader, sent, helpers.answer(future))


def _take(reader: LogReader, chunk: list[bytes], found: list[Examined]) -> None:
    examined = iter(found)
    for line in chunk:
        if line.endswith(b"\n"):
            reader.take(next(examined))
        else:
            reader.line(line)


class _Helpers:
    """Processes that examine lines, each with the thread that asks it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._mine = threading.local()
        self._all: list[_Helper] = []
        self._pool = ThreadPoolExecutor(count, "examining", self._start)

    def ask(self, lines: list[bytes], keys: Keys) -> Future[list[Examined]]:
        """Let the next free process examine whole lines."""
        return self._pool.submit(self._examine, lines, keys)

    def answer(self, future: Future[list[Examined]]) -> list[Examined]:
        """Wait for an answer; kill helpers that leave a request lying too long."""
        while not future.done():
            wait((future,), timeout=PATIENCE / 4)
            for helper in self._all:
                if not future.done() and helper.is_silent():
                    helper.kill()
        return future.result()

    def _start(self) -> None:
        self._mine.helper = helper = _Helper()
        self._all.append(helper)

    def _examine(self, lines: list[bytes], keys: Keys) -> list[Examined]:
        helper: _Helper = self._mine.helper
        found = helper.examine(lines, keys)
        return examine_all(lines, keys) if found is None else found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._all:
            helper.kill()  # so that no thread goes on waiting for an answer
        self._pool.shutdown(cancel_futures=True)
        for helper in self._all:
            helper.end()


class _Helper:
    """One process; None of its answers is awaited once it failed."""

    def __init__(self) -> None:
        self._sent: Keys | None = None
        self._asked: float | None = None  # when, while a request is open
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):  # no memory, too many processes: without it
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-m", "evidence.examiner"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=helper_environment(),
                start_new_session=True,  # Ctrl-C is this process's to handle
            )

    def examine(self, lines: list[bytes], keys: Keys) -> list[Examined] | None:
        """Return what the process found; None when it does not answer (any more)."""
        process = self._process
        if process is None:
            return None
        texts = None if keys is self._sent else [key.text for key in keys.values()]
        try:
            self._asked = time.monotonic()
            write_frame(cast("BinaryIO", process.stdin), [lines, texts])
            answer = read_frame(cast("BinaryIO", process.stdout))
            found = unpack(lines, answer)
        except (OSError, BrokenFrameError, LookupError, TypeError, ValueError):
            self.end()
            return None
        finally:
            self._asked = None
        self._sent = keys
        return found

    def is_silent(self) -> bool:
        """Tell whether a request has been open for longer than `PATIENCE`."""
        asked = self._asked
        return asked is not None and time.monotonic() - asked > PATIENCE

    def kill(self) -> None:
        """Kill the process; a thread that waits for its answer goes on without."""
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        """End the process; harmless when repeated."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                cast("BinaryIO", stream).close()


def helper_environment() -> dict[str, str]:
    """Only what an interpreter needs: no passphrase, nothing to slip in."""
    kept = ("SYSTEMROOT", "TEMP", "TMP")
    return {name: os.environ[name] for name in kept if name in os.environ}
