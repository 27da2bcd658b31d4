"""A disk that is really full: nothing half done, and it works once there is space."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk

DISK_BYTES = 8 << 20
FULL = 43
RECORDED = 46  # the entry is there, its checkpoint did not fit any more


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB in memory; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    options = f"size={DISK_BYTES},nr_inodes=400"
    words = [mount or "mount", "-t", "tmpfs", "-o", options, "custody-test", folder]
    if mount is None or subprocess.run(words, check=False).returncode:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def _fill(folder: Path, left: int) -> Path:
    """Put a file there that leaves `left` bytes free."""
    ballast = folder / "ballast"
    disk = os.statvfs(folder)
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, disk.f_bavail * disk.f_frsize - left)
    return ballast


def _case_on(disk: Path, tmp_path: Path) -> tuple[Desk, Path]:
    """Return a desk with its case on `disk`, the keys elsewhere, and a source."""
    (tmp_path / "desk").mkdir()
    desk = Desk(tmp_path / "desk")
    desk.case.symlink_to(disk / "case")
    (disk / "case").mkdir()
    desk.open_case()
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.bin").write_bytes(os.urandom(2 << 20))
    for number in range(300):
        (source / f"{number:0100}.txt").write_text("x")
    return desk, source


def _is_untouched(desk: Desk, before: list[bytes]) -> None:
    assert desk.lines() == before
    assert list((desk.case / "staging").iterdir()) == []
    assert list((desk.case / "exhibits").iterdir()) == []
    assert desk.failing() == []


# Free space that ends the act at once, in the copy, in the inventory, at the entry.
@pytest.mark.parametrize("left", [0, 4096, 1 << 20, 2_400_000, 2_600_000, 2_700_000])
def test_a_full_disk_stops_an_acquisition(
    small_disk: Path, tmp_path: Path, left: int
) -> None:
    desk, source = _case_on(small_disk, tmp_path)
    before = desk.lines()
    ballast = _fill(small_disk, left)
    words = ("-C", desk.case, "acquire", "files", source)
    done = desk.run(*words, code=FULL)
    assert "[NO_SPACE]" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    _is_untouched(desk, before)
    problem = desk.ask(*words, code=FULL)
    assert (problem["code"], problem["exit_code"]) == ("NO_SPACE", FULL)

    ballast.unlink()
    assert desk.ask(*words)["exhibits"][0]["exhibit"] == "EX-0001"
    assert desk.failing() == []


def test_every_amount_of_space_ends_well(small_disk: Path, tmp_path: Path) -> None:
    """Page by page around the size that is needed: done, or undone, never half."""
    desk, _ = _case_on(small_disk, tmp_path)
    source = tmp_path / "small.bin"
    source.write_bytes(os.urandom(20_000))
    words = ("-C", desk.case, "acquire", "files", source)
    seen = set()
    for pages in range(15):
        before = desk.lines()
        ballast = _fill(small_disk, pages * 4096)
        done = desk.run(*words, code=None)
        assert done.returncode in (0, FULL, RECORDED), done
        ballast.unlink()
        desk.run("-C", desk.case, "recover")
        now = desk.lines()
        added = [line for line in now if line not in before]
        kinds = [b'"type":"acquire"' in line for line in added]
        assert now[: len(before)] == before
        assert kinds.count(True) == (done.returncode != FULL)
        if done.returncode == RECORDED:
            assert "[CHECKPOINT_MISSING]" in done.stderr
            assert "EX-00" in done.stdout
        assert desk.failing() == []
        seen.add(done.returncode)
    assert {0, FULL} <= seen


def test_no_space_for_a_new_case(small_disk: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("identity", "new", "--name", "Tess", "--no-passphrase")
    target = small_disk / "new"
    words = ("init", target, "--case-id", "1", "--title", "t")
    for pages in range(8):
        ballast = _fill(small_disk, pages * 4096)
        done = desk.run(*words, code=None)
        ballast.unlink()
        if done.returncode == 0:
            break
        assert done.returncode == FULL, done
        assert not target.exists()
    else:
        desk.run(*words)
    assert Desk(tmp_path).run("-C", target, "verify")


def test_no_inodes_left(small_disk: Path, tmp_path: Path) -> None:
    desk, source = _case_on(small_disk, tmp_path)
    before = desk.lines()
    crumbs = small_disk / "crumbs"
    crumbs.mkdir()
    while os.statvfs(small_disk).f_ffree > 2:
        (crumbs / str(os.statvfs(small_disk).f_ffree)).touch()
    words = ("-C", desk.case, "acquire", "files", source)
    desk.run(*words, code=FULL)
    shutil.rmtree(crumbs)
    _is_untouched(desk, before)
    desk.run(*words)
    assert desk.failing() == []


def test_a_limit_on_file_sizes(desk: Desk, tmp_path: Path) -> None:
    """Where nobody can mount: the system refuses the write half-way (EFBIG)."""
    source = tmp_path / "source.bin"
    source.write_bytes(os.urandom(3 << 20))
    before = desk.lines()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    words = ("-C", desk.case, "acquire", "files", source)
    process = desk.start(*words, preexec_fn=limit)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 42, err
    assert b"[STORAGE_FAILED]" in err
    _is_untouched(desk, before)
    desk.run(*words)
    assert desk.failing() == []


def test_a_package_goes_on_once_there_is_space(
    small_disk: Path, tmp_path: Path
) -> None:
    from tests.handing import TO_POLICE, fill_ngo, make_route

    ngo = make_route(tmp_path / "route").ngo
    (ngo.folder / "big.bin").write_bytes(os.urandom(3 << 20))
    ngo.run("-C", "case", "acquire", "files", "big.bin")
    fill_ngo(ngo, chats=1)
    words = ("-C", "case", "transfer", "offer", "EX-0001", *TO_POLICE)
    target = small_disk / "pack"
    ends = set()
    for left in (1 << 20, (3 << 20) + 70_000, (3 << 20) + 110_000):
        ballast = _fill(small_disk, left)
        before = ngo.lines()
        done = ngo.run(*words, "-o", target, code=None)
        ends.add(done.returncode)
        assert "Traceback" not in done.stderr
        assert not target.exists()
        ballast.unlink()
        if done.returncode == FULL:  # before anything was recorded
            assert ngo.lines() == before
            continue
        assert (done.returncode, "[PACKAGE_UNFINISHED]" in done.stderr) == (49, True)
        (given,) = ngo.ask("-C", "case", "transfer", "status")["given"]
        assert given["packages"] == []
        ngo.run("-C", "case", "transfer", "continue", "TR-0001", "-o", target)
        assert ngo.ask("verify", target)["differences"] == []
        assert ngo.failing() == []
        break
    assert ends == {FULL, 49}
