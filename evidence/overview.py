"""What a case says of itself: names, exhibits and notes, read from its entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evidence.case import Case
from evidence.errors import ExhibitUnknownError, UnsealableError
from evidence.people.register import read_register
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

TYPED = ("fact", "assessment")  # LED Art. 7(1): never mixed


@dataclass(frozen=True, slots=True)
class ExhibitView:
    """One exhibit with its sealed details ({} when they cannot be used)."""

    id: str
    entry: Entry
    sealed: Mapping[str, Json]

    @property
    def facts(self) -> Mapping[str, Json]:
        """Public facts of the acquire entry."""
        return self.entry.facts


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note: kind is "fact" or "assessment"; text None when it cannot be used.

    Attributes:
        corrects: number of the entry it corrects; None when it is no correction.
    """

    exhibit: str
    kind: str
    text: str | None
    entry: Entry
    corrects: int | None = None


@dataclass(slots=True)
class Overview:
    """The case as its entries tell it, unverified.

    Attributes:
        names: key id to name of the person, where a sealed record tells it.
        staff: key id to pseudonym, where the register of persons tells it.
        named: show names of those who act, not pseudonyms.
        problems: sealed records that could not be used, in words.
    """

    case_id: str | None = None
    title: str | None = None
    synthetic: bool = False
    profile: str = ""
    opened_at: str = ""
    founder: str = ""
    founder_name: str | None = None
    founder_role: str = ""
    founder_organisation: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    staff: dict[str, str] = field(default_factory=dict)
    named: bool = False
    exhibits: dict[str, ExhibitView] = field(default_factory=dict)
    notes: list[NoteView] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _said: dict[str, str] = field(default_factory=dict)

    def actor(self, entry: Entry) -> str:
        """Return who acted: pseudonym, or role and the beginning of the key id.

        With `named` it is the name, where a sealed record tells it.
        """
        if self.named:
            said = self.names.get(entry.actor) or f"key {entry.actor[:16]}"
        else:
            role = str(entry.body.get("role") or "")
            said = f"{self.pseudonym(entry.actor)}{f' ({role})' if role else ''}"
        # The same few, in thousands of entries: each is kept once.
        return self._said.setdefault(said, said)

    def pseudonym(self, key: str) -> str:
        """Return the pseudonym of a key's holder, or the beginning of its id."""
        return self.staff.get(key) or f"key {key[:16]}"

    def exhibit(self, wanted: str) -> ExhibitView:
        """Return one exhibit.

        Raises:
            ExhibitUnknownError: the case has none of that id.
        """
        found = self.exhibits.get(wanted.upper())
        if found is None:
            raise ExhibitUnknownError(exhibit=wanted)
        return found


def _text(record: Mapping[str, Json], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) else None


def overview(
    case: Case, entries: Iterable[Entry] | None = None
) -> tuple[Overview, list[Entry]]:
    """Return the overview and the entries; the whole log is read when not given.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    view = Overview()
    entries = list(case.entries()) if entries is None else [*entries]
    for entry in entries:
        try:
            sealed = case.sealed(entry)
        except UnsealableError as error:
            if error.what not in view.problems:  # a locked case says it once
                view.problems.append(error.what)
            sealed = {}
        _take(view, entry, sealed)
    view.staff = read_register(case, entries).staff()
    return view, entries


def names_of(case: Case, entries: Iterable[Entry]) -> tuple[dict[str, str], list[str]]:
    """Return names by key id as openings and enrolments tell them, and problems."""
    view = Overview()
    for entry in entries:
        if entry.type not in (EntryType.CASE_OPEN, EntryType.KEY_ENROL):
            continue
        try:
            _take(view, entry, case.sealed(entry))
        except UnsealableError as error:
            view.problems.append(error.what)
    return view.names, view.problems


def _take(view: Overview, entry: Entry, sealed: Mapping[str, Json]) -> None:
    if entry.type == EntryType.CASE_OPEN and not view.founder:
        _take_opening(view, entry, sealed)
    elif entry.type == EntryType.KEY_ENROL:
        _take_holder(view, sealed.get("holder"))
    elif entry.type == EntryType.ACQUIRE and entry.exhibits:
        exhibit = entry.exhibits[0]
        view.exhibits.setdefault(exhibit, ExhibitView(exhibit, entry, sealed))
    elif entry.type in (EntryType.ANNOTATE, EntryType.RECTIFY):
        _take_note(view, entry, sealed)


def _take_note(view: Overview, entry: Entry, sealed: Mapping[str, Json]) -> None:
    """Take a fact or an assessment; quality of data is an assessment, too."""
    corrects, kind = None, entry.facts.get("kind")
    if entry.type == EntryType.RECTIFY:
        told, kind = entry.facts.get("of"), entry.facts.get("typed")
        corrects = told if isinstance(told, int) else None
    elif kind == "quality" and entry.private is not None:
        kind = "assessment"
    if isinstance(kind, str) and kind in TYPED:
        about = ", ".join(entry.exhibits)
        note = NoteView(about, kind, _text(sealed, "text"), entry, corrects)
        view.notes.append(note)


def _take_opening(view: Overview, entry: Entry, sealed: Mapping[str, Json]) -> None:
    view.founder = entry.actor
    view.opened_at = entry.time
    view.profile = str(entry.facts.get("profile", ""))
    view.synthetic = entry.facts.get("synthetic") is True
    view.case_id = _text(sealed, "case_id")
    view.title = _text(sealed, "title")
    founder = sealed.get("founder")
    if isinstance(founder, dict):
        view.founder_name = _text(founder, "name")
        view.founder_role = _text(founder, "role") or ""
        view.founder_organisation = _text(founder, "organisation")
        if view.founder_name:
            view.names[entry.actor] = view.founder_name
    approvers = sealed.get("approvers")
    for holder in approvers if isinstance(approvers, list) else []:
        _take_holder(view, holder)


def _take_holder(view: Overview, holder: Json) -> None:
    """Note whose key it is; the first to tell is believed."""
    if isinstance(holder, dict):
        key, name = _text(holder, "key"), _text(holder, "name")
        if key and name:
            view.names.setdefault(key, name)
