"""Takes a report's PDF apart: revisions, signatures, attachments, text of its pages.

Runs in the parser's process: a report that came from outside is hostile input. Two
engines read it: qpdf (through pikepdf), which may repair nothing, and pypdf; where they
see different things, no reader's view can be relied on. What is wrong is sent as a
record of kind ``problem`` with a code; nothing is judged here.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Generator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Array, Dictionary, Stream

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing import pdf_validation
from evidence.parsing.base import (
    Content,
    FileEnd,
    FileStart,
    Item,
    Job,
    Record,
    Summary,
)
from evidence.parsing.pdf_appended import odd_bytes
from evidence.parsing.pdf_graph import Graph, GraphError, unreached
from evidence.parsing.pdf_signatures import END, UnsoundError, base_end, signatures_of

if TYPE_CHECKING:
    from evidence.parsing.base import Json

MAX_FILE = 1 << 30
MAX_ATTACHMENTS = 1000
MAX_ATTACHED = 512 << 20  # bytes of all attachments together
MAX_PAGE_TEXT = 1 << 20  # characters
_PIECE = 1 << 20
_TAIL = 1024  # bytes in which readers look for the end of a file
_MAX_REFERENCES = 10
_EXTENSION = {"/Type", "/BaseVersion", "/ExtensionLevel"}
_DAMAGE = (
    pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError,
    OSError, RuntimeError,
)  # fmt: skip


class ReportParser:
    """See the module; options: ``texts`` sends what pages say, too."""

    name = "report"
    version = "1"

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield problems, signatures, attachments, pages, and one record of facts."""
        data = Path(job.path).read_bytes()
        try:
            yield from _take_apart(data, texts=job.options.get("texts") is True)
        except pikepdf.PasswordError:
            yield _problem("PDF_ENCRYPTED", "The PDF is encrypted.")
        except (UnsoundError, GraphError, pdf_validation.StoreError) as error:
            yield _problem("PDF_DAMAGED", f"The PDF is not sound: {error}.")
        except _DAMAGE as error:
            text = f"The PDF is cut off or damaged ({type(error).__name__})."
            yield _problem("PDF_DAMAGED", text)
        yield Summary(ParseOutcome.PARSED, {})


def _problem(code: str, text: str) -> Record:
    return Record({"kind": "problem", "code": code, "text": text})


def _open(data: bytes) -> pikepdf.Pdf:
    pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    if pdf.is_encrypted:
        raise pikepdf.PasswordError("encrypted")
    return pdf


def _take_apart(data: bytes, *, texts: bool) -> Iterator[Item]:
    if len(data) > MAX_FILE:
        raise UnsoundError(f"it is longer than {MAX_FILE} bytes")
    if not data.startswith(b"%PDF-"):
        raise UnsoundError("it does not begin as a PDF does")
    tail = [*END.finditer(data, max(0, len(data) - _TAIL))]
    if not tail or tail[-1].end() != len(data):
        if tail and b"/ByteRange" in data:
            yield _trailing(len(data) - tail[-1].end())
        raise UnsoundError("it does not end as a PDF does")
    pdf = _open(data)
    signatures, wrong = signatures_of(pdf, data)
    for code, text in wrong:
        yield _problem(code, text)
    covered = signatures[-1].end if signatures else len(data)
    if covered < len(data) and int(tail[-1][1]) < covered:
        # No revision of its own: its last table is still that of the signature.
        yield _trailing(len(data) - covered)
    for one in signatures:
        yield Record(
            {
                "kind": "signature",
                "type": one.kind,
                "subfilter": one.subfilter,
                "time": one.time,
                "ranges": [*one.ranges],
                "contents_b64": base64.b64encode(one.contents).decode("ascii"),
            }
        )
    end = base_end(data, signatures)
    graph = Graph(pdf)
    graph.walk()
    yield from _judge_graph(pdf, graph)
    base = graph if end == len(data) else _walked(data[:end])
    if base.digest != graph.digest:
        text = "Something was added that changes what the report shows or holds."
        yield _problem("PDF_CHANGED", text)
    yield from _judge_additions(pdf, graph, data, end)
    if "/DSS" in pdf.Root:
        for kind, value in pdf_validation.values(pdf.Root["/DSS"]):
            yield from _file(b"", value, {"validation": kind})
    attached = yield from _attachments(pdf)
    yield from _second_engine(data, attached, pages=len(pdf.pages))
    if texts:
        yield from _pages(data[:end])
    facts: dict[str, Json] = {
        "kind": "facts",
        "base_end": end,
        "digest": base.digest,
        "pages": len(pdf.pages),
        "bytes": len(data),
    }
    yield Record(facts)


