"""Gathers what must not leave a case: from its register, its sealed records, its
inventories, and from the machine this runs on.

Not gathered: names of files inside disk images (a system's thousands of files would
drown every finding) and the texts of messages (they are content, not identifiers).
"""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence.case import Case
from evidence.errors import UnsealableError
from evidence.inventory import read_records
from evidence.lint.folding import PLAIN
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.papers import of_offer, of_order
from evidence.lint.words import is_common
from evidence.people.person import Person, texts
from evidence.people.register import read_register
from evidence.retention_errors import ExhibitErasedError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError

MAX_IDENTIFIERS = 20_000
_FIELDS = {
    "names": Kind.NAME,
    "aliases": Kind.NAME,
    "phones": Kind.PHONE,
    "emails": Kind.EMAIL,
    "handles": Kind.HANDLE,
    "accounts": Kind.ACCOUNT,
    "addresses": Kind.ADDRESS,
    "documents": Kind.DOCUMENT,
    "serials": Kind.DEVICE,
    "imeis": Kind.DEVICE,
}
_PAIR = re.compile(r"\s*([-+]?\d{1,3}\.\d{2,})\s*[,; ]\s*([-+]?\d{1,3}\.\d{2,})\s*")
_SERIAL = re.compile(r"serial|camera.?id|imei|unique", re.IGNORECASE)
_OWNER = re.compile(r"owner|artist|author|by-?line|creator|hostcomputer", re.IGNORECASE)
_PEOPLE = ("sender", "actor", "forwarded_from", "saved_from", "chat_name")
_CODES = ("from_id", "actor_id", "chat_id", "phone_number")
_STAFF = ("interpreter", "interviewer")
_PSEUDONYM = re.compile(r"(PE-[0-9]{4,6})?", re.ASCII)
# The same in many exhibits: found once, under the first.
_SHARED = frozenset((Kind.HOST, Kind.USER, Kind.FILE_NAME, Kind.LABEL))


@dataclass(slots=True)
class Gathered:
    """Identifiers, each once, and what could not be used.

    Attributes:
        problems: sentences without personal data; not empty means incomplete.
    """

    identifiers: list[Identifier] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _seen: set[tuple[Kind, str, str]] = field(default_factory=set)
    _counts: dict[tuple[Kind, str], int] = field(default_factory=dict)
    _case_id: str = ""

    def printed(self, case_id: Json) -> None:
        """Take the reference of the case, which every report prints."""
        self._case_id = case_id.translate(PLAIN) if isinstance(case_id, str) else ""

    def add(self, kind: Kind, of: str, value: Json) -> None:
        """Add one, unless it is empty or known."""
        if not isinstance(value, str) or not value.strip():
            return
        if kind in (Kind.HOST, Kind.USER) and is_common(value.casefold()):
            return  # "root" and "localhost" are everybody's
        if kind == Kind.REFERENCE and value.translate(PLAIN) in self._case_id:
            return  # an order may bear the number of the case, which reports print
        key = (kind, "" if kind in _SHARED else of, value)
        if key in self._seen:
            return
        if len(self.identifiers) >= MAX_IDENTIFIERS:
            text = f"More than {MAX_IDENTIFIERS:,} identifiers; the rest is not sought."
            if text not in self.problems:
                self.problems.append(text)
            return
        self._seen.add(key)
        number = self._counts.get((kind, of), 0) + 1
        self._counts[(kind, of)] = number
        self.identifiers.append(Identifier(kind, of, number, value))


def names_somebody(entry: Entry) -> bool:
    """Tell whether identifiers may be gathered from an entry."""
    return entry.private is not None or entry.type in (
        EntryType.ACQUIRE,
        EntryType.ANNOTATE,
    )


