"""Rules on metadata: identification, and properties of the schemas a report uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

import pikepdf

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML = "{http://www.w3.org/XML/1998/namespace}"
DC = "{http://purl.org/dc/elements/1.1/}"
BASIC = "{http://ns.adobe.com/xap/1.0/}"
PDF = "{http://ns.adobe.com/pdf/1.3/}"
IDENTITY = "{http://www.aiim.org/pdfa/ns/id/}"
_TEXT, _DATE, _BAG, _SEQ, _ALT, _DATES, _INTEGER = range(7)
# XMP 2005: Dublin Core, XMP Basic, Adobe PDF; PDF/A identification.
_TYPES = {
    DC: {
        "contributor": _BAG, "coverage": _TEXT, "creator": _SEQ, "date": _DATES,
        "description": _ALT, "format": _TEXT, "identifier": _TEXT, "language": _BAG,
        "publisher": _BAG, "relation": _BAG, "rights": _ALT, "source": _TEXT,
        "subject": _BAG, "title": _ALT, "type": _BAG,
    },
    BASIC: {
        "Advisory": _BAG, "BaseURL": _TEXT, "CreateDate": _DATE, "CreatorTool": _TEXT,
        "Identifier": _BAG, "Label": _TEXT, "MetadataDate": _DATE, "ModifyDate": _DATE,
        "Nickname": _TEXT, "Rating": _INTEGER, "Thumbnails": _ALT,
    },
    PDF: {"Keywords": _TEXT, "PDFVersion": _TEXT, "Producer": _TEXT, "Trapped": _TEXT},
    IDENTITY: {
        "part": _INTEGER, "conformance": _TEXT, "amd": _TEXT, "corr": _TEXT,
        "rev": _TEXT,
    },
}  # fmt: skip
_CONTAINERS = {_BAG: "Bag", _SEQ: "Seq", _ALT: "Alt", _DATES: "Seq"}
_ISO = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?"
)
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")


def check_metadata(
    pdf: pikepdf.Pdf, parts: tuple[int, ...]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong; `parts` are the parts of ISO 19005 it may claim."""
    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        yield "6.6.2.1-1", "the document has no metadata"
        return
    packet = stream.read_bytes()
    if re.search(rb"<\?xpacket[^>]*(bytes|encoding)=", packet):
        yield "6.6.2.1-2", "the packet header names bytes or encoding"
    properties = list(_properties(_parsed(packet)))
    for name, value in properties:
        yield from _typed(name, value)
    found = dict(properties)
    part = _plain(found.get(f"{IDENTITY}part"))
    if part not in {str(one) for one in parts}:
        yield "6.6.4-1", "the part of PDF/A is missing or another one"
    if _plain(found.get(f"{IDENTITY}conformance")) not in ("A", "B", "U"):
        yield "6.6.4-2", "the level of conformance is missing"


def _parsed(packet: bytes) -> Element:
    assert b"<!DOCTYPE" not in packet
    text = packet.decode("utf-8-sig").strip("\0 \r\n\ufeff")
    return fromstring(text)


def _properties(root: Element) -> Iterator[tuple[str, Element | str]]:
    for described in root.findall(f".//{RDF}RDF/{RDF}Description"):
        for name, text in described.attrib.items():
            if not name.startswith(RDF):
                yield name, text
        for child in described:
            yield child.tag, child


def _plain(value: Element | str | None) -> str:
    if isinstance(value, Element):
        return (value.text or "").strip() if not len(value) else ""
    return value or ""


def _typed(name: str, value: Element | str) -> Iterator[tuple[str, str]]:
    schema, _, local = name.rpartition("}")
    known = _TYPES.get(f"{schema}}}")
    if known is None:
        return
    wanted = known.get(local)
    if wanted is None:
        yield "6.6.2.3.1-1", f"{local} is no property of its schema"
    elif not _is(wanted, value):
        yield "6.6.2.3.1-2", f"{local} has another type than its schema gives"


def _is(wanted: int, value: Element | str) -> bool:
    container = _CONTAINERS.get(wanted)
    if container is None:
        simple = isinstance(value, str) or not len(value)
        text = _plain(value)
        return simple and (
            (wanted == _DATE and bool(_ISO.fullmatch(text)))
            or (wanted == _INTEGER and bool(re.fullmatch(r"[+-]?\d+", text)))
            or wanted == _TEXT
        )
    if isinstance(value, str) or len(value) != 1 or value[0].tag != f"{RDF}{container}":
        return False
    items = list(value[0])
    if wanted == _DATES:
        return all(_ISO.fullmatch(_plain(item)) for item in items)
    if wanted == _ALT and not any(len(item) for item in items):
        return all(f"{XML}lang" in item.attrib for item in items)
    return all(item.tag == f"{RDF}li" for item in items)


def check_own(pdf: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    """Rules of our own: no other schema, and the same said as in /Info."""
    found = dict(_properties(_parsed(pdf.Root.Metadata.read_bytes())))
    if {name.rpartition("}")[0] + "}" for name in found} - set(_TYPES):
        yield "own-schemas", "a schema that would need an extension schema"
    told = {
        "/Title": _first(found.get(f"{DC}title")),
        "/Producer": _plain(found.get(f"{PDF}Producer")),
        "/CreationDate": _plain(found.get(f"{BASIC}CreateDate")),
        "/ModDate": _plain(found.get(f"{BASIC}ModifyDate")),
    }
    info = {str(key): _normal(str(value)) for key, value in pdf.docinfo.items()}
    if {key: text for key, text in told.items() if text} != info:
        yield "own-info", "metadata and document information differ"


def _first(value: Element | str | None) -> str:
    return "" if not isinstance(value, Element) else _plain(value[0][0])


def _normal(text: str) -> str:
    date = _PDF_DATE.fullmatch(text)
    if date is None:
        return text
    return "{}-{}-{}T{}:{}:{}Z".format(*date.groups())
