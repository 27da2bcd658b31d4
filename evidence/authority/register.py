"""The authorities of a case as its entries tell them, each able to say what it covers.

Only public facts are read: whether an act is covered is decided without opening a
sealed record, so anybody who holds the entries can work it out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from evidence.authority.instruments import Rules, rules_of
from evidence.clock import utc_text
from evidence.consent.words import same_party
from evidence.scope import Refusal, Scope, Touch
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

FIRST_YEAR, LAST_YEAR = 2000, 2999
FORM = "%Y-%m-%dT%H:%M:%S.%f%z"
EX_POST = timedelta(hours=48)  # Regulation (EU) 2023/1543 Art. 4(5)
WITHDRAWN = "authority_withdrawn"
EXTENDED = "authority_extended"
CONFIRMED = "authority_confirmed"
VALIDATED = "authority_validated"
ASKED = "authority_clarification_asked"
ANSWERED = "authority_clarification_answered"
KINDS = (WITHDRAWN, EXTENDED, CONFIRMED, VALIDATED, ASKED, ANSWERED)
RESULTS = ("sought", "granted", "refused")
_ANSWERS = ("approval", "refusal")
_TIMES = (
    "issued_at",
    "received_at",
    "valid_from",
    "valid_until",
    "data_from",
    "data_to",
)


def moment(text: str) -> datetime:
    """Read a time as `evidence.clock.utc_text` writes it.

    Raises:
        ValueError: it is not one.
    """
    return datetime.strptime(text, FORM).astimezone(UTC)


def is_time(text: str) -> bool:
    """Tell whether `text` is a time as `evidence.clock.utc_text` writes it.

    Within bounds, so that adding a period to it never leaves what a date can be.
    """
    try:
        found = moment(text)
        in_bounds = FIRST_YEAR <= found.year <= LAST_YEAR
        return in_bounds and utc_text(found) == text
    except (ValueError, OverflowError):
        return False


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority with what became of it.

    Attributes:
        facts: public facts as recorded.
        withdrawn_at: time from which it covers nothing; "" while it stands.
        extended: it was prolonged (Annex VI); confirmed: a request for production
            follows, so that preservation goes on (Annex V).
        validation: validation afterwards was "sought", "granted" or "refused"; "" while
            nothing is recorded.
        validated_at: when that was done.
        asked_at: the addressee asked for clarification (Annex III) and has no answer.
        waits: a second person has not approved it (yet).
        log: numbers of the entries that tell of it, the first one first.
    """

    id: str
    entry: Entry
    facts: Mapping[str, Json]
    withdrawn_at: str = ""
    extended: bool = False
    confirmed: bool = False
    validation: str = ""
    validated_at: str = ""
    asked_at: str = ""
    waits: bool = False
    log: tuple[int, ...] = field(default=())

    @property
    def rules(self) -> Rules | None:
        """What its instrument can ground."""
        return rules_of(self.facts.get("type"))

    def text(self, name: str) -> str:
        """Return a fact that is text, else ""."""
        value = self.facts.get(name)
        return value if isinstance(value, str) else ""

    def time(self, name: str) -> str:
        """Return a fact that is a time in the form of `clock.utc_text`, else ""."""
        value = self.text(name)
        return value if is_time(value) else ""

    def words(self, name: str) -> tuple[str, ...]:
        """Return a fact that is a list of texts, else ()."""
        value = self.facts.get(name)
        items = value if isinstance(value, list) else []
        return tuple(item for item in items if isinstance(item, str))

    @property
    def title(self) -> str:
        """Its instrument for people."""
        return self.rules.title if self.rules else self.text("type")

    @property
    def preserved_until(self) -> str:
        """End of the preservation it orders; "" without one or once confirmed."""
        rules, received = self.rules, self.time("received_at")
        if rules is None or not rules.preserves or not received or self.confirmed:
            return ""
        days = rules.preserves + (rules.prolongs if self.extended else 0)
        return end_of_days(received, days)

    @property
    def ends(self) -> str:
        """Last moment it covers anything; "" when nothing recorded ends it."""
        known = [t for t in (self.time("valid_until"), self.preserved_until) if t]
        return min(known, default="")

    def refusals(self, scope: Scope) -> Sequence[Refusal]:
        """Return why it does not cover `scope`; empty when it does."""
        found = [*self.standing(scope.at), *self._content(scope)]
        rules = self.rules
        if rules is not None and scope.touch not in rules.touches:
            text = f"{self.id} ({self.text('type')}) is no ground to {scope.touch}."
            found.append(Refusal("AUTHORITY_TOUCH", text))
        return found

    def standing(self, at: str) -> list[Refusal]:
        """Return why it is not in force at a UTC time; empty when it is."""
        found: list[Refusal] = []

        def say(code: str, text: str) -> None:
            found.append(Refusal(f"AUTHORITY_{code}", f"{self.id} {text}."))

        if self.rules is None:
            say("TYPE_UNKNOWN", "is of a type this version does not know")
        if self.waits:
            say("WAITS", "waits for a second person's approval")
        if self.withdrawn_at and at >= self.withdrawn_at:
            say("WITHDRAWN", f"was withdrawn at {self.withdrawn_at}")
        if any(self.text(name) and not self.time(name) for name in _TIMES):
            say("MALFORMED", "holds a time that is none")
        start = self.time("valid_from") or self.time("issued_at")
        if start and at < start:
            say("NOT_YET_VALID", f"is valid from {start} on")
        if self.ends and at > self.ends:
            say("EXPIRED", f"was valid until {self.ends}")
        if self.validation == "refused":
            say("VALIDATION_REFUSED", "was not validated afterwards")
        elif self.validation_due and not self.validation and at > self.validation_due:
            say("VALIDATION_OVERDUE", f"had to be validated by {self.validation_due}")
        return found

    @property
    def validation_due(self) -> str:
        """When validation afterwards has to be sought, 48 h from issue; "" for none."""
        issued = self.time("issued_at")
        if self.facts.get("ex_post_validation") is not True or not issued:
            return ""
        return utc_text(moment(issued) + EX_POST)

    def _content(self, scope: Scope) -> list[Refusal]:
        """Say why it does not cover these data or exhibits."""
        found: list[Refusal] = []
        foreign = [c for c in scope.categories if c not in self.words("categories")]
        if foreign:
            text = f"{self.id} does not cover {foreign[0]} data."
            found.append(Refusal("AUTHORITY_CATEGORY", text))
        start, end = self.time("data_from"), self.time("data_to")
        before = start and scope.data_from and scope.data_from < start
        after = end and scope.data_to and scope.data_to > end
        if before or after:
            text = f"{self.id} covers data from {start or 'any time'} to {end or 'any'}"
            found.append(Refusal("AUTHORITY_DATA_RANGE", f"{text} only."))
        covers = self.words("covers")
        if covers and (not scope.exhibits or not set(scope.exhibits) <= set(covers)):
            text = f"{self.id} is limited to certain exhibits."
            found.append(Refusal("AUTHORITY_EXHIBITS", text))
        return [*found, *self._leaving(scope)]

    def _leaving(self, scope: Scope) -> list[Refusal]:
        """Say why it does not let exhibits out to somebody, for something."""
        if scope.touch is not Touch.DISCLOSE:
            return []
        found: list[Refusal] = []
        recipients, purposes = self.words("recipients"), self.words("purposes")
        if recipients and not any(same_party(scope.recipient, r) for r in recipients):
            text = f"{self.id} does not name this recipient."
            found.append(Refusal("AUTHORITY_RECIPIENT", text))
        if purposes and scope.purpose not in purposes:
            text = f"{self.id} is not for this purpose."
            found.append(Refusal("AUTHORITY_PURPOSE", text))
        return found


