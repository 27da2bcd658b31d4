"""From a rendered report to PDF/A-3b (ISO 19005-3) with its attachments inside.

What rendering does already: fonts embedded, colours in DeviceRGB, no transparency, no
script, no action, tags and language. What is added: the colour profile those colours
mean, metadata equal to the document information, the attachments, an identifier from
the content. Same input, same bytes.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from hashlib import md5
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from evidence.report import srgb

if TYPE_CHECKING:
    import pikepdf

    from evidence.report.attachments import Attachment

PART, CONFORMANCE = 3, "B"
MOST_BYTES = 96 << 20  # of attachments together; what is more is not put in
_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def pack(attachments: Sequence[Attachment]) -> list[bytes]:
    """Return the contents as Flate streams: zlib runs beside what else is done."""
    return [zlib.compress(attachment.content) for attachment in attachments]


def archive(
    rendered: bytes,
    attachments: Sequence[Attachment] = (),
    packed: Sequence[bytes] | None = None,
) -> bytes:
    """Return a rendered report as PDF/A-3b.

    Args:
        rendered: what `evidence.report.pdf.render` wrote.
        attachments: each under a name of its own, at most `MOST_BYTES` together.
        packed: what `pack` made of them.

    Raises:
        ValueError: a name comes twice, or there is too much: a programming mistake.
    """
    import pikepdf

    names = [attachment.name for attachment in attachments]
    if len(set(names)) < len(names):
        raise ValueError("two attachments have the same name")
    if sum(len(attachment.content) for attachment in attachments) > MOST_BYTES:
        raise ValueError("the attachments are too big")
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(rendered)) as pdf:
        _add_profile(pdf)
        _add_metadata(pdf)
        _attach(pdf, attachments, pack(attachments) if packed is None else packed)
        pdf.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
    return target.getvalue()


def _add_profile(pdf: pikepdf.Pdf) -> None:
    from pikepdf import Array, Dictionary, Name, String

    stream = pdf.make_stream(srgb.profile(), N=3)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String(srgb.NAME),
        RegistryName=String("http://www.color.org"),
        Info=String(srgb.NAME),
        DestOutputProfile=stream,
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


# -- metadata ------------------------------------------------------------------------


def _add_metadata(pdf: pikepdf.Pdf) -> None:
    """Write XMP from the document information, so that the two cannot differ."""
    from pikepdf import Name

    info = {str(key): str(value) for key, value in pdf.docinfo.items()}
    language = str(pdf.Root.get("/Lang", ""))
    stream = pdf.make_stream(xmp(info, language).encode("utf-8"))
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = stream


def xmp(info: dict[str, str], language: str) -> str:
    """Return the XMP packet (ISO 16684-1) for a document information dictionary.

    Written by hand: each schema in a description of its own which declares its prefix,
    as readers that are strict about PDF/A ask for.

    Args:
        info: key with slash to text; dates as ``D:YYYYMMDDHHMMSSZ``.
        language: RFC 3066 tag of the document, or "".
    """
    core = _alternatives("dc:title", info.get("/Title"))
    if language:
        core += f"<dc:language><rdf:Bag>{_item(language)}</rdf:Bag></dc:language>"
    basic = _simple("xmp:CreateDate", _iso(info.get("/CreationDate")))
    basic += _simple("xmp:ModifyDate", _iso(info.get("/ModDate")))
    schemas = (
        ("dc", "http://purl.org/dc/elements/1.1/", core),
        ("xmp", "http://ns.adobe.com/xap/1.0/", basic),
        (
            "pdf",
            "http://ns.adobe.com/pdf/1.3/",
            _simple("pdf:Producer", info.get("/Producer")),
        ),
        (
            "pdfaid",
            "http://www.aiim.org/pdfa/ns/id/",
            f"<pdfaid:part>{PART}</pdfaid:part>"
            f"<pdfaid:conformance>{CONFORMANCE}</pdfaid:conformance>",
        ),
    )
    described = "\n".join(
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{uri}">{body}</rdf:Description>'
        for prefix, uri, body in schemas
        if body
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f"{described}\n</rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    )


def _simple(name: str, text: str | None) -> str:
    return f"<{name}>{_xml(text)}</{name}>" if text else ""


def _alternatives(name: str, text: str | None) -> str:
    if not text:
        return ""
    item = f'<rdf:li xml:lang="x-default">{_xml(text)}</rdf:li>'
    return f"<{name}><rdf:Alt>{item}</rdf:Alt></{name}>"


def _item(text: str) -> str:
    return f"<rdf:li>{_xml(text)}</rdf:li>"


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _iso(date: str | None) -> str:
    found = _DATE.fullmatch(date or "")
    if found is None:
        return ""
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


# -- attachments ---------------------------------------------------------------------


def _attach(
    pdf: pikepdf.Pdf, attachments: Sequence[Attachment], packed: Sequence[bytes]
) -> None:
    from pikepdf import Array, Dictionary, Name, String

    if not attachments:
        return
    date = pdf.docinfo.get("/ModDate")
    listed: list[Any] = []
    tree: list[Any] = []
    # A name tree is sorted; a viewer lists the attachments in its order.
    pairs = [*zip(attachments, packed, strict=True)]
    pairs.sort(key=lambda pair: pair[0].name.encode("ascii"))
    for attachment, data in pairs:
        # The checksum is that of ISO 32000-1, 7.11.4: it protects nobody.
        checksum = md5(attachment.content, usedforsecurity=False).digest()
        params = Dictionary(Size=len(attachment.content), CheckSum=String(checksum))
        if date is not None:
            params.CreationDate = params.ModDate = date
        stream = pdf.make_stream(data, Filter=Name.FlateDecode)
        stream.Type = Name.EmbeddedFile
        stream.Subtype = Name(f"/{attachment.media_type}")
        stream.Params = params
        specification = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(attachment.name),
                UF=String(attachment.name),
                EF=Dictionary(F=stream, UF=stream),
                AFRelationship=Name(f"/{attachment.relationship}"),
                Desc=String(attachment.description),
            )
        )
        listed.append(specification)
        tree += [String(attachment.name), specification]
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary()
    pdf.Root.Names.EmbeddedFiles = Dictionary(Names=Array(tree))
    pdf.Root.AF = Array(listed)
