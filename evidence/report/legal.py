"""What a report says of the legal grounds of a case, gathered from its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evidence.authority.register import Authority as Ground
from evidence.authority.register import authorities
from evidence.errors import UnsealableError
from evidence.narration import value_text
from evidence.report.model import Authority, Deviation
from manifests.entries import Entry, EntryType

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.report.options import Options
    from manifests.canonical import Json


def grounds(
    case: Case, entries: Sequence[Entry], options: Options
) -> tuple[Authority, ...]:
    """Return the authorities with what each grounded; names only with sources."""
    uses: dict[str, list[str]] = {}
    for entry in entries:
        named = entry.body.get("authority")
        if isinstance(named, str):
            uses.setdefault(named, []).append(
                " ".join(entry.exhibits) or f"{entry.seq}"
            )
    return tuple(
        _ground(one, _order(case, one, options), uses.get(one.id, []), options)
        for one in authorities(entries).values()
    )


def _order(case: Case, one: Ground, options: Options) -> Mapping[str, Json]:
    """Return the sealed order when the report shows it, else {}."""
    if not options.sources:
        return {}
    try:
        record = case.sealed(one.entry)
    except UnsealableError:  # the overview of the report has told of it
        return {}
    order = record.get("order") or record.get("ground")
    return order if isinstance(order, dict) else {}


def _ground(
    one: Ground, order: Mapping[str, Json], uses: list[str], options: Options
) -> Authority:
    issuer = order.get("issuing_authority")
    name = issuer.get("name") if isinstance(issuer, dict) else ""
    count = one.facts.get("conditions")
    return Authority(
        id=one.id,
        kind=one.title,
        reference=str(order.get("reference") or ""),
        issued_by=str(name or ""),
        issued_at=one.time("issued_at"),
        covers=_covers(one),
        state=_state(one, _full(options.rendered_at)),
        conditions=count if isinstance(count, int) else 0,
        grounded=tuple(dict.fromkeys(uses)),
    )


def _full(time: str) -> str:
    """Return a time to the second in the form of entries, at the end of its second."""
    return f"{time[:19]}.999999Z"


def _covers(one: Ground) -> str:
    text = ", ".join(one.words("categories")) or "no data category"
    start, end = one.time("data_from"), one.time("data_to")
    if start or end:
        text += f"; data from {start[:19] or 'any time'} to {end[:19] or 'any time'}"
    limited = one.words("covers")
    return text + (f"; only {', '.join(limited)}" if limited else "")


def _state(one: Ground, at: str) -> str:
    reasons = [r.text.removeprefix(f"{one.id} ") for r in one.standing(at)]
    text = "; ".join(reason.rstrip(".") for reason in reasons) or "in force"
    if one.validation:
        text += f"; validation {one.validation}"
    number = value_text(list(one.log), grouped=False)
    return f"{text}; entries {number}"


def conditions(
    case: Case, entries: Sequence[Entry], options: Options
) -> tuple[str, ...]:
    """Return the conditions on use; their number where the texts are withheld."""
    found: list[str] = []
    for one in authorities(entries).values():
        count = one.facts.get("conditions")
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            continue
        texts = _order(case, one, options).get("conditions")
        if isinstance(texts, list):
            found += [f"{one.id}: {text}" for text in texts]
        else:
            found.append(f"{one.id}: {count} condition(s), withheld in this variant.")
    return tuple(found)


def deviations(entries: Sequence[Entry]) -> tuple[Deviation, ...]:
    """Return the acts their ground did not cover, and acquisitions without one."""
    found: list[Deviation] = []
    for entry in entries:
        facts, ground = entry.facts, entry.body.get("authority")
        named = ground if isinstance(ground, str) else ""

        def add(
            how: str, codes: Json, entry: Entry = entry, named: str = named
        ) -> None:
            words = codes if isinstance(codes, list) else []
            texts = tuple(str(word) for word in words)
            found.append(Deviation(entry.seq, entry.exhibits, named, how, texts))

        override = facts.get("override")
        if isinstance(override, dict):
            add("overridden", override.get("refusals"))
        if facts.get("ground_doubts"):
            add("in doubt", facts.get("ground_doubts"))
        told = isinstance(override, dict) or facts.get("ground_doubts")
        evidence = entry.type == EntryType.ACQUIRE and facts.get("kind") != "document"
        if evidence and not named and not told:
            add("no ground", [])
    return (*found, *_late(entries))


def _late(entries: Sequence[Entry]) -> list[Deviation]:
    """Return acts whose ground turned out to have been withdrawn before them."""
    known = authorities(entries)
    found: list[Deviation] = []
    for entry in entries:
        one = known.get(str(entry.body.get("authority")))
        if one is None or not (one.withdrawn_at or one.validation == "refused"):
            continue  # nothing became known of it afterwards
        if entry.type == EntryType.AUTHORITY_ADD:
            continue
        codes = [r.code for r in one.standing(entry.time) if r.code in _AFTERWARDS]
        told = entry.facts.get("override")
        if codes and not isinstance(told, dict):
            found.append(
                Deviation(entry.seq, entry.exhibits, one.id, "in doubt", tuple(codes))
            )
    return found


# What can become known of a ground only after an act rested on it.
_AFTERWARDS = ("AUTHORITY_WITHDRAWN", "AUTHORITY_VALIDATION_REFUSED")
