"""Every act names a ground that covers it, or says that it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import acquire as acquiring
from evidence import clock
from evidence.acquire import Request, acquire
from evidence.authority import recording
from evidence.authority.order import Order, order_from
from evidence.authority.recording import add_authority, change
from evidence.authority.register import (
    CONFIRMED,
    EXTENDED,
    VALIDATED,
    WITHDRAWN,
    authorities,
    end_of_days,
    is_time,
    moment,
)
from evidence.case import writing
from evidence.grounds import Claim, decide
from evidence.methods import take_chat, take_files
from evidence.scope import Refusal, Scope, Touch
from manifests.entries import Clock, Entry, EntryType
from manifests.errors import CustodyError
from tests.builders import Bench, new_bench

EPOC_PR = {
    "type": "epoc-pr",
    "reference": "P 1",
    "issuing_authority": {"kind": "judge"},
    "issued_at": "2026-01-01",
    "received_at": "2026-01-02T10:20:30Z",
    "categories": ["content"],
}
EMERGENCY = {
    "type": "epoc",
    "reference": "E 1",
    "issuing_authority": {"kind": "other"},
    "issued_at": "2026-01-01T10:00:00Z",
    "received_at": "2026-01-01T11:00:00Z",
    "categories": ["subscriber"],
    "emergency": True,
    "threat": "life",
    "ex_post_validation": True,
}


def warrant(**changes: Any) -> Order:
    plain = {"type": "warrant", "reference": "W 1", "categories": ["content"]}
    return order_from({**plain, **changes})


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock of everything that records."""

    def set_clock(text: str) -> None:
        fixed = Clock(text, 0, "yes", 0)
        monkeypatch.setattr(clock, "now", lambda: fixed)

    set_clock("2026-01-03T00:00:00.000000Z")
    return set_clock


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.txt"
    path.write_text("evidence")
    return path


def police(folder: Path, *orders: Order) -> Bench:
    bench = new_bench(folder / "case", ground=None)
    for order in orders:
        with writing(bench.case, bench.identity, bench.signer) as writer:
            add_authority(writer, order)
    return bench


def take(bench: Bench, source: Path, **more: Any) -> Entry:
    request = Request("files", (source,), **more)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        acquire(writer, request, take_files)
    return list(bench.case.entries())[-1]


def alter(bench: Bench, number: str, kind: str, **more: str) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        change(writer, number, kind, **more)


def code_of(bench: Bench, source: Path, **more: Any) -> tuple[str, str]:
    """Return the error's code and the refusals it names; nothing may be recorded."""
    before = bench.case.manifest.joinpath("entries.jsonl").read_bytes()
    with pytest.raises(CustodyError) as caught:
        take(bench, source, **more)
    assert bench.case.manifest.joinpath("entries.jsonl").read_bytes() == before
    assert not any((bench.case.path / "staging").iterdir())
    return caught.value.code, str(caught.value.facts.get("refusals", ""))


def test_police_without_a_ground_is_refused_and_can_override(
    tmp_path: Path, source: Path
) -> None:
    bench = police(tmp_path)
    assert code_of(bench, source) == ("GROUND_MISSING", "")
    entry = take(bench, source, override="Anna Rossi may be deleting it now")
    assert entry.facts["override"] == {"refusals": ["GROUND_MISSING"]}
    assert entry.body["authority"] is None
    assert b"Anna" not in entry.line
    reason = bench.case.sealed(entry)["override_reason"]
    assert reason == "Anna Rossi may be deleting it now"
    assert bench.verify().axes


def test_an_ngo_begins_with_a_ground_of_its_own(tmp_path: Path, source: Path) -> None:
    bench = new_bench(tmp_path / "case", profile="ngo", ground=None)
    entry = take(bench, source)
    assert entry.body["authority"] == "AU-0001"
    assert "override" not in entry.facts
    assert "ground_doubts" not in entry.facts


def test_more_grounds_do_not_stop_an_ngo_from_capturing(
    tmp_path: Path, source: Path
) -> None:
    """Nor is the consent of one person taken for the data of another."""
    bench = new_bench(tmp_path / "case", profile="ngo", ground=None)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_authority(writer, warrant(type="consent"))
        add_authority(writer, warrant(type="consent"))
    assert take(bench, source).body["authority"] == "AU-0001"
    assert take(bench, source, authority="AU-0003").body["authority"] == "AU-0003"


def test_an_ngo_whose_case_records_nothing_captures_and_reads_all_the_same() -> None:
    keeping = {Touch.COLLECT, Touch.CONSULT}
    for touch in keeping:
        basis = decide({}, Scope(touch, clock.now().time), Claim(), profile="ngo")
        assert basis.facts() == {"ground_doubts": ["GROUND_MISSING"]}
    for touch in set(Touch) - keeping:
        with pytest.raises(CustodyError) as caught:
            decide({}, Scope(touch, clock.now().time), Claim(), profile="ngo")
        assert caught.value.code == "GROUND_MISSING"


