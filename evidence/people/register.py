"""The register of persons, worked out from a case's entries; and its changes.

Nothing is stored but entries: ``annotate`` with the fact ``kind`` ``person``. Each act
(``add``, ``alter``, ``merge``) is a later entry; none is overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from evidence.case import Case, CaseWriter
from evidence.errors import UnsealableError
from evidence.people.person import LISTS, Person, checked, texts
from evidence.people_errors import PersonRefusedError, PersonUnknownError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

KIND = "person"
_ID = re.compile(r"PE-(\d{4,})")


def person_id(number: int) -> str:
    """Return the pseudonym of a number from 1."""
    return f"PE-{number:04d}"


@dataclass(slots=True)
class Register:
    """The persons of a case by pseudonym, in the order of their numbers.

    Attributes:
        problems: what could not be used, in sentences without personal data.
    """

    people: dict[str, Person] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def person(self, wanted: str) -> Person:
        """Return one person.

        Raises:
            PersonUnknownError: there is none of that pseudonym.
        """
        found = self.people.get(wanted.upper())
        if found is None:
            # What was typed may be a name: it is repeated only if it cannot be.
            shown = wanted.upper() if _ID.fullmatch(wanted.upper()) else "of that form"
            raise PersonUnknownError(person=shown)
        return found

    def staff(self) -> dict[str, str]:
        """Return pseudonyms of staff by the id of their signing key."""
        return {
            key: person.id
            for person in self.people.values()
            if not person.merged_into
            for key in person.values("keys")
        }


def read_register(case: Case, entries: Iterable[Entry] | None = None) -> Register:
    """Read the register out of a case's entries (read again when not given).

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    register = Register()
    for entry in case.entries() if entries is None else entries:
        if entry.type != EntryType.ANNOTATE or entry.facts.get("kind") != KIND:
            continue
        try:
            sealed = case.sealed(entry)
        except UnsealableError as error:
            register.problems.append(error.what)
            sealed = {}
        _take(register, entry, sealed)
    return register


def _take(register: Register, entry: Entry, sealed: Mapping[str, Json]) -> None:
    name, act = entry.facts.get("person"), entry.facts.get("act")
    known = register.people.get(str(name))
    if act == "add" and name == person_id(len(register.people) + 1):
        fields = _usable(register, entry, sealed.get("person"))
        found = Person(str(name), fields, entries=(entry.seq,))
    elif act == "alter" and known is not None:
        found = _altered(known, entry, _usable(register, entry, sealed.get("change")))
    elif act == "merge" and known is not None:
        into = str(entry.facts.get("into"))
        if into == known.id or into not in register.people:
            register.problems.append(f"Entry {entry.seq} merges into nobody.")
            return
        numbers = (*known.entries, entry.seq)
        found = replace(known, merged_into=into, entries=numbers)
    else:
        register.problems.append(f"Entry {entry.seq} is no act on the register.")
        return
    register.people[found.id] = found


def _usable(register: Register, entry: Entry, value: Json) -> dict[str, Json]:
    """Return the fields a sealed record gives, as far as they have their form."""
    try:
        return checked(value if isinstance(value, dict) else {})
    except PersonRefusedError as error:
        register.problems.append(f"Entry {entry.seq}: {error.what}")
        return {}


def _altered(known: Person, entry: Entry, change: Mapping[str, Json]) -> Person:
    former = dict(known.former)
    for name in change:
        if name in LISTS:
            gone = [v for v in known.values(name) if v not in texts(change[name])]
            kept = (*former.get(name, ()), *gone)
            former[name] = tuple(dict.fromkeys(kept))
        elif name == "birth_date" and known.fields.get(name):
            former[name] = (*former.get(name, ()), str(known.fields[name]))
    fields = {**known.fields, **change}
    return replace(
        known, fields=fields, former=former, entries=(*known.entries, entry.seq)
    )


def add_person(writer: CaseWriter, fields: Mapping[str, Json]) -> str:
    """Add a person and return the pseudonym.

    Raises:
        PersonRefusedError: the fields are not of their form, or lack a category.
        StorageFailedError: not recorded.
    """
    described = checked(fields)
    if "category" not in described:
        raise PersonRefusedError(reason="the category is not given")
    register = read_register(writer.case)
    name = person_id(len(register.people) + 1)
    writer.record(
        EntryType.ANNOTATE,
        facts={"act": "add", "kind": KIND, "person": name},
        private={"person": described},
    )
    return name


def alter_person(
    writer: CaseWriter, wanted: str, change: Mapping[str, Json], *, reason: str
) -> Entry:
    """Record new values of some fields; the former ones stay in their entries.

    Raises:
        PersonUnknownError, PersonRefusedError: nothing was recorded.
    """
    person = read_register(writer.case).person(wanted)
    described = checked(change)
    if not described or not reason.strip():
        raise PersonRefusedError(reason="a change needs fields and a reason")
    return writer.record(
        EntryType.ANNOTATE,
        facts={"act": "alter", "kind": KIND, "person": person.id},
        private={"change": described, "reason": reason},
    )


def merge_people(writer: CaseWriter, wanted: str, into: str, *, reason: str) -> Entry:
    """Record that two pseudonyms stand for one person; both stay readable.

    Raises:
        PersonUnknownError, PersonRefusedError: nothing was recorded.
    """
    register = read_register(writer.case)
    one, other = register.person(wanted), register.person(into)
    if one.merged_into or other.merged_into or one.id == other.id:
        reason_why = "one of the two is merged already, or they are the same"
        raise PersonRefusedError(reason=reason_why)
    return writer.record(
        EntryType.ANNOTATE,
        facts={"act": "merge", "into": other.id, "kind": KIND, "person": one.id},
        private={"reason": reason},
    )
