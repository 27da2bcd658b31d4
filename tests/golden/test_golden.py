"""Cases of every released format version keep their recorded verdict."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from evidence.case import open_case
from evidence.checking import check_case
from evidence.inventory import read_records
from evidence.overview import overview
from evidence.report.compose import compose
from evidence.report.options import Options
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Status

HERE = Path(__file__).parent
CHECKER = HERE.parent / "docs" / "independent_verifier.py"
VERSIONS = sorted(path.name.removesuffix(".json") for path in HERE.glob("*.json"))

# Python before 3.11.4 has no filters; the archive is our own.
SAFELY: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


@pytest.fixture(params=VERSIONS)
def golden(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[Path, dict[str, object]]:
    name = str(request.param)
    with tarfile.open(HERE / f"{name}.tar.gz") as archive:
        archive.extractall(tmp_path, **SAFELY)
    return tmp_path / name, json.loads((HERE / f"{name}.json").read_text("utf-8"))


def test_there_is_one() -> None:
    assert "case-v1" in VERSIONS


def test_it_verifies_with_the_recorded_root(
    golden: tuple[Path, dict[str, object]],
) -> None:
    folder, recorded = golden
    checked = check_case(open_case(folder), anchors=Anchors())
    assert checked.verdict.exit_code() == 0
    assert (checked.verdict.size, checked.verdict.root) == (
        recorded["entries"],
        recorded["root"],
    )
    found = {e.id: e.payload_sha256 for e in checked.log.exhibits.values()}
    assert found == recorded["payloads"]


def test_the_independent_verifier_agrees(
    golden: tuple[Path, dict[str, object]],
) -> None:
    folder, recorded = golden
    ended = subprocess.run(
        [sys.executable, "-I", CHECKER, folder],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert told["root"] == recorded["root"]
    assert set(told["axes"].values()) == {"pass"}


def test_one_changed_byte_shows(golden: tuple[Path, dict[str, object]]) -> None:
    folder, _ = golden
    path = folder / "exhibits" / "EX-0001" / "inventory.jsonl"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"kind"', b'"kinD"', 1))
    checked = check_case(open_case(folder), anchors=Anchors())
    assert checked.verdict.axes[Axis.INTACT].status is Status.FAIL


def test_it_can_be_read_and_reported(golden: tuple[Path, dict[str, object]]) -> None:
    folder, _ = golden
    case = open_case(folder)
    view, entries = overview(case)
    assert view.case_id == "GOLDEN 1"
    assert view.problems == []
    assert [n.kind for n in view.notes] == ["fact", "assessment"]
    assert entries[-1].type == "recovery"
    records = list(read_records(case.exhibit_folder("EX-0002") / "inventory.jsonl"))
    assert sum(r["kind"] == "message" for r in records) == 7
    report = compose(case, Options("2026-01-01T00:00:00Z"), anchors=Anchors())
    assert len(report.exhibits) == 5
    assert any("interrupted" in event.gap for event in report.events)
