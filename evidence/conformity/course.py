"""Predicates on what became of European orders: Regulation (EU) 2023/1543 Art. 8 to 12.

Each is asked for every EPOC and EPOC-PR of the case; the worst one decides the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.authority.instruments import Instrument
from evidence.authority.register import ANSWERED, ASKED, end_of_days, is_time
from evidence.conformity.answers import FINE, SEALED, absent, acts, axes, each
from evidence.conformity.model import Answer
from evidence.conformity.orders import HIGH, NO_ORDER
from manifests.entries import EntryType
from manifests.verifying.verdict import Axis

if TYPE_CHECKING:
    from evidence.authority.register import Authority
    from evidence.conformity.dossier import Dossier
    from manifests.entries import Entry

_EPOC, _PRESERVING = Instrument.EPOC, Instrument.EPOC_PR


def notification(dossier: Dossier) -> Answer:
    """Art. 8: the enforcing authority is notified of an EPOC for traffic or content."""

    def lack(one: Authority) -> str | None:
        if not HIGH & set(one.words("categories")):
            return None
        order = dossier.order(one)
        if one.text("deadline") == "10-days-notified":
            return FINE
        if order is None:
            return SEALED
        named = order.enforcing_authority.name
        return FINE if named else "no notified enforcing authority is recorded"

    return each(
        dossier.orders(_EPOC),
        lack,
        good="The order says that the enforcing authority is notified.",
        none="No EPOC asks for traffic or content data.",
    )


def certificate(dossier: Dossier) -> Answer:
    """The certificate itself is an exhibit of kind ``document``."""
    papers = {
        exhibit
        for entry in dossier.of(EntryType.ACQUIRE)
        if entry.facts.get("kind") == "document"
        for exhibit in entry.exhibits
    }

    def lack(one: Authority) -> str:
        held = one.entry.seq and papers & set(one.entry.exhibits)
        return FINE if held else "the certificate is not in the case"

    return each(
        dossier.orders(),
        lack,
        good="The certificate is an exhibit of the case.",
        none=NO_ORDER,
    )


def produced(dossier: Dossier) -> Answer:
    """Art. 10(2)-(4): data within 10 days, or 8 hours in an emergency."""

    def lack(one: Authority) -> str | None:
        line = dossier.due.get(f"{one.id}-production")
        if line is None or one.withdrawn_at:
            return None
        if not line.due:
            return "its receipt is not recorded"
        times = [entry.time for entry in dossier.under(one)]
        if times:
            late = min(times) > line.due
            return f"the first data came after {line.due}" if late else FINE
        return f"no data came by {line.due}" if dossier.at > line.due else None

    return each(
        dossier.orders(_EPOC),
        lack,
        good="Data were acquired within the time.",
        none="No EPOC, or its time still runs, or it was withdrawn.",
    )


def kept_unchanged(dossier: Dossier) -> Answer:
    """Art. 10(1), (9): what was preserved and produced stays as it was."""
    entries = [e.seq for item in dossier.orders() for e in dossier.under(item.thing)]
    if not entries:
        return absent("No data were acquired under a European order.")
    good = "Every payload is the one that was acquired."
    found = axes(dossier, Axis.INTACT, good=good)
    return Answer(found.outcome, found.why, tuple(sorted(entries)), found.axes)


def clarified(dossier: Dossier) -> Answer:
    """Art. 10(6)-(8), 11(5): questions of the addressee answered within 5 days."""
    asked = dossier.noted(ASKED)
    answered = dossier.noted(ANSWERED)

    def lack(note: Entry) -> str | None:
        number, at = note.facts.get("authority"), str(note.facts.get("at"))
        start = at if is_time(at) else note.time
        due = end_of_days(start, 5)
        times = [
            str(other.facts.get("at"))
            for other in answered
            if other.facts.get("authority") == number and other.seq > note.seq
        ]
        if times:
            return f"was answered after {due}" if min(times) > due else FINE
        return f"had to be answered by {due}" if dossier.at > due else None

    return each(
        acts(asked),
        lack,
        good="Each question was answered in time.",
        none="No question of an addressee is open.",
    )


def preserved(dossier: Dossier) -> Answer:
    """Art. 11: 60 days, 30 more once, longer when production is requested."""

    def lack(one: Authority) -> str | None:
        if one.withdrawn_at:
            return None
        if one.confirmed:
            return FINE
        if not one.preserved_until:
            return "its receipt is not recorded"
        ended = dossier.at > one.preserved_until
        return f"preservation ended at {one.preserved_until}" if ended else FINE

    return each(
        dossier.orders(_PRESERVING, history=True),
        lack,
        good="Preservation runs, or a request for production was confirmed.",
        none="No EPOC-PR is recorded, or it was withdrawn.",
    )


def conditions(dossier: Dossier) -> Answer:
    """Art. 12: conditions on use are recorded (and printed on every report)."""

    def lack(one: Authority) -> str | None:
        if not one.facts.get("conditions"):
            return None
        order = dossier.order(one)
        if order is None:
            return SEALED
        return FINE if order.conditions else "the conditions counted are not there"

    return each(
        dossier.orders(),
        lack,
        good="Conditions are recorded and printed on every report.",
        none="No European order carries conditions on use.",
    )
