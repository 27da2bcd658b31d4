"""Exhibits, and files inside them, as Digital Forensics XML 1.2.

Elements, their order and their types are those of the DFXML schema (dfxml.xsd of the
DFXML working group). Text is made visible first, so nothing that XML 1.0 forbids can
stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from evidence.case import Case
from evidence.interchange.contents import Line, lines_of
from evidence.interchange.source import Source
from evidence.tool import DISTRIBUTION, version
from evidence.visible import visible
from manifests.verifying.expected import ExpectedExhibit

NAMESPACE = "http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML"
SCHEMA = "1.2.0"
_DC = "http://purl.org/dc/elements/1.1/"
_TYPES = {"file": "r", "folder": "d", "directory": "d", "link": "l", "symlink": "l"}
_LETTERS = frozenset("-pcdbrlshwv")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?"
)
_DIGITS = re.compile(r"[0-9]{1,20}")
_OCTAL = re.compile(r"[0-7]{1,7}")
_FILES = frozenset({"file", "entry", "member"})


def dfxml(
    source: Source,
    case: Case,
    inside: Iterable[ExpectedExhibit] = (),
    *,
    named: bool = False,
) -> Iterator[bytes]:
    """Yield the document, UTF-8, a file object a piece.

    Args:
        inside: exhibits whose inventories are listed, too: a consultation.
        named: with paths and link targets; record numbers stand for them otherwise.

    Raises:
        As `evidence.interchange.contents.lines_of`.
    """
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<dfxml xmlns="{NAMESPACE}" xmlns:dc="{_DC}" version="{SCHEMA}">\n'
        "<metadata><dc:type>Custody record</dc:type></metadata>\n"
        f"<creator><program>{DISTRIBUTION}</program>"
        f"<version>{escape(visible(version()))}</version></creator>\n"
        f"<source><image_filename>{escape(source.origin)}</image_filename></source>\n"
    ).encode()
    for _, expected in source.exhibits():
        if not source.erased(expected.id):
            yield _exhibit(expected)
    for expected in inside:
        for line in lines_of(case, expected):
            if line.text("kind") in _FILES:
                yield _file(line, named=named)
    yield b"</dfxml>\n"


def _exhibit(expected: ExpectedExhibit) -> bytes:
    name = f"exhibits/{expected.id}/{expected.payload_name}"
    members = [
        ("filename", name),
        ("id", expected.id),
        ("name_type", "r"),
        ("filesize", str(expected.payload_bytes)),
    ]
    return _object(members, "", expected.payload_sha256)


def _file(line: Line, *, named: bool) -> bytes:
    shown = f"{line.exhibit}/{line.number:010d}"
    members = [
        ("filename", line.path if named and line.path else shown),
        ("partition", _positive(line)),
        ("id", shown),
        ("name_type", _type(line)),
        ("filesize", _number(line.size)),
        ("alloc", _allocated(line)),
        ("inode", _digits(line)),
        ("mode", _mode(line.text("mode"))),
        ("nlink", _number(line.count("nlink"))),
        ("uid", _number(line.count("uid"))),
        ("gid", _number(line.count("gid"))),
        ("mtime", _time(line.time("mtime", "modified"))),
        ("ctime", _time(line.time("ctime", "changed"))),
        ("atime", _time(line.time("atime", "accessed"))),
        ("crtime", _time(line.time("btime", "born"))),
        ("link_target", _target(line) if named else ""),
    ]
    return _object(members, _runs(line), line.sha256)


def _object(members: Iterable[tuple[str, str]], runs: str, digest: str) -> bytes:
    told = "".join(
        f"<{name}>{escape(visible(value))}</{name}>"
        for name, value in members
        if value or name == "filename"
    )
    hashed = f'<hashdigest type="sha256">{digest}</hashdigest>' if digest else ""
    return f"<fileobject>{told}{runs}{hashed}</fileobject>\n".encode()


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _positive(line: Line) -> str:
    number = line.count("partition")
    return str(number) if number else ""


def _type(line: Line) -> str:
    letter = line.text("name_type")
    if letter in _LETTERS:
        return letter
    if line.text("kind") == "member":
        return "r"
    return _TYPES.get(line.text("type"), "-")


def _allocated(line: Line) -> str:
    value = line.fields.get("allocated")
    return ("1" if value else "0") if isinstance(value, bool) else ""


def _digits(line: Line) -> str:
    number = line.count("inode")
    text = line.text("inode") if number is None else str(number)
    return text if _DIGITS.fullmatch(text) else ""


def _mode(text: str) -> str:
    return str(int(text, 8)) if _OCTAL.fullmatch(text) else ""


def _target(line: Line) -> str:
    return line.text("target") or line.text("link_target")


def _time(text: str) -> str:
    """Return a time that is an xs:dateTime; a bare date is none and is left out."""
    if not _TIME.fullmatch(text):
        return ""
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return ""
    return text


def _runs(line: Line) -> str:
    place = line.fields.get("payload")
    if not isinstance(place, dict):
        return ""
    offset, length = place.get("offset"), place.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        return ""
    if offset < 0 or length < 0:
        return ""
    run = f'<byte_run file_offset="0" img_offset="{offset}" len="{length}"/>'
    return f"<byte_runs>{run}</byte_runs>"