def end_of_days(start: str, days: int) -> str:
    """Return the end of a period in days from the moment `start`.

    Regulation (EEC, Euratom) No 1182/71 Art. 3: the day of the event is not counted
    (1), and a period in days ends with the last hour of the last day (2)(b). Days are
    those of UTC here. That a period ending on a holiday or weekend ends with the next
    working day (4) is not applied: a warning must not come late.
    """
    day = moment(start).replace(hour=0, minute=0, second=0, microsecond=0)
    return utc_text(day + timedelta(days=days + 1, microseconds=-1))


def tells_of_grounds(entry: Entry) -> bool:
    """Tell whether an entry can change which grounds a case has."""
    if entry.type in _TYPES:
        return True
    if entry.type != EntryType.ANNOTATE:
        return False
    kind = entry.facts.get("kind")
    return kind in KINDS or kind in _ANSWERS


_TYPES = frozenset(
    {
        EntryType.CASE_OPEN,
        EntryType.AUTHORITY_ADD,
        EntryType.CONSENT_ADD,
        EntryType.CONSENT_WITHDRAW,
    }
)


def authority_id(number: int) -> str:
    """Return the number of an authority, from 1."""
    return f"AU-{number:04d}"


def authorities(entries: Iterable[Entry]) -> dict[str, Authority]:
    """Return the authorities of a case by number, in order.

    Args:
        entries: all entries, or those of which `tells_of_grounds` is true. Whether
            a second person approved is read from them alone; who opened the case to
            write knows it for sure (`evidence.grounds.ground_of`).
    """
    found: dict[str, Authority] = {}
    rule: frozenset[Json] = frozenset()
    for entry in entries:
        if entry.type == EntryType.CASE_OPEN and entry.seq == 0:
            rule = _rule(entry)
            first = entry.facts.get("ground")
            if isinstance(first, dict):
                _add(found, entry, first, waits=False)
        elif entry.type == EntryType.AUTHORITY_ADD:
            _add(found, entry, entry.facts, waits=entry.type in rule)
        elif entry.type == EntryType.ANNOTATE:
            _change(found, entry)
    return found


