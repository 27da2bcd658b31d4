"""What can be done to a signed PDF with its bytes alone, and what the parser says."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from evidence.certificates import Certificate, join
from evidence.parsing.base import Job, Record
from evidence.parsing.report_pdf import ReportParser
from evidence.report import signing
from evidence.report.padescheck import judge_signatures
from evidence.report.received import Received, _Taker
from evidence.report.signing import sign_report
from evidence.signers.handles import KeyHandle
from evidence.signers.opening import open_key
from evidence.signers.uri import FileUri
from manifests.verifying.certificates import StampRoots
from tests.pdfattack import appended
from tests.revocation import private_pem
from tests.stamping import issue, new_key, now

Writer = IncrementalPdfFileWriter


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Certificate, KeyHandle]:
    path = tmp_path_factory.mktemp("signer") / "key.pem"
    private = new_key()
    path.write_bytes(private_pem(private))
    path.chmod(0o600)
    key = open_key(FileUri(path), lambda _: "", name="Rossi")
    return join(issue("Ada Rossi", private), []), key


def plain() -> bytes:
    """A PDF of two pages and one attachment, with classic tables."""
    output = io.BytesIO()
    with pikepdf.new() as pdf:
        for text in (b"BT (one) Tj ET", b"BT (two) Tj ET"):
            page = pdf.add_blank_page()
            page.Contents = pdf.make_stream(text)
        stream = pdf.make_stream(b"held", Type=Name.EmbeddedFile)
        spec = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F="a.txt",
                UF="a.txt",
                EF=Dictionary(F=stream, UF=stream),
            )
        )
        pdf.Root.AF = Array([spec])
        names = Array([pikepdf.String("a.txt"), spec])
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=names))
        mode = pikepdf.ObjectStreamMode.disable
        pdf.save(output, object_stream_mode=mode, force_version="1.7")
    return output.getvalue()


@pytest.fixture(scope="module")
def signed(signer: tuple[Certificate, KeyHandle]) -> bytes:
    return sign_report(plain(), *signer).data


def problems(data: bytes, folder: Path) -> set[str]:
    path = folder / "p.pdf"
    path.write_bytes(data)
    items = ReportParser().parse(Job(str(path)))
    records = [item.fields for item in items if isinstance(item, Record)]
    return {str(one["code"]) for one in records if one["kind"] == "problem"}


def test_nothing_is_wrong_with_what_is_signed(signed: bytes, tmp_path: Path) -> None:
    assert not problems(plain(), tmp_path)
    assert not problems(signed, tmp_path)


# -- appended by a program -------------------------------------------------------------


def dictionary(**members: Any) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{k}"): v for k, v in members.items()})


def store(writer: Writer, **more: Any) -> None:
    """Append validation data, and perhaps something in its shadow."""
    value = writer.add_object(generic.StreamObject(stream_data=b"\x30\x00"))
    members = {"CRLs": generic.ArrayObject([value]), **more}
    writer.root["/DSS"] = writer.add_object(dictionary(**members))
    writer.update_root()


def page_beside(writer: Writer) -> None:
    store(writer)
    page_more(writer)


def page_more(writer: Writer) -> None:
    pages = writer.root["/Pages"]
    page = dictionary(Type=pdf_name("/Page"), Parent=writer.root.raw_get("/Pages"))
    page["/MediaBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 9, 9)))
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(3)
    writer.update_container(pages)


def field_beside(writer: Writer) -> None:
    store(writer)
    field = dictionary(FT=pdf_name("/Tx"), T=generic.TextStringObject("amount"))
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])


def page_inside(writer: Writer) -> None:
    """Keep a page ready below the validation data, which nobody looks at."""
    page = writer.add_object(dictionary(Type=pdf_name("/Page")))
    store(writer, VRI=dictionary(AB=dictionary(TU=page)))


def odd_value(writer: Writer) -> None:
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    value = generic.StreamObject({pdf_name("/Group"): page}, stream_data=b"\x30\x00")
    store(writer, Certs=generic.ArrayObject([writer.add_object(value)]))


def layer(writer: Writer) -> None:
    one = writer.add_object(dictionary(Type=pdf_name("/OCG")))
    off = dictionary(OFF=generic.ArrayObject([one]))
    writer.root["/OCProperties"] = dictionary(OCGs=generic.ArrayObject([one]), D=off)
    writer.update_root()


def annotation(writer: Writer) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 90, 90)))
    note = dictionary(Type=pdf_name("/Annot"), Subtype=pdf_name("/Stamp"), Rect=box)
    page["/Annots"] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def extension(writer: Writer) -> None:
    """Keep a page ready where extensions are declared."""
    page = writer.add_object(dictionary(Type=pdf_name("/Page")))
    writer.root["/Extensions"] = dictionary(ESIC=dictionary(URL=page))
    writer.update_root()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (page_more, "PDF_CHANGED"),
        (page_beside, "PDF_CHANGED"),
        (field_beside, "PDF_CHANGED"),
        (page_inside, "PDF_CHANGED"),
        (odd_value, "PDF_CHANGED"),
        (extension, "PDF_CHANGED"),
        (layer, "PDF_LAYERS"),
        (annotation, "PDF_OVERLAY"),
    ],
)
def test_what_hides_behind_validation_data_is_found(
    signed: bytes, tmp_path: Path, change: Callable[[Writer], None], code: str
) -> None:
    assert not problems(appended(signed, store), tmp_path)
    assert code in problems(appended(signed, change), tmp_path)


def test_a_second_signature_is_found(
    signed: bytes,
    signer: tuple[Certificate, KeyHandle],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signing, "SIGNATURE_FIELD", "Second")
    data = asyncio.run(signing._append_signature(signed, *signer, None, now()))
    path = tmp_path / "p.pdf"
    path.write_bytes(data)
    received = Received()
    for item in ReportParser().parse(Job(str(path))):
        _Taker(received).take(item)
    assert len(received.signatures) == 2
    found = judge_signatures(
        data,
        received.signatures,
        ca_roots=[],
        stamp_roots=StampRoots(()),
        validation=received.validation,
    )
    assert {one.code for one in found.findings if one.fails} == {"SIGNATURE_RANGE"}
    assert found.level == ""


# -- appended by hand ------------------------------------------------------------------


def table_of(data: bytes) -> int:
    """Where the last table of cross-references begins."""
    return int(re.findall(rb"startxref\s+(\d+)", data)[-1])


def by_hand(
    data: bytes,
    objects: dict[int, bytes],
    *,
    root: int,
    previous: int,
    free: int = 0,
    between: bytes = b"",
) -> bytes:
    """Append a revision byte by byte, with whatever is wanted in it."""
    lines, rows = [data], []
    place = len(data)
    for number, body in objects.items():
        piece = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        rows.append(b"%d 1\n%010d 00000 n \n" % (number, place))
        lines.append(piece)
        place += len(piece)
    if free:
        rows.append(b"%d 1\n%010d 00001 f \n" % (free, 0))
    size = max([*objects, 200]) + 1
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n"
    return b"".join(
        [
            *lines,
            between,
            b"xref\n",
            *rows,
            trailer % (size, root, previous),
            b"startxref\n%d\n%%%%EOF\n" % (place + len(between)),
        ]
    )


def root_of(data: bytes) -> tuple[int, bytes]:
    """The catalogue's number and its text, of the last revision."""
    number = int(re.findall(rb"/Root (\d+) 0 R", data)[-1])
    body = re.findall(rb"\n%d 0 obj\s*(<<.*?>>)\s*endobj" % number, data, re.DOTALL)
    return number, body[-1]


