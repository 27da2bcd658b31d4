"""Lines examined by helping processes: the same findings, whatever befalls those."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evidence import examiner, examining
from evidence.checking import check_case
from evidence.examining import jobs, read_all
from manifests.errors import NewerFormatError
from manifests.verifying.examining import Examined, examine
from manifests.verifying.judge import Anchors
from manifests.verifying.log import LogReader
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Code
from tests.builders import new_bench
from tests.logs import ORIGIN, Log, signer, varied

REPOSITORY = Path(__file__).resolve().parents[3]
LINES = varied(400)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the few lines here are several chunks."""
    monkeypatch.setattr(examining, "_CHUNK_LINES", 64)


def one_by_one(lines: Iterable[bytes]) -> LogReading:
    reader = LogReader(ORIGIN)
    for line in lines:
        reader.line(line)
    return reader.finish()


def helped(lines: Iterable[bytes], processes: int = 2) -> LogReading:
    reader = LogReader(ORIGIN)
    read_all(reader, lines, processes=processes, alone=0)
    return reader.finish()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every helping process that is started."""
    found: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        found.append(real(*args, **options))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    return found


def test_the_log_is_read_as_meant() -> None:
    """What the comparisons below rest on: keys that come late, and a stranger's."""
    reading = one_by_one(LINES)
    assert len(reading.signers) == 4
    unknown = [f for f in reading.findings if f.code is Code.SIGNER_UNKNOWN]
    assert len(unknown) == len(range(30, 400, 31))
    assert reading.signed == 400 - len(unknown)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_same_reading(processes: int, started: list[subprocess.Popen[bytes]]) -> None:
    assert helped(LINES, processes) == one_by_one(LINES)
    assert len(started) == (processes if processes > 1 else 0)
    assert all(process.returncode is not None for process in started)


def test_helpers_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """While they live, nothing but the first line is examined here."""

    def refuse(*_: object) -> object:
        raise AssertionError

    first = one_by_one(LINES)
    monkeypatch.setattr(examining, "examine_all", refuse)  # not in the helpers
    assert helped(LINES) == first


def test_few_lines_start_nothing(started: list[subprocess.Popen[bytes]]) -> None:
    reader = LogReader(ORIGIN)
    read_all(reader, LINES, processes=2)
    assert reader.finish() == one_by_one(LINES)
    assert started == []


@pytest.mark.parametrize("lines", [[], LINES[:1], [b"no newline"]])
def test_next_to_nothing(lines: list[bytes]) -> None:
    assert helped(lines) == one_by_one(lines)


def test_pieces_and_torn_end() -> None:
    lines = [*LINES[:90], b"x" * 65_537, *LINES[90:200], LINES[200][:50]]
    assert helped(lines) == one_by_one(lines)


def test_newer_format_ends_it(started: list[subprocess.Popen[bytes]]) -> None:
    newer = LINES[300].replace(b'"v":1}', b'"v":2}')
    with pytest.raises(NewerFormatError):
        helped([*LINES[:300], newer])
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize("error", [OSError(5, "gone"), KeyboardInterrupt()])
def test_an_error_while_reading_ends_every_helper(
    error: BaseException, started: list[subprocess.Popen[bytes]]
) -> None:
    def lines() -> Iterator[bytes]:
        yield from LINES[:350]
        raise error

    with pytest.raises(type(error)):
        helped(lines())
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize("at", [1, 130, 399])
def test_killed_helpers(at: int, started: list[subprocess.Popen[bytes]]) -> None:
    def lines() -> Iterator[bytes]:
        for number, line in enumerate(LINES):
            if number == at:
                for process in started:
                    process.send_signal(signal.SIGKILL)
            yield line

    assert helped(lines()) == one_by_one(LINES)


def test_ctrl_c_does_not_wait_for_a_stopped_helper(
    started: list[subprocess.Popen[bytes]],
) -> None:
    def lines() -> Iterator[bytes]:
        for number, line in enumerate(LINES):
            if number == 130:  # both have answered, or are about to
                for process in started:
                    process.send_signal(signal.SIGSTOP)
            if number == 200:
                raise KeyboardInterrupt
            yield line

    with pytest.raises(KeyboardInterrupt):
        helped(lines())
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)


