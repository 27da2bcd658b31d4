"""Disclosures under attack: the folder holds what the entry says, or it shows."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from evidence import disclosing
from evidence.case import writing
from evidence.consent_errors import DisclosureUnfinishedError
from evidence.disclosed import check_disclosure, is_disclosure
from evidence.disclosing import Portion, folder_for, prepare, record, write_folder
from evidence.errors import (
    ExhibitUnknownError,
    OutputExistsError,
    ProofImpossibleError,
    RecordUnknownError,
)
from evidence.grounds import Basis
from manifests import canonical
from manifests.disclosure import read_disclosure, read_record, write_record
from manifests.entries import EntryType
from manifests.errors import MalformedError, NewerFormatError
from manifests.merkle import inclusion_proof, inclusion_proofs
from manifests.proof import Placed
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Verdict
from tests.builders import Bench, codes
from tests.consenting import ngo_bench


def disclose(bench: Bench, target: Path, *portions: Portion) -> None:
    prepared = prepare(bench.case, portions)
    with folder_for(target) as part:
        with writing(bench.case, bench.identity, bench.signer) as writer:
            entry = record(
                writer,
                prepared,
                recipient="NGO-1",
                purpose="support",
                basis=Basis("CO-0001"),
                note="n",
            )
        write_folder(bench.case, prepared, entry, part=part, target=target)


def verdict(folder: Path) -> Verdict:
    return check_disclosure(folder, anchors=Anchors()).verdict


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """EX-0001 and EX-0002 are trees; two disclosures are beside the case."""
    folder = tmp_path_factory.mktemp("disclosing")
    bench = ngo_bench(folder)
    for tree in ("one", "two"):
        (folder / tree).mkdir()
        for number in range(9):
            (folder / tree / f"{number}").write_text(f"{tree} secret {number}\n")
        bench.acquire(folder / tree)
    disclose(bench, folder / "part", Portion("EX-0001", (2, 3, 7), payload=False))
    disclose(bench, folder / "whole", Portion("EX-0001"), Portion("EX-0002"))
    disclose(bench, folder / "bare", Portion("EX-0002", None, payload=False))
    return bench


@pytest.fixture
def part(bench: Bench, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bench.case.path.parent / "part", tmp_path / "part"))


@pytest.fixture
def whole(bench: Bench, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bench.case.path.parent / "whole", tmp_path / "whole"))


def test_what_was_given_verifies(bench: Bench, part: Path, whole: Path) -> None:
    for folder in (part, whole, bench.case.path.parent / "bare"):
        assert is_disclosure(folder)
        found = verdict(folder)
        assert found.exit_code() == 0, found.findings
        assert not [f for f in found.findings if f.fails]
    assert bench.verify().exit_code() == 0


def test_the_entry_says_what_was_given_and_withheld(bench: Bench) -> None:
    found = [e for e in bench.case.entries() if e.type == EntryType.DISCLOSE]
    first, second, third = found
    (told,) = first.facts["exhibits"]  # type: ignore[misc] - a list of one
    assert (told["records"], told["withheld"], told["payload"]) == (3, 7, False)  # type: ignore[index, call-overload]
    assert first.facts["recipient"] == "NGO-1"
    assert first.facts["purpose"] == "support"
    assert first.body["authority"] == "CO-0001"
    assert second.exhibits == ("EX-0001", "EX-0002")
    assert third.exhibits == ("EX-0002",)


def test_nobody_else_may_read_it(part: Path, whole: Path) -> None:
    for folder in (part, whole):
        assert all(p.stat().st_mode & 0o077 == 0 for p in folder.iterdir())


def lines(folder: Path) -> list[bytes]:
    return (folder / "EX-0001.records.jsonl").read_bytes().splitlines()


def put(folder: Path, found: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in found)
    (folder / "EX-0001.records.jsonl").write_bytes(data)


def forged(folder: Path) -> None:
    first = read_record(lines(folder)[0])
    line = first.line.replace(b"secret", b"public").replace(b"one", b"two")
    assert line != first.line
    put(
        folder,
        [write_record(Placed(line, first.index, first.path)), *lines(folder)[1:]],
    )


def moved(folder: Path) -> None:
    first = read_record(lines(folder)[0])
    put(folder, [write_record(Placed(first.line, 5, first.path)), *lines(folder)[1:]])


def flip(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(data)

    return change


PART: dict[str, tuple[Callable[[Path], object], str]] = {
    "a record taken out": (lambda f: put(f, lines(f)[1:]), "INVENTORY_MODIFIED"),
    "a record doubled": (lambda f: put(f, [*lines(f), lines(f)[-1]]), "RECORD_WRONG"),
    "records in another order": (lambda f: put(f, lines(f)[::-1]), "RECORD_WRONG"),
    "a record with other words": (forged, "RECORD_WRONG"),
    "a record at another place": (moved, "RECORD_WRONG"),
    "no record": (lambda f: put(f, []), "INVENTORY_MODIFIED"),
    "the records gone": (
        lambda f: (f / "EX-0001.records.jsonl").unlink(),
        "INVENTORY_MISSING",
    ),
    "half a line": (
        lambda f: put(f, [*lines(f)[:-1], lines(f)[-1][:100]]),
        "RECORD_WRONG",
    ),
    "a file more": (lambda f: (f / "readme.txt").write_text("x"), "UNLISTED"),
    "a payload nobody gave": (
        lambda f: (f / "EX-0001.payload.tar").write_bytes(b"x"),
        "UNLISTED",
    ),
    "a folder in it": (lambda f: (f / "more").mkdir(), "UNLISTED"),
}


@pytest.mark.parametrize("name", PART)
def test_a_part_that_was_changed_does_not_pass(part: Path, name: str) -> None:
    change, code = PART[name]
    change(part)
    found = verdict(part)
    assert found.exit_code() != 0
    assert code in codes(found), found.findings


WHOLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "another payload": (flip("EX-0001.payload.tar"), "PAYLOAD_MODIFIED"),
    "no payload": (lambda f: (f / "EX-0001.payload.tar").unlink(), "PAYLOAD_MISSING"),
    "a linked payload": (
        lambda f: (
            (f / "EX-0001.payload.tar").rename(f.parent / "p"),
            (f / "EX-0001.payload.tar").symlink_to(f.parent / "p"),
        ),
        "PAYLOAD_MISSING",
    ),
    "another inventory": (flip("EX-0002.inventory.jsonl"), "INVENTORY_MODIFIED"),
    "no inventory": (
        lambda f: (f / "EX-0002.inventory.jsonl").unlink(),
        "INVENTORY_MISSING",
    ),
    "no proof of the second": (
        lambda f: (f / "EX-0002.tlog-proof").unlink(),
        "PAYLOAD_MISSING",
    ),
    "proofs exchanged": (
        lambda f: (
            (f / "EX-0001.tlog-proof").rename(f / "x"),
            (f / "EX-0002.tlog-proof").rename(f / "EX-0001.tlog-proof"),
            (f / "x").rename(f / "EX-0002.tlog-proof"),
        ),
        "ENTRY_SWAPPED",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_exhibit_that_was_changed_does_not_pass(whole: Path, name: str) -> None:
    change, code = WHOLE[name]
    change(whole)
    found = verdict(whole)
    assert found.exit_code() != 0
    assert code in codes(found), found.findings


def rewrite(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    path = folder / "disclosure.json"
    value = json.loads(path.read_bytes())
    change(value)
    path.write_bytes(canonical.encode(value))


def test_another_purpose_or_recipient_does_not_pass(part: Path) -> None:
    text = (part / "disclosure.json").read_bytes()
    (part / "disclosure.json").write_bytes(text.replace(b"NGO-1", b"NGO-2"))
    found = verdict(part)
    assert {"SIGNATURE_WRONG", "NOT_INCLUDED"} <= codes(found)


def test_the_act_of_another_disclosure_does_not_pass(part: Path, whole: Path) -> None:
    shutil.copy(whole / "disclosure.json", part / "disclosure.json")
    rewrite(part, lambda v: v.update(exhibits=["EX-0001"]))
    assert {"NOT_INCLUDED", "INVENTORY_MODIFIED"} <= codes(verdict(part))


def test_leaving_an_exhibit_out_of_the_list_shows(whole: Path) -> None:
    rewrite(whole, lambda v: v.update(exhibits=["EX-0001"]))
    for name in whole.glob("EX-0002*"):
        name.unlink()
    assert "UNLISTED" in codes(verdict(whole))


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.update(more=1),
        lambda v: v.update(exhibits=[]),
        lambda v: v.update(exhibits=["EX-0002", "EX-0001"]),
        lambda v: v.update(exhibits=["../EX-0001"]),
        lambda v: v.update(exhibits=[1]),
        lambda v: v.pop("entry"),
        lambda v: v["entry"].update(index=-1),
        lambda v: v["entry"].update(index=True),
        lambda v: v["entry"].update(proof=["x"]),
        lambda v: v["entry"].update(proof=["AAAA"] * 64),
        lambda v: v.update(format="custody-disclosure-0"),
    ],
)
def test_a_list_of_another_form_is_not_read(
    part: Path, change: Callable[[dict[str, object]], object]
) -> None:
    rewrite(part, change)
    with pytest.raises(MalformedError):
        verdict(part)


def test_a_newer_form_is_said_to_be_newer(part: Path) -> None:
    rewrite(part, lambda v: v.update(format="custody-disclosure-2"))
    with pytest.raises(NewerFormatError):
        verdict(part)


@given(data=some.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    for reader in (read_disclosure, read_record):
        with pytest.raises((MalformedError, NewerFormatError)):
            reader(data)


def test_a_case_is_not_taken_for_a_disclosure(part: Path) -> None:
    (part / "custody.toml").write_text("")
    assert not is_disclosure(part)


def test_an_entry_that_discloses_nothing_is_not_read(bench: Bench, part: Path) -> None:
    acquire = next(e for e in bench.case.entries() if e.type == EntryType.ACQUIRE)
    rewrite(
        part,
        lambda v: v["entry"].update(entry=acquire.line.decode(), index=acquire.seq),  # type: ignore[attr-defined]
    )
    with pytest.raises(MalformedError):
        verdict(part)


# -- what may not be made --------------------------------------------------------------


@pytest.mark.parametrize(
    ("portion", "error"),
    [
        (Portion("EX-0099"), ExhibitUnknownError),
        (Portion("EX-0001", (11,), payload=False), RecordUnknownError),
        (Portion("EX-0001", (0,), payload=False), RecordUnknownError),
        (Portion("EX-0001", (), payload=False), RecordUnknownError),
    ],
)
def test_what_is_not_there_is_not_given(
    bench: Bench, portion: Portion, error: type[Exception]
) -> None:
    with pytest.raises(error):
        prepare(bench.case, [portion])


def test_a_changed_inventory_is_not_given(tmp_path: Path) -> None:
    bench = ngo_bench(tmp_path)
    (tmp_path / "f").write_text("x")
    bench.acquire(tmp_path / "f")
    inventory = bench.case.exhibit_folder("EX-0001") / "inventory.jsonl"
    inventory.chmod(0o600)
    inventory.write_bytes(inventory.read_bytes().replace(b"file", b"vile"))
    for records in (None, (1,)):
        with pytest.raises(ProofImpossibleError):
            prepare(bench.case, [Portion("EX-0001", records, payload=False)])


def test_a_changed_payload_leaves_no_copy_and_no_finished_folder(
    tmp_path: Path,
) -> None:
    bench = ngo_bench(tmp_path)
    (tmp_path / "f").write_text("x")
    bench.acquire(tmp_path / "f")
    payload = bench.case.exhibit_folder("EX-0001") / "payload"
    payload.chmod(0o600)
    payload.write_text("y")
    with pytest.raises(DisclosureUnfinishedError):
        disclose(bench, tmp_path / "out", Portion("EX-0001"))
    assert not (tmp_path / "out").exists()
    assert "EX-0001.payload" not in os.listdir(tmp_path / "out.part")
    assert [e.type for e in bench.case.entries()][-1] == EntryType.DISCLOSE


def test_a_crash_before_the_entry_leaves_nothing_outside(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written before the entry is durable; a failing entry ends it all."""

    def fail(*_: object, **__: object) -> None:
        assert list((tmp_path / "out.part").iterdir()) == []
        raise RuntimeError

    monkeypatch.setattr(disclosing.CaseWriter, "record", fail)
    with pytest.raises(RuntimeError):
        disclose(bench, tmp_path / "out", Portion("EX-0001"))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(bench: Bench, tmp_path: Path) -> None:
    size = sum(1 for _ in bench.case.entries())
    for name in ("out", "out.part"):
        (tmp_path / name).mkdir()
        with pytest.raises(OutputExistsError):
            disclose(bench, tmp_path / "out", Portion("EX-0001"))
        (tmp_path / name).rmdir()
    assert sum(1 for _ in bench.case.entries()) == size


# -- the tree ------------------------------------------------------------------------


@given(size=some.integers(1, 70), data=some.data())
def test_paths_made_together_are_those_made_one_by_one(
    size: int, data: some.DataObject
) -> None:
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(size)]
    wanted = data.draw(some.sets(some.integers(0, size - 1)))
    expected = {index: tuple(inclusion_proof(leaves, index)) for index in wanted}
    assert inclusion_proofs(leaves, wanted) == expected


def test_no_path_of_what_is_not_in_the_tree() -> None:
    for index in (-1, 1):
        with pytest.raises(ValueError, match="outside"):
            inclusion_proofs([b"\0" * 32], [index])
