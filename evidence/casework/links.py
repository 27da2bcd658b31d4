"""Links: which item supports or contradicts which passage, on which element.

A link is somebody's assessment, signed and dated, never a finding. Its content is
sealed: what an exhibit is held to show about whom is not for those through whose hands
it travels. A link is withdrawn by another entry; both stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.case import Case, CaseWriter
from evidence.casework.elements import ELEMENTS, TAGS, Definition
from evidence.casework.numbers import (
    INTERFERENCE,
    annotated,
    check_text,
    known_exhibits,
    numbered,
)
from evidence.casework.statements import find_passage
from evidence.casework_errors import CaseworkRefusedError, CaseworkUnknownError
from evidence.errors import ExhibitUnknownError, RecordUnknownError, UnsealableError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

LINK, WITHDRAWN = "link", "link_withdrawn"
SUPPORTS, CONTRADICTS = "supports", "contradicts"
RELATIONS = (SUPPORTS, CONTRADICTS)
_ITEM = re.compile(r"(EX-[0-9]{4,9})(?:#([1-9][0-9]{0,14}))?", re.ASCII)
_WHAT = "The link"


@dataclass(frozen=True, slots=True)
class Link:
    """One link.

    Attributes:
        item: ``EX-0001``, a record of it ``EX-0001#12``, or ``IN-0001``.
        passage: ``ST-0001#p3``, or "" when the item bears on the element by itself.
        element: act, means or purpose; detail: its form in the definition, or "".
        relation: supports or contradicts.
    """

    item: str
    passage: str
    element: str
    detail: str
    relation: str
    tags: tuple[str, ...] = ()


def add_link(writer: CaseWriter, link: Link, definition: Definition) -> Entry:
    """Record a link.

    Raises:
        ExhibitUnknownError, RecordUnknownError, CaseworkUnknownError: it names what
            the case has not.
        CaseworkRefusedError: a word of it is not known.
    """
    known = definition.details.get(link.element, {})
    words = link.relation in RELATIONS and set(link.tags) <= set(TAGS)
    if not words or not known or (link.detail and link.detail not in known):
        raise CaseworkRefusedError(what=_WHAT, reason="a word of it is not known")
    entries = list(writer.case.entries())
    exhibits = _item_exhibits(entries, link.item)
    if link.passage:
        exhibits += find_passage(entries, link.passage).exhibits
    private: dict[str, Json] = {
        "definition": definition.facts(),
        "detail": link.detail,
        "element": link.element,
        "item": link.item,
        "passage": link.passage,
        "relation": link.relation,
        "tags": [tag for tag in TAGS if tag in link.tags],
    }
    return writer.record(
        EntryType.ANNOTATE,
        facts={"kind": LINK},
        private=private,
        exhibits=tuple(dict.fromkeys(exhibits)),
    )


def _item_exhibits(entries: list[Entry], item: str) -> tuple[str, ...]:
    """Return the exhibits an item stands for; the case must have it."""
    match = _ITEM.fullmatch(item)
    if not match:
        if not item.startswith("IN-"):
            reason = "an item is an exhibit, a record of one, or an interference item"
            raise CaseworkRefusedError(what=_WHAT, reason=reason)
        return numbered(entries, INTERFERENCE).entry(item).exhibits
    acquired = known_exhibits(entries).get(match[1])
    if acquired is None:
        raise ExhibitUnknownError(exhibit=match[1])
    inventory = acquired.facts.get("inventory")
    count = inventory.get("records") if isinstance(inventory, dict) else 0
    if match[2] and int(match[2]) > (count if isinstance(count, int) else 0):
        raise RecordUnknownError(exhibit=match[1], record=int(match[2]))
    return (match[1],)


def withdraw_link(writer: CaseWriter, seq: int, *, reason: str) -> Entry:
    """Record that a link no longer holds; the reason is sealed.

    Raises:
        CaseworkUnknownError: entry `seq` is no link in force.
        CaseworkRefusedError: the reason is missing.
    """
    check_text(_WHAT, reason)
    if not reason.strip():
        raise CaseworkRefusedError(what="The withdrawal", reason="it gives no reason")
    entries = list(writer.case.entries())
    for entry in standing(entries):
        if entry.seq == seq:
            facts: dict[str, Json] = {
                "entry": entry.leaf.hex(),
                "kind": WITHDRAWN,
                "seq": seq,
            }
            return writer.record(
                EntryType.ANNOTATE,
                facts=facts,
                private={"reason": reason},
                exhibits=entry.exhibits,
            )
    raise CaseworkUnknownError(number=f"link in force of entry {seq}")


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """Return the link entries that are not withdrawn, in order.

    A withdrawal counts only for an earlier link it names by number and leaf hash.
    """
    found: dict[int, Entry] = {}
    for entry in annotated(entries, LINK, WITHDRAWN):
        if entry.facts.get("kind") == LINK:
            found[entry.seq] = entry
            continue
        seq = entry.facts.get("seq")
        named = found.get(seq) if isinstance(seq, int) else None
        if named is not None and named.leaf.hex() == entry.facts.get("entry"):
            del found[named.seq]
    return list(found.values())


def read_link(record: Mapping[str, Json]) -> Link | None:
    """Return the link in a sealed record, None when it has not its form."""
    texts = [
        record.get(n) for n in ("item", "passage", "element", "detail", "relation")
    ]
    tags = record.get("tags")
    plain = [text for text in texts if isinstance(text, str)]
    if len(plain) != len(texts) or not isinstance(tags, list):
        return None
    words = tuple([tag for tag in tags if isinstance(tag, str) and tag in TAGS])
    item, passage, element, detail, relation = plain
    link = Link(item, passage, element, detail, relation, words)
    known = link.element in ELEMENTS and link.relation in RELATIONS
    return link if known and len(words) == len(tags) else None


def links(case: Case, entries: Iterable[Entry]) -> tuple[list[tuple[Link, int]], int]:
    """Return the links in force with their entries' numbers, and how many are unread.

    A link whose sealed record is withheld, erased or damaged cannot be read.
    """
    found: list[tuple[Link, int]] = []
    unread = 0
    for entry in standing(entries):
        try:
            link = read_link(case.sealed(entry))
        except UnsealableError:
            link = None
        if link is None:
            unread += 1
        else:
            found.append((link, entry.seq))
    return found, unread
