"""From the consent ledger to the lines of the report: aliases and closed words only."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.case import Case
from evidence.consent.ground import Consent, Covered, Deposit
from evidence.consent.ledger import read_ledger
from evidence.report.model import ConsentLine
from manifests.entries import Entry


def consent_lines(
    case: Case, at: str, entries: Iterable[Entry]
) -> tuple[ConsentLine, ...]:
    """Return the consents and reflection periods of `case` as they stand at `at`."""
    ledger = read_ledger(case, entries=entries)
    lines = [_consent(consent, at) for consent in ledger.consents.values()]
    lines += [_deposit(deposit, at) for deposit in ledger.deposits.values()]
    return tuple(lines)


def _consent(consent: Consent, at: str) -> ConsentLine:
    times = [f"given {consent.given_at[:10]}", f"review by {consent.review_at[:10]}"]
    if consent.valid_until:
        times.append(f"until {consent.valid_until[:10]}")
    times += [f"withdrawn {w.at[:10]} (entry {w.entry})" for w in consent.withdrawals]
    minor = {"yes": " (minor)", "presumed": " (age unknown)"}.get(consent.minor, "")
    return ConsentLine(
        number=consent.id,
        entry=consent.entry,
        subject=consent.subject + minor,
        status=consent.status(at),
        allows="; ".join((", ".join(consent.levels), ", ".join(consent.purposes))),
        covers=_covers(consent.covered),
        recipients=", ".join(name[:16] for name in consent.recipients) or "nobody",
        times=", ".join(times),
    )


def _covers(covered: Covered) -> str:
    if covered.whole:
        return "the whole case"
    kinds = [f"every {kind}" for kind in covered.kinds]
    return ", ".join((*covered.exhibits, *kinds)) or "nothing"


def _deposit(deposit: Deposit, at: str) -> ConsentLine:
    lifted = bool(deposit.lifted_at) and at >= deposit.lifted_at
    ended = "ended" if at >= deposit.until else "running"
    return ConsentLine(
        number=deposit.number,
        entry=deposit.entry,
        subject=deposit.subject,
        status="lifted" if lifted else ended,
        allows="nothing leaves (reflection period)",
        covers=", ".join(deposit.exhibits) or "the whole case",
        recipients="nobody",
        times=f"until {deposit.until[:10]}",
    )
