"""Writes finished sheets as one PDF file: furniture, outline, links, metadata.

The file holds no script, no form, no attachment and no link to the outside. Same
sheets, same bytes: dates come from the caller, and the file identifier from the
content.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from reportlab.pdfbase import pdfdoc

from evidence.report import style as st
from evidence.report.i18n import N_, _
from evidence.report.structure import StructuredPage, add_structure
from evidence.visible import visible

if TYPE_CHECKING:
    from evidence.report.ink import Ink
    from evidence.report.page import Flow, Mark
    from evidence.report.style import Style
    from evidence.report.tags import Tag

PRODUCER = "evidence-custody"
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z\Z", re.ASCII)
# The wide margin, for binding, is where lines begin.
_MIRRORED_MARGIN = st.RIGHT - st.LEFT
_DEMO = N_("SYNTHETIC DEMO DATA")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What stands on every page around the text, unescaped.

    Attributes:
        report_id: of this report.
        classification: handling line, never empty.
        root: short root hash, 16 hex digits.
        created: RFC 3339 UTC time of the document's metadata.
        synthetic: adds the demo mark.
        title: what the document is, with a place for its id.
        language: of the document, BCP 47.
    """

    report_id: str
    classification: str
    root: str
    created: str
    synthetic: bool
    title: str = N_("Custody report {id}")
    language: str = "en-GB"


class DocumentInfo(pdfdoc.PDFInfo):
    """Document information without the library's own wording or clock."""

    def __init__(self, entries: dict[str, str]) -> None:
        super().__init__()
        self._entries = entries

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        """Return the dictionary's bytes."""
        strings = {key: pdfdoc.PDFString(text) for key, text in self._entries.items()}
        return pdfdoc.PDFDictionary(strings).format(document)


def write(flow: Flow, ink: Ink, furniture: Furniture, target: BinaryIO) -> None:
    """Write all sheets of `flow` with the faces of `ink` to `target`."""
    # The type hints of reportlab leave half of the document untyped.
    document: Any = pdfdoc.PDFDocument(
        compression=1, invariant=1, pdfVersion=(1, 7), lang=furniture.language
    )
    title = _(furniture.title, id=visible(furniture.report_id))
    document.info = DocumentInfo(
        {"Title": title, "Producer": PRODUCER, **creation_dates(furniture.created)}
    )
    frame = _Frame(flow, furniture, len(flow.sheets))
    pages = _add_pages(document, flow, frame)
    links = _add_links(document, flow, pages)
    add_structure(document, flow.tags, pages, links)
    _add_outline(document, flow.marks, pages)
    ink.embed(document)
    preferences = pdfdoc.ViewerPreferencesPDFDictionary()
    preferences["DisplayDocTitle"] = "true"
    if flow.rtl:
        preferences["Direction"] = "R2L"
    document.Catalog.ViewerPreferences = preferences
    document.updateSignature(_fingerprint(flow, furniture))
    target.write(document.format())


def creation_dates(created: str) -> dict[str, str]:
    """Return the dates of the document's metadata from an RFC 3339 time in UTC."""
    found = _TIME.match(created)
    if found is None:
        return {}
    date = f"D:{''.join(found.groups())}Z"
    return {"CreationDate": date, "ModDate": date}


def _fingerprint(flow: Flow, furniture: Furniture) -> bytes:
    digest = hashlib.sha256(repr(furniture).encode("utf-8", "surrogateescape"))
    for sheet in flow.sheets:
        digest.update(sheet.pack())
    return digest.digest()


def _add_pages(document: Any, flow: Flow, frame: _Frame) -> list[pdfdoc.PDFPage]:
    fonts = pdfdoc.PDFDictionary({"Font": pdfdoc.PDFObjectReference(pdfdoc.BasicFonts)})
    resources = document.Reference(fonts)
    parent = document.Reference(document.Pages)
    pages: list[pdfdoc.PDFPage] = []
    for number, sheet in enumerate(flow.sheets, start=1):
        body = pdfdoc.PDFStream(content=sheet.pack())
        body.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
        around = pdfdoc.PDFStream(
            content=frame.ops(number), filters=[pdfdoc.PDFZCompress]
        )
        page = StructuredPage()
        page.Override_default_compilation = 1
        page.MediaBox = pdfdoc.PDFArray([0, 0, st.PAGE_WIDTH, st.PAGE_HEIGHT])
        page.Resources = resources
        page.Parent = parent
        parts = [document.Reference(around), document.Reference(body)]
        if flow.rtl:
            shift = pdfdoc.PDFStream(content=f"1 0 0 1 {_MIRRORED_MARGIN:.2f} 0 cm")
            parts.insert(0, document.Reference(shift))
        page.Contents = pdfdoc.PDFArray(parts)
        document.addPage(page)
        pages.append(page)
    return pages


