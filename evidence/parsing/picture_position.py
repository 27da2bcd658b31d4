"""The place a picture claims, in decimal degrees, from its GPS tags.

Source: CIPA DC-008 (Exif 2.32) clause 4.6.6, tags 0x0000 to 0x001D.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from evidence.parsing.base import Fields
from evidence.parsing.picture_exif import READER, ExifTag
from evidence.parsing.picture_findings import Findings, bounded
from evidence.parsing.picture_window import Window

_SIGNS = {"N": 1, "S": -1, "E": 1, "W": -1}


class NoPositionError(Exception):
    """The GPS tags give no position; the message says why."""


def decimal(value: Fraction, places: int) -> str:
    """Return `value` rounded half to even, as decimal text with `places` digits."""
    scaled = round(value * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}.{rest:0{places}d}"


def _numbers(tag: ExifTag | None, count: int) -> list[Fraction]:
    """Return the tag's `count` numbers; raises when they are absent or n/0."""
    values = tag.values if tag is not None else None
    if not isinstance(values, list) or len(values) != count:
        raise NoPositionError("a coordinate does not have its prescribed form")
    numbers = []
    for value in values:
        # exifread stores n/0, which a receiver without a fix writes, as such
        if not isinstance(value, int | Fraction) or value.denominator == 0:
            raise NoPositionError(
                "a coordinate is given as undefined (divided by zero)"
            )
        numbers.append(Fraction(value.numerator, value.denominator))
    return numbers


def _degrees(tags: Mapping[str, ExifTag], axis: str, *, signs: str, most: int) -> str:
    degrees, minutes, seconds = _numbers(tags.get(f"GPS GPS{axis}"), 3)
    value = degrees + minutes / 60 + seconds / 3600
    reference = tags.get(f"GPS GPS{axis}Ref")
    letter = reference.text.strip().upper()[:1] if reference is not None else ""
    if letter not in signs or not letter:
        raise NoPositionError("the hemisphere is not given")
    if not 0 <= value <= most:
        raise NoPositionError("a coordinate is outside the globe")
    return decimal(value * _SIGNS[letter], 7)


def _altitude(tags: Mapping[str, ExifTag]) -> str | None:
    """Metres above (below: negative) sea level, or None."""
    if "GPS GPSAltitude" not in tags:
        return None
    try:
        (metres,) = _numbers(tags["GPS GPSAltitude"], 1)
    except NoPositionError:
        return None
    reference = tags.get("GPS GPSAltitudeRef")
    below = reference is not None and reference.values == [1]
    return decimal(-metres if below else metres, 3)


def _time(tags: Mapping[str, ExifTag]) -> str | None:
    """The receiver's UTC time, RFC 3339, whole seconds; None when incomplete."""
    date = tags.get("GPS GPSDate")
    found = re.fullmatch(
        r"(\d{4})[:-](\d\d)[:-](\d\d)", date.text if date else "", re.ASCII
    )
    if found is None:
        return None
    try:
        hour, minute, second = _numbers(tags.get("GPS GPSTimeStamp"), 3)
    except NoPositionError:
        return None
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61):
        return None
    clock = ":".join(f"{int(part):02d}" for part in (hour, minute, second))
    return f"{'-'.join(found.groups())}T{clock}Z"


def _span(tags: Mapping[str, ExifTag], block: Window) -> Fields:
    """The range that holds both coordinates."""
    used = [tags["GPS GPSLatitude"], tags["GPS GPSLongitude"]]
    starts = [tag.offset for tag in used if tag.offset is not None]
    ends = [tag.offset + tag.length for tag in used if tag.offset is not None]
    if len(starts) < 2 or min(starts) < 0 or max(ends) > block.size:
        return block.source(0, block.size, exact=False)
    return block.source(min(starts), max(ends) - min(starts), exact=False)


def record_position(
    tags: Mapping[str, ExifTag], block: Window, findings: Findings
) -> None:
    """Add a ``position`` record when the GPS tags hold one.

    The fields are decimal text: degrees north and east (WGS 84 unless ``datum`` says
    otherwise), metres of altitude. Tags that give no position add an ``error``.
    """
    if not any(f"GPS GPS{axis}" in tags for axis in ("Latitude", "Longitude")):
        return
    try:
        latitude = _degrees(tags, "Latitude", signs="NS", most=90)
        longitude = _degrees(tags, "Longitude", signs="EW", most=180)
    except NoPositionError as error:
        whole = block.source(0, block.size, exact=False)
        findings.error("position", str(error), source=whole)
        return
    record: Fields = {
        "kind": "position",
        "latitude": latitude,
        "longitude": longitude,
        "sensitive": True,
        "source": _span(tags, block),
        "parser": READER.parser,
        "parser_version": READER.version,
    }
    datum = tags.get("GPS GPSMapDatum")
    optional = {
        "altitude": _altitude(tags),
        "time": _time(tags),
        "datum": bounded(datum.text.strip())[0][:64] if datum is not None else None,
    }
    findings.add(record | {name: text for name, text in optional.items() if text})
