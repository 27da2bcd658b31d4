"""The objects of a PDF as one digest: what a reader can reach from the catalogue.

Objects are numbered in the order a walk from the trailer meets them, and streams are
taken decoded, so the digest depends neither on the file's own numbers nor on how it is
compressed. Two revisions with the same digest show, hold and do the same. Signatures
and validation data (EN 319 142-1) are left out of the walk and told apart.
"""

from __future__ import annotations

import hashlib
from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_OBJECTS = 2_000_000
MAX_STREAM_BYTES = 1 << 30  # of all streams together, decoded
_MAX_DEPTH = 60  # of direct objects inside each other
# What a signature adds to the catalogue; judged apart.
_APART = ("/AcroForm", "/DSS", "/Extensions", "/Version")
_PICTURES = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
_CODING = ("/Length", "/Filter", "/DecodeParms")
# Names that make a document act, or show itself differently by circumstance.
_ACTIVE = {
    "/AA", "/JS", "/JavaScript", "/Launch", "/XFA", "/RichMedia", "/OpenAction",
    "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
}  # fmt: skip
_LAYERS = {"/OCProperties", "/OC", "/OCGs", "/OCG", "/OCMD"}
_MARKS = {"/Link", "/Widget"}  # annotations that add nothing to a page


class GraphError(ValueError):
    """The document is larger or deeper than is looked at."""


class Graph:
    """One walk; after `walk`, `digest` and what was met on the way.

    Attributes:
        met: numbers of the indirect objects reached.
        active, layers, marks: names found that have no place in a report.
        widgets: numbers of the signatures' boxes on pages, left out of the digest.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._hash = hashlib.sha256()
        self._numbers: dict[tuple[int, int], int] = {}
        self._queue: deque[Any] = deque()
        self._bytes = 0
        self.met: set[tuple[int, int]] = set()
        self.active: set[str] = set()
        self.layers: set[str] = set()
        self.marks: set[str] = set()
        self.widgets: set[tuple[int, int]] = set()
        self.digest = ""

    def walk(self) -> None:
        """Walk from the catalogue and the document information.

        Raises:
            GraphError: too large, or too deep.
            pikepdf.PdfError: damaged.
        """
        trailer = self._pdf.trailer
        root = trailer["/Root"]
        self._take_root(root)
        if "/Info" in trailer:
            self._write(trailer["/Info"], 0)
        while self._queue:
            self._object(self._queue.popleft())
        self.digest = self._hash.hexdigest()

    def reach(self, start: Any) -> None:
        """Add what `start` reaches to `met`, and nothing to the digest."""
        aside = self._hash
        self._hash = hashlib.sha256()
        self._write(start, 0)
        while self._queue:
            self._object(self._queue.popleft())
        self._hash = aside

    def _take_root(self, root: Any) -> None:
        self.met.add(root.objgen)
        self._numbers[root.objgen] = 0
        for key in sorted(root.keys()):
            if key not in _APART:
                self._look(key)
                self._put(key)
                self._write(root[key], 0)

    def _put(self, text: str) -> None:
        self._hash.update(text.encode("utf-8", "surrogateescape") + b"\0")

    def _look(self, name: str) -> None:
        if name in _ACTIVE:
            self.active.add(name)
        elif name in _LAYERS:
            self.layers.add(name)

    def _write(self, value: Any, depth: int) -> None:
        """Write a value that stands in another; an indirect one by its number."""
        if depth > _MAX_DEPTH:
            raise GraphError("objects are nested too deeply")
        if isinstance(value, pikepdf.Object) and value.is_indirect:
            objgen = value.objgen
            number = self._numbers.get(objgen)
            if number is None:
                number = len(self._numbers)
                if number > MAX_OBJECTS:
                    raise GraphError("it has too many objects")
                self._numbers[objgen] = number
                self.met.add(objgen)
                self._queue.append(value)
            self._put(f"R{number}")
        else:
            self._direct(value, depth)

    def _object(self, value: Any) -> None:
        self._put("obj")
        self._direct(value, 0)

    def _direct(self, value: Any, depth: int) -> None:
        if isinstance(value, Stream):
            self._members(value, depth, stream=True)
            self._stream(value)
        elif isinstance(value, Dictionary):
            self._members(value, depth, stream=False)
        elif isinstance(value, Array):
            self._put(f"[{len(value)}")
            for member in value:
                self._write(member, depth + 1)
        elif isinstance(value, Name):
            self._look(str(value))
            self._put(f"N{value}")
        elif isinstance(value, String):
            self._put(f"S{bytes(value).hex()}")
        elif isinstance(value, bool) or value is None:
            self._put(f"{value}")
        elif isinstance(value, int | float | Decimal):
            self._put(f"#{Decimal(value).normalize()}")
        elif isinstance(value, str | bytes):
            self._put(f"s{value!r}")
        else:
            self._put(f"?{type(value).__name__}")

    def _members(self, value: Any, depth: int, *, stream: bool) -> None:
        annotation = "/Subtype" in value and ("/Rect" in value)
        if annotation and str(value["/Subtype"]) not in _MARKS:
            self.marks.add(str(value["/Subtype"]))
        self._put("<<")
        for key in sorted(value.keys()):
            if stream and key in _CODING:
                continue
            if key == "/Annots" and value.get("/Type") == Name.Page:
                self._annotations(value[key], depth)
                continue
            self._look(key)
            self._put(key)
            self._write(value[key], depth + 1)
        self._put(">>")

    def _annotations(self, annotations: Any, depth: int) -> None:
        """Write a page's annotations without the widgets of signatures."""
        if isinstance(annotations, Array) and annotations.is_indirect:
            self.met.add(annotations.objgen)
        kept = []
        for one in annotations:
            if is_signature_field(one):
                self.widgets.add(one.objgen)
            else:
                kept.append(one)
        if not kept:
            return
        self._put(f"/Annots{len(kept)}")
        for one in kept:
            self._write(one, depth + 1)

    def _stream(self, value: Any) -> None:
        filters = value.get("/Filter", [])
        names = filters if isinstance(filters, Array) else [filters]
        pictures = _PICTURES & {str(name) for name in names}
        data = value.read_raw_bytes() if pictures else value.read_bytes()
        self._bytes += len(data)
        if self._bytes > MAX_STREAM_BYTES:
            raise GraphError("its streams are too long")
        self._put(f"stream{len(data)}")
        self._hash.update(data)


def is_signature_field(value: Any) -> bool:
    """Tell whether an object is a signature's field or its widget."""
    return isinstance(value, Dictionary) and value.get("/FT") == Name.Sig


def unreached(pdf: pikepdf.Pdf, met: set[tuple[int, int]]) -> Iterator[str]:
    """Yield the numbers of objects in the file that nothing refers to."""
    for value in pdf.objects:
        objgen = getattr(value, "objgen", None)
        if objgen is None or objgen in met:
            continue  # a bare value (a length), which qpdf gives without its number
        kind = value.get("/Type") if isinstance(value, Dictionary | Stream) else None
        if kind in {Name.ObjStm, Name.XRef}:
            continue
        yield f"{value.objgen[0]}"
