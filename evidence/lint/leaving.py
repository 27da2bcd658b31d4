"""A finished report searched before it is put in place; what may pass all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields, is_dataclass, replace
from hashlib import sha256
from operator import attrgetter
from typing import Any

from evidence.case import Case, CaseWriter
from evidence.examining import jobs
from evidence.lint.ahead import ALONE_BYTES, Ahead
from evidence.lint.findings import Finding, Result, in_words
from evidence.lint.gathering import gather, names_somebody
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.linting import Search
from evidence.people.person import Category
from evidence.people.register import read_register
from evidence.people_errors import IdentifierFoundError, LintIncompleteError
from evidence.report.i18n import ENGLISH, speaking
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

KIND = "let_through"
# Fields of a report that hold our own fixed words only.
_FIXED = frozenset(
    ("axes", "hand_check", "level", "not_established", "tool", "variant", "withheld")
)
_PEOPLE = ("PE-", "AU-")
MAX_LISTED = 400  # findings one entry names
_PAGES_UP_TO = 2 << 20  # bytes of a PDF whose pages are read again
_TEXTS = 1  # number of the texts, as of a file, in the search of a report
_PAGES_LIMIT = (
    "The report is long: its pages were searched as the texts they are set from."
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a report is searched for.

    Attributes:
        identifiers: that must not stand in it.
        allowed: ids of findings somebody let stand.
        problems: what could not be gathered, in sentences.
        language: of the report; its common words are no sure identifiers.
    """

    identifiers: list[Identifier]
    allowed: frozenset[str]
    problems: tuple[str, ...]
    language: str

    def ahead(self, contents: Sequence[bytes]) -> AbstractContextManager[Ahead | None]:
        """Begin to search long attachments; None where that would not be faster."""
        if sum(map(len, contents)) < ALONE_BYTES or jobs() == 1:
            return nullcontext()
        return Ahead(self.identifiers, contents, self.language)


def seek(
    case: Case,
    report: object,
    *,
    sources: bool,
    named_staff: bool,
    entries: Sequence[Entry] | None = None,
) -> Sought:
    """Gather what must not stand in a report.

    Args:
        report: `evidence.report.model.Report`: its language decides.
        sources: names and places of sources may stand in it.
        named_staff: names of staff may stand in it.
        entries: of the case, those that name somebody at least; read again when
            not given.

    Raises:
        CaseUnreadableError, MalformedError: not gathered.
    """
    if entries is None:
        entries = [entry for entry in case.entries() if names_somebody(entry)]
    language = getattr(report, "language", ENGLISH)
    with speaking(language):
        gathered = gather(case, entries)
        staff = _staff(case, entries) if named_staff else frozenset()
        kept = _sought(gathered.identifiers, sources=sources, staff=staff)
        allowed = allowed_findings(case, entries)
    return Sought(kept, allowed, tuple(gathered.problems), language)


def search_report(
    case: Case,
    report: object,
    data: bytes,
    *,
    sources: bool,
    named_staff: bool,
    strict: bool = False,
    entries: Sequence[Entry] | None = None,
    name: str = "",
) -> Result:
    """Search a report for what `seek` finds, as `search_for` does.

    Raises:
        CaseUnreadableError, MalformedError: not searched.
    """
    sought = seek(
        case, report, sources=sources, named_staff=named_staff, entries=entries
    )
    return search_for(sought, report, data, strict=strict, name=name)


def search_for(
    sought: Sought,
    report: object,
    data: bytes,
    *,
    strict: bool = False,
    ahead: Ahead | None = None,
    name: str = "",
) -> Result:
    """Search a report: every text it was made of, and the finished PDF.

    Args:
        report: `evidence.report.model.Report`, whose strings are what pages show.
        data: the PDF.
        strict: what only may be an identifier blocks, too, where it stands in what
            was put into the report; the report's own fixed words stay doubtful.
        ahead: what was begun with `sought`.
        name: of the file it is to be written to.
    """
    with speaking(sought.language):
        result = _search(report, data, sought, strict=strict, ahead=ahead)
        result.problems += sought.problems
        search_name(result, sought.identifiers, name, sought.allowed)
        return result


def _search(
    report: object, data: bytes, sought: Sought, *, strict: bool, ahead: Ahead | None
) -> Result:
    kept, allowed = sought.identifiers, sought.allowed
    digest = sha256(data).hexdigest()
    search = Search(kept, allowed)
    search.texts(dict.fromkeys(strings(report)), digest=digest)
    if strict:
        put_in = dict.fromkeys(strings(report, without=_FIXED))
        again = Search(kept, allowed)
        again.texts(put_in, digest=digest)
        doubts = [found for found in again.result.findings if found.doubtful]
        search.result.findings += [replace(found, doubtful=False) for found in doubts]
    if ahead is not None and ahead.looks_for(kept, sought.language):
        search.known = ahead.found()
    pages = len(data) <= _PAGES_UP_TO
    search.document(data, pages=pages)  # in no file: it may be of an encrypted case
    if not pages:
        search.result.limits.add(_PAGES_LIMIT)
    return search.result


