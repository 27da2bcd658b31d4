"""JPEG segments, built by hand from the specification."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Job, Record, Summary
from evidence.parsing.picture import PictureParser


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


FRAME = segment(0xC0, b"\x08\x00\x02\x00\x03\x01\x01\x11\x00")  # 3 wide, 2 high, grey
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"


def jpeg(*segments: bytes, frame: bytes = FRAME) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + frame + SCAN + b"\xff\xd9"


@pytest.fixture
def parse(tmp_path: Path):
    def run(data: bytes) -> tuple[list[Fields], Summary]:
        (tmp_path / "payload").write_bytes(data)
        items = list(PictureParser().parse(Job(str(tmp_path / "payload"))))
        assert isinstance(items[-1], Summary)
        return [item.fields for item in items if isinstance(item, Record)], items[-1]

    return run


def test_stuffing_and_restarts_do_not_end_the_scan(parse) -> None:
    records, summary = parse(jpeg())
    assert records[0] == {
        "kind": "picture",
        "format": "jpeg",
        "mime": "image/jpeg",
        "width": 3,
        "height": 2,
        "bit_depth": 8,
        "colour": "grey",
        "truncated": False,
        "source": {"offset": 0, "length": len(jpeg())},
    }
    assert summary.outcome is ParseOutcome.PARSED


def test_a_long_scan_is_searched_across_pieces(parse) -> None:
    """The end marker is found also when it straddles what is read at once."""
    head = b"\xff\xd8" + FRAME + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    for length in range(64 * 21 - 3, 64 * 21 + 3):  # 64 + 4*64 + 16*64 bytes
        records, _ = parse(head + b"\x00" * length + b"\xff\xd9" + b"tail")
        trailing = records[0]["trailing_bytes"]
        assert isinstance(trailing, dict)
        assert trailing["offset"] == len(head) + length + 2
        assert trailing["length"] == 4


def test_the_height_may_come_after_the_scan(parse) -> None:
    frame = segment(0xC1, b"\x08\x00\x00\x00\x03\x01\x01\x11\x00")
    data = b"\xff\xd8" + frame + SCAN + segment(0xDC, b"\x00\x07") + b"\xff\xd9"
    records, _ = parse(data)
    assert records[0]["height"] == 7


def test_comment_and_jfif_have_their_bytes(parse) -> None:
    jfif = segment(0xE0, b"JFIF\x00\x01\x02\x01\x00\x48\x00\x60\x00\x00")
    data = jpeg(jfif, segment(0xFE, b"made by hand"))
    records, _ = parse(data)
    found = {record["tag"]: record for record in records[1:]}
    assert found["Version"]["value"] == "1.02"
    assert found["Density"]["value"] == "72 x 96, per inch"
    assert found["Density"]["source"] == {"offset": 6 + 7, "length": 5}
    assert found["COM"]["value"] == "made by hand"
    assert found["COM"]["sensitive"] is True
    start = data.index(b"made")
    assert found["COM"]["source"] == {"offset": start, "length": 12}


def test_bytes_between_segments_are_listed(parse) -> None:
    records, summary = parse(jpeg(segment(0xDB, b"q"), b"hidden here"))
    (stray,) = [record for record in records if record.get("part") == "stray"]
    assert stray["source"] == {"offset": 2 + 5, "length": 11}
    assert summary.outcome is ParseOutcome.PARSED


def test_fill_bytes_are_allowed(parse) -> None:
    records, _ = parse(jpeg(b"\xff\xff\xff"))
    assert len(records) == 1


def test_c2pa_segments_are_joined(parse) -> None:
    def part(number: int, rest: bytes) -> bytes:
        return segment(0xEB, b"JP\x02\x11" + struct.pack(">I", number) + rest)

    data = jpeg(part(1, b"\x00\x00\x00\x30jumb....jumdc2pa"), part(2, b"more"))
    records, _ = parse(data)
    (found,) = [record for record in records if record["kind"] == "part"]
    assert found["note"] == "C2PA present, not validated"
    assert found["segments"] == 2
    assert found["source"] == {"offset": 6, "length": 8 + 20}


def test_xmp_icc_and_unknown_application_data(parse) -> None:
    data = jpeg(
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>"),
        segment(0xE2, b"ICC_PROFILE\x00\x01\x02profile"),
        segment(0xE2, b"ICC_PROFILE\x00\x02\x02profile"),
        segment(0xEC, b"Ducky\x00\x01"),
    )
    records, _ = parse(data)
    tags = [(record["tag"], record["value"]) for record in records if "tag" in record]
    assert tags == [
        ("packet", "<x:xmpmeta/>"),
        ("ICC_PROFILE", "profile part 1 of 2"),
        ("ICC_PROFILE", "profile part 2 of 2"),
    ]
    parts = [record["part"] for record in records if record["kind"] == "part"]
    assert parts == ["icc", "APP12 Ducky"]


def test_iptc_is_read_inside_photoshop_resources(parse) -> None:
    by_line = b"\x1c\x02\x50\x00\x04Anna"
    caption = b"\x1c\x02\x78\x00\x05caf\xc3\xa9"
    latin = b"\x1c\x02\x5a\x00\x04K\xf6ln"
    block = by_line + caption + latin
    resources = b"8BIM\x03\xed\x00\x00\x00\x00\x00\x02\x01\x02"
    resources += b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(block)) + block
    data = jpeg(segment(0xED, b"Photoshop 3.0\x00" + resources))
    records, _ = parse(data)
    found = {record["tag"]: record for record in records if "tag" in record}
    assert {tag: record["value"] for tag, record in found.items()} == {
        "By-line": "Anna",
        "CaptionAbstract": "café",
        "City": "Köln",
    }
    start = data.index(b"Anna")
    assert found["By-line"]["source"] == {"offset": start, "length": 4}
    assert found["City"]["value_b64"] == "S/Zsbg=="
    (part,) = [record for record in records if record["kind"] == "part"]
    assert part["resources"] == 2


def test_without_end_marker_it_is_truncated(parse) -> None:
    records, summary = parse(jpeg()[:-2])
    assert records[0]["truncated"] is True
    assert records[0]["width"] == 3
    assert summary.outcome is ParseOutcome.PARTIAL


def test_a_segment_without_room_for_its_length_is_damage(parse) -> None:
    records, summary = parse(jpeg(b"\xff\xe1\x00\x01"))
    assert records[-1]["kind"] == "error"
    assert records[0]["truncated"] is False
    assert summary.outcome is ParseOutcome.PARTIAL


def test_many_small_segments_do_not_use_up_the_reading(parse) -> None:
    records, summary = parse(jpeg(segment(0xFE, b"c") * 4000))
    assert summary.public["tags"] == 4000
    assert records[0]["width"] == 3
    assert summary.outcome is ParseOutcome.PARSED


def test_records_are_limited_and_the_rest_counted(parse) -> None:
    records, summary = parse(jpeg(segment(0xFE, b"c") * 5010))
    assert len(records) == 1 + 5000
    assert "10 further records were left out." in summary.limits
    assert summary.outcome is ParseOutcome.PARTIAL
