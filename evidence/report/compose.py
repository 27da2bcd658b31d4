"""From a verified case to what the report says (`model.Report`).

The default report holds no message content, no position, no source path, no host or
user name: administrative details, public facts, digests and the verdict only. What it
leaves out is said in the report itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evidence.case import Case, unreadable
from evidence.checking import Checked, check_case
from evidence.held import HeldLog
from evidence.narration import (
    kind_text,
    label,
    summary_pairs,
    value_text,
)
from evidence.overview import TYPED, ExhibitView, Overview, overview
from evidence.report import annotated, legal
from evidence.report.accessing import access_lines
from evidence.report.blurring import thumbnails
from evidence.report.by_hand import hand_check
from evidence.report.comparing import check_tables
from evidence.report.consenting import consent_lines
from evidence.report.events import events_of
from evidence.report.extras import Extras
from evidence.report.handing import handover_lines
from evidence.report.losing import losses
from evidence.report.model import (
    AxisResult,
    Exhibit,
    FindingLine,
    NotAcquired,
    Person,
    Report,
)
from evidence.report.numbering import report_number
from evidence.report.options import Options, withheld
from evidence.report.persons import persons
from evidence.report.reaching import given_time, level
from evidence.report.tracing import timeline
from evidence.report.unnamed import unnamed
from evidence.report.variants import redacted, variant_of, withheld_entries
from evidence.report.words import NOT_SHOWN
from evidence.retention.register import read_register
from evidence.retention.telling import retention_lines
from evidence.retention_errors import ExhibitErasedError
from evidence.tool import DISTRIBUTION, version
from evidence.vault.keyring import can_decrypt
from manifests import ledger
from manifests.canonical import Json
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import QUESTIONS

OUTCOME_WORDS = {
    "unreadable": "could not be read",
    "changed-while-read": "changed while it was read (kept as read)",
    "skipped": "skipped, with a reason in the inventory",
    "missing": "named but not there",
    "refused": "refused as unsafe or malformed (the bytes are kept in the payload)",
}
PARSE_LIMITS = {
    "partial": "The content was parsed in part only; the payload is complete.",
    "failed": "The parser failed; the payload is complete.",
    "not-recognised": "The content has no layout this version reads; kept as it is.",
}


def compose(
    case: Case, options: Options, *, anchors: Anchors, held: HeldLog | None = None
) -> Report:
    """Verify `case` and return its report.

    Args:
        held: keeps the entries the report is about.

    Raises:
        CaseUnreadableError, MalformedError, NewerFormatError: it cannot be read.
        ExhibitUnknownError: it is to be about an exhibit the case has not.
    """
    held = HeldLog() if held is None else held
    if variant_of(options.variant).hidden:
        anchors = unnamed(anchors)
    checked = check_case(case, anchors=anchors, decrypt=can_decrypt(case), held=held)
    view, entries = overview(case, held.of(case, checked.log))
    view.named = options.named_staff
    checkpoint = _checkpoint(case, checked)
    verdict = checked.verdict
    labels = annotated.labels_of(entries)
    typed = {
        kind: annotated.typed_texts(case, view, entries, kind)
        if options.decisions
        else []
        for kind in TYPED
    }
    erased = checked.log.erased.exhibits
    exhibits = tuple(
        replace(
            _exhibit(view, e, options),
            labels=labels.get(e.id, ()),
            erased=erased[e.id].text() if e.id in erased else "",
        )
        for e in view.exhibits.values()
    )
    for wanted in (*options.only, *options.thumbnails):
        view.exhibit(wanted)
    report = Report(
        report_id=_report_id(checked, options),
        rendered_at=options.rendered_at,
        tool=f"{DISTRIBUTION} {version()}",
        origin=verdict.origin,
        size=verdict.size,
        root=verdict.root,
        checkpoint=checkpoint,
        case_id=view.case_id,
        title=view.title,
        opened_at=view.opened_at,
        profile=view.profile,
        founder=_founder(view, options),
        people=_people(view, checked, options),
        authorities=legal.grounds(case, entries, options),
        exhibits=exhibits,
        events=events_of(view, entries),
        facts=annotated.statements(view, "fact", typed["fact"], shown=options.texts),
        assessments=annotated.statements(
            view, "assessment", typed["assessment"], shown=options.texts
        ),
        axes=tuple(
            AxisResult(a.value, QUESTIONS[a], r.status.value, r.explanation)
            for a, r in verdict.axes.items()
        ),
        findings=tuple(
            FindingLine(f.axis.value, f.code.value, f.subject, f.text)
            for f in verdict.findings
        ),
        not_acquired=_not_acquired(case, view, options),
        level=level(checked, options),
        not_established=(*verdict.not_established, *given_time(options, entries)),
        withheld=withheld(options),
        hand_check=hand_check(exhibits, checked),
        synthetic=view.synthetic,
        classification=options.classification,
        issuer=options.issuer,
        conditions=(
            *legal.conditions(case, entries, options),
            *annotated.conditions(entries),
        ),
        deviations=legal.deviations(entries),
        selftest=annotated.selftest(entries),
        labels=annotated.label_lines(view, entries),
        casework=annotated.casework(
            case,
            view,
            entries,
            decisions=options.decisions,
            with_matrix=options.matrix,
        ),
        corrections=annotated.corrections(case, entries),
        consents=consent_lines(case, options.rendered_at, entries),
        retention=tuple(
            retention_lines(
                read_register(entries, case.settings.origin), options.rendered_at
            )
        ),
        handovers=handover_lines(entries, options.rendered_at),
        access=access_lines(view, entries),
        checks=check_tables(case, checked, options.checks, options.rendered_at),
        extras=Extras(
            timeline=timeline(view, entries),
            losses=losses(case, view, entries, shown=options.losses),
            persons=persons(case, entries, shown=options.persons),
            contact=options.contact,
            thumbnails=thumbnails(case, options.thumbnails),
            template=options.template,
        ),
        language=options.language,
    )
    variant = variant_of(options.variant)
    return redacted(
        report,
        variant,
        withheld=withheld_entries(entries, variant),
        only=options.only,
    )


def _report_id(checked: Checked, options: Options) -> str:
    verdict = checked.verdict
    return report_number(
        options,
        origin=verdict.origin,
        size=verdict.size,
        root=verdict.root,
        tool=version(),
        axes={a.value: r.status.value for a, r in verdict.axes.items()},
        findings=[(f.code.value, f.subject) for f in verdict.findings],
    )


def _checkpoint(case: Case, checked: Checked) -> str:
    path = ledger.checkpoint_path(case.manifest, checked.log.newest_checkpoint)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise unreadable("The newest checkpoint", error) from error


def _founder(view: Overview, options: Options) -> Person:
    if not options.named_staff:
        name = view.pseudonym(view.founder)
        return Person(name, view.founder_role, None, view.founder)
    return Person(
        view.founder_name, view.founder_role, view.founder_organisation, view.founder
    )


def _people(view: Overview, checked: Checked, options: Options) -> tuple[Person, ...]:
    known = _founder(view, options)
    others = [k for k in checked.log.signers if k != known.key]
    names = view.names.get if options.named_staff else view.pseudonym
    return (known, *(Person(names(k), "", None, k) for k in others))


def _text(record: Mapping[str, Json], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


def _object(facts: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _count(record: Mapping[str, Json], name: str) -> int:
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _exhibit(view: Overview, exhibit: ExhibitView, options: Options) -> Exhibit:
    facts = exhibit.facts
    payload, inventory = _object(facts, "payload"), _object(facts, "inventory")
    sources = exhibit.sealed.get("sources")
    shown = value_text(sources) if options.sources and sources else None
    authority = exhibit.entry.body.get("authority")
    pairs = [("Data category", label(_text(facts, "category")))]
    pairs += [("Reading began", _text(facts, "started"))]
    return Exhibit(
        id=exhibit.id,
        kind=kind_text(facts),
        description=_description(exhibit, options),
        acquired_at=exhibit.entry.time,
        examiner=view.actor(exhibit.entry),
        authority=authority if isinstance(authority, str) else None,
        source=shown,
        payload_name=f"exhibits/{exhibit.id}/{_text(payload, 'name')}",
        payload_bytes=_count(payload, "bytes"),
        sha256=_text(payload, "sha256"),
        inventory_records=_count(inventory, "records"),
        inventory_root=_text(inventory, "root"),
        summary=tuple(pairs + summary_pairs(facts)),
        complete=facts.get("complete") is True,
        entry=exhibit.entry.seq,
    )


def _description(exhibit: ExhibitView, options: Options) -> str:
    words = _text(exhibit.sealed, "description")
    return words if options.texts or not words else NOT_SHOWN


def _not_acquired(
    case: Case, view: Overview, options: Options
) -> tuple[NotAcquired, ...]:
    lines: list[NotAcquired] = []
    for exhibit in view.exhibits.values():
        outcomes = _object(exhibit.facts, "outcomes")
        for outcome, words in OUTCOME_WORDS.items():
            count = _count(outcomes, outcome)
            if count:
                lines.append(NotAcquired(exhibit.id, outcome, count, label(words)))
        parse = _object(exhibit.facts, "parse")
        limit = PARSE_LIMITS.get(_text(parse, "outcome"))
        if limit:
            lines.append(NotAcquired(exhibit.id, _text(parse, "outcome"), 1, limit))
        if options.sources:
            lines += _named(case, exhibit)
    return tuple(lines)


def _named(case: Case, exhibit: ExhibitView) -> list[NotAcquired]:
    """Name the items that were left out (only when sources are shown)."""
    from evidence.inventory import read_records

    found: list[NotAcquired] = []
    try:
        for record in read_records(case.open_inventory(exhibit.id)):
            outcome = _text(record, "outcome")
            if outcome in OUTCOME_WORDS:
                name = _text(record, "path") or _text(record, "name") or "an item"
                reason = _text(record, "reason") or OUTCOME_WORDS[outcome]
                found.append(NotAcquired(exhibit.id, outcome, 1, label(reason), name))
    except ExhibitErasedError:
        return []  # what was named there is erased
    except OSError as error:
        raise unreadable(f"The inventory of {exhibit.id}", error) from error
    return found


def report_name(report_id: str) -> str:
    """Return the file name of an issued report."""
    return f"{report_id}.pdf"
