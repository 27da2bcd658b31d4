"""Statements: versions of what a person said, and passages in them.

Each version is an exhibit of kind ``document``, its exact bytes. Who spoke, who asked,
who interpreted and in which language are sealed. That versions differ is recorded, what
it means is not judged. A passage is a range of the version's bytes with its digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidence.case import Case, CaseWriter
from evidence.casework.interference import check_time
from evidence.casework.numbers import (
    STATEMENT,
    Numbered,
    annotated,
    check_people,
    check_text,
    known_exhibits,
    numbered,
)
from evidence.casework.ranges import ByteRange, LineRange, Span, read_span
from evidence.casework_errors import (
    CaseworkRefusedError,
    CaseworkUnknownError,
    PassageChangedError,
)
from evidence.errors import ExhibitUnknownError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

PASSAGE = "passage"
DOCUMENT = "document"
_WHAT = "The statement"
# RFC 5646: primary language, script, region; no free subtags.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
_REFERENCE = re.compile(r"(ST-[0-9]{4,6})#p([1-9][0-9]{0,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Taking:
    """How a statement was taken; all of it is sealed.

    Attributes:
        person: whose statement it is, ``PE-0001``.
        interviewer, interpreter: names or ``PE-`` numbers; "" for no interpreter.
        language: in which the person spoke, an RFC 5646 tag.
        at: day or UTC time it was taken; "" when unknown.
        informed_at: when the person was told of rights and benefits; "" when unknown.
        of: the statement this is a new version of, ``ST-0001``; "" for a new one.
    """

    person: str
    interviewer: str
    language: str
    interpreter: str = ""
    at: str = ""
    informed_at: str = ""
    of: str = ""


def check_taking(entries: Iterable[Entry], taking: Taking) -> None:
    """Refuse what cannot be recorded, before anything is acquired.

    Raises:
        CaseworkRefusedError: a field is missing or not well formed.
        CaseworkUnknownError: there is no such person or statement.
    """
    read = list(entries)
    check_text(_WHAT, taking.interviewer, taking.interpreter)
    if not taking.interviewer.strip():
        raise CaseworkRefusedError(what=_WHAT, reason="it names no interviewer")
    if not _LANGUAGE.fullmatch(taking.language):
        reason = "its language is not a tag such as az or uz-Cyrl"
        raise CaseworkRefusedError(what=_WHAT, reason=reason)
    for time in filter(None, (taking.at, taking.informed_at)):
        check_time(_WHAT, time)
    check_people(read, [taking.person])
    if taking.of:
        numbered(read, STATEMENT).entry(taking.of)


def add_statement(writer: CaseWriter, exhibit: str, taking: Taking) -> Entry:
    """Record the exhibit `exhibit` as a statement, or as a new version of one.

    Raises:
        As `check_taking`; ExhibitUnknownError: the case has no such exhibit.
        CaseworkRefusedError: it is no document, is a statement already, or a version
            is said to be another person's.
    """
    entries = list(writer.case.entries())
    check_taking(entries, taking)
    acquired = known_exhibits(entries).get(exhibit)
    if acquired is None:
        raise ExhibitUnknownError(exhibit=exhibit)
    if acquired.facts.get("kind") != DOCUMENT:
        reason = f"{exhibit} was not acquired as a document"
        raise CaseworkRefusedError(what=_WHAT, reason=reason)
    known = numbered(entries, STATEMENT)
    if exhibit in {e.exhibits[0] for v in known.found.values() for e in v}:
        reason = f"{exhibit} is a statement already"
        raise CaseworkRefusedError(what=_WHAT, reason=reason)
    number, version = known.following, 1
    if taking.of:
        number = taking.of.upper()
        version = len(known.found[number]) + 1
        _check_same_person(writer.case, known.found[number], taking.person)
    private: dict[str, Json] = {
        "at": taking.at,
        "informed_at": taking.informed_at,
        "interpreter": taking.interpreter,
        "interviewer": taking.interviewer,
        "language": taking.language,
        "person": taking.person,
    }
    facts: dict[str, Json] = {"kind": STATEMENT, "number": number, "version": version}
    return writer.record(
        EntryType.ANNOTATE, facts=facts, private=private, exhibits=(exhibit,)
    )


def _check_same_person(case: Case, versions: list[Entry], person: str) -> None:
    if case.sealed(versions[0]).get("person") != person:
        reason = "the earlier version is of another person"
        raise CaseworkRefusedError(what=_WHAT, reason=reason)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of one version of a statement.

    Attributes:
        reference: ``ST-0001#p3``; passages count through all versions.
        span: bytes, and lines when it was marked by lines; with the digest.
    """

    reference: str
    version: int
    exhibit: str
    span: Span
    entry: Entry


