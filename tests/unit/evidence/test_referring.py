"""Referring: hashed once, recorded whatever happened, nothing kept."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.access_errors import ReferralRefusedError
from evidence.case import writing
from evidence.grounds import Claim
from evidence.referring import MAX_NOTE, Referral, refer
from evidence.system import REAL, SystemCalls
from tests.builders import Bench, new_bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


def referral(*sources: Path, note: str = "") -> Referral:
    return Referral(sources, "unsafe", "POL-1", note)


def run(bench: Bench, wanted: Referral, system: SystemCalls = REAL) -> list[str]:
    """Refer; return the outcomes as they stand in the entries."""
    with writing(bench.case, bench.identity, bench.signer) as writer:
        refer(writer, wanted, Claim(), system=system)
    entries = [e for e in bench.case.entries() if e.type == "identify"]
    return [str(entry.facts["outcome"]) for entry in entries]


def test_every_source_has_its_entry_and_digest(bench: Bench, tmp_path: Path) -> None:
    files = {"a": b"", "b": b"x" * 5_000_000, "c": os.urandom(70_000)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [tmp_path / name for name in files]
    assert run(bench, referral(*paths)) == ["referred"] * 3
    entries = [e for e in bench.case.entries() if e.type == "identify"]
    for entry, (name, data) in zip(entries, files.items(), strict=True):
        assert entry.facts["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry.facts["bytes"] == len(data)
        assert bench.case.sealed(entry)["source"] == str(tmp_path / name)
        assert entry.exhibits == ()


def test_what_fails_or_changes_while_it_is_read_is_recorded_as_that(
    bench: Bench, tmp_path: Path
) -> None:
    item = tmp_path / "item"
    item.write_bytes(b"y" * 10_000)

    def fail(_fd: int, _space: Sequence[memoryview], *_at: int) -> int:
        raise OSError(errno.EIO, "broken")

    def grow(fd: int, space: Sequence[memoryview]) -> int:
        with item.open("ab") as stream:
            stream.write(b"z")
        return os.readv(fd, space)

    assert run(bench, referral(item), replace(REAL, readv=fail, preadv=fail)) == [
        "unreadable"
    ]
    assert run(bench, referral(item), replace(REAL, readv=grow))[1:] == [
        "changed-while-read"
    ]

    def gone(*_words: object, **_more: object) -> int:
        raise OSError(errno.EACCES, "no")

    assert run(bench, referral(item), replace(REAL, open=gone))[2:] == ["unreadable"]
    last = [e for e in bench.case.entries() if e.type == "identify"][-1]
    assert "sha256" not in last.facts


def test_what_is_no_referral_is_refused_before_anything(
    bench: Bench, tmp_path: Path
) -> None:
    item = tmp_path / "item"
    item.write_bytes(b"y")
    os.mkfifo(tmp_path / "pipe")
    wrong = (
        referral(tmp_path / "pipe"),
        referral(tmp_path),
        referral(),
        referral(item, note="n" * (MAX_NOTE + 1)),
        Referral((item,), "because I say so", "POL-1"),
    )
    for one in wrong:
        with pytest.raises(ReferralRefusedError):
            run(bench, one)
    assert not [e for e in bench.case.entries() if e.type == "identify"]
