"""What a report may say that does not follow from the log it carries: one table.

Everything else in ``report.json`` must come out again when the report is composed from
that log (`evidence.report.matching`). docs/spec/report-v1.md prints the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence.report.options import Options

SEALED = "sealed"  # in records a report does not carry
OUTSIDE = "outside"  # in payloads, and in keys trusted on the issuer's machine
OWN = "own word"  # of the issuer


@dataclass(frozen=True, slots=True)
class Stated:
    """Members of one kind that a report states.

    Attributes:
        members: names as in `evidence.report.model`.
        words: what they are, for the verdict; reason: why nothing proves them.
        shown: whether a report made with these options may hold it at all.
        bound: what holds of it all the same, in words.
    """

    members: tuple[str, ...]
    words: str
    reason: str
    shown: Callable[[Options], bool] = lambda _: True
    bound: str = ""


def _texts(options: Options) -> bool:
    return options.texts


def _sources(options: Options) -> bool:
    return options.sources


def _decisions(options: Options) -> bool:
    return options.decisions


def _words(options: Options) -> bool:
    return options.texts or options.decisions


def _losses(options: Options) -> bool:
    return options.losses


TABLE = (
    Stated(
        ("Report.case_id", "Report.title"),
        "the reference of the proceedings and the title of the case",
        SEALED,
    ),
    Stated(
        ("Person.name", "Person.organisation", "Person.role"),
        "names, organisations and roles of persons",
        SEALED,
        bound="each key has one name in the whole report, that of its description "
        "where one is attached",
    ),
    Stated(("Exhibit.description",), "descriptions of exhibits", SEALED, _texts),
    Stated(
        ("Statement.text",), "words of facts and assessments", SEALED, _words,
        "number, time, author and exhibit follow from the log",
    ),
    Stated(
        ("Exhibit.source", "NotAcquired.item", "NotAcquired.explanation"),
        "sources of exhibits, and what was not acquired, by name", SEALED, _sources,
        "no more items than the log counts of each outcome",
    ),
    Stated(
        ("Authority.reference", "Authority.issued_by", "Report.conditions"),
        "references, issuers and conditions of authorities", SEALED, _sources,
        "as many conditions as the log counts",
    ),
    Stated(
        ("CaseworkLine.texts", "Report.facts", "Report.assessments"),
        "words of decisions", SEALED, _decisions,
        "facts and assessments that are notes follow from the log",
    ),
    Stated(
        ("Casework.matrix", "Casework.matrix_notes", "Casework.unread"),
        "the matrix", SEALED, lambda options: options.matrix,
    ),
    Stated(
        ("LossLine.amount", "LossLine.currency", "LossLine.texts", "Losses.unread"),
        "amounts and words of harm and proceeds", SEALED, _losses,
        "number, time, author and exhibits follow from the log, totals from amounts",
    ),
    Stated(
        ("Persons.lines",), "categories of persons", SEALED,
        lambda options: options.persons, "the pseudonyms follow from the log",
    ),
    Stated(
        ("Thumbnail.columns", "Thumbnail.rows", "Thumbnail.cells", "Thumbnail.problem"),
        "blurred pictures", OUTSIDE, lambda options: bool(options.thumbnails),
    ),
    Stated(
        ("AxisResult.status", "AxisResult.explanation"),
        "the verdict when the report was made", OUTSIDE,
        bound="this verification gives its own on the log",
    ),
    Stated(
        ("FindingLine.axis", "FindingLine.code", "FindingLine.subject",
         "FindingLine.text"),
        "findings on files", OUTSIDE,
        bound="findings on the log follow from it",
    ),
    Stated(("Report.not_established",), "what was not established", OUTSIDE),
    Stated(
        ("CheckLine.outcome", "CheckLine.why", "CheckLine.proof"),
        "outcomes of comparisons with laws", OUTSIDE,
        lambda options: bool(options.checks), "their counts follow from the rows",
    ),
    Stated(
        ("Report.tool", "Attachments.left_out"),
        "the version of the tool, and what was not attached", OWN,
    ),
    Stated(
        ("Options.rendered_at", "Options.time_given", "Options.issuer",
         "Options.classification", "Options.contact", "Options.pades",
         "Options.template"),
        "when and by whom it was issued, its classification and contact", OWN,
        bound="the report says the same as its options",
    ),
)  # fmt: skip
_BY_MEMBER: Mapping[str, Stated] = {
    member: one for one in TABLE for member in one.members
}


def stated(options: Options, member: str) -> Stated | None:
    """Return the row of a member that a report with these options may state."""
    found = _BY_MEMBER.get(member)
    return found if found is not None and found.shown(options) else None
