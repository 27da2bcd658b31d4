"""The log of LED Art. 25 for a supervisory authority: rows worked out from entries.

From public facts alone: no content, no sealed word, and no key is needed. The sealed
justifications are added only when asked for, which is itself a recorded consultation
(`cli`). What cannot be read is a row that says so, never a row left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from evidence.access.verbs import LedVerb, verb_of
from evidence.access_errors import TimeRangeRefusedError
from evidence.case import Case, unreadable
from evidence.checking import read_log
from evidence.clock import utc_text
from evidence.errors import UnsealableError
from manifests import ledger
from manifests.canonical import Json
from manifests.entries import Entry, EntryType, read_entry
from manifests.errors import MalformedError
from manifests.merkle import Frontier, leaf_hash
from manifests.verifying.verdict import Axis

NOT_AVAILABLE = "not available"
_SEALED = "sealed"
_REASONS = ("justification", "override_reason", "reason", "note")
_MAX_WORD = 200  # characters of a public fact that is told


@dataclass(frozen=True, slots=True)
class Row:
    """One act. Every value is text, "" where there is nothing to say.

    Attributes:
        person: key id of who signed; pseudonym: in the register of persons.
        justification: "sealed", "none", or the sealed words when they are asked for.
        overridden: codes of what the legal ground did not cover.
        leaf: leaf hash of the entry, by which the row is found in the log.
    """

    time: str
    verb: str
    entry: str
    act: str
    exhibits: str = ""
    ground: str = ""
    overridden: str = ""
    purpose: str = ""
    justification: str = ""
    person: str = ""
    role: str = ""
    pseudonym: str = ""
    name: str = ""
    recipient: str = ""
    result: str = ""
    leaf: str = ""


COLUMNS = tuple(Row.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for.

    Attributes:
        start, end: UTC times as entries write them, from start to before end; "" for
            no limit.
        named: give the names of those who acted.
        reasons: give the sealed justifications.
    """

    start: str = ""
    end: str = ""
    named: bool = False
    reasons: bool = False


@dataclass(slots=True)
class LedLog:
    """The log, and on what it rests.

    Attributes:
        size, root: of the newest checkpoint; the root is worked out from the lines.
        lines: entries there are; more than `size` while somebody writes.
        without_verb: entries in the range that are none of the six verbs.
        unread: what could not be read or told, in words without personal data.
        failing: axes of the log on which verification fails.
    """

    rows: list[Row] = field(default_factory=list)
    origin: str = ""
    size: int = 0
    root: str = ""
    lines: int = 0
    without_verb: int = 0
    unread: list[str] = field(default_factory=list)
    failing: list[Axis] = field(default_factory=list)


def read_range(start: str, end: str) -> tuple[str, str]:
    """Return both ends of a range as entries write times; "" stays "".

    Raises:
        TimeRangeRefusedError: one is no time, or the first is not before the second.
    """
    first, last = _moment(start), _moment(end)
    if first and last and first >= last:
        raise TimeRangeRefusedError(reason="it ends before it begins")
    return first, last


def _moment(text: str) -> str:
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None and len(text) == len("2026-01-31"):
            found = found.replace(tzinfo=UTC)
        if found.tzinfo is None:
            raise TimeRangeRefusedError(reason="a time has no zone")
        return utc_text(found)
    except (ValueError, OverflowError) as error:
        raise TimeRangeRefusedError(reason="a time is not of RFC 3339") from error


def led_log(case: Case, wanted: Wanted) -> LedLog:
    """Return the log of a case.

    Raises:
        CaseUnreadableError, NewerFormatError: it cannot be read at all.
    """
    reading = read_log(case)
    found = LedLog(origin=case.settings.origin, size=reading.newest_checkpoint)
    failing = {finding.axis for finding in reading.findings if finding.fails}
    found.failing = [axis for axis in Axis if axis in failing]
    people = _People(case, named=wanted.named)
    frontier = Frontier()
    for number, line in _lines(case):
        found.lines += 1
        whole = line.removesuffix(b"\n")
        frontier.append(leaf_hash(whole))
        if frontier.size == found.size:
            found.root = frontier.root().hex()
        try:
            entry = read_entry(whole)
        except MalformedError:
            _unread(found, number, leaf_hash(whole))
            continue
        people.learn(entry)
        if _is_in(entry.time, wanted):
            _take(found, case, entry, wanted)
    _finish(found, people)
    return found


