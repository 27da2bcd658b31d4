"""Whatever a parser's process does, the copy is kept and the record says it failed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.acquire import Acquired
from evidence.errors import PayloadTouchedError
from evidence.inventory import read_records
from evidence.methods import (
    take_chat,
    take_files,
    take_image,
    take_image_files,
    take_screenshot,
)
from evidence.outcome import ParseOutcome
from evidence.parsing import sandbox
from evidence.parsing.base import Item, Job, Record, Summary
from evidence.samples.disks import disk_image
from evidence.samples.pictures import photo_jpeg
from manifests.canonical import Json
from tests.builders import Bench, new_bench
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and limits")

# What every hostile process starts with: frames by hand, from the format alone.
PRELUDE = """
import json, os, signal, struct, sys, time
out = sys.stdout.buffer
def frame(kind, body):
    out.write(struct.pack(">cI", kind, len(body)) + body)
    out.flush()
def record(**fields):
    frame(b"R", json.dumps(fields).encode())
def summary(outcome="parsed", public=None, limits=(), left_out=None):
    value = [outcome, public or {}, list(limits), left_out or {}]
    frame(b"Z", json.dumps(value).encode())
"""
# The same with the real worker around it: its limits, its frames.
PARSER = """
import sys, types
sys.path.insert(0, REPOSITORY)
from evidence.outcome import ParseOutcome
from evidence.parsing import worker
from evidence.parsing.base import Record, Summary
module = types.ModuleType("evil")
class Evil:
    name, version = "evil", "1"
    def parse(self, job):
        yield Record({"kind": "first"})
        yield from attack(job)
        yield Summary(ParseOutcome.PARSED, {"reached": True})
module.Evil = Evil
sys.modules["evil"] = module
for name in list(worker.PARSERS):
    worker.PARSERS[name] = ("evil", "Evil")
worker.run(sys.argv[-1], sys.stdin.buffer, sys.stdout.buffer)
"""

Install = Callable[[str], None]


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return what puts a program in the place of the parsers' process."""

    def install(body: str) -> None:
        script = tmp_path / "process.py"
        head = f"#!{sys.executable}\nREPOSITORY = {str(REPOSITORY)!r}\n"
        script.write_text(head + PRELUDE + textwrap.dedent(body))
        script.chmod(0o700)
        monkeypatch.setattr(sandbox.sys, "executable", str(script))

    return install


@pytest.fixture
def parser(process: Install) -> Install:
    """Return what puts a parser into the real worker."""
    return lambda body: process(textwrap.dedent(body) + PARSER)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "chat.txt"
    path.write_bytes(b"some evidence" * 100)
    return path


def run(source: Path, **options: Json) -> tuple[list[Item], Summary]:
    *items, last = sandbox.parse("chat", Job(str(source), options=options))
    assert isinstance(last, Summary)
    assert not any(isinstance(item, Summary) for item in items)
    return items, last


def fails(source: Path) -> str:
    """Return why the parse failed, as the record will say it."""
    _, last = run(source)
    assert last.outcome is ParseOutcome.FAILED
    (limit,) = last.limits
    assert limit.startswith("The parser failed: ")
    return limit.removeprefix("The parser failed: ").removesuffix(".")


# --- streams ------------------------------------------------------------------------

STREAMS = {
    "nothing": ("", "it ended without a result"),
    "an exit code": ("sys.exit(3)", "it ended without a result"),
    "an exception": ("raise ValueError('SECRET')", "it ended without a result"),
    "half a header": ("out.write(b'R\\0')", "the stream ends inside a frame"),
    "half a frame": (
        "out.write(struct.pack('>cI', b'R', 100) + b'{')",
        "the stream ends inside a frame",
    ),
    "too long": (
        "out.write(struct.pack('>cI', b'R', 2**32 - 1)); out.flush(); time.sleep(60)",
        "a frame is too long",
    ),
    "endless garbage": (
        "while True: out.write(b'\\xff' * 65536)",
        "a frame is too long",
    ),
    "an unknown frame": ("frame(b'Q', b'{}')", "a frame of unknown type"),
    "no JSON": (
        "frame(b'R', b'{'); time.sleep(60)",
        "a frame does not hold what it claims",
    ),
    "deep JSON": (
        "frame(b'R', b'[' * 10**6 + b']' * 10**6)",
        "a frame does not hold what it claims",
    ),
    "a count that is none": (
        "summary(left_out={'missing': -1})",
        "a frame does not hold what it claims",
    ),
    "a count beyond all": (
        "frame(b'Z', b'[\"parsed\",{},[],{\"missing\":Infinity}]')",
        "a frame does not hold what it claims",
    ),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "it was stopped by SIGKILL"),
    "a crash": ("os.kill(os.getpid(), signal.SIGSEGV)", "it was stopped by SIGSEGV"),
    "a crash in a frame": (
        "out.write(b'R\\0'); out.flush(); os.kill(os.getpid(), signal.SIGABRT)",
        "it was stopped by SIGABRT",
    ),
}


