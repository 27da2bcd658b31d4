"""The picture parser on real and hostile files, against engines that are not it.

Truth comes from plain exifread (the table of tag counts), from metadata-extractor's own
expected texts, from Pillow's decoders and from the bytes themselves.
"""

from __future__ import annotations

import io
import logging
import re
import time
import tracemalloc
from functools import cache
from pathlib import Path

import exifread
import pytest
from PIL import Image

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Job, Record, Summary
from evidence.parsing.picture import PictureParser

pytestmark = pytest.mark.conformance

EXTRACTOR = "images/drewnoakes+metadata-extractor-images"
C2PA = "images/contentauth+c2pa-python/tests/fixtures"
MAX_SECONDS = 10
MAX_BYTES = 200 << 20


@cache
def parsed(path: Path) -> tuple[tuple[Fields, ...], Summary]:
    *items, summary = PictureParser().parse(Job(str(path)))
    assert isinstance(summary, Summary)
    return tuple(item.fields for item in items if isinstance(item, Record)), summary


def tags(path: Path) -> dict[str, Fields]:
    records, _ = parsed(path)
    return {str(record["tag"]): record for record in records if record["kind"] == "tag"}


def stored(path: Path, record: Fields) -> bytes:
    source = record["source"]
    assert isinstance(source, dict)
    start, length = source["offset"], source["length"]
    assert isinstance(start, int)
    assert isinstance(length, int)
    return path.read_bytes()[start : start + length]


def expected_texts(data: Path) -> list[tuple[Path, str]]:
    """The pictures for which metadata-extractor's expected output is kept."""
    texts = sorted((data / EXTRACTOR).glob("*/metadata/java/*.txt"))
    pairs = [
        (text.parents[2] / text.stem, text.read_text("utf-8", errors="replace"))
        for text in texts
    ]
    return [(path, text) for path, text in pairs if path.is_file()]


def test_every_file_ends_with_a_summary_in_bounds(shared_data: Path) -> None:
    files = [
        path
        for folder in ("images", "malicious")
        for path in sorted((shared_data / folder).rglob("*"))
        if path.is_file()
    ]
    assert sum(path.suffix == ".fuzzed" for path in files) == 170
    tracemalloc.start()
    try:
        for path in files:
            tracemalloc.reset_peak()
            held, _ = tracemalloc.get_traced_memory()
            before = time.perf_counter()
            records, summary = parsed(path)
            assert time.perf_counter() - before < MAX_SECONDS, path
            assert tracemalloc.get_traced_memory()[1] - held < MAX_BYTES, path
            failed = any(record["kind"] == "error" for record in records)
            expected = (
                ParseOutcome.NOT_RECOGNISED
                if not records
                else (ParseOutcome.PARTIAL if failed else ParseOutcome.PARSED)
            )
            assert summary.outcome is expected, path
    finally:
        tracemalloc.stop()


def test_only_pictures_are_recognised(shared_data: Path) -> None:
    known = {".png", ".jpg", ".gif", ".webp", ".heic", ".heif", ".avif", ".jxl"}
    tiff = {".dng", ".iiq"}
    for path in sorted((shared_data / "images").rglob("*")):
        if not path.is_file() or path.suffix == ".fuzzed":
            continue
        _, summary = parsed(path)
        is_picture = path.suffix.lower() in known | tiff
        recognised = summary.outcome is not ParseOutcome.NOT_RECOGNISED
        assert recognised == is_picture, path


def plain_exifread(path: Path, *, details: bool) -> set[str]:
    """The names of the tags exifread finds by itself in the whole file."""
    with path.open("rb") as stream:
        return set(exifread.process_file(stream, details=details))


