"""QR codes as vector drawing (ISO/IEC 18004), by the encoder of reportlab."""

from __future__ import annotations

from typing import Any

QUIET = 4  # modules of white around the code
MARK = "CUSTODY-ROOT-1"


def qr_ops(text: str, left: float, bottom: float, side: float) -> list[str]:
    """Return operators that fill a square of `side` points; level M, quiet zone in."""
    from reportlab.graphics.barcode.qr import QrCodeWidget

    widget: Any = QrCodeWidget(text, barLevel="M")
    code = widget.qr
    code.make()
    count = code.getModuleCount()
    cell = side / (count + 2 * QUIET)
    x0, top = left + QUIET * cell, bottom + side - QUIET * cell
    ops = ["0 0 0 rg"]
    for row in range(count):
        column = 0
        while column < count:  # one rectangle a run: no seams on screen, less to draw
            end = column
            while end < count and code.isDark(row, end):
                end += 1
            if end > column:
                x, y = x0 + column * cell, top - (row + 1) * cell
                ops.append(f"{x:.3f} {y:.3f} {(end - column) * cell:.3f} {cell:.3f} re")
            column = end + 1
    ops.append("f")
    return ops


def root_text(origin: str, size: int, root: str, checkpoint: str) -> str:
    """Return what the report's code holds, fields separated by one space.

    Args:
        origin: log origin, "" where the report withholds it.
        root: 64 hex digits.
        checkpoint: SHA-256 of the signed note, 64 hex digits, "" where withheld.
    """
    return f"{MARK} {origin or '-'} {size} {root or '-'} {checkpoint or '-'}"
