"""Rows of a law against entries as the real acts record them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evidence.case import CaseWriter, writing
from evidence.checking import check_case
from evidence.conformity.catalogues import tables
from evidence.conformity.model import Outcome
from evidence.grounds import Claim
from evidence.retention import erasing, recording
from manifests.canonical import Json
from manifests.entries import EntryType
from manifests.verifying.judge import Anchors
from tests.builders import Bench
from tests.conforming import Plan, ago, ahead, build
from tests.handing import TO_POLICE, fill_ngo, make_route

NOW = ahead(minutes=5)
MET, MISSING, NONE = Outcome.MET, Outcome.MISSING, Outcome.NOT_APPLICABLE


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not about power cuts: waiting for the disk would be most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


def led(bench: Bench, at: str = NOW) -> dict[str, tuple[Outcome, tuple[int, ...]]]:
    """Each row of the directive with its outcome and the entries that prove it."""
    checked = check_case(bench.case, anchors=Anchors())
    (found,) = tables(bench.case, checked, ["led"], at=at)
    return {
        one.duty.id: (one.answer.outcome, one.answer.entries) for one in found.lines
    }


def withdraw(writer: CaseWriter, number: str) -> None:
    facts: dict[str, Json] = {"kind": "authority_withdrawn", "authority": number}
    writer.record(EntryType.ANNOTATE, facts={**facts, "at": ago(hours=1)})


def newest(bench: Bench, kind: EntryType) -> int:
    return max(e.seq for e in bench.case.entries() if e.type == kind)


def test_a_time_of_keeping_is_a_review_until_it_is_over(tmp_path: Path) -> None:
    bench = build(tmp_path)
    assert led(bench)["4-1-e"][0] is MISSING
    with writing(bench.case, bench.identity, bench.signer) as writer:
        names = ("EX-0003",)
        recording.retain(writer, names, rule="periodic-review", review=ahead(days=10))
    seq = newest(bench, EntryType.REVIEW_RETENTION)
    assert led(bench)["4-1-e"] == (MET, (seq,))
    assert led(bench, ahead(days=11))["4-1-e"][0] is MISSING


def test_a_restriction_stands_for_erasure(tmp_path: Path) -> None:
    bench = build(tmp_path)
    assert led(bench)["16-3"][0] is NONE
    with writing(bench.case, bench.identity, bench.signer) as writer:
        recording.restrict(writer, ("EX-0003",), ground="kept-as-evidence")
    assert led(bench)["16-3"] == (MET, (newest(bench, EntryType.RESTRICT),))


@pytest.mark.parametrize("covered", [True, False])
def test_an_erasure_is_logged_and_needs_its_ground(
    tmp_path: Path, *, covered: bool
) -> None:
    bench = build(tmp_path, Plan(without=("transfer",)))
    assert led(bench)["4-1-a"][0] is MET
    claim = Claim("AU-0001")
    if not covered:  # no order of the case covers what was taken back
        with writing(bench.case, bench.identity, bench.signer) as writer:
            withdraw(writer, "AU-0001")
            withdraw(writer, "AU-0002")
        claim = Claim(override="ordered by telephone")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        found = erasing.plan(bench.case, ("EX-0003",))
        erasing.erase(writer, found, reason="court-order", text="a", claim=claim)
        erasing.carry_out(writer)
    seq = newest(bench, EntryType.ERASE)
    rows = led(bench)
    outcome, entries = rows["25-1"]
    assert outcome is MET
    assert seq in entries
    assert rows["4-1-a"][0] is (MET if covered else MISSING)
    assert rows["4-1-f"][0] is MET  # the tombstone explains what is missing


def test_a_hand_over_names_recipient_and_purpose(tmp_path: Path) -> None:
    """From the real command: offered, and taken by the police."""
    route = make_route(tmp_path)
    fill_ngo(route.ngo, chats=1)

    def rows() -> dict[str, str]:
        value = route.ngo.ask("-C", "case", "check", "led", code=5)
        return {line["id"]: line["outcome"] for line in value["rows"]}

    before = rows()
    assert before["25-2-give"] == before["29-f"] == "not applicable"
    words = ("transfer", "offer", "EX-0001", *TO_POLICE, "-o", "pack")
    route.ngo.run("-C", "case", *words)
    after = rows()
    assert after["25-2-give"] == after["29-f"] == "met"
    assert after["7-2"] == "missing"  # no quality was recorded before it left
