"""Right-to-left runs inside a line: the Unicode Bidirectional Algorithm (UAX #9).

Only what evidence text needs. Embedding, override and isolate controls never reach
this module, because `evidence.visible` spells them out instead of obeying them: so
rules X1 to X10 reduce to one level run for the paragraph. Rules W1 to W7, N0 to N2,
I1, I2, L1 and L2 are followed; L4 (mirroring) is done by the shaper.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RTL_CLASSES = frozenset(("R", "AL", "AN"))
_NEUTRAL = frozenset(("B", "S", "WS", "ON"))
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
# BidiBrackets.txt (Unicode 15), opening -> closing; U+2329 equals U+3008.
_OPENERS = {
    point: point + 1
    for point in (
        *(0xF3A, 0xF3C, 0x169B, 0x2045, 0x207D, 0x208D, 0x2308, 0x230A, 0x2329),
        *range(0x2768, 0x2775, 2),
        *(0x27C5, *range(0x27E6, 0x27EF, 2), *range(0x2983, 0x298C, 2)),
        *(*range(0x2991, 0x2998, 2), 0x29D8, 0x29DA, 0x29FC),
        *(*range(0x2E22, 0x2E29, 2), *range(0x2E55, 0x2E5C, 2)),
        *(*range(0x3008, 0x3011, 2), *range(0x3014, 0x301B, 2)),
        *(0xFE59, 0xFE5B, 0xFE5D, 0xFF5F, 0xFF62, 0x28),
    )
} | {
    0x5B: 0x5D,
    0x7B: 0x7D,
    0x298D: 0x2990,
    0x298F: 0x298E,
    0xFF08: 0xFF09,
    0xFF3B: 0xFF3D,
    0xFF5B: 0xFF5D,
}
_CLOSERS = {closing: opening for opening, closing in _OPENERS.items()}
_ASCII_RUN = re.compile(r"(?:--)?[A-Za-z0-9](?:[\x20-\x7e]*[A-Za-z0-9])?")
_PUNCTUATION = " .,:;-/"
_MAX_OPEN = 63  # BD16: deeper nesting stops the search for pairs


def needs_bidi(text: str) -> bool:
    """True when `text` holds any right-to-left character or Arabic number."""
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(char) in _RTL_CLASSES for char in text)


def base_level(text: str) -> int:
    """Paragraph level by the first strong character (P2, P3): 0 or 1."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return 1
        if kind == "L":
            return 0
    return 0


def levels(text: str, base: int) -> list[int]:
    """Return the embedding level of each character of one paragraph."""
    original = [unicodedata.bidirectional(char) or "L" for char in text]
    edge = "R" if base % 2 else "L"
    kinds = _resolve_weak(original, edge)
    _resolve_brackets(text, original, kinds, edge)
    _resolve_neutral(kinds, edge)
    return _reset_separators(original, [_level(kind, base) for kind in kinds], base)


def levels_right_to_left(text: str) -> list[int]:
    """Return the levels of one paragraph of a right-to-left document.

    As `levels` with base 1, but a run of ASCII between its first and last letter or
    digit stays one left-to-right piece, as if it were isolated (UAX #9, 2.7): else
    the date and the clock of ``2026-03-06 08:00:12 UTC`` would change places. The
    dashes of an option (``--witness``) belong to it.
    """
    found = levels(text, 1)
    for start, end in _left_to_right_pieces(text):
        found[start:end] = [2] * (end - start)
    return found


