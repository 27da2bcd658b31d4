"""Whatever a parser's process sends, the reading side raises `FrameError` or yields."""

from __future__ import annotations

import contextlib
import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Content, FileEnd, FileStart, Item, Record, Summary
from evidence.parsing.frames import (
    MAX_FRAME,
    FrameError,
    ParserFailedError,
    encode,
    encode_failure,
    read_frames,
)


def frame(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">cI", kind, len(body)) + body


def read(data: bytes) -> list[Item]:
    return list(read_frames(io.BytesIO(data)))


def test_items_come_back_as_they_were() -> None:
    items: list[Item] = [
        Record({"kind": "x", "text": "é\u202e", "n": 1, "b": True, "l": [None]}),
        FileStart(b"a/\xff", 3, {"inode": "5"}),
        Content(b"\x00\x01\x02"),
        FileEnd(Outcome.UNREADABLE, {"reason": "r"}),
        Summary(ParseOutcome.PARTIAL, {"n": 1}, ("limit",), {Outcome.MISSING: 2}),
    ]
    assert read(b"".join(map(encode, items))) == items


@pytest.mark.parametrize(
    "data",
    [
        b"R",
        b"R\0\0\0",
        frame(b"R", b"{}")[:-1],
        frame(b"R", b"[]"),
        frame(b"R", b"{"),
        frame(b"R", b"\xff"),
        frame(b"R", b"[" * 100_000 + b"]" * 100_000),
        frame(b"?", b""),
        frame(b"S", b'["!",1,{}]'),
        frame(b"S", b'["YQ==",-1,{}]'),
        frame(b"S", b'["YQ==",1.5,{}]'),
        frame(b"S", b'["YQ==",99999999999999999999,{}]'),
        frame(b"S", b"[]"),
        frame(b"E", b'["nothing",{}]'),
        frame(b"E", b"7"),
        frame(b"Z", b'["parsed",{},[],{"missing":-3}]'),
        frame(b"Z", b'["parsed",{},[],{"missing":true}]'),
        frame(b"Z", b'["parsed",{},[],{"odd":1}]'),
        frame(b"Z", b'["great",{},[],{}]'),
        frame(b"Z", b'["parsed",[],[],{}]'),
        struct.pack(">cI", b"R", MAX_FRAME + 1),
    ],
)
def test_malformed_streams_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        read(data)


def test_limits_are_bounded_and_valid_text() -> None:
    limits = ["\ud800" + "x" * 2_000] * 1_000
    body = json.dumps(["parsed", {}, limits, {}]).encode("ascii")
    (summary,) = read(frame(b"Z", body))
    assert isinstance(summary, Summary)
    assert len(summary.limits) <= 200
    assert all(len(text) < 600 for text in summary.limits)
    "".join(summary.limits).encode("utf-8")


def test_a_failure_is_told() -> None:
    with pytest.raises(ParserFailedError, match="it raised KeyError"):
        read(encode_failure("it raised KeyError"))


@given(st.binary(max_size=200))
def test_random_bytes_never_surprise(data: bytes) -> None:
    with contextlib.suppress(FrameError, ParserFailedError):
        read(data)


@given(
    st.sampled_from(b"RSEZ"),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
        ),
        max_leaves=12,
    ),
)
def test_any_json_never_surprises(kind: int, value: object) -> None:
    with contextlib.suppress(FrameError, ParserFailedError):
        read(frame(bytes([kind]), json.dumps(value).encode("ascii")))
