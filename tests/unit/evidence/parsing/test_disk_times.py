"""File-system times as text: resolution, zone and what is unknown."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from evidence.parsing.disk_clock import utc
from evidence.parsing.disk_times import precision_of, time_fields, time_text
from evidence.parsing.disk_values import Meta

META = Meta(
    address=1,
    type="r",
    allocated=True,
    size=0,
    mode=0,
    uid=0,
    gid=0,
    links=1,
    target=None,
    modified=(1711852202, 0),  # 2024-03-31T02:30:02
    accessed=(1711843200, 0),  # 2024-03-31T00:00:00
    changed=(0, 0),
    born=(1711852202, 120_000_000),
)


@pytest.mark.parametrize(
    ("seconds", "nanoseconds", "digits", "text"),
    [
        (1715536984, 123456789, 9, "2024-05-12T18:03:04.123456789Z"),
        (1715536984, 123456700, 7, "2024-05-12T18:03:04.1234567Z"),
        (-1, 0, 0, "1969-12-31T23:59:59Z"),
        (253402300799, 0, 0, "9999-12-31T23:59:59Z"),
        (253402300800, 0, 0, None),
        (-62135596801, 0, 0, None),
        (1 << 63, 0, 0, None),
        (0, 1_000_000_000, 9, None),
    ],
)
def test_time_text(
    seconds: int, nanoseconds: int, digits: int, text: str | None
) -> None:
    assert time_text(seconds, nanoseconds, digits=digits) == text


def test_fat_times_are_local_and_say_so() -> None:
    fields = time_fields(META, precision_of("fat32"))
    assert fields["times"] == {
        "modified": "2024-03-31T02:30:02",
        "accessed": "2024-03-31",
        "changed": None,
        "born": "2024-03-31T02:30:02.12",
    }
    assert "zone unknown" in str(fields["times_resolution"])


def test_ntfs_times_have_seven_decimals() -> None:
    meta = replace(META, changed=(1609504620, 100))
    times = time_fields(meta, precision_of("ntfs"))["times"]
    assert isinstance(times, dict)
    assert times["changed"] == "2021-01-01T12:37:00.0000001Z"
    assert times["born"] == "2024-03-31T02:30:02.1200000Z"


def test_small_ext_inodes_have_no_nanoseconds() -> None:
    small = time_fields(META, precision_of("ext3", inode_size=128))
    large = time_fields(META, precision_of("ext4", inode_size=256))
    assert small["times_resolution"] == "1 s"
    assert large["times_resolution"] == "1 ns"
    assert "times_note" not in small


def test_an_ext_time_that_may_be_before_1970_is_marked() -> None:
    meta = replace(META, modified=(3848214496, 0))  # 1955-11-05 read without a sign
    assert "before 1970" in str(time_fields(meta, precision_of("ext2"))["times_note"])


@pytest.mark.parametrize("before", [None, "Europe/Berlin"])
def test_utc_puts_the_zone_back(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is None:
        monkeypatch.delenv("TZ", raising=False)
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()
    name = time.tzname
    with utc():
        assert time.mktime((2024, 3, 31, 2, 30, 2, 0, 0, -1)) == 1711852202
    assert os.environ.get("TZ") == before
    assert time.tzname == name
    monkeypatch.undo()
    time.tzset()
