"""Lists of second digests: all verifiers that can run here reach one verdict."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import pytest

from evidence.case import open_case, writing
from evidence.rehashing import rehash
from manifests.entries import EntryType
from tests.builders import Bench, new_bench
from tests.engines import agree

LIST = "manifest/renewals/0000000002.sha512"
Make = Callable[[bytes, Path], bytes]

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("rehash")
    (folder / "a.txt").write_bytes(b"first\n")
    made = new_bench(folder / "case")
    made.acquire(folder / "a.txt")
    with writing(made.case, made.identity, made.signer) as writer:
        assert rehash(writer).list == Path(LIST).name
    return made


@pytest.fixture
def case(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "no-keys"))
    return Path(shutil.copytree(bench.case.path, tmp_path / "case", symlinks=True))


def appended(name: str) -> Callable[[Path], None]:
    def damage(case: Path) -> None:
        with (case / name).open("ab") as stream:
            stream.write(b"\n")

    return damage


def renamed(name: str, to: str) -> Callable[[Path], None]:
    return lambda case: (case / name).rename(case / to)


def linked(name: str) -> Callable[[Path], None]:
    def damage(case: Path) -> None:
        (case / name).rename(case.parent / "elsewhere")
        (case / name).symlink_to(case.parent / "elsewhere")

    return damage


def identity_of(case: Path) -> str:
    (path,) = (case / "identities").iterdir()
    return path.relative_to(case).as_posix()


def unfinished(case: Path) -> None:
    (case / "manifest/renewals/.incomplete-00").touch()


PAYLOAD = "exhibits/EX-0001/payload"
NOTE = "manifest/checkpoints/0000000001.note"
TOKEN = f"{LIST}.court.tsr"
DAMAGES: dict[str, tuple[Callable[[Path], object], set[tuple[str, str]]]] = {
    "nothing": (lambda case: None, set()),
    "list altered": (appended(LIST), {("intact", "RENEWAL_MODIFIED")}),
    "list missing": (lambda c: (c / LIST).unlink(), {("complete", "RENEWAL_MISSING")}),
    "list a link": (linked(LIST), {("intact", "UNREADABLE")}),
    "folder a link": (linked("manifest/renewals"), {("complete", "UNLISTED")}),
    "list renamed": (
        renamed(LIST, LIST.replace("02.", "01.")),
        {("complete", "RENEWAL_MISSING"), ("complete", "UNLISTED")},
    ),
    "payload changed": (
        appended(PAYLOAD),
        {("intact", "PAYLOAD_MODIFIED"), ("intact", "RENEWED_MODIFIED")},
    ),
    "payload gone": (
        lambda case: (case / PAYLOAD).unlink(),
        {("complete", "PAYLOAD_MISSING")},
    ),
    "identity changed": (
        lambda case: appended(identity_of(case))(case),
        {("intact", "RENEWED_MODIFIED")},
    ),
    "identity gone": (
        lambda case: (case / identity_of(case)).unlink(),
        {("complete", "RENEWED_MISSING")},
    ),
    "identity a link": (
        lambda case: linked(identity_of(case))(case),
        {("intact", "UNREADABLE")},
    ),
    "note gone": (
        lambda case: (case / NOTE).unlink(),
        {("complete", "RENEWED_MISSING")},
    ),
    "a token": (lambda case: (case / TOKEN).touch(), set()),
    "65 tokens": (
        lambda case: [(case / f"{LIST}.t{n}.tsr").touch() for n in range(65)],
        {("complete", "UNLISTED")},
    ),
    "a token of no list": (
        lambda case: (case / TOKEN.replace("02.", "01.")).touch(),
        {("complete", "UNLISTED")},
    ),
    "another file": (
        lambda case: (case / "manifest/renewals/x").touch(),
        {("complete", "UNLISTED")},
    ),
    "a temporary": (unfinished, set()),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_all_agree_on_damage_to_lists(
    name: str, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, expected = DAMAGES[name]
    damage(case)
    found = agree(case, capsys)
    # What is no time stamp fails an axis that not all of them judge.
    assert found.failing == expected
    remarks = {("complete", "UNFINISHED")} if name == "a temporary" else set()
    assert found.remarks == remarks


# -- what only somebody with a key can do: an entry over a list of their own making ----


def line(name: str, data: bytes) -> bytes:
    return f"{sha512(data).hexdigest()}  {name}\n".encode()


def on_disk(name: str, case: Path) -> bytes:
    return line(name, (case / name).read_bytes())


MODIFIED = {("intact", "RENEWED_MODIFIED")}
MALFORMED = {("intact", "RENEWAL_MALFORMED")}
A, B = "exhibits/EX-0001/inventory.jsonl", PAYLOAD
LISTS: dict[str, tuple[Make, set[tuple[str, str]]]] = {
    "only the log": (lambda log, case: line("-", log), set()),
    "another log": (lambda log, case: line("-", log + b"\n"), MODIFIED),
    "two files": (
        lambda log, case: line("-", log) + on_disk(A, case) + on_disk(B, case),
        set(),
    ),
    "another payload": (
        lambda log, case: line("-", log) + line(B, b"other"),
        MODIFIED,
    ),
    "a file that never was": (
        lambda log, case: line("-", log) + line("exhibits/EX-0009/payload", b""),
        set(),
    ),
    "a note that never was": (
        lambda log, case: line("-", log) + line("manifest/checkpoints/9.note", b""),
        {("complete", "RENEWED_MISSING")},
    ),
    "no log": (lambda log, case: on_disk(B, case), MALFORMED),
    "empty": (lambda log, case: b"", MALFORMED),
    "not in order": (
        lambda log, case: line("-", log) + on_disk(B, case) + on_disk(A, case),
        MALFORMED,
    ),
    "twice": (
        lambda log, case: line("-", log) + on_disk(B, case) * 2,
        MALFORMED,
    ),
    "the log twice": (lambda log, case: line("-", log) * 2, MALFORMED),
    "torn": (lambda log, case: line("-", log)[:-1], MALFORMED),
    "a path out of the case": (
        lambda log, case: line("-", log) + line("exhibits/../../a", b""),
        MALFORMED,
    ),
    "an absolute path": (
        lambda log, case: line("-", log) + line("/etc/passwd", b""),
        MALFORMED,
    ),
    "no evidence": (
        lambda log, case: line("-", log) + line("reports/a", b""),
        MALFORMED,
    ),
    "capitals": (lambda log, case: line("-", log).upper(), MALFORMED),
    "a binary mark": (
        lambda log, case: line("-", log).replace(b"  ", b" *"),
        MALFORMED,
    ),
    "a zero byte": (
        lambda log, case: line("-", log) + line("private/a\0", b""),
        MALFORMED,
    ),
    "a long name": (
        lambda log, case: line("-", log) + line("private/" + "a" * 129, b""),
        MALFORMED,
    ),
}


def record(bench: Bench, case: Path, data: bytes, **changes: Any) -> None:
    """Record a list as the tool would, with other facts."""
    opened = open_case(case)
    with writing(opened, bench.identity, bench.signer) as writer:
        seq = writer.log.size
        name = f"{seq:010d}.sha512"
        (case / "manifest/renewals" / name).write_bytes(data)
        facts: dict[str, Any] = {
            "algorithm": "sha512",
            "bytes": 0,
            "entries": seq,
            "files": max(data.count(b"\n") - 1, 0),
            "kind": "rehash",
            "list": name,
            "sha256": sha256(data).hexdigest(),
            "sha512": sha512(data).hexdigest(),
        }
        writer.record(EntryType.RENEW, facts={**facts, **changes})


@pytest.mark.parametrize("name", LISTS)
def test_all_agree_on_lists_of_other_making(
    name: str, bench: Bench, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, expected = LISTS[name]
    log = (case / "manifest/entries.jsonl").read_bytes()
    record(bench, case, make(log, case))
    assert agree(case, capsys).failing == expected


FORM = {("consistent", "ENTRY_MALFORMED"), ("complete", "UNLISTED")}
CHANGES: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "another SHA-512": ({"sha512": "0" * 128}, {("intact", "RENEWAL_MODIFIED")}),
    "another SHA-256": ({"sha256": "0" * 64}, {("intact", "RENEWAL_MODIFIED")}),
    "another count": ({"files": 5}, MALFORMED),
    "another algorithm": ({"algorithm": "sha1"}, FORM),
    "another place": ({"list": "../entries.jsonl"}, FORM),
    "fewer entries": ({"entries": 1}, FORM),
    "no digest": ({"sha512": None}, FORM),
    "a negative count": ({"files": -1}, FORM),
    "a truth for a count": ({"bytes": True}, FORM),
    "another kind": ({"kind": "other"}, {("complete", "UNLISTED")}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_all_agree_on_entries_of_other_making(
    name: str, bench: Bench, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, expected = CHANGES[name]
    log = (case / "manifest/entries.jsonl").read_bytes()
    record(bench, case, line("-", log), **changes)
    assert agree(case, capsys).failing == expected
