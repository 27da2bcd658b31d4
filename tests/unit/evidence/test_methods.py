"""A lying parser cannot stop an acquisition, nor change what is said of its bytes."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence import acquire as acquiring
from evidence import methods
from evidence.acquire import Acquired
from evidence.errors import PayloadTouchedError
from evidence.inventory import read_records
from evidence.methods import take_image, take_image_files
from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import (
    Content,
    FileEnd,
    FileStart,
    Item,
    Job,
    Record,
    Summary,
)
from tests.builders import Bench, new_bench

WHOLE = Summary(ParseOutcome.PARSED, {"files": 1})
START = FileStart(b"a.txt", 4, {"inode": "12", "partition": None})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    path.write_bytes(bytes(4096))
    return path


def extract(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch, items: list[Item]
) -> tuple[Acquired, list[dict[str, object]]]:
    def lie(_name: str, _job: Job) -> Iterator[Item]:
        return iter(items)

    monkeypatch.setattr(methods, "parse", lie)
    done = bench.acquire(
        image, kind="disk", method=take_image_files, paths=["**"], deleted=False
    )
    folder = bench.case.exhibit_folder(done.exhibit)
    assert bench.verify().exit_code() == 0
    return done, [dict(r) for r in read_records(folder / "inventory.jsonl")]


def members(bench: Bench, done: Acquired) -> dict[str, bytes]:
    path = bench.case.exhibit_folder(done.exhibit) / "payload.tar"
    with tarfile.open(path) as archive:
        return {
            m.name: file.read()
            for m in archive.getmembers()
            if (file := archive.extractfile(m)) is not None
        }


def test_a_parser_cannot_say_other_digests_than_those_packed(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie = {"sha256": "0" * 64, "bytes": 9, "outcome": "skipped", "payload": {}}
    items: list[Item] = [
        START,
        Content(b"real"),
        FileEnd(Outcome.ACQUIRED, dict(lie)),
        WHOLE,
    ]
    done, records = extract(bench, image, monkeypatch, items)
    assert members(bench, done) == {"a.txt": b"real"}
    record = records[0]
    assert record["sha256"] == hashlib.sha256(b"real").hexdigest()
    assert (record["bytes"], record["outcome"]) == (4, "acquired")
    assert done.complete


@pytest.mark.parametrize("sent", [b"", b"ab", b"toolong"])
def test_another_number_of_bytes_than_promised_is_unreadable(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    items: list[Item] = [START, Content(sent), FileEnd(Outcome.ACQUIRED, {}), WHOLE]
    done, records = extract(bench, image, monkeypatch, items)
    assert members(bench, done) == {"a.txt": (sent + bytes(4))[:4]}
    assert records[0]["outcome"] == "unreadable"
    assert done.facts["outcomes"] == {"unreadable": 1}
    assert not done.complete


def test_a_file_left_open_is_unreadable(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FileStart(b"b.txt", 2, {})
    items: list[Item] = [
        START,
        Content(b"ab"),
        other,
        Content(b"cd"),
        FileEnd(Outcome.ACQUIRED, {}),
        FileEnd(Outcome.ACQUIRED, {}),
        Content(b"stray"),
        WHOLE,
    ]
    done, records = extract(bench, image, monkeypatch, items)
    assert members(bench, done) == {"a.txt": b"ab\0\0", "b.txt": b"cd"}
    assert [r["outcome"] for r in records] == ["unreadable", "acquired"]


def test_absurd_sizes_end_the_parse_not_the_acquisition(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items: list[Item] = [FileStart(b"huge", 2**50, {}), Content(b"x"), WHOLE]
    done, _ = extract(bench, image, monkeypatch, items)
    parse = done.facts["parse"]
    assert isinstance(parse, dict)
    assert parse["outcome"] == "failed"
    assert members(bench, done) == {}
    assert not done.complete


def test_files_of_one_name_stay_apart(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items: list[Item] = []
    for partition, inode in ((1, "5"), (2, "5"), (2, "6"), (2, "6")):
        fields = {"partition": partition, "inode": inode}
        items += [
            FileStart(b"same", 1, dict(fields)),
            Content(b"%d" % len(items)),
            FileEnd(Outcome.ACQUIRED, {}),
        ]
    done, _ = extract(bench, image, monkeypatch, [*items, WHOLE])
    assert len(members(bench, done)) == 4
    assert {"partition-1/same", "partition-2/same"} < set(members(bench, done))


@pytest.mark.parametrize("name", [b"../../evil", b"/etc/passwd", b"a/../../b", b"\xff"])
def test_hostile_names_stay_inside_the_tar(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    start = FileStart(name, 1, {})
    items: list[Item] = [start, Content(b"x"), FileEnd(Outcome.ACQUIRED, {}), WHOLE]
    done, _ = extract(bench, image, monkeypatch, items)
    (packed,) = members(bench, done)
    assert not packed.startswith("/")
    assert ".." not in packed.split("/")


@pytest.mark.parametrize(
    "public",
    [
        {"text": "x" * 10_000},
        {"number": 2**60},
        {"surrogate": "\ud800"},
        {"clé": 1},
    ],
)
def test_odd_public_facts_are_refused(
    bench: Bench,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
    public: dict[str, object],
) -> None:
    summary = Summary(ParseOutcome.PARSED, public)  # type: ignore[arg-type]
    done, _ = extract(bench, image, monkeypatch, [summary])
    parse = done.facts["parse"]
    assert isinstance(parse, dict)
    assert (parse["outcome"], parse["public"]) == ("failed", {})


def test_odd_records_are_kept_as_refused(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd: list[Item] = [
        Record({"kind": "x", "salt": "mine"}),
        Record({"kind": "x", "bad": "\udfff"}),
        Record({"kind": "fine"}),
    ]
    done, records = extract(bench, image, monkeypatch, [*odd, WHOLE])
    assert [r["kind"] for r in records] == ["refused", "refused", "fine"]
    assert done.facts["outcomes"] == {"refused": 2}
    assert not done.complete


def test_a_parser_that_writes_to_the_copy_stops_the_act(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vandal(_name: str, job: Job) -> Iterator[Item]:
        with Path(job.path).open("r+b") as stream:
            stream.write(b"planted")
        yield WHOLE

    monkeypatch.setattr(acquiring, "parse", vandal)
    with pytest.raises(PayloadTouchedError):
        bench.acquire(image, kind="disk", method=take_image)
    assert list((bench.case.path / "staging").iterdir()) == []
    assert bench.verify().exit_code() == 0
    assert image.read_bytes() == bytes(4096)


def test_a_parser_that_removes_the_copy_stops_the_act(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vandal(_name: str, job: Job) -> Iterator[Item]:
        Path(job.path).unlink()
        yield WHOLE

    monkeypatch.setattr(acquiring, "parse", vandal)
    with pytest.raises(PayloadTouchedError):
        bench.acquire(image, kind="disk", method=take_image)
    assert bench.verify().exit_code() == 0


def test_endless_empty_files_end_the_parse(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "_budget", lambda _image: 10_000)
    items: list[Item] = []
    for number in range(1000):
        start = FileStart(b"%d" % number, 0, {})
        items += [start, FileEnd(Outcome.ACQUIRED, {})]
    done, records = extract(bench, image, monkeypatch, [*items, WHOLE])
    assert len(records) < 10
    assert not done.complete
