"""Tagged reports: what a screen reader is told, and in which order."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from evidence.report import tags
from evidence.report.archival import archive
from evidence.report.document import Furniture, write
from evidence.report.ink import Ink
from evidence.report.listing import listing
from evidence.report.page import Flow
from evidence.report.pdf import render
from evidence.report.tables import Column, Table
from evidence.report.typeset import Typesetter
from tests.unit.evidence.report.reading import tool
from tests.unit.evidence.report.sample_report import SAMPLE


def made(report: object = SAMPLE) -> bytes:
    stream = io.BytesIO()
    render(report, stream)  # type: ignore[arg-type]
    return archive(stream.getvalue())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tags") / "report.pdf"
    path.write_bytes(made())
    return path


def elements(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    yield element
    for kid in element.K:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield from elements(kid)


def test_poppler_reads_a_small_document_in_order(tmp_path: Path) -> None:
    ink = Ink()
    flow = Flow(Typesetter(ink))
    flow.chapter("First")
    flow.paragraph("word " * 40)
    flow.bullets(["one", "two"])
    table = Table(flow, (Column("Head", 100), Column("Side", 100)))
    for number in range(60):
        table.row((f"cell {number}", "x"))
    listing(flow, "sha256sum x", command=True)
    path = tmp_path / "small.pdf"
    with path.open("wb") as stream:
        write(
            flow, ink, Furniture("R-1", "none", "0" * 16, "", synthetic=False), stream
        )
    assert len(flow.sheets) == 2
    told = tool("pdfinfo", "-struct-text", str(path))
    said = re.findall(r'^ *"(.*)"$', told, re.MULTILINE)
    cells = [text for number in range(60) for text in (f"cell {number}", "x")]
    words = " ".join(["word"] * 40)
    assert [text.strip() for text in said] == [
        "1  First", words, "one", "two", "Head", "Side", *cells, "sha256sum x"
    ]  # fmt: skip


@pytest.mark.conformance  # poppler draws a page anew for each element
def test_poppler_reads_the_tags_of_a_report_in_order(file: Path) -> None:
    assert re.search(r"^Tagged: +yes$", tool("pdfinfo", str(file)), re.MULTILINE)
    text = tool("pdfinfo", "-struct-text", str(file))
    wanted = [
        '"Custody report"', '"Verdict at a glance"', '"Contents"',
        '"1  Scope and how to read this report"', '"4  Exhibits"', '"16  Glossary"',
        '"17  Certification"', f'"End of report {SAMPLE.report_id}"',
    ]  # fmt: skip
    places = [text.index(words) for words in wanted]
    assert places == sorted(places)
    # Words that stand on two lines are two words for who hears them.
    assert '"Do the bytes match the recorded digests?"' in text
    assert "checkpoint extend the one before?" in text
    # What every page repeats is said once or not at all.
    assert "Page 2 of" not in text
    assert text.count('"Acquired (UTC)"') == 1


def test_the_tree_is_sound(file: Path) -> None:
    with pikepdf.open(file) as pdf:
        root = pdf.Root.StructTreeRoot
        assert pdf.Root.MarkInfo.Marked is True
        every = list(elements(root.K[0]))
        roles = Counter(str(element.S) for element in every)
        assert roles["/Document"] == 1
        assert roles["/H1"] == 18  # the chapters, and the contents
        for element in every:
            for kid in element.K:
                if isinstance(kid, Dictionary) and "/S" in kid:
                    assert kid.P.objgen == element.objgen
        inside = {
            "/TR": {"/Table"}, "/TH": {"/TR"}, "/TD": {"/TR"}, "/LI": {"/L"},
            "/LBody": {"/LI"}, "/TOCI": {"/TOC"}, "/Link": {"/Reference"},
        }  # fmt: skip
        for element in every:
            if str(element.S) in inside:
                assert str(element.P.S) in inside[str(element.S)]
        heads = [element for element in every if element.S == Name.TH]
        assert heads
        assert {str(head.A.Scope) for head in heads} == {"/Row", "/Column"}


def test_all_content_is_tagged_once_or_decoration(file: Path) -> None:
    """Each piece of a page belongs to the element that claims it, and none is left."""
    with pikepdf.open(file) as pdf:
        claimed = claims(pdf)
        nums = pdf.Root.StructTreeRoot.ParentTree.Nums
        parents = {int(nums[at]): nums[at + 1] for at in range(0, len(nums), 2)}
        drawn = set()
        for page in pdf.pages:
            key = int(page.obj.StructParents)
            for number in marked(page):
                assert (page.obj.objgen, number) not in drawn
                drawn.add((page.obj.objgen, number))
                owner = claimed[page.obj.objgen, number]
                assert parents[key][number].objgen == owner
            for link in page.obj.get("/Annots", []):
                assert Name.Link == parents[int(link.StructParent)].S
        assert drawn == set(claimed)


def claims(pdf: pikepdf.Pdf) -> dict[tuple[tuple[int, int], int], tuple[int, int]]:
    found = {}
    for element in elements(pdf.Root.StructTreeRoot.K[0]):
        for kid in element.K:
            if isinstance(kid, int):
                found[element.Pg.objgen, kid] = element.objgen
            elif kid.get("/Type") == Name.MCR:
                found[kid.Pg.objgen, int(kid.MCID)] = element.objgen
    return found


def marked(page: pikepdf.Page) -> Iterator[int]:
    """Numbers of the content of a page; whatever draws has to be marked."""
    within: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        word = str(operator)
        if word in ("BMC", "BDC"):
            within.append(str(operands[0]))
            if len(operands) > 1 and "/MCID" in operands[1]:
                assert len(within) == 1
                yield int(operands[1].MCID)
        elif word == "EMC":
            within.pop()
        elif word in ("Tj", "TJ", "f", "S", "B", "re"):
            assert within
    assert not within


def test_a_figure_says_what_it_shows() -> None:
    flow = Flow(Typesetter(Ink()))
    flow.figure("0 0 1 1 re f", "A line from left to right")
    [figure] = flow.tags.root.kids
    assert isinstance(figure, tags.Tag)
    assert (figure.role, figure.alt) == ("Figure", "A line from left to right")
    assert flow.sheet.ops == ["/Figure <</MCID 0>> BDC\n0 0 1 1 re f\nEMC"]


def test_long_tables_spare_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit the rows of a page are one cell, and still read in order."""
    monkeypatch.setattr(tags, "MAX_ELEMENTS", 40)
    flow = Flow(Typesetter(Ink()))
    table = Table(flow, (Column("A", 100), Column("B", 100), Column("C", 100)))
    for number in range(2000):
        table.row((str(number), "b", "c"))
    sheets = len(flow.sheets)
    assert sheets > 20
    assert flow.tags.count < 40 + 4 + 2 * sheets
    [whole] = flow.tags.root.kids
    assert isinstance(whole, tags.Tag)
    cells = [row.kids[0] for row in whole.kids if isinstance(row, tags.Tag)]
    wide = [c for c in cells if isinstance(c, tags.Tag) and "ColSpan 3" in c.attributes]
    assert len(wide) == sheets
    assert sum(len(cell.kids) for cell in wide) > 1900


def test_tags_move_nothing(tmp_path: Path) -> None:
    """The same page with its marks taken out shows the same picture."""
    path, bare = tmp_path / "tagged.pdf", tmp_path / "bare.pdf"
    path.write_bytes(made(replace(SAMPLE, events=SAMPLE.events[:3])))
    with pikepdf.open(path) as pdf:
        del pdf.Root.StructTreeRoot
        for page in pdf.pages:
            kept = [
                one
                for one in pikepdf.parse_content_stream(page)
                if str(one.operator) not in ("BMC", "BDC", "EMC")
            ]
            page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))
        pdf.save(bare)
    for name in (path, bare):
        tool("pdftoppm", "-r", "30", "-gray", str(name), str(name.with_suffix("")))
    pictures = sorted(tmp_path.glob("tagged-*.pgm"))
    assert pictures
    for picture in pictures:
        other = picture.with_name(picture.name.replace("tagged", "bare"))
        assert picture.read_bytes() == other.read_bytes()
