"""The tree of `evidence.report.tags` as PDF objects (ISO 32000-1, 14.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.pdfbase import pdfdoc

from evidence.report.tags import Mark, Tag
from evidence.visible import visible

if TYPE_CHECKING:
    from evidence.report.tags import Tags


class _Written(pdfdoc.PDFObject):
    """An indirect object whose bytes are known once every reference is."""

    def __init__(self) -> None:
        self.body = ""

    def format(self, _document: Any) -> bytes:
        """Return the object's bytes."""
        return self.body.encode("ascii")


def add_structure(
    document: Any, tags: Tags, pages: list[Any], links: list[tuple[Tag, Any]]
) -> None:
    """Add the structure of the pages to `document`.

    Args:
        document: a reportlab `PDFDocument` (its type hints leave half of it out).
        pages: its page objects, one a sheet; each learns its place in the tree.
        links: elements with their annotations, numbered after the pages.
    """
    tree = _Tree(document, pages, links)
    root, numbers, marking = _Written(), _Written(), _Written()
    top = tree.element(tags.root, tree.reference(root))
    pairs = []
    for sheet, page in enumerate(pages):
        on = tags.on(sheet)
        if on:
            page.StructParents = sheet
            listed = " ".join(tree.known(tag) for tag in on)
            pairs.append(f"{sheet} [{listed}]")
    pairs += [f"{len(pages) + at} {tree.known(t)}" for at, (t, _) in enumerate(links)]
    numbers.body = f"<</Nums [{' '.join(pairs)}]>>"
    root.body = (
        f"<</Type /StructTreeRoot /K [{top}] /ParentTree {tree.reference(numbers)} "
        f"/ParentTreeNextKey {len(pages) + len(links)}>>"
    )
    marking.body = "<</Marked true>>"
    document.Catalog.StructTreeRoot = root
    document.Catalog.MarkInfo = marking


class StructuredPage(pdfdoc.PDFPage):
    """A page that knows its number in the parent tree."""

    __NoDefault__ = [*pdfdoc.PDFPage.__NoDefault__, "StructParents"]  # noqa: RUF012 - as in the base


class _Tree:
    def __init__(
        self, document: Any, pages: list[Any], links: list[tuple[Tag, Any]]
    ) -> None:
        self._document = document
        self._links = {id(tag): self.reference(link) for tag, link in links}
        self._pages = [self.reference(page) for page in pages]
        self._known: dict[int, str] = {}
        self._cells: dict[str, str] = {}

    def reference(self, made: Any) -> str:
        """``12 0 R`` of an object, registered where it is new."""
        reference = self._document.Reference(made).format(self._document)
        return str(reference.decode("ascii"))

    def known(self, tag: Tag) -> str:
        """Reference of an element that was written before."""
        return self._known[id(tag)]

    def element(self, tag: Tag, parent: str) -> str:
        """Write `tag` and everything below it; depth is that of our own nesting."""
        written = _Written()
        own = self._known[id(tag)] = self.reference(written)
        page = next((kid.sheet for kid in tag.kids if isinstance(kid, Mark)), None)
        kids = " ".join(
            self.element(kid, own) if isinstance(kid, Tag) else self._mark(kid, page)
            for kid in tag.kids
        )
        if link := self._links.get(id(tag)):
            kids += f" <</Type /OBJR /Obj {link}>>"
        parts = [f"<</S /{tag.role} /P {parent}"]
        if page is not None:
            parts.append(f"/Pg {self._pages[page]}")
        if tag.alt:
            parts.append(f"/Alt {_text(tag.alt)}")
        if tag.attributes:
            parts.append(f"/A {self._attributes(tag.attributes)}")
        parts.append(f"/K [{kids}]>>")
        written.body = " ".join(parts)
        return own

    def _mark(self, mark: Mark, page: int | None) -> str:
        if mark.sheet == page:
            return str(mark.number)
        where = self._pages[mark.sheet]
        return f"<</Type /MCR /Pg {where} /MCID {mark.number}>>"

    def _attributes(self, body: str) -> str:
        """Attributes that come again and again, written once."""
        found = self._cells.get(body)
        if found is None:
            written = _Written()
            written.body = f"<<{body}>>"
            found = self._cells[body] = self.reference(written)
        return found


def _text(text: str) -> str:
    """A text string, as hexadecimal UTF-16 with its mark."""
    return f"<FEFF{visible(text).encode('utf-16-be', 'replace').hex().upper()}>"
