"""The transmission manifest: exactly the items of Regulation (EU) 2025/1550.

Implementing Regulation (EU) 2025/1550, Annex, 3.3.3: (a)(1) sender and recipient, (2)
the orders it belongs to, (3) when it was sent or made available, (4) by which means,
(5) full file names, (6) sizes, (7) digests with the names of the algorithms; (b) until
when it can be had, 10 to 45 days; (c) remarks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from evidence.authority.register import is_time, moment
from evidence.clock import utc_text
from evidence.hashing import Digest
from evidence.identity import Identity
from evidence.transfer.words import CHANNELS, MAX_DAYS, MIN_DAYS
from evidence.transfer_errors import TransferUnsoundError
from manifests import canonical
from manifests.canonical import Json
from manifests.entries import Entry
from manifests.errors import MalformedError

NAME = "transmission-manifest.json"
MAX_BYTES = 16 << 20
MEMBERS = frozenset(
    {
        "available_until",
        "files",
        "made_available_at",
        "means",
        "orders",
        "recipient",
        "remarks",
        "sender",
    }
)
_PARTY = {"contact", "key", "name", "organisation", "role"}
_ORDER = {"authority", "date", "file_number", "number", "type"}
_MEANS = {"proof_item_id", "reference", "type"}
_FILE = {"digests", "name", "size"}
_DIGESTS = {"SHA-256": 64, "SHA-512": 128}  # hex digits
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_WHAT = "a transmission manifest"


def available_until(made_available_at: str, days: int) -> str:
    """Return the end of the time in which the evidence can be had.

    Raises:
        TransferUnsoundError: fewer than 10 or more than 45 calendar days.
    """
    if not MIN_DAYS <= days <= MAX_DAYS:
        reason = f"it has to be available for {MIN_DAYS} to {MAX_DAYS} days"
        raise TransferUnsoundError(reason=f"{reason} (Regulation (EU) 2025/1550)")
    return utc_text(moment(made_available_at) + timedelta(days=days))


def party(identity: Identity, contact: str = "") -> dict[str, Json]:
    """Return a party as item (a)(1) names it."""
    return {
        "contact": contact,
        "key": identity.key,
        "name": identity.name,
        "organisation": identity.organisation,
        "role": identity.role,
    }


def file_items(files: Mapping[str, Digest]) -> list[Json]:
    """Return items (a)(5) to (7) of files by their names in the package."""
    return [
        {
            "digests": {"SHA-256": digest.sha256, "SHA-512": digest.sha512},
            "name": name,
            "size": digest.bytes,
        }
        for name, digest in files.items()
    ]


def write_transmission(
    *,
    sender: Mapping[str, Json],
    recipient: Mapping[str, Json],
    orders: Sequence[Mapping[str, Json]],
    made_available_at: str,
    until: str,
    means: Mapping[str, Json],
    files: list[Json],
    remarks: str,
) -> bytes:
    """Return the bytes of a transmission manifest (canonical JSON)."""
    value: dict[str, Json] = {
        "available_until": until,
        "files": files,
        "made_available_at": made_available_at,
        "means": dict(means),
        "orders": [dict(order) for order in orders],
        "recipient": dict(recipient),
        "remarks": remarks,
        "sender": dict(sender),
    }
    return canonical.encode(value, what=_WHAT)


def restated(
    facts: Mapping[str, Json],
    offer: Mapping[str, Json],
    packed: Mapping[str, Json],
) -> bytes:
    """Return the manifest of a package from what the giver's log keeps of it.

    Args:
        facts, offer: public and sealed facts of the offer; packed: sealed facts of
            the entry that says the package was written.

    Raises:
        MalformedError: they do not hold what they should.
    """
    sender, recipient = offer.get("sender"), offer.get("recipient")
    if not isinstance(sender, dict) or not isinstance(recipient, dict):
        raise _malformed("its offer does not name the parties")
    files = packed.get("files")
    if not isinstance(files, list):
        raise _malformed("the files are not listed")
    orders = offer.get("orders")
    return write_transmission(
        sender=sender,
        recipient=recipient,
        orders=[o for o in orders if isinstance(o, dict)]
        if isinstance(orders, list)
        else [],
        made_available_at=str(facts.get("made_available_at")),
        until=str(facts.get("available_until")),
        means={
            "proof_item_id": None,
            "reference": offer.get("reference"),
            "type": facts.get("channel"),
        },
        files=files,
        remarks=str(offer.get("remarks") or ""),
    )


def read_transmission(data: bytes) -> dict[str, Json]:
    """Read a transmission manifest and check that every item is there and possible.

    Raises:
        MalformedError: an item is missing, odd, or the time is not 10 to 45 days.
    """
    value = canonical.decode_object(data, what=_WHAT, max_bytes=MAX_BYTES)
    if set(value) != MEMBERS:
        raise _malformed("its items are not those of Annex 3.3.3")
    for name in ("sender", "recipient"):
        found = _texts(value[name], _PARTY, f"its {name} has not the prescribed items")
        if not (found["key"] and found["name"]):
            raise _malformed(f"its {name} has no name or key")
    start, end = value["made_available_at"], value["available_until"]
    if not (isinstance(start, str) and isinstance(end, str)):
        raise _malformed("its times are no text")
    if not (is_time(start) and is_time(end)):
        raise _malformed("its times are no times")
    span = moment(end) - moment(start)
    if not timedelta(days=MIN_DAYS) <= span <= timedelta(days=MAX_DAYS):
        raise _malformed(f"it is not available for {MIN_DAYS} to {MAX_DAYS} days")
    means = value["means"]
    if not isinstance(means, dict) or set(means) != _MEANS:
        raise _malformed("its means have not the prescribed items")
    if means["type"] not in CHANNELS:
        raise _malformed("its means are not among the known ones")
    orders = value["orders"]
    if not isinstance(orders, list) or not isinstance(value["remarks"], str):
        raise _malformed("its orders or remarks have not their form")
    for order in orders:
        _texts(order, _ORDER, "an order in it has not the prescribed items")
    listed_files(value)
    return value


def agrees(value: Mapping[str, Json], offer: Entry) -> bool:
    """Tell whether a manifest says what the signed offer says in public.

    Names, contacts, orders' file numbers and remarks are sealed in the offer: that they
    are the giver's follows from the package's number alone.

    Args:
        value: as `read_transmission` returned it.
    """
    facts, orders = offer.facts, value["orders"]
    numbers = [
        one.get("number") if isinstance(one, dict) else None
        for one in (orders if isinstance(orders, list) else [])
    ]
    ground = offer.body.get("authority")
    return (
        _of(value, "sender", "key") == offer.actor
        and _of(value, "recipient", "key") == facts.get("recipient")
        and _of(value, "means", "type") == facts.get("channel")
        and value["made_available_at"] == facts.get("made_available_at")
        and value["available_until"] == facts.get("available_until")
        and numbers == ([] if ground is None else [ground])
    )


def _of(value: Mapping[str, Json], name: str, item: str) -> Json:
    inner = value[name]
    return inner.get(item) if isinstance(inner, dict) else None


def listed_files(value: Mapping[str, Json]) -> dict[str, tuple[int, str, str]]:
    """Return file name to (bytes, SHA-256, SHA-512) as a manifest lists them.

    Raises:
        MalformedError: they are not listed so.
    """
    files = value.get("files")
    found: dict[str, tuple[int, str, str]] = {}
    for item in files if isinstance(files, list) else [None]:
        if not isinstance(item, dict) or set(item) != _FILE:
            raise _malformed("a file in it has not the prescribed items")
        name, size, digests = item["name"], item["size"], item["digests"]
        if not isinstance(name, str) or not name or name in found:
            raise _malformed("a file in it has no name, or stands twice")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise _malformed("a file in it has no size")
        told = "a file in it has not the two digests that count"
        texts = _texts(digests, set(_DIGESTS), told)
        for algorithm, length in _DIGESTS.items():
            digest = texts[algorithm]
            if len(digest) != length or not _HEX.fullmatch(digest):
                raise _malformed(told)
        one, other = texts["SHA-256"], texts["SHA-512"]
        found[name] = (size, one, other)
    return found


def _texts(value: Json, members: set[str], reason: str) -> dict[str, str]:
    """Return an object of exactly these members, all text.

    Raises:
        MalformedError: it is none.
    """
    if not isinstance(value, dict) or set(value) != members:
        raise _malformed(reason)
    found = {name: text for name, text in value.items() if isinstance(text, str)}
    if len(found) != len(members):
        raise _malformed(reason)
    return found


def _malformed(reason: str) -> MalformedError:
    return MalformedError(what=_WHAT, reason=reason)
