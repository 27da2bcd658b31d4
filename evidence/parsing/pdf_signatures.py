"""Signatures of a PDF: which bytes each covers, and what they were put upon.

Nothing is verified here; what has no place in a report's form is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pikepdf import Array, Dictionary, String

from evidence.parsing.pdf_graph import is_signature_field

if TYPE_CHECKING:
    import pikepdf

MAX_SIGNATURES = 20
# One end of line at most (ISO 32000-2 7.5.5): what follows it belongs to nothing.
END = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF(?:\r\n|\r|\n)?")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,12})")
_FORM_KEYS = {"/Fields", "/SigFlags"}
_FIELD_KEYS = {
    "/FT", "/T", "/V", "/Type", "/Subtype", "/Rect", "/F", "/P", "/AP", "/TU",
}  # fmt: skip
# Of a signature's value (ISO 32000-2 table 255): no transforms, nothing to compare.
_VALUE_KEYS = {
    "/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Name",
    "/Reason", "/Location", "/ContactInfo", "/Prop_Build",
}  # fmt: skip


class UnsoundError(ValueError):
    """The file is not one that can be taken apart; the text says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: its dictionary, and where its revision ends."""

    ranges: tuple[int, int, int, int]
    contents: bytes
    kind: str
    subfilter: str
    time: str

    @property
    def end(self) -> int:
        """Where the bytes it covers end."""
        return self.ranges[2] + self.ranges[3]


def signatures_of(
    pdf: pikepdf.Pdf, data: bytes
) -> tuple[list[Signature], list[tuple[str, str]]]:
    """Return the signatures by the end of their revision, and what is wrong.

    Raises:
        UnsoundError: too many.
    """
    form = pdf.Root.get("/AcroForm")
    if form is None:
        return [], []
    found: list[Signature] = []
    wrong: list[tuple[str, str]] = []
    odd = set(form.keys()) - _FORM_KEYS
    if odd:
        wrong.append(("PDF_CHANGED", "It holds a form beside its signature."))
    fields = form.get("/Fields", Array())
    if len(fields) > MAX_SIGNATURES:
        raise UnsoundError(f"it has more than {MAX_SIGNATURES} fields")
    for field in fields:
        if not is_signature_field(field) or not _is_invisible(field):
            text = "It holds a form field that is no invisible signature."
            wrong.append(("PDF_CHANGED", text))
            continue
        try:
            found.append(_signature(field, data))
        except UnsoundError as error:
            text = f"A signature does not cover what it should: {error}."
            wrong.append(("SIGNATURE_RANGE", text))
    return sorted(found, key=lambda one: one.end), wrong


def _is_invisible(field: Any) -> bool:
    """Whether a field draws nothing: an empty rectangle, and no odd member."""
    rect = [float(number) for number in field.get("/Rect", Array())]
    flat = len(rect) == 4 and (rect[0] == rect[2] or rect[1] == rect[3])
    return flat and not set(field.keys()) - _FIELD_KEYS


def _signature(field: Any, data: bytes) -> Signature:
    """Read one signature; its range must be the whole file up to its own end.

    ISO 32000-2 12.8.1: all bytes but the value of /Contents with its delimiters.
    """
    value = field.get("/V")
    if not isinstance(value, Dictionary) or "/ByteRange" not in value:
        raise UnsoundError("a field is empty")
    if set(value.keys()) - _VALUE_KEYS:
        raise UnsoundError("its value holds what belongs to no signature")
    numbers = tuple(int(number) for number in value["/ByteRange"])
    if len(numbers) != 4:
        raise UnsoundError("its range has not four numbers")
    start, before, after, rest = numbers
    if start != 0 or not 0 < before < after or rest < 0 or after + rest > len(data):
        raise UnsoundError("its range is not in the file")
    gap = data[before:after]
    contents = value.get("/Contents")
    if gap[:1] + gap[-1:] != b"<>" or not isinstance(contents, String):
        raise UnsoundError("its range leaves out more than the signature")
    try:
        held = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError as error:
        reason = "its range leaves out more than the signature"
        raise UnsoundError(reason) from error
    if held != bytes(contents):
        raise UnsoundError("the signature read is another than the one left out")
    end = END.search(data, max(0, after + rest - 64), after + rest)
    if end is None or end.end() != after + rest:
        raise UnsoundError("its range does not end where a revision ends")
    return Signature(
        (start, before, after, rest),
        held,
        str(value.get("/Type", "/Sig"))[1:],
        str(value.get("/SubFilter", "/"))[1:],
        str(value.get("/M", "")),
    )


def base_end(data: bytes, signatures: list[Signature]) -> int:
    """Return where the revision before the first signature ends.

    Raises:
        UnsoundError: that cannot be told.
    """
    if not signatures:
        return len(data)
    end = signatures[0].end
    last = END.search(data, max(0, end - 64), end)
    table = int(last[1]) if last else len(data)
    previous = _PREVIOUS.search(data, table, end)
    if previous is None:
        raise UnsoundError("the signature was not appended to the report")
    place = int(previous[1])
    for found in END.finditer(data, place, table):
        if int(found[1]) == place:
            return found.end()
    raise UnsoundError("where the report ends before its signature cannot be told")
