"""The catalogues ``iso27037`` and ``fre902``: practice, and US rules of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.conformity import keeping
from evidence.conformity.answers import (
    FINE,
    SEALED,
    absent,
    acts,
    axes,
    each,
    outside,
)
from evidence.conformity.model import Answer, Catalogue, Duty, Outcome
from manifests.entries import EntryType
from manifests.verifying.verdict import Axis

if TYPE_CHECKING:
    from evidence.conformity.dossier import Dossier
    from manifests.entries import Entry


def identified(dossier: Dossier) -> Answer:
    """Each exhibit has a number of its own."""
    if not dossier.evidence:
        return absent(keeping.NO_EVIDENCE)
    good = "Exhibits are numbered without gaps; none twice."
    found = axes(dossier, Axis.CONSISTENT, Axis.COMPLETE, good=good)
    entries = tuple(entry.seq for entry in dossier.evidence)
    return Answer(found.outcome, found.why, entries, found.axes)


def described(dossier: Dossier) -> Answer:
    """Place: machine and source of each acquisition are recorded (sealed)."""

    def lack(entry: Entry) -> str:
        record = dossier.unseal(entry)
        if record is None:
            return SEALED
        if not record.get("host"):
            return "does not say on which machine"
        return FINE if record.get("sources") else "does not say from where"

    return each(
        acts(dossier.evidence),
        lack,
        good="Machine and source of each acquisition are recorded (sealed).",
        none=keeping.NO_EVIDENCE,
    )


def acting(dossier: Dossier) -> Answer:
    """Each act names key, role and time."""

    def lack(entry: Entry) -> str:
        return FINE if entry.body.get("role") else "names no role"

    return each(
        acts([*dossier.evidence, *dossier.of(EntryType.CONSULT)]),
        lack,
        good="Each access names key, role and time.",
        none="No access to evidence is recorded.",
    )


def moved(dossier: Dossier) -> Answer:
    """Evidence taken out is brought back, each with a ground."""
    kinds = (
        EntryType.CHECKOUT,
        EntryType.CHECKIN,
        EntryType.TRANSFER_OUT,
        EntryType.TRANSFER_IN,
    )
    return each(
        acts(dossier.of(*kinds)),
        lambda entry: FINE if entry.exhibits else "names no exhibit",
        good="Each names its exhibits, key and time.",
        none="Nothing was checked out or in.",
    )


def changed(dossier: Dossier) -> Answer:
    """What changed while it was read has an explanation."""
    explained = {
        exhibit
        for note in dossier.noted("fact", "assessment")
        for exhibit in note.exhibits
    }

    def lack(entry: Entry) -> str | None:
        outcomes = entry.facts.get("outcomes")
        told = outcomes if isinstance(outcomes, dict) else {}
        if not told.get("changed-while-read"):
            return None
        noted = explained & set(entry.exhibits)
        return FINE if noted else "changed while read, and no note says why"

    return each(
        acts(dossier.evidence),
        lack,
        good="A note says why.",
        none="No source changed while it was read.",
    )


def whole(dossier: Dossier) -> Answer:
    """Each acquisition says what was not acquired."""

    def lack(entry: Entry) -> str:
        told = isinstance(entry.facts.get("complete"), bool)
        return FINE if told else "does not say whether it is complete"

    return each(
        acts(dossier.evidence),
        lack,
        good="Each says whether it is complete, and counts what is not in it.",
        none=keeping.NO_EVIDENCE,
    )


def copied(dossier: Dossier) -> Answer:
    """Digests of the copies are recorded and were compared again."""
    found = keeping.digested(dossier)
    if found.outcome is not Outcome.MET:
        return found
    good = "Each copy has the SHA-256 recorded when it was made."
    checked = axes(dossier, Axis.INTACT, good=good)
    return Answer(checked.outcome, checked.why, found.entries, checked.axes)


ISO27037 = Catalogue(
    "iso27037",
    "ISO/IEC 27037:2012, 5 to 7 (in words of our own)",
    "The standard is a guideline. Whether the people were competent (DEFR, DES) and "
    "the method suited the source is not in any record.",
    (
        Duty("id", "custody record", "Evidence has a unique identifier.", identified),
        Duty(
            "access",
            "custody record",
            "It is told who accessed evidence, and when.",
            acting,
        ),
        Duty("where", "custody record", "It is told where.", described),
        Duty(
            "in-out",
            "custody record",
            "It is told who took evidence out and in, and when.",
            moved,
        ),
        Duty(
            "why",
            "custody record",
            "It is told why, and under which authority.",
            keeping.grounded,
        ),
        Duty(
            "changes",
            "custody record",
            "Unavoidable changes are told, with name and justification.",
            changed,
        ),
        Duty("integrity", "preservation", "Evidence is unchanged.", keeping.integrity),
        Duty(
            "audit",
            "auditability",
            "A third party can check what was done.",
            keeping.origin,
        ),
        Duty(
            "repeat",
            "repeatability",
            "Tool, version and digests of each acquisition are recorded.",
            keeping.digested,
        ),
        Duty(
            "reproduce",
            "reproducibility",
            "Other tools come to the same result.",
            outside("Others have to do it: 'custody kit' says how."),
            outside=True,
        ),
        Duty(
            "justify",
            "justifiability",
            "Looks and their reasons are recorded.",
            keeping.consulted,
        ),
        Duty(
            "relevance",
            "relevance",
            "What was taken matters to the case.",
            outside("That is a judgement no record makes."),
            outside=True,
        ),
        Duty("reliable", "reliability", "The tool works.", keeping.selftest),
        Duty(
            "sufficient",
            "sufficiency",
            "It is told what was not acquired.",
            whole,
        ),
        Duty(
            "people",
            "competence",
            "First responder and specialist are competent.",
            outside("Training is shown by other papers."),
            outside=True,
        ),
    ),
)

FRE902 = Catalogue(
    "fre902",
    "Federal Rules of Evidence (USA) 901(b)(9), 902(11), (13), (14)",
    "These rules ask for a certification by a qualified person and reasonable written "
    "notice. A record can hold the facts for it; certifying is that person's act.",
    (
        Duty(
            "901-b-9",
            "901(b)(9)",
            "Process and system are described and give an accurate result.",
            keeping.selftest,
        ),
        Duty(
            "902-11-record",
            "902(11), 803(6)",
            "The record was made at the time of the acts, by regular practice.",
            keeping.origin,
        ),
        Duty(
            "902-11-time",
            "902(11), 803(6)",
            "The time of the record is confirmed from outside.",
            keeping.stamped,
        ),
        Duty(
            "902-13",
            "902(13)",
            "Records were made by a process that gives an accurate result.",
            keeping.digested,
        ),
        Duty(
            "902-14",
            "902(14)",
            "Copies are identified by a process of digital identification.",
            copied,
        ),
        Duty(
            "902-cert",
            "902(11), (13), (14)",
            "A certification page with these facts was issued.",
            keeping.reported,
        ),
        Duty(
            "902-person",
            "902(13), (14), 28 USC 1746",
            "A qualified person certifies under penalty of perjury.",
            outside("The certifier signs on paper or with a certificate of their own."),
            outside=True,
        ),
        Duty(
            "902-notice",
            "902(11)",
            "The other side has reasonable written notice, and can inspect.",
            outside("Notice is given outside of the case."),
            outside=True,
        ),
    ),
)