def _walked(data: bytes) -> Graph:
    graph = Graph(_open(data))
    graph.walk()
    return graph


def _trailing(count: int) -> Record:
    """Tell bytes after the last signature that are no revision of their own."""
    text = f"{count} bytes stand after what its signature covers."
    return _problem("SIGNATURE_RANGE", text)


# -- what was added, what acts -----------------------------------------------------


def _judge_graph(pdf: pikepdf.Pdf, graph: Graph) -> Iterator[Record]:
    if graph.active:
        names = " ".join(sorted(graph.active))
        yield _problem("PDF_ACTIVE", f"It holds something that acts: {names}.")
    if graph.layers:
        yield _problem("PDF_LAYERS", "It holds layers that can be shown or hidden.")
    if graph.marks:
        names = " ".join(sorted(graph.marks))[:200]
        yield _problem("PDF_OVERLAY", f"Something lies over its pages: {names}.")
    if "/XRefStm" in pdf.trailer:
        text = "It has two tables of its objects: readers may see different things."
        yield _problem("PDF_DAMAGED", text)


def _judge_additions(
    pdf: pikepdf.Pdf, graph: Graph, data: bytes, end: int
) -> Iterator[Record]:
    """Tell objects that nothing refers to: what a later revision could bring up."""
    extensions = pdf.Root.get("/Extensions", Dictionary())
    if any(set(extensions[key].keys()) - _EXTENSION for key in extensions.keys()):  # noqa: SIM118 - no mapping
        yield _problem("PDF_CHANGED", "It declares an extension in an odd form.")
    for key in ("/AcroForm", "/DSS", "/Extensions"):
        if key in pdf.Root:
            graph.reach(pdf.Root[key])
    hidden = [*unreached(pdf, graph.met)][:_MAX_REFERENCES]
    if hidden:
        text = f"It holds objects that nothing refers to: {' '.join(hidden)}."
        yield _problem("PDF_HIDDEN", text)
    store = pdf.Root.get("/DSS")
    if store is not None and pdf_validation.odd(store):
        yield _problem("PDF_CHANGED", "Its validation data holds something else.")
    fields = pdf.Root.get("/AcroForm", Dictionary()).get("/Fields", Array())
    if graph.widgets - {one.objgen for one in fields}:
        text = "A page carries a signature's box that is no field of the form."
        yield _problem("PDF_CHANGED", text)
    known = {found.objgen[0] for found in pdf.objects if found.is_indirect}
    odd = odd_bytes(data, end, known)
    if odd:
        text = f"What was appended holds more than its tables say: {odd}."
        yield _problem("PDF_HIDDEN", text)
    before = _open(data[:end])
    if "/Prev" in before.trailer:
        text = "It was changed by appending before it was signed, or unsigned."
        yield _problem("PDF_CHANGED", text)
    if str(pdf.Root.get("/Version")) != str(before.Root.get("/Version")):
        yield _problem("PDF_CHANGED", "Its version was changed after it was made.")


# -- attachments -------------------------------------------------------------------


