"""A PDF of our own is taken apart as wholly by qpdf as by pypdf."""

from __future__ import annotations

import io

import pikepdf
import pytest

from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.linting import Search
from evidence.parsing import outgoing_pdf
from evidence.parsing.base import Content, Job, Record
from evidence.parsing.outgoing import OutgoingParser
from evidence.parsing.outgoing_qpdf import words

NAME = "Zuzanna Wierzbicka"
CYRILLIC = "Тарас Шевчук"


def _pdf(*, packed: bool) -> bytes:
    """A document with a name in each place that is not drawn."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    page.Contents = pdf.make_stream(b"BT (drawn only) Tj ET")
    pdf.docinfo["/Title"] = f"Title ({NAME}) \\ of"
    pdf.docinfo["/Subject"] = CYRILLIC
    pdf.Root.Plain = pikepdf.String("Müller & Söhne")
    pdf.Root.Bytes = pikepdf.String(bytes((1, 2, 250, 251)) + b"binary")
    pdf.Root.Nested = pikepdf.Dictionary(
        Alt=pikepdf.String("inner (words"), K=pikepdf.Array([1, pikepdf.String("deep")])
    )
    pdf.Root[pikepdf.Name("/Od#d Näme")] = pikepdf.Name("/Va lue")
    pdf.attachments["note.txt"] = f"seen by {NAME}\n".encode()
    buffer = io.BytesIO()
    mode = pikepdf.ObjectStreamMode
    pdf.save(buffer, object_stream_mode=mode.generate if packed else mode.disable)
    return buffer.getvalue()


def _lines(data: bytes) -> set[bytes]:
    job = Job("", options={"drawn": False, "pages": False}, data=data)
    items = list(OutgoingParser().parse(job))
    assert not [item for item in items if isinstance(item, Record)]
    found = {item.data for item in items if isinstance(item, Content)}
    return {line for piece in found for line in piece.split(b"\n")}


@pytest.mark.parametrize("packed", [True, False])
def test_qpdf_yields_all_that_pypdf_yields(
    packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _pdf(packed=packed)
    by_qpdf = _lines(data)
    real = outgoing_pdf._own

    def refused(*_: object) -> object:
        raise outgoing_pdf._NotOwnError

    monkeypatch.setattr(outgoing_pdf, "_own", refused)
    by_pypdf = _lines(data)
    monkeypatch.setattr(outgoing_pdf, "_own", real)
    assert by_pypdf - by_qpdf <= _dates(by_pypdf)
    for text in ("Müller & Söhne", CYRILLIC, f"Title ({NAME}) \\ of", "deep"):
        assert text.encode() in by_qpdf
    assert f"seen by {NAME}".encode() in by_qpdf
    assert not any(b"drawn only" in line for line in by_qpdf)


def _dates(lines: set[bytes]) -> set[bytes]:
    """Lines that differ because pypdf writes a string of bytes otherwise."""
    return {line for line in lines if b"binary" in line}


@pytest.mark.parametrize("packed", [True, False])
def test_a_name_is_found_wherever_it_stands(packed: bool) -> None:
    names = [
        Identifier(Kind.NAME, "PE-0001", 1, NAME),
        Identifier(Kind.NAME, "PE-0002", 1, CYRILLIC),
    ]
    search = Search(names)
    search.document(_pdf(packed=packed), pages=False)
    assert not search.result.unread
    places = [(found.of, found.doubtful) for found in search.result.findings]
    assert places.count(("PE-0001", False)) == 2
    assert places.count(("PE-0002", False)) == 1


def test_what_qpdf_cannot_open_is_still_read_or_said() -> None:
    search = Search([Identifier(Kind.NAME, "PE-0001", 1, NAME)])
    search.document(b"%PDF-1.7\nnothing here\n", pages=False)
    assert search.result.unread


def test_strings_are_read_back_from_their_spelling() -> None:
    written = rb"<< /A (a\)\\\(b\nc\101) /B <feff0041> /C#20D [ (x) <ff> ] >>"
    found = list(words(written))
    assert found == [
        b"/A", b"a)\\(b\ncA", b"/B", b"\xfe\xff\x00A", b"A", b"/C D", b"x", b"\xff",
        "\N{LATIN SMALL LETTER Y WITH DIAERESIS}".encode(),
    ]  # fmt: skip