def test_tags_are_those_plain_exifread_finds(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("exifread"), "disabled", True)
    table = (shared_data / "TRUTH" / "exifread-3.5.1.tsv").read_text("utf-8")
    compared = 0
    raising, more, fewer = set(), set(), set()
    for line in table.splitlines()[1:]:
        local, result = line.split("\t")
        path = shared_data / local
        ours = {
            str(record["tag"])
            for record in parsed(path)[0]
            if record.get("namespace") in ("exif", "gps", "thumbnail", "maker-note")
            or record.get("tag") == "Image ApplicationNotes"
        }
        if result.startswith("EXC"):
            raising.add(path.name)
            continue
        assert result == f"{len(plain_exifread(path, details=False))} tags"
        theirs = plain_exifread(path, details=True) - {"JPEGThumbnail", "TIFFThumbnail"}
        compared += bool(theirs)
        if ours - theirs:
            more.add(path.name)
            assert not theirs
        fewer.update(theirs - ours)
    assert compared == 34
    assert raising == {"NegativeArraySizeException.ItemInfoBox.init.heif", "JXL2.jxl"}
    # exifread 3.5.1 looks six bytes too far in WebP files that leave out "Exif\0\0".
    assert more == {"HTC Desire.webp", "Nikon D1X.webp"}
    # In Casio2.jpg it runs over the end of the segment: FFDA is the next marker.
    assert fewer == {"MakerNote Tag 0xFFDA"}


def test_sizes_are_those_metadata_extractor_expects(shared_data: Path) -> None:
    pattern = r"^\[(?:JPEG|PNG-IHDR|WebP|HEIF) - \w+\] (?:Image )?{} = (\d+)"
    compared = 0
    for path, text in expected_texts(shared_data):
        across = re.search(pattern.format("Width"), text, re.MULTILINE)
        down = re.search(pattern.format("Height"), text, re.MULTILINE)
        if across is None or down is None:
            continue
        expected = (int(across[1]), int(down[1]))
        if path.name in ("IMG_2927.HEIC", "exif-at-eof.heic"):
            # It reports the first tile. The grid item says 8 x 6 tiles, 3024 x 4032.
            assert b"idat\x00\x00\x07\x05\x0b\xd0\x0f\xc0" in path.read_bytes()
            expected = (3024, 4032)
        picture = parsed(path)[0][0]
        assert (picture["width"], picture["height"]) == expected, path
        compared += 1
    assert compared >= 15


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        (r"Exif IFD0 - 0x010f\] Make", "Image Make"),
        (r"Exif IFD0 - 0x0110\] Model", "Image Model"),
        (r"Exif IFD0 - 0x0131\] Software", "Image Software"),
        (r"Exif SubIFD - 0x9003\] Date/Time Original", "EXIF DateTimeOriginal"),
        (r"PNG-tEXt - 0x000d\] Textual Data = Software:", "Software"),
        (r"PNG-tEXt - 0x000d\] Textual Data = Creation Time:", "Creation Time"),
        (r"PNG-iTXt - 0x000d\] Textual Data = Comment:", "Comment"),
    ],
)
def test_values_are_those_metadata_extractor_expects(
    shared_data: Path, line: str, tag: str
) -> None:
    compared = 0
    for path, text in expected_texts(shared_data):
        found = re.search(rf"^\[{line}(?: =)? (.*)$", text, re.MULTILINE)
        if found is not None:
            value = tags(path)[tag]["value"]
            assert isinstance(value, str)
            assert value.strip() == found[1].strip(), path
            compared += 1
    assert compared >= 1


def _decimal(text: str, name: str) -> float | None:
    found = re.search(rf"GPS {name} = (-?\d+)° (\d+)' ([\d.]+)", text.replace("�", "°"))
    if found is None:
        return None
    degrees, minutes, seconds = (float(part) for part in found.groups())
    return degrees + minutes / 60 + seconds / 3600


def test_positions_are_those_metadata_extractor_expects(shared_data: Path) -> None:
    compared = 0
    for path, text in expected_texts(shared_data):
        latitude, longitude = (_decimal(text, n) for n in ("Latitude", "Longitude"))
        records, _ = parsed(path)
        found = [record for record in records if record["kind"] == "position"]
        assert bool(found) == (latitude is not None), path
        if latitude is None or longitude is None:
            continue
        compared += 1
        # it prints hundredths of a second, which are 0.0000028 degrees
        assert float(str(found[0]["latitude"])) == pytest.approx(latitude, abs=2e-6)
        assert float(str(found[0]["longitude"])) == pytest.approx(longitude, abs=2e-6)
    assert compared >= 4