def test_the_hand_writes_what_readers_take(signed: bytes, tmp_path: Path) -> None:
    number, body = root_of(signed)
    again = by_hand(signed, {number: body}, root=number, previous=table_of(signed))
    assert not problems(again, tmp_path)


def test_a_second_catalogue_is_found(signed: bytes, tmp_path: Path) -> None:
    _, body = root_of(signed)
    data = by_hand(signed, {150: body}, root=150, previous=table_of(signed))
    assert "PDF_HIDDEN" in problems(data, tmp_path)


@pytest.mark.parametrize(
    "between",
    [
        b"% a comment, or a whole other file\n",
        b"150 0 obj\n<< /Type /Page >>\nendobj\n",  # in no table
        b"junk\n",
    ],
)
def test_bytes_that_no_table_names_are_found(
    signed: bytes, tmp_path: Path, between: bytes
) -> None:
    number, body = root_of(signed)
    data = by_hand(
        signed, {number: body}, root=number, previous=table_of(signed), between=between
    )
    assert problems(data, tmp_path) == {"PDF_HIDDEN"}


def test_two_objects_of_one_number_are_found(signed: bytes, tmp_path: Path) -> None:
    number, body = root_of(signed)
    double = b"%d 0 obj\n<< /Type /Catalog >>\nendobj\n" % number
    data = by_hand(
        signed, {number: body}, root=number, previous=table_of(signed), between=double
    )
    assert problems(data, tmp_path) == {"PDF_HIDDEN"}


def test_a_table_that_hides_an_older_object_is_found(
    signed: bytes, tmp_path: Path
) -> None:
    number, body = root_of(signed)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        gone = pdf.pages[0].Contents.objgen[0]
    previous = table_of(signed)
    data = by_hand(signed, {number: body}, root=number, previous=previous, free=gone)
    assert problems(data, tmp_path) & {"PDF_CHANGED", "PDF_DAMAGED"}


def test_a_revision_that_passes_over_the_signature_is_found(
    signed: bytes, tmp_path: Path
) -> None:
    """By /Prev the file is the unsigned one again; the bytes of more are in it."""
    base = plain()
    number, body = root_of(base)
    data = by_hand(signed, {number: body}, root=number, previous=table_of(base))
    assert problems(data, tmp_path) >= {"PDF_CHANGED"}


def test_a_report_changed_before_it_was_signed_is_found(
    signer: tuple[Certificate, KeyHandle], tmp_path: Path
) -> None:
    """Hide and replace: both versions are in what is signed."""
    prepared = appended(plain(), page_more)
    assert "PDF_CHANGED" in problems(prepared, tmp_path)
    data = sign_report(prepared, *signer).data
    assert "PDF_CHANGED" in problems(data, tmp_path)
