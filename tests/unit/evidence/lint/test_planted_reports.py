"""One person's name in each place of a finished report: each place is looked into.

The files are changed with pikepdf, not by the code under test. Each place has a person
of its own, so that one search tells which places are missed.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from evidence.case import writing
from evidence.lint.leaving import refuse, search_report
from evidence.people.register import add_person
from evidence.people_errors import IdentifierFoundError
from evidence.report.attaching import attachments_of, with_attachments
from evidence.report.compose import compose
from evidence.report.making import make_pdf
from evidence.report.model import Report
from evidence.report.options import Options
from evidence.report.variants import VARIANTS
from manifests.canonical import Json
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

# As registered, and as planted.
NAMES = (
    ("Vüqar Qarayev", "VUGAR GARAYEV"),
    ("Олена Приклад", "Olena Pryklad"),
    ("Zofia Łęcka", "Lecka"),
    ("Тарас Ковальчук", "Ковальчуком"),
    ("Nərmin Rüstəmova", "Рустамова"),
    ("محمد عبد الله", "Mohamed Abdullah"),
    ("Hédi Szabolcsi", "hedi_szabolcsi"),
    ("Jörg Brückner", "Brueckner"),
    ("Ioana Țepeluș", "TEPELUS, I."),
    ("გიორგი მაისურაძე", "Maisuradze"),
    ("Þórunn Hafþórsdóttir", "Hafthorsdottir"),
    ("Nikos Papadopoulos", "Παπαδόπουλος"),
    ("Rüfət Şıxəliyev", "Rufat Shikhaliyev"),
    ("Dragica Živojinović", "Живојиновић"),
    ("Iker Etxeberria-Zubiri", "Etxeberria\nZubiri"),
    ("Ceyhun Abdurrahmanlı", "Abdurrah-\nmanli"),
    ("Wilhelmine Oßwald", "OSSWALD"),
    ("Маргарита Щедрина", "Chtchedrina"),
    ("Kristýna Hořejší", "Kristyna;Horejsi"),
    ("Saoirse Ní Dhomhnaill", "S. Dhomhnaill"),
)
# Telephone, mail, handle, account: as registered, and as planted.
CODES = (
    ("phones", "+994 50 765 43 21", "https://wa.me/994507654321"),
    ("emails", "vuqar.q@example.org", "mailto:vuqar.q%40example.org"),
    ("handles", "@night_owl_77", "https://t.me/night_owl_77"),
    ("phones", "+49 170 7654321", "0170/765 43 21"),
    ("accounts", "AZ21NABZ00000000137010001944", "AZ21 NABZ 0000 0000 1370 1000 1944"),
)


@dataclass
class Planter:
    """Changes a PDF, a place with each text."""

    pdf: Pdf

    def catalog(self, text: str) -> None:
        self.pdf.Root[Name("/PieceInfo")] = Dictionary(Odd=String(text))

    def info(self, text: str) -> None:
        self.pdf.docinfo[Name.Subject] = String(text)

    def metadata(self, text: str) -> None:
        with self.pdf.open_metadata(False, update_docinfo=False) as found:
            found["dc:rights"] = text

    def custom_metadata(self, text: str) -> None:
        data = self.pdf.Root.Metadata.read_bytes()
        hidden = "".join(f"&#{ord(char)};" for char in text).encode()
        data = data.replace(b"</rdf:RDF>", b"<!-- " + hidden + b" --></rdf:RDF>")
        self.pdf.Root.Metadata = self.pdf.make_stream(data, Type=Name.Metadata)

    def outline(self, text: str) -> None:
        with self.pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(text, 0))

    def _annotate(self, **members: object) -> None:
        page = self.pdf.pages[-1]
        note = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 9, 9]), **members)
        held = list(page.obj.get("/Annots", Array()))
        page.obj.Annots = Array([*held, self.pdf.make_indirect(note)])

    def link(self, text: str) -> None:
        self._annotate(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String(text)))

    def note(self, text: str) -> None:
        self._annotate(Subtype=Name.Text, Contents=String(text), T=String("x"))

    def author_of_note(self, text: str) -> None:
        self._annotate(Subtype=Name.Text, Contents=String("x"), T=String(text))

    def _element(self) -> Dictionary:
        return next(
            found
            for found in self.pdf.objects
            if isinstance(found, Dictionary) and {"/S", "/P", "/K"} <= set(found.keys())
        )

    def alternative(self, text: str) -> None:
        self._element().Alt = String(text)

    def actual_text(self, text: str) -> None:
        self._element().ActualText = String(text)

    def expansion(self, text: str) -> None:
        self._element().E = text.encode("utf-16-be").join((b"\xfe\xff", b""))

    def attachment(self, text: str) -> None:
        self.pdf.attachments["list.csv"] = f'1,"{text}"\r\n'.encode()

    def attachment_name(self, text: str) -> None:
        self.pdf.attachments[f"{text}.txt"] = b"x"

    def attachment_description(self, text: str) -> None:
        spec = pikepdf.AttachedFileSpec(self.pdf, b"x", description=text, filename="d")
        self.pdf.attachments["d"] = spec

    def attached_zip(self, text: str) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("notes/a.txt", text.encode("utf-16"))
        self.pdf.attachments["a.zip"] = buffer.getvalue()

    def attached_json(self, text: str) -> None:
        told = json.dumps({"name": text})
        self.pdf.attachments["case.jsonld"] = told.encode("ascii")

    def attached_packed(self, text: str) -> None:
        told = base64.b64encode(gzip.compress(text.encode())).decode()
        self.pdf.attachments["x.json"] = json.dumps({"record": told}).encode()

    def key(self, text: str) -> None:
        self.pdf.Root[Name("/" + text.replace(" ", "_"))] = True

    def page_label(self, text: str) -> None:
        labels = Array([0, Dictionary(P=String(text))])
        self.pdf.Root.PageLabels = Dictionary(Nums=labels)

    def named_place(self, text: str) -> None:
        place = Array([self.pdf.pages[0].obj, Name.Fit])
        self.pdf.Root.Dests = Dictionary({"/" + text.replace("\n", "_"): place})

    def form(self, text: str) -> None:
        drawn = self.pdf.make_stream(b"/Span << /E (" + text.encode() + b") >> BDC EMC")
        drawn.Type, drawn.Subtype = Name.XObject, Name.Form
        drawn.BBox = Array([0, 0, 1, 1])
        self._annotate(Subtype=Name.Stamp, AP=Dictionary(N=drawn))

    def field(self, text: str) -> None:
        one = Dictionary(FT=Name.Tx, T=String("f"), V=String(text))
        fields = Array([self.pdf.make_indirect(one)])
        self.pdf.Root.AcroForm = Dictionary(Fields=fields)

    def script(self, text: str) -> None:
        self._annotate(
            Subtype=Name.Link, A=Dictionary(S=Name.JavaScript, JS=String(text))
        )

    def remote(self, text: str) -> None:
        self._annotate(
            Subtype=Name.Link,
            A=Dictionary(S=Name.GoToR, F=Dictionary(UF=String(text)), D=String("x")),
        )

    def picture(self, text: str) -> None:
        data = b"\xff\xd8\xff\xfe" + (len(text.encode()) + 2).to_bytes(2, "big")
        data += text.encode() + b"\xff\xd9"
        found = self.pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image)
        found.Width = found.Height = 1
        found.Filter = Name.DCTDecode
        self.pdf.Root[Name("/Thumb")] = found


PLACES: tuple[Callable[[Planter, str], None], ...] = tuple(
    value
    for name, value in vars(Planter).items()
    if callable(value) and not name.startswith("_")
)


def planted(data: bytes) -> bytes:
    """Return a report with a name, or a number of somebody, in every place."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        planter = Planter(pdf)
        written = [text for _, text in NAMES] + [text for _, _, text in CODES]
        for place, text in zip(PLACES, written, strict=True):
            place(planter, text)
        buffer = io.BytesIO()
        pdf.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return buffer.getvalue()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("planted")
    bench = new_bench(folder / "case")
    (folder / "a").write_text("x")
    bench.acquire(folder / "a")
    fields: list[dict[str, Json]] = [{"names": [name]} for name, _ in NAMES]
    fields += [{kind: [value]} for kind, value, _ in CODES]
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for one in fields:
            add_person(writer, {"category": "other", **one})
    return bench


