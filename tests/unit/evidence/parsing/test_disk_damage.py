"""Unreadable ranges: joined, found again, and read around."""

from __future__ import annotations

import errno
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from evidence.parsing.disk_damage import Damage

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=12)


@given(RANGES, st.integers(0, 80), st.integers(1, 30))
def test_damage_is_the_union_of_its_ranges(
    ranges: list[tuple[int, int]], start: int, size: int
) -> None:
    damage = Damage()
    lost: set[int] = set()
    for begin, length in ranges:
        damage.add(begin, begin + length)
        lost |= set(range(begin, begin + length))
    pairs = list(zip(damage.starts, damage.ends, strict=True))
    assert {n for a, b in pairs for n in range(a, b)} == lost
    assert all(b < c for (_, b), (c, _) in pairwise(pairs))
    within = {n for a, b in damage.within(start, start + size) for n in range(a, b)}
    assert within == lost & set(range(start, start + size))


@given(st.sets(st.integers(0, 39), max_size=8), st.integers(0, 9000))
def test_only_bad_sectors_are_lost(bad: set[int], start: int) -> None:
    data = bytes(n % 251 + 1 for n in range(40 * 512))
    calls: list[tuple[int, int]] = []

    def read(offset: int, size: int) -> bytes:
        calls.append((offset, size))
        if any(s * 512 < offset + size and offset < s * 512 + 512 for s in bad):
            raise OSError(errno.EIO, "Input/output error")
        return data[offset : offset + size]

    damage = Damage()
    got = damage.salvage(read, start, len(data))
    expected = bytearray(data)
    for sector in bad:
        expected[sector * 512 : sector * 512 + 512] = bytes(512)
    assert got == bytes(expected[start:])
    reached = {s for s in bad if s * 512 + 512 > start}
    assert bool(damage) == bool(reached)

    calls.clear()
    assert damage.salvage(read, start, len(data)) == got
    assert all(
        len(read(o, s)) == s for o, s in calls[:]
    )  # known sectors are not retried


def test_a_file_that_became_shorter_is_damage() -> None:
    damage = Damage()
    data = b"x" * 700
    got = damage.salvage(lambda offset, size: data[offset : offset + size], 0, 1024)
    assert got == b"x" * 512 + bytes(512)
    assert (damage.starts, damage.ends) == ([512], [1024])
    assert damage.reason == "the file ends earlier than it did"
