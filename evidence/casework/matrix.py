"""The corroboration matrix: items by passages by elements, for and against.

It counts links that persons made. It weighs nothing: many links are not much evidence,
and an empty cell does not mean that something did not happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.casework.elements import ELEMENTS, TAGS
from evidence.casework.links import RELATIONS, SUPPORTS, Link

CAVEAT = (
    "Counts of links that persons made between items, passages and presumed elements. "
    "They weigh nothing and prove nothing; an empty place does not mean that something "
    "did not happen."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the matrix with its links.

    Attributes:
        entries: sequence numbers of the links, in order.
        tags: words of `TAGS` any of its links carries.
    """

    item: str
    passage: str
    element: str
    detail: str
    supports: int
    contradicts: int
    tags: tuple[str, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix.

    Attributes:
        rows: sorted by item, passage, element and detail.
        totals: (element, relation) to number of links.
        disputed: elements that have links both for and against.
        without: elements no link supports.
        unread: links whose sealed records could not be read.
    """

    rows: tuple[Row, ...]
    totals: dict[tuple[str, str], int]
    disputed: tuple[str, ...]
    without: tuple[str, ...]
    unread: int


def matrix(found: Iterable[tuple[Link, int]], unread: int = 0) -> Matrix:
    """Return the matrix of links (each with its entry's number)."""
    places: dict[tuple[str, str, str, str], list[tuple[Link, int]]] = {}
    totals: Counter[tuple[str, str]] = Counter()
    for link, seq in found:
        place = (link.item, link.passage, link.element, link.detail)
        places.setdefault(place, []).append((link, seq))
        totals[link.element, link.relation] += 1
    rows = [_row(place, held) for place, held in sorted(places.items())]
    counts = {(e, r): totals[e, r] for e in ELEMENTS for r in RELATIONS}
    return Matrix(
        tuple(rows),
        counts,
        tuple(e for e in ELEMENTS if all(counts[e, r] for r in RELATIONS)),
        tuple(e for e in ELEMENTS if not counts[e, SUPPORTS]),
        unread,
    )


def _row(place: tuple[str, str, str, str], held: list[tuple[Link, int]]) -> Row:
    supports = sum(link.relation == SUPPORTS for link, _ in held)
    carried = {tag for link, _ in held for tag in link.tags}
    return Row(
        *place,
        supports,
        len(held) - supports,
        tuple(tag for tag in TAGS if tag in carried),
        tuple(sorted(seq for _, seq in held)),
    )
