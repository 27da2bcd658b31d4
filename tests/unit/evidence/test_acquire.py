"""An acquisition: all or nothing, with an outcome for everything attempted."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

from evidence import acquire as acquiring
from evidence.acquire import Request, Work, acquire
from evidence.case import writing
from evidence.copying import Written
from evidence.errors import SourceInsideCaseError, SourceMissingError
from evidence.inventory import InventoryWriter, read_records
from evidence.methods import take_files
from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Summary
from evidence.reading import StoppedError
from manifests.errors import NoSpaceError, StorageFailedError
from tests.builders import Bench, new_bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "Jane Doe's letter.txt"
    path.write_bytes(b"evidence\n" * 1000)
    return path


def is_untouched(bench: Bench) -> bool:
    case = bench.case.path
    left = [*(case / "staging").iterdir(), *(case / "exhibits").iterdir()]
    return not left and len(list(bench.case.entries())) == 1


def records(bench: Bench, exhibit: str) -> list[dict[str, Any]]:
    path = bench.case.exhibit_folder(exhibit) / "inventory.jsonl"
    return [dict(record) for record in read_records(path)]


def test_one_file(bench: Bench, source: Path) -> None:
    data = source.read_bytes()
    before = source.stat()
    done = bench.acquire(source)
    folder = bench.case.exhibit_folder("EX-0001")
    assert sorted(p.name for p in folder.iterdir()) == ["inventory.jsonl", "payload"]
    assert (folder / "payload").read_bytes() == data
    assert stat.S_IMODE((folder / "payload").stat().st_mode) == 0o400
    digest = hashlib.sha256(data).hexdigest()
    payload = {"bytes": len(data), "name": "payload", "sha256": digest}
    assert done.facts["payload"] == payload
    assert (done.exhibit, done.seq, done.complete) == ("EX-0001", 1, True)
    after = source.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    (record,) = records(bench, "EX-0001")
    assert record["sha256"] == digest
    assert bench.verify().exit_code() == 0


def test_nothing_personal_in_the_entry(bench: Bench, source: Path) -> None:
    bench.acquire(source, secret_option="Jane Doe")
    line = (bench.case.manifest / "entries.jsonl").read_bytes().splitlines()[1]
    for secret in (b"Jane", b"letter", os.fsencode(source.parent), b"Tess"):
        assert secret not in line
    sealed = bench.case.sealed(list(bench.case.entries())[1])
    assert sealed["sources"] == [str(source)]
    assert sealed["options"] == {"secret_option": "Jane Doe"}


def test_a_tree(bench: Bench, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "a").write_bytes(b"A")
    (tree / "link").symlink_to("inner/a")
    os.mkfifo(tree / "pipe")
    done = bench.acquire(tree)
    # A pipe is skipped by its kind; that leaves nothing out.
    outcomes: Any = done.facts["outcomes"]
    assert outcomes["skipped"] == 1
    assert done.complete
    path = bench.case.exhibit_folder("EX-0001") / "payload.tar"
    with tarfile.open(fileobj=io.BytesIO(path.read_bytes())) as archive:
        names = {member.name for member in archive.getmembers()}
    assert {"tree/inner/a", "tree/link"} <= names
    assert "tree/pipe" not in names


def test_a_case_inside_its_source_is_left_out(tmp_path: Path) -> None:
    """Acquiring the folder that holds the case: not the case in itself."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(b"A")
    bench = new_bench(tree / "case")
    done = bench.acquire(tree)
    assert bench.verify().exit_code() == 0
    paths = [str(r.get("path")) for r in records(bench, done.exhibit)]
    assert not [p for p in paths if "manifest" in p]
    assert any("case" in p for p in paths)  # but that it was left out is said