@pytest.mark.parametrize("stream", STREAMS)
def test_a_hostile_stream(stream: str, process: Install, source: Path) -> None:
    body, reason = STREAMS[stream]
    process(body)
    started = time.monotonic()
    assert fails(source) == reason
    assert time.monotonic() - started < 20  # nobody waits for it to fall silent


def test_what_came_before_a_crash_is_kept(process: Install, source: Path) -> None:
    process("record(kind='a'); record(kind='b'); os.kill(os.getpid(), 11)")
    items, last = run(source)
    assert items == [Record({"kind": "a"}), Record({"kind": "b"})]
    assert last.limits == ("The parser failed: it was stopped by SIGSEGV.",)


def test_nothing_after_the_summary_counts(process: Install, source: Path) -> None:
    process("summary('parsed', {'n': 1}); record(kind='late'); summary('failed')")
    assert run(source) == ([], Summary(ParseOutcome.PARSED, {"n": 1}))


def test_the_error_text_of_a_parser_stays_outside(
    process: Install, source: Path
) -> None:
    """Its traceback may quote the evidence: it goes nowhere."""
    process("sys.stderr.write('SECRET' * 10**6); raise ValueError('SECRET')")
    assert "SECRET" not in fails(source)


# --- silence, and what is left running ------------------------------------------------


@pytest.fixture
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SILENCE_SECONDS", 0.5)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"  # a zombie waits for its parent only


@pytest.mark.usefixtures("short_silence")
def test_a_silent_process_is_stopped(process: Install, source: Path) -> None:
    process("record(kind='a'); time.sleep(60)")
    started = time.monotonic()
    items, last = run(source)
    assert items == [Record({"kind": "a"})]
    assert last.outcome is ParseOutcome.FAILED
    assert "was silent for" in last.limits[0]
    assert time.monotonic() - started < 20


@pytest.mark.usefixtures("short_silence")
def test_a_process_that_never_listens(process: Install, source: Path) -> None:
    """The job is larger than a pipe: sending it must not wait for ever."""
    process("time.sleep(60)")
    _, last = run(source, members=["x" * 1000] * 1000)
    assert last.outcome is ParseOutcome.FAILED


