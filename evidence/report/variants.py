"""The variants of a report: what each shows, what it withholds, and how it is guarded.

Data only, and `redacted`, which empties the parts a variant withholds: what is not in
the model can neither be printed nor travel inside the PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from evidence.report.extras import Extras, Losses, Persons, VariantLine
from evidence.report.i18n import N_
from evidence.report.model import (
    Casework,
    Event,
    Exhibit,
    Person,
    Report,
)

if TYPE_CHECKING:
    from manifests.entries import Entry

# Parts that can be withheld, and how the report says so.
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "title": N_("The title of the case."),
        "facts": N_("Facts noted."),
        "assessments": N_("Assessments noted."),
        "labels": N_("Labels of exhibits and corrections."),
        "casework": N_("Decisions, presumed interference and corroboration."),
        "persons": N_("Which persons are registered, and in which category."),
        "losses": N_("Presumed harm and proceeds: words and amounts."),
        "access": N_("Who looked at sealed content."),
        "consents": N_("Consents of persons."),
        "retention": N_("Times of keeping, holds and restrictions."),
        "handovers": N_("Hand-overs: with whom, and what they said."),
        "conditions": N_("Conditions on use."),
        "findings": N_("Names and places in findings of the verification."),
        "summaries": N_("Details of the acquisition beyond the data category."),
        "people": N_("Organisations of those who acted."),
        "entries": N_(
            "What entries on persons, consents, labels, decisions, interference, "
            "statements, harm and access say; that they were made is shown."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant.

    Attributes:
        title, says: for the cover.
        texts .. persons: as in `evidence.report.options.Options`.
        hidden: names in `PARTS`.
        strict: what only may be an identifier keeps it from being written, too.
        log: the public log may travel inside the PDF.
        chosen: it is about exhibits that must be named (``--only``).
    """

    name: str
    title: str
    says: str
    texts: bool = False
    sources: bool = False
    decisions: bool = False
    matrix: bool = False
    named_staff: bool = False
    losses: bool = False
    persons: bool = False
    hidden: tuple[str, ...] = ()
    strict: bool = False
    log: bool = True
    chosen: bool = False

    @property
    def line(self) -> VariantLine:
        """What the model holds of it."""
        return VariantLine(self.name, self.title, self.says, self.hidden, self.log)


STANDARD = Variant("", "", "")
_PROTECTED = (
    "persons",
    "labels",
    "casework",
    "access",
    "consents",
    "retention",
    "entries",
)
_ALL = (
    Variant(
        "full",
        N_("Full report"),
        N_(
            "For the authority that leads the case. It names staff, sources and sealed "
            "words; persons in the case are named by pseudonym."
        ),
        texts=True,
        sources=True,
        decisions=True,
        matrix=True,
        named_staff=True,
        losses=True,
        persons=True,
    ),
    Variant(
        "closed-session",
        N_("Report for a closed session"),
        N_(
            "For a court sitting without the public. It holds sealed words and the "
            "names of staff, and no source."
        ),
        texts=True,
        decisions=True,
        matrix=True,
        named_staff=True,
        losses=True,
        persons=True,
    ),
    Variant(
        "public",
        N_("Public report"),
        N_(
            "For anybody. Beside the reference of the case and pseudonyms it "
            "identifies nobody."
        ),
        hidden=tuple(PARTS),
        strict=True,
        log=False,
    ),
    Variant(
        "defence",
        N_("Report for the defence"),
        N_(
            "What was acquired and used, how, and whether it verifies (Directive "
            "2012/13/EU, Article 7). Data of protected persons are withheld; whether a "
            "refusal of access is justified is for the court (Article 7(4))."
        ),
        texts=True,
        hidden=(*_PROTECTED, "losses"),
        strict=True,
    ),
    Variant(
        "victim",
        N_("Receipt"),
        N_("For the person who handed something in."),
        hidden=tuple(PARTS),
        strict=True,
        log=False,
        chosen=True,
    ),
    Variant(
        "compensation",
        N_("Report on harm and proceeds"),
        N_(
            "For a claim of compensation or a confiscation: presumed harm and "
            "proceeds, and the exhibits they rest on. No item is a finding."
        ),
        losses=True,
        hidden=(*_PROTECTED, "facts", "assessments", "handovers"),
        log=False,
    ),
)
VARIANTS: Mapping[str, Variant] = MappingProxyType({one.name: one for one in _ALL})
# Parts that take the words of entries along: their types, and their kinds.
_ENTRIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "entries": frozenset(
            (
                "consent_add", "consent_withdraw", "consult", "restrict",
                "person", "label", "quality", "decision", "decision_endorsed",
                "interference", "statement", "passage", "link", "link_withdrawn",
                "harm", "proceeds", "let_through", "breach", "deposit", "deposit_lift",
                "no_contact",
            )
        ),
        "retention": frozenset(("review_retention", "restrict", "lift_restriction")),
        "handovers": frozenset(
            (
                "transfer_out", "transfer_in", "disclose", "transmit", "identify",
                "correction_notice", "transfer_packed", "transfer_answered",
                "transfer_told", "open_package_removed",
            )
        ),
    }
)  # fmt: skip
_WITHHELD_ENTRY = "An entry of a kind this variant withholds."


