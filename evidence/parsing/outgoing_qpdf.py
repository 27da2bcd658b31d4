"""Takes apart a PDF this program has just made: every string, name and stream.

A tagged report of a thousand exhibits has tens of thousands of small objects. qpdf
reads and writes each at the speed of C; their strings are picked out of what it wrote,
which has one spelling only (parentheses escaped, no string inside another). Files of
others go through `outgoing_pdf`, which reads what is damaged, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import pikepdf

from evidence.parsing.base import Item

if TYPE_CHECKING:
    from evidence.parsing.outgoing import Place, Taker

_SHORT = 256  # bytes of an object's strings that are remembered
_WORD = re.compile(
    rb"\(((?:[^\\()]|\\.)*)\)|(?<!<)<([0-9a-fA-F]+)>|/([^\x00\t\n\f\r ()<>\[\]{}/%]+)",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NUMBERED = re.compile(rb"#([0-9a-fA-F]{2})")
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_DAMAGE = (pikepdf.PdfError, ValueError, TypeError, RuntimeError)


def take_own_pdf(taker: Taker, stream: BinaryIO, place: Place) -> Iterator[Item]:
    """Yield what is in a PDF but not what draws its pages.

    Raises:
        pikepdf.PdfError: qpdf cannot open it; nothing was yielded.
    """
    from evidence.parsing.outgoing import part

    with pikepdf.open(stream) as pdf:
        drawn = {found.objgen for page in pdf.pages for found in _contents(page.obj)}
        said: set[bytes] = set()
        for found in pdf.objects:
            if found.objgen not in drawn and not _is_packed(found):
                where = (*place, f"object {found.objgen[0]}")
                yield from _object(taker, found, where, said)
        trailer = b"\n".join(words(pdf.trailer.unparse()))
        yield from part((*place, "trailer"), "bytes", trailer)


def _is_packed(found: pikepdf.Object) -> bool:
    """Tell whether a stream only holds other objects, each looked at for itself."""
    if not isinstance(found, pikepdf.Stream):
        return False
    return str(found.stream_dict.get("/Type", "")) in ("/ObjStm", "/XRef")


def _contents(page: pikepdf.Object) -> list[pikepdf.Object]:
    found = page.get("/Contents")
    if found is None:
        return []
    return [*found.as_list()] if isinstance(found, pikepdf.Array) else [found]


def _object(
    taker: Taker, found: pikepdf.Object, where: Place, said: set[bytes]
) -> Iterator[Item]:
    from evidence.parsing.outgoing import part, unread

    is_stream = isinstance(found, pikepdf.Stream)
    try:
        written = (found.stream_dict if is_stream else found).unparse(resolved=True)
    except _DAMAGE as error:
        yield unread(where, f"an object cannot be read ({type(error).__name__})")
        return
    joined = b"\n".join(words(written))
    if joined and joined not in said:
        if len(joined) <= _SHORT:
            said.add(joined)
        taker.budget.spend(len(joined))
        yield from part(where, "bytes", joined)
    if is_stream:
        try:
            data = found.read_bytes()
        except _DAMAGE:
            data = found.read_raw_bytes()  # a picture: no pixels needed
        yield from taker.data(data, where)


def words(written: bytes) -> Iterator[bytes]:
    """Yield the strings and names in an object as qpdf writes it.

    A string comes as its bytes, and in UTF-8 where that is something else.
    """
    for text, digits, name in _WORD.findall(written):
        if name:
            yield b"/" + _NUMBERED.sub(lambda m: bytes.fromhex(m[1].decode()), name)
            continue
        data = bytes.fromhex(digits.decode("ascii")) if digits else text
        if b"\\" in text:
            data = _ESCAPED.sub(_plain, text)
        yield data
        if data[:2] == b"\xfe\xff":
            yield data[2:].decode("utf-16-be", "replace").encode("utf-8", "replace")
        elif not data.isascii():
            yield data.decode("pdfdoc", "replace").encode("utf-8", "replace")


def _plain(found: re.Match[bytes]) -> bytes:
    said = found[1]
    if len(said) == 3:
        return bytes((int(said, 8) & 255,))
    return _LETTERS.get(said, said)
