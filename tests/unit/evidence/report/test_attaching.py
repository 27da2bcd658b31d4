"""What a report carries of its case: the proofs, nothing sealed, nothing in silence."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.lint.leaving import refuse, search_report
from evidence.people_errors import IdentifierFoundError
from evidence.report import attaching, recorded
from evidence.report.archival import MOST_BYTES, archive
from evidence.report.attaching import Attached, attachments_of, with_attachments
from evidence.report.attachments import Attachment
from evidence.report.compose import compose
from evidence.report.model import Report
from evidence.report.options import Options
from evidence.report.pdf import render
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

SECRET = b"secret " * 40


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = new_bench(tmp_path / "case")
    source = tmp_path / "a"
    source.write_bytes(SECRET)
    bench.acquire(source)
    return bench


def of(bench: Bench, *, named: bool = False) -> tuple[Report, Attached]:
    options = Options("2026-01-01T00:00:00Z", named_staff=named)
    report = compose(bench.case, options, anchors=Anchors())
    attached = attachments_of(bench.case, report, named_staff=named)
    return with_attachments(report, attached), attached


def contents(attached: Attached) -> dict[str, bytes]:
    return {file.name: file.content for file in attached.files}


def newest(bench: Bench) -> Path:
    return max((bench.case.manifest / "checkpoints").glob("*.note"))


def test_the_record_and_its_newest_head_go_along(bench: Bench) -> None:
    report, attached = of(bench)
    found = contents(attached)
    note = newest(bench)
    own = {"VERIFY.txt", "case.jsonld", "entries.jsonl", "keys.json"}
    assert set(found) == {*own, note.name}
    told = json.loads(found["case.jsonld"])["@graph"]
    assert len(told) > 5  # case_validate judges what makes it (test_caseuco)
    assert found[note.name] == note.read_bytes()
    entries = (bench.case.manifest / "entries.jsonl").read_bytes()
    assert found["entries.jsonl"] == entries
    [key] = json.loads(found["keys.json"])["keys"]
    assert key == {"key": bench.identity.key, "public": bench.signer.public.text}
    for file in report.attachments.files:
        data = found[file.name]
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_only_what_the_report_covers_goes_along(bench: Bench, tmp_path: Path) -> None:
    """Another writer may have gone on since the report was composed."""
    options = Options("2026-01-01T00:00:00Z")
    report = compose(bench.case, options, anchors=Anchors())
    before = (bench.case.manifest / "entries.jsonl").read_bytes()
    note = newest(bench)
    bench.acquire(tmp_path / "a")
    found = contents(attachments_of(bench.case, report, named_staff=False))
    assert found["entries.jsonl"] == before
    assert [name for name in found if name.endswith(".note")] == [note.name]


def test_nothing_sealed_and_no_name_goes_along(bench: Bench) -> None:
    everything = b"".join(contents(of(bench)[1]).values())
    for secret in (b"Tess", b"Lab", b"TEST 1/2026", b"A test", SECRET[:14]):
        assert secret not in everything
    for sealed in (bench.case.path / "private").iterdir():
        assert sealed.read_bytes() not in everything


def test_names_go_along_only_where_staff_is_named(bench: Bench) -> None:
    _, attached = of(bench, named=True)
    found = contents(attached)
    assert found[f"identity-{bench.identity.key}.json"] == bench.identity.to_bytes()
    assert any("names no staff" in line for line in of(bench)[1].left_out)


@pytest.mark.parametrize("suffix", ["x.tsr", "x.cosig", "x.p7s"])
def test_a_file_that_only_has_the_right_name_stays(bench: Bench, suffix: str) -> None:
    """A corrupt colleague puts evidence where proofs go along by themselves."""
    head = newest(bench)
    planted = head.with_name(f"{head.name[:10]}.{suffix}")
    planted.write_bytes(SECRET)
    for named in (False, True):
        _, attached = of(bench, named=named)
        assert planted.name not in contents(attached)
        assert any(
            "do not have the form" in line or "certificate names" in line
            for line in attached.left_out
        )


def _link(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere)


def _large(path: Path, _: Path) -> None:
    path.write_bytes(b"0" * (5 << 20))


@pytest.mark.parametrize("plant", [_link, _large])
def test_links_and_giants_stay(
    bench: Bench, tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    path = newest(bench).with_name("0000000001.x.cosig")
    plant(path, tmp_path / "a")
    _, attached = of(bench)
    assert path.name not in contents(attached)


def test_a_log_too_big_is_named_with_its_digest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "MOST_LOG_BYTES", 100)
    report, attached = of(bench)
    assert "entries.jsonl" not in contents(attached)
    entries = (bench.case.manifest / "entries.jsonl").read_bytes()
    [line] = [one for one in report.attachments.left_out if "The log" in one]
    assert hashlib.sha256(entries).hexdigest() in line
    assert f"{len(entries):,} bytes" in line


def test_more_proofs_than_fit_are_counted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "MOST_FILES", 0)
    _, attached = of(bench)
    assert not [name for name in contents(attached) if name.endswith(".note")]
    assert any(line.startswith("1 older file(s)") for line in attached.left_out)


def test_the_bounds_fit_each_other() -> None:
    most = attaching.MOST_LOG_BYTES + attaching.MOST_PROOF_BYTES
    assert most + recorded.MAX_BYTES < MOST_BYTES


def test_a_damaged_description_of_a_key_is_said(bench: Bench) -> None:
    path = bench.case.path / "identities" / f"{bench.identity.key}.json"
    path.write_bytes(b"{}")
    _, attached = of(bench, named=True)
    # The key itself is the log's, whatever became of the description.
    [key] = json.loads(contents(attached)["keys.json"])["keys"]
    assert key == {"key": bench.identity.key, "public": bench.signer.public.text}
    assert any(
        line.startswith("1 description(s) of keys") for line in attached.left_out
    )


@pytest.mark.parametrize("long", [False, True])
def test_the_linter_looks_into_attachments(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, long: bool
) -> None:
    if long:  # then what draws the pages is not searched
        monkeypatch.setattr("evidence.lint.leaving._PAGES_UP_TO", 10)
    report, attached = of(bench)
    stream = io.BytesIO()
    render(report, stream)

    def searched(files: list[Attachment]) -> None:
        data = archive(stream.getvalue(), files)
        refuse(
            search_report(bench.case, report, data, sources=False, named_staff=False),
            "the report",
        )

    searched(attached.files)
    text = "seen by Tess Tester\n" * 3
    planted = Attachment("x.csv", "text/csv", "Data", "A list.", text.encode())
    with pytest.raises(IdentifierFoundError):
        searched([*attached.files, planted])
