"""What can be recorded as a consent, and that nothing of a person gets public."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence import clock
from evidence.case import writing
from evidence.consent.changing import (
    lift_reflection,
    list_no_contact,
    start_deposit,
)
from evidence.consent_errors import (
    ConsentAliasError,
    ConsentUnknownError,
    ConsentUnsoundError,
    GuardianConflictError,
)
from evidence.errors import ExhibitUnknownError
from manifests.entries import Clock, EntryType
from manifests.errors import CustodyError, MalformedError
from tests.builders import Bench
from tests.consenting import consent, ledger, ngo_bench, wish, withdraw


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = ngo_bench(tmp_path)
    (tmp_path / "chat").write_text("a secret chat\n")
    bench.acquire(tmp_path / "chat")
    return bench


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Path]:
    """One case for all tests that must not record anything in it."""
    folder = tmp_path_factory.mktemp("house")
    bench = ngo_bench(folder)
    (folder / "chat").write_text("a secret chat\n")
    bench.acquire(folder / "chat")
    return bench, folder


def entries(bench: Bench) -> int:
    return sum(1 for _ in bench.case.entries())


NAMES = {
    "a name": "Aysel",
    "a name in capitals": "AYSEL",
    "a name with digits": "ALI1",
    "a name in small letters": "aysel1",
    "two words": "A 1",
    "Cyrillic look-alike": "\u04101",
    "Greek look-alike": "\u03911",
    "full width": "\uff211",
    "other digits": "A\u0661",
    "hidden joiner": "A\u200d1",
    "a line end": "A1\n",
    "right to left": "\u202eA1",
    "nothing": "",
    "a number of the case": "EX-0001",
    "a telephone number": "+994501234567",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_refused_and_not_repeated(
    house: tuple[Bench, Path], name: str
) -> None:
    bench, tmp_path = house
    before = entries(bench)
    for changes in (
        {"subject": NAMES[name]},
        {"recipients": (NAMES[name],)},
        {"given_by": "guardian", "guardian": NAMES[name], "guardian_conflict": "none"},
    ):
        with pytest.raises((ConsentAliasError, ConsentUnsoundError)) as caught:
            consent(bench, wish(tmp_path, **changes))
        if len(NAMES[name]) > 2:
            assert NAMES[name] not in str(caught.value)
            assert NAMES[name] not in json.dumps(caught.value.facts)
    assert entries(bench) == before


REFUSED: dict[str, tuple[dict[str, Any], type[CustodyError]]] = {
    "no level": ({"levels": ()}, ConsentUnsoundError),
    "unknown level": ({"levels": ("everything",)}, ConsentUnsoundError),
    "unknown purpose": ({"purposes": ("Aysel",)}, ConsentUnsoundError),
    "purpose beyond the level": ({"purposes": ("prosecution",)}, ConsentUnsoundError),
    "leaves to nobody": ({"recipients": ()}, ConsentUnsoundError),
    "leaves for nothing": ({"purposes": ()}, ConsentUnsoundError),
    "keeps, but names a recipient": (
        {"levels": ("preserve-only",)},
        ConsentUnsoundError,
    ),
    "unknown exhibit": ({"exhibits": ("EX-0099",)}, ExhibitUnknownError),
    "exhibits and kinds": ({"kinds": ("chat",)}, ConsentUnsoundError),
    "unknown kind": ({"exhibits": (), "kinds": ("Aysel",)}, ConsentUnsoundError),
    "odd language": ({"language": "az; Aysel"}, ConsentUnsoundError),
    "given tomorrow": ({"given_at": "2999-01-01"}, ConsentUnsoundError),
    "no day": ({"given_at": "2026-02-30"}, ConsentUnsoundError),
    "no zone": ({"given_at": "2026-02-03T10:00:00"}, ConsentUnsoundError),
    "a week": ({"given_at": "2026-W05"}, ConsentUnsoundError),
    "review before it was given": ({"review": "2020-01-01"}, ConsentUnsoundError),
    "ends before it was given": ({"valid_until": "2020-01-01"}, ConsentUnsoundError),
    "reflects for ever": ({"reflection_days": 10**9}, ConsentUnsoundError),
    "a child alone": ({"age": "minor"}, ConsentUnsoundError),
    "age unknown, alone": ({"age": "unknown"}, ConsentUnsoundError),
    "blank child protection": (
        {"age": "unknown", "child_protection": "  "},
        ConsentUnsoundError,
    ),
    "a guardian, but given alone": ({"guardian": "B1"}, ConsentUnsoundError),
    "a guardian without name": ({"given_by": "guardian"}, ConsentUnsoundError),
    "conflict not asked": (
        {"given_by": "guardian", "guardian": "B1"},
        GuardianConflictError,
    ),
    "conflict declared": (
        {"given_by": "guardian", "guardian": "B1", "guardian_conflict": "declared"},
        GuardianConflictError,
    ),
    "the guardian receives it": (
        {"given_by": "guardian", "guardian": "NGO-01", "guardian_conflict": "none"},
        GuardianConflictError,
    ),
    "their own guardian": (
        {"given_by": "guardian", "guardian": "A-1", "guardian_conflict": "none"},
        GuardianConflictError,
    ),
    "interpreter not asked": ({"interpreter": "L. M."}, GuardianConflictError),
    "interpreter receives it": (
        {"interpreter": "NGO-1", "interpreter_conflict": "none"},
        GuardianConflictError,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unsound_is_not_recorded(house: tuple[Bench, Path], name: str) -> None:
    bench, tmp_path = house
    changes, error = REFUSED[name]
    before = entries(bench)
    with pytest.raises(error):
        consent(bench, wish(tmp_path, **changes))
    assert entries(bench) == before


@pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xfe\x00", b"x" * ((1 << 20) + 1)])
def test_a_wording_nobody_could_read_is_refused(
    house: tuple[Bench, Path], data: bytes
) -> None:
    bench, tmp_path = house
    (tmp_path / "odd").write_bytes(data)
    with pytest.raises(ConsentUnsoundError):
        consent(bench, wish(tmp_path, wording=tmp_path / "odd"))


def test_free_words_are_sealed(bench: Bench, tmp_path: Path) -> None:
    canaries = ["Guluzade", "Mirzayev", "hotel by the sea", "Shelter Nine"]
    (tmp_path / "Guluzade form.pdf").write_bytes(b"%PDF-1.4 Guluzade")
    given = wish(
        tmp_path,
        form=tmp_path / "Guluzade form.pdf",
        interpreter=canaries[1],
        interpreter_conflict="none",
        age="unknown",
        child_protection=canaries[3],
        note=canaries[2],
    )
    assert consent(bench, given) == "CO-0001"
    withdraw(bench, "CO-0001")
    public = (bench.case.manifest / "entries.jsonl").read_text()
    for word in canaries:
        assert word not in public
    entry = next(e for e in bench.case.entries() if e.type == EntryType.CONSENT_ADD)
    sealed = bench.case.sealed(entry)
    assert [sealed[n] for n in ("interpreter", "note", "child_protection")] == [
        canaries[1],
        canaries[2],
        canaries[3],
    ]
    assert entry.facts["minor"] == "presumed"
    assert entry.exhibits == ("EX-0001", "EX-0002", "EX-0003")
    assert bench.verify().exit_code() == 0


def test_wording_and_form_are_kept_bit_for_bit(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "form").write_bytes(b"%PDF scanned \x00\xff")
    consent(bench, wish(tmp_path, form=tmp_path / "form"))
    entry = next(e for e in bench.case.entries() if e.type == EntryType.CONSENT_ADD)
    wording = entry.facts["wording"]
    assert isinstance(wording, dict)
    kept = bench.case.exhibit_folder(str(wording["exhibit"])) / "payload"
    assert kept.read_bytes() == (tmp_path / "wording.txt").read_bytes()
    form = bench.case.exhibit_folder(str(entry.facts["form"])) / "payload"
    assert form.read_bytes() == b"%PDF scanned \x00\xff"


def test_a_suspect_cannot_be_the_guardian(bench: Bench, tmp_path: Path) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE,
            facts={"kind": "person", "act": "add", "person": "PE-0001"},
            private={"person": {"category": "suspect"}},
        )
    given = wish(
        tmp_path, given_by="guardian", guardian="PE-0001", guardian_conflict="none"
    )
    with pytest.raises(GuardianConflictError):
        consent(bench, given)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE,
            facts={"kind": "person", "act": "alter", "person": "PE-0001"},
            private={"change": {"category": "other"}},
        )
    assert consent(bench, given) == "CO-0001"


def test_times_are_kept_in_utc(bench: Bench, tmp_path: Path) -> None:
    consent(
        bench,
        wish(
            tmp_path,
            given_at="2026-03-01T02:00:00+04:00",
            review="2026-03-31",
            valid_until="2026-04-30",
            reflection_days=30,
        ),
    )
    found = ledger(bench).consents["CO-0001"]
    assert found.given_at == "2026-02-28T22:00:00.000000Z"
    assert found.review_at == "2026-04-01T00:00:00.000000Z"  # the day counts whole
    assert found.valid_until == "2026-05-01T00:00:00.000000Z"
    assert found.reflection_until == "2026-03-30T22:00:00.000000Z"


def test_defaults_for_review_and_numbers_without_gaps(
    bench: Bench, tmp_path: Path
) -> None:
    consent(bench, wish(tmp_path, given_at="2026-01-01"))
    assert consent(bench, wish(tmp_path)) == "CO-0002"
    assert ledger(bench).consents["CO-0001"].review_at[:10] == "2026-06-30"  # + 180 d


def test_withdrawing(bench: Bench, tmp_path: Path) -> None:
    consent(bench, wish(tmp_path))
    for number, at, error in (
        ("CO-0002", "", ConsentUnknownError),
        ("CO-0001", "2999-01-01", ConsentUnsoundError),
    ):
        with pytest.raises(error):
            withdraw(bench, number, at=at)
    withdraw(bench, "CO-0001", purposes=("support",))
    now = clock.now().time
    assert ledger(bench).consents["CO-0001"].status(now) == "withdrawn in part"
    withdraw(bench, "CO-0001", at="2026-01-01")
    assert ledger(bench).consents["CO-0001"].status(now) == "withdrawn"


def test_as_it_stood_before_an_entry(bench: Bench, tmp_path: Path) -> None:
    from evidence.consent.ledger import read_ledger

    consent(bench, wish(tmp_path))
    size = entries(bench)
    withdraw(bench, "CO-0001")
    before = read_ledger(bench.case, before=size)
    assert before.consents["CO-0001"].withdrawals == ()


def test_an_odd_withdrawal_withdraws_everything(bench: Bench, tmp_path: Path) -> None:
    consent(bench, wish(tmp_path))
    consent(bench, wish(tmp_path))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.CONSENT_WITHDRAW, facts={"number": 7, "part": "?"})
    found = ledger(bench).consents.values()
    assert [c.status(clock.now().time) for c in found] == ["withdrawn", "withdrawn"]


def test_a_number_out_of_turn_is_not_read(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.CONSENT_ADD, facts={"number": "CO-0003"})
    with pytest.raises(MalformedError):
        ledger(bench)


def test_a_consent_that_says_nothing_covers_nothing(bench: Bench) -> None:
    from evidence.scope import Scope, Touch

    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts = {"number": "CO-0001", "levels": "all", "scope": 3, "minor": None}
        writer.record(EntryType.CONSENT_ADD, facts=facts)  # type: ignore[arg-type] - odd on purpose
    found = ledger(bench).consents["CO-0001"]
    scope = Scope(Touch.DISCLOSE, clock.now().time, ("EX-0001",), recipient="NGO-1")
    codes = {refusal.code for refusal in found.refusals(scope)}
    assert {
        "CONSENT_NOT_YET",
        "CONSENT_OTHER_EXHIBIT",
        "MINOR_NO_GUARDIAN",
        "CONSENT_OTHER_RECIPIENT",
        "CONSENT_LEVEL",
        "RISKS_NOT_EXPLAINED",
    } <= codes


def test_deposits_and_the_no_contact_list(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        start_deposit(writer, "A1", exhibits=("EX-0001",), days=None, note="x")
        start_deposit(writer, "A1", exhibits=(), days=7, note="")
        list_no_contact(writer, ("B1", "f" * 64), lifted=False, note="a cousin")
        with pytest.raises(ConsentUnsoundError):
            list_no_contact(writer, ("B2",), lifted=True, note="")
        list_no_contact(writer, ("B1",), lifted=True, note="")
        with pytest.raises(ConsentUnknownError):
            lift_reflection(writer, "DP-0003", given_by="self", note="")
        lift_reflection(writer, "DP-0002", given_by="self", note="")
    found = ledger(bench)
    first, second = found.deposits.values()
    until = datetime.fromisoformat(first.until)
    assert timedelta(days=29) < until - datetime.now(UTC) <= timedelta(days=30)
    assert second.lifted_at
    assert not first.lifted_at
    assert found.situation.no_contact == ("f" * 64,)


def test_the_keys_of_a_blocked_person_are_blocked(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE,
            facts={"kind": "person", "act": "add", "person": "PE-0001"},
            private={"person": {"category": "staff", "keys": ["e" * 64]}},
        )
        list_no_contact(writer, ("PE-0001",), lifted=False, note="")
    assert set(ledger(bench).situation.no_contact) == {"PE-0001", "e" * 64}


def test_a_clock_that_went_back_records_no_consent(
    house: tuple[Bench, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, folder = house
    back = Clock("2019-01-01T00:00:00.000000Z", 0, "no", None)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        from evidence.consent.recording import add_consent

        monkeypatch.setattr(clock, "now", lambda: back)
        with pytest.raises(ConsentUnsoundError, match="behind"):
            add_consent(writer, wish(folder))
        monkeypatch.undo()
