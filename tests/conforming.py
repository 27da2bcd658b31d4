"""A case that leaves nothing out, for tests of `evidence.conformity`; and spoilt ones.

Orders are recorded without the checks of `evidence.authority`, as another program may.
Times are counted back from now: an EPOC issued two hours ago in an emergency, and an
EPOC-PR issued three days ago and validated afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace as changed

from evidence.acquire import DOCUMENT, Request, acquire
from evidence.authority.instruments import Instrument
from evidence.authority.order import (
    Addressee,
    Body,
    Identifier,
    Order,
    UserInformation,
)
from evidence.case import Case, CaseWriter, writing
from evidence.clock import utc_text
from evidence.consulting import consult
from evidence.methods import take_files
from evidence.people.register import add_person
from manifests.canonical import Json
from manifests.entries import EntryType
from tests.builders import Bench, new_bench

STARTED = datetime.now(UTC)


def ago(**period: float) -> str:
    """A time before the tests began."""
    return utc_text(STARTED - timedelta(**period))


def ahead(**period: float) -> str:
    """A time after the tests began."""
    return utc_text(STARTED + timedelta(**period))


@cache
def epoc() -> Order:
    """An emergency EPOC for content, every field that counts filled in."""
    return Order(
        type=Instrument.EPOC,
        reference="1/26",
        issuing_authority=Body(name="Court of Somewhere", kind="judge"),
        enforcing_authority=Body(name="Authority of Elsewhere"),
        addressee=Addressee(name="Provider Ltd", role="designated-establishment"),
        issued_at=ago(hours=3),
        received_at=ago(hours=2),
        data_from=ago(days=90),
        data_to=ago(hours=2),
        categories=("content",),
        identifiers=(Identifier(kind="email", value="x@example.org"),),
        deadline="8-hours",
        emergency=True,
        threat="life",
        emergency_reason="Somebody is in danger.",
        proceedings="criminal",
        provision="Art. 600",
        annex_iv=(3,),
        threshold="max-3-years",
        controller="controller",
        user_information=UserInformation(
            state="delayed",
            grounds=("inquiries",),
            reasons="They would flee.",
            review_at=ahead(days=30),
        ),
        authentication="signature",
        channel="dits",
        necessity="No milder means.",
        summary="A case.",
        conditions=("not for intelligence",),
    )


@cache
def preserving() -> Order:
    """An EPOC-PR of an emergency, validated afterwards."""
    return changed(
        epoc(),
        type=Instrument.EPOC_PR,
        issued_at=ago(days=3),
        received_at=ago(days=2.9),
        data_from="",
        data_to="",
        deadline="",
        ex_post_validation=True,
        categories=("subscriber",),
        issuing_authority=Body(name="Prosecutor of Somewhere", kind="prosecutor"),
        conditions=(),
    )


def transmission() -> dict[str, Json]:
    """The items of Implementing Regulation (EU) 2025/1550, 3.3.3."""
    file: dict[str, Json] = {
        "name": "EX-0003/payload",
        "size": 8,
        "digests": {"SHA-256": "00" * 32, "SHA-512": "00" * 64},
    }
    return {
        "sender": {"key": "aa"},
        "recipient": {"organisation": "Court"},
        "orders": ["1/26"],
        "made_available_at": ago(hours=1),
        "means": {"type": "courier"},
        "files": [file],
        "available_until": ahead(days=30),
        "remarks": "none",
    }


@dataclass(frozen=True)
class Plan:
    """What the case holds; the default lacks nothing but what it cannot have.

    Attributes:
        epoc, preserving: fields of the orders to be replaced.
        sent: members of the transmission to be replaced; None takes one out.
        without: what is left out: "validation", "document", "report", "justification",
            "answer", "epoc", "preserving", "quality", "selftest", "purpose",
            "transfer".
        override: the acquisition goes beyond its order.
    """

    epoc: Mapping[str, Any] = field(default_factory=dict)
    preserving: Mapping[str, Any] = field(default_factory=dict)
    sent: Mapping[str, Json] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    override: bool = False


def build(folder: Path, plan: Plan | None = None) -> Bench:
    """Make the case a plan asks for."""
    plan = plan or Plan()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("order.pdf", "second.pdf", "f.txt"):
        (folder / name).write_text(f"evidence {name}")
    bench = new_bench(folder / "case", ground=None)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        _orders(writer, plan, folder)
        _evidence(writer, plan, folder)
        _work(writer, plan)
    return bench


def _orders(writer: CaseWriter, plan: Plan, folder: Path) -> None:
    if "epoc" not in plan.without:
        paper = "" if "document" in plan.without else "order.pdf"
        _order(writer, changed(epoc(), **plan.epoc), folder, paper)
    if "preserving" not in plan.without:
        order = changed(preserving(), **plan.preserving)
        _order(writer, order, folder, "second.pdf")
        number = "AU-0002"
        if "validation" not in plan.without:
            _told(writer, "validated", number, ago(days=2.5), result="granted")
        _told(writer, "clarification_asked", number, ago(days=7))
        if "answer" not in plan.without:
            _told(writer, "clarification_answered", number, ago(days=6))


def _order(writer: CaseWriter, order: Order, folder: Path, paper: str) -> None:
    exhibits: tuple[str, ...] = ()
    if paper:
        request = Request(DOCUMENT, (folder / paper,))
        exhibits = (acquire(writer, request, take_files).exhibit,)
    writer.record(
        EntryType.AUTHORITY_ADD,
        facts=order.facts("AU-0001"),
        private={"order": order.sealed()},
        exhibits=exhibits,
    )


def _told(writer: CaseWriter, kind: str, number: str, at: str, **more: Json) -> None:
    facts: dict[str, Json] = {"kind": f"authority_{kind}", "authority": number}
    writer.record(EntryType.ANNOTATE, facts={**facts, "at": at, **more})


def _evidence(writer: CaseWriter, plan: Plan, folder: Path) -> None:
    request = Request(
        "files",
        (folder / "f.txt",),
        category="traffic" if plan.override else "content",
        authority=None if "epoc" in plan.without else "AU-0001",
        override="needed" if plan.override or "epoc" in plan.without else "",
    )
    exhibit = acquire(writer, request, take_files).exhibit
    note: dict[str, Json] = {"kind": "fact"}
    writer.record(EntryType.ANNOTATE, facts=note, private={"text": "a"})
    if "quality" not in plan.without:
        quality: dict[str, Json] = {
            "kind": "quality",
            "quality": {"accuracy": "unknown"},
        }
        writer.record(EntryType.ANNOTATE, facts=quality, exhibits=(exhibit,))
    if "transfer" in plan.without:
        return
    sent = {**transmission(), **plan.sent}
    purpose = {} if "purpose" in plan.without else {"purpose": "prosecution"}
    writer.record(
        EntryType.TRANSFER_OUT,
        facts={**purpose},
        private={"transmission": {k: v for k, v in sent.items() if v is not None}},
        exhibits=(exhibit,),
        authority="AU-0001",
    )


def _work(writer: CaseWriter, plan: Plan) -> None:
    add_person(writer, {"category": "suspect", "names": ["Zelda Quist"]})
    if "justification" in plan.without:
        writer.record(EntryType.CONSULT, facts={}, private={"page": 1})
    else:
        consult(writer, (), "for the hearing")
    if "selftest" not in plan.without:
        facts: dict[str, Json] = {"kind": "selftest", "failed": 0, "passed": 9}
        writer.record(EntryType.VERIFY, facts=facts)
    if "report" not in plan.without:
        told: dict[str, Json] = {"covers": writer.log.size, "report": "R-1"}
        told |= {"file": "r.pdf", "sha256": "0" * 64}
        writer.record(EntryType.REPORT_ISSUE, facts=told)


def payload(case: Case, exhibit: str) -> Path:
    """The payload of an exhibit."""
    (found,) = case.exhibit_folder(exhibit).glob("payload*")
    return found
