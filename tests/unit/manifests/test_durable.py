"""Every write is whole or absent, in its fixed order, whatever the system does."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from manifests import durable
from manifests.durable import TEMPORARY_PREFIX, System
from manifests.errors import NoSpaceError, RecordUnclearError, StorageFailedError
from tests.faults import CRASH, DEAD, EINTR, EIO, ENOSPC, SHORT, Crash, Trouble

Write = Callable[[Path, System], None]


def put_new(folder: Path, system: System) -> None:
    durable.write_new(folder / "new", b"content", system=system)


def put_line(folder: Path, system: System) -> None:
    lines = durable.LineFile(folder / "log")
    lines.append(b"second", system=system)
    lines.close(system=system)


def cut(folder: Path, system: System) -> None:
    durable.truncate(folder / "log", 3, system=system)


def sync(folder: Path, system: System) -> None:
    durable.sync_file(folder / "log", system=system)


def make(folder: Path, system: System) -> None:
    durable.make_folder(folder / "made", system=system)


def move(folder: Path, system: System) -> None:
    durable.move_folder(folder / "from" / "moved", folder / "to", system=system)


WRITES = [put_new, put_line, cut, make, move]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return prepare(tmp_path / "folder")


def prepare(folder: Path) -> Path:
    (folder / "from" / "moved").mkdir(parents=True)
    (folder / "from" / "moved" / "payload").write_bytes(b"payload")
    (folder / "log").write_bytes(b"first\n")
    return folder


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        if path.is_file()
        else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    ("write", "order"),
    [
        (put_new, "open write fsync close rename open fsync close"),
        (put_line, "open write fsync close"),
        (cut, "open ftruncate fsync close"),
        (sync, "open fsync close"),
        (make, "mkdir open fsync close"),
        (
            move,
            "open fsync close rename open fsync close open fsync close",
        ),
    ],
)
def test_the_order_of_system_calls(write: Write, order: str, folder: Path) -> None:
    trouble = Trouble()
    write(folder, trouble.system())
    assert trouble.calls == order.split()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", [ENOSPC, EIO])
def test_one_failing_call_leaves_all_as_it_was(
    write: Write, kind: str, tmp_path: Path
) -> None:
    dry = Trouble()
    write(prepare(tmp_path / "dry"), dry.system())
    done = tree(tmp_path / "dry")
    for at in range(len(dry.calls)):
        folder = prepare(tmp_path / f"folder {at}")
        before = tree(folder)
        trouble = Trouble(kind, at)
        try:
            write(folder, trouble.system())
        except NoSpaceError:
            assert kind == ENOSPC
        except StorageFailedError as error:
            assert kind == EIO
            assert error.facts["reason"] == os.strerror(errno.EIO)
        else:
            assert trouble.calls[at] == "close"  # all was durable before
            assert tree(folder) == done
            continue
        if write is cut and trouble.calls[at] in ("fsync", "close"):
            assert tree(folder) == done  # shorter, but perhaps not durably so
        else:
            assert tree(folder) == before


@pytest.mark.parametrize("write", [put_new, put_line])
def test_a_short_write(write: Write, folder: Path) -> None:
    """A new file goes on writing; a line is cut off: it must be one write."""
    if write is put_new:
        write(folder, Trouble(SHORT, 1).system())
        assert (folder / "new").read_bytes() == b"content"
        return
    with pytest.raises(NoSpaceError):
        write(folder, Trouble(SHORT, 1).system())
    assert (folder / "log").read_bytes() == b"first\n"


@pytest.mark.parametrize("write", WRITES)
def test_a_crash_leaves_old_or_new(write: Write, tmp_path: Path) -> None:
    dry = Trouble()
    write(prepare(tmp_path / "dry"), dry.system())
    done = tree(tmp_path / "dry")
    for at in range(len(dry.calls)):
        folder = prepare(tmp_path / f"folder {at}")
        before = tree(folder)
        with pytest.raises(Crash):
            write(folder, Trouble(CRASH, at).system())
        after = {
            name: data
            for name, data in tree(folder).items()
            if not name.startswith(TEMPORARY_PREFIX)
        }
        if write is put_line and at == 1:
            assert after["log"] == b"first\nsec"  # half a line, without its newline
        else:
            assert after in (before, done)


def test_a_line_that_cannot_be_cut_off_is_said_to_be_unclear(folder: Path) -> None:
    with pytest.raises(RecordUnclearError) as caught:
        put_line(folder, Trouble(DEAD, 2).system())  # the fsync and all after it
    assert "may or may not be recorded" in caught.value.safe
    assert (folder / "log").read_bytes() == b"first\nsecond\n"


def test_names_and_modes(folder: Path) -> None:
    put_new(folder, System())
    make(folder, System())
    assert (folder / "new").stat().st_mode & 0o777 == 0o600
    assert (folder / "made").stat().st_mode & 0o777 == 0o700
    assert not list(folder.glob(f"{TEMPORARY_PREFIX}*"))


def test_links_are_not_followed(folder: Path) -> None:
    (folder / "elsewhere").write_bytes(b"x\n")
    (folder / "log").unlink()
    (folder / "log").symlink_to(folder / "elsewhere")
    for write in (put_line, cut):
        with pytest.raises(StorageFailedError):
            write(folder, System())
    assert (folder / "elsewhere").read_bytes() == b"x\n"
    # A file put where a link stood replaces the link, not what it leads to.
    (folder / "new").symlink_to(folder / "elsewhere")
    put_new(folder, System())
    assert not (folder / "new").is_symlink()
    assert (folder / "elsewhere").read_bytes() == b"x\n"


def test_a_log_is_never_made_by_appending(folder: Path) -> None:
    (folder / "log").unlink()
    with pytest.raises(StorageFailedError):
        put_line(folder, System())
    assert not (folder / "log").exists()


# -- a file of lines that stays open ---------------------------------------------------


def held(folder: Path, name: str = "log") -> int:
    """How many descriptors of this process lead to a file."""
    found = 0
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += os.path.samefile(fd, folder / name)
    return found


def test_a_file_of_lines_is_opened_once(folder: Path) -> None:
    trouble = Trouble()
    lines = durable.LineFile(folder / "log")
    for number in range(3):
        lines.append(b"line %d" % number, system=trouble.system())
    assert trouble.calls == ["open", *["write", "fsync"] * 3]
    lines.close(system=trouble.system())
    lines.close(system=trouble.system())
    assert trouble.calls[7:] == ["close"]
    assert (folder / "log").read_bytes() == b"first\nline 0\nline 1\nline 2\n"
    assert held(folder) == 0


@pytest.mark.parametrize(
    ("kind", "at"),  # the second line's write, or its fsync
    [(ENOSPC, 3), (ENOSPC, 4), (EIO, 3), (EIO, 4), (EINTR, 3), (SHORT, 3)],
)
def test_after_a_failure_it_is_opened_again(folder: Path, kind: str, at: int) -> None:
    trouble = Trouble(kind, at)
    lines = durable.LineFile(folder / "log")
    lines.append(b"second", system=trouble.system())
    with pytest.raises(StorageFailedError):
        lines.append(b"third", system=trouble.system())
    assert (folder / "log").read_bytes() == b"first\nsecond\n"
    assert held(folder) == 0
    calls = len(trouble.calls)
    lines.append(b"third", system=trouble.system())
    assert trouble.calls[calls:] == ["open", "write", "fsync"]
    assert (folder / "log").read_bytes() == b"first\nsecond\nthird\n"
    lines.close()


def test_a_dead_disk_leaves_the_line_unclear(folder: Path) -> None:
    lines = durable.LineFile(folder / "log")
    lines.append(b"second")
    with pytest.raises(RecordUnclearError):
        lines.append(b"third", system=Trouble(DEAD, 1).system())
    assert held(folder) == 0


def test_a_crash_does_not_leave_it_open(folder: Path) -> None:
    lines = durable.LineFile(folder / "log")
    lines.append(b"second")
    with pytest.raises(Crash):
        lines.append(b"third", system=Trouble(CRASH, 0).system())
    assert held(folder) == 0


def test_nobody_has_to_close_it(folder: Path) -> None:
    lines = durable.LineFile(folder / "log")
    lines.append(b"second")
    assert held(folder) == 1
    del lines
    assert held(folder) == 0


def test_a_line_goes_to_the_file_of_that_name(folder: Path) -> None:
    """A file put in its place meanwhile, by a restore, say; not the one moved away."""
    lines = durable.LineFile(folder / "log")
    lines.append(b"second")
    (folder / "log").rename(folder / "old")
    (folder / "log").write_bytes(b"restored\n")
    lines.append(b"third")
    assert (folder / "log").read_bytes() == b"restored\nthird\n"
    assert (folder / "old").read_bytes() == b"first\nsecond\n"
    (folder / "log").unlink()
    with pytest.raises(StorageFailedError):
        lines.append(b"fourth")
    assert not (folder / "log").exists() and held(folder, "old") == 0
    (folder / "log").symlink_to("old")
    with pytest.raises(StorageFailedError):
        lines.append(b"fifth")
    assert (folder / "old").read_bytes() == b"first\nsecond\n"
