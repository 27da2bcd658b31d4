"""Trees: everything met has one record, and the tar holds what the record says."""

from __future__ import annotations

import base64
import errno
import hashlib
import itertools
import os
import socket
import stat
import subprocess
import tarfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.copying import PayloadSink
from evidence.outcome import Outcome
from evidence.reading import StoppedError
from evidence.sources import taking, walking
from evidence.sources.files import pack_one, pack_tree
from evidence.system import REAL, SystemCalls
from manifests.errors import NoSpaceError

Fields = dict[str, Any]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "payload.tar"


def take(
    target: Path, *paths: Path, system: SystemCalls = REAL, **more: Any
) -> list[Fields]:
    """Pack `paths`; check the account against the records, and the tar with tar."""
    records: list[Fields] = []
    with PayloadSink(target, block_bytes=1 << 16, blocks=2) as sink:
        account = pack_tree(paths, sink, emit=records.append, system=system, **more)
        sink.finish()
    assert account == Counter(Outcome(r["outcome"]) for r in records)
    subprocess.run(["tar", "-t", "-f", target], check=True, capture_output=True)
    payload = target.read_bytes()
    for record in records:
        assert record["kind"] == "file"
        assert (record["outcome"] == "acquired") == ("reason" not in record), record
        if "payload" in record:
            begin, length = record["payload"]["offset"], record["payload"]["length"]
            piece = payload[begin : begin + length]
            assert hashlib.sha256(piece).hexdigest() == record["sha256"]
            assert record["bytes"] == length
    return records


def by_path(records: list[Fields], top: Path) -> dict[str, Fields]:
    found = {os.path.relpath(r["path"], top): r for r in records}
    assert len(found) == len(records)
    return found


def test_a_tree_comes_out_of_gnu_tar_as_it_went_in(source: Path, target: Path) -> None:
    (source / "empty").mkdir()
    (source / "deep/er").mkdir(parents=True)
    (source / "deep/er/file").write_bytes(os.urandom(200_000))
    (source / "zero").touch()
    (source / "run.sh").write_bytes(b"#!/bin/sh\n")
    (source / "run.sh").chmod(0o4751)
    os.utime(source / "run.sh", ns=(1, 1_234_567_890_123_456_789))
    (source / "link").symlink_to("deep/er/file")
    (source / "dangling").symlink_to("/nowhere/at all")
    records = take(target, source)
    out = target.parent / "out"
    out.mkdir()
    subprocess.run(["tar", "-xp", "-C", out, "-f", target], check=True)
    subprocess.run(
        ["diff", "-r", "--no-dereference", source, out / "source"], check=True
    )
    same = (out / "source/run.sh").stat()
    assert stat.S_IMODE(same.st_mode) == 0o4751
    assert same.st_mtime_ns == 1_234_567_890_123_456_789
    found = by_path(records, source)
    assert set(found) == {
        ".", "empty", "deep", "deep/er", "deep/er/file", "zero", "run.sh", "link",
        "dangling",
    }  # fmt: skip
    assert found["run.sh"]["mode"] == "4751"
    assert found["run.sh"]["mtime"] == "2009-02-13T23:31:30.123456789Z"
    assert found["run.sh"]["atime"] == "1970-01-01T00:00:00.000000001Z"
    assert found["run.sh"]["member"] == "source/run.sh"
    assert found["link"]["type"] == "symlink"
    assert found["link"]["target"] == "deep/er/file"
    assert "sha256" not in found["link"]
    status = (source / "zero").stat()
    assert found["zero"]["inode"] == status.st_ino
    assert found["zero"]["device"] == status.st_dev
    assert found["zero"]["uid"] == status.st_uid
    assert found["zero"]["sha256"] == hashlib.sha256(b"").hexdigest()
    assert all(r["root"] == 0 and r["outcome"] == "acquired" for r in records)


