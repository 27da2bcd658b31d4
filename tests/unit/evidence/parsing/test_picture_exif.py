"""The guard around exifread: places of values, hostile blocks, positions."""

from __future__ import annotations

import hashlib
import logging
import struct
from pathlib import Path

import pytest
from exifread.core.exif_header import ExifHeader

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Job, Record, Summary
from evidence.parsing.picture import PictureParser
from evidence.samples.pictures import photo_jpeg

ASCII, SHORT, LONG, RATIO, UNDEFINED = 2, 3, 4, 5, 7
Entry = tuple[
    int, int, int, bytes
]  # tag, type, count, the four bytes of value or place


def directory(*entries: Entry, following: int = 0, order: str = ">") -> bytes:
    body = b"".join(
        struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\x00")
        for tag, kind, count, value in entries
    )
    return (
        struct.pack(order + "H", len(entries))
        + body
        + struct.pack(order + "I", following)
    )


def block(*parts: bytes) -> bytes:
    """A big-endian TIFF block; the first part stands at offset 8."""
    return b"MM\x00*\x00\x00\x00\x08" + b"".join(parts)


def at(offset: int) -> bytes:
    return struct.pack(">I", offset)


def jpeg(data: bytes) -> bytes:
    exif = b"Exif\x00\x00" + data
    frame = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    return b"\xff\xd8" + app1 + frame + b"\xff\xd9"


BASE = 12  # where the block begins in `jpeg`


@pytest.fixture
def parse(tmp_path: Path):
    def run(data: bytes) -> tuple[list[Fields], Summary]:
        (tmp_path / "payload").write_bytes(data)
        items = list(PictureParser().parse(Job(str(tmp_path / "payload"))))
        assert isinstance(items[-1], Summary)
        return [item.fields for item in items if isinstance(item, Record)], items[-1]

    return run


def tagged(records: list[Fields]) -> dict[object, Fields]:
    return {record["tag"]: record for record in records if record["kind"] == "tag"}


def stored(data: bytes, record: Fields) -> bytes:
    source = record["source"]
    assert isinstance(source, dict)
    assert "exact" not in source
    start, length = source["offset"], source["length"]
    assert isinstance(start, int)
    assert isinstance(length, int)
    return data[start : start + length]


@pytest.mark.parametrize(
    ("tag", "value", "raw"),
    [
        ("Image Make", "Example Optics", b"Example Optics\x00"),
        ("Image Orientation", "Horizontal (normal)", b"\x01\x00"),
        ("EXIF DateTimeOriginal", "2024:05:06 19:40:02", b"2024:05:06 19:40:02\x00"),
        ("EXIF BodySerialNumber", "EX-000042-SAMPLE", b"EX-000042-SAMPLE\x00"),
        ("EXIF ExifImageWidth", "160", struct.pack("<I", 160)),
        (
            "EXIF UserComment",
            "Вигаданий приклад",
            b"UNICODE\x00" + "Вигаданий приклад".encode("utf-16-le"),
        ),
        (
            "GPS GPSLatitude",
            "[40, 30, 18]",
            struct.pack("<6I", 40, 1, 30, 1, 1800, 100),
        ),
        ("GPS GPSLatitudeRef", "N", b"N\x00"),
    ],
)
def test_every_value_is_where_its_record_says(
    parse, tag: str, value: str, raw: bytes
) -> None:
    records, _ = parse(photo_jpeg())
    record = tagged(records)[tag]
    assert record["value"] == value
    assert stored(photo_jpeg(), record) == raw


def test_values_name_the_engine_that_read_them(parse) -> None:
    records = tagged(parse(photo_jpeg())[0])
    make = records["Image Make"]
    assert (make["parser"], make["parser_version"]) == ("exifread", "3.5.1")
    assert records["EXIF UserComment"]["parser"] == "picture"


def test_what_may_identify_somebody_is_marked(parse) -> None:
    records = tagged(parse(photo_jpeg())[0])
    marked = {tag for tag, record in records.items() if record.get("sensitive")}
    gps = {tag for tag in records if str(tag).startswith("GPS ")}
    assert len(gps) == 10
    assert marked - gps == {
        "Image Artist",
        "EXIF BodySerialNumber",
        "EXIF ImageUniqueID",
        "EXIF UserComment",
    }


