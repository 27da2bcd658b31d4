"""The glyphs one document uses, and the font objects that carry them.

Every pair of glyph and text gets its own character code, so that the `ToUnicode` map
is exact: the same dotless Arabic body drawn for two letters extracts as two letters.
Fonts are subset and embedded whole as Type 0 (CIDFontType2) with two-byte codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import uharfbuzz as hb

from evidence.report.faces import Face, Family, primary

if TYPE_CHECKING:
    from reportlab.pdfbase import pdfdoc

_DROPPED = ("GSUB", "GPOS", "GDEF", "cmap", "name", "post", "OS/2", "gasp")
_FLAGS_SYMBOLIC, _FLAGS_FIXED = 4, 1
_MAX_CODES = 0xFFFF


class _Codes(dict[int, str]):
    """Character -> hexadecimal code, filled on first use (for `str.translate`)."""

    def __init__(self, ink: FaceInk) -> None:
        super().__init__()
        self._ink = ink

    def __missing__(self, point: int) -> str:
        glyph = self._ink.face.glyph(point)
        code = self[point] = self._ink.code(glyph, chr(point))
        return code


class _Advances(dict[str, int]):
    """Character -> advance in thousandths, filled on first use."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, char: str) -> int:
        width = self._face.advance(self._face.glyph(ord(char)))
        self[char] = width
        return width


class FaceInk:
    """One face as used by one document."""

    def __init__(self, face: Face, resource: str) -> None:
        """Start with no glyph in use; `resource` is the page's font name, ``/N0``."""
        self.face = face
        self.resource = resource
        self.codes = _Codes(self)
        self.advances = _Advances(face)
        self._pairs: dict[tuple[int, str], str] = {}

    def code(self, glyph: int, text: str) -> str:
        """Four hex digits that draw `glyph` and extract as `text`."""
        pair = (glyph, text)
        code = self._pairs.get(pair)
        if code is None:
            number = len(self._pairs) + 1
            if number > _MAX_CODES:
                raise OverflowError("more than 65535 glyphs of one face in a report")
            code = self._pairs[pair] = f"{number:04X}"
        return code

    def show(self, text: str) -> str:
        """Hex string operand for `text`, one nominal glyph a character."""
        return f"<{text.translate(self.codes)}>"

    def embed(self, document: Any) -> None:
        """Add the subset font to `document` and to its pages' font resources.

        Args:
            document: a reportlab `PDFDocument` (its type hints leave half of it out).
        """
        from reportlab.pdfbase import pdfdoc

        tag = "".join(chr(65 + int(d)) for d in f"{int(self.resource[2:]):06d}")
        name = pdfdoc.PDFName(f"{tag}+{self.face.name}")
        descendant = self._descendant(document, name)
        font = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("Type0"),
                "BaseFont": name,
                "Encoding": pdfdoc.PDFName("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray([document.Reference(descendant)]),
                "ToUnicode": document.Reference(_stream(self._to_unicode())),
            }
        )
        fonts = document.idToObject[pdfdoc.BasicFonts]
        fonts.dict[self.resource[1:]] = document.Reference(font)

    def _descendant(self, document: Any, name: str) -> object:
        from reportlab.pdfbase import pdfdoc

        glyphs = [glyph for glyph, _ in self._pairs]
        program, renumbered = _subset(self.face, glyphs)
        to_glyph = b"\0\0" + b"".join(
            renumbered[glyph].to_bytes(2, "big") for glyph in glyphs
        )
        widths = [self.face.advance(glyph) for glyph in glyphs]
        file = _stream(program)
        file.dictionary["Length1"] = len(program)
        descriptor = self._descriptor(name)
        descriptor["FontFile2"] = document.Reference(file)
        system = {
            "Registry": pdfdoc.PDFString("Adobe"),
            "Ordering": pdfdoc.PDFString("Identity"),
            "Supplement": 0,
        }
        return pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("CIDFontType2"),
                "BaseFont": name,
                "CIDSystemInfo": pdfdoc.PDFDictionary(system),
                "FontDescriptor": document.Reference(descriptor),
                "CIDToGIDMap": document.Reference(_stream(to_glyph)),
                "DW": 0,
                "W": pdfdoc.PDFArray([1, pdfdoc.PDFArray(widths)]),
            }
        )

    def _descriptor(self, name: str) -> pdfdoc.PDFDictionary:
        from reportlab.pdfbase import pdfdoc

        fixed = self.face is primary(Family.MONO)
        bold = self.face.name.endswith("Bold")
        return pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("FontDescriptor"),
                "FontName": name,
                "Flags": _FLAGS_SYMBOLIC | (_FLAGS_FIXED if fixed else 0),
                "FontBBox": pdfdoc.PDFArray(list(self.face.bounds)),
                "ItalicAngle": 0,
                "Ascent": self.face.ascent,
                "Descent": self.face.descent,
                "CapHeight": 714,
                "StemV": 140 if bold else 90,
            }
        )

    def _to_unicode(self) -> bytes:
        lines = [
            f"<{code}> <{text.encode('utf-16-be').hex().upper()}>"
            for (_, text), code in self._pairs.items()
            if text
        ]
        blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
        body = "".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n"
            for block in blocks
        )
        return (_CMAP_HEAD + body + _CMAP_TAIL).encode("ascii")


class Ink:
    """All faces one document uses."""

    def __init__(self) -> None:
        """Start with no face in use."""
        self._used: dict[str, FaceInk] = {}

    def of(self, face: Face) -> FaceInk:
        """Return the document's use of `face`."""
        used = self._used.get(face.name)
        if used is None:
            used = FaceInk(face, f"/N{len(self._used)}")
            self._used[face.name] = used
        return used

    def embed(self, document: Any) -> None:
        """Embed every used face."""
        for used in self._used.values():
            used.embed(document)


def _subset(face: Face, glyphs: list[int]) -> tuple[bytes, dict[int, int]]:
    """TrueType program with just `glyphs`, and old -> new glyph numbers."""
    wanted = hb.SubsetInput()
    wanted.glyph_set.set(set(glyphs))
    wanted.flags = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_HINTING
    for tag in _DROPPED:
        wanted.drop_table_tag_set.add(int.from_bytes(tag.encode("ascii"), "big"))
    plan = hb.SubsetPlan(face.handle, wanted)
    mapping = plan.old_to_new_glyph_mapping
    return bytes(plan.execute().blob.data), {old: mapping[old] for old in set(glyphs)}


def _stream(content: bytes) -> pdfdoc.PDFStream:
    from reportlab.pdfbase import pdfdoc

    return pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress])


_CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_CMAP_TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
