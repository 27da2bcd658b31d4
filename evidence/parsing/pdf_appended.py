"""What stands between the objects of appended revisions: nothing, in a sound report.

Readers find objects by the tables of cross-references; what no table names, comments
and a second object of one number in a revision are passed over, until a later revision
or a reader that repairs brings them up.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

_SPACE = re.compile(rb"[\x00\t\n\f\r ]*")
_BEGIN = re.compile(rb"(\d{1,10}) (\d{1,5}) obj\b")
_STOP = re.compile(rb"endobj|stream\r?\n")
_LENGTH = re.compile(rb"/Length (\d{1,10})\b(?! \d+ R)")
_AFTER_STREAM = re.compile(rb"\s{0,2}endstream\s{1,2}endobj")
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_TABLE = re.compile(
    rb"xref\s{1,2}(?:\d{1,10} \d{1,10}\s{1,2}(?:\d{10} \d{5} [nf][\r\n ]{1,2})+)+"
    rb"trailer\s{1,2}<<"
)
_END = re.compile(rb"startxref\s+\d{1,12}\s+%%EOF")


def odd_bytes(data: bytes, start: int, known: AbstractSet[int]) -> str:
    """Say what stands from `start` on that is no object or table; "" for nothing.

    Args:
        known: numbers of the objects that tables name.
    """
    place, seen = start, set[int]()
    while (place := _space(data, place)) < len(data):
        begin = _BEGIN.match(data, place)
        if begin is not None:
            number = int(begin[1])
            if number in seen or number not in known:
                return f"object {number} is there twice or in no table"
            seen.add(number)
            place = _object_end(data, begin.end())
        elif (table := _TABLE.match(data, place)) is not None:
            place = data.find(b"startxref", table.end())
            if place < 0 or not _is_plain(data[table.end() : place]):
                return "a trailer is odd"
        elif (end := _END.match(data, place)) is not None:
            place = end.end()
            seen.clear()
        else:
            return "bytes that belong to nothing"
        if place < 0:
            return "an object is odd"
    return ""


def _space(data: bytes, place: int) -> int:
    found = _SPACE.match(data, place)
    return found.end() if found else place


def _object_end(data: bytes, start: int) -> int:
    """Return where an object ends; -1 when it holds a comment, or no end."""
    stop = _STOP.search(data, start)
    if stop is None or not _is_plain(data[start : stop.start()]):
        return -1
    if stop[0] == b"endobj":
        return stop.end()
    length = _LENGTH.search(data, start, stop.start())
    if length is None:
        return -1
    end = _AFTER_STREAM.match(data, stop.end() + int(length[1]))
    return end.end() if end else -1


def _is_plain(text: bytes) -> bool:
    return b"%" not in text or b"%" not in _STRING.sub(b"", text)