def test_nothing_of_the_source_is_changed(source: Path, target: Path) -> None:
    (source / "file").write_bytes(b"x")
    os.utime(source / "file", ns=(5, 5))
    os.utime(source, ns=(7, 7))
    before = [(source / "file").stat(), source.stat()]
    take(target, source)
    assert [(source / "file").stat(), source.stat()] == before
    assert (source / "file").stat().st_atime_ns == 5
    assert source.stat().st_atime_ns == 7


def test_members_come_in_the_order_of_raw_names(source: Path, target: Path) -> None:
    names = [b"b", b"a", b"B", b"\xff", "é".encode(), b"a.b", b"10", b"9"]
    for name in names:
        Path(os.fsdecode(os.fsencode(source) + b"/" + name)).write_bytes(name)
    take(target, source)
    with tarfile.open(target, errors="surrogateescape") as tar:
        found = [os.fsencode(m.name).partition(b"/")[2] for m in tar.getmembers()]
    assert found == [b"", *sorted(names)]
    other = target.with_name("again.tar")
    take(other, source)
    assert other.read_bytes() == target.read_bytes()


@pytest.mark.parametrize(
    "name", [b"new\nline", b"\xff\xfe", b"space ", b"n" * 255, "ř😀".encode(), b"%2E"]
)
def test_odd_names_stand_in_record_and_tar(
    source: Path, target: Path, name: bytes
) -> None:
    raw = os.fsencode(source) + b"/" + name
    Path(os.fsdecode(raw)).write_bytes(b"content")
    record = take(target, source)[0]
    with tarfile.open(target, errors="surrogateescape") as tar:
        member = tar.getmembers()[1]
        expected = b"source/" + (b"%252E" if name == b"%2E" else name)
        assert os.fsencode(member.name) == expected
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        assert base64.b64decode(record["path_b64"]) == raw
        assert base64.b64decode(record["member_b64"]) == expected
        assert record["member"] == "source/‹byte 0xFF›‹byte 0xFE›"
    else:
        assert record["path"] == text
        assert "path_b64" not in record


def test_hard_links_are_packed_once(source: Path, target: Path) -> None:
    (source / "a").write_bytes(b"shared")
    os.link(source / "a", source / "b")
    (source / "sub").mkdir()
    os.link(source / "a", source / "sub/c")
    found = by_path(take(target, source), source)
    assert found["a"]["type"] == "file"
    for name in ("b", "sub/c"):
        assert found[name]["type"] == "hardlink"
        assert found[name]["link_to"] == str(source / "a")
        assert found[name]["nlink"] == 3
        assert "payload" not in found[name]
    out = target.parent / "out"
    out.mkdir()
    subprocess.run(["tar", "-x", "-C", out, "-f", target], check=True)
    assert (out / "source/sub/c").read_bytes() == b"shared"


