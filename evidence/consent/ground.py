"""One consent as a legal ground: what it covers, and precisely why not.

Everything fails closed: a member that is missing or odd covers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from evidence.consent.words import Giver, same_party, words
from evidence.scope import Refusal, Scope, Touch

DOCUMENT = "document"  # kind of exhibits that are papers of the record itself
ANONYMISED = "anonymised"  # kind of exhibits made to be published
_LEAVING = frozenset({Touch.DISCLOSE})


@dataclass(frozen=True, slots=True)
class Covered:
    """Which exhibits a consent is about: one of the three."""

    whole: bool = False
    exhibits: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def holds(self, exhibit: str, kind: str) -> bool:
        """Tell whether an exhibit of this kind is meant.

        The case's own papers (signed forms hold names) are meant only when named.
        """
        if exhibit in self.exhibits or kind in self.kinds:
            return True
        return self.whole and kind != DOCUMENT


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a person took back; an empty tuple stands for all.

    Attributes:
        at: UTC time from which it holds; entry: number of the entry.
    """

    at: str
    entry: int
    exhibits: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether nothing is left."""
        return not (self.exhibits or self.recipients or self.purposes)

    def touches(self, scope: Scope) -> bool:
        """Tell whether an act falls under what was taken back."""
        if scope.at < self.at:
            return False
        if self.exhibits and not set(self.exhibits) & set(scope.exhibits):
            return False
        if self.purposes and scope.purpose not in self.purposes:
            return False
        return not self.recipients or any(
            same_party(scope.recipient, name) for name in self.recipients
        )


@dataclass(frozen=True, slots=True)
class Deposit:
    """Exhibits kept sealed while a person reflects.

    Attributes:
        until: UTC time of its end; lifted_at: when the person lifted it, or "".
        exhibits: exhibits kept; empty for all.
    """

    number: str
    entry: int
    subject: str
    until: str
    exhibits: tuple[str, ...] = ()
    lifted_at: str = ""

    def runs(self, scope: Scope) -> bool:
        """Tell whether something an act concerns may not leave yet."""
        if scope.at >= self.until or (self.lifted_at and scope.at >= self.lifted_at):
            return False
        return not self.exhibits or bool(set(self.exhibits) & set(scope.exhibits))


@dataclass(slots=True)
class Situation:
    """What else in the case decides whether a consent helps.

    Attributes:
        newest: time of the newest entry, UTC.
        kinds: exhibit to its kind.
        no_contact: who must never be contacted nor get anything.
        deposits: reflection periods.
        suspects: persons registered as suspected or convicted.
    """

    newest: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    no_contact: tuple[str, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    suspects: frozenset[str] = frozenset()

    def refusals(self, scope: Scope) -> Iterator[Refusal]:
        """Yield why an act is not for now or not for this recipient, on any ground."""
        if scope.touch not in _LEAVING:
            return  # capturing is never held up by a clock; the entry tells of it
        if self.newest and scope.at < self.newest:
            text = "The clock is behind the newest entry: no term can be judged."
            yield Refusal("CLOCK_BEHIND", text)
        if any(same_party(scope.recipient, name) for name in self.no_contact):
            text = "The recipient stands on the no-contact list."
            yield Refusal("NO_CONTACT", text)
        for deposit in self.deposits:
            if deposit.runs(scope):
                text = f"{deposit.number} keeps it sealed until {deposit.until[:10]}."
                yield Refusal("REFLECTION_PERIOD", text)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as recorded (`evidence.scope.Ground`).

    Attributes:
        entry: number of its entry; recorded_at: time of the entry.
        minor: "no", "yes" or "presumed" (the age is unknown).
        protected: another child-protection basis is recorded for a minor.
        form: exhibit of the signed form, or "".
        reflection_until: UTC time, or "".
        waits: a second person has not approved it (yet).
    """

    id: str
    entry: int
    recorded_at: str
    subject: str
    minor: str
    given_by: str
    guardian: str
    protected: bool
    levels: tuple[str, ...]
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    covered: Covered
    language: str
    explained: tuple[str, ...]
    form: str
    given_at: str
    review_at: str
    valid_until: str
    reflection_until: str
    lifted_at: str
    withdrawals: tuple[Withdrawal, ...]
    waits: bool = False
    situation: Situation = field(default_factory=Situation, repr=False, compare=False)

    def status(self, at: str) -> str:
        """Return where it stands at a time, as one word."""
        if any(w.whole and at >= w.at for w in self.withdrawals):
            return "withdrawn"
        if self._ended(at):
            return "expired"
        if self.waits:
            return "waits for approval"
        if at < self.given_at:
            return "not yet given"
        if self._reflecting(at):
            return "reflection"
        if not self.review_at or at >= self.review_at:
            return "review overdue"
        partly = any(at >= w.at for w in self.withdrawals)
        return "withdrawn in part" if partly else "in force"

    def refusals(self, scope: Scope) -> list[Refusal]:
        """Return why it does not cover `scope`; empty when it does."""
        found = list(self.situation.refusals(scope))
        for check in _CHECKS:
            found += check(self, scope)
        if scope.touch in _LEAVING:
            for check in _LEAVING_CHECKS:
                found += check(self, scope)
        return found

    def _ended(self, at: str) -> bool:
        return bool(self.valid_until) and at >= self.valid_until

    def _reflecting(self, at: str) -> bool:
        lifted = bool(self.lifted_at) and at >= self.lifted_at
        return at < self.reflection_until and not lifted

    # -- for every act ---------------------------------------------------------------

    def _about_touch(self, scope: Scope) -> Iterator[Refusal]:
        if scope.touch is Touch.ERASE:
            text = f"{self.id} allows keeping and showing; it grounds no erasure."
            yield Refusal("CONSENT_TOUCH", text)

    def _about_time(self, scope: Scope) -> Iterator[Refusal]:
        if not self.given_at or scope.at < self.given_at:
            yield Refusal("CONSENT_NOT_YET", f"{self.id} was not given yet then.")
        if self.waits:
            text = f"{self.id} waits for a second person's approval."
            yield Refusal("CONSENT_WAITS", text)
        if self._ended(scope.at):
            text = f"{self.id} ended on {self.valid_until[:10]}."
            yield Refusal("CONSENT_EXPIRED", text)
        for taken in self.withdrawals:
            if taken.touches(scope):
                part = "" if taken.whole else " in this part"
                text = f"{self.id} was withdrawn{part} (entry {taken.entry})."
                yield Refusal("CONSENT_WITHDRAWN", text)

    def _about_exhibits(self, scope: Scope) -> Iterator[Refusal]:
        kinds = self.situation.kinds
        for exhibit in scope.exhibits:
            if not self.covered.holds(exhibit, kinds.get(exhibit, "")):
                text = f"{self.id} does not cover {exhibit}."
                yield Refusal("CONSENT_OTHER_EXHIBIT", text)
        if not scope.exhibits:
            named = bool(self.covered.exhibits)
            if scope.touch is not Touch.COLLECT or named:
                text = f"{self.id} does not cover what is not named."
                yield Refusal("CONSENT_OTHER_EXHIBIT", text)

    def _about_giver(self, scope: Scope) -> Iterator[Refusal]:
        alone = self.given_by not in (Giver.GUARDIAN, Giver.REPRESENTATIVE)
        if alone and self.minor != "no" and not self.protected:
            text = f"{self.id} was given without a guardian by a minor, or age unknown."
            yield Refusal("MINOR_NO_GUARDIAN", text)
        if self.given_by == Giver.SELF:
            return
        situation = self.situation
        parties = (*situation.suspects, *situation.no_contact, *self.recipients)
        parties += (scope.recipient,)
        if not self.guardian or any(same_party(self.guardian, p) for p in parties):
            text = (
                f"The guardian in {self.id} is suspected, receives it, or is blocked."
            )
            yield Refusal("GUARDIAN_CONFLICT", text)

    # -- for what leaves ---------------------------------------------------------------

    def _about_recipient(self, scope: Scope) -> Iterator[Refusal]:
        if not any(same_party(scope.recipient, name) for name in self.recipients):
            text = f"{self.id} does not name this recipient."
            yield Refusal("CONSENT_OTHER_RECIPIENT", text)

    def _about_purpose(self, scope: Scope) -> Iterator[Refusal]:
        if scope.purpose not in self.purposes:
            text = f"{self.id} was not given for this purpose."
            yield Refusal("CONSENT_OTHER_PURPOSE", text)
        needed = words().purposes.get(scope.purpose, ())
        if not set(needed) & set(self.levels):
            text = f"{self.id} does not go so far."
            yield Refusal("CONSENT_LEVEL", text)
        elif needed == ("publication-anonymised",):
            kinds = self.situation.kinds
            if any(kinds.get(name) != ANONYMISED for name in scope.exhibits):
                text = f"{self.id} lets only anonymised exhibits be published."
                yield Refusal("CONSENT_LEVEL", text)

    def _about_understanding(self, scope: Scope) -> Iterator[Refusal]:
        missing = [word for word in words().risks if word not in self.explained]
        if missing:
            text = (
                f"{self.id} was given before all was explained: {', '.join(missing)}."
            )
            yield Refusal("RISKS_NOT_EXPLAINED", text)
        if not self.review_at or scope.at >= self.review_at:
            text = f"{self.id} was to be looked at again by {self.review_at[:10]}."
            yield Refusal("REVIEW_OVERDUE", text)
        if self._reflecting(scope.at):
            text = (
                f"The person reflects until {self.reflection_until[:10]} ({self.id})."
            )
            yield Refusal("REFLECTION_PERIOD", text)


