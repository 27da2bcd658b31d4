"""Deciding how long to keep, holding, restricting: the entries."""

from __future__ import annotations

from collections.abc import Iterable

from evidence import clock
from evidence.authority.checks import read_time
from evidence.case import CaseWriter
from evidence.errors import ExhibitUnknownError
from evidence.retention.absence import check_not_erased
from evidence.retention.erasing import check_text
from evidence.retention.register import Register, register_of
from evidence.retention.words import HOLD, HOLD_LIFTED, RESTRICTIONS, RULES
from evidence.retention_errors import RetentionRefusedError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType


def _checked(writer: CaseWriter, exhibits: Iterable[str]) -> tuple[Register, list[str]]:
    """Return the register and the exhibits, which are there and not erased.

    Raises:
        ExhibitUnknownError, ExhibitErasedError: one is not.
    """
    register, names = register_of(writer.case), [*dict.fromkeys(exhibits)]
    for name in names:
        if name not in register.exhibits:
            raise ExhibitUnknownError(exhibit=name)
        check_not_erased(register, name)
    return register, names


def _later(text: str, field: str) -> str:
    """Return a time that is still to come, "" for "".

    Raises:
        DateUnreadableError, DateImplausibleError: it is no time.
        RetentionRefusedError: it has passed.
    """
    if not text:
        return ""
    found = read_time(text, field=field, end=True)
    if found <= clock.now().time:
        raise RetentionRefusedError(reason=f"{field} has passed already")
    return found


def retain(
    writer: CaseWriter,
    exhibits: Iterable[str],
    *,
    rule: str,
    until: str = "",
    review: str = "",
    text: str = "",
) -> Entry:
    """Record how long exhibits are kept, or the whole case, and when to look again.

    Args:
        exhibits: none for the whole case.
        until: not to be erased before; review: to be looked at again.

    Raises:
        RetentionRefusedError: no such rule, no time, or one that has passed.
        ExhibitUnknownError, ExhibitErasedError: no such exhibit (any more).
    """
    if rule not in RULES:
        raise RetentionRefusedError(reason=f"a rule is {', '.join(RULES)}")
    kept, looked = _later(until, "--until"), _later(review, "--review")
    if not kept and not looked:
        raise RetentionRefusedError(reason="name a time: --until, --review, or both")
    _, names = _checked(writer, exhibits)
    if text:
        check_text(text)
    facts: dict[str, Json] = {
        "retain_until": kept or None,
        "review_due": looked or None,
        "rule": rule,
    }
    return writer.record(
        EntryType.REVIEW_RETENTION,
        facts=facts,
        private={"text": text} if text else None,
        exhibits=tuple(names),
    )


def hold(writer: CaseWriter, exhibits: Iterable[str], *, reason: str) -> Entry:
    """Put exhibits, or the whole case, under a legal hold: nothing of it is erased.

    Raises:
        RetentionRefusedError: no reason is given.
        ExhibitUnknownError, ExhibitErasedError: no such exhibit (any more).
    """
    check_text(reason)
    register, names = _checked(writer, exhibits)
    facts: dict[str, Json] = {"hold": _number(register), "kind": HOLD}
    return writer.record(
        EntryType.ANNOTATE,
        facts=facts,
        private={"reason": reason},
        exhibits=tuple(names),
    )


def _number(register: Register) -> str:
    return f"HO-{len(register.holds) + 1:04d}"


def lift_hold(writer: CaseWriter, number: str, *, reason: str) -> Entry:
    """End a legal hold.

    Raises:
        RetentionRefusedError: there is none of that number, or it was lifted.
    """
    check_text(reason)
    found = register_of(writer.case).holds.get(number.upper())
    if found is None or found.lifted >= 0:
        raise RetentionRefusedError(reason=f"no legal hold {number} lasts")
    return writer.record(
        EntryType.ANNOTATE,
        facts={"hold": found.number, "kind": HOLD_LIFTED},
        private={"reason": reason},
        exhibits=found.exhibits,
    )


def restrict(
    writer: CaseWriter,
    exhibits: Iterable[str],
    *,
    ground: str,
    until: str = "",
    text: str = "",
) -> Entry:
    """Restrict the use of exhibits to purposes of evidence (LED Art. 16(3)).

    Raises:
        RetentionRefusedError: no such ground, or its end has passed.
        ExhibitUnknownError, ExhibitErasedError: no such exhibit (any more).
    """
    if ground not in RESTRICTIONS:
        raise RetentionRefusedError(reason=f"a ground is {', '.join(RESTRICTIONS)}")
    end = _later(until, "--until")
    _, names = _checked(writer, exhibits)
    if text:
        check_text(text)
    return writer.record(
        EntryType.RESTRICT,
        facts={"ground": ground, "until": end or None},
        private={"text": text} if text else None,
        exhibits=tuple(names),
    )


def lift_restriction(
    writer: CaseWriter, exhibits: Iterable[str], *, ground: str, text: str
) -> Entry:
    """End the restriction of exhibits on one ground.

    Raises:
        RetentionRefusedError: one of them is not restricted on it.
    """
    check_text(text)
    register, names = _checked(writer, exhibits)
    now = clock.now().time
    for name in names:
        lasting = register.restrictions_on(name, now)
        if ground not in {one.ground for one in lasting}:
            raise RetentionRefusedError(reason=f"{name} is not restricted on {ground}")
    return writer.record(
        EntryType.LIFT_RESTRICTION,
        facts={"ground": ground},
        private={"text": text},
        exhibits=tuple(names),
    )
