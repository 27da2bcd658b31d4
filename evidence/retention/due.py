"""What falls due of retention and restriction, for `custody deadlines` and cron."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.authority.deadline import GIVEN, Deadline
from evidence.retention.register import Register, Restriction, read_register
from manifests.entries import Entry, EntryType

_TYPES = frozenset({EntryType.REVIEW_RETENTION, EntryType.RESTRICT})
_REVIEW = "Directive (EU) 2016/680 Art. 5; GDPR Art. 5(1)(e)"
_RESTRICTED = "Directive (EU) 2016/680 Art. 16(3); GDPR Art. 18"


def dues(entries: Sequence[Entry], origin: str = "") -> list[Deadline]:
    """Return what falls due; nothing where no decision was recorded.

    Args:
        origin: log origin; taken from the first entry when "".
    """
    if not any(entry.type in _TYPES for entry in entries):
        return []
    origin = origin or str(entries[0].body.get("log"))
    return list(_dues(read_register(entries, origin)))


def _dues(register: Register) -> list[Deadline]:
    found: list[Deadline] = []
    for name, keeping in register.keeping.items():
        about, stone = name or "the case", register.erased(name) if name else None
        met = f"erased, entry {stone.entry.seq}" if stone else ""
        if keeping.review:
            found.append(
                Deadline(
                    f"{name or 'case'}-retention-review",
                    about,
                    f"whether it is still needed to be reviewed ({keeping.rule})",
                    keeping.review,
                    _REVIEW,
                    "Decide anew with 'custody retain', or erase it.",
                    GIVEN,
                    met,
                )
            )
        if keeping.until:
            found.append(
                Deadline(
                    f"{name or 'case'}-retention-end",
                    about,
                    f"the time of keeping ends ({keeping.rule}): erase, or decide anew",
                    keeping.until,
                    _REVIEW,
                    "Kept longer than its rule allows, it has no ground any more.",
                    GIVEN,
                    met,
                )
            )
    return [*found, *map(_ends, _ending(register))]


def _ending(register: Register) -> list[Restriction]:
    return [one for one in register.restrictions if one.until and one.lifted < 0]


def _ends(one: Restriction) -> Deadline:
    return Deadline(
        f"entry-{one.entry.seq}-{one.exhibit}-restriction",
        one.exhibit,
        f"the restriction ends by itself ({one.ground})",
        one.until,
        _RESTRICTED,
        "The person has to be told before (GDPR Art. 18(3)).",
        GIVEN,
        ends=True,
    )
