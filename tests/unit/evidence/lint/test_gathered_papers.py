"""What orders, hand-overs and statements name is sought, and let stand where it may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidence.case import writing
from evidence.lint.gathering import gather
from evidence.lint.identifiers import Kind
from evidence.lint.leaving import _sought, search_report, strings
from evidence.report.compose import compose
from evidence.report.options import Options
from evidence.report.recorded import write_recorded
from manifests.canonical import Json
from manifests.entries import EntryType
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

ORDER: dict[str, Json] = {
    "reference": "12 Js 3456/26",
    "issuing_authority": {
        "name": "District Court",
        "representative": "Ottilie Vorwerk",
        "phone": "+49 30 9014 5566",
        "email": "vorwerk@court.example",
        "file_number": "(284) 77 Gs 991/26",
        "address": "Turmstrasse 91, Berlin",
    },
    "addressee": {"name": "Mobile Ltd", "contact": "legal@mobile.example"},
    "earlier": [{"kind": "preservation", "file_number": "PR-2026-00481"}],
    "identifiers": [
        {"kind": "phone", "value": "+994507654321"},
        {"kind": "imei", "value": "356938035643809"},
        {"kind": "login", "value": "night_owl_77"},
        {"kind": "ip", "value": "203.0.113.77"},
        {"kind": "other", "value": "seen@example.org"},
    ],
}
OFFER: dict[str, Json] = {
    "recipient": {"name": "Baldur Recke", "contact": "+43 1 515 220"},
    "sender": {"name": "Tess Tester", "contact": ""},
    "reference": "RR123456785AT",
    "orders": [],
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = new_bench(tmp_path_factory.mktemp("papers") / "case")
    statement: dict[str, Json] = {
        "interpreter": "Ulduz Kərimli",
        "interviewer": "PE-0001",
        "person": "PE-0002",
    }
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.AUTHORITY_ADD,
            facts={"number": "AU-0001", "type": "warrant"},
            private={"order": ORDER},
        )
        writer.record(
            EntryType.TRANSFER_OUT, facts={"number": "TR-0001"}, private=OFFER
        )
        writer.record(
            EntryType.ANNOTATE, facts={"kind": "statement"}, private=statement
        )
        writer.record(
            EntryType.IDENTIFY,
            facts={"kind": "referral"},
            private={"source": "/media/usb/Kamran/seen-at-night.jpg"},
        )
    return bench


def found(bench: Bench) -> set[tuple[str, str, str]]:
    every = gather(bench.case)
    assert every.problems == []
    return {(i.kind.value, i.of, i.value) for i in every.identifiers}


def test_what_papers_name_is_gathered_and_bodies_are_not(bench: Bench) -> None:
    told = found(bench)
    assert told >= {
        ("reference", "AU-0001", "12 Js 3456/26"),
        ("name", "AU-0001", "Ottilie Vorwerk"),
        ("phone", "AU-0001", "+49 30 9014 5566"),
        ("email", "AU-0001", "vorwerk@court.example"),
        ("reference", "AU-0001", "(284) 77 Gs 991/26"),
        ("address", "AU-0001", "Turmstrasse 91, Berlin"),
        ("email", "AU-0001", "legal@mobile.example"),
        ("reference", "AU-0001", "PR-2026-00481"),
        ("phone", "AU-0001", "+994507654321"),
        ("device", "AU-0001", "356938035643809"),
        ("handle", "AU-0001", "night_owl_77"),
        ("account", "AU-0001", "203.0.113.77"),
        ("email", "AU-0001", "seen@example.org"),
        ("name", "TR-0001", "Baldur Recke"),
        ("phone", "TR-0001", "+43 1 515 220"),
        ("reference", "TR-0001", "RR123456785AT"),
        ("name", "staff", "Ulduz Kərimli"),
        ("file_name", "case", "seen-at-night.jpg"),
    }
    values = {value for _, _, value in told}
    assert not values & {"District Court", "Mobile Ltd", "PE-0001", "PE-0002"}


@pytest.mark.parametrize(
    ("sources", "named", "gone"),
    [
        (False, False, set()),
        (False, True, {"Ulduz Kərimli"}),
        (True, False, {"12 Js 3456/26", "RR123456785AT", "seen-at-night.jpg"}),
        (True, True, {"12 Js 3456/26", "Baldur Recke", "+43 1 515 220"}),
    ],
)
def test_only_what_a_variant_shows_is_let_stand(
    bench: Bench, sources: bool, named: bool, gone: set[str]
) -> None:
    every = gather(bench.case).identifiers
    staff = frozenset(("staff",)) if named else frozenset[str]()
    left = {i.value for i in _sought(every, sources=sources, staff=staff)}
    assert not left & gone
    # Whom an order is about stands in no report of any kind, nor do its officials.
    assert left >= {"+994507654321", "night_owl_77", "Ottilie Vorwerk"}
    if not gone:
        assert left == {i.value for i in every}


@pytest.mark.parametrize("planted", ["0507654321", "12 JS 3456/26", "Kerimli", "Recke"])
def test_a_note_that_says_it_holds_a_closed_session_report_back(
    tmp_path: Path, bench: Bench, planted: str
) -> None:
    options = Options("2026-01-01T00:00:00Z", variant="closed-session", texts=True)
    report = compose(bench.case, options, anchors=Anchors())
    clean = search_report(bench.case, report, b"", sources=False, named_staff=False)
    assert clean.blocking == []
    report = compose(bench.case, options, anchors=Anchors())
    from dataclasses import replace

    told = replace(report, title=f"about {planted}")
    result = search_report(bench.case, told, b"", sources=False, named_staff=False)
    assert result.blocking


def test_a_reference_that_is_the_number_of_the_case_is_no_secret(
    tmp_path: Path,
) -> None:
    bench = new_bench(tmp_path / "case")
    sealed = bench.case.sealed(next(bench.case.entries()))
    number = str(sealed["case_id"])
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for seq, reference in enumerate((number, "1/26", "4711/26"), 1):
            writer.record(
                EntryType.AUTHORITY_ADD,
                facts={"number": f"AU-{seq:04d}", "type": "warrant"},
                private={"order": {"reference": reference}},
            )
    kinds = [i for i in gather(bench.case).identifiers if i.kind == Kind.REFERENCE]
    assert number not in {i.value for i in kinds}


def test_every_text_of_the_model_is_searched(bench: Bench) -> None:
    """What report.json holds is what `strings` yields: no member is passed over."""
    options = Options("2026-01-01T00:00:00Z", texts=True, sources=True)
    report = compose(bench.case, options, anchors=Anchors())
    value = json.loads(write_recorded(report, options, []))["report"]
    waiting, told = [value], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            told.add(one)
    assert len(told) > 50
    assert told <= set(strings(report))