def gather(case: Case, entries: Iterable[Entry] | None = None) -> Gathered:
    """Gather all identifiers of a case and of this machine.

    Args:
        entries: those that name somebody, at least; read from the log when not given.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    found = Gathered()
    told = case.entries() if entries is None else entries
    entries = [entry for entry in told if names_somebody(entry)]
    register = read_register(case, entries)
    found.problems += register.problems
    for person in register.people.values():
        _person(found, person)
    _machine(found)
    for entry in entries:
        try:
            sealed = case.sealed(entry)
        except UnsealableError as error:
            if error.what not in found.problems:
                found.problems.append(error.what)
            continue
        _entry(found, entry, sealed)
        if entry.type == EntryType.ACQUIRE and entry.exhibits:
            _exhibit(found, case, entry.exhibits[0])
    return found


def _person(found: Gathered, person: Person) -> None:
    for name, kind in _FIELDS.items():
        for value in (*person.values(name), *person.former.get(name, ())):
            found.add(kind, person.id, value)
    for place in (*person.values("places"), *person.former.get("places", ())):
        pair = _PAIR.fullmatch(place)
        if pair:
            found.add(Kind.POSITION, person.id, f"{pair[1]} {pair[2]}")
        else:
            found.add(Kind.PLACE, person.id, place)
    born = (person.fields.get("birth_date"), *person.former.get("birth_date", ()))
    for day in born:
        found.add(Kind.BIRTH_DATE, person.id, day)


def _machine(found: Gathered) -> None:
    found.add(Kind.HOST, "machine", socket.gethostname())
    try:
        found.add(Kind.USER, "machine", getpass.getuser())
    except (OSError, KeyError, ImportError):
        return


def _entry(found: Gathered, entry: Entry, sealed: Mapping[str, Json]) -> None:
    holders = [sealed.get("founder"), sealed.get("holder")]
    approvers = sealed.get("approvers")
    holders += approvers if isinstance(approvers, list) else []
    for holder in holders:
        if isinstance(holder, dict):
            found.add(Kind.NAME, "staff", holder.get("name"))
    for name in _STAFF:
        if not _PSEUDONYM.fullmatch(str(sealed.get(name))):
            found.add(Kind.NAME, "staff", sealed.get(name))
    of = entry.exhibits[0] if entry.exhibits else "case"
    found.add(Kind.HOST, of, sealed.get("host"))
    found.add(Kind.USER, of, sealed.get("user"))
    for source in (*texts(sealed.get("sources")), *texts([sealed.get("source")])):
        found.add(Kind.FILE_NAME, of, Path(source).name)
        parent = Path(source).parent
        if len(parent.parts) > 2:
            found.add(Kind.FILE_NAME, of, str(parent))
    named: Iterable[tuple[Kind, Json]] = ()
    if entry.type == EntryType.CASE_OPEN:
        found.printed(sealed.get("case_id"))
    if entry.type in (EntryType.CASE_OPEN, EntryType.AUTHORITY_ADD):
        named, of = of_order(sealed), _number(entry, "AU-0001")
    elif entry.type == EntryType.TRANSFER_OUT:
        named, of = of_offer(sealed), _number(entry, of)
    for kind, value in named:
        found.add(kind, of, value)


def _number(entry: Entry, otherwise: str) -> str:
    number = entry.facts.get("number")
    return number if isinstance(number, str) else otherwise


def _exhibit(found: Gathered, case: Case, exhibit: str) -> None:
    try:
        for record in read_records(case.open_inventory(exhibit)):
            _record(found, exhibit, record)
    except ExhibitErasedError:
        return  # nothing of it is left that could leave
    except (OSError, CustodyError):
        found.problems.append(f"The inventory of {exhibit} cannot be read.")


def _record(found: Gathered, of: str, record: Mapping[str, Json]) -> None:
    kind = record.get("kind")
    if kind in ("message", "chat"):
        _chat(found, of, record)
    elif kind == "position":
        pair = f"{record.get('latitude')} {record.get('longitude')}"
        found.add(Kind.POSITION, of, pair)
    elif kind == "tag":
        _tag(found, of, record)
    elif kind in ("filesystem", "volume", "image"):
        for name in ("label", "identifier", "serial"):
            found.add(Kind.LABEL, of, record.get(name))
    elif kind == "member":
        found.add(Kind.FILE_NAME, of, record.get("name"))
    elif kind == "file" and "partition" not in record:
        path = record.get("path")
        if isinstance(path, str):
            found.add(Kind.FILE_NAME, of, Path(path).name)


def _chat(found: Gathered, of: str, record: Mapping[str, Json]) -> None:
    for value in _people(record):
        found.add(Kind.PARTICIPANT, of, value)
    found.add(Kind.FILE_NAME, of, record.get("title"))
    for name in _CODES:
        value = record.get(name)
        found.add(Kind.HANDLE, of, str(value) if isinstance(value, int) else value)


def _people(record: Mapping[str, Json]) -> Iterator[Json]:
    for name in _PEOPLE:
        yield record.get(name)
    for name in ("members", "participants"):
        listed = record.get(name)
        for member in listed if isinstance(listed, list) else []:
            yield member.get("name") if isinstance(member, dict) else member


def _tag(found: Gathered, of: str, record: Mapping[str, Json]) -> None:
    name, value = str(record.get("tag")), record.get("value")
    if _SERIAL.search(name):
        found.add(Kind.DEVICE, of, value)
    elif _OWNER.search(name):
        found.add(Kind.NAME, of, value)
