"""The paper for the person: one A5 page that tells its finder nothing.

On it: counts and kinds, a date, a code, what the person may ask, and at most one line
of contact. Not on it, nor in the metadata: who keeps the copy and why, names, file
names, apps, digests, this tool. `dangers.toml` names words that never stand there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reportlab.pdfbase import pdfdoc

from evidence.guiding.texts import RIGHT_TO_LEFT, Texts, texts
from evidence.report import style as st
from evidence.report.document import DocumentInfo, creation_dates
from evidence.report.faces import Family
from evidence.report.ink import Ink
from evidence.report.style import Style
from evidence.report.typeset import Line, Typesetter
from manifests.canonical import Json

_WIDTH, _HEIGHT = 148 * st.MM, 210 * st.MM  # A5
_MARGIN = 18 * st.MM
_TITLE = Style(Family.BOLD, 18, 26, kern=True)
_CODE = Style(Family.BOLD, 22, 34)
_TEXT = Style(Family.REGULAR, 12, 18, kern=True)
_KINDS = ("chat", "screenshot", "files")


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on it.

    Attributes:
        day: ``YYYY-MM-DD``.
        counts: exhibits by kind.
        contact: one line somebody chose; "" for none.
    """

    language: str
    day: str
    code: str
    counts: Mapping[str, int]
    contact: str = ""


def counts_of(exhibits: Iterable[Mapping[str, Json]]) -> Counter[str]:
    """Return how many exhibits there are of each kind, by their acquire facts."""
    return Counter(str(facts.get("kind")) for facts in exhibits)


def typeset(paper: Paper) -> bytes:
    """Return the paper as a PDF; the same bytes every time."""
    ink = Ink()
    said = texts(paper.language)
    sheet = _Sheet(Typesetter(ink), rtl=paper.language in RIGHT_TO_LEFT)
    content = sheet.draw(paper, said)
    document: Any = pdfdoc.PDFDocument(
        compression=1, invariant=1, pdfVersion=(1, 7), lang=paper.language
    )
    title = said.get("paper", "title")
    dates = creation_dates(f"{paper.day}T00:00:00Z")  # no hour: it tells of a meeting
    document.info = DocumentInfo({"Title": title, **dates})
    fonts = pdfdoc.PDFDictionary({"Font": pdfdoc.PDFObjectReference(pdfdoc.BasicFonts)})
    page: Any = pdfdoc.PDFPage()
    page.Override_default_compilation = 1
    page.MediaBox = pdfdoc.PDFArray([0, 0, round(_WIDTH, 2), round(_HEIGHT, 2)])
    page.Resources = document.Reference(fonts)
    page.Parent = document.Reference(document.Pages)
    body = pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress])
    page.Contents = document.Reference(body)
    document.addPage(page)
    ink.embed(document)
    document.Catalog.Outlines = None  # a single page needs none
    document.updateSignature(hashlib.sha256(content.encode("ascii")).digest())
    formatted: bytes = document.format()
    return formatted


class _Sheet:
    """Draws from the top down, from the side the language begins at."""

    def __init__(self, typesetter: Typesetter, *, rtl: bool) -> None:
        self._set = typesetter
        self._rtl = rtl
        self._ops: list[str] = []
        self._y = _HEIGHT - _MARGIN

    def draw(self, paper: Paper, said: Texts) -> str:
        """Return the page's operators."""

        def word(name: str) -> str:
            return said.get("paper", name)

        self._text(word("title"), _TITLE, gap=8)
        self._pair(word("date"), paper.day)
        self._gap(2)
        self._text(f"{word('code')}:")
        self._text(paper.code, _CODE, gap=6)
        self._text(word("kept"))
        for kind in _KINDS:
            if paper.counts.get(kind):
                self._text(f"{word(kind)}: {paper.counts[kind]}")
        self._gap(8)
        for name in ("closed", "change", "remember"):
            self._text(word(name), gap=8)
        if paper.contact:
            self._pair(word("contact"), paper.contact)
        else:
            self._text(word("no_contact"))
        return "\n".join(self._ops)

    def _pair(self, label: str, value: str) -> None:
        """Set a label and what may be a number of several groups.

        Beside a right-to-left word such groups would change places (UAX #9, W2): the
        number stands on a line of its own there.
        """
        if self._rtl:
            self._text(f"{label}:")
            self._text(value)
        else:
            self._text(f"{label}: {value}")

    def _text(self, text: str, style: Style = _TEXT, *, gap: float = 0) -> None:
        for line in self._set.wrap(text, style, _WIDTH - 2 * _MARGIN):
            self._y -= style.leading
            self._put(line, style)
        self._gap(gap)

    def _gap(self, points: float) -> None:
        self._y -= points

    def _put(self, line: Line, style: Style) -> None:
        x = _WIDTH - _MARGIN - line.width if self._rtl else _MARGIN
        place = f"1 0 0 1 {x:.2f} {self._y:.2f} Tm"
        self._ops.append(f"BT {style.colour} rg {place} {line.ops} ET")
