"""What a custody report says, as plain data.

`evidence.report.compose` fills this from a verified case; `evidence.report.pdf`
renders it. Every string is unescaped text and may be hostile: the renderer makes it
visible (`evidence.visible`) and never interprets markup in it. Nothing here is
computed by the renderer: same model, same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evidence.report.attachments import Attachments
from evidence.report.extras import NONE, Extras


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose key appears in the case.

    Attributes:
        name: as recorded; None when sealed, erased or withheld.
        key: key id, 64 hex digits (SHA-256 of the public key's SPKI DER).
    """

    name: str | None
    role: str
    organisation: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Authority:
    """One legal ground, e.g. ``AU-0001``.

    Attributes:
        reference, issued_by: "" unless the report shows sources.
        covers: data categories and times it covers, in words.
        state: whether it was in force when the report was made, in words.
        conditions: how many conditions on use it has.
        grounded: entries and exhibits that name it.
    """

    id: str
    kind: str
    reference: str
    issued_by: str
    issued_at: str
    covers: str = ""
    state: str = ""
    conditions: int = 0
    grounded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deviation:
    """An act its legal ground did not cover.

    Attributes:
        ground: number of the ground it names; "" for none.
        how: "overridden", "in doubt" or "no ground".
        codes: what was not covered.
    """

    entry: int
    exhibits: tuple[str, ...]
    ground: str
    how: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One acquired thing.

    Attributes:
        description: examiner's words, or "" when none were given.
        acquired_at: UTC, RFC 3339.
        source: where it came from; None unless the report shows sources.
        sha256: of the payload, 64 hex digits.
        inventory_root: RFC 6962 root of the inventory, 64 hex digits.
        summary: label and value pairs of the acquisition ("Messages", "12").
        entry: sequence number of the acquire entry.
        labels: label and value pairs of what is in force on it ("Handling", "H1").
        erased: when, by whom and why it was erased; "" while it is there.
    """

    id: str
    kind: str
    description: str
    acquired_at: str
    examiner: str
    authority: str | None
    source: str | None
    payload_name: str
    payload_bytes: int
    sha256: str
    inventory_records: int
    inventory_root: str
    summary: tuple[tuple[str, str], ...]
    complete: bool
    entry: int
    labels: tuple[tuple[str, str], ...] = ()
    erased: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the custody table.

    Attributes:
        gap: what is missing before this event, or "" (shown highlighted).
    """

    entry: int
    time: str
    type: str
    actor: str
    authority: str | None
    exhibits: tuple[str, ...]
    text: str
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A note: a fact or an assessment (LED Art. 7 keeps them apart).

    Attributes:
        remark: what it corrects, or what corrects it; "" for neither.
    """

    entry: int
    time: str
    author: str
    exhibit: str
    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label ever given: what on which axis, and whether it is in force."""

    subject: str
    axis: str
    value: str
    entry: int
    time: str
    author: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class CaseworkLine:
    """A decision or interference item.

    Attributes:
        answers: second signatures in words; "" for none, or for interference.
        texts: label and sealed text pairs; empty unless the report shows them.
    """

    number: str
    kind: str
    entry: int
    time: str
    author: str
    answers: str
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A place of the corroboration matrix: links for and against."""

    item: str
    passage: str
    element: str
    supports: int
    contradicts: int
    tags: str


@dataclass(frozen=True, slots=True)
class Casework:
    """Decisions, interference and corroboration, as far as the report shows them.

    Attributes:
        decisions, interference: None when only their numbers are printed.
        counts: (words, number) of each kind; never a name or a text.
        matrix: None unless the report shows it.
        unread: links that could not be read, and items with a number out of turn.
    """

    counts: tuple[tuple[str, int], ...] = ()
    decisions: tuple[CaseworkLine, ...] | None = None
    interference: tuple[CaseworkLine, ...] | None = None
    matrix: tuple[MatrixLine, ...] | None = None
    matrix_notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AxisResult:
    """One axis of the verdict: status is pass, fail or not checked."""

    axis: str
    question: str
    status: str
    explanation: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding of the verification."""

    axis: str
    code: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class NotAcquired:
    """Something that was attempted and is not, or not wholly, in the exhibit.

    Attributes:
        item: sealed path or name; None by default, so that only counts are shown.
    """

    exhibit: str
    outcome: str
    count: int
    explanation: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One consent or reflection period, by aliases and closed words only.

    Attributes:
        number: ``CO-0001`` or ``DP-0001``; status: at the time of rendering.
        allows: levels and purposes; covers: exhibits; recipients: aliases or the
            beginning of key ids.
        times: given, reviewed, ended and withdrawn, in words.
    """

    number: str
    entry: int
    subject: str
    status: str
    allows: str
    covers: str
    recipients: str
    times: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over, given or received, with what either side said of it.

    Attributes:
        number: ``TR-0001`` given, ``TI-0001`` received.
        party: alias or the beginning of a key id; state: at the time of rendering.
        ours, theirs: what this log and what the other side's signed entry say.
        gap: where nobody confirmed custody, "" when nowhere.
    """

    number: str
    entry: int
    party: str
    exhibits: str
    state: str
    ours: str
    theirs: str
    gap: str


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One consultation of sealed content, by closed words and pseudonyms.

    Attributes:
        who: pseudonym, or role and the beginning of the key id.
        what: kind of content; doubts: what the legal ground did not cover, in words.
    """

    entry: int
    time: str
    who: str
    what: str
    exhibits: tuple[str, ...]
    purpose: str
    ground: str
    doubts: str = ""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One row of a comparison with a law or standard.

    Attributes:
        outcome: met, missing, not applicable or not shown.
        proof: entries and axes it rests on.
    """

    article: str
    duty: str
    outcome: str
    why: str
    proof: str


