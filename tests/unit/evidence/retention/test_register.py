"""What the entries tell of holds, restrictions, times of keeping and erasures."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.authority.deadlines import deadlines
from evidence.case import writing
from evidence.grounds import Claim
from evidence.retention import erasing, recording
from evidence.retention.refusing import refusals
from evidence.retention.register import register_of
from evidence.retention_errors import DerivedExhibitsError, RetentionRefusedError
from evidence.scope import Scope, Touch
from manifests.entries import EntryType
from tests.builders import Bench, new_bench
from tests.erasing import erase, fill

NOW = "2030-01-01T00:00:00.000000Z"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = new_bench(tmp_path / "CASE")
    fill(bench, tmp_path / "sources")
    return bench


def codes(bench: Bench, touch: Touch, purpose: str = "", at: str = NOW) -> list[str]:
    scope = Scope(touch, at, ("EX-0001",), purpose=purpose)
    return [refusal.code for refusal in refusals(bench.case, scope)]


def test_restricted_is_used_as_evidence_only_and_while_it_lasts(bench: Bench) -> None:
    until = "2031-01-01"
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for ground in ("kept-as-evidence", "validation-missing"):
            recording.restrict(writer, ["EX-0001"], ground=ground, until=until)
    for touch in (Touch.CONSULT, Touch.DISCLOSE, Touch.COMBINE):
        assert codes(bench, touch) == ["RESTRICTED", "RESTRICTED"]
        assert codes(bench, touch, "public-report") == ["RESTRICTED", "RESTRICTED"]
        assert codes(bench, touch, "prosecution") == []
        assert codes(bench, touch, at="2032-01-01T00:00:00.000000Z") == []
    assert codes(bench, Touch.COLLECT) == []
    # Kept instead of erased; what was not validated is to be erased, not to be kept.
    assert codes(bench, Touch.ERASE) == ["RESTRICTED"]
    with writing(bench.case, bench.identity, bench.signer) as writer:
        with pytest.raises(RetentionRefusedError):
            recording.lift_restriction(
                writer, ["EX-0002"], ground="kept-as-evidence", text="x"
            )
        recording.lift_restriction(
            writer, ["EX-0001"], ground="kept-as-evidence", text="x"
        )
    assert codes(bench, Touch.ERASE) == []
    assert codes(bench, Touch.CONSULT) == ["RESTRICTED"]


def test_newest_decision_counts_and_that_on_the_exhibit_first(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        recording.retain(writer, [], rule="policy", until="2040-01-01")
        recording.retain(writer, ["EX-0001"], rule="statute", until="2035-01-01")
        recording.retain(writer, ["EX-0001"], rule="statute", review="2029-01-01")
    assert codes(bench, Touch.ERASE) == []
    kept = register_of(bench.case).kept_until("EX-0002")
    assert kept is not None
    assert kept.until == "2040-01-01T23:59:59.999999Z"
    due = {d.id: d.due[:10] for d in deadlines(bench.case.entries())}
    assert due["EX-0001-retention-review"] == "2029-01-01"
    assert "EX-0001-retention-end" not in due
    assert due["case-retention-end"] == "2040-01-01"


def test_what_was_derived_must_be_named_too(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts = {"parent": "EX-0001"}
        writer.record(EntryType.DERIVE, facts=facts, exhibits=("EX-0002",))
    with pytest.raises(DerivedExhibitsError) as caught:
        erasing.plan(bench.case, ["EX-0001"])
    assert caught.value.facts["derived"] == "EX-0002"
    assert erasing.plan(bench.case, ["EX-0002", "EX-0001"]).copies == ()
    erase(bench, "EX-0002")
    erase(bench, "EX-0001")


def test_public_facts_name_nobody_and_say_why_nowhere(bench: Bench) -> None:
    secret = "Zirnitra"
    with writing(bench.case, bench.identity, bench.signer) as writer:
        recording.hold(writer, ["EX-0002"], reason=secret)
        recording.lift_hold(writer, "ho-0001", reason=secret)
        recording.retain(writer, [], rule="policy", review="2040-01-01", text=secret)
        recording.restrict(writer, ["EX-0001"], ground="legal-claims", text=secret)
        recording.lift_restriction(
            writer, ["EX-0001"], ground="legal-claims", text=secret
        )
        found = erasing.plan(bench.case, ["EX-0001"])
        claim = Claim(override=secret)
        erasing.erase(writer, found, reason="unlawful", text=secret, claim=claim)
    log = (bench.case.manifest / "entries.jsonl").read_text()
    assert secret not in log
    assert str(bench.case.path) not in log
