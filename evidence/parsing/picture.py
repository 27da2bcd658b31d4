"""The parser behind ``custody acquire screenshot``: what a picture file says of itself.

Nothing is decoded to pixels and nothing is judged: sizes, metadata tags, structures
that are present, bytes after the end of the image, each with its source bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Fields, Item, Job, Record, Summary
from evidence.parsing.payload import open_payload
from evidence.parsing.picture_findings import PARSER, VERSION, Findings
from evidence.parsing.picture_formats import (
    AVIF,
    BMP,
    GIF,
    HEIC,
    HEIF,
    JPEG,
    JXL,
    PNG,
    TIFF,
    WEBP,
    Format,
    recognise,
    resembles,
)
from evidence.parsing.picture_gif import read_gif
from evidence.parsing.picture_heif import read_heif
from evidence.parsing.picture_jpeg import read_jpeg
from evidence.parsing.picture_jxl import read_jxl
from evidence.parsing.picture_png import read_png
from evidence.parsing.picture_raster import read_bmp, read_tiff
from evidence.parsing.picture_webp import read_webp
from evidence.parsing.picture_window import (
    Budget,
    BudgetSpentError,
    CutShortError,
    DamagedError,
    Window,
)

_READERS: dict[Format, Callable[[Window, Findings], None]] = {
    PNG: read_png,
    JPEG: read_jpeg,
    GIF: read_gif,
    WEBP: read_webp,
    BMP: read_bmp,
    TIFF: read_tiff,
    JXL: read_jxl,
    HEIC: read_heif,
    AVIF: read_heif,
    HEIF: read_heif,
}
_LIMITS = (
    "Metadata is what the file says; anyone can write, change or remove it.",
    "Times in tags come from the device's clock; without an offset tag they are local.",
    "Pixels were not decoded, so whether the picture shows correctly was not checked.",
)


class PictureParser:
    """Reads one picture file (see `evidence.parsing.base.Parser`).

    Yields one ``picture`` record, then the records `Findings` describes, then the
    summary. Offsets count from the first byte of the payload, also when the job names
    a part of it. Reading is bounded by a `Budget`, records by number and length.
    """

    name = PARSER
    version = VERSION

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield the records of the picture in `job`; raises `OSError` only."""
        with _opened(job) as stream:
            size = stream.seek(0, 2) - job.offset
            if job.length is not None:
                size = min(size, job.length)
            window = Window(stream, job.offset, size=size, budget=Budget())
            found = recognise(window)
            findings = None if found is None else _examine(found, window)
        if found is None or findings is None:
            yield _not_a_picture(window)
            return
        yield Record(findings.picture)
        for record in findings.records:
            yield Record(record)
        yield _summary(found, findings)


def _opened(job: Job) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(open_payload(job)))


def read_picture(stream: BinaryIO) -> list[Fields] | None:
    """Return the records of a picture in a seekable stream; None when it is none."""
    window = Window(stream, 0, size=stream.seek(0, 2), budget=Budget())
    found = recognise(window)
    if found is None:
        return None
    findings = _examine(found, window)
    return [findings.picture, *findings.records]


def _not_a_picture(window: Window) -> Summary:
    limit = "This is not a picture format this parser knows; it was not interpreted."
    if window.size == 0:
        limit = "The file is empty."
    public: Fields = {"metadata_parsed": False, "tags": 0}
    return Summary(ParseOutcome.NOT_RECOGNISED, public, (limit,))


def _examine(found: Format, window: Window) -> Findings:
    """Run the format's reader; what stops it becomes an error record."""
    picture: Fields = {"kind": "picture", "format": found.name, "mime": found.mime}
    findings = Findings(window, picture)
    try:
        _READERS[found](window, findings)
    except CutShortError as error:
        findings.truncated = True
        findings.error(found.name, str(error))
    except DamagedError as error:
        findings.error(found.name, str(error))
    except BudgetSpentError as error:
        findings.error(found.name, str(error))
        findings.limits.append("The file was not read to its end.")
    picture["truncated"] = findings.truncated
    _trailing(window, findings)
    if not picture.get("width") or not picture.get("height"):
        findings.error(found.name, "the size of the picture is not known")
    if findings.dropped:
        findings.limits.append(f"{findings.dropped} further records were left out.")
    picture["source"] = window.source(0, window.size)
    return findings


def _trailing(window: Window, findings: Findings) -> None:
    """Describe the bytes after the end of the image, where data can be hidden."""
    end = findings.end
    if end is None or end >= window.size:
        return
    length = window.size - end
    trailing = window.source(end, length)
    # Its own budget: these bytes matter most when the picture was costly to read.
    rest = window.under(Budget()).part(end, length)
    findings.limits.append("Bytes follow the end of the image; nothing read them.")
    trailing["resembles"] = resembles(rest)
    if length <= Budget().bytes // 2:
        trailing["sha256"] = rest.sha256(0, length)
    findings.picture["trailing_bytes"] = trailing


def _summary(found: Format, findings: Findings) -> Summary:
    """Only technical facts are public: no flag here tells whether there is a place."""
    public: Fields = {
        "format": found.name,
        "metadata_parsed": True,
        "tags": findings.tags,
        "errors": findings.errors,
        "truncated": findings.truncated,
    }
    for name in ("width", "height"):
        if name in findings.picture:
            public[name] = findings.picture[name]
    is_whole = not (findings.errors or findings.truncated or findings.dropped)
    outcome = ParseOutcome.PARSED if is_whole else ParseOutcome.PARTIAL
    limits = tuple(dict.fromkeys((*_LIMITS, *findings.limits)))
    return Summary(outcome, public, limits)
