"""What the listing says of the sample image and of images built here by hand."""

from __future__ import annotations

import struct
import time
import zlib
from pathlib import Path

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Job
from evidence.parsing.disk import DiskListing
from evidence.parsing.disk_walk import Limits
from evidence.samples.disks import disk_image
from tests.unit.evidence.parsing.disk_items import run, run_job

EXT4 = 589824  # first byte of the sample's second partition


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "payload"
    path.write_bytes(disk_image())
    return path


def test_partitions_as_mmls_numbers_them(sample: Path) -> None:
    parsed = run(DiskListing(), sample)
    image = parsed.records[0]
    assert (image["kind"], image["bytes"], image["sector_size"]) == (
        "image",
        2097152,
        512,
    )
    rows = [
        (r["number"], r["start"], r["length"], r["allocated"], r["description"])
        for r in parsed.kind("partition")
    ]
    assert rows == [
        (0, 0, 512, False, "Primary Table (#0)"),
        (1, 0, 65536, False, "Unallocated"),
        (2, 65536, 524288, True, "DOS FAT12 (0x01)"),
        (3, 589824, 1507328, True, "Linux (0x83)"),
    ]


def test_file_systems_with_label_and_identifier(sample: Path) -> None:
    found = run(DiskListing(), sample).kind("filesystem")
    assert [(f["partition"], f["fs_type"], f["block_size"]) for f in found] == [
        (2, "fat12", 512),
        (3, "ext4", 1024),
    ]
    assert [f["label"] for f in found] == ["CARD", "HOME"]
    assert found[1]["identifier"] == "11111111222233334444555555555555"


def test_an_ext4_entry_in_full(sample: Path) -> None:
    entry = run(DiskListing(), sample).entry("chats/chat.txt")
    source = entry.pop("source")
    assert isinstance(source, dict)
    offset, length = source["offset"], source["length"]
    assert isinstance(offset, int)
    assert isinstance(length, int)
    raw = disk_image()[offset : offset + length]
    assert raw == b"Export of an invented chat\n12.05.24, 18:03 - Ana: hello\n"
    assert entry == {
        "kind": "entry",
        "partition": 3,
        "path": "chats/chat.txt",
        "inode": "14",
        "name_type": "r",
        "meta_type": "r",
        "size": 56,
        "allocated": True,
        "deleted": False,
        "times": {
            "modified": "2024-05-12T18:03:04.123456789Z",
            "accessed": "2024-05-12T18:03:04.000000000Z",
            "changed": "2024-05-12T18:04:00.000000000Z",
            "born": "2023-11-14T22:13:20.000000000Z",
        },
        "times_resolution": "1 ns",
        "mode": "0644",
        "uid": 0,
        "gid": 0,
        "nlink": 1,
    }


def test_names_types_and_targets(sample: Path) -> None:
    parsed = run(DiskListing(), sample)
    odd = parsed.entry("chats/caf\ufffd.txt")
    assert odd["path_b64"] == "Y2hhdHMvY2Fm6S50eHQ="
    assert parsed.entry("chats/Переписка.txt")["size"] == 38
    assert parsed.entry("link")["link_target"] == "../../etc/passwd"
    assert parsed.entry("pipe")["meta_type"] == "p"
    assert parsed.entry("sparse.bin")["sparse"] is True
    assert parsed.entry("pictures/long.log")["runs_total"] == 2
    assert "mode" not in parsed.entry("DCIM/IMG_0001.JPG")