def search_name(
    result: Result,
    identifiers: Iterable[Identifier],
    name: str,
    allowed: frozenset[str],
) -> None:
    """Search the name a file is given: it is seen before the file is opened.

    Only persons of the case and what orders name are sought. A name of a file of
    evidence, or of this machine, is what people rightly call an export by.
    """
    people = [
        one
        for one in identifiers
        if one.of.startswith(_PEOPLE) and one.kind != Kind.REFERENCE
    ]
    if name and people:
        search = Search(people, allowed)
        search.texts([name], digest=sha256(name.encode()).hexdigest(), place="name")
        result.findings += search.result.findings


def refuse(result: Result, what: str) -> None:
    """Refuse what an identifier was found in, or what was not searched wholly.

    Identifiers that could not be gathered do not refuse a report: it is made from the
    same records, and says itself which are missing.

    Raises:
        IdentifierFoundError, LintIncompleteError: it must not be put in place.
    """
    found = result.blocking
    if found:
        raise IdentifierFoundError(count=len(found), what=what, where=in_words(found))
    if result.unread:
        where = "; ".join(unread.where() for unread in result.unread[:5])
        raise LintIncompleteError(what=what, where=where)


def doubts_in_words(result: Result, *, most: int = 5) -> str:
    """Say what may be an identifier in a report, and what to do; "" for nothing.

    What stands on the pages alone is in sentences every report has: a word of these is
    no identifier. Each identifier is told once, wherever it stands.
    """
    found = {f.subject() for f in result.findings if f.doubtful and f.file == _TEXTS}
    if not found:
        return ""
    names = ", ".join(sorted(found)[:most])
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return (
        f"Note: words that are common, but part of {names}{more}, stand in the report. "
        "It is not held back for them. See with 'custody lint FILE' where they stand; "
        "if one means that person there, do not hand the report out."
    )


def _staff(case: Case, entries: Iterable[Entry]) -> frozenset[str]:
    people = read_register(case, entries).people.values()
    return frozenset(("staff", *(p.id for p in people if p.category == Category.STAFF)))


def _sought(
    identifiers: Iterable[Identifier], *, sources: bool, staff: frozenset[str]
) -> list[Identifier]:
    """Return the identifiers that must not stand in this variant of a report.

    Args:
        sources: names of files and references of orders may stand in it; with staff,
            transmission manifests, too, which name both sides.
        staff: whose names may stand in it; nobody's when empty.
    """
    every = list(identifiers)
    officials = {i.value for i in every if i.kind == Kind.NAME and i.of in staff}

    def may_stand(one: Identifier) -> bool:
        if one.kind == Kind.NAME and one.of in staff:
            return True
        if sources and one.kind in (Kind.FILE_NAME, Kind.REFERENCE):
            return True
        if sources and staff and one.of.startswith("TR-"):
            return True
        # An official of an order or a hand-over may act in the case, too.
        paper = one.of.startswith(("TR-", "AU-"))
        return paper and one.kind == Kind.NAME and one.value in officials

    return [one for one in every if not may_stand(one)]


def strings(value: object, without: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield every text in a dataclass, deeply, but not in fields `without`."""
    inside: dict[type, Callable[[Any], Iterable[object]] | None] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
            continue
        kind = type(one)
        if kind not in inside:
            inside[kind] = _inside(one, without)
        look = inside[kind]
        if look is not None:
            waiting.extend(look(one))


def _inside(
    one: object, without: frozenset[str]
) -> Callable[[Any], Iterable[object]] | None:
    """Return what takes values like `one` apart, the last part first."""
    if isinstance(one, tuple | list):
        return reversed
    if not is_dataclass(one):
        return None
    names = [field.name for field in fields(one) if field.name not in without]
    if not names:
        return None
    values = attrgetter(*reversed(names))
    return values if len(names) > 1 else lambda single: (values(single),)


def allowed_findings(
    case: Case, entries: Iterable[Entry] | None = None
) -> frozenset[str]:
    """Return the ids of findings that entries of the case let stand."""
    found: set[str] = set()
    for entry in case.entries() if entries is None else entries:
        facts = entry.facts
        if entry.type == EntryType.ANNOTATE and facts.get("kind") == KIND:
            listed = facts.get("findings")
            found.update(map(str, listed if isinstance(listed, list) else []))
    return frozenset(found)


def let_through(
    writer: CaseWriter,
    findings: Iterable[Finding],
    reason: str,
    *,
    unread: int = 0,
    file_sha256: str | None = None,
) -> Entry:
    """Record that identifiers may stand where they were found, and why.

    Args:
        reason: in the person's words; sealed.
        unread: number of things that could not be searched and leave all the same.
        file_sha256: of the one file this is about, 64 hex digits.

    Raises:
        StorageFailedError: not recorded.
    """
    every = list(findings)
    listed: list[Json] = [finding.id for finding in every[:MAX_LISTED]]
    facts: dict[str, Json] = {
        "count": len(every),
        "findings": listed,
        "kind": KIND,
        "unread": unread,
    }
    if file_sha256 is not None:
        facts["sha256"] = file_sha256
    return writer.record(EntryType.ANNOTATE, facts=facts, private={"reason": reason})
