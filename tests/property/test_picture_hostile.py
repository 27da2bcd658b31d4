"""Whatever the bytes, the picture parser ends with one summary and valid records."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from evidence.outcome import ParseOutcome
from evidence.parsing import picture_exif
from evidence.parsing.base import Job, Json, Record, Summary
from evidence.parsing.picture import PictureParser
from evidence.samples.pictures import photo_jpeg, screenshot_png
from tests.thorough import examples

SIGNATURES = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
    b"\xff\xd8\xff\xe1\x00\x40Exif\x00\x00II*\x00",
    b"\xff\xd8\xff\xed\x00\x60Photoshop 3.0\x008BIM\x04\x04",
    b"GIF89a",
    b"RIFF\x80\x00\x00\x00WEBPVP8X",
    b"BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00",
    b"II*\x00\x08\x00\x00\x00",
    b"MM\x00*\x00\x00\x00\x08",
    b"\x00\x00\x00\x10ftypheic\x00\x00\x00\x00\x00\x00\x00\xffmeta\x00\x00\x00\x00",
    b"\x00\x00\x00\x0cJXL \r\n\x87\n\x00\x00\x00\x40Exif",
    b"\xff\x0a",
)


def _saved(kind: str, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Canon"
    exif.get_ifd(0x8769)[0x927C] = bytes(range(200))
    exif.get_ifd(0x8825)[2] = (1.5, 2.0, 3.0)
    out = io.BytesIO()
    Image.new("RGB", (9, 7)).save(out, kind, exif=exif, **options)
    return out.getvalue()


SEEDS = (
    photo_jpeg(),
    # the long run of stored pixels only makes the mutations miss
    screenshot_png()[:700] + screenshot_png()[-16:],
    _saved("PNG"),
    _saved("TIFF"),
    _saved("GIF"),
    *(_saved(kind) for kind in ("WEBP", "AVIF") if features.check(kind.lower())),
)


def check_value(value: Json) -> None:
    """The record profile: no floats, integers below 2**53, ASCII keys, Unicode."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert key.isascii()
            check_value(inner)
    elif isinstance(value, list):
        for inner in value:
            check_value(inner)
    elif isinstance(value, str):
        value.encode("utf-8")
        assert len(value) <= 4096
    elif value is not None:
        assert isinstance(value, int)
        assert abs(value) < 2**53


def check(data: bytes) -> list[Record]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        *records, summary = PictureParser().parse(Job(file.name))
    assert isinstance(summary, Summary)
    assert not any(isinstance(record, Summary) for record in records)
    check_value(dict(summary.public))
    kept = [record for record in records if isinstance(record, Record)]
    for record in kept:
        check_value(record.fields)
        source = record.fields.get("source", {"offset": 0, "length": 0})
        assert isinstance(source, dict)
        start, length = source["offset"], source["length"]
        assert isinstance(start, int)
        assert isinstance(length, int)
        assert start >= 0
        assert length >= 0
        assert start + length <= len(data), record
    failed = any(record.fields["kind"] == "error" for record in kept)
    if kept:
        assert (summary.outcome is ParseOutcome.PARTIAL) == failed
    else:
        assert summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert len(json.dumps([record.fields for record in kept])) < 64 << 20
    return kept


@pytest.fixture(scope="module", autouse=True)
def short_readings() -> Iterator[None]:
    """exifread stops ten times earlier here: many examples run into the limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture_exif, "_MAX_READS", 20_000)
        yield


@given(st.binary(max_size=2000))
@settings(max_examples=100, deadline=None)
def test_random_bytes(data: bytes) -> None:
    check(data)


@given(st.sampled_from(SIGNATURES), st.binary(max_size=1500))
@settings(max_examples=examples(100, 1000), deadline=None)
def test_random_bytes_behind_a_signature(signature: bytes, data: bytes) -> None:
    check(signature + data)


@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=6)),
        min_size=1,
        max_size=8,
    ),
)
@settings(max_examples=examples(150, 1500), deadline=None)
def test_overwritten_pictures(seed: bytes, changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(seed)
    for place, change in changes:
        at = place % len(seed)
        data[at : at + len(change)] = change
    check(bytes(data))


@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=200, deadline=None)
def test_cut_and_spliced_pictures(seed: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, len(seed)))
    other = data.draw(st.sampled_from(SEEDS))
    check(seed[:start] + seed[end:] + other[: data.draw(st.integers(0, 300))])


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_every_cut_of_a_picture(seed: int) -> None:
    data = SEEDS[seed]
    for end in range(1, len(data), max(len(data) // 60, 1)):
        check(data[:end])


@given(st.sampled_from(SEEDS))
@settings(max_examples=20, deadline=None)
def test_the_same_bytes_give_the_same_records(data: bytes) -> None:
    assert check(data) == check(data)
