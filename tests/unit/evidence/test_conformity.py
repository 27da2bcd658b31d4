"""The catalogues against a case that leaves nothing out, and cases that lack one thing.

The expected outcomes are written by hand from the articles, never taken from a run.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from evidence.authority.order import Addressee, Body, UserInformation
from evidence.case import Case, writing
from evidence.checking import check_case
from evidence.conformity.catalogues import CATALOGUES, tables
from evidence.conformity.dossier import is_encrypted
from evidence.conformity.model import Answer, Duty, Outcome, Table, ranges
from evidence.corrections.notices import write_notices
from evidence.corrections.rectifying import Correction, rectify
from manifests.entries import EntryType
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench
from tests.casefiles import entry
from tests.conforming import Plan, ago, ahead, build, epoc, payload, transmission

MET, MISSING = Outcome.MET, Outcome.MISSING
NONE, UNSEEN = Outcome.NOT_APPLICABLE, Outcome.NOT_SHOWN
NOW = ahead(minutes=5)

# Nothing is encrypted, stamped or countersigned in the case of these tests; the case
# of tests/scripts/test_check.py is stamped and countersigned.
OUTSIDE = {"12": UNSEEN, "13-3": UNSEEN, "20": UNSEEN, "21": UNSEEN}
NOT_HERE = {"13-4-secrecy": MISSING, "13-4-time": MISSING, "13-4-witness": MISSING}
E_EVIDENCE = {
    **{f"5-5-{letter}": MET for letter in "abcefghij"},
    **{f"2025-a{number}": MET for number in range(1, 8)},
    "2025-b": MET,
    "2025-c": MET,
    "2": MET,
    "3-8": MET,
    "3-9-order": MET,
    "3-9-data": MET,
    "3-18": MET,
    "4": MET,
    "4-5": MET,
    "5-4": MET,
    "8": MET,
    "9-1": MET,
    "9-1-sign": MET,
    "10-2": MET,
    "10-6": MET,
    "10-9": MET,
    "11": MET,
    "12-use": MET,
    "13-1": MET,
    "13-2": MET,
    "13-4-integrity": MET,
    "13-4-origin": MET,
    "13-4-access": MET,
    "18-5": MET,
    "19-1": MET,
    "19-5": MET,
    "19-6": MET,
    "28": MET,
    **OUTSIDE,
    **NOT_HERE,
}
LED = {
    "4-1-a": MET,
    "4-1-b": MET,
    "4-1-f": MET,
    "4-4": MET,
    "6": MET,
    "7-1": MET,
    "7-2": MET,
    "25-1": MET,
    "25-2-look": MET,
    "29-g": MET,
    "29-j": MET,
    "25-2-give": MET,
    "29-f": MET,
    "4-1-e": MISSING,
    "29-b": MISSING,
    "4-1-d": NONE,
    "7-3": NONE,
    "16-3": NONE,
    "30": NONE,
    "31": NONE,
    "4-1-c": UNSEEN,
    "24": UNSEEN,
    "29-a": UNSEEN,
    "29-h": UNSEEN,
    "29-i": UNSEEN,
}
ISO = {
    "id": MET,
    "access": MET,
    "where": MET,
    "in-out": MET,
    "why": MET,
    "integrity": MET,
    "audit": MET,
    "repeat": MET,
    "justify": MET,
    "reliable": MET,
    "sufficient": MET,
    "changes": NONE,
    "reproduce": UNSEEN,
    "relevance": UNSEEN,
    "people": UNSEEN,
}
FRE = {
    "901-b-9": MET,
    "902-11-record": MET,
    "902-13": MET,
    "902-14": MET,
    "902-cert": MET,
    "902-11-time": MISSING,
    "902-person": UNSEEN,
    "902-notice": UNSEEN,
}
EXPECTED = {"e-evidence": E_EVIDENCE, "led": LED, "iso27037": ISO, "fre902": FRE}


def table(bench: Bench, name: str = "e-evidence", at: str = NOW) -> Table:
    checked = check_case(bench.case, anchors=Anchors())
    (found,) = tables(bench.case, checked, [name], at=at)
    return found


def outcomes(found: Table) -> dict[str, Outcome]:
    return {line.duty.id: line.answer.outcome for line in found.lines}


def differing(
    bench: Bench, name: str = "e-evidence", at: str = NOW
) -> dict[str, Outcome]:
    found, expected = outcomes(table(bench, name, at)), EXPECTED[name]
    assert found.keys() == expected.keys()
    return {row: found[row] for row in found if found[row] is not expected[row]}


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not about power cuts: waiting for the disk would be most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return build(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_case_that_leaves_nothing_out(whole: Bench, name: str) -> None:
    assert differing(whole, name) == {}


def test_rows_are_linked_to_what_proves_them(whole: Bench) -> None:
    """By hand: 0 opens, 1 paper, 2 EPOC, 3 paper, 4 EPOC-PR, 5-7 told, 8 evidence."""
    found = {line.duty.id: line for line in table(whole).lines}
    assert found["2"].answer.entries == (2, 4)
    assert found["5-4"].answer.entries == (2,)
    assert found["11"].answer.entries == (4, 5, 6, 7)
    assert found["3-9-data"].answer.entries == (8,)
    assert found["19-6"].answer.entries == (11,)
    assert found["13-4-access"].answer.entries == (13,)
    assert found["18-5"].answer.entries == (15,)
    assert found["10-9"].proof == "entry 8; verify: intact"
    assert found["13-4-integrity"].answer.axes == ("intact", "complete", "consistent")
    entries = list(whole.case.entries())
    assert entries[8].type == EntryType.ACQUIRE
    assert entries[15].type == EntryType.REPORT_ISSUE


SPOILT: dict[str, tuple[Plan, dict[str, Outcome]]] = {
    "no proceedings": (Plan(epoc={"proceedings": ""}), {"2": MISSING}),
    "no receipt of the EPOC": (
        Plan(epoc={"received_at": ""}),
        {"3-8": MISSING, "10-2": MISSING, "28": MISSING},
    ),
    "no receipt of the EPOC-PR": (
        Plan(preserving={"received_at": ""}),
        {"3-8": MISSING, "11": MISSING, "28": MISSING},
    ),
    "data of after the receipt": (
        Plan(epoc={"data_to": ahead(days=20)}),
        {"3-8": MISSING},
    ),
    "data of another category": (Plan(override=True), {"3-9-data": MISSING}),
    "no categories": (
        Plan(epoc={"categories": ()}, override=True),
        {"3-9-order": MISSING, "3-9-data": MISSING, "5-4": NONE, "8": NONE}
        | {"28": MISSING},
    ),
    "no time of sending": (
        Plan(sent={"made_available_at": "yesterday"}),
        {"2025-a3": MISSING, "2025-b": MISSING},
    ),
    "no threat": (Plan(epoc={"threat": ""}), {"3-18": MISSING}),
    "issued by a prosecutor": (
        Plan(epoc={"issuing_authority": Body(name="P", kind="prosecutor")}),
        {"4": MISSING},
    ),
    "not validated": (Plan(without=("validation",)), {"4-5": MISSING}),
    "no threshold": (Plan(epoc={"threshold": ""}), {"5-4": MISSING}),
    "issuer not named": (
        Plan(epoc={"issuing_authority": Body(kind="judge")}),
        {"5-5-a": MISSING},
    ),
    "no addressee": (
        Plan(epoc={"addressee": Addressee()}),
        {"5-5-b": MISSING, "28": MISSING},
    ),
    "no identifier": (Plan(epoc={"identifiers": ()}), {"5-5-c": MISSING}),
    "no time range": (Plan(epoc={"data_from": "", "data_to": ""}), {"5-5-e": NONE}),
    "no provision": (Plan(epoc={"provision": ""}), {"5-5-f": MISSING}),
    "no reasons of the emergency": (
        Plan(epoc={"emergency_reason": ""}),
        {"5-5-g": MISSING},
    ),
    "no controller": (Plan(epoc={"controller": ""}), {"5-5-h": MISSING}),
    "no necessity": (Plan(epoc={"necessity": ""}), {"5-5-i": MISSING}),
    "no summary": (Plan(epoc={"summary": ""}), {"5-5-j": MISSING}),
    "nobody notified": (
        Plan(epoc={"enforcing_authority": Body()}),
        {"8": MISSING},
    ),
    "no certificate": (Plan(without=("document",)), {"9-1": MISSING}),
    "not authenticated": (Plan(epoc={"authentication": "none"}), {"9-1-sign": MISSING}),
    "produced too late": (
        Plan(epoc={"received_at": ago(hours=9), "data_to": ago(hours=9)}),
        {"10-2": MISSING},
    ),
    "question not answered": (Plan(without=("answer",)), {"10-6": MISSING}),
    "preservation over": (
        Plan(preserving={"received_at": ago(days=70)}),
        {"11": MISSING},
    ),
    "no conditions": (Plan(epoc={"conditions": ()}), {"12-use": NONE}),
    "person not told of": (
        Plan(epoc={"user_information": UserInformation()}),
        {"13-1": MISSING, "13-2": NONE},
    ),
    "no reasons for delay": (
        Plan(
            epoc={
                "user_information": UserInformation(
                    state="delayed", grounds=("inquiries",), review_at=ahead(days=30)
                )
            }
        ),
        {"13-2": MISSING},
    ),
    "no justification": (Plan(without=("justification",)), {"13-4-access": MISSING}),
    "no report": (Plan(without=("report",)), {"18-5": MISSING}),
    "no channel": (Plan(epoc={"channel": ""}), {"19-1": MISSING}),
    "no recipient": (
        Plan(sent={"recipient": None}),
        {"19-6": MISSING, "2025-a1": MISSING},
    ),
    "no means": (Plan(sent={"means": None}), {"2025-a4": MISSING}),
    "no strong digest": (
        Plan(sent={"files": [{"name": "x", "size": 1, "digests": {"MD5": "00"}}]}),
        {"2025-a7": MISSING},
    ),
    "no size": (
        Plan(sent={"files": [{"name": "x", "digests": {"SHA-512": "00"}}]}),
        {"19-6": MISSING, "2025-a6": MISSING},
    ),
    "no file name": (
        Plan(sent={"files": [{"size": 3, "digests": {"SHA-512": "00"}}]}),
        {"19-6": MISSING, "2025-a5": MISSING},
    ),
    "available for nine days": (
        Plan(sent={"available_until": ahead(days=9), "made_available_at": ahead()}),
        {"2025-b": MISSING},
    ),
    "available for two months": (
        Plan(sent={"available_until": ahead(days=60)}),
        {"2025-b": MISSING},
    ),
    "no remarks": (Plan(sent={"remarks": None}), {"2025-c": NONE}),
}


@pytest.mark.parametrize("lack", SPOILT)
def test_one_thing_missing_changes_its_rows_only(tmp_path: Path, lack: str) -> None:
    plan, expected = SPOILT[lack]
    assert differing(build(tmp_path, plan)) == expected


@pytest.mark.parametrize(
    ("name", "without", "expected"),
    [
        ("led", "quality", {"7-2": MISSING}),
        ("led", "purpose", {"4-1-b": MISSING, "25-2-give": MISSING, "29-f": MISSING}),
        ("led", "justification", {"25-2-look": MISSING}),
        ("iso27037", "selftest", {"reliable": MISSING}),
        ("iso27037", "justification", {"justify": MISSING}),
        ("fre902", "selftest", {"901-b-9": MISSING}),
        ("fre902", "report", {"902-cert": MISSING}),
    ],
)
def test_one_thing_missing_for_the_others(
    tmp_path: Path, name: str, without: str, expected: dict[str, Outcome]
) -> None:
    assert differing(build(tmp_path, Plan(without=(without,))), name) == expected


def test_an_act_beyond_its_ground_is_told_of(tmp_path: Path) -> None:
    bench = build(tmp_path, Plan(override=True))
    assert differing(bench, "led") == {"4-1-a": MISSING}
    assert differing(bench, "iso27037") == {"why": MISSING}


def test_an_altered_payload_fails_what_rests_on_it(tmp_path: Path) -> None:
    bench = build(tmp_path)
    path = payload(bench.case, "EX-0003")
    path.chmod(0o600)
    path.write_bytes(b"EVIDENCE f.txt")
    expected = {"10-9": MISSING, "13-4-integrity": MISSING}
    assert differing(bench) == expected
    assert differing(bench, "fre902") == {"902-14": MISSING}


def test_an_entry_nobody_signed_proves_nothing(tmp_path: Path) -> None:
    """A colleague without a key changes one word of the order."""
    bench = build(tmp_path, Plan(epoc={"threshold": "", "proceedings": "other"}))
    path = bench.case.manifest / "entries.jsonl"
    forged = path.read_bytes().replace(b'"other"', b'"criminal"', 1)
    path.write_bytes(forged)
    found = outcomes(table(bench))
    assert MET not in found.values()
    assert found["2"] is UNSEEN
    assert found["13-4-origin"] is MISSING


def test_an_act_that_waits_for_a_second_person_proves_nothing(tmp_path: Path) -> None:
    bench = build(tmp_path)
    checked = check_case(bench.case, anchors=Anchors())
    waiting = replace(checked, log=replace(checked.log, waiting=(13, 15)))
    (found,) = tables(bench.case, waiting, ["e-evidence"], at=NOW)
    assert outcomes(found)["13-4-access"] is NONE
    assert outcomes(found)["18-5"] is MISSING


def test_without_sealed_records_nothing_is_guessed(tmp_path: Path) -> None:
    """Withheld, they are neither met nor missing; only `complete` fails."""
    bench = build(tmp_path)
    for path in (bench.case.path / "private").iterdir():
        path.unlink()
    found = differing(bench)
    hidden = {f"5-5-{letter}" for letter in "abcfghij"} | {"8", "12-use", "13-2", "28"}
    hidden |= {f"2025-{item}" for item in ("a1", "a4", "a5", "a6", "a7", "b")}
    hidden |= {"13-4-access", "19-6"}
    assert {row for row, what in found.items() if what is UNSEEN} == hidden
    gone = {row for row, what in found.items() if what is MISSING}
    assert gone == {"13-4-integrity"}
    assert differing(bench, "led")["6"] is UNSEEN


def test_a_case_without_european_orders_is_not_judged_by_them(tmp_path: Path) -> None:
    found = outcomes(table(new_bench(tmp_path / "case")))
    about_orders = [row for row in found if re.match(r"(2|3|4|5|8|9|10|11|28)\b", row)]
    assert {found[row] for row in about_orders} == {NONE}
    assert found["13-4-integrity"] is MET


def test_time_decides(whole: Bench) -> None:
    """60 days after the day of receipt the EPOC-PR ends; the review is due in 30."""
    later = differing(whole, at=ahead(days=31))
    assert later == {"13-2": MISSING}
    assert differing(whole, at=ahead(days=61)) == {"11": MISSING, "13-2": MISSING}


def test_a_refused_validation_wants_the_data_gone(tmp_path: Path) -> None:
    plan = Plan(preserving={"categories": ("content",)}, without=("epoc", "validation"))
    bench = build(tmp_path, plan)  # the only order is AU-0001
    facts: dict[str, Any] = {"authority": "AU-0001", "at": ago(days=2)}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        kind = {"kind": "authority_validated", "result": "refused"}
        writer.record(EntryType.ANNOTATE, facts={**facts, **kind})
    assert outcomes(table(bench))["4-5"] is MISSING
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE, facts={**facts, "kind": "authority_withdrawn"}
        )
    assert outcomes(table(bench))["4-5"] is MISSING  # its data are still in use
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.RESTRICT, facts={}, exhibits=("EX-0002",))
    assert outcomes(table(bench))["4-5"] is MET


def test_an_offer_names_its_files_by_the_exhibits_it_gives(tmp_path: Path) -> None:
    """As `custody transfer` records it, and the same without a word on the files."""
    bench = build(tmp_path, Plan(without=("transfer",)))
    nothing = {row: NONE for row in E_EVIDENCE if row[:4] in ("2025", "19-5", "19-6")}
    assert differing(bench) == nothing
    given = {"exhibit": "EX-0003", "payload": True, "records": 1}
    facts: dict[str, Any] = {
        "available_until": ahead(days=20),
        "channel": "courier",
        "exhibits": [given],
        "made_available_at": ago(hours=1),
        "purpose": "prosecution",
        "recipient": "a" * 64,
    }
    sealed: dict[str, Any] = {"orders": ["1/26"], "remarks": "none"}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        act = {"exhibits": ("EX-0003",), "private": sealed}
        writer.record(EntryType.TRANSFER_OUT, facts=facts, **act)
    assert differing(bench) == {}
    facts["exhibits"] = [{**given, "payload": False}]
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.TRANSFER_OUT, facts=facts, **act)
    rows = ("19-6", "2025-a5", "2025-a6", "2025-a7")
    assert differing(bench) == dict.fromkeys(rows, MISSING)


def test_conditions_that_are_counted_have_to_be_there(tmp_path: Path) -> None:
    bench = build(tmp_path)
    order = changed(epoc(), conditions=())
    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts: dict[str, Any] = {**order.facts("AU-0003"), "conditions": 2}
        sealed: dict[str, Any] = {"order": order.sealed()}
        act = {"exhibits": ("EX-0001",), "private": sealed}
        writer.record(EntryType.AUTHORITY_ADD, facts=facts, **act)
    assert differing(bench) == {"12-use": MISSING}


def test_a_transmission_tied_to_no_order(tmp_path: Path) -> None:
    bench = build(tmp_path, Plan(without=("transfer",)))
    sent = {k: v for k, v in transmission().items() if k != "orders"}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts: dict[str, Any] = {"purpose": "prosecution", "transmission": sent}
        writer.record(EntryType.TRANSMIT, facts=facts, exhibits=("EX-0003",))
    assert differing(bench) == {"2025-a2": MISSING}
    assert differing(bench, "led") == {"4-1-a": MISSING}


def test_corrections_have_to_reach_those_who_were_sent_it(tmp_path: Path) -> None:
    bench = build(tmp_path)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        made = rectify(writer, Correction("It was another day.", exhibit="EX-0003"))
    assert differing(bench, "led") == {"4-1-d": MET, "7-3": MISSING}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        write_notices(writer, made.seq, tmp_path)
    assert differing(bench, "led") == {"4-1-d": MET, "7-3": MET}


def test_retention_and_restriction(tmp_path: Path) -> None:
    bench = build(tmp_path)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts: dict[str, Any] = {"review_at": ahead(days=10)}
        writer.record(EntryType.REVIEW_RETENTION, facts=facts, exhibits=("EX-0003",))
        writer.record(EntryType.RESTRICT, facts={}, exhibits=("EX-0003",))
    assert differing(bench, "led") == {"4-1-e": MET, "16-3": MET}
    assert differing(bench, "led", ahead(days=11)) == {"16-3": MET}


def test_a_source_that_changed_wants_a_note(whole: Bench) -> None:
    checked = check_case(whole.case, anchors=Anchors())
    facts: dict[str, Any] = {"kind": "files", "outcomes": {"changed-while-read": 1}}
    log = [entry(0, facts, kind=EntryType.ACQUIRE, exhibits=("EX-0001",))]
    held = SimpleNamespace(entries=lambda: iter(log), sealed=lambda _entry: {})
    case = cast("Case", held)
    (found,) = tables(case, checked, ["iso27037"], at=NOW)
    assert outcomes(found)["changes"] is MISSING
    assert outcomes(found)["sufficient"] is MISSING
    assert outcomes(found)["repeat"] is MISSING
    log.append(entry(1, {"kind": "fact"}, exhibits=("EX-0001",)))
    (found,) = tables(case, checked, ["iso27037"], at=NOW)
    assert outcomes(found)["changes"] is MET


def test_breaches_are_to_be_notified_in_72_hours(tmp_path: Path) -> None:
    bench = build(tmp_path)
    breach = {"kind": "breach", "known_at": ago(hours=10)}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.ANNOTATE, facts=breach)
    assert differing(bench, "led") == {"31": UNSEEN}
    assert differing(bench, "led", ahead(hours=63))["30"] is MISSING
    told = {"kind": "breach_notified", "breach": "BR-0001", "at": ahead(minutes=1)}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.ANNOTATE, facts=told)
    assert differing(bench, "led", ahead(hours=63)) == {"30": MET, "31": UNSEEN}


def test_encryption_is_read_from_public_facts() -> None:
    plain = {"payload": {"name": "payload", "bytes": 1, "sha256": "00"}}
    assert not is_encrypted(entry(1, plain))
    assert is_encrypted(entry(1, {**plain, "cipher": {"sha256": "11"}}))
    assert is_encrypted(entry(1, {"payload": {"name": "payload.age"}}))
    assert not is_encrypted(entry(1, {"payload": "payload.age"}))


# -- the catalogues themselves ---------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUES)
def test_rows_have_one_id_each_and_one_plain_sentence(name: str) -> None:
    duties = CATALOGUES[name].duties
    assert len({duty.id for duty in duties}) == len(duties)
    for duty in duties:
        assert re.fullmatch(r"[a-z0-9-]+", duty.id)
        assert duty.text[0].isupper() and duty.text.endswith(".")
        assert duty.article


def test_nothing_ever_says_that_evidence_is_admissible() -> None:
    """Neither rows, nor notes, nor any text of the code that makes them."""
    folder = Path(__file__).resolve().parents[3]
    paths = [*(folder / "evidence/conformity").glob("*.py")]
    paths += [folder / "cli/commands/check.py"]
    paths += [folder / "evidence/report/sections/comparison.py"]
    for path in paths:
        assert "admissib" not in path.read_text("utf-8").lower(), path.name


def test_strict_counts_what_a_case_could_show(whole: Bench) -> None:
    found = table(whole)
    plainly = {line.duty.id for line in found.lacks()}
    assert plainly == set(NOT_HERE)
    hidden = tuple(
        replace(line, answer=Answer(UNSEEN, "x"))
        if line.duty.id in ("2", "20")
        else line
        for line in found.lines
    )
    strictly = {
        line.duty.id for line in replace(found, lines=hidden).lacks(strict=True)
    }
    assert strictly == {*NOT_HERE, "2"}  # 20 is fulfilled outside of any case


@given(st.sets(st.integers(0, 60)))
def test_ranges_name_every_number_once(numbers: set[int]) -> None:
    told: list[int] = []
    for part in filter(None, ranges(tuple(numbers), most=100).split(", ")):
        first, _, last = part.partition("-")
        told += range(int(first), int(last or first) + 1)
    assert told == sorted(numbers)


def test_a_long_tail_of_entries_is_cut() -> None:
    assert ranges(tuple(range(0, 100, 2)), most=2) == "0, 2, and others"
    assert isinstance(CATALOGUES["led"].duties[0], Duty)
