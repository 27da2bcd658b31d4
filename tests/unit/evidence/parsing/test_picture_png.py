"""PNG chunks, built by hand from the specification."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Job, Record, Summary
from evidence.parsing.picture import PictureParser

IHDR = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)


def chunk(kind: bytes, data: bytes, check: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if check is None else check
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(*chunks: bytes) -> bytes:
    body = b"".join(chunks) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", IHDR) + body


@pytest.fixture
def parse(tmp_path: Path):
    def run(data: bytes) -> tuple[list[Fields], Summary]:
        (tmp_path / "payload").write_bytes(data)
        items = list(PictureParser().parse(Job(str(tmp_path / "payload"))))
        assert isinstance(items[-1], Summary)
        return [item.fields for item in items if isinstance(item, Record)], items[-1]

    return run


FIRST = 8 + 25  # where the chunk after IHDR begins


def test_text_has_the_place_of_its_chunk_data(parse) -> None:
    records, summary = parse(png(chunk(b"tEXt", b"Author\x00Zo\xeb")))
    assert records[1] == {
        "kind": "tag",
        "namespace": "png-text",
        "tag": "Author",
        "value": "Zoë",
        "source": {"offset": FIRST + 8, "length": 10},
        "parser": "picture",
        "parser_version": "1",
        "sensitive": True,
    }
    assert summary.outcome is ParseOutcome.PARSED


def test_international_text_gives_both_keywords(parse) -> None:
    data = b"Title\x00\x01\x00uk\x00" + "Назва".encode() + b"\x00"
    records, _ = parse(png(chunk(b"iTXt", data + zlib.compress("так".encode()))))
    assert [(record["tag"], record["value"]) for record in records[1:]] == [
        ("Title", "так"),
        ("Title, keyword in uk", "Назва"),
    ]


def test_text_that_is_not_utf8_keeps_its_bytes(parse) -> None:
    records, _ = parse(png(chunk(b"iTXt", b"Title\x00\x00\x00\x00\x00a\xff")))
    assert records[1]["value"] == "a\ufffd"
    assert records[1]["value_b64"] == "Yf8="


def test_an_inflating_bomb_is_cut(parse) -> None:
    packed = zlib.compress(b"A" * (64 << 20), 9)
    tracemalloc.start()
    try:
        records, _ = parse(png(chunk(b"zTXt", b"Comment\x00\x00" + packed)))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert records[1]["value"] == "A" * 4096
    assert records[1]["cut"] is True


def test_broken_compression_is_an_error_not_the_end(parse) -> None:
    records, summary = parse(
        png(chunk(b"zTXt", b"a\x00\x00garbage"), chunk(b"tEXt", b"b\x00c"))
    )
    assert [record["kind"] for record in records] == ["picture", "error", "tag"]
    assert summary.outcome is ParseOutcome.PARTIAL


def test_a_wrong_crc_is_recorded_and_the_chunk_still_read(parse) -> None:
    records, summary = parse(png(chunk(b"tEXt", b"Software\x00x", check=0)))
    error, tag = records[1:]
    assert error["stage"] == "png-crc"
    assert error["source"] == {"offset": FIRST, "length": 12 + 10}
    assert tag["value"] == "x"
    assert summary.outcome is ParseOutcome.PARTIAL


def test_private_and_unknown_chunks_are_listed(parse) -> None:
    records, summary = parse(png(chunk(b"npTc", b"1234"), chunk(b"nEWs", b"")))
    assert [(record["part"], record["note"]) for record in records[1:]] == [
        ("npTc", "private chunk, not interpreted"),
        ("nEWs", "unknown chunk, not interpreted"),
    ]
    assert records[1]["source"] == {"offset": FIRST, "length": 16}
    assert summary.outcome is ParseOutcome.PARSED


def test_c2pa_is_present_and_not_validated(parse) -> None:
    records, _ = parse(png(chunk(b"caBX", b"\x00" * 20)))
    assert records[1]["note"] == "C2PA present, not validated"


def test_time_density_and_profile(parse) -> None:
    records, _ = parse(
        png(
            chunk(b"tIME", struct.pack(">HBBBBB", 2024, 2, 29, 23, 59, 60)),
            chunk(b"pHYs", struct.pack(">IIB", 2835, 2834, 1)),
            chunk(b"iCCP", b"sRGB\x00\x00123"),
        )
    )
    assert [(record["namespace"], record["value"]) for record in records[1:]] == [
        ("png-time", "2024-02-29T23:59:60Z"),
        ("png-text", "2835 x 2834, pixels per metre"),
        ("icc", "profile, 9 bytes compressed"),
    ]


def test_an_animation_has_more_than_one_frame(parse) -> None:
    assert parse(png(chunk(b"acTL", struct.pack(">II", 2, 0))))[0][0]["animated"]
    records, _ = parse(png(chunk(b"acTL", struct.pack(">II", 1, 0))))
    assert records[0]["animated"] is False


def test_exif_in_a_chunk_is_located_in_the_file(parse) -> None:
    block = b"MM\x00*\x00\x00\x00\x08\x00\x01" + struct.pack(">HHI", 0x0131, 2, 4)
    records, _ = parse(png(chunk(b"eXIf", block + b"abc\x00" + bytes(4))))
    assert records[1]["tag"] == "Image Software"
    assert records[1]["value"] == "abc"
    assert records[1]["source"] == {"offset": FIRST + 8 + 18, "length": 4}


def test_a_raw_profile_is_read_and_named_as_inexact(parse) -> None:
    block = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01"
    block += struct.pack(">HHI", 0x0131, 2, 4) + b"abc\x00" + bytes(4)
    text = b"\nexif\n%8d\n%s\n" % (len(block), block.hex().encode())
    data = b"Raw profile type exif\x00\x00" + zlib.compress(text)
    records, _ = parse(png(chunk(b"zTXt", data)))
    assert (records[1]["tag"], records[1]["value"]) == ("Image Software", "abc")
    assert records[1]["source"] == {
        "offset": FIRST + 8,
        "length": len(data),
        "exact": False,
    }


def test_a_walk_that_loses_its_way_stops_there(parse) -> None:
    records, summary = parse(
        png(chunk(b"tEXt", b"a\x00b"), b"\x00\x00\x00\x01\x01\x02")
    )
    assert [record["kind"] for record in records] == ["picture", "tag", "error"]
    assert records[0]["truncated"] is False
    assert summary.outcome is ParseOutcome.PARTIAL


def test_a_length_beyond_the_file_is_a_cut(parse) -> None:
    data = png()[:FIRST] + struct.pack(">I", 0x7FFFFFFF) + b"IDAT"
    records, summary = parse(data + b"x")
    assert records[0]["truncated"] is True
    assert records[0]["width"] == 3
    assert summary.outcome is ParseOutcome.PARTIAL