def made(bench: Bench, variant: str) -> tuple[Report, bytes, Options]:
    one = VARIANTS[variant]
    options = Options(
        "2026-01-01T00:00:00Z",
        texts=one.texts,
        sources=one.sources,
        named_staff=one.named_staff,
        variant=variant,
        only=("EX-0001",) if one.chosen else (),
    )
    report = compose(bench.case, options, anchors=Anchors())
    attached = attachments_of(bench.case, report, named_staff=one.named_staff)
    report = with_attachments(report, attached)
    return report, make_pdf(report, options, attached.files), options


def missed(bench: Bench, variant: str) -> set[str]:
    """Search a report with all planted; return the places that were missed."""
    report, data, options = made(bench, variant)
    more = {"sources": options.sources, "named_staff": options.named_staff}
    refuse(search_report(bench.case, report, data, **more), "the report")
    found = search_report(bench.case, report, planted(data), **more)
    with pytest.raises(IdentifierFoundError):
        refuse(found, "the report")
    assert not found.unread
    of = {finding.of for finding in found.blocking}
    return {
        place.__name__
        for number, place in enumerate(PLACES, 1)
        if f"PE-{number:04d}" not in of
    }


@pytest.mark.parametrize(
    "variant", ["public", "victim", "defence", "compensation", "closed-session"]
)
def test_every_place_of_a_report_is_looked_into(bench: Bench, variant: str) -> None:
    assert missed(bench, variant) == set()


@pytest.mark.parametrize("variant", ["public", "closed-session"])
def test_every_place_of_a_long_report_is_looked_into(
    bench: Bench, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.lint.leaving._PAGES_UP_TO", 10)
    assert missed(bench, variant) == set()
