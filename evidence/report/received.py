"""A report that came from somewhere: taken apart in the parser's process, bounded.

Nothing of it is believed here. The process that reads the PDF sends problems,
signatures, attachments and, where asked, what its pages say.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence.case import unreadable
from evidence.outcome import ParseOutcome
from evidence.parsing.base import (
    Content,
    FileEnd,
    FileStart,
    Item,
    Job,
    Json,
    Record,
    Summary,
)
from evidence.parsing.sandbox import parse
from evidence.report.padescheck import PdfSignature
from evidence.report.revoked import Validation
from evidence.report_errors import ReportFileError
from manifests.verifying.verdict import Axis, Code, Finding

MAX_BYTES = 1 << 30
_MAGIC = b"%PDF-"
_MAX_PROBLEMS = 200
_SECONDS = 600
_AXES = {
    Code.ATTACHMENT_NEW: Axis.COMPLETE,
    Code.ATTACHMENT_DOUBLED: Axis.COMPLETE,
    Code.SIGNATURE_RANGE: Axis.SIGNED,
}
_CODES = {
    code.value: code
    for code in (
        Code.ATTACHMENT_DOUBLED,
        Code.ATTACHMENT_NEW,
        Code.ENGINES_DIFFER,
        Code.PDF_ACTIVE,
        Code.PDF_CHANGED,
        Code.PDF_DAMAGED,
        Code.PDF_ENCRYPTED,
        Code.PDF_HIDDEN,
        Code.PDF_LAYERS,
        Code.PDF_OVERLAY,
        Code.SIGNATURE_RANGE,
    )
}


@dataclass(frozen=True, slots=True)
class Carried:
    """One attachment as it is in the PDF."""

    content: bytes
    media_type: str
    relationship: str
    description: str


@dataclass(slots=True)
class Received:
    """What a PDF turned out to hold.

    Attributes:
        attachments: name to attachment; signatures: by the end of what they cover.
        pages: what each page says, where that was asked for.
        digest: of the object graph before signing (`parsing.pdf_graph`), hex.
        base_end: length of the file before signing, bytes.
        validation: certificates and revocation data in its store.
    """

    findings: list[Finding] = field(default_factory=list)
    signatures: list[PdfSignature] = field(default_factory=list)
    attachments: dict[str, Carried] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    digest: str = ""
    base_end: int = 0
    validation: Validation = field(default_factory=Validation)

    @property
    def whole(self) -> bool:
        """Whether it could be taken apart to the end."""
        return bool(self.digest)


def is_report_file(path: Path) -> bool:
    """Tell whether a path is a file that begins as a PDF does."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def read_bytes(path: Path) -> bytes:
    """Return a report's bytes.

    Raises:
        ReportFileError: too long. CaseUnreadableError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable("The report", error) from error
    if len(data) > MAX_BYTES:
        raise ReportFileError(reason=f"it is longer than {MAX_BYTES} bytes")
    return data


def take_apart(data: bytes, *, texts: bool = False) -> Received:
    """Take a PDF apart; whatever is wrong with it becomes a finding.

    Args:
        texts: also what its pages say.

    Raises:
        CaseUnreadableError: no temporary file could be written for the process.
    """
    received = Received()
    try:
        with tempfile.NamedTemporaryFile(prefix="custody-", suffix=".pdf") as stream:
            stream.write(data)
            stream.flush()
            job = Job(stream.name, options={"texts": texts})
            taker = _Taker(received)
            for item in parse("report", job, seconds=_SECONDS):
                taker.take(item)
    except OSError as error:
        raise unreadable("A copy of the report", error) from error
    received.signatures.sort(key=lambda one: one.end)
    return received


def problem(code: Code, subject: str, text: str) -> Finding:
    """Return a failing finding about the PDF, on the axis of its code."""
    return Finding(_AXES.get(code, Axis.INTACT), code, subject, text)


class _Taker:
    """Puts what the process sends into a `Received`; trusts none of it."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._name = ""
        self._fields: Mapping[str, Json] = {}
        self._pieces: list[bytes] = []

    def take(self, item: Item) -> None:
        match item:
            case Record():
                self._record(item.fields)
            case FileStart():
                self._name = item.name.decode("utf-8", "replace")
                self._fields, self._pieces = item.fields, []
            case Content():
                self._pieces.append(item.data)
            case FileEnd():
                self._end()
            case Summary() if item.outcome is not ParseOutcome.PARSED:
                text = " ".join(item.limits) or "The parser failed."
                self._damaged(f"The PDF could not be read within bounds. {text}")

    def _damaged(self, text: str) -> None:
        finding = problem(Code.PDF_DAMAGED, "the PDF", text)
        self._received.findings.append(finding)

    def _end(self) -> None:
        def text(name: str) -> str:
            value = self._fields.get(name)
            return value if isinstance(value, str) else ""

        content = b"".join(self._pieces)
        if kind := text("validation"):
            self._received.validation.add(kind, content)
            self._pieces = []
            return
        self._received.attachments[self._name] = Carried(
            content,
            text("media_type"),
            text("relationship"),
            text("description"),
        )
        self._pieces = []

    def _record(self, fields: Mapping[str, Json]) -> None:
        received = self._received
        try:
            match fields.get("kind"):
                case "problem" if len(received.findings) < _MAX_PROBLEMS:
                    code, text = _CODES[str(fields["code"])], str(fields["text"])
                    received.findings.append(problem(code, "the PDF", text[:500]))
                case "signature":
                    received.signatures.append(_signature(fields))
                case "page":
                    received.pages.append(str(fields["text"]))
                case "facts":
                    received.digest = str(fields["digest"])
                    received.base_end = int(str(fields["base_end"]))
        except (KeyError, ValueError, TypeError):
            self._damaged("What was read of the PDF makes no sense.")


def _signature(fields: Mapping[str, Json]) -> PdfSignature:
    ranges = fields["ranges"]
    if not isinstance(ranges, list) or len(ranges) != 4:
        raise ValueError("no range")
    first, before, after, rest = (int(str(number)) for number in ranges)
    return PdfSignature(
        str(fields["type"]),
        str(fields["subfilter"]),
        str(fields["time"]),
        (first, before, after, rest),
        base64.b64decode(str(fields["contents_b64"]), validate=True),
    )
