"""What a crash leaves is set aside, named with its digest, and never counts."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.case import writing
from evidence.errors import SignerNotAllowedError
from evidence.identity import Identity
from evidence.keyfile import new_signer
from evidence.recovery import Leftover
from manifests.durable import SYSTEM
from manifests.errors import StorageFailedError
from tests.builders import Bench, codes, new_bench
from tests.faults import Trouble


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = new_bench(tmp_path / "case")
    (tmp_path / "source.txt").write_text("x")
    bench.acquire(tmp_path / "source.txt")
    return bench


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def recover(bench: Bench) -> list[Leftover]:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        return writer.recovered


def listing(**files: bytes) -> str:
    """The digest over 'sha256  name' lines, as the entry gives it."""
    lines = [f"{hashlib.sha256(d).hexdigest()}  {n}\n" for n, d in files.items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_nothing_left_nothing_said(bench: Bench) -> None:
    before = bench.case.manifest.joinpath("entries.jsonl").read_bytes()
    assert recover(bench) == []
    assert bench.case.manifest.joinpath("entries.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("place", "was"),
    [
        ("staging/EX-0002-aabbcc/payload", "staging or exhibits"),
        ("exhibits/EX-0002/payload", "staging or exhibits"),
        ("private/0000000002.json", "private"),
    ],
)
def test_a_leftover_is_moved_and_named(bench: Bench, place: str, was: str) -> None:
    path = bench.case.path / place
    put(path, b"unfinished")
    (found,) = recover(bench)
    assert (found.was, found.files, found.bytes) == (was, 1, 10)
    assert not path.exists()
    kept = bench.case.path / found.name
    if kept.is_dir():
        kept /= "payload"
    assert kept.read_bytes() == b"unfinished"
    assert found.digest == listing(**{kept.name: b"unfinished"})
    entry = list(bench.case.entries())[-1]
    assert entry.type == "recovery"
    facts: Any = entry.facts["quarantined"]
    assert facts == [found.facts()]
    assert codes(bench.verify(), failing=False) == set()
    assert recover(bench) == []


def test_a_torn_line_is_named_too(bench: Bench) -> None:
    with (bench.case.manifest / "entries.jsonl").open("ab") as stream:
        stream.write(b'{"body"')
    (found,) = recover(bench)
    assert found.was == "manifest/entries.jsonl"
    assert (bench.case.path / found.name).read_bytes() == b'{"body"'
    assert codes(bench.verify(), failing=False) == set()


def test_everything_at_once_in_one_entry(bench: Bench) -> None:
    put(bench.case.path / "staging/EX-0002-aa/payload", b"1")
    put(bench.case.path / "staging/EX-0002-aa/inventory.jsonl", b"2")
    put(bench.case.path / "staging/EX-0002-bb/payload", b"3")
    put(bench.case.path / "exhibits/EX-0002/payload", b"4")
    put(bench.case.path / "private/0000000002.json", b"5")
    found = recover(bench)
    assert sorted(item.files for item in found) == [1, 1, 1, 2]
    both = next(item for item in found if item.files == 2)
    assert both.digest == listing(**{"inventory.jsonl": b"2", "payload": b"1"})
    assert len(list(bench.case.entries())) == 3
    assert bench.verify().exit_code() == 0


def test_hundreds_of_leftovers_fit_their_entries(bench: Bench) -> None:
    for number in range(250):
        put(bench.case.path / f"staging/EX-0002-{number:012x}/payload", b"x")
    assert len(recover(bench)) == 250
    entries = [e for e in bench.case.entries() if e.type == "recovery"]
    quarantined: list[Any] = [e.facts["quarantined"] for e in entries]
    assert [len(items) for items in quarantined] == [100, 100, 50]
    assert codes(bench.verify(), failing=False) == set()


def test_empty_folders_and_temporaries_are_removed(bench: Bench) -> None:
    (bench.case.path / "staging/EX-0002-aa").mkdir()
    (bench.case.path / "exhibits/EX-0002").mkdir()
    for folder in ("", "private", "manifest", "manifest/checkpoints", "identities"):
        put(bench.case.path / folder / ".incomplete-0011", b"never named")
    assert recover(bench) == []
    assert not list(bench.case.path.rglob(".incomplete-*"))
    assert not (bench.case.path / "exhibits/EX-0002").exists()


def test_what_no_crash_leaves_is_left_for_verify(bench: Bench) -> None:
    """Only the very next number can be a crash's: the rest somebody put there."""
    put(bench.case.path / "exhibits/EX-0007/payload", b"planted")
    put(bench.case.path / "exhibits/notes/payload", b"planted")
    put(bench.case.path / "private/0000000009.json", b"planted")
    assert recover(bench) == []
    assert (bench.case.path / "exhibits/EX-0007/payload").exists()
    assert "UNLISTED" in codes(bench.verify())