def test_what_has_no_content_is_recorded_and_never_opened(
    source: Path, target: Path
) -> None:
    os.mkfifo(source / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(source)  # socket paths are short
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        opened: list[bytes] = []

        def watch(name: bytes, flags: int, **more: Any) -> int:
            opened.append(name)
            return os.open(name, flags, **more)

        found = by_path(take(target, source, system=replace(REAL, open=watch)), source)
    for name in ("fifo", "socket"):
        assert found[name]["type"] == name
        assert found[name]["outcome"] == "skipped"
        assert found[name]["reason"] == f"a {name} has no content of its own"
    assert opened == [os.fsencode(source.parent), b"source"]


def test_a_device_is_skipped(source: Path, target: Path) -> None:
    try:
        os.mknod(source / "null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("making a device needs root")
    record = take(target, source)[0]
    assert record["type"] == "device"
    assert record["device_number"] == "1:3"
    assert record["outcome"] == "skipped"


def test_sparse_files_are_marked_and_whole(source: Path, target: Path) -> None:
    with (source / "sparse").open("wb") as file:
        file.truncate(1 << 20)
    record = take(target, source)[0]
    assert record["sparse"] is True
    assert record["allocated_bytes"] == 0
    assert record["sha256"] == hashlib.sha256(bytes(1 << 20)).hexdigest()


def test_a_sparse_bomb_does_not_end_the_acquisition(source: Path, target: Path) -> None:
    with (source / "bomb").open("wb") as file:
        file.truncate(1 << 42)
    (source / "file").write_bytes(b"x")
    system = replace(REAL, free_bytes=lambda path: 1 << 40)
    records: list[Fields] = []
    with PayloadSink(target, system=system) as sink:
        pack_tree([source], sink, emit=records.append)
        sink.finish()
    found = by_path(records, source)
    assert found["bomb"]["outcome"] == "refused"
    assert found["file"]["outcome"] == "acquired"


def test_a_full_disk_ends_it_and_leaves_nothing(source: Path, target: Path) -> None:
    for number in range(5):
        (source / str(number)).write_bytes(os.urandom(100_000))

    def full(fd: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    system = replace(REAL, write=full)
    with (
        pytest.raises(NoSpaceError),
        PayloadSink(target, block_bytes=1 << 16, blocks=2, system=system) as sink,
    ):
        pack_tree([source], sink, emit=lambda fields: None)
        sink.finish()
    assert not target.exists()


def refusing(refused: bytes, code: int) -> SystemCalls:
    def refuse(name: bytes, flags: int, **more: Any) -> int:
        if name == refused:
            raise OSError(code, os.strerror(code))
        return os.open(name, flags, **more)

    return replace(REAL, open=refuse)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE])
@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_cannot_be_opened_is_unreadable(
    source: Path, target: Path, code: int, kind: str
) -> None:
    if kind == "file":
        (source / "closed").write_bytes(b"x")
    else:
        (source / "closed/inside").mkdir(parents=True)
    (source / "open").write_bytes(b"y")
    found = by_path(take(target, source, system=refusing(b"closed", code)), source)
    assert found["closed"]["type"] == kind
    assert found["closed"]["outcome"] == "unreadable"
    assert found["closed"]["reason"] == os.strerror(code)
    assert found["closed"]["inode"] == (source / "closed").stat().st_ino
    assert found["open"]["outcome"] == "acquired"
    assert "closed/inside" not in found


def test_a_listing_that_breaks_off_is_unreadable_but_used(
    source: Path, target: Path
) -> None:
    (source / "a").write_bytes(b"x")

    class Broken:
        def __init__(self, fd: int) -> None:
            self.found = os.scandir(fd)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            yield_once = list(self.found)

            def entries() -> Iterator[os.DirEntry[str]]:
                yield yield_once[0]
                raise OSError(errno.EIO, os.strerror(errno.EIO))

            return entries()

        def __exit__(self, *_: object) -> None:
            self.found.close()

    found = by_path(take(target, source, system=replace(REAL, scandir=Broken)), source)
    assert found["a"]["outcome"] == "acquired"
    assert found["."]["outcome"] == "unreadable"
    expected = "its listing stopped after 1 names: Input/output error"
    assert found["."]["reason"] == expected


def before_opening(name: bytes, act: Callable[[], object]) -> SystemCalls:
    """Do `act` just before `name` is opened for the first time."""
    left = [act]

    def opened(found: bytes, flags: int, **more: Any) -> int:
        if found == name and left:
            left.pop()()
        return os.open(found, flags, **more)

    return replace(REAL, open=opened)


def test_a_file_that_vanishes_is_missing(source: Path, target: Path) -> None:
    (source / "gone").write_bytes(b"x")
    system = before_opening(b"gone", (source / "gone").unlink)
    found = by_path(take(target, source, system=system), source)
    assert found["gone"]["outcome"] == "missing"
    assert found["."]["outcome"] == "changed-while-read"


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_link_swapped_in_is_not_followed(
    source: Path, target: Path, tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_bytes(b"secret!!")
    (source / "x").mkdir() if kind == "directory" else (source / "x").touch()

    def swap() -> None:
        (source / "x").rmdir() if kind == "directory" else (source / "x").unlink()
        (source / "x").symlink_to(secret if kind == "directory" else secret / "file")

    records = take(target, source, system=before_opening(b"x", swap))
    found = by_path(records, source)
    assert found["x"]["outcome"] == "changed-while-read"
    assert found["x"]["type"] == "symlink"
    assert b"secret!!" not in target.read_bytes()


def test_a_pipe_swapped_in_does_not_block(source: Path, target: Path) -> None:
    (source / "x").write_bytes(b"x")

    def swap() -> None:
        (source / "x").unlink()
        os.mkfifo(source / "x")

    found = by_path(take(target, source, system=before_opening(b"x", swap)), source)
    assert found["x"]["outcome"] == "changed-while-read"
    assert found["x"]["type"] == "fifo"


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_file_that_changes_keeps_its_place(
    source: Path, target: Path, change: str
) -> None:
    data = os.urandom(200_000)
    (source / "a").write_bytes(data)
    (source / "b").write_bytes(b"after")
    reads = {"n": 0}

    def readv(fd: int, buffers: tuple[memoryview, ...]) -> int:
        reads["n"] += 1
        if reads["n"] == 2:
            if change == "grow":
                (source / "a").write_bytes(data + b"more")
            elif change == "shrink":
                os.truncate(source / "a", 1000)
            else:
                (source / "a").write_bytes(data[::-1])
        return os.readv(fd, buffers)

    records = take(target, source, system=replace(REAL, readv=readv))
    found = by_path(records, source)
    assert found["a"]["outcome"] == "changed-while-read"
    assert found["a"]["bytes"] == 200_000
    if change == "shrink":
        (fill,) = found["a"]["fill"]
        assert fill["offset"] + fill["length"] == 200_000
        begin = found["a"]["payload"]["offset"] + fill["offset"]
        lost = target.read_bytes()[begin : begin + fill["length"]]
        assert lost == bytes(fill["length"])
    assert found["b"]["outcome"] == "acquired"


def test_unreadable_blocks_inside_a_tree_are_filled(source: Path, target: Path) -> None:
    data = os.urandom(50_000)
    (source / "a").write_bytes(data)

    def check(offset: int, length: int) -> int:
        if offset < 12288 and offset + length > 8192:
            if offset >= 8192:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return 8192 - offset
        return length

    def readv(fd: int, buffers: tuple[memoryview, ...]) -> int:
        length = check(os.lseek(fd, 0, os.SEEK_CUR), len(buffers[0]))
        return os.readv(fd, (buffers[0][:length],))

    def preadv(fd: int, buffers: tuple[memoryview, ...], offset: int) -> int:
        return os.preadv(fd, (buffers[0][: check(offset, len(buffers[0]))],), offset)

    system = replace(REAL, readv=readv, preadv=preadv)
    found = by_path(take(target, source, system=system), source)
    assert found["a"]["outcome"] == "unreadable"
    assert found["a"]["fill"] == [{"offset": 8192, "length": 4096}]
    expected = data[:8192] + bytes(4096) + data[12288:]
    assert found["a"]["sha256"] == hashlib.sha256(expected).hexdigest()


def test_the_case_folder_is_left_out(source: Path, target: Path) -> None:
    (source / "case/inner").mkdir(parents=True)
    (source / "other").write_bytes(b"x")
    records = take(target, source, exclude=[source / "case"])
    found = by_path(records, source)
    assert found["case"]["outcome"] == "skipped"
    assert found["case"]["reason"] == "it is the case folder itself"
    assert set(found) == {".", "case", "other"}


def test_roots_get_distinct_names(tmp_path: Path, target: Path) -> None:
    for name in ("one/photos", "two/photos", "three/photos.2"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    paths = [tmp_path / n for n in ("one/photos", "two/photos", "three/photos.2")]
    paths.append(tmp_path / "one/photos/file")
    records = take(target, *paths)
    members = {r["path"]: (r["root"], r["member"]) for r in records if r["root"] < 3}
    assert members[str(paths[0])] == (0, "photos")
    assert members[str(paths[1] / "file")] == (1, "photos.3/file")
    assert members[str(paths[2] / "file")] == (2, "photos.2/file")
    assert (records[-1]["root"], records[-1]["member"]) == (3, "file")


def test_relative_and_special_roots(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source / "file").write_bytes(b"x")
    (source / "sub").mkdir()
    monkeypatch.chdir(source / "sub")
    for number, path in enumerate((Path(".."), Path("../file"))):
        records = take(target.with_name(f"{number}.tar"), path)
        found = next(r for r in records if r["path"] == "../file")
        assert found["member"] == ("source/file", "file")[number]
    monkeypatch.chdir(source)
    assert take(target, Path())[-1]["member"] == "source"


def test_a_root_that_is_a_link_is_kept_as_a_link(source: Path, target: Path) -> None:
    (source / "link").symlink_to("elsewhere")
    (record,) = take(target, source / "link")
    assert (record["type"], record["member"]) == ("symlink", "link")


def test_trees_deeper_than_path_max(source: Path, target: Path) -> None:
    name, depth = "d" * 100, 300  # 30 kB of path, deeper than descriptors are kept
    fd = os.open(source, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    for place in ("a", "z"):
        with os.fdopen(os.open(place, os.O_CREAT | os.O_WRONLY, dir_fd=fd), "w") as f:
            f.write(place)
    os.close(fd)
    (source / "zz").write_bytes(b"reached after climbing back")
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    records = take(target, source)
    if before:
        assert len(os.listdir("/proc/self/fd")) == before
    assert len(records) == depth + 1 + 3
    assert {r["outcome"] for r in records} == {"acquired"}
    found = by_path(records, source)
    assert found["zz"]["outcome"] == "acquired"
    assert found["/".join([name] * depth) + "/z"]["bytes"] == 1
    subprocess.run(["rm", "-rf", source], check=True)


def test_a_path_without_bound_is_refused(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "MAX_PATH_BYTES", len(os.fsencode(source)) + 10)
    (source / "sub").mkdir()
    (source / "sub/a").touch()
    (source / "sub/a-long-name").touch()
    found = by_path(take(target, source), source)
    assert found["sub/a"]["outcome"] == "acquired"
    assert found["sub/a-long-name"]["outcome"] == "refused"


def test_a_folder_moved_away_below_is_noticed(
    source: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "MAX_OPEN_FOLDERS", 1)
    (source / "a/b").mkdir(parents=True)
    (source / "a/z").touch()
    (source / "z").touch()
    system = before_opening(b"b", lambda: None)
    moved = {"done": False}

    def scandir(fd: int) -> Any:
        found = os.scandir(fd)
        if os.fstat(fd).st_ino == inode and not moved["done"]:
            moved["done"] = True
            (source / "a/b").rename(tmp_path / "b")
        return found

    inode = (source / "a/b").stat().st_ino
    system = replace(REAL, scandir=scandir)
    found = by_path(take(target, source, system=system), source)
    assert found["a/z"]["outcome"] == "missing"
    assert found["a/z"]["reason"] == "its folder was moved while it was read"
    assert found["z"]["outcome"] == "missing"


def test_files_the_kernel_makes_up(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = Path("/proc/self/limits")
    if not made_up.exists():
        pytest.skip("no procfs here")
    (record,) = take(target, made_up)
    assert record["sha256"] == hashlib.sha256(made_up.read_bytes()).hexdigest()
    monkeypatch.setattr(taking, "MAX_UNSIZED_BYTES", 10)
    (record,) = take(target.with_name("other.tar"), made_up)
    assert record["outcome"] == "unreadable"


def test_names_of_extended_attributes_are_kept(source: Path, target: Path) -> None:
    (source / "file").touch()
    try:
        os.setxattr(source / "file", b"user.origin", b"http://example.org")
    except OSError:
        pytest.skip("no extended attributes here")
    assert take(target, source)[0]["xattrs"] == ["user.origin"]


def test_times_no_calendar_has_are_kept_as_seconds(source: Path, target: Path) -> None:
    (source / "file").touch()

    class Forged:
        """A status with a modification time in the year 60056 (NTFS can)."""

        def __init__(self, real: os.stat_result) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            if name == "st_mtime_ns":
                return 1_833_029_933_770_955_161_500_000_000 // 1_000_000
            return getattr(self.real, name)

    def fstat(fd: int) -> Any:
        return Forged(os.fstat(fd))

    record = take(target, source, system=replace(REAL, fstat=fstat))[0]
    assert record["mtime_unix"] == "1833029933770.9551615"
    assert "mtime" not in record


def test_stop_ends_the_walk(source: Path, target: Path) -> None:
    (source / "file").touch()
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        take(target, source, stop=stop)
    assert not target.exists()


def test_one_file_is_the_payload_itself(source: Path, target: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(source) + b"/caf\xe9"))
    path.write_bytes(b"abc")
    with PayloadSink(target) as sink:
        record = pack_one(path, sink)
        written = sink.finish()
    assert target.read_bytes() == b"abc"
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert record["sha256"] == digest == written.sha256
    assert record["bytes"] == 3
    assert record["outcome"] == "acquired"
    assert base64.b64decode(str(record["path_b64"])) == os.fsencode(path)
    assert record["payload"] == {"offset": 0, "length": 3}


def test_unreadable_ranges_of_one_file_are_listed(source: Path, target: Path) -> None:
    (source / "file").write_bytes(b"x" * 8192)

    def fail(fd: int, buffers: tuple[memoryview, ...], offset: int = 0) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with PayloadSink(target) as sink:
        system = replace(REAL, readv=fail, preadv=fail)
        record = pack_one(source / "file", sink, system=system)
    assert record["read_errors"] == [{"offset": 0, "length": 8192}]
    assert record["outcome"] == "unreadable"
    assert target.read_bytes() == bytes(8192)


def test_a_slow_disk_is_read_ahead(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "SLOW_READ_SECONDS", -1)
    monkeypatch.setattr(walking, "READ_AHEAD_FILES", 3)
    for number in range(10):
        (source / f"{number}").write_bytes(b"x")
    os.mkfifo(source / "3-fifo")
    fetched: list[int] = []

    def fetch(fd: int, length: int) -> None:
        fetched.append(os.fstat(fd).st_ino)

    plain = take(target, source)
    waits = itertools.count()
    system = replace(
        refusing(b"5", errno.EACCES), fetch=fetch, waits=lambda: next(waits)
    )
    # Slow because others had the processor: this thread never waited.
    busy = replace(system, waits=lambda: 0)
    take(target.with_name("busy.tar"), source, system=busy)
    assert fetched == []
    records = take(target.with_name("ahead.tar"), source, system=system)
    # "0" tells that the disk is slow, "1" is read at once; each other comes once.
    after = [n for n in range(2, 10) if n != 5]
    assert fetched == [(source / f"{n}").stat().st_ino for n in after]
    refused = by_path(records, source)["5"]
    assert refused["outcome"] == "unreadable"
    assert [r for r in records if r is not refused][:5] == plain[:5]


def test_nothing_of_one_file_is_left_behind_another(source: Path, target: Path) -> None:
    for number in range(60):  # several times the ring of buffers
        (source / f"{number:02d}").write_bytes(b"\xff" * (9_000 - 37 * number))
    records = take(target, source)
    payload = target.read_bytes()
    for record in records[:-1]:
        end = record["payload"]["offset"] + record["payload"]["length"]
        assert not any(payload[end : end + -end % 512])
