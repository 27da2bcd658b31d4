"""What the picture parser yields as a whole: order, outcomes, public facts, offsets."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Job, Record, Summary
from evidence.parsing.picture import PictureParser
from evidence.samples.pictures import photo_jpeg, screenshot_png


def parse(path: Path, data: bytes, **job: int) -> tuple[list[Fields], Summary]:
    path.write_bytes(data)
    *records, summary = PictureParser().parse(Job(str(path), **job))
    assert isinstance(summary, Summary)
    assert all(isinstance(record, Record) for record in records)
    return [record.fields for record in records if isinstance(record, Record)], summary


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "payload"


def test_the_picture_comes_first_and_the_summary_last(file: Path) -> None:
    records, summary = parse(file, screenshot_png())
    assert records[0] == {
        "kind": "picture",
        "format": "png",
        "mime": "image/png",
        "width": 360,
        "height": 640,
        "bit_depth": 4,
        "colour": "palette",
        "truncated": False,
        "source": {"offset": 0, "length": len(screenshot_png())},
    }
    assert [record["kind"] for record in records].count("picture") == 1
    assert summary.outcome is ParseOutcome.PARSED


def test_public_facts_are_technical_only(file: Path) -> None:
    _, summary = parse(file, photo_jpeg())
    assert summary.public == {
        "format": "jpeg",
        "metadata_parsed": True,
        "width": 160,
        "height": 120,
        "tags": 28,  # 8 in the main directory, 7 camera, 10 GPS, 3 preview
        "errors": 0,
        "truncated": False,
    }


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (b"", "The file is empty."),
        (b"plain text", "not a picture format"),
        (b"\x89PNG", "not a picture format"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "not a picture format"),
    ],
)
def test_what_is_no_picture_is_not_recognised(
    file: Path, data: bytes, limit: str
) -> None:
    records, summary = parse(file, data)
    assert records == []
    assert summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert limit in summary.limits[0]
    assert summary.public == {"metadata_parsed": False, "tags": 0}


def test_offsets_count_from_the_payload_when_the_job_is_a_part(file: Path) -> None:
    before, after = b"#" * 1000, b"~" * 77
    data = before + screenshot_png() + after
    records, summary = parse(file, data, offset=1000, length=len(screenshot_png()))
    assert summary.outcome is ParseOutcome.PARSED
    assert "trailing_bytes" not in records[0]
    (software,) = [record for record in records if record.get("tag") == "Software"]
    source = software["source"]
    assert isinstance(source, dict)
    start, length = source["offset"], source["length"]
    assert isinstance(start, int)
    assert isinstance(length, int)
    assert data[start : start + length] == b"Software\x00Example Phone OS 14"


@pytest.mark.parametrize("sample", [screenshot_png, photo_jpeg])
def test_bytes_after_the_end_are_located_and_hashed(file: Path, sample) -> None:
    hidden = b"PK\x03\x04 hidden archive"
    records, summary = parse(file, sample() + hidden)
    assert records[0]["trailing_bytes"] == {
        "offset": len(sample()),
        "length": len(hidden),
        "resembles": "zip",
        "sha256": hashlib.sha256(hidden).hexdigest(),
    }
    assert summary.outcome is ParseOutcome.PARSED
    assert any("follow the end" in limit for limit in summary.limits)


@pytest.mark.parametrize("sample", [screenshot_png, photo_jpeg])
def test_a_cut_picture_keeps_what_was_found(file: Path, sample) -> None:
    data = sample()
    whole, _ = parse(file, data)
    records, summary = parse(file, data[:-5])
    assert summary.outcome is ParseOutcome.PARTIAL
    assert records[0]["truncated"] is True
    tags = [record for record in whole if record["kind"] == "tag"]
    assert [record for record in records if record["kind"] == "tag"] == tags
    assert [record["kind"] for record in records].count("error") == 1


def test_the_payload_is_not_changed(file: Path) -> None:
    parse(file, photo_jpeg())
    assert file.read_bytes() == photo_jpeg()


def test_another_engine_decodes_the_samples() -> None:
    with Image.open(io.BytesIO(screenshot_png())) as screenshot:
        screenshot.load()
        assert screenshot.size == (360, 640)
        assert screenshot.info["Software"] == "Example Phone OS 14"
        assert screenshot.getpixel((0, 0)) == 2  # the bar at the top
    with Image.open(io.BytesIO(photo_jpeg())) as photo:
        photo.load()
        assert photo.size == (160, 120)
        assert photo.getexif()[0x010F] == "Example Optics"
        assert photo.getexif().get_ifd(0x8825)[2] == (40.0, 30.0, 18.0)
        assert photo.getexif().get_ifd(0x8769)[0xA431] == "EX-000042-SAMPLE"
        red, _, blue = photo.getpixel((4, 116))
        assert blue > red + 30  # the sea


def test_the_samples_are_the_same_everywhere() -> None:
    """No compressor takes part: a stored block's header is where it must be."""
    png = screenshot_png()
    at = png.index(b"IDAT") + 4
    assert png[at : at + 7] == b"\x78\x01\x00" + struct.pack("<HH", 0xFFFF, 0)
    assert photo_jpeg() == photo_jpeg()
