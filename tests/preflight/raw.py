"""Rules on a PDF's bytes as they stand: what a library that repairs would hide."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pikepdf

_HEADER = re.compile(rb"%PDF-1\.[0-7](\r\n|\r|\n)%[\x80-\xff]{4}[^\r\n]*[\r\n]")
_STREAM = re.compile(
    rb"(/Length[ \r\n]+(\d+)(?![ \r\n]+\d+[ \r\n]+R)[^>]*>>\s*)?"
    rb"\bstream(\r\n|\n|\r)(.*?)endstream",
    re.DOTALL,
)
_OBJECT = re.compile(rb"(.?)(?<!\d)(\d+)(\s+)(\d+)(\s+)obj(..?)", re.DOTALL)
_END = re.compile(rb"(.)endobj(.?)", re.DOTALL)
_XREF = re.compile(rb"(?<!start)xref(\s*)\d+(\s+)\d+")
_TOKEN = re.compile(rb"%|\(|<<|>>|<")
_LINE_END = re.compile(rb"[\r\n]")
_INLINE = re.compile(rb"\bID\s.*?\sEI\b", re.DOTALL)
_EOL = (b"\r\n", b"\n", b"\r")
_SPACES = b"\x00\t\n\x0c\r "
_HEX = b"0123456789abcdefABCDEF"


def check_raw(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield (clause and test, what is wrong)."""
    yield from _header(data)
    bare = _STREAM.sub(b"stream\nendstream", data)
    yield from _lengths(data)
    yield from _objects(bare)
    for found in _XREF.finditer(bare):
        if found[1] not in _EOL:
            yield "6.1.4-1", "xref and its subsection are not parted by one line end"
    for text in hex_strings(bare):
        yield from check_hex(text)


def _header(data: bytes) -> Iterator[tuple[str, str]]:
    if not re.match(rb"%PDF-1\.[0-7][\r\n]", data):
        yield "6.1.2-1", "the file does not begin with %PDF-1.n"
    elif not _HEADER.match(data):
        yield "6.1.2-2", "no comment of four bytes above 127 follows the header"


def _lengths(data: bytes) -> Iterator[tuple[str, str]]:
    for found in _STREAM.finditer(data):
        if found[3] == b"\r":
            yield "6.1.7.1-2", "stream is followed by a lone carriage return"
        if found[1] is None:
            continue
        rest = data[found.start(4) + int(found[2]) :][:12]
        if not re.match(rb"(\r\n|\n|\r)?endstream", rest):
            yield "6.1.7.1-3", "Length is not that of the stream"


def _objects(bare: bytes) -> Iterator[tuple[str, str]]:
    for found in _OBJECT.finditer(bare):
        before, _, first, _, second, after = found.groups()
        if first not in (b" ", b"\n", b"\r", b"\t"):
            yield "6.1.9-1", "object and generation number: not one white space"
        if second not in (b" ", b"\n", b"\r", b"\t"):
            yield "6.1.9-2", "generation number and obj: not one white space"
        if before and before not in b"\r\n":
            yield "6.1.9-3", "the object number does not begin a line"
        if after[:1] not in (b"\r", b"\n"):
            yield "6.1.9-4", "obj does not end a line"
    for end in _END.finditer(bare):
        if end[1] not in b"\r\n":
            yield "6.1.9-3", "endobj does not begin a line"
        if end[2] and end[2] not in b"\r\n":
            yield "6.1.9-4", "endobj does not end a line"


def hex_strings(data: bytes) -> Iterator[bytes]:
    """Yield what stands between the brackets of hexadecimal strings."""
    at = 0
    while found := _TOKEN.search(data, at):
        at = found.end()
        if found[0] == b"%":
            end = _LINE_END.search(data, at)
            at = end.end() if end else len(data)
        elif found[0] == b"(":
            at = _after_literal(data, at - 1)
        elif found[0] == b"<":
            end = data.find(b">", at)
            yield data[at:] if end < 0 else data[at:end]
            at = len(data) if end < 0 else end + 1


def _after_literal(data: bytes, at: int) -> int:
    depth = 0
    while at < len(data):
        byte = data[at : at + 1]
        if byte == b"\\":
            at += 1
        elif byte == b"(":
            depth += 1
        elif byte == b")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return at


def check_hex(text: bytes) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a hexadecimal string."""
    digits = bytes(byte for byte in text if byte not in _SPACES)
    if any(byte not in _HEX for byte in digits):
        yield "6.1.6-2", "a hexadecimal string holds other characters"
    elif len(digits) % 2:
        yield "6.1.6-1", "a hexadecimal string has an odd number of digits"


def check_contents(pdf: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the strings of the pages' contents."""
    for page in pdf.pages:
        contents = page.obj.get("/Contents", pikepdf.Array())
        parts = contents if isinstance(contents, pikepdf.Array) else [contents]
        data = b"\n".join(part.read_bytes() for part in parts)
        for text in hex_strings(_INLINE.sub(b"", data)):
            yield from check_hex(text)


def check_trailer(pdf: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the trailer."""
    identifier = pdf.trailer.get("/ID")
    sound = (
        isinstance(identifier, pikepdf.Array)
        and len(identifier) == 2
        and all(isinstance(part, pikepdf.String) and bytes(part) for part in identifier)
    )
    if not sound:
        yield "6.1.3-1", "the trailer has no ID of two strings that say something"
    if pdf.is_encrypted or "/Encrypt" in pdf.trailer:
        yield "6.1.3-2", "the file is encrypted"