_Check = Callable[[Consent, Scope], Iterator[Refusal]]
# Private methods of the class above, in the order in which refusals are told.
_CHECKS: tuple[_Check, ...] = (
    Consent._about_touch,  # noqa: SLF001
    Consent._about_time,  # noqa: SLF001
    Consent._about_exhibits,  # noqa: SLF001
    Consent._about_giver,  # noqa: SLF001
)
_LEAVING_CHECKS: tuple[_Check, ...] = (
    Consent._about_recipient,  # noqa: SLF001
    Consent._about_purpose,  # noqa: SLF001
    Consent._about_understanding,  # noqa: SLF001
)


def others_objecting(
    consents: Mapping[str, Consent], ground: Consent, scope: Scope
) -> Iterator[Refusal]:
    """Yield withdrawals of other subjects that concern the same exhibits.

    One person's consent does not undo what another took back, unless that one gave a
    later consent that covers the act.
    """
    for other in consents.values():
        if same_party(other.subject, ground.subject):
            continue
        about = any(
            other.covered.holds(e, other.situation.kinds.get(e, ""))
            for e in scope.exhibits
        )
        if not about or not any(w.touches(scope) for w in other.withdrawals):
            continue
        again = any(
            same_party(later.subject, other.subject)
            and later.entry > max(w.entry for w in other.withdrawals)
            and not later.refusals(scope)
            for later in consents.values()
        )
        if not again:
            text = f"Another person withdrew {other.id}, which covers it, too."
            yield Refusal("OTHER_SUBJECT_WITHDREW", text)
