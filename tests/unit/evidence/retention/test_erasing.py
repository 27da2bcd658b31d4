"""Erasing: what is gone, what stays, what verifies, and what refuses."""

from __future__ import annotations

import contextlib
import io
import shutil
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from evidence.case import writing
from evidence.checking import check_case
from evidence.grounds import Claim
from evidence.inventory import read_records
from evidence.report.compose import compose
from evidence.report.options import Options
from evidence.report.pdf import render
from evidence.report.words import exhibits_there
from evidence.retention import erasing, recording
from evidence.retention.register import register_of
from evidence.retention_errors import (
    CopyRefusedError,
    ErasureUnfinishedError,
    ExhibitErasedError,
    LegalHoldError,
    TransferOpenError,
)
from manifests.entries import EntryType
from manifests.errors import CustodyError
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Verdict
from tests.builders import Bench, new_bench
from tests.erasing import CANARY, OVERRIDE, erase, fill, holding
from tests.faults import CRASH, DEAD, EIO, NEVER, Crash, Trouble
from tests.safe import Safe, new_safe


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("plain")
    bench = new_bench(folder / "CASE")
    fill(bench, folder / "sources")
    return bench


@pytest.fixture(scope="module")
def made_safe(tmp_path_factory: pytest.TempPathFactory) -> Safe:
    folder = tmp_path_factory.mktemp("safe")
    safe = new_safe(folder / "CASE")
    fill(safe.bench, folder / "sources")
    return safe


@pytest.fixture
def bench(made: Bench, tmp_path: Path) -> Bench:
    shutil.copytree(made.case.path, tmp_path / "CASE")
    return Safe(made, "", "").at(tmp_path / "CASE").bench


@pytest.fixture
def safe(made_safe: Safe, tmp_path: Path) -> Safe:
    shutil.copytree(made_safe.path, tmp_path / "CASE")
    return made_safe.at(tmp_path / "CASE")


def codes(verdict: Verdict, *, failing: bool) -> set[str]:
    return {f.code.value for f in verdict.findings if f.fails is failing}


def checked(bench: Bench) -> Verdict:
    return check_case(bench.case, anchors=Anchors()).verdict


def test_plain_case_holds_nothing_of_it_any_more(bench: Bench, tmp_path: Path) -> None:
    shutil.copytree(bench.case.path, tmp_path / "COPY")
    assert holding(bench.case.path, CANARY.encode())
    found = erase(bench, copies=[tmp_path / "COPY"])
    assert [word for _, word in found.copies] == ["destroyed"]
    assert found.problems == []
    for folder in (bench.case.path, tmp_path / "COPY"):
        assert holding(folder, CANARY.encode()) == []
        assert not (folder / "exhibits/EX-0001").exists()
        assert (folder / "exhibits/EX-0002/payload.tar").is_file()
    verdict = checked(bench)
    assert codes(verdict, failing=True) == set()
    assert "ERASED" in codes(verdict, failing=False)
    text = next(f.text for f in verdict.findings if f.code == "ERASED")
    assert "Erased on" in text
    assert bench.identity.key[:16] in text
    assert "because: court-order" in text


def test_encrypted_case_holds_neither_key_nor_ciphertext(
    safe: Safe, tmp_path: Path
) -> None:
    shutil.copytree(safe.path, tmp_path / "COPY")
    key = (safe.path / "keys/EX-0001.age").read_bytes()
    payload = (safe.path / "exhibits/EX-0001/payload.age").read_bytes()
    record = (safe.path / "private/0000000001.json.age").read_bytes()
    needles = (key[-64:], payload[-64:], record[-64:], CANARY.encode())
    assert len(holding(safe.path, *needles)) == 3
    erase(safe.bench, copies=[tmp_path / "COPY"])
    assert holding(safe.path, *needles) == []
    assert holding(tmp_path / "COPY", *needles) == []
    verdict = safe.verify()
    assert codes(verdict, failing=True) == set()
    # The tombstone's own record outlasts the exhibit's key.
    stone = register_of(safe.opened()).tombstones[0]
    assert safe.opened().sealed(stone.entry)["text"] == "ordered"