def _lines(case: Case) -> Iterator[tuple[int, bytes]]:
    try:
        yield from enumerate(ledger.read_lines(case.manifest / ledger.ENTRIES))
    except OSError as error:
        raise unreadable(ledger.ENTRIES, error) from error


def _is_in(time: str, wanted: Wanted) -> bool:
    after = not wanted.start or time >= wanted.start
    return after and (not wanted.end or time < wanted.end)


def _unread(found: LedLog, number: int, leaf: bytes) -> None:
    found.unread.append(f"line {number + 1} of the manifest is no entry")
    verb = LedVerb.UNCLASSIFIED.value
    row = Row("", verb, str(number), "", result="unreadable", leaf=leaf.hex())
    found.rows.append(row)


def _take(found: LedLog, case: Case, entry: Entry, wanted: Wanted) -> None:
    verb = verb_of(entry)
    if verb is None:
        found.without_verb += 1
        return
    if verb is LedVerb.UNCLASSIFIED:
        found.unread.append(
            f"entry {entry.seq} is of a kind this version does not know"
        )
    facts = entry.facts
    found.rows.append(
        Row(
            time=entry.time,
            verb=verb.value,
            entry=str(entry.seq),
            act=_act(entry),
            exhibits=" ".join(entry.exhibits),
            ground=_word(entry.body.get("authority")),
            overridden=_codes(facts),
            purpose=_word(facts.get("purpose")),
            justification=_reason(found, case, entry, wanted),
            person=entry.actor,
            role=_word(entry.body.get("role")),
            recipient=_recipient(entry),
            result=_result(facts),
            leaf=entry.leaf.hex(),
        )
    )


def _word(value: Json) -> str:
    return value[:_MAX_WORD] if isinstance(value, str) else ""


def _act(entry: Entry) -> str:
    kind = _word(entry.facts.get("kind"))
    return f"{entry.type}: {kind}" if kind else entry.type


def _codes(facts: Mapping[str, Json]) -> str:
    override = facts.get("override")
    refusals = override.get("refusals") if isinstance(override, dict) else None
    codes = refusals if isinstance(refusals, list) else []
    doubts = facts.get("ground_doubts")
    codes = [*codes, *(doubts if isinstance(doubts, list) else [])]
    return " ".join(_word(code) for code in codes)


def _recipient(entry: Entry) -> str:
    if entry.type == EntryType.CORRECTION_NOTICE:
        return _SEALED
    return _word(entry.facts.get("recipient"))


def _result(facts: Mapping[str, Json]) -> str:
    for name in ("result", "outcome"):
        if _word(facts.get(name)):
            return _word(facts[name])
    if facts.get("complete") is False:
        return "incomplete"
    return "done"


def _reason(found: LedLog, case: Case, entry: Entry, wanted: Wanted) -> str:
    if entry.private is None:
        return "none"
    if not wanted.reasons:
        return _SEALED
    try:
        record = case.sealed(entry)
    except UnsealableError:
        found.unread.append(f"the sealed record of entry {entry.seq} is not available")
        return NOT_AVAILABLE
    told = [record.get(name) for name in _REASONS]
    return "; ".join(text for text in told if isinstance(text, str) and text) or "none"


class _People:
    """Who the keys belong to: pseudonyms always, names when they are asked for."""

    def __init__(self, case: Case, *, named: bool) -> None:
        self._case = case
        self._named = named
        self._told: list[Entry] = []
        self.problems: list[str] = []

    def learn(self, entry: Entry) -> None:
        """Keep an entry that may say whose a key is."""
        person = (
            entry.type == EntryType.ANNOTATE and entry.facts.get("kind") == "person"
        )
        if person or entry.type in (EntryType.CASE_OPEN, EntryType.KEY_ENROL):
            self._told.append(entry)

    def read(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return pseudonyms and names by key id."""
        from evidence.overview import names_of
        from evidence.people.register import read_register

        staff = read_register(self._case, self._told).staff()
        if not self._named:
            return staff, {}
        names, self.problems = names_of(self._case, self._told)
        return staff, names


def _finish(found: LedLog, people: _People) -> None:
    staff, names = people.read()
    found.unread += people.problems
    if found.size < found.lines:
        found.unread.append("entries after the newest checkpoint are not covered by it")
    if found.size > found.lines:
        found.unread.append("the checkpoint covers more entries than there are")
    for number, row in enumerate(found.rows):
        pseudonym, name = staff.get(row.person, ""), names.get(row.person, "")
        if pseudonym or name:
            values = {column: getattr(row, column) for column in COLUMNS}
            found.rows[number] = Row(**{**values, "pseudonym": pseudonym, "name": name})
