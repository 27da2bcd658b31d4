"""Entries held in memory say what the verified lines say, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.case import Case, writing
from evidence.checking import check_case
from evidence.held import HeldLog
from evidence.report.compose import compose
from evidence.report.options import Options
from manifests import ledger
from manifests.entries import EntryType, read_entry
from manifests.errors import MalformedError
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

NAMES = (
    "seq", "type", "time", "actor", "exhibits", "facts", "private", "private_file",
    "leaf",
)  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = new_bench(tmp_path / "case")
    (tmp_path / "a").write_text("x")
    bench.acquire(tmp_path / "a")
    return bench


def _log(case: Case) -> Path:
    return case.manifest / ledger.ENTRIES


def test_a_held_entry_says_what_its_line_says(bench: Bench) -> None:
    held = HeldLog()
    checked = check_case(bench.case, anchors=Anchors(), held=held)
    lines = _log(bench.case).read_bytes().splitlines()
    entries = held.of(bench.case, checked.log)
    assert len(entries) == len(lines) >= 2
    for entry, line in zip(entries, lines, strict=True):
        strict = read_entry(line)
        for name in NAMES:
            assert getattr(entry, name) == getattr(strict, name)
        for member in ("role", "authority", "log"):
            assert entry.body.get(member) == strict.body.get(member)


def test_a_report_reads_the_log_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = ledger.read_lines

    def counted(path: Path) -> object:
        read.append(path)
        return real(path)

    monkeypatch.setattr(ledger, "read_lines", counted)
    compose(bench.case, Options("2099-01-01T00:00:00Z"), anchors=Anchors())
    assert read.count(_log(bench.case)) == 1


@pytest.mark.parametrize(
    "line",
    [
        b'{"body":{"seq":"x"}}\n',
        b"{}\n",
        b"[" * 60_000 + b"\n",
        b'{"body":{"actor":"a","actor":"b"},"signatures":[]}\n',
    ],
)
def test_a_line_that_is_no_entry_is_not_reported_on(bench: Bench, line: bytes) -> None:
    with _log(bench.case).open("ab") as stream:
        stream.write(line)
    with pytest.raises(MalformedError):
        compose(bench.case, Options("2099-01-01T00:00:00Z"), anchors=Anchors())


def test_a_member_written_twice_is_no_entry(bench: Bench) -> None:
    """What a lenient reader would take is not what the report says."""
    path = _log(bench.case)
    lines = path.read_bytes().splitlines(keepends=True)
    fooled = lines[-1].replace(b'"authority":', b'"authority":"AU-9999","authority":')
    path.write_bytes(b"".join([*lines, fooled]))
    with pytest.raises(MalformedError):
        compose(bench.case, Options("2099-01-01T00:00:00Z"), anchors=Anchors())


def test_a_torn_last_line_is_no_entry(bench: Bench) -> None:
    with _log(bench.case).open("ab") as stream:
        stream.write(b'{"body":{"se')
    report = compose(bench.case, Options("2099-01-01T00:00:00Z"), anchors=Anchors())
    assert len(report.events) == len(list(bench.case.entries()))


def test_what_is_kept_for_the_search_names_somebody(bench: Bench) -> None:
    from evidence.lint.gathering import gather, names_somebody

    with writing(bench.case, bench.identity, bench.signer) as writer:
        for _ in range(3):
            writer.record(EntryType.CONSULT, facts={"purpose": "looking"})
    held = HeldLog()
    checked = check_case(bench.case, anchors=Anchors(), held=held)
    before = len(held.of(bench.case, checked.log))
    held.keep(names_somebody)
    assert len(held.entries) <= before - 3
    found = gather(bench.case, held.entries).identifiers
    assert found == gather(bench.case).identifiers
