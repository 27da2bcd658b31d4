"""Where lines break: at spaces, or inside words that are longer than a line."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING

from evidence.report.text import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOFT_BREAKS = frozenset("/\\-_.,:;@=&?|+)]}>")


def fill(text: str, edges: Sequence[int], limit: float) -> list[tuple[int, int]]:
    """Greedy lines as (start, end); spaces at a break belong to neither line."""
    out: list[tuple[int, int]] = []
    start, total = 0, len(text)
    while start < total:
        end = bisect_right(edges, edges[start] + limit, start + 1) - 1
        if end >= total:
            break
        space = text.rfind(" ", start, end + 1)
        if space > start:
            out.append((start, _trimmed(text, start, space)))
            start = space + 1
        else:
            end = _soft_break(text, start, max(end, start + 1))
            out.append((start, end))
            start = end
    if start < total or not out:
        out.append((start, total))
    return out


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start + 1 and text[end - 1] == " ":
        end -= 1
    return end


def _soft_break(text: str, start: int, end: int) -> int:
    """Where to break a long word: after punctuation, never before a mark.

    Nor inside a character spelled out between angle quotes, where that can be avoided.
    """
    opened = text.rfind("‹", start, end)
    if opened > text.rfind("›", start, end) and opened > start:
        end = opened
    for at in range(end, start + (end - start) * 2 // 3, -1):
        punctuated = text[at - 1] in _SOFT_BREAKS and text[at] not in _SOFT_BREAKS
        if punctuated and text.rfind("‹", start, at) <= text.rfind("›", start, at):
            return at
    while end > start + 1 and unicodedata.category(text[end]) in MARKS:
        end -= 1
    return end
