"""This machine's memory of heads: a case put back or rewritten is not continued."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evidence.case import CaseWriter, open_case, writing
from evidence.checking import check_case
from evidence.countersigning import newest_head
from evidence.heads import Memory
from evidence.restoring import restore
from evidence.witness_errors import HeadsUnreadableError, NotRestoredError
from manifests.entries import EntryType
from manifests.errors import BrokenManifestError, MalformedError, StorageFailedError
from manifests.verifying.judge import Anchors
from tests.builders import Bench, codes, new_bench
from tests.faults import KINDS, Crash, Trouble


@contextmanager
def remembering(bench: Bench, memory: Memory) -> Iterator[CaseWriter]:
    """Write the way the command line does."""
    origin = bench.case.settings.origin
    with writing(
        bench.case,
        bench.identity,
        bench.signer,
        known=memory.known(origin),
        vouched=lambda note: memory.remember(origin, note),
    ) as writer:
        yield writer


def note(bench: Bench, memory: Memory, count: int = 1) -> None:
    for _ in range(count):
        with remembering(bench, memory) as writer:
            writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"t": ""})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "home")


def clone(bench: Bench, folder: Path) -> Bench:
    path = Path(shutil.copytree(bench.case.path, folder))
    return Bench(open_case(path), bench.identity, bench.signer)


def remembered(bench: Bench, memory: Memory) -> int:
    (head,) = memory.known(bench.case.settings.origin)
    return head.size


def test_every_own_head_is_remembered(bench: Bench, memory: Memory) -> None:
    assert memory.known(bench.case.settings.origin) == ()
    note(bench, memory, 3)
    assert memory.note(bench.case.settings.origin) == newest_head(bench.case).note
    with remembering(bench, memory):
        pass  # nothing appended: nothing vouched for
    assert remembered(bench, memory) == 4


def test_an_older_copy_is_not_continued(
    bench: Bench, memory: Memory, tmp_path: Path
) -> None:
    old = clone(bench, tmp_path / "backup")
    note(bench, memory)
    before = {p: p.read_bytes() for p in old.case.path.rglob("*") if p.is_file()}
    with (
        pytest.raises(BrokenManifestError, match="vouched for are missing"),
        remembering(old, memory),
    ):
        raise AssertionError("it was opened")
    after = {p: p.read_bytes() for p in old.case.path.rglob("*") if p.is_file()}
    assert {p: d for p, d in after.items() if p.name != ".lock"} == {
        p: d for p, d in before.items() if p.name != ".lock"
    }


@pytest.mark.parametrize("longer", [0, 3])
def test_a_rewritten_case_is_not_continued(
    bench: Bench, memory: Memory, tmp_path: Path, longer: int
) -> None:
    """By the holder of the key, on another machine; as long, or longer."""
    other, elsewhere = clone(bench, tmp_path / "other"), Memory(tmp_path / "elsewhere")
    note(bench, memory, 2)
    note(other, elsewhere, 2 + longer)
    with (
        pytest.raises(BrokenManifestError, match="differ from those you"),
        remembering(other, memory),
    ):
        raise AssertionError("it was opened")


def test_verify_uses_it_as_a_checkpoint_from_outside(
    bench: Bench, memory: Memory, tmp_path: Path
) -> None:
    old = clone(bench, tmp_path / "backup")
    note(bench, memory)
    data = memory.note(bench.case.settings.origin)
    assert data is not None
    outside = (("this machine's own memory", data),)
    bad = check_case(old.case, anchors=Anchors(), outside=outside).verdict
    assert codes(bad) == {"ROLLBACK"}
    assert bad.exit_code() == 12
    good = check_case(bench.case, anchors=Anchors(), outside=outside).verdict
    assert codes(good) == set()


def test_it_only_moves_forward(bench: Bench, memory: Memory, tmp_path: Path) -> None:
    old = newest_head(bench.case).note
    note(bench, memory, 2)
    origin = bench.case.settings.origin
    memory.remember(origin, old)
    assert remembered(bench, memory) == 3
    with pytest.raises(HeadsUnreadableError, match="another log"):
        memory.remember(origin, newest_head(new_bench(tmp_path / "b").case).note)


@pytest.mark.parametrize("data", [b"", b"no note", b"\xff", b"x" * (1 << 21)])
def test_a_damaged_memory_is_not_taken_for_none(
    bench: Bench, memory: Memory, data: bytes
) -> None:
    note(bench, memory)
    memory.path(bench.case.settings.origin).write_bytes(data)
    with pytest.raises(HeadsUnreadableError), remembering(bench, memory):
        raise AssertionError("it was opened")


def test_a_memory_of_another_log_in_its_place(
    bench: Bench, memory: Memory, tmp_path: Path
) -> None:
    note(bench, memory)
    other = newest_head(new_bench(tmp_path / "b").case)
    memory.path(bench.case.settings.origin).write_bytes(other.note)
    with pytest.raises(HeadsUnreadableError):
        memory.known(bench.case.settings.origin)


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_never_loses_what_was_remembered(
    bench: Bench, memory: Memory, kind: str, tmp_path: Path
) -> None:
    note(bench, memory)
    first = memory.note(bench.case.settings.origin)
    assert first is not None
    note(bench, memory)
    second = memory.note(bench.case.settings.origin)
    assert second is not None
    for at in range(10):
        home = tmp_path / f"{kind}{at}"
        Memory(home).remember(bench.case.settings.origin, first)
        trouble = Memory(home, Trouble(kind, at).system())
        try:
            trouble.remember(bench.case.settings.origin, second)
        except (StorageFailedError, Crash):
            assert remembered(bench, Memory(home)) in (2, 3)
        else:
            assert remembered(bench, Memory(home)) == 3


# --- restored from a backup -----------------------------------------------------------


def test_a_restore_is_recorded_and_the_memory_moves_on(
    bench: Bench, memory: Memory, tmp_path: Path
) -> None:
    note(bench, memory)
    old = clone(bench, tmp_path / "backup")
    note(bench, memory, 3)
    lost = newest_head(bench.case).checkpoint
    restore(old.case, old.identity, old.signer, memory, "The disk broke")
    entry = list(old.case.entries())[-1]
    assert (entry.type, entry.seq) == ("recovery", 2)
    assert entry.facts == {
        "known_root": lost.root.hex(),
        "known_size": 5,
        "quarantined": [],
        "restored": True,
    }
    assert old.case.sealed(entry)["reason"] == "The disk broke"
    assert remembered(old, memory) == 3
    note(old, memory)
    assert old.verify().exit_code() == 0
    # The lost history is now the one that is refused.
    with pytest.raises(BrokenManifestError), remembering(bench, memory):
        raise AssertionError("it was opened")


def test_a_restore_of_a_case_that_lacks_nothing(bench: Bench, memory: Memory) -> None:
    for _ in range(2):
        before = len(list(bench.case.entries()))
        with pytest.raises(NotRestoredError):
            restore(bench.case, bench.identity, bench.signer, memory, "why")
        assert len(list(bench.case.entries())) == before
        note(bench, memory)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_restore_needs_a_reason(bench: Bench, memory: Memory, reason: str) -> None:
    with pytest.raises(MalformedError):
        restore(bench.case, bench.identity, bench.signer, memory, reason)


def test_a_restore_does_not_excuse_a_broken_log(
    bench: Bench, memory: Memory, tmp_path: Path
) -> None:
    note(bench, memory)
    old = clone(bench, tmp_path / "backup")
    note(bench, memory)
    path = old.case.manifest / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"kind":"fact"', b'"kind":"fict"'))
    with pytest.raises(BrokenManifestError, match="differ from the checkpoint"):
        restore(old.case, old.identity, old.signer, memory, "why")


def test_a_restore_of_a_case_that_went_on_elsewhere(
    bench: Bench, memory: Memory, tmp_path: Path
) -> None:
    """Longer than what is remembered, and not its continuation: said all the same."""
    other, elsewhere = clone(bench, tmp_path / "other"), Memory(tmp_path / "elsewhere")
    note(bench, memory, 2)
    note(other, elsewhere, 4)
    lost = newest_head(bench.case).checkpoint
    restore(other.case, other.identity, other.signer, memory, "Continued on a laptop")
    entry = list(other.case.entries())[-1]
    assert entry.facts["known_root"] == lost.root.hex()
    assert remembered(other, memory) == 6
