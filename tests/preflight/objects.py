"""Rules on objects: streams, limits, actions, annotations, fonts, colours, files."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

Problem = tuple[str, str]
_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState",
    "/Rendition", "/Trans", "/GoTo3DView", "/JavaScript",
}  # fmt: skip
_NAMED = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
_ANNOTATIONS = {
    "/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon",
    "/PolyLine", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Stamp",
    "/Caret", "/Ink", "/Popup", "/FileAttachment", "/Widget", "/PrinterMark",
    "/TrapNet", "/Watermark", "/Redact",
}  # fmt: skip
_RELATIONSHIPS = {
    "/Source", "/Data", "/Alternative", "/Supplement", "/Unspecified",
    "/EncryptedPayload", "/FormData", "/Schema",
}  # fmt: skip
_DEPTH = 60
_SHALLOW = 3.0  # units a page has at least on each side


def check_objects(pdf: pikepdf.Pdf) -> Iterator[Problem]:
    """Yield (clause and test, what is wrong)."""
    related = _related(pdf)
    for found in pdf.objects:
        yield from _limits(found)
        for value in dictionaries(found):
            if isinstance(value, Stream):
                yield from _stream(value)
            yield from _action(value)
            yield from _file(value, related)
            yield from _state(value)
    yield from _catalog(pdf)
    for page in pdf.pages:
        yield from _page(page.obj)


def dictionaries(found: Object, depth: int = 0) -> Iterator[Object]:
    """Yield `found` and every direct dictionary in it."""
    if depth > _DEPTH or not isinstance(found, Dictionary | Stream | Array):
        return
    if isinstance(found, Array):
        members = list(found)
    else:
        yield found
        members = [found[key] for key in found.keys()]  # noqa: SIM118 - of a PDF object
    for member in members:
        direct = isinstance(member, Object) and not member.is_indirect
        if direct:
            yield from dictionaries(member, depth + 1)


# -- 6.1: streams, limits -------------------------------------------------------


def _stream(stream: Object) -> Iterator[Problem]:
    if {"/F", "/FFilter", "/FDecodeParms"} & set(stream.keys()):
        yield "6.1.7.1-4", "a stream's data stand outside the file"
    filters = stream.get("/Filter", Array())
    names = [filters] if isinstance(filters, Name) else list(filters)
    if any(str(name) in ("/LZWDecode", "/Crypt") for name in names):
        yield "6.1.7.2-1", "a stream uses a filter that is not allowed"


def _limits(value: object, depth: int = 0) -> Iterator[Problem]:
    if depth > _DEPTH:
        return
    if isinstance(value, bool):
        return
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        yield "6.1.13-1", "an integer is out of range"
    elif isinstance(value, String) and len(bytes(value)) > 32767:
        yield "6.1.13-3", "a string is longer than 32767 bytes"
    elif isinstance(value, Name) and len(str(value).encode()) - 1 > 127:
        yield "6.1.13-4", "a name is longer than 127 bytes"
    elif isinstance(value, Array):
        for member in value:
            if not (isinstance(member, Object) and member.is_indirect):
                yield from _limits(member, depth + 1)
    elif isinstance(value, Dictionary | Stream):
        for key in value.keys():  # noqa: SIM118 - of a PDF object
            if len(key.encode()) - 1 > 127:
                yield "6.1.13-4", "a name is longer than 127 bytes"
            member = value[key]
            if not (isinstance(member, Object) and member.is_indirect):
                yield from _limits(member, depth + 1)


def _page(page: Object) -> Iterator[Problem]:
    for name in ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        box = _inherited(page, name)
        if box is None:
            continue
        left, bottom, right, top = (float(edge) for edge in box)
        for side in (abs(right - left), abs(top - bottom)):
            if not _SHALLOW <= side <= 14400:
                yield "6.1.13-9", "a page boundary is not within 3 to 14400 units"
    for annotation in page.get("/Annots", Array()):
        yield from _annotation(annotation)
    if page.get("/AA") is not None:
        yield "6.5.2-1", "a page has additional actions"
    group = page.get("/Group")
    if group is not None and group.get("/S") == Name.Transparency:
        yield "own-transparency", "a page has a transparency group"
    yield from _fonts(page)
    yield from _content(page)


def _inherited(page: Object, name: str) -> Object | None:
    for _ in range(_DEPTH):
        if name in page:
            return page[name]
        if "/Parent" not in page:
            return None
        page = page.Parent
    return None


def _content(page: Object) -> Iterator[Problem]:
    depth = marked = 0
    for operands, operator in pikepdf.parse_content_stream(page):
        word = str(operator)
        if word == "INLINE IMAGE":
            used = str(operands[0].obj.get("/F", operands[0].obj.get("/Filter", "")))
            if "LZW" in used:
                yield "6.1.10-1", "an inline image uses LZW"
            continue
        for operand in operands:
            yield from _limits(operand)
        depth += {"q": 1, "Q": -1}.get(word, 0)
        marked += {"BMC": 1, "BDC": 1, "EMC": -1}.get(word, 0)
        if depth > 28:
            yield "6.1.13-8", "q is nested deeper than 28"
        if marked < 0:
            yield "own-marked", "EMC without a beginning"
    if marked:
        yield "own-marked", "marked content is not ended"


# -- 6.1.12, 6.3 to 6.5: permissions, annotations, actions ----------------------


def _catalog(pdf: pikepdf.Pdf) -> Iterator[Problem]:
    root = pdf.Root
    if "/AA" in root:
        yield "6.5.2-2", "the document has additional actions"
    names = root.get("/Names", Dictionary())
    if "/JavaScript" in names:
        yield "6.5.1-3", "the document has named scripts"
    form = root.get("/AcroForm", Dictionary())
    if "/XFA" in form or form.get("/NeedAppearances", False):
        yield "6.4.2-1", "the form is XFA, or needs appearances"
    permissions = root.get("/Perms")
    if permissions is None:
        return
    if set(permissions.keys()) - {"/UR3", "/DocMDP"}:
        yield "6.1.12-1", "the permissions hold other keys than UR3 and DocMDP"
    if "/DocMDP" in permissions:
        for reference in permissions.DocMDP.get("/Reference", Array()):
            if {"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(
                reference.keys()
            ):
                yield "6.1.12-2", "a signature reference holds a digest"


def _action(value: Object) -> Iterator[Problem]:
    kind = str(value.get("/S", ""))
    is_action = "/S" in value and value.get("/Type") in (None, Name.Action)
    if is_action and kind in _ACTIONS:
        yield "6.5.1-1", f"an action {kind}"
    if is_action and kind == "/Named" and str(value.get("/N")) not in _NAMED:
        yield "6.5.1-2", "a named action other than turning pages"


def _annotation(annotation: Object) -> Iterator[Problem]:
    kind = str(annotation.get("/Subtype", ""))
    if kind not in _ANNOTATIONS:
        yield "6.3.1-1", f"an annotation {kind}"
    if kind == "/Popup":
        return
    flags = int(annotation.get("/F", 0))
    # Print set; Hidden, Invisible, ToggleNoView, NoView clear.
    if not flags & 4 or flags & (1 | 2 | 32 | 256):
        yield "6.3.2-1", "an annotation's flags hide it, or it does not print"
    left, bottom, right, top = (float(edge) for edge in annotation.Rect)
    drawn = right != left and top != bottom and kind != "/Link"
    if drawn and "/AP" not in annotation:
        yield "6.3.3-1", "an annotation has no appearance"


# -- 6.2: fonts, transparency ---------------------------------------------------


def _fonts(page: Object) -> Iterator[Problem]:
    """Check the fonts a page can use; those only a form names draw nothing."""
    resources = _inherited(page, "/Resources")
    fonts = resources.get("/Font", Dictionary()) if resources is not None else {}
    for named in fonts.values():
        font = named
        if named.get("/Subtype") == Name.Type0:
            if "/ToUnicode" not in named:
                yield "own-unicode", "a font cannot be read as text"
            font = named.DescendantFonts[0]
        if font.get("/Subtype") == Name.Type3:
            continue
        descriptor = font.get("/FontDescriptor", Dictionary())
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()):
            yield "6.2.11.4.1-1", "a font is not embedded"
        if font.Subtype == Name.CIDFontType2 and "/CIDToGIDMap" not in font:
            yield "6.2.11.3.2-1", "a CIDFontType2 has no CIDToGIDMap"


def _state(value: Object) -> Iterator[Problem]:
    if value.get("/Type") == Name.ExtGState and "/TR" in value:
        yield "6.2.5-1", "a graphics state has a transfer function"


def check_colour(pdf: pikepdf.Pdf) -> Iterator[Problem]:
    """Yield what is wrong with the colour profile of DeviceRGB."""
    intents = [
        intent
        for intent in pdf.Root.get("/OutputIntents", Array())
        if intent.get("/S") == Name.GTS_PDFA1
    ]
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        yield "own-colour", "there is not one PDF/A output intent with its profile"
        return
    stream = intents[0].DestOutputProfile
    profile = stream.read_bytes()
    sound = (
        profile[36:40] == b"acsp"
        and profile[16:20] == b"RGB "
        and int(stream.get("/N", 0)) == 3
        and int.from_bytes(profile[:4], "big") == len(profile)
        and profile[8] in (2, 4)
        and profile[12:16] in (b"mntr", b"prtr")
    )
    if not sound:
        yield "6.2.3-1", "the output profile is not an RGB profile of version 2 or 4"


# -- 6.8: embedded files --------------------------------------------------------


def _related(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    """Object numbers of the file specifications that an `AF` names."""
    found: set[tuple[int, int]] = set()
    for made in pdf.objects:
        for value in dictionaries(made):
            files = value.get("/AF")
            if isinstance(files, Array):
                found.update(file.objgen for file in files)
    return found


def _file(value: Object, related: set[tuple[int, int]]) -> Iterator[Problem]:
    if "/EF" not in value or value.get("/Type") not in (None, Name.Filespec, Name.F):
        return
    if not {"/F", "/UF"} <= set(value.keys()):
        yield "6.8-2", "a file specification lacks F or UF"
    if str(value.get("/AFRelationship", "")) not in _RELATIONSHIPS:
        yield "6.8-3", "a file specification has no AFRelationship"
    if value.objgen not in related:
        yield "6.8-4", "an embedded file is associated with nothing"
    for stream in value.EF.values():
        if "/" not in str(stream.get("/Subtype", ""))[1:]:
            yield "6.8-1", "an embedded file has no media type"
        parameters = stream.get("/Params", Dictionary())
        if "/ModDate" not in parameters:
            yield "6.8-5", "an embedded file has no date of modification"