def test_own_initiative_never_lets_anything_out(tmp_path: Path) -> None:
    bench = new_bench(tmp_path / "case", profile="ngo", ground=None)
    ground = authorities(bench.case.entries())["AU-0001"]
    codes = [r.code for r in ground.refusals(Scope(Touch.DISCLOSE, clock.now().time))]
    assert codes == ["AUTHORITY_TOUCH"]


def test_the_only_ground_that_covers_is_taken_and_of_two_one_is_named(
    tmp_path: Path, source: Path
) -> None:
    bench = police(tmp_path, warrant(), warrant(categories=["traffic"]))
    assert take(bench, source).body["authority"] == "AU-0001"
    assert take(bench, source, category="traffic").body["authority"] == "AU-0002"
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_authority(writer, warrant())
    assert code_of(bench, source)[0] == "GROUND_AMBIGUOUS"
    assert take(bench, source, authority="au-0003").body["authority"] == "AU-0003"
    assert code_of(bench, source, authority="AU-0009")[0] == "GROUND_UNKNOWN"
    known = {"authority": "AU-0009", "override": "typing mistake"}
    assert code_of(bench, source, **known)[0] == "GROUND_UNKNOWN"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"categories": ["traffic"]}, "AUTHORITY_CATEGORY"),
        ({"valid_from": "2027-01-01"}, "AUTHORITY_NOT_YET_VALID"),
        ({"valid_until": "2026-01-02"}, "AUTHORITY_EXPIRED"),
        ({"type": "epoc-pr"}, "AUTHORITY_EXPIRED"),
    ],
)
def test_what_a_ground_does_not_cover_is_refused(
    tmp_path: Path, source: Path, at: Any, changes: dict[str, Any], refusal: str
) -> None:
    order = {**EPOC_PR, "type": "warrant", **changes}
    bench = police(tmp_path, order_from(order))
    at("2026-03-04T00:00:00.000000Z")  # 61 days after receipt of the EPOC-PR
    assert code_of(bench, source) == ("GROUND_REFUSED", refusal)
    entry = take(bench, source, override="the phone is being wiped")
    assert entry.facts["override"] == {"refusals": [refusal]}
    assert entry.body["authority"] == "AU-0001"


def test_a_limit_to_exhibits_refuses_new_ones(tmp_path: Path, source: Path) -> None:
    bench = police(tmp_path, warrant())
    take(bench, source)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        number = add_authority(writer, warrant(covers=["EX-0001"])).number
        with pytest.raises(CustodyError) as caught:
            add_authority(writer, warrant(covers=["EX-0002"]))
    assert caught.value.code == "ORDER_EXHIBIT_UNKNOWN"
    told = code_of(bench, source, authority=number)
    assert told == ("GROUND_REFUSED", "AUTHORITY_EXHIBITS")


def test_a_withdrawn_ground_covers_nothing_from_then_on(
    tmp_path: Path, source: Path, at: Any
) -> None:
    bench = police(tmp_path, warrant())
    alter(bench, "AU-0001", WITHDRAWN, at="2026-01-02T12:00:00Z", reason="Judge X")
    assert code_of(bench, source) == ("GROUND_REFUSED", "AUTHORITY_WITHDRAWN")
    ground = authorities(bench.case.entries())["AU-0001"]
    before = Scope(
        Touch.COLLECT, "2026-01-02T11:59:59.999999Z", categories=("content",)
    )
    assert not ground.refusals(before)
    # Withdrawing it again later does not bring back the time between.
    with pytest.raises(CustodyError):
        alter(bench, "AU-0001", WITHDRAWN, at="2026-01-02T13:00:00Z", reason="again")
    assert b"Judge" not in (bench.case.manifest / "entries.jsonl").read_bytes()


def test_validation_afterwards_is_due_in_48_hours(
    tmp_path: Path, source: Path, at: Any
) -> None:
    bench = police(tmp_path, order_from(EMERGENCY))
    at("2026-01-03T10:00:00.000000Z")  # exactly 48 hours after issue
    take(bench, source, category="subscriber")
    at("2026-01-03T10:00:00.000001Z")
    told = code_of(bench, source, category="subscriber")
    assert told == ("GROUND_REFUSED", "AUTHORITY_VALIDATION_OVERDUE")
    alter(bench, "AU-0001", VALIDATED, result="sought")
    take(bench, source, category="subscriber")
    alter(bench, "AU-0001", VALIDATED, result="refused")
    told = code_of(bench, source, category="subscriber")
    assert told == ("GROUND_REFUSED", "AUTHORITY_VALIDATION_REFUSED")
    with pytest.raises(CustodyError) as caught:
        alter(bench, "AU-0001", VALIDATED, result="granted")
    assert caught.value.code == "AUTHORITY_CHANGE_REFUSED"