def variant_of(name: str) -> Variant:
    """Return a variant; `STANDARD` for ""."""
    return VARIANTS[name] if name else STANDARD


def withheld_entries(entries: Iterable[Entry], variant: Variant) -> frozenset[int]:
    """Return the numbers of entries of which a variant shows the type alone."""
    words = frozenset[str]().union(*(_ENTRIES.get(p, ()) for p in variant.hidden))
    return frozenset(
        entry.seq
        for entry in entries
        if str(entry.type) in words or str(entry.facts.get("kind")) in words
    )


def redacted(
    report: Report,
    variant: Variant,
    *,
    withheld: frozenset[int],
    only: tuple[str, ...],
) -> Report:
    """Return the report without what `variant` withholds.

    Args:
        withheld: as `withheld_entries` returns it.
        only: exhibits a receipt is about.
    """
    report = replace(report, extras=replace(report.extras, variant=variant.line))
    report = replace(report, events=_events(report.events, withheld))
    for part in variant.hidden:
        report = _WITHOUT[part](report)
    return _receipt(report, only) if variant.chosen else report


def _bare(report: Report) -> Report:
    exhibits = tuple(replace(one, labels=()) for one in report.exhibits)
    return replace(report, labels=(), corrections=(), exhibits=exhibits)


def _without_handovers(report: Report) -> Report:
    return replace(report, handovers=(), extras=replace(report.extras, timeline=()))


def _without_persons(report: Report) -> Report:
    return replace(report, extras=replace(report.extras, persons=Persons()))


def _without_losses(report: Report) -> Report:
    return replace(report, extras=replace(report.extras, losses=Losses()))


def _codes_only(report: Report) -> Report:
    codes = tuple(replace(f, subject="", text="") for f in report.findings)
    return replace(report, findings=codes)


def _plain_exhibits(report: Report) -> Report:
    lost = tuple(replace(line, item=None) for line in report.not_acquired)
    plain = tuple(_plain(one) for one in report.exhibits)
    return replace(report, exhibits=plain, not_acquired=lost)


def _without_organisations(report: Report) -> Report:
    people = tuple(replace(one, organisation=None) for one in report.people)
    founder = replace(report.founder, organisation=None)
    return replace(report, people=people, founder=founder)


_WITHOUT: Mapping[str, Callable[[Report], Report]] = MappingProxyType(
    {
        "title": lambda report: replace(report, title=None),
        "facts": lambda report: replace(report, facts=()),
        "assessments": lambda report: replace(report, assessments=()),
        "labels": _bare,
        "casework": lambda report: replace(report, casework=Casework()),
        "persons": _without_persons,
        "losses": _without_losses,
        "access": lambda report: replace(report, access=()),
        "consents": lambda report: replace(report, consents=()),
        "retention": lambda report: replace(report, retention=()),
        "handovers": _without_handovers,
        "conditions": lambda report: replace(report, conditions=()),
        "findings": _codes_only,
        "summaries": _plain_exhibits,
        "people": _without_organisations,
        "entries": lambda report: report,  # see `withheld_entries`
    }
)


def _plain(one: Exhibit) -> Exhibit:
    return replace(one, description="", source=None, summary=one.summary[:1])


def _events(events: tuple[Event, ...], withheld: frozenset[int]) -> tuple[Event, ...]:
    return tuple(
        replace(event, text=_WITHHELD_ENTRY, exhibits=())
        if event.entry in withheld
        else event
        for event in events
    )


def _receipt(report: Report, only: tuple[str, ...]) -> Report:
    """Keep of a report only what a victim's receipt needs: nothing tells of a case."""
    wanted = tuple(
        replace(
            one,
            kind="",
            authority=None,
            examiner="",
            payload_name="",
            summary=(),
            inventory_root="",
        )
        for one in report.exhibits
        if one.id in only
    )
    nobody = Person(None, "", None, "")
    shown = ("complete", "intact", "consistent", "signed")
    return Report(
        report_id=report.report_id,
        rendered_at=report.rendered_at,
        tool=report.tool,
        origin="",
        size=report.size,
        root=report.root,
        checkpoint="",
        case_id=None,
        title=None,
        opened_at="",
        profile="",
        founder=nobody,
        people=(),
        authorities=(),
        exhibits=wanted,
        events=(),
        facts=(),
        assessments=(),
        axes=tuple(
            replace(axis, explanation="") for axis in report.axes if axis.axis in shown
        ),
        findings=(),
        not_acquired=(),
        level="",
        not_established=(),
        withheld=(),
        hand_check=(),
        synthetic=report.synthetic,
        language=report.language,
        extras=Extras(variant=report.extras.variant, contact=report.extras.contact),
    )