def test_a_lost_recovery_key_is_not_needed_to_erase(safe: Safe, tmp_path: Path) -> None:
    """Nor does one that is found later, with an older key file, bring it back."""
    shutil.copytree(safe.path / "keys", tmp_path / "keys")
    lost, recovery = replace(safe, recovery=""), safe.recovery
    erase(lost.bench)
    assert codes(lost.verify(), failing=True) == set()
    assert holding(safe.path, b"EX-0001/") == []
    assert not (safe.path / "exhibits/EX-0001").exists()
    assert not (safe.path / "keys/EX-0001.age").exists()
    # The key of the exhibit was copied by somebody: there is nothing it opens.
    shutil.copy(tmp_path / "keys/EX-0001.age", safe.path / "keys/EX-0001.age")
    verdict = safe.verify(recovery)
    assert "ERASED_STILL_PRESENT" in codes(verdict, failing=True)
    with pytest.raises(ExhibitErasedError):
        safe.opened(recovery).open_payload("EX-0001")


@pytest.mark.parametrize("which", ["EX-0001", "case"])
def test_keys_nobody_can_open_stop_no_erasure(safe: Safe, which: str) -> None:
    """A custodian whose key opens nothing any more must still be able to destroy."""
    path = safe.path / "keys" / f"{which}.age"
    data = bytearray(path.read_bytes())
    path.chmod(0o600)
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CustodyError):
        read = safe.opened().open_payload if which != "case" else None
        if read is None:
            safe.opened().sealed(next(safe.bench.case.entries()))
        else:
            read(which).close()
    assert erase(safe.bench).problems == []
    assert not (safe.path / "exhibits/EX-0001").exists()
    assert not (safe.path / "keys/EX-0001.age").exists()
    assert codes(safe.bench.verify(), failing=True) == set()  # without a key
    # The key of the case is damaged still, which verifying says; EX-0001's is gone.
    left = {"KEY_FILE_WRONG", "PLAINTEXT_MODIFIED"} if which == "case" else set()
    assert codes(safe.verify(), failing=True) == left
    assert list(read_records(safe.opened().open_inventory("EX-0002")))


def test_what_was_made_before_still_verifies(bench: Bench, tmp_path: Path) -> None:
    from evidence.proving import check_proof, make_proof

    proof = make_proof(bench.case, "EX-0001").data
    (tmp_path / "before.tlog-proof").write_bytes(proof)
    notes = sorted((bench.case.manifest / "checkpoints").glob("*.note"))
    kept = (notes[-1].name, notes[-1].read_bytes())
    erase(bench)
    verdict = check_case(bench.case, anchors=Anchors(), outside=(kept,)).verdict
    assert codes(verdict, failing=True) == set()
    assert verdict.axes["consistent"].status == "pass"  # type: ignore[index]
    checked_proof = check_proof(tmp_path / "before.tlog-proof", anchors=Anchors())
    assert codes(checked_proof.verdict, failing=True) == set()
    assert "ERASED" not in codes(checked_proof.verdict, failing=False)
    (tmp_path / "after.tlog-proof").write_bytes(make_proof(bench.case, "EX-0001").data)
    after = check_proof(tmp_path / "after.tlog-proof", anchors=Anchors()).verdict
    assert codes(after, failing=True) == set()
    assert "because: court-order" in next(
        f.text for f in after.findings if f.code == "ERASED"
    )
    (tmp_path / "other.tlog-proof").write_bytes(make_proof(bench.case, "EX-0002").data)
    other = check_proof(tmp_path / "other.tlog-proof", anchors=Anchors()).verdict
    assert "ERASED" not in codes(other, failing=False)


