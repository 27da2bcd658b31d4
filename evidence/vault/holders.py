"""Who can open an encrypted case: recipients, as the entries tell it.

The first entry names the recipient of the case's own key and those the keys are
encrypted to; `annotate` entries of the kinds `recipient_add` and `recipient_remove`
change these; each acquire entry names its exhibit's recipient. Recipients are public
keys without names: whose they are stands in sealed records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from evidence.vault import bech32
from evidence.vault_errors import RecipientRefusedError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError

FORMAT: Final = "age-encryption.org/v1"
CASE: Final = "case"  # names the key of the case itself
ADD: Final = "recipient_add"
REMOVE: Final = "recipient_remove"
CUSTODIAN: Final = "custodian"
RECOVERY: Final = "recovery"
MAX_HOLDERS: Final = 64


def check_recipient(text: str) -> str:
    """Return an X25519 recipient in its one spelling.

    Raises:
        RecipientRefusedError: it is not one.
    """
    try:
        data = bech32.decode(text.strip(), "age")
    except MalformedError as error:
        reason = "it is not an age recipient (age1...)"
        raise RecipientRefusedError(reason=reason) from error
    if len(data) != 32:
        raise RecipientRefusedError(reason="it is not an age recipient (age1...)")
    return bech32.encode("age", data)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody every key of the case is encrypted to.

    Attributes:
        recipient: ``age1...``; kind: custodian or recovery.
        key: id of the signing key of the same person; None for a recovery key.
    """

    recipient: str
    kind: str
    key: str | None = None

    def facts(self) -> dict[str, Json]:
        """As it stands in an entry."""
        return {"key": self.key, "kind": self.kind, "recipient": self.recipient}


def _holder(value: Json) -> Holder | None:
    if not isinstance(value, dict):
        return None
    recipient, kind, key = (value.get(k) for k in ("recipient", "kind", "key"))
    if not isinstance(recipient, str) or kind not in (CUSTODIAN, RECOVERY):
        return None
    return Holder(recipient, str(kind), key if isinstance(key, str) else None)


@dataclass(slots=True)
class Holders:
    """Recipients of an encrypted case, worked out from its entries in order.

    Attributes:
        case: recipient of the case's own key.
        current: those the keys are encrypted to, by recipient.
        exhibits: recipient of each encrypted exhibit's own key.
    """

    case: str
    current: dict[str, Holder] = field(default_factory=dict)
    exhibits: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_opening(cls, entry: Entry) -> Holders | None:
        """Read the first entry; None when the case is not encrypted."""
        told = entry.facts.get("encryption")
        if not isinstance(told, dict) or not isinstance(told.get("recipient"), str):
            return None
        found = cls(str(told["recipient"]))
        listed = told.get("holders")
        for value in listed if isinstance(listed, list) else []:
            holder = _holder(value)
            if holder is not None:
                found.current[holder.recipient] = holder
        return found

    def take(self, entry: Entry) -> None:
        """Take a later entry."""
        facts = entry.facts
        if entry.type == EntryType.ACQUIRE and entry.exhibits:
            recipient = facts.get("recipient")
            if isinstance(recipient, str):
                self.exhibits.setdefault(entry.exhibits[0], recipient)
        elif entry.type == EntryType.ANNOTATE and facts.get("kind") in (ADD, REMOVE):
            holder = _holder(facts.get("holder"))
            if holder is None:
                return
            if facts["kind"] == ADD:
                self.current[holder.recipient] = holder
            else:
                self.current.pop(holder.recipient, None)

    def opening(self) -> Mapping[str, Json]:
        """The fact `encryption` of the first entry."""
        holders: list[Json] = [holder.facts() for holder in self.current.values()]
        return {"format": FORMAT, "holders": holders, "recipient": self.case}

    def count(self, kind: str) -> int:
        """How many of a kind there are."""
        return sum(holder.kind == kind for holder in self.current.values())

    def of_key(self, key: str) -> list[str]:
        """Return the recipients of the person with this signing key."""
        return [r for r, holder in self.current.items() if holder.key == key]

    def recipients(self) -> list[str]:
        """What every key of the case is encrypted to."""
        return list(self.current)


def holders_of(entries: Iterable[Entry]) -> Holders | None:
    """Work out the holders from all entries of a case; None when not encrypted."""
    found: Holders | None = None
    for entry in entries:
        if entry.seq == 0 and entry.type == EntryType.CASE_OPEN:
            found = Holders.of_opening(entry)
        elif found is not None:
            found.take(entry)
    return found


def reach(holders: Holders) -> str:
    """Say in one sentence who can open the case, and what is missing."""
    people, recovery = holders.count(CUSTODIAN), holders.count(RECOVERY)
    text = f"{people} custodian{'' if people == 1 else 's'} and "
    text += f"{recovery} recovery key{'' if recovery == 1 else 's'} can decrypt"
    if people + recovery < 2:
        text += "; if that one key or its passphrase is lost, so is the evidence"
    elif not recovery:
        text += "; no recovery key is kept elsewhere"
    return text + "."