def mark_passage(
    writer: CaseWriter, statement: str, where: LineRange | ByteRange
) -> Passage:
    """Record a passage of a statement's newest version, or of ``ST-0001/2``.

    Raises:
        CaseworkUnknownError: there is no such statement or version.
        CaseworkRefusedError: the range is empty or beyond the end.
        PassageChangedError: the document is not the one that was acquired.
    """
    entries = list(writer.case.entries())
    version = find_version(numbered(entries, STATEMENT), statement)
    number = str(version.facts["number"])
    span = _read(writer.case, entries, version.exhibits[0], where)
    count = sum(1 for _ in passages_of(entries, number))
    facts: dict[str, Json] = {
        "kind": PASSAGE,
        "number": number,
        "passage": count + 1,
        "version": version.facts["version"],
    }
    entry = writer.record(
        EntryType.ANNOTATE,
        facts=facts,
        private=span.fields(),
        exhibits=version.exhibits,
    )
    return _passage(entry, span)


def passages_of(entries: Iterable[Entry], number: str) -> Iterator[Entry]:
    """Yield the passages of a statement; one that names no single exhibit is none."""
    for entry in annotated(entries, PASSAGE):
        if entry.facts.get("number") == number and len(entry.exhibits) == 1:
            yield entry


def _passage(entry: Entry, span: Span) -> Passage:
    number, place = entry.facts.get("number"), entry.facts.get("passage")
    version = entry.facts.get("version")
    plain = version if isinstance(version, int) else 0
    return Passage(f"{number}#p{place}", plain, entry.exhibits[0], span, entry)


def find_version(known: Numbered, wanted: str) -> Entry:
    """Return the entry of ``ST-0001`` (its newest version) or ``ST-0001/2``.

    Raises:
        CaseworkUnknownError: there is none.
    """
    number, slash, version = wanted.upper().partition("/")
    known.entry(number)
    found = known.found[number]
    if not slash:
        return found[-1]
    if not re.fullmatch(r"[1-9][0-9]{0,5}", version) or int(version) > len(found):
        raise CaseworkUnknownError(number=wanted)
    return found[int(version) - 1]


def find_passage(entries: Iterable[Entry], reference: str) -> Entry:
    """Return the entry of a passage ``ST-0001#p3``.

    Raises:
        CaseworkUnknownError: there is none.
    """
    match = _REFERENCE.fullmatch(reference)
    if match:
        for place, entry in enumerate(passages_of(entries, match[1]), start=1):
            if place == int(match[2]) == entry.facts.get("passage"):
                return entry
    raise CaseworkUnknownError(number=f"passage {reference}")


def check_passage(case: Case, entries: Iterable[Entry], entry: Entry) -> Passage:
    """Read a passage's bytes again and compare them with what was recorded.

    Raises:
        SealedRecordError: its record is not there.
        PassageChangedError: the bytes are others.
    """
    told = Span.of(case.sealed(entry))
    passage = _passage(entry, told)
    read = list(entries)
    found = _read(case, read, passage.exhibit, ByteRange(told.start, told.end))
    if found.sha256 != told.sha256:
        reason = "its bytes have another digest"
        raise PassageChangedError(number=passage.reference, reason=reason)
    return passage


def _read(
    case: Case, entries: Iterable[Entry], exhibit: str, where: LineRange | ByteRange
) -> Span:
    acquired = known_exhibits(entries).get(exhibit)
    payload = acquired.facts.get("payload") if acquired else None
    told = payload if isinstance(payload, dict) else {}
    if acquired and str(told.get("name")).endswith(".age"):
        inside = case.sealed(acquired).get("payload")  # told is of the ciphertext
        told = inside if isinstance(inside, dict) else {}
    span, whole = read_span(case, exhibit, where)
    if whole != told.get("sha256"):
        reason = "the payload is not the one that was acquired"
        raise PassageChangedError(number=exhibit, reason=reason)
    return span
