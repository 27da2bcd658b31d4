"""May these exhibits leave the case: to this recipient, for this purpose, now?

Asked by everything that lets content out. Reports without content and proof files that
show no record hold hashes and public facts only and are not asked about; in a case of
the profile "ngo", or an encrypted one, no proof file shows records.

Nothing leaves without a ground that covers exactly this. In a case of the profile
"ngo" that is a consent or another recorded basis; labels, the no-contact list and
reflection periods hold against every ground, so that only an override, which is logged,
leads around them. The profile is the one in the first entry, not that in the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evidence.authority.register import Authority
from evidence.case import Case
from evidence.consent.ground import Consent, others_objecting
from evidence.consent.ledger import ConsentLedger, read_ledger
from evidence.consent.words import same_party
from evidence.consent_errors import RecordsNotShownError, SecondPersonError
from evidence.errors import ExhibitUnknownError
from evidence.grounds import Basis, Claim, decide, read_grounds
from evidence.labels.enforcing import refusals as label_refusals
from evidence.retention.refusing import refusals as retention_refusals
from evidence.scope import Ground, Refusal, Scope, Touch
from evidence.spanning import with_data
from evidence.vault.keyring import FOLDER as KEYS
from manifests.entries import EntryType


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
    scope = Scope(Touch.DISCLOSE, at, exhibits, recipient=recipient, purpose=purpose)
    found = tuple(dict.fromkeys(_refusals(ledger, ground, scope)))
    found = tuple(dict.fromkeys((*found, *_labels(case, scope))))
    return Decision(found, ground.id if ground else "", scope)


def check_records_may_be_shown(case: Case) -> None:
    """Refuse to put content into what is made without a ground and without an entry.

    Raises:
        RecordsNotShownError: the case is encrypted, or one of the profile ngo.
    """
    first = next(case.entries(), None)
    ngo = first is not None and first.facts.get("profile") == "ngo"
    if ngo or (case.path / KEYS).is_dir():
        raise RecordsNotShownError


def basis_to_leave(
    case: Case,
    scope: Scope,
    claim: Claim,
    *,
    recipient_kind: str = "",
    act: EntryType = EntryType.DISCLOSE,
    also_called: str = "",
) -> Basis:
    """Return on what letting something out stands, or refuse it.

    Labels in force, the no-contact list and reflection periods hold against every
    ground.

    Args:
        scope: an act of `Touch.DISCLOSE` on exhibits the case has.
        recipient_kind: one of `evidence.labels.words.RECIPIENTS`; "" when unknown.
        act: the type of the entry that will record it.
        also_called: another name of the recipient, e.g. their key id beside an alias:
            what speaks against either speaks against both.

    Raises:
        GroundRefusedError, NoGroundError, ...: as `evidence.grounds.decide`.
        SecondPersonError: the case wants an approval first, which nothing can wait for.
    """
    entries = list(case.entries())
    ledger = read_ledger(case)
    if {EntryType.DISCLOSE, act} & ledger.two_person:
        raise SecondPersonError
    grounds = read_grounds(case, entries)
    scope = with_data(case, scope, grounds.values(), entries)
    against = _labels(case, scope, recipient_kind)
    if also_called:
        other = replace(scope, recipient=also_called)
        against = (*against, *ledger.situation.refusals(other))
    asked = {name: _Asked(g, ledger, against) for name, g in grounds.items()}
    basis = decide(asked, scope, claim, profile=ledger.profile)
    if basis.ground is None:
        # No single ground was asked: what holds against every one is said, too.
        more = (*ledger.situation.refusals(scope), *against)
        overridden = tuple(dict.fromkeys((*basis.overridden, *more)))
        return replace(basis, overridden=overridden)
    return basis


@dataclass(frozen=True, slots=True)
class _Asked:
    """A ground that also says what in the case speaks against letting things out."""

    ground: Ground
    ledger: ConsentLedger
    against: tuple[Refusal, ...]

    @property
    def id(self) -> str:
        return self.ground.id

    def refusals(self, scope: Scope) -> Sequence[Refusal]:
        found = _refusals(self.ledger, self.ground, scope)
        return tuple(dict.fromkeys((*found, *self.against)))


# What the word in an alias says of a recipient; of others nothing is known.
_KINDS = {"CRT": "court", "NGO": "ngo", "POL": "police"}


def _labels(case: Case, scope: Scope, kind: str = "") -> tuple[Refusal, ...]:
    """Return what labels on the exhibits, and restrictions of them, say against it."""
    kind = kind or _KINDS.get(scope.recipient[:3], "")
    found = label_refusals(case, scope, recipient_kind=kind)
    return (*found, *retention_refusals(case, scope))


def _refusals(
    ledger: ConsentLedger, ground: Ground | None, scope: Scope
) -> Iterator[Refusal]:
    yield from ledger.situation.refusals(scope)
    if ground is None:
        words = "consent or other basis" if ledger.profile == "ngo" else "authority"
        yield Refusal("GROUND_MISSING", f"No recorded {words} was named.")
        return
    yield from ground.refusals(scope)
    if isinstance(ground, Consent):
        yield from others_objecting(ledger.consents, ground, scope)
    elif ledger.profile == "ngo":
        yield from _inexact(ground, scope)


def _inexact(ground: Ground, scope: Scope) -> Iterator[Refusal]:
    """Refuse a basis that does not name these exhibits, this recipient, this purpose.

    An organisation that keeps what a person gave it lets nothing out on a ground in
    general terms; what a ground does not say, it does not say.
    """
    named = {"exhibit": False, "recipient": False, "purpose": False}
    if isinstance(ground, Authority):
        parties = ground.words("recipients")
        named["exhibit"] = set(scope.exhibits) <= set(ground.words("covers"))
        named["recipient"] = any(same_party(scope.recipient, p) for p in parties)
        named["purpose"] = scope.purpose in ground.words("purposes")
    for word, told in named.items():
        if not told:
            text = f"{ground.id} does not name exactly this {word}."
            yield Refusal("BASIS_INEXACT", text)
