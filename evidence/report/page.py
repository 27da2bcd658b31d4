"""Sheets of paper and the cursor that fills them from top to bottom."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import _
from evidence.report.tags import Tag, Tags, artefact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence.report.style import Style
    from evidence.report.typeset import Line, Typesetter
_CAPITAL = 0.72  # height of capitals in ems
_COMPRESSION = 4
_CACHED_BLOCKS, _CACHED_LENGTH = 20_000, 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading: for the outline, and for the table of contents."""

    title: str
    depth: int
    sheet: int
    y: float
    listed: bool


@dataclass(slots=True)
class Block:
    """Lines of one style; `height` in points follows from them."""

    lines: tuple[Line, ...]
    style: Style
    height: float = field(init=False)
    _ops: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Work the height out once; it is asked for often."""
        self.height = len(self.lines) * self.style.leading

    def placed(self, x: float, top: float, width: float, *, right: bool) -> str:
        """Operators (inside BT .. ET) that set all lines from `top` down."""
        style = self.style
        if right or any(line.rtl for line in self.lines):
            return "\n".join(
                placed(line, style, x, top - at * style.leading, width, right=right)
                for at, line in enumerate(self.lines)
            )
        if not self._ops:
            below = " T*\n".join([line.ops for line in self.lines])
            self._ops = f"Tm {style.leading:g} TL {below}"
        y = top - style.leading / 2 - style.size * _CAPITAL / 2
        return f"1 0 0 1 {x:.2f} {y:.2f} {self._ops}"


@dataclass(slots=True)
class Sheet:
    """One page's drawing operators; compressed as soon as it is full.

    Attributes:
        number: from 0.
        links: rectangle, goal and element of each link inside the document.
    """

    number: int
    ops: list[str] = field(default_factory=list)
    packed: bytes = b""
    links: list[tuple[tuple[float, float, float, float], Mark, Tag]] = field(
        default_factory=list
    )

    def pack(self) -> bytes:
        """Return the compressed content; nothing can be drawn afterwards."""
        if not self.packed:
            self.packed = zlib.compress(
                "\n".join(self.ops).encode("ascii"), _COMPRESSION
            )
            self.ops = []
        return self.packed


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading that waits for the text below it."""

    title: str
    block: Block
    before: float
    after: float
    listed: bool

    @property
    def height(self) -> float:
        return self.before + self.block.height + self.after


