"""May these exhibits leave the case: to this recipient, for this purpose, now?

Asked by everything that lets content out. Reports without content and proof files that
show no record hold hashes and public facts only and are not asked about.

Nothing leaves without a ground that covers exactly this. In a case of the profile
"ngo" that is a consent, or another recorded basis that names recipient and purpose; the
no-contact list and reflection periods hold against every ground. The profile is the one
in the first entry, not the one in the settings.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.case import Case
from evidence.consent.ground import Consent, others_objecting
from evidence.consent.ledger import ConsentLedger, read_ledger
from evidence.errors import ExhibitUnknownError
from evidence.scope import Ground, Refusal, Scope, Touch


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something may leave.

    Attributes:
        refusals: why not, without doubles; empty when it may.
        ground: number of the ground asked, or "".
    """

    refusals: tuple[Refusal, ...]
    ground: str
    scope: Scope

    @property
    def allowed(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.refusals

    @property
    def reasons(self) -> str:
        """The refusals in one line, for people."""
        return "; ".join(f"{item.text} [{item.code}]" for item in self.refusals)


def may_leave(
    case: Case,
    exhibits: tuple[str, ...],
    recipient: str,
    purpose: str,
    at: str,
    ground: Ground | None = None,
    *,
    ledger: ConsentLedger | None = None,
) -> Decision:
    """Decide whether `exhibits` may go to `recipient` for `purpose` at `at`.

    Args:
        at: UTC time, RFC 3339 with six fractional digits.
        ground: what the act is based on; None when nothing was named.
        ledger: the consents, when they were read already.

    Raises:
        ExhibitUnknownError: the case has no such exhibit.
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    ledger = read_ledger(case) if ledger is None else ledger
    for exhibit in exhibits:
        if exhibit not in ledger.situation.kinds:
            raise ExhibitUnknownError(exhibit=exhibit)
    scope = Scope(
        Touch.DISCLOSE, at, exhibits, recipient=recipient, purpose=purpose
    )
    found = [*ledger.situation.refusals(scope)]
    if ground is None:
        found.append(_nothing(ledger))
    else:
        found += ground.refusals(scope)
    if isinstance(ground, Consent):
        found += others_objecting(ledger.consents, ground, scope)
    told = {(item.code, item.text): item for item in found}
    return Decision(tuple(told.values()), ground.id if ground else "", scope)


def _nothing(ledger: ConsentLedger) -> Refusal:
    if ledger.profile == "ngo":
        text = "No consent and no other recorded basis was named"
    else:
        text = "No order or other authority was named"
    return Refusal("NO_GROUND", text)
