"""Sizes and structure of the other formats: Pillow's files, and boxes built by hand."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image, features

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Job, Record, Summary
from evidence.parsing.picture import PictureParser


@pytest.fixture
def parse(tmp_path: Path):
    def run(data: bytes) -> tuple[list[Fields], Summary]:
        (tmp_path / "payload").write_bytes(data)
        items = list(PictureParser().parse(Job(str(tmp_path / "payload"))))
        assert isinstance(items[-1], Summary)
        return [item.fields for item in items if isinstance(item, Record)], items[-1]

    return run


def drawn(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (37, 21)).save(out, kind, **options)
    return out.getvalue()


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0131] = "another engine"
    exif[0x0112] = 3
    return exif


@pytest.mark.parametrize(
    ("kind", "mode", "options", "expected"),
    [
        ("PNG", "LA", {}, ("png", 8, "grey+alpha")),
        ("PNG", "I;16", {}, ("png", 16, "grey")),
        ("JPEG", "RGB", {"progressive": True}, ("jpeg", 8, "ycbcr")),
        ("JPEG", "CMYK", {}, ("jpeg", 8, "cmyk")),
        ("GIF", "P", {}, ("gif", None, "palette")),
        ("BMP", "RGB", {}, ("bmp", 24, "rgb")),
        ("BMP", "P", {}, ("bmp", 8, "palette")),
        ("TIFF", "RGB", {}, ("tiff", 8, "rgb")),
        ("TIFF", "L", {"compression": "tiff_lzw"}, ("tiff", 8, "grey")),
        ("WEBP", "RGB", {}, ("webp", 8, "ycbcr")),
        ("WEBP", "RGBA", {"lossless": True}, ("webp", 8, "rgb+alpha")),
    ],
)
def test_pillow_and_this_parser_agree(parse, kind, mode, options, expected) -> None:
    if kind == "WEBP" and not features.check("webp"):
        pytest.skip("this Pillow writes no WebP")
    records, summary = parse(drawn(kind, mode, **options))
    picture = records[0]
    assert (picture["width"], picture["height"]) == (37, 21)
    assert picture["format"] == expected[0]
    if expected[1] is not None:
        assert picture["bit_depth"] == expected[1]
    assert picture["colour"] == expected[2]
    assert picture["truncated"] is False
    assert summary.outcome is ParseOutcome.PARSED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_exif_is_found_in_every_container(parse, kind: str) -> None:
    if kind in ("WEBP", "AVIF") and not features.check(kind.lower()):
        pytest.skip(f"this Pillow writes no {kind}")
    data = drawn(kind, exif=with_exif())
    records, _ = parse(data)
    found = {record["tag"]: record for record in records if record["kind"] == "tag"}
    record = found["Image Software"]
    assert record["value"] == "another engine"
    source = record["source"]
    assert isinstance(source, dict)
    start, length = source["offset"], source["length"]
    assert data[start : start + length] == b"another engine\x00"
    if kind == "AVIF":  # Pillow turns the tag into the container's own property
        assert records[0]["rotation"] == 180
    else:
        assert records[0]["orientation"] == 3
    assert (records[0]["width"], records[0]["height"]) == (37, 21)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_are_told_apart(parse, kind: str) -> None:
    if kind == "WEBP" and not features.check("webp"):
        pytest.skip("this Pillow writes no WebP")
    frames = [Image.new("L", (5, 5), shade) for shade in (0, 200)]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    assert parse(out.getvalue())[0][0]["animated"] is True


@pytest.mark.parametrize("kind", ["GIF", "BMP", "WEBP"])
def test_bytes_after_the_end_are_found(parse, kind: str) -> None:
    if kind == "WEBP" and not features.check("webp"):
        pytest.skip("this Pillow writes no WebP")
    data = drawn(kind)
    records, _ = parse(data + b"%PDF-1.7 hidden")
    trailing = records[0]["trailing_bytes"]
    assert isinstance(trailing, dict)
    assert (trailing["offset"], trailing["length"]) == (len(data), 15)
    assert trailing["resembles"] == "pdf"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "WEBP", "TIFF"])
def test_a_cut_file_is_partial(parse, kind: str) -> None:
    if kind == "WEBP" and not features.check("webp"):
        pytest.skip("this Pillow writes no WebP")
    data = drawn(kind)
    cut = data[: len(data) // 2] if kind == "TIFF" else data[:-3]
    _, summary = parse(cut)
    assert summary.outcome is ParseOutcome.PARTIAL


def test_gif_comment_and_application(parse) -> None:
    data = drawn("GIF", "P", comment=b"left by the writer")
    records, _ = parse(data)
    (record,) = [record for record in records if record["kind"] == "tag"]
    assert record["value"] == "left by the writer"
    assert record["sensitive"] is True


def test_bmp_rows_from_the_top(parse) -> None:
    head = struct.pack(
        "<2sIIIIiiHHIIIIII", b"BM", 58, 0, 54, 40, 1, -1, *(1, 32), *[0] * 6
    )
    records, summary = parse(head + b"\x00" * 4)
    assert (records[0]["width"], records[0]["height"]) == (1, 1)
    assert summary.outcome is ParseOutcome.PARSED


def test_bigtiff_is_said_not_to_be_read(parse) -> None:
    records, summary = parse(b"II+\x00\x08\x00\x00\x00" + bytes(16))
    assert records[1]["reason"] == "BigTIFF (64-bit offsets) is not read"
    assert summary.outcome is ParseOutcome.PARTIAL


def box(kind: bytes, *body: bytes) -> bytes:
    data = b"".join(body)
    return struct.pack(">I", len(data) + 8) + kind + data


def heic(*, exif: bytes, in_idat: bool = False, brand: bytes = b"heic") -> bytes:
    """Item 1 is a tile of 64 x 64, item 2 the primary picture, item 3 its EXIF."""
    infe = [
        box(b"infe", b"\x02\x00\x00\x00", struct.pack(">HH", number, 0), kind, b"\x00")
        for number, kind in ((1, b"hvc1"), (2, b"grid"), (3, b"Exif"))
    ]
    sizes = [
        box(b"ispe", struct.pack(">III", 0, across, down))
        for across, down in ((64, 64), (4032, 3024))
    ]
    turn = box(b"irot", b"\x03")
    links = struct.pack(">II", 0, 2) + b"\x00\x01\x01\x81" + b"\x00\x02\x02\x82\x03"
    item = struct.pack(">I", 6) + b"Exif\x00\x00" + exif

    def meta(place: int) -> bytes:
        method = 1 if in_idat else 0
        iloc = struct.pack(">IBBH", 1 << 24, 0x44, 0x00, 1)
        iloc += struct.pack(">HHHHII", 3, method, 0, 1, place, len(item))
        return box(
            b"meta",
            bytes(4),
            box(b"hdlr", bytes(24)),
            box(b"pitm", struct.pack(">IH", 0, 2)),
            box(b"iinf", struct.pack(">IH", 0, 3), *infe),
            box(b"iprp", box(b"ipco", *sizes, turn), box(b"ipma", links)),
            box(b"iloc", iloc),
            box(b"idat", item) if in_idat else b"",
        )

    ftyp = box(b"ftyp", brand, bytes(4), b"mif1", b"heic")
    at = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(0 if in_idat else at) + box(b"mdat", item)


BLOCK = b"MM\x00*\x00\x00\x00\x08\x00\x01" + struct.pack(">HHI", 0x0131, 2, 4)
BLOCK += b"abc\x00" + bytes(4)


@pytest.mark.parametrize("in_idat", [False, True])
def test_heic_takes_the_size_of_the_primary_item(parse, in_idat: bool) -> None:
    data = heic(exif=BLOCK, in_idat=in_idat)
    records, summary = parse(data)
    assert records[0]["format"] == "heic"
    assert (records[0]["width"], records[0]["height"]) == (4032, 3024)
    assert records[0]["rotation"] == 270
    (tag,) = [record for record in records if record["kind"] == "tag"]
    assert (tag["tag"], tag["value"]) == ("Image Software", "abc")
    source = tag["source"]
    assert isinstance(source, dict)
    start = source["offset"]
    assert isinstance(start, int)
    assert data[start : start + 4] == b"abc\x00"
    assert summary.outcome is ParseOutcome.PARSED


def test_heif_brands(parse) -> None:
    assert parse(heic(exif=BLOCK, brand=b"mif1"))[0][0]["format"] == "heic"
    assert parse(heic(exif=BLOCK, brand=b"avif"))[0][0]["mime"] == "image/avif"
    records, summary = parse(box(b"ftyp", b"isom", bytes(4), b"mp42"))
    assert records == []
    assert summary.outcome is ParseOutcome.NOT_RECOGNISED


def test_heic_cut_in_its_data_keeps_its_size(parse) -> None:
    records, summary = parse(heic(exif=BLOCK)[:-9])
    assert records[0]["truncated"] is True
    assert records[0]["width"] == 4032
    assert [record["stage"] for record in records if record["kind"] == "error"] == [
        "exif",
        "heic",
    ]
    assert summary.outcome is ParseOutcome.PARTIAL


def test_bytes_after_the_last_box_are_trailing(parse) -> None:
    data = heic(exif=BLOCK)
    records, _ = parse(data + b"\x00\x00\x00\x03\x00hidden")
    trailing = records[0]["trailing_bytes"]
    assert isinstance(trailing, dict)
    assert (trailing["offset"], trailing["length"]) == (len(data), 11)


def bits(*fields: tuple[int, int]) -> bytes:
    """Pack (value, bit count) least significant first."""
    value = shift = 0
    for number, count in fields:
        value |= number << shift
        shift += count
    return value.to_bytes(12, "little")


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        # div8 = 0; height selector 1 (13 bits) of 1080; ratio 5 is 16:9
        (((0, 1), (1, 2), (1079, 13), (5, 3)), (1920, 1080)),
        # div8 = 1; height (4+1)*8; no ratio; width (9+1)*8
        (((1, 1), (4, 5), (0, 3), (9, 5)), (80, 40)),
        # selectors 0 and 3: 9 bits and 30 bits
        (
            ((0, 1), (0, 2), (299, 9), (0, 3), (3, 2), (70_000_000, 30)),
            (70_000_001, 300),
        ),
    ],
)
def test_jpeg_xl_sizes(parse, fields, size) -> None:
    stream = b"\xff\x0a" + bits(*fields)
    assert (parse(stream)[0][0]["width"], parse(stream)[0][0]["height"]) == size
    container = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl ", bytes(4), b"jxl ")
    data = container + box(b"Exif", bytes(4), BLOCK) + box(b"jxlc", stream)
    records, _ = parse(data)
    assert (records[0]["width"], records[0]["height"]) == size
    assert records[1]["value"] == "abc"


def test_webp_canvas_counts_before_the_frame(parse) -> None:
    canvas = struct.pack("<B3x", 0x10) + (99).to_bytes(3, "little") + b"\x31\x00\x00"
    frame = b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 7, 7 | 0x4000)
    body = b"WEBP"
    for kind, data in ((b"VP8X", canvas), (b"VP8 ", frame), (b"hid ", b"1")):
        body += kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) & 1)
    records, summary = parse(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert (records[0]["width"], records[0]["height"]) == (100, 50)
    assert records[1]["note"] == "unknown chunk, not interpreted"
    assert summary.outcome is ParseOutcome.PARSED
