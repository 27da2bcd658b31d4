"""Files read out of the sample image: bytes, outcomes, and forged or lost parts."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing import disk_image as image_module
from evidence.parsing.disk import DiskFiles
from evidence.samples.disks import disk_image
from tests.unit.evidence.parsing.disk_items import run

EXT4 = 589824
INODES = EXT4 + 46 * 1024  # the inode table, as fsstat says
CHAT = b"Export of an invented chat\n12.05.24, 18:03 - Ana: hello\n"
LONG_LOG = b"".join(b"line %05d of a longer file\n" % n for n in range(2000))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "source.img"
    path.write_bytes(disk_image())
    return path


def forge(path: Path, inode: int, *, size: int) -> None:
    """Write `size` as the size of an ext4 inode of the sample."""
    data = bytearray(disk_image())
    at = INODES + (inode - 1) * 256
    struct.pack_into("<I", data, at + 4, size & 0xFFFFFFFF)
    struct.pack_into("<I", data, at + 108, size >> 32)
    path.write_bytes(data)


def test_contents(sample: Path) -> None:
    parsed = run(DiskFiles(), sample, paths=["**"])
    expected = {
        b"chats/chat.txt": CHAT,
        b"chats/caf\xe9.txt": b"this name is Latin-1, not UTF-8\n",
        "chats/Переписка.txt".encode(): b"the letters of this name are Cyrillic\n",
        b"chats/group/result.json": b'{"messages": [{"id": 1, "text": "see you"}]}\n',
        b"pictures/long.log": LONG_LOG,
        b"deep/er/est/leaf.db": b"at the bottom\n",
        b"sparse.bin": b"before the hole".ljust(65536, b"\0"),
        b"nothing": b"",
        b"DCIM/IMG_0001.JPG": b"not really a picture\n",
        "Заметка о встрече.txt".encode(): b"long name in Cyrillic\n",
    }
    for name, content in expected.items():
        read = parsed.file(name)
        assert bytes(read.data) == content
        assert read.outcome is Outcome.ACQUIRED
        assert read.end is not None
        assert read.end.fields == {}
    assert parsed.summary.outcome is ParseOutcome.PARSED
    assert parsed.summary.left_out == {Outcome.SKIPPED: 1}


def test_what_is_no_file_is_a_record(sample: Path) -> None:
    parsed = run(DiskFiles(), sample, paths=["/link", "pipe", "empty"])
    assert parsed.files == []
    link, pipe, empty = (parsed.entry(n) for n in ("link", "pipe", "empty"))
    assert (link["outcome"], link["link_target"]) == ("acquired", "../../etc/passwd")
    assert pipe["outcome"] == "skipped"
    assert empty["outcome"] == "acquired"
    assert parsed.summary.left_out == {Outcome.SKIPPED: 1}


def test_a_directory_means_its_subtree(sample: Path) -> None:
    parsed = run(DiskFiles(), sample, paths=["chats"])
    names = {f.start.name for f in parsed.files}
    assert names == {
        b"chats/chat.txt",
        b"chats/caf\xe9.txt",
        "chats/Переписка.txt".encode(),
        b"chats/group/result.json",
    }
    assert {r["path"] for r in parsed.kind("entry")} == {"chats", "chats/group"}


def test_a_pattern_without_match_is_missing(sample: Path) -> None:
    parsed = run(DiskFiles(), sample, paths=["**/*.json", "/nowhere/*", "*.JPEG"])
    assert [f.start.name for f in parsed.files] == [b"chats/group/result.json"]
    assert parsed.kind("pattern") == [
        {"kind": "pattern", "pattern": glob, "matches": 0, "outcome": "missing"}
        for glob in ("/nowhere/*", "*.JPEG")
    ]
    assert parsed.summary.left_out == {Outcome.MISSING: 2}
    assert parsed.summary.public["patterns_without_match"] == 2


def test_case_and_partition_options(sample: Path) -> None:
    low = run(DiskFiles(), sample, paths=["dcim/*.jpg"])
    assert low.files == []
    any_case = run(DiskFiles(), sample, paths=["dcim/*.jpg"], ignore_case=True)
    assert [f.start.name for f in any_case.files] == [b"DCIM/IMG_0001.JPG"]
    other = run(DiskFiles(), sample, paths=["DCIM/*.JPG"], partition=3)
    assert other.files == []
    assert other.summary.left_out == {Outcome.MISSING: 1}


def test_deleted_files_only_when_asked_and_marked(sample: Path) -> None:
    default = run(DiskFiles(), sample, paths=["chats/removed.txt"])
    assert default.files == []
    assert default.summary.public["deleted_matches_left"] == 1
    assert any("not asked for" in limit for limit in default.summary.limits)

    paths = ["chats/removed.txt", "DCIM/?MG_0002.JPG"]
    asked = run(DiskFiles(), sample, paths=paths, deleted=True)
    contents = {f.start.name: bytes(f.data) for f in asked.files}
    assert contents == {
        b"chats/removed.txt": b"kept for the test of deleted files\n",
        b"DCIM/_MG_0002.JPG": b"deleted from the card\n",
    }
    for read in asked.files:
        assert read.start.fields["content_reliable"] is False


def test_a_forged_size_is_cut_to_the_volume(sample: Path) -> None:
    forge(sample, 14, size=1 << 45)
    read = run(DiskFiles(), sample, paths=["chats/chat.txt"]).file(b"chats/chat.txt")
    assert read.start.size == 1507328  # the volume, not 32 TiB
    assert bytes(read.data).startswith(b"Export of an invented chat\n")
    assert read.outcome is Outcome.UNREADABLE
    assert read.end is not None
    assert read.end.fields["declared_size"] == 1 << 45


def test_a_forged_directory_size_does_not_stop_the_siblings(sample: Path) -> None:
    forge(sample, 26, size=0xFFFFFC00)  # pictures
    parsed = run(DiskFiles(), sample, paths=["**/*.log", "**/*.db"], deleted=True)
    assert [f.start.name for f in parsed.files] == [b"deep/er/est/leaf.db"]
    reasons = [str(e["reason"]) for e in parsed.kind("error")]
    assert reasons == [
        "the directory declares 4294966272 bytes, more than can be; it was not opened",
        "orphans were not searched because of a directory with a forged size",
    ]
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def test_a_bad_sector_costs_one_block(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = disk_image().index(b"line 01000 of")
    pread = os.pread

    def failing(fd: int, size: int, offset: int) -> bytes:
        if offset // 512 * 512 <= bad < offset + size:
            raise OSError(errno.EIO, "Input/output error")
        return pread(fd, size, offset)

    monkeypatch.setattr(image_module.os, "pread", failing)
    parsed = run(DiskFiles(), sample, paths=["pictures/long.log"])
    read = parsed.file(b"pictures/long.log")
    assert read.outcome is Outcome.UNREADABLE
    assert read.end is not None
    (lost,) = read.end.fields["read_errors"]
    start, end = lost["offset"], lost["offset"] + lost["length"]
    assert start <= 28000 < end  # line 1000 begins at byte 28 * 1000
    assert lost["length"] == 512
    expected = LONG_LOG[:start] + bytes(512) + LONG_LOG[end:]
    assert bytes(read.data) == expected
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    assert any("Input/output error" in limit for limit in parsed.summary.limits)


@pytest.mark.parametrize("spare", [0, 1, 300])
def test_content_beyond_a_cut_image_is_zero_and_told(sample: Path, spare: int) -> None:
    cut = disk_image().index(b"line 01000 of") // 512 * 512 + spare
    sample.write_bytes(disk_image()[:cut])
    parsed = run(DiskFiles(), sample, paths=["pictures/long.log"])
    read = parsed.file(b"pictures/long.log")
    assert read.outcome is Outcome.UNREADABLE
    assert read.end is not None
    (lost,) = read.end.fields["read_errors"]
    kept = lost["offset"]
    assert lost["length"] == len(LONG_LOG) - kept
    assert bytes(read.data) == LONG_LOG[:kept] + bytes(len(LONG_LOG) - kept)


def test_more_bytes_than_an_image_can_hold_are_refused(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.parsing.disk_files._ALWAYS", 0)
    monkeypatch.setattr("evidence.parsing.disk_files._EXPANSION", 0)
    parsed = run(DiskFiles(), sample, paths=["chats/chat.txt"])
    assert parsed.files == []
    assert parsed.entry("chats/chat.txt")["outcome"] == "refused"
    assert parsed.summary.left_out == {Outcome.REFUSED: 1}


def test_only_the_source_is_opened_and_read_only(sample: Path) -> None:
    before = sample.read_bytes()
    sample.chmod(0o400)
    run(DiskFiles(), sample, paths=["**"], deleted=True)
    assert sample.read_bytes() == before
    assert [p.name for p in sample.parent.iterdir()] == ["source.img"]