@pytest.mark.usefixtures("short_silence")
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_child_left_behind_is_ended(
    process: Install, source: Path, tmp_path: Path
) -> None:
    """A grandchild that holds the stream open neither blocks nor survives."""
    note = tmp_path / "pid"
    process(f"""
        if os.fork() == 0:
            open({str(note)!r}, "w").write(str(os.getpid()))
            time.sleep(60)
        time.sleep(0.2)
    """)
    started = time.monotonic()
    assert fails(source)
    assert time.monotonic() - started < 20
    deadline = time.monotonic() + 10
    while _is_alive(int(note.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(int(note.read_text()))


@pytest.mark.usefixtures("short_silence")
def test_a_slow_acquisition_is_not_a_silent_parser(
    process: Install, source: Path
) -> None:
    """A disk that stalls must not be blamed on the parser."""
    process("""
        for _ in range(6):
            record(kind='a')
            time.sleep(0.25)
        summary('parsed')
    """)
    seen: list[Item] = []
    for item in sandbox.parse("chat", Job(str(source))):
        time.sleep(0 if seen else 1.0)  # while the process still has work to do
        seen.append(item)
    assert len(seen) == 7
    assert isinstance(seen[-1], Summary)
    assert seen[-1].outcome is ParseOutcome.PARSED


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_giving_up_early_ends_the_process(
    process: Install, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process("while True: record(kind='a')")
    started: list[subprocess.Popen[bytes]] = []
    _spy(monkeypatch, started.append)
    items = sandbox.parse("chat", Job(str(source)))
    assert next(items) == Record({"kind": "a"})
    items.close()  # type: ignore[attr-defined]
    assert not _is_alive(started[0].pid)


def test_a_process_that_cannot_be_started(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/nothing/here")
    assert "could not be started" in fails(source)


def test_endless_records(
    process: Install, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "MAX_RECORDS", 100)
    process("while True: record(kind='a')")
    items, last = run(source)
    assert len(items) == 100
    assert "more than 100 records" in last.limits[0]


# --- limits of the real worker ------------------------------------------------------


def test_the_harness_reaches_the_worker(parser: Install, source: Path) -> None:
    parser("def attack(job): yield from ()")
    items, last = run(source)
    assert items == [Record({"kind": "first"})]
    assert last == Summary(ParseOutcome.PARSED, {"reached": True})


def test_a_memory_hog(
    parser: Install, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY_BYTES", 256 << 20)
    parser("""
        def attack(job):
            hoard = []
            while True:
                hoard.append(bytearray(16 << 20))
            yield
    """)
    assert fails(source) == "it needed more memory than it may have"


def test_a_processor_hog(
    parser: Install, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "CPU_BASE_SECONDS", 1)
    parser("def attack(job):\n  while True: pass\n  yield")
    assert fails(source) in ("it was stopped by SIGKILL", "it was stopped by SIGXCPU")


def test_endless_recursion(parser: Install, source: Path) -> None:
    parser("def attack(job): yield from attack(job)")
    assert fails(source) == "the input is nested too deeply"


def test_an_exception_is_named_without_its_text(parser: Install, source: Path) -> None:
    parser("def attack(job):\n  yield\n  raise KeyError('SECRET')")
    assert "SECRET" not in fails(source)


def test_files_cannot_be_written(parser: Install, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "loot"
    parser(f"""
        def attack(job):
            with open({str(target)!r}, "wb") as stream:
                stream.write(b"x" * 100)
            yield
    """)
    assert fails(source) == "it raised OSError"
    assert target.read_bytes() == b""


def test_the_payload_cannot_be_written(parser: Install, source: Path) -> None:
    before = source.read_bytes()
    parser("""
        def attack(job):
            with open(job.path, "r+b") as stream:
                stream.write(b"planted")
            yield
    """)
    assert fails(source) == "it raised OSError"
    assert source.read_bytes() == before


# --- acquisitions ---------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


def take(bench: Bench, source: Path) -> Acquired:
    return bench.acquire(source, kind="chat", method=take_chat)


def _is_kept(bench: Bench, source: Path, done: Acquired) -> list[dict[str, Any]]:
    """The payload is whole, the act committed and incomplete; return the records."""
    data = source.read_bytes()
    folder = bench.case.exhibit_folder(done.exhibit)
    assert (folder / "payload").read_bytes() == data
    payload: Any = done.facts["payload"]
    assert payload["sha256"] == hashlib.sha256(data).hexdigest()
    parsed: Any = done.facts["parse"]
    assert not done.complete
    assert done.facts["complete"] is False
    assert bench.verify().exit_code() == 0
    assert list(bench.case.entries())[-1].facts["parse"] == parsed
    assert list((bench.case.path / "staging").iterdir()) == []
    return [dict(r) for r in read_records(folder / "inventory.jsonl")]


@pytest.mark.parametrize(
    "stream", ["a crash", "endless garbage", "deep JSON", "nothing"]
)
def test_a_failing_parser_never_stops_an_acquisition(
    stream: str, process: Install, bench: Bench, source: Path
) -> None:
    process("record(kind='message', text='kept')\n" + STREAMS[stream][0])
    done = take(bench, source)
    records = _is_kept(bench, source, done)
    assert [r["kind"] for r in records] == ["file", "message"]
    parsed: Any = done.facts["parse"]
    assert parsed == {"outcome": "failed", "parser": "chat", "public": {}}
    assert STREAMS[stream][1] in done.limits[0]
    assert take(bench, source).exhibit == "EX-0002"


def test_records_outside_the_profile_are_refused_by_name(
    process: Install, bench: Bench, source: Path
) -> None:
    process("""
        for body in (
            b'{"kind":"good"}', b'{"kind":"a","n":1.5}', b'{"kind":"b","n":NaN}',
            b'{"kind":"c","n":9007199254740992}', b'{"kind":"d","t":"\\\\ud800"}',
            b'{"kind":"e","salt":"x"}', '{"kind":"f","ä":1}'.encode(),
            b'{"kind":"g","n":' + b'[' * 40 + b']' * 40 + b'}',
            b'{"kind":"h","t":"' + b'x' * (9 << 20) + b'"}', b'{}',
        ):
            frame(b"R", body)
        summary("parsed")
    """)
    done = take(bench, source)
    records = _is_kept(bench, source, done)
    kinds = [record.get("kind") for record in records]
    # Not one vanishes: each that could not be written is there as refused.
    assert kinds == ["file", "good", *["refused"] * 8, None]
    assert done.facts["outcomes"] == {"acquired": 1, "refused": 8}


@pytest.mark.parametrize(
    "public",
    [
        '{"x": "y" * 9000}',
        '{"x": 1.5}',
        '{"x": 2**53}',
        '{"x": "\\ud800"}',
        '{"é": 1}',
        "{str(n): n for n in range(2000)}",
    ],
)
def test_facts_an_entry_cannot_hold(
    public: str, process: Install, bench: Bench, source: Path
) -> None:
    process(f"summary('parsed', {public})")
    done = take(bench, source)
    _is_kept(bench, source, done)
    parsed: Any = done.facts["parse"]
    assert parsed["outcome"] == "failed"
    assert parsed["public"] == {}
    assert "facts were refused" in done.limits[-1]


def test_sentences_without_end(process: Install, bench: Bench, source: Path) -> None:
    process("summary('partial', {}, ['x' * 5000, '\\ud800', 7] * 1000)")
    done = take(bench, source)
    _is_kept(bench, source, done)
    sealed: Any = bench.case.sealed(list(bench.case.entries())[-1])
    assert 0 < len(sealed["limits"]) <= 200
    assert max(len(limit) for limit in sealed["limits"]) <= 500


def test_a_touched_payload_is_never_recorded(
    parser: Install, bench: Bench, source: Path
) -> None:
    """Limits cannot stop cutting a file short: it is noticed instead."""
    parser("""
        def attack(job):
            import os
            os.truncate(job.path, 5)
            yield from ()
    """)
    with pytest.raises(PayloadTouchedError):
        take(bench, source)
    assert list((bench.case.path / "exhibits").iterdir()) == []
    assert list((bench.case.path / "staging").iterdir()) == []
    assert len(list(bench.case.entries())) == 1
    assert bench.verify().exit_code() == 0
    assert bench.acquire(source, method=take_files).exhibit == "EX-0001"


# --- the real parsers, killed ---------------------------------------------------------


def _spy(
    monkeypatch: pytest.MonkeyPatch, see: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    real = subprocess.Popen

    def start(*words: Any, **settings: Any) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = real(*words, **settings)
        see(process)
        return process

    monkeypatch.setattr(sandbox.subprocess, "Popen", start)


@pytest.fixture
def big_chat(tmp_path: Path) -> Path:
    """An export far larger than a pipe holds."""
    path = tmp_path / "WhatsApp Chat with A.txt"
    with path.open("w", encoding="utf-8") as stream:
        for number in range(20_000):
            minute, hour = number % 60, number // 60 % 24
            stream.write(f"31/01/2024, {hour:02}:{minute:02} - A: message {number}\n")
    return path


def test_a_chat_parser_killed_half_way(
    bench: Bench, big_chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    _spy(monkeypatch, started.append)
    real = sandbox.read_frames

    def read(stream: Any) -> Iterator[Item]:
        for number, item in enumerate(real(stream)):
            if number == 100:
                started[0].kill()
            yield item

    monkeypatch.setattr(sandbox, "read_frames", read)
    done = take(bench, big_chat)
    records = _is_kept(bench, big_chat, done)
    assert done.limits == ("The parser failed: it was stopped by SIGKILL.",)
    assert 100 <= len(records) < 20_000


@pytest.mark.parametrize(
    ("kind", "method", "data"),
    [
        ("screenshot", take_screenshot, photo_jpeg),
        ("disk", take_image, disk_image),
    ],
)
def test_a_parser_killed_at_once(
    kind: str,
    method: Any,
    data: Callable[[], bytes],
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _spy(monkeypatch, lambda process: process.kill())
    path = tmp_path / "source"
    path.write_bytes(data())
    done = bench.acquire(path, kind=kind, method=method)
    records = _is_kept(bench, path, done)
    assert [r["kind"] for r in records] == ["file"]
    assert done.limits == ("The parser failed: it was stopped by SIGKILL.",)


def test_an_extraction_killed_at_once(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spy(monkeypatch, lambda process: process.send_signal(signal.SIGKILL))
    path = tmp_path / "disk.img"
    path.write_bytes(disk_image())
    done = bench.acquire(
        path, kind="disk", method=take_image_files, paths=["**"], deleted=False
    )
    assert not done.complete
    parsed: Any = done.facts["parse"]
    assert parsed["outcome"] == "failed"
    assert bench.verify().exit_code() == 0
