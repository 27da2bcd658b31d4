"""The record of an order: every field of EPOC and EPOC-PR, and how it is split.

`Order` holds the fields of Regulation (EU) 2023/1543 Annexes I and II, and serves every
other instrument with fewer of them filled in. What can name or describe anybody goes
into the sealed record whole; the entry holds closed words, times and counts only.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from evidence.authority.instruments import Instrument
from evidence.authority.words import Deadline, Kind, Threat, Threshold
from evidence.authority_errors import OrderMalformedError
from manifests.canonical import Json

SCHEMA = "custody.order/1"
MAX_BYTES = 1 << 18
_Line = Annotated[str, Meta(max_length=500)]
_Text = Annotated[str, Meta(max_length=20_000)]
_Time = Annotated[str, Meta(max_length=40)]
_Few = Meta(max_length=32)
_Many = Meta(max_length=500)

Category = Literal["subscriber", "identification_only", "traffic", "content"]
# Directive (EU) 2016/680 Art. 13(3)(a)-(e)
DelayGround = Literal[
    "inquiries",
    "prevention-and-prosecution",
    "public-security",
    "national-security",
    "rights-of-others",
]
Subtype = Literal[
    "mailbox-dump",
    "online-storage-dump",
    "pagedump",
    "message-log",
    "voicemail-dump",
    "server-contents",
    "device-backup",
    "contact-list",
    "other-content",
    "traffic-telephony",
    "traffic-internet",
    "traffic-hosting",
    "traffic-other",
    "identity",
    "registration",
    "service-type",
    "profile",
    "validation-data",
    "payment",
    "puk",
    "subscriber-other",
]


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An authority: who issues, validates, enforces or receives."""

    name: _Line = ""
    kind: Kind = ""
    state: _Line = ""
    representative: _Line = ""
    post: _Line = ""
    file_number: _Line = ""
    address: _Line = ""
    phone: _Line = ""
    email: _Line = ""
    languages: _Line = ""
    signed_at: _Time = ""


class Addressee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom the order is addressed to."""

    name: _Line = ""
    role: Literal[
        "",
        "designated-establishment",
        "legal-representative",
        "service-provider",
        "central-authority",
        "other",
    ] = ""
    address: _Line = ""
    contact: _Line = ""
    file_number: _Line = ""
    service_provider: _Line = ""


class Earlier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An earlier request for preservation or production this one belongs to."""

    kind: Literal["preservation", "production"]
    authority: _Line = ""
    file_number: _Line = ""
    issued_at: _Time = ""
    transmitted_at: _Time = ""
    recipient: _Line = ""