def test_what_is_erased_is_not_counted_as_there(bench: Bench) -> None:
    """By hand: of 2 exhibits and 6 sealed records, one goes, and 2 of its own."""
    before = checked(bench).axes[Axis.COMPLETE].explanation
    assert "There: 2 exhibits and 6 sealed records;" in before
    erase(bench)
    after = checked(bench)
    text = after.axes[Axis.COMPLETE].explanation
    there = "There: 1 exhibit (1 more erased) and 6 sealed records (2 more erased);"
    assert text.startswith(there)  # the tombstone has a sealed record of its own
    assert after.axes[Axis.INTACT].explanation.startswith(
        "Payload and inventory of 1 exhibit match"
    )
    report = compose(bench.case, Options("2099-01-01T00:00:00Z"), anchors=Anchors())
    assert exhibits_there(report) == "1 (1 more erased)"
    assert exhibits_there(report, "exhibit") == "1 exhibit (1 more erased)"
    gone, kept = report.exhibits
    assert gone.erased.startswith("Erased on ")
    assert "because: court-order" in gone.erased
    assert kept.erased == ""
    commands = " ".join(command for _, command in report.hand_check)
    assert "EX-0001" not in commands
    assert f"sha256sum {kept.payload_name}" in commands
    stream = io.BytesIO()
    render(report, stream)
    pages = pypdf.PdfReader(stream).pages
    shown = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "1 (1 more erased)" in shown
    assert "NOT THERE ANY MORE. Erased on" in shown


def test_records_go_only_with_all_their_exhibits(bench: Bench) -> None:
    erase(bench)
    private = bench.case.path / "private"
    left = {int(path.stem) for path in private.iterdir()}
    entries = list(bench.case.entries())
    sealed = {e.seq: e.exhibits for e in entries if e.private is not None}
    gone = {seq for seq in sealed if seq not in left}
    assert {sealed[seq] for seq in gone} == {("EX-0001",)}
    assert all(bench.case.sealed(entries[seq]) == {} for seq in gone)
    erase(bench, "EX-0002")
    assert codes(checked(bench), failing=True) == set()
    left = {int(path.stem) for path in private.iterdir()}
    assert not any(
        sealed[seq] == ("EX-0001", "EX-0002") for seq in sealed if seq in left
    )


def test_what_is_put_back_fails_and_can_be_destroyed_again(bench: Bench) -> None:
    payload = (bench.case.exhibit_folder("EX-0001") / "payload").read_bytes()
    record = bench.case.private_path(2).read_bytes()
    erase(bench)
    folder = bench.case.exhibit_folder("EX-0001")
    folder.mkdir()
    (folder / "payload").write_bytes(payload)
    bench.case.private_path(2).write_bytes(record)
    verdict = checked(bench)
    assert codes(verdict, failing=True) == {"ERASED_STILL_PRESENT"}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        erasing.carry_out(writer, again=True)
    assert codes(checked(bench), failing=True) == set()


def test_missing_without_an_erasure_stays_missing(bench: Bench) -> None:
    shutil.rmtree(bench.case.exhibit_folder("EX-0001"))
    assert codes(checked(bench), failing=True) == {
        "PAYLOAD_MISSING",
        "INVENTORY_MISSING",
    }


