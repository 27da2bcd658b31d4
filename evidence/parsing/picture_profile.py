"""Metadata blocks that sit inside other blocks: IPTC, Photoshop, hexadecimal profiles.

Sources: IPTC-NAA Information Interchange Model 4.2 chapters 1 to 6; Adobe Photoshop
file formats specification, "Image resource blocks"; ImageMagick's "Raw profile type"
convention for PNG text.
"""

from __future__ import annotations

import io
import re

from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import Budget, CutShortError, Window

MAX_RESOURCES = 500
MAX_DATASETS = 500
_IPTC_RESOURCE = 0x0404
_UTF8_MARK = b"\x1b%G"
_DATASETS = {
    5: "ObjectName",
    25: "Keywords",
    40: "SpecialInstructions",
    55: "DateCreated",
    60: "TimeCreated",
    80: "By-line",
    85: "By-lineTitle",
    90: "City",
    92: "Sublocation",
    95: "ProvinceState",
    101: "CountryName",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "CaptionAbstract",
    122: "WriterEditor",
}


def record_photoshop(window: Window, findings: Findings) -> None:
    """Walk ``8BIM`` resources: IPTC is read, the others are counted."""
    offset = count = 0
    while count < MAX_RESOURCES and window.read(offset, 4) == b"8BIM":
        try:
            kind = window.number(offset + 4, 2)
            name = window.number(offset + 6, 1)
            at = offset + 6 + (name + 2) // 2 * 2
            size = window.number(at, 4)
        except CutShortError:
            break
        if kind == _IPTC_RESOURCE:
            record_iptc(window.part(at + 4, size), findings)
        offset = at + 4 + (size + 1) // 2 * 2
        count += 1
    findings.part(
        "photoshop",
        "Photoshop resources; only IPTC among them is read",
        source=window.source(0, window.size),
        resources=count,
    )


def record_iptc(window: Window, findings: Findings) -> None:
    """Add the datasets of an IPTC-IIM block as tags."""
    offset = 0
    encoding = "latin-1"
    for _ in range(MAX_DATASETS):
        if window.read(offset, 1) != b"\x1c":
            return
        head = window.read(offset, 5)
        size = int.from_bytes(head[3:5], "big")
        if len(head) < 5 or size & 0x8000:  # extended datasets hold pictures, not text
            return
        record, number = head[1], head[2]
        value = window.read(offset + 5, size)
        if (record, number) == (1, 90) and value == _UTF8_MARK:
            encoding = "utf-8"
        elif record == 2 and number:
            text, raw = _iptc_text(value, encoding)
            name = _DATASETS.get(number, f"2:{number:02d}")
            source = window.source(offset + 5, len(value))
            findings.tag("iptc", name, value=text, source=source, raw=raw)
        offset += 5 + size


def _iptc_text(value: bytes, encoding: str) -> tuple[str, bytes | None]:
    """Most writers leave the character set out; UTF-8 that decodes is hardly chance."""
    try:
        return value.decode("utf-8"), None
    except UnicodeDecodeError:
        return value.decode(encoding, "replace"), value


def record_raw_profile(
    keyword: str, text: bytes, chunk: Window, *, findings: Findings
) -> bool:
    """Read a block that ImageMagick stored as hexadecimal text; False if it is none.

    The bytes do not lie in the payload as such, so every record names the chunk.
    """
    found = re.fullmatch(r"Raw profile type (exif|APP1|iptc|8bim|xmp)", keyword)
    if found is None:
        return False
    source = chunk.source(0, chunk.size, exact=False)
    lines = text.split(None, 2)  # name, decimal length, hexadecimal digits
    try:
        block = bytes.fromhex(lines[2].decode("ascii"))
    except (IndexError, ValueError):
        findings.error("png-text", f"{keyword} is not hexadecimal", source=source)
        return True
    nested = Findings(_detached(block), {}, blocks=findings.blocks)
    if block.startswith(b"8BIM"):
        record_photoshop(nested.window, nested)
    elif block.startswith((b"Exif\x00\x00", b"II", b"MM")):
        record_exif(nested.window, nested)
    else:
        value, raw = decoded(block)
        nested.tag("xmp", keyword, value=value, source=source, raw=raw)
    findings.absorb(nested, source=source)
    return True


def _detached(block: bytes) -> Window:
    return Window(io.BytesIO(block), 0, size=len(block), budget=Budget())