@pytest.mark.parametrize("zone", ["UTC0", "Europe/Berlin", "Asia/Tokyo"])
def test_fat_times_do_not_depend_on_the_zone_of_this_machine(
    sample: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:  # 02:30:02 on this day does not exist in Berlin
        parsed = run(DiskListing(), sample, partition=2)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert parsed.entry("Заметка о встрече.txt")["times"] == {
        "modified": "2024-03-31T02:30:02",
        "accessed": "2024-03-31",
        "changed": None,
        "born": "2024-03-31T02:30:02.00",
    }
    assert any("without a zone" in limit for limit in parsed.summary.limits)


def test_deleted_entries_are_counted_and_listed_only_when_asked(sample: Path) -> None:
    default = run(DiskListing(), sample)
    paths = [r["path"] for r in default.kind("entry")]
    assert not any("removed" in str(p) or "_MG" in str(p) for p in paths)
    assert "$OrphanFiles" not in paths
    assert default.summary.public["deleted"] == 2
    assert any("2 deleted entries" in limit for limit in default.summary.limits)

    asked = run(DiskListing(), sample, deleted=True)
    gone = asked.entry("chats/removed.txt")
    assert (gone["deleted"], gone["allocated"], gone["size"]) == (True, False, 35)
    assert asked.entry("DCIM/_MG_0002.JPG")["deleted"] is True


def test_public_facts_hold_counts_only(sample: Path) -> None:
    assert run(DiskListing(), sample).summary.public == {
        "volume_system": "dos",
        "partitions": 2,
        "fs_types": ["fat12", "ext4"],
        "entries": 25,
        "files": 11,
        "directories": 9,
        "deleted": 2,
        "deleted_listed": False,
        "errors": 0,
        "bytes": 121764,
    }


def test_one_partition(sample: Path) -> None:
    parsed = run(DiskListing(), sample, partition=3)
    assert parsed.summary.public["fs_types"] == ["ext4"]
    assert {r["partition"] for r in parsed.kind("entry")} == {3}


@pytest.mark.parametrize("number", [0, 1, 7])
def test_a_partition_that_is_not_there(sample: Path, number: int) -> None:
    parsed = run(DiskListing(), sample, partition=number)
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.summary.left_out == {Outcome.MISSING: 1}
    assert {"kind": "partition", "number": number, "outcome": "missing"} in (
        parsed.records
    )


def test_a_bare_file_system_and_a_window_of_the_file(sample: Path) -> None:
    job = Job(str(sample), offset=EXT4, length=1507328)
    parsed = run_job(DiskListing(), job)
    assert parsed.kind("partition") == []
    assert parsed.summary.public["volume_system"] is None
    whole = run(DiskListing(), sample, partition=3)
    inside = parsed.entry("deep/er/est/leaf.db")
    assert inside["partition"] is None
    assert inside["source"] == whole.entry("deep/er/est/leaf.db")["source"]


def test_a_cut_image_is_told(sample: Path) -> None:
    sample.write_bytes(disk_image()[: EXT4 + 200_000])
    parsed = run(DiskListing(), sample)
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    ext4 = parsed.kind("filesystem")[1]
    assert ext4["bytes_missing"] == 1507328 - 200_000
    assert any("beyond the end" in limit for limit in parsed.summary.limits)


def test_no_neighbouring_file_is_read(tmp_path: Path) -> None:
    """The Sleuth Kit would join ``x.000`` and ``x.001`` when given the path."""
    image = disk_image()[EXT4:]
    (tmp_path / "x.000").write_bytes(image[:200_000])
    (tmp_path / "x.001").write_bytes(image[200_000:])
    parsed = run(DiskListing(), tmp_path / "x.000")
    assert parsed.records[0]["bytes"] == 200_000


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"EVF\x09\x0d\x0a\xff\x00", "ewf"),
        (b"conectix", "vhd"),
        (b"QFI\xfb", "qcow"),
        (b"KDMV", "vmdk"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_a_container_is_named_and_not_listed(
    sample: Path, head: bytes, name: str
) -> None:
    """The bytes behind the container's mark would list; they must not."""
    sample.write_bytes(head + disk_image()[len(head) :])
    parsed = run(DiskListing(), sample)
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.records[0]["container"] == name
    assert len(parsed.records) == 1
    assert any("convert it to a raw image" in limit for limit in parsed.summary.limits)


def test_an_encrypted_volume_is_named(tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_bytes(b"\xeb\x58\x90-FVE-FS-" + bytes(100_000))
    parsed = run(DiskListing(), path)
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.kind("volume")[0]["format"] == "bitlocker"


@pytest.mark.parametrize("size", [0, 1, 511, 512, 100_000])
def test_nothing_recognised(tmp_path: Path, size: int) -> None:
    path = tmp_path / "payload"
    path.write_bytes(bytes(size))
    parsed = run(DiskListing(), path)
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.summary.limits == ("No file system was recognised in the image.",)


def test_an_image_that_cannot_be_opened(tmp_path: Path) -> None:
    gone = run(DiskListing(), tmp_path / "gone")
    assert gone.summary.outcome is ParseOutcome.FAILED
    assert gone.summary.limits == (
        "The image cannot be opened: No such file or directory.",
    )
    assert run(DiskListing(), tmp_path).summary.outcome is ParseOutcome.FAILED


def test_the_limit_of_entries_is_an_outcome(sample: Path) -> None:
    parsed = run(DiskListing(Limits(entries=5)), sample)
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    assert any("limit of entries" in limit for limit in parsed.summary.limits)


def test_the_limit_of_depth_is_an_outcome(sample: Path) -> None:
    parsed = run(DiskListing(Limits(depth=2)), sample)
    (error,) = [e for e in parsed.kind("error") if e["partition"] == 3][:1]
    assert error["reason"] == "more than 2 directories inside each other"
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def _in_block(data: bytearray, name: bytes, inode: int, kind: int) -> None:
    """Point the ext4 directory entry called `name` to `inode`."""
    at = data.index(name, EXT4) - 8
    struct.pack_into("<I", data, at, inode)
    data[at + 7] = kind


def test_a_directory_inside_itself_is_not_entered_again(sample: Path) -> None:
    data = bytearray(disk_image())
    _in_block(data, b"leaf.db", 19, 2)  # deep/er/est/leaf.db becomes deep
    sample.write_bytes(data)
    parsed = run(DiskListing(), sample, partition=3)
    assert parsed.kind("error") == [
        {
            "kind": "error",
            "partition": 3,
            "path": "deep/er/est/leaf.db",
            "reason": "the directory contains itself; it was not entered again",
        }
    ]
    assert parsed.entry("pictures/long.log")["size"] == 56000  # siblings go on


def test_a_hostile_name_is_only_data(sample: Path) -> None:
    data = bytearray(disk_image())
    at = data.index(b"nothing", EXT4)
    data[at : at + 7] = b"../../x"
    sample.write_bytes(data)
    assert run(DiskListing(), sample).entry("../../x")["size"] == 0


def _gpt(image: bytes, *, primary: bool) -> bytes:
    """A GPT disk of 4 MiB with `image` as its only partition, from sector 2048."""
    sectors = 8192
    rows = bytearray(128 * 128)
    rows[:16] = bytes.fromhex("af3dc60f838472478e793d69d8477de4")  # Linux data
    rows[16:32] = b"\x11" * 16
    struct.pack_into("<QQ", rows, 32, 2048, 2048 + len(image) // 512 - 1)

    def header(here: int, other: int, at: int) -> bytes:
        fields = (b"EFI PART", 0x10000, 92, 0, 0, here, other, 34, sectors - 34)
        packed = bytearray(
            struct.pack(
                "<8sIIIIQQQQ16sQIII",
                *fields,
                b"\x22" * 16,
                at,
                128,
                128,
                zlib.crc32(rows),
            )
        )
        struct.pack_into("<I", packed, 16, zlib.crc32(packed))
        return bytes(packed)

    disk = bytearray(sectors * 512)
    struct.pack_into("<BxxxBxxxII", disk, 446, 0, 0xEE, 1, sectors - 1)
    disk[510:512] = b"\x55\xaa"
    if primary:
        disk[512 : 512 + 92] = header(1, sectors - 1, 2)
        disk[1024 : 1024 + len(rows)] = rows
    back = (sectors - 33) * 512
    disk[back : back + len(rows)] = rows
    disk[-512 : -512 + 92] = header(sectors - 1, 1, sectors - 33)
    disk[2048 * 512 : 2048 * 512 + len(image)] = image
    return bytes(disk)


@pytest.mark.parametrize("primary", [True, False])
def test_gpt_and_its_backup(tmp_path: Path, primary: bool) -> None:
    path = tmp_path / "payload"
    path.write_bytes(_gpt(disk_image()[EXT4:], primary=primary))
    parsed = run(DiskListing(), path)
    assert parsed.summary.public["volume_system"] == "gpt"
    assert parsed.summary.public["fs_types"] == ["ext4"]
    assert ("table_copy" in parsed.records[0]) is not primary
    assert parsed.entry("chats/chat.txt")["size"] == 56
    expected = ParseOutcome.PARSED if primary else ParseOutcome.PARTIAL
    assert parsed.summary.outcome is expected