def test_a_preservation_is_prolonged_once_while_it_lasts(
    tmp_path: Path, at: Any
) -> None:
    bench = police(tmp_path, order_from(EPOC_PR), order_from(EPOC_PR))

    def until() -> str:
        return authorities(bench.case.entries())["AU-0001"].preserved_until

    assert until() == "2026-03-03T23:59:59.999999Z"  # 2 January + 60 days, by hand
    at("2026-03-03T12:00:00.000000Z")
    alter(bench, "AU-0001", EXTENDED)
    assert until() == "2026-04-02T23:59:59.999999Z"  # + 30 days
    with pytest.raises(CustodyError, match="prolonged once"):
        alter(bench, "AU-0001", EXTENDED)
    alter(bench, "AU-0001", CONFIRMED)
    assert until() == ""
    at("2026-03-04T12:00:00.000000Z")
    with pytest.raises(CustodyError, match="ended"):
        alter(bench, "AU-0002", EXTENDED)
    with pytest.raises(CustodyError, match="later than now"):
        alter(bench, "AU-0002", WITHDRAWN, at="2026-04-01")
    with pytest.raises(CustodyError) as caught:
        alter(bench, "AU-0003", WITHDRAWN)
    assert caught.value.code == "AUTHORITY_UNKNOWN"


CHAT = (
    "12/01/2026, 10:00 - Ann: one\n12/02/2026, 10:00 - Bob: two\n"
    "13/02/2026, 10:00 - Ann: three\n"
)


def chat_entry(bench: Bench, tmp_path: Path, **options: Any) -> Entry:
    path = tmp_path / "WhatsApp Chat with Ann.txt"
    path.write_text(CHAT)
    known = {"date_order": "dmy", **options}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        acquire(writer, Request("chat", (path,), options=known), take_chat)
    return list(bench.case.entries())[-1]


def test_data_outside_the_orders_range_are_kept_and_doubted(tmp_path: Path) -> None:
    bench = police(tmp_path, warrant(data_from="2026-01-12", data_to="2026-02-12"))
    entry = chat_entry(bench, tmp_path, timezone="UTC")
    assert entry.facts["ground_doubts"] == ["AUTHORITY_DATA_RANGE"]
    assert entry.body["authority"] == "AU-0001"
    assert bench.verify().axes["complete"].status.value == "pass"  # type: ignore[index]


def test_data_inside_the_range_and_times_without_a_zone_are_not_doubted(
    tmp_path: Path,
) -> None:
    bench = police(tmp_path, warrant(data_from="2026-01-12", data_to="2026-02-13"))
    assert "ground_doubts" not in chat_entry(bench, tmp_path, timezone="UTC").facts
    narrow = police(tmp_path / "2", warrant(data_to="2026-01-13"))
    assert "ground_doubts" not in chat_entry(narrow, tmp_path).facts


def test_a_clock_put_back_behind_the_log_is_said(
    tmp_path: Path, source: Path, at: Any
) -> None:
    """A colleague who sets the clock back to before an order's end leaves a mark."""
    bench = police(tmp_path, warrant(valid_until="2026-01-05"))
    take(bench, source)
    at("2026-02-01T00:00:00.000000Z")
    take(bench, source, override="late")
    at("2026-01-04T00:00:00.000000Z")
    entry = take(bench, source)
    assert entry.facts["ground_doubts"] == ["CLOCK_BEHIND"]


def test_the_orders_file_becomes_an_exhibit_before_there_is_a_ground(
    tmp_path: Path, source: Path
) -> None:
    bench = police(tmp_path)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        added = add_authority(writer, warrant(), file=source)
    entries = list(bench.case.entries())
    assert entries[-1].exhibits == (added.document,) == ("EX-0001",)
    facts = entries[-2].facts
    assert (facts["kind"], facts["documents"]) == ("document", "AU-0001")
    payload = bench.case.exhibit_folder("EX-0001") / "payload"
    assert payload.read_bytes() == source.read_bytes()


def test_an_order_refused_leaves_no_document_behind(
    tmp_path: Path, source: Path
) -> None:
    bench = police(tmp_path)
    with (
        writing(bench.case, bench.identity, bench.signer) as writer,
        pytest.raises(CustodyError),
    ):
        add_authority(writer, warrant(reference=""), file=source)
    assert len(list(bench.case.entries())) == 1


def test_numbers_follow_the_place_and_cannot_be_claimed(tmp_path: Path) -> None:
    """An entry that calls itself AU-0001 takes nobody's place."""
    bench = police(tmp_path, warrant(valid_until="2099-01-01"))
    forged = {"number": "AU-0001", "type": "court-order", "categories": ["content"]}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.AUTHORITY_ADD, facts=forged)
    found = authorities(bench.case.entries())
    assert [one.text("type") for one in found.values()] == ["warrant", "court-order"]


