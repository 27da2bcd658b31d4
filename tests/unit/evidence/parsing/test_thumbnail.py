"""Blurred pictures: nothing recoverable, hostile ones refused in bounds."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from evidence.parsing import thumbnail
from evidence.parsing.base import Job, Record, Summary
from evidence.parsing.sandbox import parse


def png(width: int, height: int, pixel: bytes, *, rows: int | None = None) -> bytes:
    """Write a PNG by hand: 8-bit RGB, every pixel alike."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress((b"\0" + pixel * width) * (height if rows is None else rows))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def seen(path: Path) -> tuple[list[Record], Summary]:
    items = list(parse("thumbnail", Job(str(path))))
    assert isinstance(items[-1], Summary)
    return [item for item in items if isinstance(item, Record)], items[-1]


def test_at_most_sixteen_cells_a_side_are_left(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(400, 100, b"\x10\x80\xff"))
    [record], _ = seen(tmp_path / "a.png")
    assert record.fields == {
        "kind": "thumbnail",
        "columns": 16,
        "rows": 4,
        "cells": "1080ff" * 64,
    }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(60_000, 60_000, b"\0\0\0", rows=1), "it has too many pixels"),
        (png(100, 100, b"\0\0\0")[:-30], "it is no picture that can be decoded"),
        (b"not a picture", "it is no picture that can be decoded"),
        (b"", "it is no picture that can be decoded"),
        (b"<svg/>", "it is no picture that can be decoded"),
    ],
)
def test_what_cannot_be_decoded_is_refused(
    data: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(data)
    records, summary = seen(tmp_path / "a")
    assert records == []
    assert summary.limits == (reason,)


def test_what_is_written_is_lost_by_the_reduction() -> None:
    """A cell of a 1,080 pixel screenshot covers more than a letter: 67 by 67 pixels."""
    assert 1080 // thumbnail.CELLS >= 64
