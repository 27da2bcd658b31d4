"""The payload sink: exact bytes, right digest, and every failure surfaces."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from evidence import reading as reading_module
from evidence.copying import PayloadSink, copy_regular_file, copy_stream
from evidence.outcome import Outcome
from evidence.reading import SourceUnreadableError, Span, StoppedError
from evidence.sink import ALIGNMENT
from evidence.system import DIRECT, REAL, SystemCalls
from manifests.errors import NoSpaceError, StorageFailedError

BLOCK = 4 * ALIGNMENT


def sink_at(path: Path, system: SystemCalls = REAL, **sizes: int) -> PayloadSink:
    sizes = {"block_bytes": BLOCK, "blocks": 3, **sizes}
    return PayloadSink(path, system=system, **sizes)


def openssl_sha256(path: Path) -> str:
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r", path], check=True, capture_output=True
    )
    return done.stdout.split()[0].decode()


def sample(size: int) -> bytes:
    return os.urandom(size)


@dataclass
class Faults:
    """Write calls that fail or fall short, by their number from 0."""

    fail: dict[int, int] = field(default_factory=dict)
    short: dict[int, int] = field(default_factory=dict)
    calls: int = 0

    def write(self, fd: int, data: memoryview) -> int:
        number = self.calls
        self.calls += 1
        if number in self.fail:
            raise OSError(self.fail[number], os.strerror(self.fail[number]))
        if number in self.short:
            return os.write(fd, data[: self.short[number]])
        return os.write(fd, data)

    def system(self) -> SystemCalls:
        return replace(REAL, write=self.write)


@pytest.mark.parametrize(
    "size",
    [0, 1, ALIGNMENT - 1, ALIGNMENT, BLOCK - 1, BLOCK, BLOCK + 1, 9 * BLOCK + 517],
)
def test_a_payload_holds_the_bytes_and_their_digest(tmp_path: Path, size: int) -> None:
    data = sample(size)
    target = tmp_path / "payload"
    with sink_at(target) as sink:
        sink.write(data)
        assert sink.tell() == size
        written = sink.finish()
    assert target.read_bytes() == data
    assert written.bytes == size
    assert written.sha256 == openssl_sha256(target)
    assert target.stat().st_mode & 0o7777 == 0o600


def test_the_known_answer_of_fips_180(tmp_path: Path) -> None:
    with PayloadSink(tmp_path / "payload") as sink:
        sink.write(b"abc")
        assert sink.finish().sha256 == (
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )


def test_space_and_advance_mix_with_write_and_fill(tmp_path: Path) -> None:
    target = tmp_path / "payload"
    expected = bytearray()
    with sink_at(target) as sink:
        for number in range(200):
            piece = sample(number * 7 % 1000 + 1)
            space = sink.space()
            assert len(space) > 0
            count = min(len(space), len(piece))
            space[:count] = piece[:count]
            sink.advance(count)
            sink.write(piece)
            sink.fill(number)
            expected += piece[:count] + piece + bytes(number)
        sink.finish()
    assert target.read_bytes() == expected


def test_advance_beyond_the_space_is_refused(tmp_path: Path) -> None:
    with sink_at(tmp_path / "payload") as sink:
        room = len(sink.space())
        with pytest.raises(ValueError, match="beyond"):
            sink.advance(room + 1)


def test_an_existing_file_or_link_is_never_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"keep")
    (tmp_path / "link").symlink_to(precious)
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    for name in ("precious", "link", "dangling"):
        with pytest.raises(StorageFailedError):
            PayloadSink(tmp_path / name)
    assert precious.read_bytes() == b"keep"
    assert not (tmp_path / "elsewhere").exists()


def test_leaving_without_finish_removes_the_file(tmp_path: Path) -> None:
    target = tmp_path / "payload"
    with pytest.raises(RuntimeError), sink_at(target) as sink:
        sink.write(sample(5 * BLOCK))
        raise RuntimeError
    assert not target.exists()
    assert threading.active_count() == 1


@pytest.mark.parametrize(
    ("code", "family"),
    [
        (errno.ENOSPC, NoSpaceError),
        (errno.EDQUOT, NoSpaceError),
        (errno.EIO, StorageFailedError),
    ],
)
@pytest.mark.parametrize("failing", [0, 1, 5])
def test_a_write_error_reaches_the_caller(
    tmp_path: Path, code: int, family: type[StorageFailedError], failing: int
) -> None:
    faults = Faults(fail={failing: code})
    target = tmp_path / "payload"
    with (
        pytest.raises(StorageFailedError) as caught,
        sink_at(target, faults.system()) as sink,
    ):
        for _ in range(1000):  # far more than the ring holds
            sink.write(sample(BLOCK))
        sink.finish()
    assert type(caught.value) is family
    assert caught.value.facts["what"] == "payload"
    assert caught.value.facts["reason"] == os.strerror(code)
    assert faults.calls == failing + 1, "nothing is written after the failure"
    assert not target.exists()
    assert threading.active_count() == 1


def test_the_error_of_a_small_payload_surfaces_in_finish(tmp_path: Path) -> None:
    target = tmp_path / "payload"
    sink = sink_at(target, Faults(fail={0: errno.ENOSPC}).system())
    sink.write(b"small")
    with pytest.raises(NoSpaceError):
        sink.finish()
    assert not target.exists()


@pytest.mark.parametrize("lost", [1, 511, ALIGNMENT, ALIGNMENT + 3])
def test_short_writes_are_continued(tmp_path: Path, lost: int) -> None:
    data = sample(6 * BLOCK + 99)
    target = tmp_path / "payload"
    faults = Faults(short={1: BLOCK - lost, 3: ALIGNMENT})
    system = faults.system() if lost % ALIGNMENT == 0 else buffered(faults.system())
    with sink_at(target, system) as sink:
        sink.write(data)
        sink.finish()
    assert target.read_bytes() == data
    assert openssl_sha256(target) == sink.finish().sha256


def buffered(system: SystemCalls) -> SystemCalls:
    """A file system that refuses O_DIRECT when a file is opened."""

    def refuse(
        name: Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:
        if DIRECT and flags & DIRECT:
            os.close(os.open(name, flags & ~DIRECT, mode))  # as Linux does
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return os.open(name, flags, mode)

    return replace(system, open=refuse)


def test_a_file_system_without_direct_io_is_written_buffered(tmp_path: Path) -> None:
    data = sample(5 * BLOCK + 3)
    with sink_at(tmp_path / "payload", buffered(REAL)) as sink:
        sink.write(data)
        sink.finish()
    assert (tmp_path / "payload").read_bytes() == data


def test_direct_io_refused_at_a_write_goes_on_buffered(tmp_path: Path) -> None:
    data = sample(5 * BLOCK + 3)
    faults = Faults(fail={2: errno.EINVAL})
    with sink_at(tmp_path / "payload", faults.system()) as sink:
        sink.write(data)
        sink.finish()
    assert (tmp_path / "payload").read_bytes() == data


def test_interrupted_writes_are_repeated(tmp_path: Path) -> None:
    data = sample(3 * BLOCK)
    faults = Faults(fail={0: errno.EINTR, 2: errno.EINTR})
    with sink_at(tmp_path / "payload", faults.system()) as sink:
        sink.write(data)
        sink.finish()
    assert (tmp_path / "payload").read_bytes() == data


def test_a_write_that_stores_nothing_is_an_error_not_a_loop(tmp_path: Path) -> None:
    system = replace(REAL, write=lambda fd, data: 0)
    with pytest.raises(StorageFailedError), sink_at(tmp_path / "p", system) as sink:
        sink.write(sample(BLOCK))
        sink.finish()


@pytest.mark.parametrize("step", ["fsync", "ftruncate", "close"])
def test_a_failing_last_step_is_reported_and_leaves_nothing(
    tmp_path: Path, step: str
) -> None:
    def fail(fd: int, *_: int) -> None:
        if step == "close":
            os.close(fd)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    target = tmp_path / "payload"
    with sink_at(target, replace(REAL, **{step: fail})) as sink:
        sink.write(b"data")
        with pytest.raises(StorageFailedError):
            sink.finish()
    assert not target.exists()


def test_space_is_checked_before_a_long_copy(tmp_path: Path) -> None:
    with sink_at(tmp_path / "p", replace(REAL, free_bytes=lambda path: 99)) as sink:
        sink.reserve(99)
        with pytest.raises(NoSpaceError):
            sink.reserve(100)


def test_a_finished_payload_takes_no_more(tmp_path: Path) -> None:
    with sink_at(tmp_path / "payload") as sink:
        sink.write(b"a")
        assert sink.finish() == sink.finish()
        with pytest.raises(ValueError, match="finished"):
            sink.write(b"b")
    assert (tmp_path / "payload").read_bytes() == b"a"


def copy(source: Path, target: Path, system: SystemCalls = REAL, **more: object):  # type: ignore[no-untyped-def]
    with sink_at(target) as sink:
        copied = copy_regular_file(source, sink, system=system, **more)  # type: ignore[arg-type]
        return copied, sink.finish()


@pytest.mark.parametrize("size", [0, 5, 3 * BLOCK + 1])
def test_a_regular_file_is_copied_exactly(tmp_path: Path, size: int) -> None:
    source = tmp_path / "source"
    source.write_bytes(sample(size))
    before = source.stat()
    copied, written = copy(source, tmp_path / "payload")
    after = source.stat()  # before cmp and openssl read it and set its access time
    subprocess.run(["cmp", source, tmp_path / "payload"], check=True)
    assert written.sha256 == openssl_sha256(source)
    assert (copied.outcome, copied.reason) == (Outcome.ACQUIRED, None)
    assert after == before, "the source was touched"


def test_a_sparse_file_becomes_its_full_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(20 * BLOCK)
        file.seek(7 * BLOCK)
        file.write(b"island")
    copied, written = copy(source, tmp_path / "payload")
    subprocess.run(["cmp", source, tmp_path / "payload"], check=True)
    assert copied.outcome is Outcome.ACQUIRED
    assert written.bytes == 20 * BLOCK


def test_a_file_the_kernel_makes_up_is_read_to_its_end(tmp_path: Path) -> None:
    source = Path("/proc/self/limits")
    if not source.exists():
        pytest.skip("no procfs here")
    copied, _ = copy(source, tmp_path / "payload")
    assert (tmp_path / "payload").read_bytes() == source.read_bytes()
    assert copied.outcome is Outcome.ACQUIRED


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite", "unlink"])
def test_a_source_that_moves_is_noticed(tmp_path: Path, change: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(sample(8 * BLOCK))
    state = {"reads": 0}

    def readv(fd: int, buffers: tuple[memoryview, ...]) -> int:
        state["reads"] += 1
        if state["reads"] == 2:
            if change == "grow":
                with source.open("ab") as file:
                    file.write(b"more")
            elif change == "shrink":
                os.truncate(source, BLOCK)
            elif change == "rewrite":
                source.write_bytes(source.read_bytes()[::-1])
            else:
                source.unlink()
        return os.readv(fd, buffers)

    copied, written = copy(source, tmp_path / "payload", replace(REAL, readv=readv))
    assert copied.outcome is Outcome.CHANGED
    assert copied.reason is not None
    assert copied.reason.startswith("changed while it was read")
    expected = BLOCK if change == "shrink" else 8 * BLOCK
    assert written.bytes == expected, "data is kept as read, no further than promised"


class BadDisk:
    """Reads that touch a bad 4096-byte block of the file fail with EIO."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)

    def _limit(self, offset: int, length: int) -> int:
        for block in range(offset // 4096, (offset + length - 1) // 4096 + 1):
            if block in self.bad:
                if block * 4096 <= offset:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                return block * 4096 - offset
        return length

    def readv(self, fd: int, buffers: tuple[memoryview, ...]) -> int:
        offset = os.lseek(fd, 0, os.SEEK_CUR)
        length = self._limit(offset, len(buffers[0]))
        return os.readv(fd, (buffers[0][:length],))

    def preadv(self, fd: int, buffers: tuple[memoryview, ...], offset: int) -> int:
        length = self._limit(offset, len(buffers[0]))
        return os.preadv(fd, (buffers[0][:length],), offset)

    def system(self) -> SystemCalls:
        return replace(REAL, readv=self.readv, preadv=self.preadv)


def test_unreadable_blocks_become_zeros_and_are_listed(tmp_path: Path) -> None:
    data = bytearray(os.urandom(5 * BLOCK + 1000))
    source = tmp_path / "source"
    source.write_bytes(data)
    last = len(data) // 4096
    system = BadDisk(0, 5, 6, last).system()
    copied, written = copy(source, tmp_path / "payload", system)
    for block in (0, 5, 6, last):
        end = min((block + 1) * 4096, len(data))
        data[block * 4096 : end] = bytes(end - block * 4096)
    assert (tmp_path / "payload").read_bytes() == data
    assert written.bytes == len(data)
    assert copied.outcome is Outcome.UNREADABLE
    assert copied.reason == "Input/output error; 13288 bytes hold zeros"
    assert copied.reading.errors == [
        Span(0, 4096),
        Span(5 * 4096, 2 * 4096),
        Span(last * 4096, 1000),
    ]


def test_a_device_that_is_gone_ends_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "GIVE_UP_BYTES", 3 * 4096)
    source = tmp_path / "source"
    source.write_bytes(sample(64 * 4096))
    system = BadDisk(*range(10, 64)).system()
    copied, written = copy(source, tmp_path / "payload", system)
    assert copied.outcome is Outcome.UNREADABLE
    assert copied.reading.errors == [Span(10 * 4096, 3 * 4096)]
    assert copied.reading.absent == Span(13 * 4096, 51 * 4096)
    assert written.bytes == 13 * 4096