def test_text_tags_are_where_their_records_say(shared_data: Path) -> None:
    """Read back from the file: the bytes named hold the value."""
    names = re.compile(
        r"(Image (Make|Model|Software|DateTime|Artist|Copyright)"
        r"|EXIF (DateTimeOriginal|DateTimeDigitized|LensModel|OffsetTime)"
        r"|GPS GPS(LatitudeRef|LongitudeRef|MapDatum|Date)"
        r"|Interoperability InteroperabilityIndex)"
    )
    checked = 0
    formats = set()
    for path in sorted((shared_data / "images").rglob("*")):
        if not path.is_file():
            continue
        for record in parsed(path)[0]:
            source = record.get("source")
            if (
                record["kind"] != "tag"
                or not names.fullmatch(str(record["tag"]))
                or not isinstance(source, dict)
                or "exact" in source
            ):
                continue
            text = stored(path, record).split(b"\x00")[0].decode("utf-8", "replace")
            assert text == record["value"], (path, record)
            formats.add(parsed(path)[0][0]["format"])
            checked += 1
    assert checked > 240
    assert formats >= {"jpeg", "png", "heic", "webp", "tiff"}


@pytest.mark.parametrize(
    ("name", "tag", "raw"),
    [
        ("FujiFilm.jpg", "MakerNote Quality", b"NORMAL \x00"),
        ("FujiFilm.jpg", "MakerNote NoteVersion", b"0130"),
        ("NikonD70.jpg", "MakerNote SerialNumber", b"NO= 20025585        \x00"),
        ("NikonD70.jpg", "MakerNote ImageSharpening", b"MED.H \x00"),
        ("Olympus.jpg", "MakerNote SoftwareRelease", b"SR951"),
        ("Canon1DmkIII.jpg", "MakerNote ImageType", b"Canon EOS-1D Mark III\x00"),
    ],
)
def test_maker_notes_are_located_whatever_their_base(
    shared_data: Path, name: str, tag: str, raw: bytes
) -> None:
    """Offsets count from the block, the note or a header inside it, by maker."""
    path = shared_data / "images/exiftool+exiftool/t/images" / name
    record = tags(path)[tag]
    assert stored(path, record).startswith(raw)
    source = record["source"]
    assert isinstance(source, dict)
    assert "exact" not in source
    assert record["value"] == raw.rstrip(b"\x00").decode("ascii")


def test_previews_are_whole_pictures(shared_data: Path) -> None:
    checked = 0
    for path in sorted((shared_data / EXTRACTOR / "jpg").glob("*.jpg")):
        for record in parsed(path)[0]:
            if record["kind"] != "thumbnail":
                continue
            with Image.open(io.BytesIO(stored(path, record))) as preview:
                preview.load()
                assert preview.format == "JPEG"
            checked += 1
    assert checked >= 2


@pytest.mark.parametrize(
    "folder",
    [
        "images/Horizontal-org+Tella-Android",
        "images/abrignoni+iLEAPP/admin/test/samples_data",
        C2PA,
    ],
)
def test_pillow_measures_the_same(shared_data: Path, folder: str) -> None:
    compared = 0
    for path in sorted((shared_data / folder).rglob("*")):
        if path.suffix not in (".png", ".jpg", ".gif", ".webp", ".avif"):
            continue
        picture = parsed(path)[0][0]
        with Image.open(path) as image:
            assert (picture["width"], picture["height"]) == image.size, path
            animated = getattr(image, "is_animated", False)
            assert bool(picture.get("animated")) == animated, path
        assert picture["truncated"] is False
        assert "trailing_bytes" not in picture
        compared += 1
    assert compared >= 5


def test_content_credentials_are_said_to_be_present(shared_data: Path) -> None:
    found, expected = set(), set()
    for path in sorted((shared_data / C2PA).rglob("*.jpg")):
        if b"jumdc2pa" in path.read_bytes():
            expected.add(path.name)
        notes = [record.get("note") for record in parsed(path)[0]]
        if "C2PA present, not validated" in notes:
            found.add(path.name)
    assert found == expected
    assert found == {"C.jpg", "CA.jpg", "E-sig-CA.jpg", "XCA.jpg"}


def test_nothing_public_tells_of_a_place(shared_data: Path) -> None:
    allowed = {
        "format",
        "metadata_parsed",
        "tags",
        "errors",
        "truncated",
        "width",
        "height",
    }
    for path in sorted((shared_data / "images").rglob("*.jpg")):
        assert set(parsed(path)[1].public) <= allowed