def _left_to_right_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield runs of ASCII whose brackets are balanced: start and end."""
    for match in _ASCII_RUN.finditer(text):
        depth, start, end = 0, match.start(), match.end()
        opened = end
        for at in range(start, end):
            if text[at] == "(":
                opened = at if depth == 0 else opened
                depth += 1
            elif text[at] == ")":
                depth -= 1
                if depth < 0:
                    break
        while depth > 0 and text[end : end + 1] == ")":
            end, depth = end + 1, depth - 1
        if depth > 0:
            end = start + len(text[start:opened].rstrip(_PUNCTUATION))
        if depth >= 0 and end > start:
            yield start, end


def visual_runs(line: Sequence[int]) -> list[tuple[int, int, int]]:
    """Order a line's level runs for the eye, left to right (L2).

    Args:
        line: levels of the line's characters, trailing spaces already cut.

    Returns:
        (start, end, level) of each run; odd levels are drawn right to left.
    """
    runs: list[tuple[int, int, int]] = []
    start = 0
    for level, group in groupby(line):
        end = start + sum(1 for _ in group)
        runs.append((start, end, level))
        start = end
    if not runs:
        return runs
    highest = max(level for _, _, level in runs)
    lowest_odd = min((lv for _, _, lv in runs if lv % 2), default=highest + 1)
    for level in range(highest, lowest_odd - 1, -1):
        runs = _reversed_at(runs, level)
    return runs


def _reversed_at(
    runs: list[tuple[int, int, int]], level: int
) -> list[tuple[int, int, int]]:
    out: list[tuple[int, int, int]] = []
    for high, group in groupby(runs, key=lambda run: run[2] >= level):
        members = list(group)
        out.extend(reversed(members) if high else members)
    return out


def _resolve_weak(original: Sequence[str], edge: str) -> list[str]:
    """Rules W1 to W7 over one level run."""
    kinds = list(original)
    for at, kind in enumerate(kinds):  # W1
        if kind == "NSM":
            kinds[at] = kinds[at - 1] if at else edge
    strong = edge
    for at, kind in enumerate(kinds):  # W2
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    _join_numbers(kinds)
    kinds = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in kinds]  # W6
    strong = edge
    for at, kind in enumerate(kinds):  # W7
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
    return kinds


def _join_numbers(kinds: list[str]) -> None:
    """Rules W4 (separators between digits) and W5 (terminators beside digits)."""
    for at in range(1, len(kinds) - 1):
        before, kind, after = kinds[at - 1 : at + 2]
        if before == after and (
            (kind in ("ES", "CS") and before == "EN")
            or (kind == "CS" and before == "AN")
        ):
            kinds[at] = before
    at = 0
    while at < len(kinds):
        if kinds[at] != "ET":
            at += 1
            continue
        end = at
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if (at and kinds[at - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN"):
            kinds[at:end] = ["EN"] * (end - at)
        at = end


def _bracket_pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Matching brackets by BD16, in order of the opening one."""
    open_: list[tuple[int, int]] = []
    pairs: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        if kinds[at] != "ON":
            continue
        point = _canonical(ord(char))
        if point in _OPENERS:
            if len(open_) == _MAX_OPEN:
                return sorted(pairs)
            open_.append((_canonical(_OPENERS[point]), at))
        elif point in _CLOSERS:
            for depth in range(len(open_) - 1, -1, -1):
                if open_[depth][0] == point:
                    pairs.append((open_[depth][1], at))
                    del open_[depth:]
                    break
    return sorted(pairs)


def _canonical(point: int) -> int:
    return {0x2329: 0x3008, 0x232A: 0x3009}.get(point, point)


def _resolve_brackets(
    text: str, original: Sequence[str], kinds: list[str], edge: str
) -> None:
    """Rule N0: a pair takes the direction of what it holds, or of its context."""
    for start, end in _bracket_pairs(text, kinds):
        inside = {_STRONG.get(kind) for kind in kinds[start + 1 : end]}
        if edge in inside:
            kind = edge
        elif inside & {"L", "R"}:
            context = next(
                (
                    _STRONG[kinds[at]]
                    for at in range(start - 1, -1, -1)
                    if kinds[at] in _STRONG
                ),
                edge,
            )
            kind = context if context != edge else edge
        else:
            continue
        for at in (start, end):
            kinds[at] = kind
            follower = at + 1
            while follower < len(kinds) and original[follower] == "NSM":
                kinds[follower] = kind
                follower += 1


def _resolve_neutral(kinds: list[str], edge: str) -> None:
    """Rules N1 and N2: neutrals take their neighbours' direction, or the base."""
    at = 0
    while at < len(kinds):
        if kinds[at] not in _NEUTRAL:
            at += 1
            continue
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        before = _STRONG[kinds[at - 1]] if at else edge
        after = _STRONG[kinds[end]] if end < len(kinds) else edge
        kinds[at:end] = [before if before == after else edge] * (end - at)
        at = end


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    if base % 2:
        return base if kind == "R" else base + 1
    return base + {"L": 0, "R": 1}.get(kind, 2)


def _reset_separators(
    original: Sequence[str], resolved: list[int], base: int
) -> list[int]:
    """Rule L1 within the paragraph: separators and the spaces before them."""
    trailing = True
    for at in range(len(original) - 1, -1, -1):
        if original[at] in ("B", "S"):
            trailing = True
            resolved[at] = base
        elif trailing and original[at] == "WS":
            resolved[at] = base
        else:
            trailing = False
    return resolved
