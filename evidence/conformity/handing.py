"""Predicates on Art. 13 to 28 of Regulation (EU) 2023/1543, and on hand-overs.

The items of a transmission manifest (Implementing Regulation (EU) 2025/1550, 3.3.3)
are read from the entries `transfer_out` and `transmit`: from a member `transmission`
of the facts or the sealed record, else from these themselves. Members: ``sender``,
``recipient``, ``orders``, ``made_available_at``, ``means`` (or ``channel``), ``files``
(each ``name``, ``size``, ``digests``: algorithm to hex), ``available_until``,
``remarks``. Without ``files`` they are those of the exhibits given, as their acquire
entries name them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from evidence.authority.instruments import Instrument
from evidence.authority.register import is_time, moment
from evidence.conformity.answers import FINE, SEALED, absent, acts, axes, each, unseen
from evidence.conformity.dossier import SENDING
from evidence.conformity.model import Answer
from manifests.entries import EntryType
from manifests.verifying.verdict import Axis, Code

if TYPE_CHECKING:
    from evidence.authority.register import Authority
    from evidence.conformity.dossier import Dossier
    from manifests.canonical import Json
    from manifests.entries import Entry

NO_EPOC = "The case records no EPOC."
NOT_SENT = "No transmission of evidence (transfer_out, transmit) is recorded."
_PUT_OFF = ("delayed", "restricted", "omitted")
_WEAK = ("md5", "sha1", "sha-1")
_LEAST, _MOST = timedelta(days=10), timedelta(days=45)

Record = Mapping[str, "Json"]


def informed(dossier: Dossier) -> Answer:
    """Art. 13(1): the person was told, or it is recorded that this is put off."""

    def lack(one: Authority) -> str:
        state = one.text("user_information")
        if state in ("sent", *_PUT_OFF):
            return FINE
        if state == "due":
            return "the person has not been informed yet"
        return "whether the person is informed is not recorded"

    orders = dossier.orders(Instrument.EPOC)
    return each(orders, lack, good="It is recorded.", none=NO_EPOC)


def put_off(dossier: Dossier) -> Answer:
    """Art. 13(2): grounds and reasons for delay, restriction, omission."""

    def lack(one: Authority) -> str | None:
        if one.text("user_information") not in _PUT_OFF:
            return None
        if not one.words("delay_grounds"):
            return "names no ground of LED Art. 13(3)"
        review = one.time("delay_review_at")
        if one.text("user_information") == "delayed" and not review:
            return "no date is set to review the delay"
        if review and dossier.at > review:
            return f"the delay had to be reviewed by {review}"
        order = dossier.order(one)
        if order is None:
            return SEALED
        reasons = order.user_information.reasons
        return FINE if reasons else "the reasons are not in the case file"

    return each(
        dossier.orders(Instrument.EPOC),
        lack,
        good="Ground and reasons are recorded.",
        none="Informing is not put off.",
    )


def channel(dossier: Dossier) -> Answer:
    """Art. 19(1), (4): how the order was sent."""
    return each(
        dossier.orders(),
        lambda one: FINE if one.text("channel") else "its channel is not recorded",
        good="The channel is recorded.",
        none="The case records no European order.",
    )


def authenticity(dossier: Dossier) -> Answer:
    """Art. 19(5): alternative means let the recipient establish authenticity."""
    other = [
        number
        for item in dossier.orders()
        if item.thing.text("channel") in ("alternative", "paper", "oral")
        for number in item.entries
    ]
    sent = [entry.seq for entry in dossier.of(*SENDING)]
    if not other and not sent:
        return absent("Nothing was sent by alternative means.")
    good = "Whoever receives it can verify signatures and order."
    found = axes(dossier, Axis.SIGNED, Axis.CONSISTENT, good=good)
    entries = tuple(sorted({*other, *sent}))
    return Answer(found.outcome, found.why, entries, found.axes)


def level(dossier: Dossier) -> Answer:
    """Art. 21 and eIDAS: which level of signature was really reached."""
    codes = [finding.code for finding in dossier.verdict.findings]
    certified = sum(len(head.cades) for head in dossier.log.heads)
    trusted = codes.count(Code.P7S_TRUSTED)
    if not certified:
        reached = "Keys without certificates sign; that is no qualified signature."
    else:
        reached = (
            f"{certified} signature(s) by certificate stand beside checkpoints; "
            f"{trusted} lead(s) to a root given with --ca-root."
        )
    return unseen(f"Level reached: {reached} A qualified one is not established.")


def countable(dossier: Dossier) -> Answer:
    """Art. 28: the record holds what the yearly statistics count."""

    def lack(one: Authority) -> str:
        if not one.words("categories"):
            return "its data categories are not recorded"
        for name in ("issued_at", "received_at"):
            if not one.time(name):
                return f"{name} is not recorded"
        order = dossier.order(one)
        if order is None:
            return SEALED
        return FINE if order.addressee.name else "its addressee is not recorded"

    return each(
        dossier.orders(),
        lack,
        good="Categories, addressee, emergency and times can be counted.",
        none="The case records no European order.",
    )


def members(dossier: Dossier, entry: Entry) -> tuple[Record, bool]:
    """Return what an entry says of a transmission, and whether all of it was seen."""
    sealed = dossier.unseal(entry)
    found: dict[str, Json] = {}
    for record in (entry.facts, sealed or {}):
        found |= record
    for record in (entry.facts, sealed or {}):
        inner = record.get("transmission")
        found |= inner if isinstance(inner, dict) else {}
    if not found.get("means"):
        found["means"] = found.get("channel")
    if "files" not in found:
        found["files"] = _files_given(dossier, entry)
    return found, sealed is not None


def _files_given(dossier: Dossier, entry: Entry) -> list[Json]:
    """Return the payloads given, as recorded when they were acquired."""
    given = entry.facts.get("exhibits")
    listed = given if isinstance(given, list) else []
    parts = [one for one in listed if isinstance(one, dict)]
    wanted = {str(one.get("exhibit")) for one in parts if one.get("payload") is True}
    whole = entry.facts.get("whole") is True
    found: list[Json] = []
    for acquired in dossier.of(EntryType.ACQUIRE):
        payload = acquired.facts.get("payload")
        exhibit = next(iter(acquired.exhibits), "")
        if isinstance(payload, dict) and (whole or exhibit in wanted):
            name = payload.get("name")
            found.append(
                {
                    "name": f"{exhibit}/{name}" if name else "",
                    "size": payload.get("bytes"),
                    "digests": {"SHA-256": payload.get("sha256")},
                }
            )
    return found


def _item(lack: Callable[[Record, Entry], str | None]) -> Callable[[Dossier], Answer]:
    """Return a predicate on one item of every transmission."""

    def judge(dossier: Dossier) -> Answer:
        def told(entry: Entry) -> str | None:
            record, whole = members(dossier, entry)
            said = lack(record, entry)
            return SEALED if said and not whole else said

        # What is given back was sent by its giver: the items are those of that offer.
        given = [e for e in dossier.of(*SENDING) if e.facts.get("kind") != "return"]
        sent = acts(given)
        return each(sent, told, good="Recorded.", none=NOT_SENT)

    return judge


def _has(name: str, told: str) -> Callable[[Dossier], Answer]:
    return _item(lambda record, _entry: FINE if record.get(name) else told)


def _files(record: Record) -> list[Record]:
    files = record.get("files")
    found = files if isinstance(files, list) else []
    return [one for one in found if isinstance(one, dict)]


def _all_files(record: Record, holds: Callable[[Record], bool], told: str) -> str:
    files = _files(record)
    return FINE if files and all(holds(one) for one in files) else told


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _strong(one: Record) -> bool:
    digests = one.get("digests")
    names = digests if isinstance(digests, dict) else {}
    return any(str(name).lower() not in _WEAK and names[name] for name in names)


def _available(record: Record, entry: Entry) -> str:
    until = record.get("available_until")
    start = record.get("made_available_at") or entry.time
    if not isinstance(until, str) or not is_time(until):
        return "until when it is available is not recorded"
    if not isinstance(start, str) or not is_time(start):
        return "since when it is available is not recorded"
    # Calendar days: the last one counts to its end.
    days = moment(until).date() - moment(start).date()
    return FINE if _LEAST <= days <= _MOST else "not between 10 and 45 days"


def _transmitted(record: Record, _entry: Entry) -> str:
    if not record.get("recipient"):
        return "names no recipient"
    named = _all_files(record, lambda f: bool(f.get("name")), "names no files")
    return named or _all_files(record, lambda f: _is_count(f.get("size")), "no sizes")


transmission = _item(_transmitted)
parties = _has("recipient", "names no recipient")
orders_named = _item(
    lambda record, entry: (
        FINE
        if record.get("orders") or entry.body.get("authority")
        else "names no order it belongs to"
    )
)
sent_at = _item(
    lambda record, entry: (
        FINE
        if is_time(str(record.get("made_available_at") or entry.time))
        else "gives no time"
    )
)
means = _has("means", "names no means of transmission")
names = _item(
    lambda record, _entry: _all_files(
        record, lambda f: bool(f.get("name")), "does not name its files in full"
    )
)
sizes = _item(
    lambda record, _entry: _all_files(
        record, lambda f: _is_count(f.get("size")), "does not give every size"
    )
)
digests = _item(
    lambda record, _entry: _all_files(
        record, _strong, "a file has no digest of a strong algorithm"
    )
)
available = _item(_available)
remarks = _item(lambda record, _entry: FINE if record.get("remarks") else None)