@dataclass(frozen=True, slots=True)
class CheckTable:
    """A comparison with a law or standard; statement says what it is not."""

    name: str
    source: str
    note: str
    statement: str
    counts: str
    lines: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report.

    Attributes:
        report_id: ``R-`` and 16 hex digits derived from the case state and options.
        rendered_at: UTC time of rendering and of the verification, RFC 3339.
        origin: log origin of the manifest.
        size: entries covered.
        root: RFC 6962 root over these entries, 64 hex digits.
        checkpoint: the signed note's text, exact.
        case_id: reference of the proceedings, or None when sealed.
        level: what level of signature and time was reached, in words.
        not_established: what the verdict does not prove, one sentence each.
        withheld: what this variant leaves out, one sentence each.
        hand_check: commands a reader can run, (explanation, command) pairs.
        synthetic: demo or training case, marked on every page.
        classification: handling line of every page, or "" when none was chosen.
        issuer: who issues this report; None when not stated.
        supersedes: id of the earlier report this one replaces, if any.
        conditions: restrictions on use, one a sentence; deviations: acts not covered.
        selftest: what the newest recorded self-test of the tool found; "" without.
        labels: every label ever given, oldest first; casework: decisions and more.
        corrections: who was told, one sentence each; consents: allowed and taken back.
        retention: times of keeping, holds, erasures: what, about, state.
        handovers: given, received, and what became of it; access: to sealed content.
        checks: comparisons that were asked for.
        extras: variant, long lists, losses, pictures; attachments: in the file.
        language: ISO 639-1 code of the rendering; the model is English.
    """

    report_id: str
    rendered_at: str
    tool: str
    origin: str
    size: int
    root: str
    checkpoint: str
    case_id: str | None
    title: str | None
    opened_at: str
    profile: str
    founder: Person
    people: tuple[Person, ...]
    authorities: tuple[Authority, ...]
    exhibits: tuple[Exhibit, ...]
    events: tuple[Event, ...]
    facts: tuple[Statement, ...]
    assessments: tuple[Statement, ...]
    axes: tuple[AxisResult, ...]
    findings: tuple[FindingLine, ...]
    not_acquired: tuple[NotAcquired, ...]
    level: str
    not_established: tuple[str, ...]
    withheld: tuple[str, ...]
    hand_check: tuple[tuple[str, str], ...]
    synthetic: bool = False
    classification: str = ""
    issuer: Person | None = None
    supersedes: str | None = None
    conditions: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    selftest: str = ""
    labels: tuple[LabelLine, ...] = ()
    casework: Casework = Casework()
    corrections: tuple[str, ...] = ()
    consents: tuple[ConsentLine, ...] = ()
    retention: tuple[tuple[str, str, str], ...] = ()
    handovers: tuple[HandOver, ...] = ()
    access: tuple[AccessLine, ...] = ()
    checks: tuple[CheckTable, ...] = ()
    extras: Extras = NONE
    attachments: Attachments = field(default_factory=Attachments)
    language: str = "en"