class Flow:
    """Fills sheets; `y` is the next free height, from the bottom edge."""

    def __init__(self, typesetter: Typesetter, *, rtl: bool = False) -> None:
        """Start on a first, empty sheet; `rtl` mirrors columns, indents and margins."""
        self.rtl = rtl
        self.typesetter = typesetter
        self.tags = Tags()
        self.sheets = [Sheet(0)]
        self.marks: list[Mark] = []
        self.y = st.TEXT_TOP
        self._waiting: list[_Heading] = []
        self._blocks: dict[tuple[str, Style, float], Block] = {}
        self._chapter = 0
        self._section = 0

    @property
    def sheet(self) -> Sheet:
        """The sheet being filled."""
        return self.sheets[-1]

    @property
    def room(self) -> float:
        """Height left on this sheet, in points."""
        return self.y - st.BOTTOM

    @property
    def at_top(self) -> bool:
        """True when nothing stands on this sheet yet."""
        return self.y >= st.TEXT_TOP

    def block_of(self, text: str, style: Style, width: float) -> Block:
        """Wrapped text as a block; short texts that come again are kept."""
        key = (text, style, width)
        block = self._blocks.get(key)
        if block is None:
            block = Block(self.typesetter.wrap(text, style, width), style)
            if len(text) <= _CACHED_LENGTH:
                if len(self._blocks) >= _CACHED_BLOCKS:
                    self._blocks.clear()
                self._blocks[key] = block
        return block

    def new_sheet(self, *, keep_open: bool = False) -> None:
        """Go on at the top of a new sheet; `keep_open` to draw on this one later."""
        if not keep_open:
            self.sheet.pack()
        self.sheets.append(Sheet(len(self.sheets)))
        self.y = st.TEXT_TOP

    def need(self, height: float) -> None:
        """Start a new sheet unless `height` points are left; draw waiting headings.

        Headings wait for what follows them, so that none is left alone at the foot.
        """
        waiting, self._waiting = self._waiting, []
        height += sum(heading.height for heading in waiting)
        if self.room < height and not self.at_top:
            self.new_sheet()
        for heading in waiting:
            self._draw_heading(heading)

    def mirrored(self, x: float, width: float) -> float:
        """Left edge of a box on this page: `x`, or its mirror image."""
        return 2 * st.LEFT + st.TEXT_WIDTH - x - width if self.rtl else x

    def skip(self, height: float) -> None:
        """Leave white space, never at the top of a sheet."""
        if not self.at_top:
            self.y -= height

    def draw(self, ops: str) -> None:
        """Draw decoration on this sheet: operators that say nothing to a reader."""
        self.sheet.ops.append(artefact(ops))

    def tell(self, ops: str, tag: Tag) -> None:
        """Draw operators on this sheet that are content of `tag`."""
        self.sheet.ops.append(self.tags.marked(tag, self.sheet.number, ops))

    def figure(self, ops: str, alt: str) -> None:
        """Draw a picture on this sheet, with the text that stands for it."""
        self.tell(ops, self.tags.add("Figure", alt=alt))

    def chapter(self, title: str) -> None:
        """Set a numbered chapter heading, kept with what follows."""
        self._chapter += 1
        self._section = 0
        self._wait(
            f"{self._chapter}  {_(title)}", st.CHAPTER, before=26, after=10, listed=True
        )

    def section(
        self, title: str, *, numbered: bool = True, listed: bool = True
    ) -> None:
        """Set a section heading inside a chapter, kept with what follows."""
        if numbered:
            self._section += 1
            title = f"{self._chapter}.{self._section}  {title}"
        self._wait(title, st.SECTION, before=12, after=3, listed=listed)

    def _wait(
        self, title: str, style: Style, *, before: float, after: float, listed: bool
    ) -> None:
        lines = self.typesetter.wrap(title, style, st.TEXT_WIDTH)
        block = Block(lines, style)
        self._waiting.append(_Heading(title, block, before, after, listed))

    def _draw_heading(self, heading: _Heading) -> None:
        chapter = heading.block.style is st.CHAPTER
        self.skip(heading.before)
        depth = 0 if chapter else 1
        sheet = len(self.sheets) - 1
        self.marks.append(
            Mark(heading.title, depth, sheet, self.y, listed=heading.listed)
        )
        tag = self.tags.add("H1" if chapter else "H2")
        self.block(heading.block.lines, heading.block.style, tag=tag)
        if chapter:
            self.draw(
                f"{st.ACCENT} RG 0.9 w {st.LEFT:.2f} {self.y:.2f} m "
                f"{st.LEFT + st.TEXT_WIDTH:.2f} {self.y:.2f} l S"
            )
        self.y -= heading.after

    def paragraph(
        self,
        text: str,
        style: Style = st.BODY,
        *,
        indent: float = 0,
        after: float = 6,
        repeated: bool = False,
    ) -> None:
        """Set one paragraph of text without line ends of its own.

        Args:
            repeated: it was said before and is not read aloud again.
        """
        lines = self.typesetter.wrap(text, style, st.TEXT_WIDTH - indent)
        self.need(min(len(lines), 2) * style.leading)
        self.block(lines, style, indent=indent, repeated=repeated)
        self.y -= after

    def bullets(self, items: Iterable[str], style: Style = st.BODY) -> None:
        """Set a list, one item a paragraph."""
        listed = None
        for item in items:
            lines = self.typesetter.wrap(item, style, st.TEXT_WIDTH - 16)
            self.need(min(len(lines), 2) * style.leading)
            listed = listed or self.tags.add("L")
            tag = self.tags.add("LBody", self.tags.add("LI", listed))
            middle = self.y - style.leading / 2
            x = self.mirrored(st.LEFT + 3, 2.8)
            self.draw(f"{st.ACCENT} rg {x:.2f} {middle - 1.4:.2f} 2.8 2.8 re f")
            self.block(lines, style, indent=16, tag=tag)
            self.y -= 3.5
        self.y -= 4

    def block(
        self,
        lines: Iterable[Line],
        style: Style,
        *,
        indent: float = 0,
        tag: Tag | None = None,
        repeated: bool = False,
    ) -> None:
        """Set lines one below the other, going on to new sheets as needed.

        Args:
            tag: the element they are content of; a new paragraph when None.
            repeated: they are content of none, but said before.
        """
        if self._waiting:
            self.need(2 * style.leading)
        if not repeated:
            tag = tag or self.tags.add("P")
        width = st.TEXT_WIDTH - indent
        x = self.mirrored(st.LEFT + indent, width)
        pending: list[str] = []
        for line in lines:
            if self.room < style.leading:
                self._flush(pending, style, tag)
                self.new_sheet()
            pending.append(placed(line, style, x, self.y, width, right=self.rtl))
            self.y -= style.leading
        self._flush(pending, style, tag)

    def _flush(self, pending: list[str], style: Style, tag: Tag | None) -> None:
        if pending:
            ops = f"BT {style.colour} rg\n" + "\n".join(pending) + "\nET"
            if tag is None:
                self.draw(ops)
            else:
                self.tell(ops, tag)
            pending.clear()


def placed(
    line: Line,
    style: Style,
    x: float,
    top: float,
    width: float,
    *,
    right: bool = False,
) -> str:
    """Operators (inside BT .. ET) that set `line` in a box of `width` points.

    Capitals stand in the middle of the line's leading, counted from `top`.
    Right-to-left paragraphs begin at the right edge.
    """
    if (line.rtl or right) and width > line.width:
        x += width - line.width
    y = top - style.leading / 2 - style.size * _CAPITAL / 2
    return f"1 0 0 1 {x:.2f} {y:.2f} Tm {line.ops}"
