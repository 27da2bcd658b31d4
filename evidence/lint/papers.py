"""What orders and hand-overs name: targets, officials, contacts, file numbers.

All of it is sealed. Names of bodies and companies are not gathered: their words
(court, police, bank) are everybody's, and would keep every report back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from evidence.lint.identifiers import Kind
from manifests.canonical import Json

Named = tuple[Kind, Json]
_TARGETS = {
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
    "imei": Kind.DEVICE,
    "mac": Kind.DEVICE,
    "user": Kind.HANDLE,
    "login": Kind.HANDLE,
    "account": Kind.ACCOUNT,
    "ip": Kind.ACCOUNT,
}
_BODIES = ("issuing", "validating", "enforcing", "receiving")
_BODY = {
    "representative": Kind.NAME,
    "file_number": Kind.REFERENCE,
    "address": Kind.ADDRESS,
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
}
_PHONE = re.compile(r"[+(\d][\d ()/.-]{5,30}", re.ASCII)


def of_order(order: Mapping[str, Json]) -> Iterator[Named]:
    """Yield what the sealed record of an order names.

    Args:
        order: `evidence.authority.order.Order.sealed`, perhaps one level deeper.
    """
    for name in ("ground", "order"):
        inner = order.get(name)
        order = inner if isinstance(inner, dict) else order
    yield Kind.REFERENCE, order.get("reference")
    for body in _BODIES:
        yield from _members(order.get(f"{body}_authority"), _BODY)
    addressee = order.get("addressee")
    yield from _members(addressee, {n: _BODY[n] for n in ("address", "file_number")})
    if isinstance(addressee, dict):
        yield from _contact(addressee.get("contact"))
    for earlier in _listed(order.get("earlier")):
        yield Kind.REFERENCE, earlier.get("file_number")
    for target in _listed(order.get("identifiers")):
        kind = _TARGETS.get(str(target.get("kind")))
        if kind is not None:
            yield kind, target.get("value")
        else:
            yield from _contact(target.get("value"))


def of_offer(sealed: Mapping[str, Json]) -> Iterator[Named]:
    """Yield whom and what the sealed record of an offered hand-over names."""
    yield Kind.REFERENCE, sealed.get("reference")
    for name in ("sender", "recipient"):
        party = sealed.get(name)
        if isinstance(party, dict):
            yield Kind.NAME, party.get("name")
            yield from _contact(party.get("contact"))


def _members(value: Json, kinds: Mapping[str, Kind]) -> Iterator[Named]:
    if isinstance(value, dict):
        for name, kind in kinds.items():
            yield kind, value.get(name)


def _listed(value: Json) -> Iterator[Mapping[str, Json]]:
    for member in value if isinstance(value, list) else []:
        if isinstance(member, dict):
            yield member


def _contact(value: Json) -> Iterator[Named]:
    """Yield a line that may be an address of mail, a telephone number or a name."""
    text = value if isinstance(value, str) else ""
    if "@" in text:
        yield Kind.EMAIL, text
    elif _PHONE.fullmatch(text):
        yield Kind.PHONE, text
    else:
        yield Kind.ADDRESS, text