class _Frame:
    """Header and footer of every page, drawn as page artefacts."""

    def __init__(self, flow: Flow, furniture: Furniture, total: int) -> None:
        self._flow = flow
        self._total = total
        right = st.LEFT + st.TEXT_WIDTH
        head, foot = st.PAGE_HEIGHT - 17 * st.MM, 15.5 * st.MM
        self._foot = foot
        half = st.TEXT_WIDTH / 2 - 60
        self._constant = [
            self._text(
                _(furniture.title, id=furniture.report_id),
                st.FURNITURE_BOLD,
                st.LEFT,
                head,
                half,
            ),
            self._text(
                furniture.classification, st.FURNITURE, right, head, half, edge="right"
            ),
            self._text(
                _("Root hash begins {root}", root=furniture.root),
                st.FURNITURE_MONO,
                st.LEFT,
                foot,
                half * 2,
            ),
            f"{st.RULE} RG 0.5 w {st.LEFT:.2f} {head - 5:.2f} m {right:.2f} "
            f"{head - 5:.2f} l {st.LEFT:.2f} {foot + 12:.2f} m {right:.2f} "
            f"{foot + 12:.2f} l S",
        ]
        if furniture.synthetic:
            self._constant.append(self._demo_mark(head))

    def ops(self, number: int) -> str:
        """Operators of page `number`, counted from 1."""
        count = self._text(
            _("Page {page} of {total}", page=str(number), total=str(self._total)),
            st.FURNITURE_BOLD,
            st.LEFT + st.TEXT_WIDTH,
            self._foot,
            st.TEXT_WIDTH / 2,
            edge="right",
        )
        begin = "/Artifact <</Type /Pagination>> BDC"
        parts = [begin, *self._constant, count, "EMC"]
        return "\n".join(parts)

    def _text(
        self,
        text: str,
        style: Style,
        x: float,
        y: float,
        width: float,
        *,
        edge: str = "left",
    ) -> str:
        line = self._flow.typesetter.line(text, style, width)
        if edge == "right":
            x -= line.width
        x = self._flow.mirrored(x, line.width)
        return f"BT {style.colour} rg 1 0 0 1 {x:.2f} {y:.2f} Tm {line.ops} ET"

    def _demo_mark(self, y: float) -> str:
        style = st.FURNITURE_BOLD.coloured(st.BAD)
        line = self._flow.typesetter.line(_(_DEMO), style)
        middle = st.LEFT + st.TEXT_WIDTH / 2
        x = middle - line.width / 2
        box = f"{x - 5:.2f} {y - 3:.2f} {line.width + 10:.2f} 11.5 re"
        return (
            f"1 1 1 rg {st.BAD} RG 0.8 w {box} B\n"
            f"BT {style.colour} rg 1 0 0 1 {x:.2f} {y:.2f} Tm {line.ops} ET"
        )


def _destination(page: pdfdoc.PDFPage, y: float) -> pdfdoc.PDFArray:
    top = round(y + 6, 2)
    place = [pdfdoc.PDFName("XYZ"), round(st.LEFT - 20, 2), top, "null"]
    return pdfdoc.PDFArray([_reference(page), *place])


def _reference(registered: pdfdoc.PDFObject) -> pdfdoc.PDFObjectReference:
    return pdfdoc.PDFObjectReference(getattr(registered, pdfdoc.__InternalName__))


def _add_links(
    document: Any, flow: Flow, pages: list[pdfdoc.PDFPage]
) -> list[tuple[Tag, pdfdoc.PDFDictionary]]:
    """Add the links inside the document; return each with its element."""
    made: list[tuple[Tag, pdfdoc.PDFDictionary]] = []
    for sheet, page in zip(flow.sheets, pages, strict=True):
        references = []
        for box, mark, tag in sheet.links:
            link = pdfdoc.PDFDictionary(
                {
                    "Type": pdfdoc.PDFName("Annot"),
                    "Subtype": pdfdoc.PDFName("Link"),
                    "Rect": pdfdoc.PDFArray(_rectangle(box, rtl=flow.rtl)),
                    "Border": pdfdoc.PDFArray([0, 0, 0]),
                    "Contents": pdfdoc.PDFString(visible(mark.title)),
                    "F": 4,
                    "StructParent": len(pages) + len(made),
                    "Dest": _destination(pages[mark.sheet], mark.y),
                }
            )
            references.append(document.Reference(link))
            made.append((tag, link))
        if references:
            page.Annots = pdfdoc.PDFArray(references)
    return made


def _rectangle(box: tuple[float, float, float, float], *, rtl: bool) -> list[float]:
    """Bounds on the page; margins are mirrored in a right-to-left document."""
    shift = _MIRRORED_MARGIN if rtl else 0.0
    left, bottom, right, top = box
    return [round(n, 2) for n in (left + shift, bottom, right + shift, top)]


def _add_outline(document: Any, marks: list[Mark], pages: list[pdfdoc.PDFPage]) -> None:
    """Bookmarks of depth 0 and 1, the deeper ones folded."""
    root = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("Outlines")})
    document.Catalog.Outlines = document.Reference(root)
    tops: list[pdfdoc.PDFDictionary] = []
    below: list[list[pdfdoc.PDFDictionary]] = []
    for mark in marks:
        item = pdfdoc.PDFDictionary(
            {
                "Title": pdfdoc.PDFString(visible(mark.title)),
                "Dest": _destination(pages[mark.sheet], mark.y),
            }
        )
        document.Reference(item)
        if mark.depth == 0:
            tops.append(item)
            below.append([])
        else:
            below[-1].append(item)
    _chain(root, tops, len(tops))
    for top, items in zip(tops, below, strict=True):
        if items:
            _chain(top, items, -len(items))


def _chain(
    parent: pdfdoc.PDFDictionary, items: list[pdfdoc.PDFDictionary], count: int
) -> None:
    parent["First"], parent["Last"] = _reference(items[0]), _reference(items[-1])
    parent["Count"] = count
    for item, after in zip(items, [*items[1:], None], strict=True):
        item["Parent"] = _reference(parent)
        if after is not None:
            item["Next"], after["Prev"] = _reference(after), _reference(item)