def test_legal_hold_wins_over_every_ground(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        recording.hold(writer, ["EX-0001"], reason="a court asked")
        recording.hold(writer, [], reason="another court asked")
    with pytest.raises(LegalHoldError):
        erase(bench)
    for number in ("HO-0001", "HO-0002"):
        with pytest.raises(LegalHoldError):
            erase(bench)
        with writing(bench.case, bench.identity, bench.signer) as writer:
            recording.lift_hold(writer, number, reason="done")
    assert holding(bench.case.path, CANARY.encode())
    erase(bench)
    assert not holding(bench.case.path, CANARY.encode())


def test_open_transfer_stops_it_until_it_is_answered(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts = {"kind": "offer", "recipient": "ORG-1"}
        offer = writer.record(
            EntryType.TRANSFER_OUT, facts=facts, exhibits=("EX-0001",)
        )
    with pytest.raises(TransferOpenError) as caught:
        erase(bench)
    assert caught.value.facts["entry"] == offer.seq
    with writing(bench.case, bench.identity, bench.signer) as writer:
        answer = {
            "kind": "transfer_answered",
            "offer": {"entry": offer.leaf.hex()},
            "result": "declined",
        }
        writer.record(EntryType.ANNOTATE, facts=answer)
    erase(bench)
    stone = register_of(bench.case).tombstones[0]
    assert stone.entry.facts["handed_over"] == [
        {"entry": offer.seq, "recipient": "ORG-1"}
    ]


def test_erased_exhibit_is_said_so(bench: Bench) -> None:
    erase(bench)
    with pytest.raises(ExhibitErasedError):
        bench.case.open_inventory("EX-0001")
    with pytest.raises(ExhibitErasedError):
        erase(bench)
    with (
        pytest.raises(ExhibitErasedError),
        writing(bench.case, bench.identity, bench.signer) as writer,
    ):
        recording.hold(writer, ["EX-0001"], reason="too late")


def test_only_copies_of_this_case_are_touched(bench: Bench, tmp_path: Path) -> None:
    other = new_bench(tmp_path / "OTHER")
    fill(other, tmp_path / "sources")
    forked = tmp_path / "FORKED"
    shutil.copytree(bench.case.path, forked)
    with writing(
        Safe(bench, "", "").at(forked).bench.case, bench.identity, bench.signer
    ) as writer:
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"text": "x"})
    inside = bench.case.path / "packages"
    for folder in (other.case.path, forked, inside, bench.case.path, tmp_path / "none"):
        before = checked(bench).size
        with pytest.raises(CopyRefusedError):
            erase(bench, copies=[folder])
        assert checked(bench).size == before
    assert holding(other.case.path, CANARY.encode())
    assert holding(forked, CANARY.encode())


def test_packages_reports_and_set_aside_pieces_go_too(bench: Bench) -> None:
    case = bench.case.path
    (case / "packages/P1").mkdir()
    (case / "packages/P1/EX-0001.payload").write_text(CANARY)
    (case / "packages/P2").mkdir()
    (case / "packages/P2/EX-0002.payload").write_text("other")
    (case / "packages/P3.tar").write_bytes(b"xEX-0001/payload" + CANARY.encode())
    (case / "packages/P4.age").write_bytes(b"age-encryption.org/v1 ...")
    (case / "staging/EX-0001-abc").mkdir()
    (case / "staging/EX-0001-abc/payload").write_text(CANARY)
    (case / "reports/R1.pdf").write_text(CANARY)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        facts = {"file": "R1.pdf", "sha256": "0" * 64}
        writer.record(EntryType.REPORT_ISSUE, facts=facts)
    found = erase(bench)
    assert found.unsearched == ["P4.age"]
    assert holding(case, CANARY.encode()) == []
    assert {p.name for p in (case / "packages").iterdir()} == {"P2", "P4.age"}
    verdict = checked(bench)
    assert codes(verdict, failing=True) == set()
    assert "REPORT_MISSING" not in codes(verdict, failing=False)


