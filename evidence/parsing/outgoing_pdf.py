"""Takes a PDF apart with pypdf: pages, every string of every object, every stream.

Page text is what a reader shows. Strings and streams cover what it does not: document
information, XMP, outlines, notes, form fields, attachments, earlier revisions.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from evidence.parsing.base import Item

if TYPE_CHECKING:
    from evidence.parsing.outgoing import Place, Taker

MAX_OBJECTS = 2_000_000
_MAX_STREAM = 64 << 20
_SHORT = 256  # bytes of an object's strings that are remembered
_PACKED = ("/ObjStm", "/XRef")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
# pypdf raises these, and what Python raises, on damaged objects.
_DAMAGE = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError,
    RuntimeError, AssertionError, OSError, zlib.error,
)  # fmt: skip


def take_pdf(taker: Taker, stream: BinaryIO, place: Place) -> Iterator[Item]:
    """Yield what is in a PDF; what pypdf cannot read becomes ``unread``."""
    from evidence.parsing.outgoing import unread

    if not taker.drawn and not taker.pages and not place:
        try:
            yield from _own(taker, stream, place)
        except _NotOwnError:
            stream.seek(0)
        else:
            yield from _revisions(taker, stream, place)
            return

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(stream, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            yield unread(place, "the PDF is encrypted")
            return
        count = len(reader.pages)
    except _DAMAGE as error:
        yield unread(place, f"the PDF is damaged ({type(error).__name__})")
        return
    if taker.pages:
        for number in range(count):
            yield from _page(reader, number, place)
    yield from _objects(taker, reader, place)
    yield from _revisions(taker, stream, place)


class _NotOwnError(Exception):
    """qpdf cannot open a file that should have been made by this program."""


def _own(taker: Taker, stream: BinaryIO, place: Place) -> Iterator[Item]:
    """Yield what is in a large PDF that this program has just made."""
    from pikepdf import PdfError  # heavy, and seldom needed

    from evidence.parsing.outgoing_qpdf import take_own_pdf

    try:
        yield from take_own_pdf(taker, stream, place)
    except PdfError as error:
        raise _NotOwnError from error


def _page(reader: PdfReader, number: int, place: Place) -> Iterator[Item]:
    from evidence.parsing.outgoing import part, unread

    where = (*place, f"page {number + 1}")
    try:
        text = reader.pages[number].extract_text()
    except _DAMAGE as error:
        yield unread(where, f"its text cannot be read ({type(error).__name__})")
        return
    if text:
        yield from part(where, "text", text.encode("utf-8", "replace"))


def _objects(taker: Taker, reader: PdfReader, place: Place) -> Iterator[Item]:
    """Yield the strings and the stream of every object of the newest revision."""
    from evidence.parsing.outgoing import part, unread

    known = {(n, g) for g, table in reader.xref.items() for n in table}
    known |= {(number, 0) for number in reader.xref_objStm}
    if not taker.drawn:
        known -= _contents(reader)
    said: set[bytes] = set()
    for number, generation in sorted(known)[:MAX_OBJECTS]:
        where = (*place, f"object {number}")
        try:
            found = reader.get_object(IndirectObject(number, generation, reader))
            texts = list(_strings(found))
        except _DAMAGE:
            continue  # unused numbers; what they hide is among the raw bytes
        if not taker.drawn and _type(found) in _PACKED:
            continue  # each object in it is looked at for itself
        joined = b"\n".join(texts)
        if joined and joined not in said:
            # A tagged file has thousands of objects that say the same few names.
            if len(joined) <= _SHORT:
                said.add(joined)
            taker.budget.spend(len(joined))
            yield from part(where, "bytes", joined)
        if isinstance(found, StreamObject):
            try:
                data = _stream_data(found)
            except _DAMAGE as error:
                yield unread(where, f"a stream is closed ({type(error).__name__})")
                continue
            yield from taker.data(data, where)
    if len(known) > MAX_OBJECTS:
        yield unread(place, "it has too many objects")
    trailer = b"\n".join(_strings(reader.trailer))
    yield from part((*place, "trailer"), "bytes", trailer)


def _type(found: object) -> str:
    """Return the type a stream says it has, "" when it says none."""
    return str(found.get("/Type", "")) if isinstance(found, StreamObject) else ""


def _contents(reader: PdfReader) -> set[tuple[int, int]]:
    """Return the numbers of the objects that only draw the pages."""
    found: set[tuple[int, int]] = set()
    for page in reader.pages:
        contents = page.raw_get("/Contents") if "/Contents" in page else None
        resolved = contents.get_object() if contents is not None else None
        listed = resolved if isinstance(resolved, ArrayObject) else [contents]
        found |= {
            (reference.idnum, reference.generation)
            for reference in listed
            if isinstance(reference, IndirectObject)
        }
    return found


def _stream_data(found: StreamObject) -> bytes:
    filters: Any = found.get("/Filter", [])
    names = filters if isinstance(filters, list) else [filters]
    pictures = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/DCT"}
    if pictures & {str(name) for name in names}:
        data = getattr(found, "_data", b"")  # as it is in the file: no pixels needed
        return data if isinstance(data, bytes) else b""
    return bytes(found.get_data())


def _strings(found: object) -> Iterator[bytes]:
    """Yield every string in an object, without following references."""
    stack: list[object] = [found]
    while stack:
        value = stack.pop()
        if isinstance(value, DictionaryObject):
            stack += [*value.keys(), *(value.raw_get(key) for key in value)]
        elif isinstance(value, ArrayObject):
            stack += list(value)
        elif isinstance(value, TextStringObject):
            yield value.encode("utf-8", "replace")
            yield value.original_bytes
        elif isinstance(value, ByteStringObject):
            yield bytes(value)
        elif isinstance(value, str):
            yield value.encode("utf-8", "replace")


def _revisions(taker: Taker, stream: BinaryIO, place: Place) -> Iterator[Item]:
    """Yield streams that only former revisions use: those of files saved twice."""
    from evidence.parsing.outgoing import part

    stream.seek(0)
    raw = stream.read(_MAX_STREAM * 4)
    if raw.count(b"%%EOF") < 2:
        return
    for number, found in enumerate(_STREAM.finditer(raw), 1):
        try:
            data = zlib.decompressobj().decompress(found[1], _MAX_STREAM)
        except zlib.error:
            continue  # not compressed so: its bytes are searched as they are
        taker.budget.spend(len(data))
        yield from part((*place, f"stream {number}"), "bytes", data)
