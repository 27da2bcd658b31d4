"""What the exhibits of a later act hold: categories, and times where a ground asks.

A ground that is limited to a category or to data of a time limits every use of the
data, not the first one only: an exhibit taken on one order is not given away, or read,
on another that would not have covered it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from evidence.authority.register import Authority
from evidence.case import Case, unreadable
from evidence.datatimes import Dating
from evidence.inventory import read_records
from evidence.scope import Ground, Scope, Touch
from manifests.entries import Entry, EntryType

_DOCUMENT = "document"  # part of the record, not evidence
_ASKED = frozenset({Touch.CONSULT, Touch.DISCLOSE, Touch.COMBINE})


def with_data(
    case: Case, scope: Scope, grounds: Iterable[Ground], entries: Iterable[Entry]
) -> Scope:
    """Return `scope` with the data categories and times of its exhibits.

    Inventories are read only where a ground is limited to data of a time. Items whose
    time cannot be placed in UTC are not compared: ``data_range`` of the exhibit's own
    entry counts them.

    Args:
        entries: with those of the acquisitions.

    Raises:
        CaseUnreadableError: an inventory cannot be read.
        UnsealableError: it is encrypted, and nobody here can open it.
    """
    if scope.touch not in _ASKED or not scope.exhibits:
        return scope
    kinds: dict[str, str] = {}
    categories: set[str] = set()
    for entry in entries:
        name = entry.exhibits[0] if entry.exhibits else ""
        if entry.type != EntryType.ACQUIRE or name not in scope.exhibits:
            continue
        kind, category = str(entry.facts.get("kind")), entry.facts.get("category")
        if kind != _DOCUMENT:
            kinds[name] = kind
            categories |= {category} if isinstance(category, str) else set()
    scope = replace(scope, categories=tuple(sorted(categories)))
    if not any(_is_dated(ground) for ground in grounds):
        return scope
    spans = [_span(case, name, kind) for name, kind in kinds.items()]
    first = min((one for one, _ in spans if one), default="")
    last = max((one for _, one in spans if one), default="")
    return replace(scope, data_from=first, data_to=last)


def _is_dated(ground: Ground) -> bool:
    return isinstance(ground, Authority) and bool(
        ground.time("data_from") or ground.time("data_to")
    )


def _span(case: Case, exhibit: str, kind: str) -> tuple[str, str]:
    dating = Dating(kind)
    try:
        for record in read_records(case.open_inventory(exhibit)):
            dating.take(record)
    except OSError as error:
        raise unreadable(f"The inventory of {exhibit}", error) from error
    dating.finish()
    return dating.span