def test_links_are_removed_and_not_followed(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    path = bench.case.exhibit_folder("EX-0001") / "payload"
    path.unlink()
    path.symlink_to(outside)
    erase(bench)
    assert outside.read_text() == "not ours"


# -- crashes -----------------------------------------------------------------------


def calls_after(bench: Bench) -> tuple[int, int]:
    """Return how many system calls come before destroying, and how many in all."""
    trouble = Trouble()
    with writing(
        bench.case, bench.identity, bench.signer, system=trouble.system()
    ) as writer:
        found = erasing.plan(bench.case, ["EX-0001"])
        erasing.erase(writer, found, reason="unlawful", text="x", claim=OVERRIDE)
        before = len(trouble.calls)
        erasing.carry_out(writer)
    return before, len(trouble.calls)


@pytest.mark.parametrize(
    ("kind", "encrypted", "step"),
    [
        (CRASH, True, 3),
        *(
            pytest.param(kind, encrypted, 1, marks=pytest.mark.crash)
            for kind in (CRASH, EIO, DEAD)
            for encrypted in (False, True)
        ),
    ],
)
def test_interrupted_anywhere_it_is_ended_by_the_next_opening(
    made: Bench, made_safe: Safe, tmp_path: Path, kind: str, encrypted: bool, step: int
) -> None:
    origin = made_safe if encrypted else Safe(made, "", "")
    shutil.copytree(origin.path, tmp_path / "count")
    before, after = calls_after(origin.at(tmp_path / "count").bench)
    assert after - before > 10
    for at in range(before, after, step):
        folder = tmp_path / f"at-{at}"
        shutil.copytree(origin.path, folder)
        bench = origin.at(folder).bench
        trouble = Trouble(kind, NEVER)
        try:
            with writing(
                bench.case, bench.identity, bench.signer, system=trouble.system()
            ) as writer:
                found = erasing.plan(bench.case, ["EX-0001"])
                erasing.erase(
                    writer, found, reason="unlawful", text="x", claim=OVERRIDE
                )
                trouble.at = at
                erasing.carry_out(writer)
        except (Crash, Exception):
            pass
        with writing(bench.case, bench.identity, bench.signer) as writer:
            assert writer.unfinished == ""
        names = holding(folder, CANARY.encode())
        assert names == [], (at, trouble.calls[at])
        assert not (folder / "keys/EX-0001.age").exists()
        assert codes(checked(bench), failing=True) == set(), (at, trouble.calls[at])
        assert register_of(bench.case).tombstones[0].done >= 0
        shutil.rmtree(folder)


def test_nothing_is_destroyed_before_the_entry(made: Bench, tmp_path: Path) -> None:
    for kind in (CRASH, DEAD):
        for at in range(0, 60, 4):
            folder = tmp_path / f"{kind}-{at}".replace(" ", "")
            shutil.copytree(made.case.path, folder)
            bench = Safe(made, "", "").at(folder).bench
            trouble = Trouble(kind, at)
            with contextlib.suppress(Crash, Exception):
                erase(bench, system=trouble.system())
            if EntryType.ERASE not in {e.type for e in bench.case.entries()}:
                assert (folder / "exhibits/EX-0001/payload").is_file()
                assert holding(folder / "private", CANARY.encode())
            shutil.rmtree(folder)


def test_what_cannot_be_destroyed_stops_no_other_act(bench: Bench) -> None:
    trouble = Trouble()

    def refuse(_path: str) -> None:
        raise PermissionError(1, "not permitted", "payload")

    from dataclasses import replace

    system = replace(trouble.system(), unlink=refuse)
    with pytest.raises(ErasureUnfinishedError):
        erase(bench, system=system)
    assert "ERASED_STILL_PRESENT" in codes(checked(bench), failing=True)
    with writing(bench.case, bench.identity, bench.signer, system=system) as writer:
        assert "not finished" in writer.unfinished
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"text": "x"})
    with writing(bench.case, bench.identity, bench.signer):
        pass
    assert codes(checked(bench), failing=True) == set()


def test_blank_override_and_no_ground_are_refused(bench: Bench) -> None:
    from evidence.retention_errors import RetentionRefusedError

    with writing(bench.case, bench.identity, bench.signer) as writer:
        found = erasing.plan(bench.case, ["EX-0001"])
        for reason, text in (("because", "x"), ("unlawful", " ")):
            with pytest.raises(RetentionRefusedError):
                erasing.erase(writer, found, reason=reason, text=text, claim=Claim())
    assert holding(bench.case.path, CANARY.encode())
