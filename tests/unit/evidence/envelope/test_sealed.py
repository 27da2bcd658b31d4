"""One encrypted file or many parts: opened by age, checked by sha256sum, and bent."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest

from evidence.envelope.parts import read_size
from evidence.envelope.sealed import To, finish, seal, unseal
from evidence.envelope_errors import EnvelopeUnfinishedError, PartsWrongError
from evidence.errors import CaseUnreadableError
from evidence.system import REAL
from manifests.errors import CustodyError

MIB = 1 << 20


@pytest.fixture
def identity() -> Any:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "package"
    (made / "data").mkdir(parents=True)
    (made / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    (made / "data" / "payload").write_bytes(os.urandom(3 * MIB))
    return made


def sealed(folder: Path, target: Path, identity: Any, split: int = 0) -> None:
    to = To(recipient=str(identity.to_public()))
    made = seal(folder, target, to, entry=7, split=split)
    finish(target, made)


def opened(path: Path, identity: Any, room: Path) -> Path:
    room.mkdir()
    unseal(path, room, opener=lambda: ("me", [str(identity)]))
    return room


@pytest.mark.skipif(not shutil.which("age"), reason="needs age")
def test_age_and_tar_open_what_is_sealed(
    folder: Path, tmp_path: Path, identity: Any
) -> None:
    sealed(folder, tmp_path / "p.age", identity)
    key = tmp_path / "key"
    key.write_text(str(identity))
    words = ["age", "-d", "-i", str(key), "-o", str(tmp_path / "p.tar")]
    subprocess.run([*words, str(tmp_path / "p.age")], check=True)
    with tarfile.open(tmp_path / "p.tar") as tar:
        assert sorted(tar.getnames()) == ["package/bagit.txt", "package/data/payload"]
    room = opened(tmp_path / "p.age", identity, tmp_path / "room")
    assert (room / "data/payload").read_bytes() == (
        folder / "data/payload"
    ).read_bytes()


def test_parts_are_checked_by_sha256sum_and_joined(
    folder: Path, tmp_path: Path, identity: Any
) -> None:
    sealed(folder, tmp_path / "p.age", identity, split=MIB)
    names = sorted(p.name for p in tmp_path.iterdir() if p.is_file())
    assert names == ["p.age.001", "p.age.002", "p.age.003", "p.age.004", "p.age.parts"]
    words = ["sha256sum", "-c", "--quiet", "--strict", "p.age.parts"]
    subprocess.run(words, cwd=tmp_path, check=True)
    room = opened(tmp_path / "p.age.parts", identity, tmp_path / "room")
    assert (room / "data/payload").read_bytes() == (
        folder / "data/payload"
    ).read_bytes()
    assert not (tmp_path / "room.joined").exists()


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        ("missing", "part 2 is missing"),
        ("swapped", "part 1 is in truth part 2; part 2 is in truth part 1"),
        ("doubled", "part 2 is a copy of part 1"),
        ("altered", "part 2 was altered, or is of another package"),
        ("cut", "part 2 was altered, or is of another package"),
    ],
)
def test_parts_that_do_not_fit_are_named(
    folder: Path, tmp_path: Path, identity: Any, bend: str, said: str
) -> None:
    sealed(folder, tmp_path / "p.age", identity, split=MIB)
    one, two = tmp_path / "p.age.001", tmp_path / "p.age.002"
    if bend == "missing":
        two.unlink()
    elif bend == "swapped":
        one.rename(tmp_path / "x")
        two.rename(one)
        (tmp_path / "x").rename(two)
    elif bend == "doubled":
        shutil.copy(one, two)
    else:
        data = two.read_bytes()
        two.write_bytes(data[:-1] + (b"" if bend == "cut" else b"!"))
    with pytest.raises(PartsWrongError) as caught:
        opened(tmp_path / "p.age.parts", identity, tmp_path / "room")
    assert caught.value.facts["reason"] == said
    assert list((tmp_path / "room").iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.ENXIO, errno.ENODEV])
@pytest.mark.parametrize("split", [0, MIB])
@pytest.mark.parametrize("at", [0, 1])
def test_a_full_or_missing_medium_leaves_nothing_half(
    folder: Path, tmp_path: Path, identity: Any, number: int, split: int, at: int
) -> None:
    calls = []

    def write(fd: int, data: memoryview) -> int:
        calls.append(fd)
        if len(calls) > at:
            raise OSError(number, os.strerror(number))
        return os.write(fd, data)

    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    to = To(recipient=str(identity.to_public()))
    system = replace(REAL, write=write)
    target = tmp_path / "p.age"
    with pytest.raises(EnvelopeUnfinishedError) as caught:
        seal(folder, target, to, entry=7, split=split, system=system)
    assert caught.value.facts["entry"] == 7
    assert [p for p in tmp_path.iterdir() if p.name.startswith("p.age")] == []
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_any_place_of_an_age_file_bent_leaves_nothing(
    folder: Path, tmp_path: Path, identity: Any
) -> None:
    sealed(folder, tmp_path / "p.age", identity)
    data = (tmp_path / "p.age").read_bytes()
    bent = tmp_path / "bent.age"
    for number, at in enumerate((30, 150, 250, 70_000, len(data) - 1)):
        bent.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        room = tmp_path / f"r{number}"
        with pytest.raises(CustodyError) as caught:
            opened(bent, identity, room)
        assert type(caught.value).code.startswith("ENVELOPE_")
        assert list(room.iterdir()) == []


@pytest.mark.parametrize("text", ["", "G", "-1G", "1e9", "1.5G", "1Mi", "4P", "٤G"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="a size is like"):
        read_size(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1M", 1_000_000),  # the least
        ("1000000", 1_000_000),
        ("1000K", 1_000_000),
        ("4g", 4_000_000_000),
        ("4GB", 4_000_000_000),
        ("1 MiB", 1_048_576),
        ("4GiB", 4_294_967_296),
        ("1TiB", 1_099_511_627_776),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["4", "999K", "999999B", "0M"])
def test_sizes_below_the_least_are_told_the_least(text: str) -> None:
    with pytest.raises(ValueError, match=r"at least 1M \(1,000,000 bytes\)"):
        read_size(text)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENXIO, errno.ENODEV])
def test_a_medium_pulled_out_while_reading_leaves_nothing(
    folder: Path,
    tmp_path: Path,
    identity: Any,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealed(folder, tmp_path / "p.age", identity)
    sealed(folder, tmp_path / "q.age", identity, split=MIB)

    def gone(*_: object, **__: object) -> bytes:
        raise OSError(number, os.strerror(number))

    for name, place in (
        ("p.age", "evidence.vault.agefile.os.pread"),
        ("q.age.parts", "evidence.envelope.parts.hash_file"),
    ):
        room = tmp_path / f"room-{name}"
        with monkeypatch.context() as patched:
            patched.setattr(place, gone)
            with pytest.raises(CaseUnreadableError):
                opened(tmp_path / name, identity, room)
        assert list(room.iterdir()) == []
        assert not (tmp_path / f"room-{name}.joined").exists()
