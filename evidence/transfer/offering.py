"""Offering exhibits to somebody: recorded first, then packed, and named whole last.

1. The gate (`evidence.leaving`) and the `transfer_out` entry: the commit point.
2. The package is written beside the case, under a name that ends in ``.part``.
3. An entry keeps the digest that names the package.
4. The folder gets its name.

A failure between 1 and 4 leaves an offer that nobody received, never the other way
round.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence.acquire import DOCUMENT
from evidence.authority.register import Authority
from evidence.case import Case, CaseWriter
from evidence.consent.words import check_recipient, same_party
from evidence.disclosing import Prepared
from evidence.grounds import Basis, Claim, read_grounds
from evidence.identity import Identity
from evidence.leaving import basis_to_leave
from evidence.scope import Scope, Touch
from evidence.transfer.register import next_number, read_transfers
from evidence.transfer.transmission import available_until, party
from evidence.transfer.words import (
    CHANNELS,
    MAX_ENCRYPTED,
    MAX_EXHIBITS,
    MAX_WHOLE,
)
from evidence.transfer_errors import AliasOtherKeyError, TransferUnsoundError
from evidence.vault.holders import holders_of
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

MAX_TEXT = 10_000
SUCCESSION = "safekeeping"  # the purpose for which a whole case may go


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be handed over, to whom, how.

    Attributes:
        recipient: a trusted identity; alias: how consents call them, "" for by key.
        kind: what the recipient is, for labels; "" when not said.
        purpose: closed word of `evidence.consent.words`.
        days: for which it can be had, 10 to 45.
        reference: proof of the means (a link's record, a postal number); sealed.
        whole: the whole case goes to a successor.
        emergency: handed over before the papers are there.
        report: SHA-256 (hex) of the issued report that goes along, "" for none.
    """

    recipient: Identity
    purpose: str
    channel: str
    alias: str = ""
    kind: str = ""
    days: int = 30
    reference: str = ""
    contact: str = ""
    remarks: str = ""
    whole: bool = False
    emergency: bool = False
    report: str = ""

    @property
    def called(self) -> str:
        """What the recipient is called where a ground is asked."""
        return self.alias or self.recipient.key


def check_wish(case: Case, wish: Wish, exhibits: Sequence[str]) -> None:
    """Refuse what cannot be offered, before anything is asked or written.

    Raises:
        ConsentAliasError: the alias may be a name.
        AliasOtherKeyError: it stood for another key before.
        TransferUnsoundError: too many exhibits, a text that is too long, ...
    """
    if wish.alias:
        check_recipient(wish.alias)
    if wish.channel not in CHANNELS:
        raise TransferUnsoundError(reason="the channel is not a known word")
    if any(len(t) > MAX_TEXT for t in (wish.reference, wish.contact, wish.remarks)):
        raise TransferUnsoundError(reason="a text is too long")
    if wish.whole and wish.purpose != SUCCESSION:
        reason = f"a whole case, with its sealed records, goes for {SUCCESSION} alone"
        raise TransferUnsoundError(reason=reason)
    holders = holders_of(case.entries()) if wish.whole else None
    if holders is not None and not holders.of_key(wish.recipient.key):
        reason = (
            "the case is encrypted and the recipient could not open it: first "
            "'custody recipient add'"
        )
        raise TransferUnsoundError(reason=reason)
    limit = MAX_WHOLE if wish.whole else MAX_EXHIBITS
    if not 0 < len(exhibits) <= limit:
        reason = f"an offer is of 1 to {limit} exhibits; split it"
        raise TransferUnsoundError(reason=reason)
    for one in read_transfers(case).given.values():
        other = one.recipient != wish.recipient.key
        if wish.alias and other and same_party(one.alias, wish.alias):
            raise AliasOtherKeyError(alias=wish.alias, entry=one.entry)


def check_size(prepared: Sequence[Prepared]) -> None:
    """Refuse encrypted exhibits whose digests would not go into one entry.

    Raises:
        TransferUnsoundError: they are too many.
    """
    some = any(item.enclosure is not None for item in prepared)
    if some and len(prepared) > MAX_ENCRYPTED:
        reason = f"an offer is of 1 to {MAX_ENCRYPTED} encrypted exhibits; split it"
        raise TransferUnsoundError(reason=reason)