def test_numbers_have_no_gaps_after_failures(bench: Bench, source: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            bench.acquire(source, method=_breaks)
    assert bench.acquire(source).exhibit == "EX-0001"
    assert bench.acquire(source).exhibit == "EX-0002"


def _breaks(work: Work) -> Written:
    take_files(work)
    raise ZeroDivisionError


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_it_staging_is_removed(
    bench: Bench, source: Path, error: type[BaseException]
) -> None:
    def method(work: Work) -> Written:
        take_files(work)
        assert work.payload.exists()
        raise error

    with pytest.raises(error):
        bench.acquire(source, method=method)
    assert is_untouched(bench)
    assert bench.verify().exit_code() == 0


def test_a_full_disk_at_the_inventory(
    bench: Bench, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The buffer that cannot be flushed must not keep the folder from going."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")

    def fill_up(work: Work) -> Written:
        written = take_files(work)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, work.inventory._stream.fileno())
        os.close(full)
        return written

    with pytest.raises(NoSpaceError):
        bench.acquire(source, method=fill_up)
    assert is_untouched(bench)


def test_an_inventory_that_cannot_be_made(
    bench: Bench, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> InventoryWriter:
        raise StorageFailedError(what="inventory.jsonl", reason="no")

    monkeypatch.setattr(acquiring, "InventoryWriter", refuse)
    with pytest.raises(StorageFailedError):
        bench.acquire(source)
    assert is_untouched(bench)


def test_stopping(bench: Bench, source: Path) -> None:
    stop = threading.Event()
    stop.set()
    with (
        pytest.raises(StoppedError),
        writing(bench.case, bench.identity, bench.signer) as writer,
    ):
        acquire(writer, Request("files", (source,)), take_files, stop=stop)
    assert is_untouched(bench)


def test_sources_that_cannot_be(bench: Bench, tmp_path: Path, source: Path) -> None:
    inside = tmp_path / "inside"
    inside.symlink_to(bench.case.path / "exhibits")
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for path, error in (
        (tmp_path / "nothing", SourceMissingError),
        (source / "below a file", SourceMissingError),
        (bench.case.path, SourceInsideCaseError),
        (bench.case.path / "custody.toml", SourceInsideCaseError),
        (inside, SourceInsideCaseError),
    ):
        with pytest.raises(error):
            bench.acquire(source, path)
        assert is_untouched(bench)
    # Links in a circle are links like others: recorded, not followed.
    assert bench.acquire(circle).exhibit == "EX-0001"


@pytest.mark.parametrize(
    ("left_out", "complete"),
    [
        ({}, True),
        ({Outcome.SKIPPED: 3}, True),
        ({Outcome.MISSING: 1}, False),
        ({Outcome.UNREADABLE: 1}, False),
        ({Outcome.REFUSED: 1}, False),
    ],
)
def test_complete_or_not(
    left_out: dict[Outcome, int], complete: bool, bench: Bench, source: Path
) -> None:
    def method(work: Work) -> Written:
        written = take_files(work)
        work.finish_parse(Summary(ParseOutcome.PARSED, {}, (), left_out))
        return written

    done = bench.acquire(source, method=method)
    assert done.complete is complete
    outcomes: Any = done.facts["outcomes"]
    assert outcomes == {"acquired": 1, **{k.value: n for k, n in left_out.items()}}


@pytest.mark.parametrize("outcome", ParseOutcome)
def test_a_parse_that_is_not_whole_is_incomplete(
    outcome: ParseOutcome, bench: Bench, source: Path
) -> None:
    def method(work: Work) -> Written:
        written = take_files(work)
        work.finish_parse(Summary(outcome, {"n": 1}, ("a limit",)))
        return written

    done = bench.acquire(source, method=method)
    broken = (ParseOutcome.FAILED, ParseOutcome.PARTIAL)
    assert done.complete is (outcome not in broken)
    assert done.limits == ("a limit",)


def test_the_entry_says_what_was_returned(bench: Bench, source: Path) -> None:
    done = bench.acquire(source)
    line = (bench.case.manifest / "entries.jsonl").read_bytes().splitlines()[done.seq]
    body = json.loads(line)["body"]
    assert body["facts"] == done.facts
    assert body["exhibits"] == ["EX-0001"]
    assert body["type"] == "acquire"
    assert body["facts"]["started"] <= body["facts"]["ended"] <= body["time"]
