"""Law: however a log was damaged, examined in parallel it reads the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import examining
from manifests.verifying.log import LogReader
from manifests.verifying.reading import LogReading
from tests.logs import ORIGIN, varied
from tests.thorough import examples

LINES = varied(110)
PLACES = st.integers(0, len(LINES) - 1)
DAMAGE = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), PLACES, PLACES),
        st.tuples(st.just("double"), PLACES, PLACES),
        st.tuples(st.just("swap"), PLACES, PLACES),
        st.tuples(st.just("flip"), PLACES, st.integers(0, 6000)),
        st.tuples(st.just("cut"), PLACES, st.integers(0, 700)),
        st.tuples(st.just("long"), PLACES, st.integers(0, 1)),
        st.tuples(st.just("junk"), PLACES, st.integers(0, 255)),
    ),
    max_size=6,
)


def damaged(steps: list[tuple[str, int, int]]) -> list[bytes]:
    lines = list(LINES)
    for what, place, number in steps:
        at = place % max(len(lines), 1)
        line = lines[at] if lines else b"\n"
        if what == "delete":
            lines[at : at + 1] = []
        elif what == "double":
            lines.insert(number % (len(lines) + 1), line)
        elif what == "swap":
            other = number % max(len(lines), 1)
            if lines:
                lines[at], lines[other] = lines[other], line
        elif what == "flip":
            changed = bytearray(line)
            changed[number // 8 % len(line)] ^= 1 << number % 8
            lines[at : at + 1] = bytes(changed).splitlines(keepends=True)
        elif what == "cut":
            lines[at : at + 1] = [line[: number % len(line)] + b"\n"]
        elif what == "long":
            lines.insert(at, b"[" * 70_000 + b"\n" * number)
        else:
            lines.insert(at, bytes([number]) * 3 + b"\n")
    return lines


@pytest.fixture(scope="module")
def helpers() -> Iterator[examining._Helpers]:
    with examining._Helpers(2) as started:
        yield started


@given(steps=DAMAGE, size=st.integers(1, 40))
@settings(max_examples=examples(20, 200), deadline=None)
def test_same_reading(
    helpers: examining._Helpers, steps: list[tuple[str, int, int]], size: int
) -> None:
    lines = damaged(steps)
    assert read_in_chunks(helpers, lines, size) == one_by_one(lines)


def one_by_one(lines: list[bytes]) -> LogReading | str:
    reader = LogReader(ORIGIN)
    return outcome(reader, lambda: [reader.line(line) for line in lines])


def read_in_chunks(
    helpers: examining._Helpers, lines: list[bytes], size: int
) -> LogReading | str:
    reader = LogReader(ORIGIN)
    chunks = (lines[at : at + size] for at in range(0, len(lines), size))
    return outcome(reader, lambda: examining._read_with(helpers, reader, chunks))


def outcome(reader: LogReader, read: Any) -> LogReading | str:
    """The reading, or the error that ended it (a newer version)."""
    try:
        read()
    except Exception as error:
        return repr(error)
    return reader.finish()
