"""What the report's pages mean: headings, paragraphs, tables, in reading order.

A tree of elements (ISO 32000-1, 14.8) grows while the pages are drawn. Everything on a
page is either marked as content of an element or as an artefact: rules, panels,
headers, footers, what is repeated after a page turn. It becomes PDF objects in
`evidence.report.structure`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

# Beyond, the rows of a table that share a page become one cell: 100,000 rows of seven
# cells would be 800,000 objects, in memory and for whoever opens the file.
MAX_ELEMENTS = 24_000


class Mark(NamedTuple):
    """A piece of page content: the sheet, from 0, and its number there, from 0."""

    sheet: int
    number: int


@dataclass(slots=True, eq=False)
class Tag:
    """One structure element.

    Attributes:
        role: a standard structure type of ISO 32000-1, 14.8.4.
        kids: elements and pieces of content, in reading order.
        alt: text that stands for a figure.
        attributes: of a table cell, as PDF dictionary body, or empty.
    """

    role: str
    kids: list[Tag | Mark] = field(default_factory=list)
    alt: str = ""
    attributes: str = ""


class Tags:
    """The growing tree of one document."""

    def __init__(self) -> None:
        """Begin with an empty document."""
        self.root = Tag("Document")
        self.count = 1
        self._sheets: dict[int, list[Tag]] = {}

    @property
    def is_full(self) -> bool:
        """Whether long tables should spare elements from here on."""
        return self.count >= MAX_ELEMENTS

    def add(
        self,
        role: str,
        parent: Tag | None = None,
        *,
        alt: str = "",
        attributes: str = "",
    ) -> Tag:
        """Append an element to `parent` (the document when None)."""
        tag = Tag(role, alt=alt, attributes=attributes)
        (self.root if parent is None else parent).kids.append(tag)
        self.count += 1
        return tag

    def begin(self, tag: Tag, sheet: int) -> str:
        """Operator that begins content of `tag` on `sheet`; ``EMC`` ends it."""
        marks = self._sheets.setdefault(sheet, [])
        tag.kids.append(Mark(sheet, len(marks)))
        marks.append(tag)
        return f"/{tag.role} <</MCID {len(marks) - 1}>> BDC"

    def marked(self, tag: Tag, sheet: int, ops: str) -> str:
        """`ops` as content of `tag` on `sheet`."""
        return f"{self.begin(tag, sheet)}\n{ops}\nEMC"

    def on(self, sheet: int) -> list[Tag]:
        """Elements of the content of a sheet, by number."""
        return self._sheets.get(sheet, [])


def artefact(ops: str) -> str:
    """`ops` as decoration, which is not read aloud."""
    return f"/Artifact BMC\n{ops}\nEMC"