def basis_of(
    case: Case, wish: Wish, exhibits: tuple[str, ...], at: str, claim: Claim
) -> Basis:
    """Return on what the hand-over stands, or refuse it.

    Raises:
        As `evidence.leaving.basis_to_leave`.
    """
    papers = _papers(case) if wish.whole else frozenset()
    scope = Scope(
        Touch.DISCLOSE,
        at,
        tuple(exhibit for exhibit in exhibits if exhibit not in papers),
        recipient=wish.called,
        purpose=wish.purpose,
    )
    return basis_to_leave(
        case,
        scope,
        claim,
        recipient_kind=wish.kind,
        act=EntryType.TRANSFER_OUT,
        also_called=wish.recipient.key if wish.alias else "",
    )


# Papers of the record itself: orders, consent wordings, receipts, packages' proofs.
_OF_RECORD = ("AU-", "CO-", "TI-", "TR-")


def _papers(case: Case) -> frozenset[str]:
    """Return the exhibits that are papers of the record, not evidence.

    They go with a whole case whose evidence may go, for without them it proves less.
    Statements and other documents are evidence and need a ground of their own.
    """
    found: set[str] = set()
    for entry in case.entries():
        of = entry.facts.get("documents")
        if entry.type != EntryType.ACQUIRE or entry.facts.get("kind") != DOCUMENT:
            continue
        if isinstance(of, str) and of.startswith(_OF_RECORD):
            found.update(entry.exhibits)
    return frozenset(found)


def record_offer(
    writer: CaseWriter,
    wish: Wish,
    *,
    prepared: Sequence[Prepared],
    exhibits: tuple[str, ...],
    basis: Basis,
    at: str,
    travels: Mapping[str, Json] | None = None,
) -> Entry:
    """Record an offer; the commit point of the act.

    Args:
        travels: as what it travels (`evidence.envelope.sealed.To.travels`); sealed.
        prepared: what is given of each exhibit; none when the whole case goes.
        at: UTC time from which it can be had.

    Raises:
        TransferUnsoundError: it is not available for 10 to 45 days.
        StorageFailedError: it was not recorded.
    """
    facts: dict[str, Json] = {
        "available_until": available_until(at, wish.days),
        "channel": wish.channel,
        "exhibits": [given_of(item) for item in prepared],
        "made_available_at": at,
        "number": next_number(writer.case),
        "purpose": wish.purpose,
        "recipient": wish.recipient.key,
        **basis.facts(),
    }
    if wish.alias:
        facts["alias"] = wish.alias
    if wish.kind:
        facts["recipient_kind"] = wish.kind
    if wish.emergency:
        facts["emergency"] = True
    if wish.whole:
        facts["whole"] = True
    if wish.report:
        facts["report"] = wish.report
    sealed: dict[str, Json] = {
        "contact": wish.contact,
        "orders": orders(writer.case, basis),
        "recipient": party(wish.recipient, wish.contact),
        "reference": wish.reference,
        "remarks": wish.remarks,
        "sender": party(writer.identity),
        "travels": dict(travels or {}),
        **basis.sealed(),
    }
    keys = {item.portion.exhibit: item.enclosure for item in prepared}
    sealed["keys"] = {  # so that an interrupted package can be finished
        name: b64encode(made.key).decode("ascii")
        for name, made in keys.items()
        if made is not None and made.key
    }
    return writer.record(
        EntryType.TRANSFER_OUT,
        facts=facts,
        private=sealed,
        exhibits=exhibits,
        authority=basis.ground,
    )


def given_of(item: Prepared) -> dict[str, Json]:
    """Say what is given of one exhibit, with the digest of a payload that goes."""
    told = item.facts()
    if item.portion.payload:
        told["bytes"] = item.expected.payload_bytes
        told["sha256"] = item.expected.payload_sha256
    return told


def orders(case: Case, basis: Basis) -> list[Json]:
    """Return the orders a hand-over belongs to (2025/1550 Annex 3.3.3 (a)(2)).

    A consent is named by its number alone: whose it is stays sealed.
    """
    if basis.ground is None:
        return []
    ground = read_grounds(case, list(case.entries())).get(basis.ground)
    told: dict[str, Json] = {
        "authority": "",
        "date": "",
        "file_number": "",
        "number": basis.ground,
        "type": "consent",
    }
    if isinstance(ground, Authority):
        sealed = _order(case.sealed(ground.entry))
        body = sealed.get("issuing_authority")
        issuer = body if isinstance(body, dict) else {}
        told["type"] = ground.text("type")
        told["date"] = ground.text("issued_at")
        told["authority"] = issuer.get("name", "")
        told["file_number"] = sealed.get("reference") or issuer.get("file_number", "")
    return [told]


def _order(sealed: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return an order's record; that of a case's first ground stands one deeper."""
    for name in ("ground", "order"):
        inner = sealed.get(name)
        if isinstance(inner, dict):
            return inner
    return sealed
