"""Tables that stream down the pages: fixed columns, thin rules, repeated header.

Rows are drawn as they come and never collected, so 100,000 rows cost what one costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import _
from evidence.report.page import Block, placed
from evidence.report.tags import artefact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.report.page import Flow
    from evidence.report.style import Style
    from evidence.report.tags import Tag

PAD_X = 4.0
PAD_Y = 3.4
_COLUMN, _ROW = "/O /Table /Scope /Column", "/O /Table /Scope /Row"
_SMALLEST = 0.6  # of its size a column title may shrink to
_KEPT_WHOLE = st.TEXT_HEIGHT / 3  # a taller row may be split over pages

Cell = str | Block


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `width` in points, padding included."""

    title: str
    width: float
    style: Style = st.CELL
    right: bool = False


class Table:
    """Draws rows on a `Flow`, from its cursor down."""

    def __init__(
        self,
        flow: Flow,
        columns: Sequence[Column],
        *,
        header: bool = True,
        continued: str = "",
        pad: float = PAD_Y,
    ) -> None:
        """Prepare the columns; nothing is drawn before the first row.

        Args:
            flow: where to draw.
            columns: from left to right.
            header: whether the column titles stand above the rows, on every page.
            continued: heading to repeat where a table without header turns the page.
            pad: white space above and below a row's text, in points.
        """
        self._flow = flow
        self._columns = columns
        widths = [column.width for column in columns]
        width = sum(widths)
        self._left = flow.mirrored(st.LEFT, width)
        self._right_edge = self._left + width
        self._boxes = [  # left edge, width, flush right?
            (
                flow.mirrored(
                    st.LEFT + sum(c.width for c in columns[:at]), column.width
                )
                + PAD_X,
                column.width - 2 * PAD_X,
                column.right != flow.rtl,
            )
            for at, column in enumerate(columns)
        ]
        self._head: list[Block] = []
        if header:
            self._head = [self._title(_(c.title), at) for at, c in enumerate(columns)]
        self._continued = continued
        self._pad = pad
        self._begun = False
        self._table: Tag | None = None
        self._sparing: tuple[int, Tag] | None = None  # sheet, the cell of its rows

    def block(self, text: str, style: Style, *, column: int) -> Block:
        """Wrap `text` to a column's width."""
        return self._flow.block_of(text, style, self._boxes[column][1])

    def _title(self, title: str, column: int) -> Block:
        """Set a column's title, smaller where its longest word would be cut."""
        words = title.split()
        line = self._flow.typesetter.line
        widest = max([line(w, st.HEAD_CELL).width for w in words], default=0.0)
        width = self._boxes[column][1]
        style = st.HEAD_CELL
        if widest > width:
            style = st.smaller(style, max(width / widest, _SMALLEST))
        return self.block(title, style, column=column)

    def height(self, cells: Sequence[Cell]) -> float:
        """Height a row will take, in points."""
        return self._height(self._blocks(cells))

    def _blocks(self, cells: Sequence[Cell]) -> list[Block]:
        return [
            cell
            if isinstance(cell, Block)
            else self.block(cell, self._columns[at].style, column=at)
            for at, cell in enumerate(cells)
        ]

    def row(self, cells: Sequence[Cell], *, panel: str = "", banner: str = "") -> None:
        """Draw one row.

        Args:
            cells: text in the column's style, or a prepared block.
            panel: fill colour behind the row, if any.
            banner: a warning drawn across the table just above the row.
        """
        blocks = self._blocks(cells)
        height = self._height(blocks)
        warning = self._banner(banner) if banner else None
        above = warning.height + 2 * self._pad if warning else 0.0
        self._make_room(above + min(height, _KEPT_WHOLE))
        if warning:
            self._draw_banner(warning)
        self._draw_split(blocks, self._cells(), height, panel)

    def _cells(self) -> list[Tag]:
        """Elements of a row's cells; one for all rows of a sheet in a long report."""
        tags = self._flow.tags
        if tags.is_full:
            sheet = self._flow.sheet.number
            if self._sparing is None or self._sparing[0] != sheet:
                self._sparing = sheet, self._wide("TD")
            return [self._sparing[1]] * len(self._columns)
        row = tags.add("TR", self._table)
        return [
            tags.add("TH", row, attributes=_ROW)
            if not self._head and column.style in (st.LABEL, st.TERM)
            else tags.add("TD", row)
            for column in self._columns
        ]

    def _wide(self, role: str) -> Tag:
        """A row of one cell across the table."""
        tags = self._flow.tags
        span = f"/O /Table /ColSpan {len(self._columns)}"
        return tags.add(role, tags.add("TR", self._table), attributes=span)

    def _make_room(self, height: float) -> None:
        head = self._height(self._head) if self._head else 0.0
        if not self._begun:
            self._flow.need(head + height)
            self._table = self._flow.tags.add("Table")
            self._draw_head(repeated=False)
            self._begun = True
        elif self._flow.room < height:
            self._turn_page()

    def _turn_page(self) -> None:
        self._flow.new_sheet()
        if self._continued:
            title = _("{heading} (continued)", heading=self._continued)
            self._flow.paragraph(title, st.SECTION, after=3, repeated=True)
        self._draw_head(repeated=True)

    def _draw_head(self, *, repeated: bool) -> None:
        if self._head:
            cells = None if repeated else self._head_cells()
            self._draw(self._head, cells, self._height(self._head), st.HEAD_PANEL)
            self._rule(st.ACCENT, 0.8)
        else:
            self._rule(st.RULE, st.HAIRLINE)

    def _head_cells(self) -> list[Tag]:
        tags = self._flow.tags
        row = tags.add("TR", self._table)
        return [tags.add("TH", row, attributes=_COLUMN) for _ in self._columns]

    def _draw_split(
        self, blocks: list[Block], cells: list[Tag], height: float, panel: str
    ) -> None:
        """Draw a row, over several pages where it is taller than what is left."""
        while height > self._flow.room:
            room = self._flow.room - 2 * self._pad
            fits = [max(int(room / b.style.leading), 0) for b in blocks]
            if any(fit for fit, b in zip(fits, blocks, strict=True) if b.lines):
                pairs = list(zip(fits, blocks, strict=True))
                now = [Block(b.lines[:fit], b.style) for fit, b in pairs]
                self._draw(now, cells, self._height(now), panel)
                blocks = [Block(b.lines[fit:], b.style) for fit, b in pairs]
                height = self._height(blocks)
            self._turn_page()
        self._draw(blocks, cells, height, panel)
        self._rule(st.RULE, st.HAIRLINE)

    def _draw(
        self,
        blocks: Sequence[Block],
        cells: Sequence[Tag] | None,
        height: float,
        panel: str,
    ) -> None:
        """Draw one row, its blocks as content of `cells`; None: said before."""
        flow = self._flow
        top = flow.y - self._pad
        if panel:
            self._fill(panel, height)
        pieces: list[tuple[int, str]] = []
        colour = ""
        for at, block in enumerate(blocks):
            if not block.lines:
                continue
            left, inner, right = self._boxes[at]
            ops = block.placed(left, top, inner, right=right)
            if block.style.colour != colour:
                colour = block.style.colour
                ops = f"{colour} rg\n{ops}"
            pieces.append((at, ops))
        if pieces:
            flow.sheet.ops.append(self._marked(pieces, cells))
        flow.y -= height

    def _marked(
        self, pieces: list[tuple[int, str]], cells: Sequence[Tag] | None
    ) -> str:
        """One text object of the pieces of a row, each content of its cell."""
        tags, sheet = self._flow.tags, self._flow.sheet.number
        whole = "BT\n" + "\n".join([ops for _, ops in pieces]) + "\nET"
        if cells is None:
            return artefact(whole)
        if cells[0] is cells[-1]:
            return tags.marked(cells[0], sheet, whole)
        each = [tags.marked(cells[at], sheet, ops) for at, ops in pieces]
        return "BT\n" + "\n".join(each) + "\nET"

    def _banner(self, text: str) -> Block:
        width = self._right_edge - self._left - 2 * PAD_X - 6
        style = st.CELL_BOLD.coloured(st.BAD)
        return self._flow.block_of(text, style, width)

    def _draw_banner(self, block: Block) -> None:
        flow = self._flow
        cell = self._wide("TD")
        while block.lines:
            fits = int((flow.room - 2 * self._pad) / block.style.leading)
            now = Block(block.lines[: max(fits, 1)], block.style)
            block = Block(block.lines[max(fits, 1) :], block.style)
            height = now.height + 2 * self._pad
            self._fill(st.GAP_PANEL, height)
            bottom = flow.y - height
            bar = flow.mirrored(st.LEFT, 2.4)
            flow.draw(f"{st.BAD} rg {bar:.2f} {bottom:.2f} 2.4 {height:.2f} re f")
            width = self._right_edge - self._left - 2 * PAD_X - 6
            x = flow.mirrored(self._left + PAD_X + 6, width)
            tops = [
                flow.y - self._pad - i * now.style.leading
                for i in range(len(now.lines))
            ]
            body = "\n".join(
                placed(line, now.style, x, top, width, right=flow.rtl)
                for line, top in zip(now.lines, tops, strict=True)
            )
            flow.tell(f"BT {now.style.colour} rg\n{body}\nET", cell)
            flow.y -= height
            self._rule(st.BAD, st.HAIRLINE)
            if block.lines:
                self._turn_page()

    def _fill(self, colour: str, height: float) -> None:
        width = self._right_edge - self._left
        y = self._flow.y - height
        self._flow.draw(
            f"{colour} rg {self._left:.2f} {y:.2f} {width:.2f} {height:.2f} re f"
        )

    def _rule(self, colour: str, weight: float) -> None:
        y = self._flow.y
        self._flow.draw(
            f"{colour} RG {weight:g} w {self._left:.2f} {y:.2f} m "
            f"{self._right_edge:.2f} {y:.2f} l S"
        )

    def _height(self, blocks: Sequence[Block]) -> float:
        return max([block.height for block in blocks]) + 2 * self._pad
