"""Orders that cannot be: each is refused for its own reason (2023/1543)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence.authority.checks import checked, read_time
from evidence.authority.instruments import CATEGORIES, RULES, Instrument
from evidence.authority.offences import OFFENCES, offence
from evidence.authority.order import SCHEMA, order_from, read_order, template
from evidence.authority_errors import OrderRefusedError
from manifests.errors import CustodyError

NOW = "2026-06-15T12:00:00.000000Z"
# An order of trafficking in human beings, made by hand after Annex I.
EPOC: dict[str, Any] = {
    "type": "epoc",
    "reference": "12 Js 34/26",
    "issuing_authority": {"name": "Amtsgericht", "kind": "court"},
    "issued_at": "2026-06-01",
    "received_at": "2026-06-03T09:30:00+02:00",
    "data_from": "2026-01-01",
    "data_to": "2026-05-31",
    "categories": ["traffic", "content"],
    "annex_iv": [3],
    "threshold": "max-3-years",
}


def epoc(**changes: Any) -> dict[str, Any]:
    return {**EPOC, **changes}


BY_PROSECUTOR = {"name": "", "kind": "prosecutor"}
BY_POLICE = {"name": "", "kind": "other"}
EMERGENCY = {"emergency": True, "threat": "life"}


@dataclass(frozen=True)
class Wrong:
    code: str
    order: dict[str, Any]


WRONG = [
    Wrong("ORDER_DATE_UNREADABLE", epoc(issued_at="yesterday")),
    Wrong("ORDER_DATE_UNREADABLE", epoc(received_at="2026-06-03T09:30:00")),
    Wrong("ORDER_DATE_UNREADABLE", epoc(issued_at="2026-02-30")),
    Wrong("ORDER_DATE_UNREADABLE", epoc(issued_at="0001-01-01T00:00+14:00")),
    Wrong("ORDER_DATE_IMPLAUSIBLE", epoc(valid_until="0999-06-01")),
    Wrong("ORDER_DATE_IMPLAUSIBLE", epoc(valid_until="9999-06-01")),
    Wrong("ORDER_DATE_IMPLAUSIBLE", epoc(issued_at="1926-06-01")),
    Wrong("ORDER_IN_FUTURE", epoc(issued_at="2026-07-01", received_at="")),
    Wrong("ORDER_IN_FUTURE", epoc(received_at="2026-06-16")),
    Wrong("ORDER_ISSUED_AFTER_RECEIVED", epoc(issued_at="2026-06-04")),
    Wrong("ORDER_VALIDITY_REVERSED", epoc(valid_until="2026-05-30")),
    Wrong(
        "ORDER_VALIDITY_REVERSED",
        epoc(valid_from="2026-07-02", valid_until="2026-07-01"),
    ),
    Wrong("ORDER_DATA_RANGE_REVERSED", epoc(data_to="2025-12-31")),
    Wrong("ORDER_DATA_NOT_STORED", epoc(data_to="2026-06-04")),
    Wrong("ORDER_DATA_NOT_STORED", epoc(data_from="2026-06-04", data_to="")),
    Wrong("ORDER_CATEGORY_MISSING", epoc(categories=[])),
    Wrong(
        "ORDER_CATEGORY_NOT_GROUNDED",
        {"type": "cets224-7", "reference": "1", "categories": ["content"]},
    ),
    Wrong("ORDER_THRESHOLD_MISSING", epoc(threshold="")),
    Wrong("ORDER_ISSUER_MISSING", epoc(issuing_authority={})),
    Wrong("ORDER_ISSUER_NOT_COMPETENT", epoc(issuing_authority=BY_PROSECUTOR)),
    Wrong(
        "ORDER_ISSUER_NOT_COMPETENT",
        epoc(issuing_authority=BY_POLICE, categories=["subscriber"]),
    ),
    Wrong(
        "ORDER_EMERGENCY_NOT_KNOWN",
        {"type": "jit", "reference": "1", "categories": ["content"], **EMERGENCY},
    ),
    Wrong("ORDER_THREAT_MISSING", epoc(emergency=True)),
    Wrong("ORDER_THREAT_MISSING", epoc(threat="life")),
    Wrong("ORDER_DEADLINE_MISMATCH", epoc(deadline="8-hours")),
    Wrong("ORDER_DEADLINE_MISMATCH", epoc(deadline="10-days", **EMERGENCY)),
    Wrong("ORDER_EX_POST_NOT_ALLOWED", epoc(ex_post_validation=True)),
    Wrong("ORDER_EX_POST_NOT_ALLOWED", epoc(ex_post_validation=True, **EMERGENCY)),
    Wrong("ORDER_OFFENCE_UNKNOWN", epoc(annex_iv=[33])),
    Wrong("ORDER_OFFENCE_UNKNOWN", epoc(annex_iv=[0])),
    Wrong("ORDER_DELAY_WITHOUT_GROUND", epoc(user_information={"state": "delayed"})),
    Wrong("ORDER_REFERENCE_MISSING", epoc(reference=" ")),
    Wrong(
        "ORDER_IDENTIFIER_TIME",
        epoc(identifiers=[{"kind": "ip", "value": "192.0.2.1", "at": "2026-01-02"}]),
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: w.code)
def test_an_order_that_cannot_be_is_refused_for_its_reason(wrong: Wrong) -> None:
    with pytest.raises(OrderRefusedError) as caught:
        checked(order_from(wrong.order), now=NOW)
    assert caught.value.code == wrong.code


@pytest.mark.parametrize(
    "order",
    [
        epoc(),
        epoc(issuing_authority=BY_PROSECUTOR, categories=["subscriber"], threshold=""),
        epoc(issuing_authority=BY_POLICE, validating_authority={"kind": "judge"}),
        epoc(
            issuing_authority=BY_POLICE,
            categories=["identification_only"],
            ex_post_validation=True,
            deadline="8-hours",
            **EMERGENCY,
        ),
        epoc(type="epoc-pr", issuing_authority=BY_PROSECUTOR, threshold=""),
    ],
)
def test_an_order_that_can_be_passes(order: dict[str, Any]) -> None:
    found = checked(order_from(order), now=NOW)
    assert found.received_at == "2026-06-03T07:30:00.000000Z"
    assert found.data_to == "2026-05-31T23:59:59.999999Z"


def test_a_date_is_its_whole_day() -> None:
    assert read_time("2026-06-01", field="x") == "2026-06-01T00:00:00.000000Z"
    end = read_time("2026-06-01", field="x", end=True)
    assert end == "2026-06-01T23:59:59.999999Z"


def test_public_facts_hold_nothing_that_names_anybody() -> None:
    secret = "Zelda-4711"
    filled = json.loads(template(Instrument.EPOC))

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(member) for key, member in value.items()}
        return secret if value == "" else value

    closed = {
        "type": "epoc", "deadline": "", "threat": "", "proceedings": "",
        "controller": "", "authentication": "", "channel": "", "user_information": {},
        "issuing_authority": {**fill(filled["issuing_authority"]), "kind": "judge"},
        "validating_authority": {**fill(filled["validating_authority"]), "kind": ""},
        "enforcing_authority": {**fill(filled["enforcing_authority"]), "kind": ""},
        "receiving_authority": {**fill(filled["receiving_authority"]), "kind": ""},
        "addressee": {**fill(filled["addressee"]), "role": ""},
        "identifiers": [{"kind": "phone", "value": secret}],
        "conditions": [secret],
        **dict.fromkeys(("issued_at", "received_at", "valid_from"), "2026-06-01"),
        **dict.fromkeys(("valid_until", "data_from", "data_to"), "2026-06-01"),
        "categories": ["content"], "schema": SCHEMA,
        "threshold": "max-3-years",
    }  # fmt: skip
    order = checked(
        read_order(json.dumps({**fill(filled), **closed}).encode()), now=NOW
    )
    assert secret in json.dumps(order.sealed())
    public = json.dumps(order.facts("AU-0001"))
    assert secret not in public
    assert json.loads(public)["conditions"] == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"type":"epoc"}',
        b'{"schema":"custody.order/2","type":"epoc"}',
        b'{"schema":"custody.order/1","type":"Ada Rossi"}',
        b'{"schema":"custody.order/1","type":"epoc","secret":"Ada Rossi"}',
        b'{"schema":"custody.order/1","type":"epoc","reference":"a","reference":"b"}',
        b'{"schema":"custody.order/1","type":"epoc","reference":"\\ud800"}',
        b'{"schema":"custody.order/1","type":"epoc","annex_iv":[3.5]}',
        b'{"schema":"custody.order/1","type":"epoc","emergency":"yes"}',
        b'{"schema":"custody.order/1","type":"epoc","reference":"\xff"}',
        b'{"schema":"custody.order/1","type":"epoc","reference":"' + b"A" * 501 + b'"}',
        b'{"schema":"custody.order/1","type":"epoc","x":"' + b"A" * (1 << 18) + b'"}',
    ],
)
def test_a_hostile_file_is_refused_without_repeating_it(data: bytes) -> None:
    with pytest.raises(CustodyError) as caught:
        read_order(data)
    assert caught.value.code == "ORDER_MALFORMED"
    assert "Ada" not in caught.value.what


@pytest.mark.parametrize("kind", list(Instrument))
def test_every_template_is_read_back(kind: Instrument) -> None:
    assert read_order(template(kind).encode()).type is kind


def test_every_instrument_has_rules_that_fit_the_regulation() -> None:
    assert set(RULES) == set(Instrument)
    for rules in RULES.values():
        assert rules.categories <= set(CATEGORIES)
        assert rules.categories
    assert RULES[Instrument.EPOC].prosecutor == {"subscriber", "identification_only"}
    assert (
        RULES[Instrument.EPOC_PR].preserves,
        RULES[Instrument.EPOC_PR].prolongs,
    ) == (
        60,
        30,
    )
    assert RULES[Instrument.CETS185_16].preserves == 90
    assert RULES[Instrument.CETS185_29].preserves == 60


def test_the_reference_names_every_instrument_and_refusal() -> None:
    root = Path(__file__).resolve().parents[3]
    page = (root / "docs/reference/authorities.md").read_text("utf-8")
    source = (root / "evidence/authority/register.py").read_text("utf-8")
    codes = re.findall(r'say\("([A-Z_]+)"', source)
    assert len(codes) >= 6
    wanted = [f"`AUTHORITY_{code}`" for code in codes]
    wanted += re.findall(r'"(AUTHORITY_[A-Z_]+)"', source)
    wanted += [f"| `{kind.value}` |" for kind in Instrument]
    assert [word for word in wanted if word not in page] == []


def test_offences_stand_where_the_annex_has_them() -> None:
    """The numbers everybody working on trafficking knows (Annex IV)."""
    known = {3: "human beings", 4: "children", 13: "unauthorised entry", 15: "organs"}
    known[16] = "kidnapping"
    assert len(OFFENCES) == len(set(OFFENCES)) == 32
    assert all(word in offence(number) for number, word in known.items())
    assert [offence(0), offence(33), offence(-1)] == ["0", "33", "-1"]