def test_the_preview_is_located_and_hashed(parse) -> None:
    data = photo_jpeg()
    records, _ = parse(data)
    (found,) = [record for record in records if record["kind"] == "thumbnail"]
    start = data.index(b"\xff\xd8", 2)
    end = data.index(b"\xff\xd9") + 2
    assert found["source"] == {"offset": start, "length": end - start}
    assert found["sha256"] == hashlib.sha256(data[start:end]).hexdigest()
    assert found["format"] == "jpeg"


def test_the_position_is_decimal_text(parse) -> None:
    """40 deg 30' 18" is 40.505; 35 deg 15' 36" is 35.26; west is negative."""
    records, _ = parse(photo_jpeg())
    (found,) = [record for record in records if record["kind"] == "position"]
    assert found["latitude"] == "40.5050000"
    assert found["longitude"] == "-35.2600000"
    assert found["altitude"] == "3.500"
    assert found["datum"] == "WGS-84"
    assert found["time"] == "2024-05-06T17:40:02Z"
    assert found["sensitive"] is True


def gps(latitude: bytes, letter: bytes, longitude: bytes = at(7) + at(1)) -> bytes:
    """A block with a GPS directory at 26; longitude is `longitude` 0' 0" east."""
    end = 26 + 2 + 4 * 12 + 4
    zeros = at(0) + at(1)
    return jpeg(
        block(
            directory((0x8825, LONG, 1, at(26))),
            directory(
                (1, ASCII, 2, letter),
                (2, RATIO, 3, at(end)),
                (3, ASCII, 2, b"E"),
                (4, RATIO, 3, at(end + 24)),
            ),
            latitude + zeros * 2 + longitude + zeros * 2,
        )
    )


def test_degrees_are_rounded_from_fractions(parse) -> None:
    records, _ = parse(gps(at(100) + at(3), b"S"))
    (found,) = [record for record in records if record["kind"] == "position"]
    assert (found["latitude"], found["longitude"]) == ("-33.3333333", "7.0000000")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gps(at(5) + at(0), b"N"), "a coordinate is given as undefined"),
        (gps(at(91) + at(1), b"N"), "a coordinate is outside the globe"),
        (gps(at(5) + at(1), b"Q"), "the hemisphere is not given"),
        (gps(at(5) + at(1), b"N", at(181) + at(1)), "a coordinate is outside"),
    ],
)
def test_no_position_is_guessed(parse, data: bytes, reason: str) -> None:
    records, summary = parse(data)
    assert not [record for record in records if record["kind"] == "position"]
    (error,) = [record for record in records if record["kind"] == "error"]
    assert error["stage"] == "position"
    assert str(error["reason"]).startswith(reason)
    assert summary.outcome is ParseOutcome.PARTIAL


def test_undecodable_text_keeps_its_bytes(parse) -> None:
    data = jpeg(block(directory((0x010E, ASCII, 4, b"a\xe9b\x00"))))
    record = tagged(parse(data)[0])["Image ImageDescription"]
    assert record["value"] == "a\ufffdb"
    assert record["value_b64"] == "Yeli"
    assert stored(data, record) == b"a\xe9b\x00"


def test_text_hidden_behind_a_zero_is_kept(parse) -> None:
    data = jpeg(block(directory((0x010E, ASCII, 10, at(26))), b"seen\x00deep\x00"))
    record = tagged(parse(data)[0])["Image ImageDescription"]
    assert record["value"] == "seen"
    assert record["value_b64"] == "c2VlbgBkZWVwAA=="


def test_long_values_exifread_leaves_out_are_given_in_part(parse) -> None:
    data = jpeg(block(directory((0x9C9C + 9, UNDEFINED, 2000, at(26))), b"z" * 2000))
    (record,) = tagged(parse(data)[0]).values()
    assert record["value"] == ""
    assert record["cut"] is True
    assert record["value_b64"] == "enp6" * 341 + "eg=="
    assert stored(data, record) == b"z" * 2000


def test_windows_titles_are_read_as_utf16(parse) -> None:
    text = "Наказ".encode("utf-16-le") + b"\x00\x00"
    data = jpeg(block(directory((0x9C9B, 1, len(text), at(26))), text))
    assert tagged(parse(data)[0])["Image XPTitle"]["value"] == "Наказ"


def test_a_repeated_tag_does_not_hide_the_first(parse) -> None:
    first, second = (0x0131, ASCII, 4, b"one\x00"), (0x0131, ASCII, 4, b"two\x00")
    data = jpeg(block(directory(first, second)))
    records = [record for record in parse(data)[0] if record["kind"] == "tag"]
    assert [(record["value"], record.get("shadowed")) for record in records] == [
        ("two", None),
        ("one", True),
    ]
    assert stored(data, records[1]) == b"one\x00"


