"""A key on paper: one A6 page with the holder, the key id, its words and a QR code.

The QR code holds one line of text: ``CUSTODY-KEY-1``, the key id and the SPKI in
base64, separated by spaces. Nothing secret is on the card.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from reportlab.pdfbase import pdfdoc

from evidence.fingerprint import groups
from evidence.report import style as st
from evidence.report.document import PRODUCER, DocumentInfo, creation_dates
from evidence.report.faces import Family
from evidence.report.i18n import ENGLISH, N_, _, current, speaking
from evidence.report.ink import Ink
from evidence.report.qr import qr_ops
from evidence.report.retelling import role
from evidence.report.typeset import Typesetter
from evidence.visible import visible

if TYPE_CHECKING:
    from evidence.identity import Identity
    from evidence.report.style import Style
    from evidence.report.typeset import Line

QR_MARK = "CUSTODY-KEY-1"
_WIDTH, _HEIGHT = 148 * st.MM, 105 * st.MM  # A6, landscape
_MARGIN = 9 * st.MM
_QR_SIDE = 37 * st.MM
_NAME = st.Style(Family.BOLD, 14, 17, st.ACCENT, kern=True)
_LABEL = st.Style(Family.REGULAR, 7, 9, st.GREY)
_TEXT = st.Style(Family.REGULAR, 9.5, 12.5, kern=True)
_WORDS = st.Style(Family.BOLD, 9.5, 13)
_DIGITS = st.Style(Family.MONO, 8, 10.5)
_NUMBER = st.Style(Family.REGULAR, 7, 13, st.GREY)
_MAX_LINES = 2
_SAME = N_("The same in words: read them to each other, group by group")
_NOTE = N_("Not secret. Made with custody; trust it only from the person's own hand.")


def qr_text(identity: Identity) -> str:
    """Return what the QR code holds."""
    return f"{QR_MARK} {identity.key} {identity.public.text}"


def card(identity: Identity, language: str = ENGLISH) -> bytes:
    """Return the card of an identity as a PDF; the same bytes every time.

    Args:
        language: one of `evidence.report.i18n.LANGUAGES`. Key id, words and QR code
            are the same in all of them: they are compared.

    Raises:
        ValueError: there is no catalogue for that language.
    """
    with speaking(language):
        return _card(identity)


def _card(identity: Identity) -> bytes:
    ink = Ink()
    spoken = current()
    drawn = _Card(Typesetter(ink, rtl=spoken.rtl), rtl=spoken.rtl)
    content = drawn.draw(identity).encode("ascii")
    lang = "en-GB" if spoken.code == ENGLISH else spoken.code
    document: Any = pdfdoc.PDFDocument(
        compression=1, invariant=1, pdfVersion=(1, 7), lang=lang
    )
    document.info = DocumentInfo(
        {
            "Title": _("Key of {name}", name=visible(identity.name)),
            "Producer": PRODUCER,
            **creation_dates(identity.created),
        }
    )
    fonts = pdfdoc.PDFDictionary({"Font": pdfdoc.PDFObjectReference(pdfdoc.BasicFonts)})
    page: Any = pdfdoc.PDFPage()
    page.Override_default_compilation = 1
    page.MediaBox = pdfdoc.PDFArray([0, 0, round(_WIDTH, 2), round(_HEIGHT, 2)])
    page.Resources = document.Reference(fonts)
    page.Parent = document.Reference(document.Pages)
    body = pdfdoc.PDFStream(
        content=content.decode("ascii"), filters=[pdfdoc.PDFZCompress]
    )
    page.Contents = document.Reference(body)
    document.addPage(page)
    ink.embed(document)
    document.Catalog.Outlines = None  # a single page needs none
    document.updateSignature(hashlib.sha256(content).digest())
    formatted: bytes = document.format()
    return formatted


class _Card:
    """Draws from the top down; lengths in points.

    On a card that reads from right to left what is read begins at the right, and the
    QR code stands at the left; the words, which are compared, keep their places.
    """

    def __init__(self, typesetter: Typesetter, *, rtl: bool = False) -> None:
        self._set = typesetter
        self._rtl = rtl
        self._ops: list[str] = []
        self._y = _HEIGHT - _MARGIN

    def draw(self, identity: Identity) -> str:
        """Return the page's operators."""
        self._qr(qr_text(identity))
        width = _WIDTH - 3 * _MARGIN - _QR_SIDE
        self._lines(identity.name, _NAME, width)
        self._lines(role(identity.role), _TEXT, width)
        self._lines(identity.organisation, _TEXT, width)
        self._y -= 5
        self._label(_("Key id"))
        for line in self._set.digest(identity.key, _DIGITS, groups=4):
            self._y -= _DIGITS.leading
            self._begin(line, _DIGITS)
        self._y = min(self._y - 8, _HEIGHT - _MARGIN - _QR_SIDE - 10)
        self._label(_(_SAME))
        self._words(groups(identity.key))
        self._y = _MARGIN + 1
        self._label(_(_NOTE))
        return "\n".join(self._ops)

    def _words(self, found: list[str]) -> None:
        half = len(found) // 2
        column = (_WIDTH - 2 * _MARGIN) / 2
        for row in range(half):
            self._y -= _WORDS.leading
            for side, at in enumerate((row, row + half)):
                x = _MARGIN + side * column
                number = self._set.line(str(at + 1), _NUMBER)
                self._put(number, _NUMBER, x, self._y)
                line = self._set.line(found[at], _WORDS)
                self._put(line, _WORDS, x + 11, self._y)
        self._y -= 4

    def _label(self, text: str) -> None:
        self._y -= _LABEL.leading
        self._begin(self._set.line(text, _LABEL, _WIDTH - 2 * _MARGIN), _LABEL)

    def _lines(self, text: str, style: Style, width: float) -> None:
        for line in self._set.wrap(text, style, width)[:_MAX_LINES] if text else ():
            self._y -= style.leading
            self._begin(line, style)

    def _begin(self, line: Line, style: Style) -> None:
        """Put a line where reading begins."""
        x = _WIDTH - _MARGIN - line.width if self._rtl else _MARGIN
        self._put(line, style, x, self._y)

    def _put(self, line: Line, style: Style, x: float, y: float) -> None:
        self._ops.append(
            f"BT {style.colour} rg 1 0 0 1 {x:.2f} {y:.2f} Tm {line.ops} ET"
        )

    def _qr(self, text: str) -> None:
        left = _MARGIN if self._rtl else _WIDTH - _MARGIN - _QR_SIDE
        self._ops += qr_ops(text, left, _HEIGHT - _MARGIN - _QR_SIDE, _QR_SIDE)