def _rule(entry: Entry) -> frozenset[Json]:
    kinds = entry.facts.get("two_person")
    return frozenset(kinds if isinstance(kinds, list) else [])


def _add(
    found: dict[str, Authority], entry: Entry, facts: Mapping[str, Json], *, waits: bool
) -> None:
    # Numbered by place, so that no entry can claim the number of another one.
    number = authority_id(len(found) + 1)
    found[number] = Authority(number, entry, facts, waits=waits, log=(entry.seq,))


def _change(found: dict[str, Authority], entry: Entry) -> None:
    """Take what an annotation says of an authority."""
    facts, kind = entry.facts, entry.facts.get("kind")
    if kind == "approval":
        for one in found.values():
            known = one.entry.leaf.hex() == facts.get("entry")
            if one.waits and known and one.entry.actor != entry.actor:
                found[one.id] = replace(one, waits=False)
        return
    told = found.get(str(facts.get("authority")))
    if told is not None and kind in KINDS:
        changed = _changed(told, str(kind), entry)
        found[told.id] = replace(changed, log=(*told.log, entry.seq))


def _changed(one: Authority, kind: str, entry: Entry) -> Authority:
    facts = entry.facts
    claimed = str(facts.get("at"))
    at = claimed if is_time(claimed) else entry.time
    if kind == WITHDRAWN:
        # The earlier time holds: nobody prolongs an order by withdrawing it again.
        return replace(one, withdrawn_at=min(at, one.withdrawn_at or at))
    if kind == EXTENDED:
        return replace(one, extended=True)
    if kind in (ASKED, ANSWERED):
        return replace(one, asked_at=at if kind == ASKED else "")
    if kind == CONFIRMED:
        return replace(one, confirmed=True)
    return replace(one, validation=str(facts.get("result")), validated_at=at)