def test_a_value_outside_the_block_has_no_exact_place(parse) -> None:
    data = jpeg(block(directory((0x010F, ASCII, 40, at(9999)))))
    record = tagged(parse(data)[0])["Image Make"]
    assert record["source"] == {"offset": BASE, "length": 26, "exact": False}


def test_a_preview_outside_its_block_is_an_error(parse) -> None:
    preview = directory((0x0201, LONG, 1, at(5)), (0x0202, LONG, 1, at(9999)))
    data = jpeg(
        block(directory((0x0112, SHORT, 1, b"\x00\x06"), following=26), preview)
    )
    records, _ = parse(data)
    assert records[0]["orientation"] == 6
    (error,) = [record for record in records if record["kind"] == "error"]
    assert error["stage"] == "thumbnail"


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError()])
def test_whatever_exifread_raises_is_one_record(parse, monkeypatch, error) -> None:
    plain = ExifHeader.dump_ifd

    def fail(self, ifd, ifd_name, *more, **named):
        if ifd_name == "EXIF":
            raise error
        return plain(self, ifd, ifd_name, *more, **named)

    monkeypatch.setattr(ExifHeader, "dump_ifd", fail)
    records, summary = parse(photo_jpeg())
    (found,) = [record for record in records if record["kind"] == "error"]
    assert found["stage"] == "exif"
    assert found["part"] == "EXIF"
    assert str(found["reason"]).startswith(type(error).__name__)
    assert summary.outcome is ParseOutcome.PARTIAL
    tags = tagged(records)
    assert "Image Make" in tags
    assert "EXIF DateTimeOriginal" not in tags
    assert [record for record in records if record["kind"] == "position"]


def test_a_loop_of_directories_ends(parse) -> None:
    one = directory((0x0100, SHORT, 1, b"\x00\x01"), following=26)
    data = jpeg(block(one, directory((0x0101, SHORT, 1, b"\x00\x01"), following=8)))
    records, _ = parse(data)
    (error,) = [record for record in records if record["kind"] == "error"]
    assert error["reason"] == "the chain of directories does not end"
    assert len(tagged(records)) == 2


def test_a_canon_note_that_claims_four_gigabytes_is_stopped(parse) -> None:
    """exifread reads a maker note byte by byte, as many as its count says."""
    note = directory((0x927C, UNDEFINED, 0xFFFFFFF0, at(8)))
    main = directory((0x010F, ASCII, 6, at(56)), (0x8769, LONG, 1, at(38)))
    records, summary = parse(jpeg(block(main, note, b"Canon\x00")))
    (error,) = [record for record in records if record["kind"] == "error"]
    assert "more reading than is allowed" in str(error["reason"])
    assert tagged(records)["Image Make"]["value"] == "Canon"
    assert summary.outcome is ParseOutcome.PARTIAL


def test_tags_are_limited(parse) -> None:
    entries = [(0xC000 + number, SHORT, 1, b"\x00\x01") for number in range(2100)]
    records, summary = parse(jpeg(block(directory(*entries))))
    assert summary.public["tags"] == 2000
    (error,) = [record for record in records if record["kind"] == "error"]
    assert error["reason"] == "more than 2000 tags"


def test_blocks_are_limited(parse) -> None:
    one = jpeg(block(directory((0x0112, SHORT, 1, b"\x00\x01"))))
    app1, rest = one[2:38], one[38:]
    assert app1.startswith(b"\xff\xe1")
    records, summary = parse(b"\xff\xd8" + app1 * 6 + rest)
    assert summary.public["tags"] == 4
    assert [record["reason"] for record in records if record["kind"] == "error"] == [
        "more than 4 blocks"
    ] * 2


@pytest.mark.parametrize("junk", [b"", b"II", b"XX*\x00", b"II*\x00\xff\xff\xff\xff"])
def test_a_block_that_is_none_is_no_disaster(parse, junk: bytes) -> None:
    records, _ = parse(jpeg(junk))
    assert records[0]["width"] == 1
    assert not tagged(records)


def test_exifread_says_nothing_itself(parse, caplog, capfd) -> None:
    with caplog.at_level(logging.DEBUG):
        parse(jpeg(block(directory((0x010E, ASCII, 4, b"\xe9\xe9\xe9\xe9")))))
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
