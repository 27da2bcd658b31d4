"""Text from evidence, made safe and visible for a terminal or a page.

Names, chats and tags are attacker-controlled: they may hold terminal escapes,
bidirectional overrides, invisible characters or bytes that are not UTF-8. `visible`
shows every such character as ``‹U+202E›`` (or ``‹byte 0xFF›``) and obeys none. The
mapping is one to one: a literal ``‹`` is itself shown as ``‹U+2039›``.
"""

from __future__ import annotations

import unicodedata

# Letters, marks, numbers, punctuation and symbols are shown; the rest is spelled out.
_SHOWN = "LMNPS"
# Shown by no font, although they count as letters, marks or symbols.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MAX_MARKS = 4  # combining marks in a row that are drawn; more hide neighbouring text


def _spell(char: str) -> str:
    point = ord(char)
    if 0xDC80 <= point <= 0xDCFF:  # PEP 383: an undecodable byte
        return f"‹byte 0x{point - 0xDC00:02X}›"
    return f"‹U+{point:04X}›"


def _is_selector(char: str) -> bool:
    """Variation selectors draw nothing and can hide any data (U+E0100 and up)."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def visible(text: str, *, limit: int | None = None) -> str:
    """Return `text` with everything unprintable, bidi or control spelled out.

    Args:
        text: any string, also with surrogate escapes (PEP 383).
        limit: longest result in characters; a longer one ends with ``…``.
    """
    if text.isascii() and text.isprintable():
        out = text
    else:
        parts: list[str] = []
        marks = 0
        for char in text:
            category = unicodedata.category(char)
            marks = marks + 1 if category in ("Mn", "Me") else 0
            known = category[0] in _SHOWN and char != "‹" and char not in _BLANK
            shown = char == " " or (known and not _is_selector(char))
            parts.append(char if shown and marks <= _MAX_MARKS else _spell(char))
        out = "".join(parts)
    if limit is not None and len(out) > limit:
        return (out[: max(limit - 1, 0)] + "…")[:limit]
    return out


def visible_bytes(raw: bytes, *, limit: int | None = None) -> str:
    """Return a file name's raw bytes as visible text (UTF-8 where it is UTF-8)."""
    return visible(raw.decode("utf-8", "surrogateescape"), limit=limit)