def test_committed_things_are_never_moved(bench: Bench) -> None:
    before = {p: p.read_bytes() for p in bench.case.path.rglob("*") if p.is_file()}
    put(bench.case.path / "staging/EX-0002-aa/payload", b"x")
    recover(bench)
    for path, data in before.items():
        if path.name not in (".lock", "entries.jsonl"):
            assert path.read_bytes() == data


def test_names_and_kinds_no_crash_makes(bench: Bench) -> None:
    """A hostile case cannot stop its owner from writing to it."""
    staging = bench.case.path / "staging"
    put(staging / ("n" * 255), b"1")
    put(Path(os.fsdecode(os.fsencode(staging) + b"/\xff\n")), b"2")
    (staging / "link").symlink_to(bench.case.path / "custody.toml")
    os.mkfifo(staging / "pipe")
    (staging / "folder").mkdir()
    (staging / "folder" / "circle").symlink_to("circle")
    put(Path(os.fsdecode(os.fsencode(bench.case.path) + b"/quarantine/\xff")), b"3")
    found = recover(bench)
    assert sorted(item.bytes for item in found) == [0, 0, 0, 1, 1]
    assert list(staging.iterdir()) == []
    assert bench.verify().exit_code() == 0
    assert (bench.case.path / "custody.toml").is_file()
    assert recover(bench) == []


def test_a_stranger_s_attempt_leaves_it_to_the_owner(bench: Bench) -> None:
    put(bench.case.path / "staging/EX-0002-aa/payload", b"x")
    stranger = new_signer()
    identity = Identity("X", "examiner", "", "2026", stranger.public)
    with (
        pytest.raises(SignerNotAllowedError),
        writing(bench.case, identity, stranger),
    ):
        raise AssertionError("got in")
    assert len(recover(bench)) == 1


def test_storage_that_fails_is_an_error_with_a_code(bench: Bench) -> None:
    """Never a bare OSError, at whichever call; and the next opening finishes."""
    put(bench.case.path / "private/0000000002.json", b"x")
    for at in range(60):
        system = Trouble("failing", at).system()
        try:
            with writing(bench.case, bench.identity, bench.signer, system=system):
                pass
        except StorageFailedError:
            continue
    assert recover(bench) == []
    assert bench.verify().exit_code() == 0
    assert [e.type for e in bench.case.entries()].count("recovery") == 1


def test_a_move_another_opening_was_killed_in_is_stored_before_it_is_named(
    bench: Bench,
) -> None:
    """Both folders of a rename are synced before an entry names the leftover."""
    moved = bench.case.path / "quarantine" / "0000000002.json-aabbccdd"
    moved.write_bytes(b"{}")
    opened: dict[int, str] = {}
    steps: list[str] = []

    def watch_open(path: str, *args: Any) -> int:
        fd = os.open(path, *args)
        opened[fd] = Path(path).name
        return fd

    def watch_fsync(fd: int) -> None:
        steps.append(opened.get(fd, "?"))
        os.fsync(fd)

    system = replace(SYSTEM, open=watch_open, fsync=watch_fsync)
    with writing(bench.case, bench.identity, bench.signer, system=system) as writer:
        assert [item.was for item in writer.recovered] == ["private"]
    named = steps.index("entries.jsonl", steps.index("quarantine"))
    assert {"quarantine", "private"} <= set(steps[:named])
