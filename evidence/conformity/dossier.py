"""A verified case as the predicates of the catalogues see it; nothing is written.

Sealed records are opened only to see whether a field is filled in. Nothing of what
stands there goes into an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evidence.authority.deadline import Deadline
from evidence.authority.deadlines import deadlines
from evidence.authority.instruments import Instrument
from evidence.authority.order import Order, order_from
from evidence.authority.register import Authority, authorities
from evidence.authority_errors import OrderMalformedError
from evidence.conformity.answers import Item
from evidence.errors import UnsealableError
from manifests.entries import Entry, EntryType

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.checking import Checked
    from manifests.canonical import Json
    from manifests.verifying.reading import LogReading
    from manifests.verifying.verdict import Verdict

ORDERS = (Instrument.EPOC, Instrument.EPOC_PR)
LEAVING = (EntryType.DISCLOSE, EntryType.TRANSMIT, EntryType.TRANSFER_OUT)
SENDING = (EntryType.TRANSMIT, EntryType.TRANSFER_OUT)
DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case at a time.

    Attributes:
        at: UTC, as `clock.utc_text` writes it; deadlines are compared with it.
        acts: entries in force, by type.
        authorities: by number, with what became of them.
        due: every deadline of the case, by id.
        verdict, log: of the verification made for this table.
        unseal: returns the sealed record of an entry; None when not available.
    """

    case: Case
    at: str
    entries: tuple[Entry, ...]
    acts: Mapping[str, list[Entry]]
    authorities: Mapping[str, Authority]
    due: Mapping[str, Deadline]
    verdict: Verdict
    log: LogReading
    unseal: Callable[[Entry], Mapping[str, Json] | None]
    _orders: dict[str, Order | None] = field(default_factory=dict)

    def of(self, *types: str) -> list[Entry]:
        """Return the acts of some types that are in force, in order.

        One that waits for a second person, or was refused by one, proves nothing.
        """
        found = [entry for kind in types for entry in self.acts.get(kind, ())]
        return found if len(types) == 1 else sorted(found, key=lambda e: e.seq)

    def noted(self, *kinds: str) -> list[Entry]:
        """Return the annotations of some kinds."""
        found = self.of(EntryType.ANNOTATE)
        return [entry for entry in found if entry.facts.get("kind") in kinds]

    @property
    def evidence(self) -> list[Entry]:
        """Acquisitions of evidence: the papers of the record are none."""
        found = self.of(EntryType.ACQUIRE)
        return [entry for entry in found if entry.facts.get("kind") != DOCUMENT]

    def orders(self, *types: str, history: bool = False) -> list[Item[Authority]]:
        """Return the European orders of some types (of both when none is named).

        Args:
            history: link what became of an order, too, not its first entry alone.
        """
        return [
            Item(one.id, one.log if history else (one.entry.seq,), one)
            for one in self.authorities.values()
            if one.text("type") in (types or ORDERS)
        ]

    def under(self, one: Authority) -> list[Entry]:
        """Return the acquisitions of evidence that stand on an authority."""
        return [e for e in self.evidence if e.body.get("authority") == one.id]

    def order(self, one: Authority) -> Order | None:
        """Return the sealed order of an authority; None when it is not available."""
        if one.id not in self._orders:
            self._orders[one.id] = self._read_order(one)
        return self._orders[one.id]

    def _read_order(self, one: Authority) -> Order | None:
        record = self.unseal(one.entry)
        if record is None:
            return None
        value = record.get("order") or record.get("ground")
        try:
            return order_from(dict(value) if isinstance(value, dict) else {})
        except OrderMalformedError:
            return None


def read_dossier(case: Case, checked: Checked, at: str) -> Dossier:
    """Read a case that was verified.

    Raises:
        CaseUnreadableError, MalformedError: its log cannot be read.
    """

    def unseal(entry: Entry) -> Mapping[str, Json] | None:
        try:
            return case.sealed(entry)
        except UnsealableError:
            return None

    entries = tuple(case.entries())
    not_in_force = {*checked.log.waiting, *checked.log.refused}
    acts: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.seq not in not_in_force:
            acts.setdefault(entry.type, []).append(entry)
    return Dossier(
        case=case,
        at=at,
        entries=entries,
        acts=acts,
        authorities=authorities(entries),
        due={line.id: line for line in deadlines(entries)},
        verdict=checked.verdict,
        log=checked.log,
        unseal=unseal,
    )


def is_encrypted(acquired: Entry) -> bool:
    """Tell whether an acquire entry says that its payload is stored encrypted."""
    payload = acquired.facts.get("payload")
    if "cipher" in acquired.facts:
        return True
    if not isinstance(payload, dict):
        return False
    return "cipher" in payload or str(payload.get("name")).endswith(".age")