def test_hostile_facts_cover_nothing(tmp_path: Path) -> None:
    bench = police(tmp_path)
    odd: list[dict[str, Any]] = [
        {},
        {"type": 5, "categories": "content"},
        {"type": "warrant", "categories": ["content"], "valid_until": "never"},
        {"type": "epoc", "issued_at": [], "ex_post_validation": True},
        {"type": "warrant", "categories": [["content"], 5]},
    ]
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for facts in odd:
            writer.record(EntryType.AUTHORITY_ADD, facts=facts)
    now = clock.now().time
    for one in authorities(bench.case.entries()).values():
        assert one.refusals(Scope(Touch.COLLECT, now, categories=("content",)))
        assert one.title is not None
        assert one.preserved_until == ""


def test_an_authority_that_waits_for_a_second_person_covers_nothing(
    tmp_path: Path,
) -> None:
    bench = police(tmp_path, warrant())
    opening, added = bench.case.entries()
    facts = {**opening.facts, "two_person": ["authority_add"]}
    ruled = replace(opening, body={**opening.body, "facts": facts})
    answer = {"kind": "approval", "entry": added.leaf.hex(), "seq": 1}
    body = {**added.body, "type": "annotate", "facts": answer, "seq": 2}
    own = replace(added, body=body)
    other = replace(added, body={**body, "actor": "0" * 64})

    def codes(*entries: Entry) -> list[str]:
        return [r.code for r in authorities(entries)["AU-0001"].standing(added.time)]

    assert codes(ruled, added) == ["AUTHORITY_WAITS"]
    assert codes(ruled, added, own) == ["AUTHORITY_WAITS"]
    assert codes(ruled, added, other) == []


def test_a_blank_reason_overrides_nothing(tmp_path: Path, source: Path) -> None:
    bench = police(tmp_path)
    assert code_of(bench, source, override="  ")[0] == "OVERRIDE_REFUSED"
    assert code_of(bench, source, override="x" * 2001)[0] == "OVERRIDE_REFUSED"


def test_no_other_way_of_acquiring_leads_around_the_ground() -> None:
    """Only `acquire` commits exhibits, and it asks first."""
    root = Path(acquiring.__file__).parents[1]
    callers = [
        path.name
        for folder in ("evidence", "cli")
        for path in (root / folder).rglob("*.py")
        if ".commit_exhibit(" in path.read_text("utf-8")
    ]
    assert callers == ["acquire.py"]
    assert recording.DOCUMENT == "document"


class Fixed:
    """A ground with a fixed answer."""

    def __init__(self, number: str, codes: list[str]) -> None:
        self.id = number
        self._codes = codes

    def refusals(self, _scope: Scope) -> list[Refusal]:
        return [Refusal(code, f"{code}.") for code in self._codes]


@given(
    st.lists(st.lists(st.sampled_from(["A", "B", "C"]), max_size=2), max_size=4),
    st.sampled_from(["", "AU-0001", "AU-0002"]),
    st.sampled_from(["", "because"]),
    st.sampled_from(["police", "ngo"]),
)
def test_an_act_without_cover_is_never_silent(
    answers: list[list[str]], wanted: str, override: str, profile: str
) -> None:
    grounds = {
        f"AU-{number:04d}": Fixed(f"AU-{number:04d}", codes)
        for number, codes in enumerate(answers, 1)
    }
    scope = Scope(Touch.COLLECT, "2026-01-01T00:00:00.000000Z")
    try:
        basis = decide(grounds, scope, Claim(wanted, override), profile=profile)
    except CustodyError as error:
        assert error.code.startswith("GROUND_")
        return
    covered = basis.ground is not None and not answers[int(basis.ground[3:]) - 1]
    assert covered == (not basis.facts())
    assert bool(basis.overridden) <= bool(override)
    assert "because" not in json.dumps(basis.facts())
    if wanted:
        assert basis.ground == wanted


_YEARS = st.datetimes(
    datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2999-12-31")
)


@given(_YEARS, st.integers(0, 3000))
def test_a_period_in_days_ends_with_its_last_day(start: datetime, days: int) -> None:
    text = end_of_days(f"{start.isoformat(timespec='microseconds')}Z", days)
    assert text.endswith("T23:59:59.999999Z")
    assert (moment(text).date() - start.date()).days == days


def test_a_time_at_the_end_of_all_time_is_none() -> None:
    assert is_time("2999-12-31T23:59:59.999999Z")
    for odd in ("9999-12-31T00:00:00.000000Z", "0999-01-01T00:00:00.000000Z", "", "x"):
        assert not is_time(odd)
