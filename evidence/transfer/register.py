"""The hand-overs of a case as its entries tell them: offers, answers, receipts.

Read from public facts alone, so that anybody who holds the entries works out the same.
An offer is numbered ``TR-0001`` and something received ``TI-0001``, by their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from evidence import clock
from evidence.authority.register import is_time, moment
from evidence.case import Case
from evidence.transfer.words import (
    ACCEPTED,
    ANSWERED,
    DECLINED,
    DIFFERENCES,
    EMERGENCY,
    INFORMAL,
    OFFERED,
    OVERDUE,
    PACKED,
    RETURNED,
)
from evidence.transfer_errors import TransferUnknownError, TransferUnsoundError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.verifying.transfers import RETURN, TOLD, names_offer

_OPEN = frozenset({OFFERED, OVERDUE, EMERGENCY, DIFFERENCES})
LONG_GAP = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer the giver's log holds.

    Attributes:
        entry: number of the giver's entry that records it.
        leaf: leaf hash of the receiver's own entry, hex; "" when it was only told.
        at: when it was given, by the receiver's clock (told: as told).
        receipt: exhibit with the receipt file; "" without one.
    """

    entry: int
    result: str
    reason: str
    leaf: str
    at: str
    receipt: str

    @property
    def told(self) -> bool:
        """Tell whether the receiver signed nothing."""
        return not self.leaf


@dataclass(frozen=True, slots=True)
class Transfer:
    """An offer of this case and what became of it.

    Attributes:
        leaf: leaf hash (hex) of the offer's entry: what its answers name.
        recipient: key id; alias: as consents call them, "" without one.
        packages: digests of the packages that were written for it.
        answers: in the order in which they were recorded.
    """

    number: str
    entry: int
    leaf: str
    time: str
    exhibits: tuple[str, ...]
    whole: bool
    recipient: str
    alias: str
    purpose: str
    channel: str
    emergency: bool
    available_until: str
    packages: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()

    def state(self, at: str) -> str:
        """Return the state at a UTC time: one of `evidence.transfer.words.STATES`."""
        if self.answers:
            return self.result if self._signed else INFORMAL
        if self.available_until and at > self.available_until:
            return OVERDUE
        return EMERGENCY if self.emergency else OFFERED

    @property
    def result(self) -> str:
        """The newest signed answer's result, else what was told; "" without either."""
        counting = self._signed or self.answers
        return counting[-1].result if counting else ""

    @property
    def _signed(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if not answer.told)

    @property
    def contradicted(self) -> bool:
        """Tell whether the receiver signed both that it took it and that it did not."""
        results = {answer.result for answer in self._signed}
        return DECLINED in results and bool(results & {ACCEPTED, DIFFERENCES})

    @property
    def gap(self) -> str:
        """Return in words where nobody confirmed custody, "" when there is no gap."""
        signed = self._signed
        if not signed:
            word = "only told, not signed" if self.answers else "not answered"
            return f"{word} since {self.time}"
        first = signed[0].at
        if not is_time(first) or first < self.time:
            return "the two clocks disagree: answered before it was offered"
        waited = moment(first) - moment(self.time)
        if waited <= LONG_GAP:
            return ""
        return f"{waited.days} days on the way, from {self.time} to {first}"


@dataclass(frozen=True, slots=True)
class Received:
    """An offer of another log that this case answered.

    Attributes:
        offer: leaf hash (hex) of the offer's entry; log, seq: where it stands.
        exhibits: of this case, that came with it.
    """

    number: str
    entry: int
    time: str
    offer: str
    log: str
    seq: int
    sender: str
    result: str
    reason: str
    package: str
    exhibits: tuple[str, ...]
    returned: str = ""
    returned_entry: int = -1

    def entry_of(self, result: str) -> int:
        """Return the entry of this case that answers with `result`.

        Raises:
            TransferUnsoundError: there is none.
        """
        if result == self.result:
            return self.entry
        if result == RETURNED and self.returned:
            return self.returned_entry
        reason = f"{self.number} has no answer '{result}' here"
        raise TransferUnsoundError(reason=reason)