class Identifier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What identifies the data: an address, number or name; `at` in `zone`."""

    kind: Literal[
        "ip",
        "phone",
        "email",
        "imei",
        "mac",
        "user",
        "login",
        "account",
        "service",
        "other",
    ]
    value: _Line
    at: _Time = ""
    zone: _Line = ""


class UserInformation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the person is told (Art. 13), and why not yet: LED Art. 13(3)."""

    state: Literal["", "due", "sent", "delayed", "restricted", "omitted"] = ""
    grounds: Annotated[tuple[DelayGround, ...], _Few] = ()
    reasons: _Text = ""
    review_at: _Time = ""


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order or other authority. Times are RFC 3339, or a date (see `dates`).

    Attributes:
        covers: exhibits it is limited to; none for no limit.
        recipients, purposes: to whom and for what it lets exhibits out, as aliases or
            key ids and closed words (`evidence.consent.words`); none for no limit.
        threshold: on which paragraph of Art. 5(4) it rests.
        ex_post_validation: issued in an emergency, to be validated within 48 h.
    """

    type: Instrument
    reference: _Line = ""
    issuing_state: _Line = ""
    issuing_authority: Body = Body()
    validating_authority: Body = Body()
    enforcing_authority: Body = Body()
    receiving_authority: Body = Body()
    addressee: Addressee = Addressee()
    issued_at: _Time = ""
    received_at: _Time = ""
    valid_from: _Time = ""
    valid_until: _Time = ""
    data_from: _Time = ""
    data_to: _Time = ""
    categories: Annotated[tuple[Category, ...], _Few] = ()
    subtypes: Annotated[tuple[Subtype, ...], _Few] = ()
    identifiers: Annotated[tuple[Identifier, ...], _Many] = ()
    covers: Annotated[tuple[_Line, ...], _Many] = ()
    recipients: Annotated[tuple[_Line, ...], _Few] = ()
    purposes: Annotated[tuple[_Line, ...], _Few] = ()
    deadline: Deadline = ""
    other_deadlines: _Text = ""
    emergency: bool = False
    threat: Threat = ""
    emergency_reason: _Text = ""
    ex_post_validation: bool = False
    earlier: Annotated[tuple[Earlier, ...], _Few] = ()
    proceedings: Literal["", "criminal", "sentence-execution", "other"] = ""
    offence: _Text = ""
    provision: _Text = ""
    annex_iv: Annotated[tuple[int, ...], _Few] = ()
    threshold: Threshold = ""
    controller: Literal["", "controller", "processor"] = ""
    do_not_inform_controller: _Text = ""
    user_information: UserInformation = UserInformation()
    authentication: Literal["", "signature", "seal", "stamp", "dits", "none"] = ""
    transfer_format: _Text = ""
    channel: Literal["", "dits", "alternative", "paper", "oral"] = ""
    necessity: _Text = ""
    summary: _Text = ""
    conditions: Annotated[tuple[_Text, ...], _Few] = ()

    def facts(self, number: str) -> dict[str, Json]:
        """Public facts: closed words, times and counts; nobody's name.

        Args:
            number: of the authority in the case, e.g. ``AU-0001``.
        """
        facts: dict[str, Json] = {
            "number": number,
            "type": self.type.value,
            "categories": [*self.categories],
            "subtypes": [*self.subtypes],
            "covers": [*self.covers],
            "recipients": [*self.recipients],
            "purposes": [*self.purposes],
            "annex_iv": [*sorted(set(self.annex_iv))],
            "emergency": self.emergency,
            "ex_post_validation": self.ex_post_validation,
            "conditions": len(self.conditions),
            "identifiers": len(self.identifiers),
            "issuer": self.issuing_authority.kind,
            "validator": self.validating_authority.kind,
            "user_information": self.user_information.state,
            "delay_grounds": [*self.user_information.grounds],
            "delay_review_at": self.user_information.review_at,
        }
        for name in _PUBLIC_WORDS:
            facts[name] = getattr(self, name)
        return {name: value for name, value in facts.items() if value not in _EMPTY}

    def sealed(self) -> dict[str, Json]:
        """The whole record, for the sealed part."""
        built: dict[str, Json] = msgspec.to_builtins(self)
        return built


_PUBLIC_WORDS = (
    "issued_at",
    "received_at",
    "valid_from",
    "valid_until",
    "data_from",
    "data_to",
    "deadline",
    "threat",
    "proceedings",
    "threshold",
    "controller",
    "authentication",
    "channel",
)
_EMPTY: tuple[Json, ...] = ("", [], False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def read_order(data: bytes) -> Order:
    """Read an order from JSON: ``{"schema": "custody.order/1", ...}``.

    Nothing of its content goes into an error, only where it is wrong.

    Raises:
        OrderMalformedError: too long, no JSON, or not of the schema.
    """
    if len(data) > MAX_BYTES:
        raise OrderMalformedError(reason=f"it is longer than {MAX_BYTES:,} bytes")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise OrderMalformedError(reason="it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        reason = "it is no JSON, or a member is there twice"
        raise OrderMalformedError(reason=reason) from error
    if not isinstance(value, dict) or value.pop("schema", None) != SCHEMA:
        raise OrderMalformedError(reason=f"its schema is not {SCHEMA}")
    return order_from(value)


def order_from(value: dict[str, Any]) -> Order:
    """Return an order from plain members; errors as `read_order`."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise OrderMalformedError(reason="it holds half a character") from error
    try:
        return msgspec.convert(value, Order, strict=True)
    except msgspec.ValidationError as error:
        # The message may repeat a value of the file; the place after "$" may not.
        _, _, place = str(error).rpartition(" - at `")
        where = place.rstrip("`") if place.startswith("$") else "$"
        reason = f"{where} has not its form; see 'custody authority template'"
        raise OrderMalformedError(reason=reason) from error


def template(kind: Instrument) -> str:
    """Return an empty order as JSON, every member there, to be filled in."""
    value = {"schema": SCHEMA, **msgspec.to_builtins(Order(type=kind))}
    value["identifiers"] = []
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
