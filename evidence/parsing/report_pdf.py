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
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Array, Dictionary, Stream, String

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import (
    Content,
    FileEnd,
    FileStart,
    Item,
    Job,
    Record,
    Summary,
)
from evidence.parsing.pdf_graph import Graph, GraphError, is_signature_field, unreached

if TYPE_CHECKING:
    from evidence.parsing.base import Json

MAX_FILE = 1 << 30
MAX_ATTACHMENTS = 1000
MAX_SIGNATURES = 20
MAX_ATTACHED = 512 << 20  # bytes of all attachments together
MAX_PAGE_TEXT = 1 << 20  # characters
_PIECE = 1 << 20
_TAIL = 1024  # bytes in which readers look for the end of a file
_MAX_REFERENCES = 10
# One end of line at most (ISO 32000-2 7.5.5): what follows it belongs to nothing.
_END = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF(?:\r\n|\r|\n)?")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,12})")
_DAMAGE = (
    pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError,
    OSError, RuntimeError,
)  # fmt: skip
_FORM_KEYS = {"/Fields", "/SigFlags"}
_FIELD_KEYS = {
    "/FT", "/T", "/V", "/Type", "/Subtype", "/Rect", "/F", "/P", "/AP", "/TU",
}  # fmt: skip


class _UnsoundError(ValueError):
    """The file is not one that can be taken apart; the text says why."""


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature: its dictionary, and where its revision ends."""

    ranges: tuple[int, int, int, int]
    contents: bytes
    kind: str
    subfilter: str
    time: str

    @property
    def end(self) -> int:
        return self.ranges[2] + self.ranges[3]


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
        except (_UnsoundError, GraphError) as error:
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
        raise _UnsoundError(f"it is longer than {MAX_FILE} bytes")
    if not data.startswith(b"%PDF-"):
        raise _UnsoundError("it does not begin as a PDF does")
    tail = [*_END.finditer(data, max(0, len(data) - _TAIL))]
    if not tail or tail[-1].end() != len(data):
        if tail and b"/ByteRange" in data:
            yield _trailing(len(data) - tail[-1].end())
        raise _UnsoundError("it does not end as a PDF does")
    pdf = _open(data)
    signatures, wrong = _signatures(pdf, data)
    yield from wrong
    end = signatures[-1].end if signatures else len(data)
    if end < len(data) and int(tail[-1][1]) < end:
        # No revision of its own: its last table is still that of the signature.
        yield _trailing(len(data) - end)
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
    end = _base_end(data, signatures)
    graph = Graph(pdf)
    graph.walk()
    yield from _judge_graph(pdf, graph)
    base = graph if end == len(data) else _walked(data[:end])
    if base.digest != graph.digest:
        text = "Something was added that changes what the report shows or holds."
        yield _problem("PDF_CHANGED", text)
    yield from _judge_additions(pdf, graph, data[:end])
    attached = yield from _attachments(pdf)
    yield from _second_engine(data, attached, pages=len(pdf.pages))
    if texts:
        yield from _pages(data[:end])
    facts: dict[str, Json] = {
        "kind": "facts",
        "base_end": end,
        "digest": base.digest,
        "dss": "/DSS" in pdf.Root,
        "pages": len(pdf.pages),
        "bytes": len(data),
    }
    yield Record(facts)


def _walked(data: bytes) -> Graph:
    graph = Graph(_open(data))
    graph.walk()
    return graph


# -- signatures --------------------------------------------------------------------


def _signatures(pdf: pikepdf.Pdf, data: bytes) -> tuple[list[_Signature], list[Record]]:
    """Return the signatures by the end of their revision, and what is wrong."""
    form = pdf.Root.get("/AcroForm")
    if form is None:
        return [], []
    found: list[_Signature] = []
    wrong: list[Record] = []
    odd = set(form.keys()) - _FORM_KEYS
    if odd:
        wrong.append(_problem("PDF_CHANGED", "It holds a form beside its signature."))
    fields = form.get("/Fields", Array())
    if len(fields) > MAX_SIGNATURES:
        raise _UnsoundError(f"it has more than {MAX_SIGNATURES} fields")
    for field in fields:
        if not is_signature_field(field) or not _is_invisible(field):
            text = "It holds a form field that is no invisible signature."
            wrong.append(_problem("PDF_CHANGED", text))
            continue
        try:
            found.append(_signature(field, data))
        except _UnsoundError as error:
            text = f"A signature does not cover what it should: {error}."
            wrong.append(_problem("SIGNATURE_RANGE", text))
    return sorted(found, key=lambda one: one.end), wrong


def _is_invisible(field: Any) -> bool:
    """Whether a field draws nothing: an empty rectangle, and no odd member."""
    rect = [float(number) for number in field.get("/Rect", Array())]
    flat = len(rect) == 4 and (rect[0] == rect[2] or rect[1] == rect[3])
    return flat and not set(field.keys()) - _FIELD_KEYS


def _signature(field: Any, data: bytes) -> _Signature:
    """Read one signature; its range must be the whole file up to its own end.

    ISO 32000-2 12.8.1: all bytes but the value of /Contents with its delimiters.
    """
    value = field.get("/V")
    if not isinstance(value, Dictionary) or "/ByteRange" not in value:
        raise _UnsoundError("a field is empty")
    numbers = tuple(int(number) for number in value["/ByteRange"])
    if len(numbers) != 4:
        raise _UnsoundError("its range has not four numbers")
    start, before, after, rest = numbers
    if start != 0 or not 0 < before < after or rest < 0 or after + rest > len(data):
        raise _UnsoundError("its range is not in the file")
    gap = data[before:after]
    contents = value.get("/Contents")
    if gap[:1] + gap[-1:] != b"<>" or not isinstance(contents, String):
        raise _UnsoundError("its range leaves out more than the signature")
    try:
        held = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError as error:
        reason = "its range leaves out more than the signature"
        raise _UnsoundError(reason) from error
    if held != bytes(contents):
        raise _UnsoundError("the signature read is another than the one left out")
    end = _END.search(data, max(0, after + rest - 64), after + rest)
    if end is None or end.end() != after + rest:
        raise _UnsoundError("its range does not end where a revision ends")
    return _Signature(
        (start, before, after, rest),
        held,
        str(value.get("/Type", "/Sig"))[1:],
        str(value.get("/SubFilter", "/"))[1:],
        str(value.get("/M", "")),
    )


def _trailing(count: int) -> Record:
    """Tell bytes after the last signature that are no revision of their own."""
    text = f"{count} bytes stand after what its signature covers."
    return _problem("SIGNATURE_RANGE", text)


def _base_end(data: bytes, signatures: list[_Signature]) -> int:
    """Return where the revision before the first signature ends."""
    if not signatures:
        return len(data)
    end = signatures[0].end
    last = _END.search(data, max(0, end - 64), end)
    table = int(last[1]) if last else len(data)
    previous = _PREVIOUS.search(data, table, end)
    if previous is None:
        raise _UnsoundError("the signature was not appended to the report")
    place = int(previous[1])
    for found in _END.finditer(data, place, table):
        if int(found[1]) == place:
            return found.end()
    raise _UnsoundError("where the report ends before its signature cannot be told")


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


def _judge_additions(pdf: pikepdf.Pdf, graph: Graph, base: bytes) -> Iterator[Record]:
    """Tell objects that nothing refers to: what a later revision could bring up."""
    for key in ("/AcroForm", "/DSS", "/Extensions"):
        if key in pdf.Root:
            graph.reach(pdf.Root[key])
    hidden = [*unreached(pdf, graph.met)][:_MAX_REFERENCES]
    if hidden:
        text = f"It holds objects that nothing refers to: {' '.join(hidden)}."
        yield _problem("PDF_HIDDEN", text)
    store = pdf.Root.get("/DSS")
    if store is not None and set(store.keys()) - {
        "/Type", "/Certs", "/CRLs", "/OCSPs", "/VRI",
    }:  # fmt: skip
        yield _problem("PDF_CHANGED", "Its validation data holds something else.")
    fields = pdf.Root.get("/AcroForm", Dictionary()).get("/Fields", Array())
    if graph.widgets - {one.objgen for one in fields}:
        text = "A page carries a signature's box that is no field of the form."
        yield _problem("PDF_CHANGED", text)
    before = _open(base)
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
            raise _UnsoundError(f"it has more than {MAX_ATTACHMENTS} attachments")
        name, stream = _attachment(specification)
        if name in seen:
            text = "Two of its attachments have one name."
            yield _problem("ATTACHMENT_DOUBLED", text)
            continue
        content = stream.read_bytes()
        total += len(content)
        if total > MAX_ATTACHED:
            raise _UnsoundError("its attachments are too long")
        places.add(specification.objgen)
        seen[name] = sha256(content).hexdigest()
        fields: dict[str, Json] = {
            "media_type": str(stream.get("/Subtype", "/"))[1:],
            "relationship": str(specification.get("/AFRelationship", "/"))[1:],
            "description": str(specification.get("/Desc", "")),
        }
        yield FileStart(name.encode("utf-8", "replace"), len(content), fields)
        for start in range(0, len(content), _PIECE):
            yield Content(content[start : start + _PIECE])
        yield FileEnd(Outcome.ACQUIRED, {})
    associated = pdf.Root.get("/AF", Array())
    if {one.objgen for one in associated} - places:
        text = "It is associated with files that are not among its attachments."
        yield _problem("ATTACHMENT_NEW", text)
    return seen


def _leaves(tree: Any) -> Iterator[Any]:
    """Yield the file specifications of a name tree (ISO 32000-2 7.9.6), bounded."""
    stack, seen = [] if tree is None else [tree], 0
    while stack:
        node = stack.pop()
        seen += 1
        if seen > MAX_ATTACHMENTS:
            raise _UnsoundError("its list of attachments is too long")
        kids = node.get("/Kids", Array())
        names = node.get("/Names", Array())
        if len(kids) > MAX_ATTACHMENTS or len(names) > 2 * MAX_ATTACHMENTS:
            raise _UnsoundError(f"it has more than {MAX_ATTACHMENTS} attachments")
        stack += [*kids]
        yield from list(names)[1::2]


def _attachment(specification: Any) -> tuple[str, Stream]:
    files = specification["/EF"]
    streams = {files[key].objgen for key in files.keys()}  # noqa: SIM118 - no mapping
    names = {str(specification[key]) for key in ("/F", "/UF") if key in specification}
    if len(streams) != 1 or len(names) != 1:
        raise _UnsoundError("an attachment is a different one by system")
    stream = next(iter(files[key] for key in files.keys()))  # noqa: SIM118
    if not isinstance(stream, Stream):
        raise _UnsoundError("an attachment holds no file")
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