@dataclass(frozen=True, slots=True)
class Transfers:
    """All hand-overs of a case.

    Attributes:
        odd: numbers of entries that answer an offer the case never made.
    """

    given: Mapping[str, Transfer]
    received: Mapping[str, Received]
    odd: tuple[int, ...] = ()

    def offer(self, number: str) -> Transfer:
        """Return an offer.

        Raises:
            TransferUnknownError: there is none of that number.
        """
        found = self.given.get(number.upper())
        if found is None:
            raise TransferUnknownError(number=number)
        return found

    def incoming(self, number: str) -> Received:
        """Return something received.

        Raises:
            TransferUnknownError: there is none of that number.
        """
        found = self.received.get(number.upper())
        if found is None:
            raise TransferUnknownError(number=number)
        return found


def transfers(entries: Iterable[Entry]) -> Transfers:
    """Return the hand-overs that entries tell of."""
    given: dict[str, Transfer] = {}
    by_leaf: dict[str, str] = {}
    received: dict[str, Received] = {}
    odd: list[int] = []
    for entry in entries:
        facts, kind = entry.facts, entry.facts.get("kind")
        if entry.type == EntryType.TRANSFER_OUT and kind == RETURN:
            _give_back(received, entry)
        elif entry.type == EntryType.TRANSFER_OUT:
            one = _offer(entry, len(given) + 1)
            given[one.number], by_leaf[one.leaf] = one, one.number
        elif entry.type == EntryType.TRANSFER_IN:
            incoming = _received(entry, len(received) + 1)
            received[incoming.number] = incoming
        elif entry.type == EntryType.ANNOTATE and kind in (PACKED, ANSWERED, TOLD):
            number = by_leaf.get(names_offer(entry))
            if number is None:
                odd.append(entry.seq)
                continue
            one = given[number]
            if kind == PACKED:
                packages = (*one.packages, _text(facts, "package"))
                given[number] = replace(one, packages=packages)
            else:
                answers = (*one.answers, _answer(entry))
                given[number] = replace(one, answers=answers)
    return Transfers(given, received, tuple(odd))


def read_transfers(case: Case) -> Transfers:
    """Return the hand-overs of a case.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    return transfers(case.entries())


def open_transfers(case: Case, at: str = "") -> tuple[Transfer, ...]:
    """Return the offers that are not settled: not answered, or with differences.

    What they are about is still needed: it is not to be erased.

    Args:
        at: UTC time; "" for now.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    moment_asked = at or clock.now().time
    given = read_transfers(case).given.values()
    return tuple(one for one in given if one.state(moment_asked) in _OPEN)


def _text(facts: Mapping[str, Json], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""


def _offer(entry: Entry, number: int) -> Transfer:
    facts = entry.facts
    return Transfer(
        number=f"TR-{number:04d}",
        entry=entry.seq,
        leaf=entry.leaf.hex(),
        time=entry.time,
        exhibits=entry.exhibits,
        whole=facts.get("whole") is True,
        recipient=_text(facts, "recipient"),
        alias=_text(facts, "alias"),
        purpose=_text(facts, "purpose"),
        channel=_text(facts, "channel"),
        emergency=facts.get("emergency") is True,
        available_until=_text(facts, "available_until"),
    )


def _answer(entry: Entry) -> Answer:
    facts = entry.facts
    return Answer(
        entry=entry.seq,
        result=_text(facts, "result"),
        reason=_text(facts, "reason"),
        leaf="" if facts.get("kind") == TOLD else _text(facts, "answer"),
        at=_text(facts, "at"),
        receipt=_text(facts, "receipt"),
    )


def _received(entry: Entry, number: int) -> Received:
    facts = entry.facts
    offer = facts.get("offer")
    told = offer if isinstance(offer, dict) else {}
    seq = told.get("seq")
    return Received(
        number=f"TI-{number:04d}",
        entry=entry.seq,
        time=entry.time,
        offer=names_offer(entry),
        log=_text(told, "log"),
        seq=seq if isinstance(seq, int) else -1,
        sender=_text(facts, "sender"),
        result=_text(facts, "result"),
        reason=_text(facts, "reason"),
        package=_text(facts, "package"),
        exhibits=entry.exhibits,
    )


def _give_back(received: dict[str, Received], entry: Entry) -> None:
    number = _text(entry.facts, "number")
    if number in received:
        how = _text(entry.facts, "how")
        one = replace(received[number], returned=how, returned_entry=entry.seq)
        received[number] = one


def next_number(case: Case) -> str:
    """Return the number the next offer gets."""
    return f"TR-{len(read_transfers(case).given) + 1:04d}"
