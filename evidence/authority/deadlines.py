"""What falls due in a case, worked out from recorded facts.

Periods in hours run to the minute from their event, which is never later than by
Regulation (EEC, Euratom) No 1182/71 Art. 3. Periods in days follow its Art. 3(1) and
(2)(b): the day of the event is not counted, and the last day counts to its end, here in
UTC. Its Art. 3(4), by which a period does not end on a holiday, Saturday or Sunday, is
left out on purpose: a warning must not come late. A deadline nobody can compute because
its beginning is not recorded is told as such (`Deadline.due` is "").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from evidence.authority.deadline import GIVEN, Deadline
from evidence.authority.instruments import Instrument
from evidence.authority.register import (
    Authority,
    authorities,
    end_of_days,
    is_time,
    moment,
)
from evidence.clock import utc_text
from evidence.retention.due import dues
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

_EU = "Regulation (EU) 2023/1543"
HOURS = "hours, to the minute"
DAYS = "calendar days in UTC, Regulation 1182/71 Art. 3(1), (2)(b)"


def deadlines(entries: Iterable[Entry]) -> list[Deadline]:
    """Return every deadline of a case, the earliest first, unknown ones last."""
    kept = list(entries)
    answered: dict[str, Entry] = {}
    for entry in kept:
        ground = entry.body.get("authority")
        if entry.type == EntryType.ACQUIRE and isinstance(ground, str):
            answered.setdefault(ground, entry)
    found: list[Deadline] = []
    for one in authorities(kept).values():
        found += _of_authority(one, answered.get(one.id))
    found += _breaches(kept)
    for entry in kept:
        found += _recorded(entry)
    found += dues(kept)
    return sorted(found, key=lambda line: (line.due or "~", line.id))


def _after_hours(start: str, hours: int) -> str:
    return utc_text(moment(start) + timedelta(hours=hours)) if start else ""


def _after_days(start: str, days: int) -> str:
    return end_of_days(start, days) if start else ""


def _of_authority(one: Authority, answer: Entry | None) -> list[Deadline]:
    """Return the deadlines of one authority; withdrawn ones have no open ones."""
    met = f"withdrawn at {one.withdrawn_at}" if one.withdrawn_at else ""
    make = _Maker(one, met)
    _production(make, answer)
    _preservation(make)
    _ends(make)
    if one.validation_due or one.facts.get("ex_post_validation") is True:
        make(
            "validation",
            "validation of the emergency order to be sought",
            one.validation_due,
            law=f"{_EU} Art. 4(5)",
            after="Without validation the order is withdrawn at once, and the data "
            "obtained are deleted or their use is restricted.",
            met=f"validation {one.validation}" if one.validation else "",
        )
    if one.asked_at:
        make(
            "clarification",
            "question of the addressee (Annex III) to be answered",
            _after_days(one.asked_at, 5),
            law=f"{_EU} Art. 10(6)-(8), 11(5)",
            after="The addressee need not produce or preserve what it could not "
            "understand; the order may lapse.",
            rule=DAYS,
        )
    review = one.time("delay_review_at")
    if review:
        make(
            "user-information",
            "review whether the person can be informed now",
            review,
            law=f"{_EU} Art. 13; Directive (EU) 2016/680 Art. 13(3)",
            after="Informing may be put off only as long as its ground lasts.",
            rule=GIVEN,
        )
    return make.found


class _Maker:
    """Collects the deadlines of one authority."""

    def __init__(self, one: Authority, met: str) -> None:
        self.one = one
        self.found: list[Deadline] = []
        self._met = met

    def __call__(
        self,
        name: str,
        title: str,
        due: str,
        *,
        law: str,
        after: str,
        rule: str = HOURS,
        met: str = "",
        ends: bool = False,
    ) -> None:
        self.found.append(
            Deadline(
                f"{self.one.id}-{name}",
                self.one.id,
                title,
                due,
                law,
                after,
                rule,
                met or self._met,
                ends,
            )
        )


def _production(make: _Maker, answer: Entry | None) -> None:
    """Art. 10: 10 days, or 8 hours in an emergency with 96 hours for objections."""
    one = make.one
    if one.text("type") != Instrument.EPOC:
        return
    met = f"data acquired, entry {answer.seq}" if answer else ""
    received = one.time("received_at")
    if one.facts.get("emergency") is not True:
        make(
            "production",
            "data to be produced by the addressee",
            _after_days(received, 10),
            law=f"{_EU} Art. 10(2), (3)",
            after="The addressee must have given its reasons (Annex III); enforcement "
            "under Art. 16 can be asked for.",
            rule=DAYS,
            met=met,
        )
        return
    make(
        "production",
        "data to be produced by the addressee (emergency)",
        _after_hours(received, 8),
        law=f"{_EU} Art. 10(4)",
        after="The addressee must have given its reasons (Annex III); enforcement "
        "under Art. 16 can be asked for.",
        met=met,
    )
    make(
        "objection",
        "end of the time in which the enforcing authority may object (emergency)",
        _after_hours(received, 96),
        law=f"{_EU} Art. 10(4), 12",
        after="Until then an objection means that data are deleted, restricted or "
        "used under conditions; afterwards none can be raised. It is counted from "
        "receipt of the order: the notification is sent at the same time.",
        ends=True,
    )


def _preservation(make: _Maker) -> None:
    one, rules = make.one, make.one.rules
    if rules is None or not rules.preserves:
        return
    days = rules.preserves + (rules.prolongs if one.extended else 0)
    after = "The data need not be preserved any longer and may be deleted."
    if rules.prolongs and not one.extended:
        after += f" It can be prolonged once by {rules.prolongs} days (Annex VI)."
    law = f"{_EU} Art. 11(1), (2)" if rules.prolongs else rules.law
    make(
        "preservation",
        f"preservation ends ({days} days); confirm a request for production before",
        _after_days(one.time("received_at"), days),
        law=law,
        after=after,
        rule=DAYS,
        met="confirmed (Annex V)" if one.confirmed else "",
    )


def _ends(make: _Maker) -> None:
    until = make.one.time("valid_until")
    if until:
        make(
            "validity",
            "the authority ends",
            until,
            law=make.one.rules.law if make.one.rules else "",
            after="It covers no act any more.",
            rule=GIVEN,
            ends=True,
        )


def breach_id(number: int) -> str:
    """Return the number of a breach, from 1."""
    return f"BR-{number:04d}"


def breaches(entries: Sequence[Entry]) -> dict[str, tuple[Entry, str]]:
    """Return breaches of personal data by number, and when each was notified or ""."""
    found: dict[str, tuple[Entry, str]] = {}
    for entry in entries:
        if entry.type != EntryType.ANNOTATE:
            continue
        facts = entry.facts
        if facts.get("kind") == "breach":
            found[breach_id(len(found) + 1)] = (entry, "")
        elif facts.get("kind") == "breach_notified":
            number = str(facts.get("breach"))
            if number in found and not found[number][1]:
                found[number] = (found[number][0], _time(facts, "at") or entry.time)
    return found


def _time(facts: Mapping[str, Json], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) and is_time(value) else ""


def _breaches(entries: Sequence[Entry]) -> list[Deadline]:
    return [
        Deadline(
            f"{number}-notification",
            number,
            "breach of personal data to be notified to the supervisory authority",
            _after_hours(_time(entry.facts, "known_at"), 72),
            "Directive (EU) 2016/680 Art. 30; GDPR Art. 33",
            "A later notification has to give the reasons for the delay.",
            HOURS,
            f"notified at {notified}" if notified else "",
        )
        for number, (entry, notified) in breaches(entries).items()
    ]


# Times other acts record, each a deadline of its own: fact, title, law, what follows.
_FACTS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "review_at",
        "a consent or decision to be looked at again",
        "as recorded",
        "A consent that was not reviewed in time covers nothing any more.",
    ),
    (
        "available_until",
        "evidence is no longer available to the recipient",
        "Implementing Regulation (EU) 2025/1550, 3.3.3(b): 10 to 45 days",
        "The recipient has to ask for it again.",
    ),
    (
        "reflection_until",
        "reflection period of the person ends",
        "Directive 2004/81/EC Art. 6; CETS 197 Art. 13",
        "The person can be asked whether to co-operate, and not before.",
    ),
)


def _recorded(entry: Entry) -> list[Deadline]:
    """Return the deadlines an entry names itself."""
    return [
        Deadline(
            f"entry-{entry.seq}-{name.replace('_', '-')}",
            f"entry {entry.seq}",
            title,
            due,
            law,
            after,
            GIVEN,
            ends=True,
        )
        for name, title, law, after in _FACTS
        if (due := _time(entry.facts, name))
    ]