def _attachments(pdf: pikepdf.Pdf) -> Generator[Item, None, dict[str, str]]:
    """Send every attachment; return name to SHA-256."""
    tree = pdf.Root.get("/Names", Dictionary()).get("/EmbeddedFiles")
    seen: dict[str, str] = {}
    places: set[tuple[int, int]] = set()
    total = 0
    for specification in _leaves(tree):
        if len(seen) >= MAX_ATTACHMENTS:
            raise UnsoundError(f"it has more than {MAX_ATTACHMENTS} attachments")
        name, stream = _attachment(specification)
        if name in seen:
            text = "Two of its attachments have one name."
            yield _problem("ATTACHMENT_DOUBLED", text)
            continue
        content = stream.read_bytes()
        total += len(content)
        if total > MAX_ATTACHED:
            raise UnsoundError("its attachments are too long")
        places.add(specification.objgen)
        seen[name] = sha256(content).hexdigest()
        fields: dict[str, Json] = {
            "media_type": str(stream.get("/Subtype", "/"))[1:],
            "relationship": str(specification.get("/AFRelationship", "/"))[1:],
            "description": str(specification.get("/Desc", "")),
        }
        yield from _file(name.encode("utf-8", "replace"), content, fields)
    associated = pdf.Root.get("/AF", Array())
    if {one.objgen for one in associated} - places:
        text = "It is associated with files that are not among its attachments."
        yield _problem("ATTACHMENT_NEW", text)
    return seen


def _file(name: bytes, content: bytes, fields: dict[str, Json]) -> Iterator[Item]:
    yield FileStart(name, len(content), fields)
    for start in range(0, len(content), _PIECE):
        yield Content(content[start : start + _PIECE])
    yield FileEnd(Outcome.ACQUIRED, {})


def _leaves(tree: Any) -> Iterator[Any]:
    """Yield the file specifications of a name tree (ISO 32000-2 7.9.6), bounded."""
    stack, seen = [] if tree is None else [tree], 0
    while stack:
        node = stack.pop()
        seen += 1
        if seen > MAX_ATTACHMENTS:
            raise UnsoundError("its list of attachments is too long")
        kids = node.get("/Kids", Array())
        names = node.get("/Names", Array())
        if len(kids) > MAX_ATTACHMENTS or len(names) > 2 * MAX_ATTACHMENTS:
            raise UnsoundError(f"it has more than {MAX_ATTACHMENTS} attachments")
        stack += [*kids]
        yield from list(names)[1::2]


def _attachment(specification: Any) -> tuple[str, Stream]:
    files = specification["/EF"]
    streams = {files[key].objgen for key in files.keys()}  # noqa: SIM118 - no mapping
    names = {str(specification[key]) for key in ("/F", "/UF") if key in specification}
    if len(streams) != 1 or len(names) != 1:
        raise UnsoundError("an attachment is a different one by system")
    stream = next(iter(files[key] for key in files.keys()))  # noqa: SIM118
    if not isinstance(stream, Stream):
        raise UnsoundError("an attachment holds no file")
    return names.pop(), stream


# -- the second engine -------------------------------------------------------------


def _second_engine(
    data: bytes, attached: dict[str, str], *, pages: int
) -> Iterator[Record]:
    """Compare with what pypdf sees."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data), strict=True)
        same = len(reader.pages) == pages
        found = {
            one.name: sha256(one.content).hexdigest() for one in reader.attachment_list
        }
    except (PyPdfError, *_DAMAGE) as error:
        text = f"A second engine cannot read it ({type(error).__name__})."
        yield _problem("ENGINES_DIFFER", text)
        return
    if not same or found != attached:
        text = "Two engines see different pages or attachments in it."
        yield _problem("ENGINES_DIFFER", text)


def _pages(data: bytes) -> Iterator[Record]:
    from pypdf import PdfReader

    for number, page in enumerate(PdfReader(io.BytesIO(data)).pages, 1):
        text = page.extract_text()[:MAX_PAGE_TEXT]
        safe = text.encode("utf-8", "replace").decode("utf-8")
        yield Record({"kind": "page", "number": number, "text": safe})
