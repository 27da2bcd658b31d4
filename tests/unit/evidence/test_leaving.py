"""What may leave a case, whatever ground is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from evidence import clock
from evidence.authority.checks import checked
from evidence.authority.instruments import CATEGORIES, Instrument
from evidence.authority.order import Order
from evidence.authority.recording import add_authority
from evidence.authority_errors import GroundRefusedError
from evidence.case import Case, Settings, writing
from evidence.consent.changing import list_no_contact, start_deposit
from evidence.consent.ledger import read_ledger
from evidence.consent_errors import (
    ConsentAliasError,
    ConsentUnsoundError,
    SecondPersonError,
)
from evidence.errors import ExhibitUnknownError
from evidence.grounds import Claim
from evidence.keyfile import FileSigner, new_signer
from evidence.labels.codes import open_set
from evidence.labels.history import Subject
from evidence.labels.marking import Wanted, label
from evidence.leaving import basis_to_leave, may_leave
from evidence.scope import Refusal, Scope, Touch
from manifests.entries import Act, Clock, Entry, EntryType, read_entry, sign_entry
from tests.builders import Bench
from tests.consenting import consent, ledger, ngo_bench, wish, withdraw
from tests.proofs import opening


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = ngo_bench(tmp_path)
    (tmp_path / "chat").write_text("a secret chat\n")
    bench.acquire(tmp_path / "chat")
    return bench


def codes(bench: Bench, ground: str | None, to: str = "NGO-1") -> list[str]:
    named = ledger(bench).consents[ground] if ground else None
    decision = may_leave(
        bench.case, ("EX-0001",), to, "support", clock.now().time, named
    )
    assert decision.allowed == (not decision.refusals)
    return [refusal.code for refusal in decision.refusals]


def claim(bench: Bench, override: str = "", wanted: str = "") -> tuple[object, ...]:
    scope = Scope(
        Touch.DISCLOSE,
        clock.now().time,
        ("EX-0001",),
        recipient="NGO-1",
        purpose="support",
    )
    basis = basis_to_leave(bench.case, scope, Claim(wanted, override))
    return basis.ground, sorted({r.code for r in basis.overridden})


def test_nothing_leaves_without_a_ground(bench: Bench, tmp_path: Path) -> None:
    assert codes(bench, None) == ["GROUND_MISSING"]
    consent(bench, wish(tmp_path))
    assert codes(bench, "CO-0001") == []
    assert codes(bench, "CO-0001", to="NGO-2") == ["CONSENT_OTHER_RECIPIENT"]
    with pytest.raises(ExhibitUnknownError):
        may_leave(bench.case, ("EX-0099",), "NGO-1", "support", clock.now().time)


def test_the_profile_is_the_one_in_the_manifest(bench: Bench, tmp_path: Path) -> None:
    """Who edits the settings does not turn the rules off."""
    settings = bench.case.path / "custody.toml"
    settings.write_text(settings.read_text().replace('"ngo"', '"police"'))
    with pytest.raises(GroundRefusedError) as caught:
        claim(bench)
    assert "BASIS_INEXACT" in str(caught.value)


def test_own_initiative_lets_nothing_out(bench: Bench) -> None:
    with pytest.raises(GroundRefusedError):
        claim(bench)
    ground, refusals = claim(bench, override="Danger to life.")
    assert ground == "AU-0001"
    assert refusals == ["AUTHORITY_TOUCH", "BASIS_INEXACT"]


def test_the_fitting_consent_is_found(bench: Bench, tmp_path: Path) -> None:
    consent(bench, wish(tmp_path, recipients=("NGO-2",)))
    consent(bench, wish(tmp_path))
    assert claim(bench) == ("CO-0002", [])
    with pytest.raises(GroundRefusedError, match="CONSENT_OTHER_RECIPIENT"):
        claim(bench, wanted="CO-0001")


def test_no_contact_and_reflection_hold_against_every_ground(
    bench: Bench, tmp_path: Path
) -> None:
    consent(bench, wish(tmp_path))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        list_no_contact(writer, ("NGO-01",), lifted=False, note="")
        start_deposit(writer, "A2", exhibits=(), days=None, note="")
    assert codes(bench, "CO-0001") == ["NO_CONTACT", "REFLECTION_PERIOD"]
    assert codes(bench, None) == ["NO_CONTACT", "REFLECTION_PERIOD", "GROUND_MISSING"]
    _, refusals = claim(bench, override="A judge ordered it by telephone.")
    assert {"NO_CONTACT", "REFLECTION_PERIOD"} <= set(refusals)  # type: ignore[call-overload] - a list

    class Anything:
        id = "AU-0009"

        def refusals(self, scope: Scope) -> list[Refusal]:
            del scope
            return []

    now = clock.now().time
    decision = may_leave(bench.case, ("EX-0001",), "NGO-1", "support", now, Anything())
    found = {refusal.code for refusal in decision.refusals}
    assert found == {"NO_CONTACT", "REFLECTION_PERIOD", "BASIS_INEXACT"}


def test_another_subjects_withdrawal_counts(bench: Bench, tmp_path: Path) -> None:
    consent(bench, wish(tmp_path, subject="A2"))
    withdraw(bench, "CO-0001")
    consent(bench, wish(tmp_path))
    assert codes(bench, "CO-0002") == ["OTHER_SUBJECT_WITHDREW"]
    # The same person may think again.
    consent(bench, wish(tmp_path, subject="A2"))
    assert codes(bench, "CO-0002") == []


def test_another_basis_has_to_name_exactly_this(bench: Bench) -> None:
    """A court order to the organisation; one in general terms lets nothing out."""
    general = Order(
        type=Instrument.WARRANT,
        reference="1",
        categories=CATEGORIES,
        covers=("EX-0001",),
    )
    exact = structs.replace(general, recipients=("NGO-01",), purposes=("support",))
    other = structs.replace(general, recipients=("NGO-2",), purposes=("defence",))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for order in (general, exact, other):
            add_authority(writer, order)
    assert claim(bench, wanted="AU-0003") == ("AU-0003", [])
    with pytest.raises(GroundRefusedError, match="BASIS_INEXACT"):
        claim(bench, wanted="AU-0002")
    with pytest.raises(GroundRefusedError, match=r"AUTHORITY_PURPOSE.*RECIPIENT"):
        claim(bench, wanted="AU-0004")
    for wrong in ({"recipients": ("Guluzade",)}, {"purposes": ("Guluzade",)}):
        with pytest.raises((ConsentAliasError, ConsentUnsoundError)) as caught:
            checked(structs.replace(exact, **wrong), now=clock.now().time)
        assert "Guluzade" not in str(caught.value)


def test_labels_hold_against_every_ground(bench: Bench, tmp_path: Path) -> None:
    consent(bench, wish(tmp_path))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        wanted = Wanted(handling=("H2",))
        label(writer, (Subject("EX-0001"),), wanted, open_set("europol"))
    assert codes(bench, "CO-0001") == ["LABEL_PERMISSION"]
    with pytest.raises(GroundRefusedError, match="LABEL_PERMISSION"):
        claim(bench)


def test_police_act_under_orders(tmp_path: Path) -> None:
    bench = ngo_bench(tmp_path, profile="police")
    decision = may_leave(bench.case, (), "POL-1", "investigation", clock.now().time)
    assert [r.code for r in decision.refusals] == ["GROUND_MISSING"]
    assert "authority" in decision.refusals[0].text


def test_two_persons(tmp_path: Path) -> None:
    """A consent waits for somebody else's approval; a disclosure cannot wait."""
    signer, other = new_signer(), new_signer()
    made = "2026-01-01T00:00:00.000000Z"
    facts = {"profile": "ngo", "two_person": ["consent_add", "disclose"]}
    line = opening(signer, "log.example", **facts)
    ledger_facts = {"number": "CO-0001", "given_at": made}
    added = entry(1, signer, EntryType.CONSENT_ADD, ledger_facts)
    answer = {"kind": "approval", "seq": 1, "entry": added.leaf.hex()}
    entries = [read_entry(line), added]
    folder = tmp_path / "case"
    case = Case(folder, Settings("log.example", "ngo"))
    for signers, waits in (([], True), ([signer], True), ([other], False)):
        told = [entry(2, one, EntryType.ANNOTATE, answer) for one in signers]
        write(folder, [*entries, *told])
        assert read_ledger(case).consents["CO-0001"].waits is waits
    scope = Scope(Touch.DISCLOSE, made, recipient="NGO-1", purpose="support")
    with pytest.raises(SecondPersonError):
        basis_to_leave(case, scope, Claim("", "Danger to life."))


def entry(
    seq: int, signer: FileSigner, kind: EntryType, facts: dict[str, object]
) -> Entry:
    act = Act(kind, "caseworker", facts)  # type: ignore[arg-type] - JSON
    time = Clock("2026-01-02T00:00:00.000000Z", 0, "unknown", None)
    return sign_entry(
        act, time, origin="log.example", seq=seq, prev="0" * 64, signer=signer
    )


def write(folder: Path, entries: list[Entry]) -> None:
    (folder / "manifest").mkdir(parents=True, exist_ok=True)
    data = b"".join(item.line + b"\n" for item in entries)
    (folder / "manifest" / "entries.jsonl").write_bytes(data)