def test_a_passing_read_error_costs_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(sample(3 * BLOCK))
    calls = {"n": 0}

    def readv(fd: int, buffers: tuple[memoryview, ...]) -> int:
        calls["n"] += 1
        if calls["n"] in (2, 4):
            code = errno.EIO if calls["n"] == 2 else errno.EINTR
            raise OSError(code, os.strerror(code))
        return os.readv(fd, buffers)

    copied, _ = copy(source, tmp_path / "payload", replace(REAL, readv=readv))
    subprocess.run(["cmp", source, tmp_path / "payload"], check=True)
    assert copied.outcome is Outcome.ACQUIRED


def test_links_fifos_and_directories_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name in ("link", "fifo", "folder", "missing"):
        with pytest.raises(SourceUnreadableError):
            copy(tmp_path / name, tmp_path / "payload")
        assert not (tmp_path / "payload").exists()


def test_without_the_right_to_keep_atime_the_file_is_still_read(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")

    def refuse(
        name: Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:
        if flags & getattr(os, "O_NOATIME", 0):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        return os.open(name, flags, mode, dir_fd=dir_fd)

    copied, _ = copy(source, tmp_path / "payload", replace(REAL, open=refuse))
    assert copied.outcome is Outcome.ACQUIRED
    assert copied.atime_kept is False


def test_stop_ends_the_copy_and_removes_the_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(sample(BLOCK))
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        copy(source, tmp_path / "payload", stop=stop)
    assert not (tmp_path / "payload").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(sample(BLOCK))
    seen: list[int] = []
    copy(source, tmp_path / "payload", progress=seen.append)
    assert seen[0] == BLOCK


def test_a_pipe_is_copied_to_its_end(tmp_path: Path) -> None:
    data = sample(3 * BLOCK + 5)
    reader, writer = os.pipe()

    def feed() -> None:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)

    thread = threading.Thread(target=feed)
    thread.start()
    with sink_at(tmp_path / "payload") as sink:
        result = copy_stream(reader, sink)
        sink.finish()
    thread.join()
    os.close(reader)
    assert (tmp_path / "payload").read_bytes() == data
    assert result.bytes == len(data)
