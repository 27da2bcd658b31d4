"""The catalogue ``led``: Directive (EU) 2016/680 for data of law enforcement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from evidence.authority.deadlines import breaches
from evidence.authority.register import is_time, moment
from evidence.clock import utc_text
from evidence.conformity import keeping
from evidence.conformity.answers import (
    FINE,
    SEALED,
    Item,
    absent,
    acts,
    axes,
    each,
    met,
    missing,
    outside,
    unseen,
)
from evidence.conformity.dossier import LEAVING, SENDING
from evidence.conformity.handing import members
from evidence.conformity.model import Answer, Catalogue, Duty
from evidence.corrections.notices import owed
from evidence.people.person import Category
from evidence.people.register import read_register
from manifests.entries import EntryType
from manifests.verifying.verdict import Axis

if TYPE_CHECKING:
    from evidence.conformity.dossier import Dossier
    from manifests.entries import Entry

NOTHING_LEFT = "Nothing is recorded as given to anybody."
_NOTIFY = timedelta(hours=72)
_REVIEWS = ("review_at", "review_due", "due")


def purposes(dossier: Dossier) -> Answer:
    """Each disclosure names its purpose."""

    def lack(entry: Entry) -> str:
        record, seen = members(dossier, entry)
        if record.get("purpose"):
            return FINE
        return "names no purpose" if seen else SEALED

    return each(
        acts(dossier.of(*LEAVING)),
        lack,
        good="Each disclosure names its purpose.",
        none=NOTHING_LEFT,
    )


def reviewed(dossier: Dossier) -> Answer:
    """A time limit for erasure, or a review, is recorded and not overdue."""
    found = dossier.of(EntryType.REVIEW_RETENTION)
    if not dossier.evidence:
        return absent(keeping.NO_EVIDENCE)
    if not found:
        return missing("No time limit for erasure or review is recorded.")
    newest = found[-1]
    times = [str(newest.facts.get(name) or "") for name in _REVIEWS]
    due = next((time for time in times if is_time(time)), "")
    if due and dossier.at > due:
        return missing(f"The review was due at {due}.", [newest.seq])
    return met("A time limit or review is recorded.", [entry.seq for entry in found])


def categorised(dossier: Dossier) -> Answer:
    """Persons are told apart: suspects, convicted, victims, others."""
    register = read_register(dossier.case, dossier.entries)
    people = [p for p in register.people.values() if p.category != Category.STAFF]
    items = [Item(p.id, p.entries, p) for p in people if not p.merged_into]
    if not items:
        return missing("The register of persons names nobody: see 'custody person'.")
    return each(
        items,
        lambda person: FINE if person.category else SEALED,
        good="Each person in the register has a category (sealed).",
        none="",
    )


def told_apart(dossier: Dossier) -> Answer:
    """Facts and assessments are apart."""
    notes = dossier.noted("fact", "assessment")
    if not notes:
        return absent("No note is recorded.")
    return met("Each note is a fact or an assessment.", [note.seq for note in notes])


def graded(dossier: Dossier) -> Answer:
    """Quality of data was recorded before they left."""
    known: dict[str, int] = {}
    for note in dossier.noted("quality"):
        for exhibit in note.exhibits:
            known.setdefault(exhibit, note.seq)

    def lack(entry: Entry) -> str:
        bare = sum(known.get(x, entry.seq) >= entry.seq for x in entry.exhibits)
        return f"quality of {bare} exhibit(s) not recorded before" if bare else FINE

    return each(
        acts(dossier.of(*LEAVING)),
        lack,
        good="Quality of each exhibit was recorded before it left.",
        none=NOTHING_LEFT,
    )


def noticed(dossier: Dossier) -> Answer:
    """Earlier recipients are told of corrections."""
    found = list(owed(dossier.case, list(dossier.entries)))
    if not found:
        return absent("No correction concerns anything that was given to somebody.")
    open_ones = [one.correction.seq for one in found if one.told is None]
    if open_ones:
        return missing("Recipients are still to be told of corrections.", open_ones)
    return met(
        "Each recipient was told.", [o.told for o in found if o.told is not None]
    )


def rectified(dossier: Dossier) -> Answer:
    """Corrections are appended."""
    found = [entry.seq for entry in dossier.of(EntryType.RECTIFY)]
    if not found:
        return absent("Nothing was corrected.")
    return met("Corrections are entries of their own; nothing is overwritten.", found)


def restricted(dossier: Dossier) -> Answer:
    """Restriction in the place of erasure."""
    found = [entry.seq for entry in dossier.of(EntryType.RESTRICT)]
    if not found:
        return absent("No restriction is recorded, and nothing says that one is due.")
    return met("Restrictions are recorded.", found)


_LOGGED = (
    (EntryType.ACQUIRE, "collection"),
    (EntryType.RECTIFY, "alteration"),
    (EntryType.CONSULT, "consultation"),
    (EntryType.DISCLOSE, "disclosure"),
    (EntryType.COMBINE, "combination"),
    (EntryType.ERASE, "erasure"),
)


def logged(dossier: Dossier) -> Answer:
    """The log of the six operations stands and verifies."""
    kinds = {*(kind for kind, _ in _LOGGED), *SENDING}
    entries = tuple(entry.seq for entry in dossier.of(*kinds))
    if not entries:
        return absent("No operation on data is recorded yet.")
    seen = {entry.type for entry in dossier.of(*kinds)}
    words = ", ".join(word for kind, word in _LOGGED if kind in seen)
    good = f"In the log: {words or 'transfers'}. It verifies."
    found = axes(dossier, Axis.SIGNED, Axis.CONSISTENT, good=good)
    return Answer(found.outcome, found.why, entries, found.axes)


def accounted(dossier: Dossier) -> Answer:
    """Disclosures name recipient and purpose or reason."""

    def lack(entry: Entry) -> str:
        record, seen = members(dossier, entry)
        if not record.get("recipient"):
            return "names no recipient" if seen else SEALED
        if record.get("purpose") or record.get("justification"):
            return FINE
        return "gives neither purpose nor justification" if seen else SEALED

    return each(
        acts(dossier.of(*LEAVING)),
        lack,
        good="Each names recipient and purpose.",
        none=NOTHING_LEFT,
    )


def notified(dossier: Dossier) -> Answer:
    """Breaches are notified within 72 hours."""

    def items() -> Iterator[Item[tuple[str, str]]]:
        for number, (entry, told) in breaches(list(dossier.entries)).items():
            known = str(entry.facts.get("known_at"))
            start = known if is_time(known) else entry.time
            yield Item(number, (entry.seq,), (start, told))

    def lack(times: tuple[str, str]) -> str | None:
        start, told = times
        due = utc_text(moment(start) + _NOTIFY) if is_time(start) else ""
        if told:
            return FINE if told <= due else "was notified after 72 hours"
        return f"had to be notified by {due}" if dossier.at > due else None

    return each(
        items(),
        lack,
        good="Each breach was notified in time.",
        none="No breach is recorded, or its 72 hours still run.",
    )


def communicated(dossier: Dossier) -> Answer:
    """The person is told of a breach of high risk."""
    if not breaches(list(dossier.entries)):
        return absent("No breach is recorded.")
    return unseen("Whether the persons were told is not recorded in a case.")


def transported(dossier: Dossier) -> Answer:
    """Data are protected on the way."""
    if not dossier.of(*LEAVING):
        return absent(NOTHING_LEFT)
    return unseen("How a medium was protected on its way is not recorded.")


_GENERAL = (
    Duty(
        "4-1-a",
        "Art. 4(1)(a), 8",
        "Processing is lawful: each act has a legal ground that covers it.",
        keeping.grounded,
    ),
    Duty("4-1-b", "Art. 4(1)(b)", "Purposes are specified.", purposes),
    Duty(
        "4-1-c",
        "Art. 4(1)(c)",
        "Data are not excessive for their purpose.",
        outside("How much was needed is a judgement no record makes."),
        outside=True,
    ),
    Duty(
        "4-1-d",
        "Art. 4(1)(d), 16(1)",
        "Wrong data are corrected.",
        rectified,
    ),
    Duty(
        "4-1-e",
        "Art. 4(1)(e), 5",
        "Time limits for erasure, or a periodic review, are set.",
        reviewed,
    ),
    Duty("4-1-f", "Art. 4(1)(f)", "Integrity is ensured.", keeping.integrity),
    Duty(
        "4-4",
        "Art. 4(4)",
        "The controller can show that it complies: acts are signed and ordered.",
        keeping.origin,
    ),
    Duty(
        "6",
        "Art. 6",
        "Suspects, convicted, victims and others are told apart.",
        categorised,
    ),
    Duty("7-1", "Art. 7(1)", "Facts are kept apart from assessments.", told_apart),
    Duty(
        "7-2",
        "Art. 7(2)",
        "Quality of data is verified and told before they are transmitted.",
        graded,
    ),
    Duty(
        "7-3",
        "Art. 7(3), 16(6)",
        "Recipients are told of wrong or unlawful transmission.",
        noticed,
    ),
    Duty(
        "16-3",
        "Art. 16(3)",
        "Data that must stay as evidence are restricted instead of erased.",
        restricted,
    ),
    Duty(
        "24",
        "Art. 24",
        "The controller keeps records of processing activities.",
        outside("That register is kept by the organisation, not in a case."),
        outside=True,
    ),
    Duty(
        "25-1",
        "Art. 25(1)",
        "Collection, alteration, consultation, disclosure, combination and erasure are "
        "logged.",
        logged,
    ),
    Duty(
        "25-2-look",
        "Art. 25(1), (2)",
        "Consultations show their justification.",
        keeping.consulted,
    ),
    Duty(
        "25-2-give",
        "Art. 25(1), (2)",
        "Disclosures show justification and recipient.",
        accounted,
    ),
)
_ORGANISATION = "This is a matter of buildings, machines and rights in them."
_SECURITY = (
    Duty(
        "29-a",
        "Art. 29(2)(a), (d), (e)",
        "Equipment, systems and rights in them are controlled.",
        outside(_ORGANISATION),
        outside=True,
    ),
    Duty(
        "29-b",
        "Art. 29(2)(b), (c)",
        "Nobody without a right reads or changes media and storage.",
        keeping.encrypted,
    ),
    Duty("29-f", "Art. 29(2)(f)", "It can be told to whom data went.", accounted),
    Duty(
        "29-g",
        "Art. 29(2)(g)",
        "It can be told what was entered, when and by whom.",
        keeping.origin,
    ),
    Duty(
        "29-h",
        "Art. 29(2)(h)",
        "Data are protected on the way.",
        transported,
        outside=True,
    ),
    Duty(
        "29-i",
        "Art. 29(2)(i)",
        "Systems can be restored.",
        outside("Backups are kept outside the case."),
        outside=True,
    ),
    Duty(
        "29-j",
        "Art. 29(2)(j)",
        "Faults are reported, and data are not corrupted.",
        keeping.integrity,
    ),
    Duty("30", "Art. 30", "Breaches are notified within 72 hours.", notified),
    Duty(
        "31",
        "Art. 31",
        "Persons are told of a breach of high risk.",
        communicated,
        outside=True,
    ),
)

LED = Catalogue(
    "led",
    "Directive (EU) 2016/680, as transposed by the Member State",
    "The Directive binds Member States; their laws bind authorities. For others, an "
    "NGO for instance, the GDPR stands in its place and the rows are a yardstick only.",
    (*_GENERAL, *_SECURITY),
)