def test_a_helper_is_told_no_secrets(
    monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setenv("CUSTODY_PASSPHRASE", "correct horse")
    told: list[bytes] = []

    def lines() -> Iterator[bytes]:
        yield from LINES  # six chunks: the first was answered before the last is drawn
        told.extend(
            Path(f"/proc/{process.pid}/environ").read_bytes() for process in started
        )

    assert helped(lines()) == one_by_one(LINES)
    assert told
    assert b"horse" not in b"".join(told)


def test_without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", none_left)
    assert helped(LINES) == one_by_one(LINES)


@pytest.mark.parametrize(
    "code",
    [
        "pass",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\2\\x91'); sys.stdin.read(9)",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\1\\x90'); sys.stdin.read(9)",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\1\\xc0'); sys.stdin.read(9)",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 99); sys.stdin.read(9)",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\1\\x07'); sys.stdin.read(9)",
    ],
    ids=["ends", "cut", "too few", "nil", "too long", "no list"],
)
def test_nonsense_from_a_helper(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def popen(_command: object, **options: Any) -> subprocess.Popen[bytes]:
        return real([sys.executable, "-I", "-c", code], **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    assert helped(LINES) == one_by_one(LINES)


def test_lines_in_flight_are_bounded() -> None:
    """Long lines and a file that never ends: only some are held at a time."""
    drawn = taken = most = 0
    long = LINES[1][:-1] + b" " * 60_000 + b"\n"

    def lines() -> Iterator[bytes]:
        nonlocal drawn, most
        yield LINES[0]
        for _ in range(300):
            drawn += len(long)
            most = max(most, drawn - taken)
            yield long

    class Counting(LogReader):
        def take(self, line: Any) -> None:
            nonlocal taken
            super().take(line)
            taken += len(long)

    reader = Counting(ORIGIN)
    read_all(reader, lines(), processes=2, alone=0)
    assert drawn == 300 * len(long)
    assert most < 3 << 20


def test_a_helper_ends_with_its_parent() -> None:
    """Even when that is killed, and so cannot say goodbye."""
    code = (
        "import os, signal, sys\n"
        "from evidence.examining import _Helper\n"
        "helper = _Helper()\n"
        "assert helper.examine([], {}) == []\n"
        "print(helper._process.pid, flush=True)\n"
        "sys.stdin.read()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        helper = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.stdin.close()
            ended, _, _ = select.select([helper], [], [], 60)
            assert ended, "the helper outlives its parent"
        finally:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(helper, signal.SIGKILL)
            os.close(helper)


def test_results_travel_whole() -> None:
    log = Log(signer("founder"))
    keys = {log.founder.public.id: log.founder.public}
    broken = [b"", b"{}", LINES[5][:-2], LINES[7].replace(b"CONSULT", b"consult")[:-1]]
    lines = [*(line[:-1] for line in LINES[:60]), *broken]
    for known in ({}, keys):
        for some in (
            lines,
            lines[:1],
            lines[5:6],
            lines[20:22],
            broken,
            broken[:1],
            [],
        ):
            found = [examine(line, known) for line in some]
            packed = msgspec.msgpack.decode(
                msgspec.msgpack.encode(examiner.pack(found))
            )
            again = examiner.unpack(some, packed)
            assert again == found
            assert repr(again) == repr(found)


def test_what_only_seems_equal_travels_as_it_is() -> None:
    """1 equals true, but a version of true is another finding."""
    plain = Examined(b"leaf", version=1)
    found = [plain, plain._replace(version=True), plain._replace(version=[1])]
    for some in (found, found[:2], [*found[2:], plain._replace(version=[True])]):
        again = examiner.unpack([b""] * len(some), examiner.pack(some))
        assert repr(again) == repr(some)


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [[b""] * 3] * 13,
        [[b"", b""]] * 11 + [[[], [], []], [None]],
        [[b""]] * 12 + [["entry"]],
        [[b""]] * 11 + [[[]], [None, None, None]],
        [[]] * 13,
        [[b""]] * 14,
    ],
)
def test_answers_of_another_form(columns: list[list[Any]]) -> None:
    with pytest.raises((TypeError, ValueError)):
        examiner.unpack([b"{}", b"{}"], columns)


@pytest.mark.parametrize("which", [slice(1), slice(None)], ids=["one", "all"])
def test_a_stopped_helper_is_not_waited_for(
    which: slice,
    monkeypatch: pytest.MonkeyPatch,
    started: list[subprocess.Popen[bytes]],
) -> None:
    monkeypatch.setattr(examining, "PATIENCE", 0.4)
    expected = one_by_one(LINES)

    def lines() -> Iterator[bytes]:
        for number, line in enumerate(LINES):
            if number == 130:  # each has a request, or is about to
                until = time.monotonic() + 10
                while len(started) < 2 and time.monotonic() < until:
                    time.sleep(0.01)
                for process in started[which]:
                    process.send_signal(signal.SIGSTOP)
            yield line

    def too_long(*_: object) -> None:
        pytest.fail("a stopped helper is waited for")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(60)
    try:
        assert helped(lines()) == expected
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", 1), ("3", 3), ("99", 8), ("0", None), ("-1", None), ("many", None)],
)
def test_jobs(text: str, expected: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTODY_JOBS", text)
    cores = min(len(os.sched_getaffinity(0)), 8)
    assert jobs() == (cores if expected is None else expected)


def test_a_case_is_verified_with_help(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: list[subprocess.Popen[bytes]],
) -> None:
    bench = new_bench(tmp_path / "case")
    source = tmp_path / "source"
    source.write_bytes(b"evidence")
    bench.acquire(source)
    alone = check_case(bench.case, anchors=Anchors())
    monkeypatch.setenv("CUSTODY_JOBS", "2")
    monkeypatch.setattr(read_all, "__kwdefaults__", {"alone": 0})
    assert check_case(bench.case, anchors=Anchors()) == alone
    assert len(started) == 1  # one chunk
