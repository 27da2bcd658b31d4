"""Proof files of every released format version keep their bytes and their verdict."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import pytest

from evidence.case import open_case
from evidence.proving import check_proof, make_proof
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Status

HERE = Path(__file__).parent
PROOF = HERE / "proof-v1.tlog-proof"
# By sha256sum, of the file in this folder.
DIGEST = "7f10cb40f6d66b425160f717bd5797bee681cb1d20c94a6d4c7de7039fd04e39"

# Python before 3.11.4 has no filters; the archive is our own.
SAFELY: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with tarfile.open(HERE / "case-v1.tar.gz") as archive:
        archive.extractall(tmp_path, **SAFELY)
    return tmp_path / "case-v1"


def test_the_file_is_the_one_that_was_made() -> None:
    assert hashlib.sha256(PROOF.read_bytes()).hexdigest() == DIGEST


def test_it_verifies_with_the_payload_of_the_golden_case(case: Path) -> None:
    payload = case / "exhibits" / "EX-0001" / "payload"
    checked = check_proof(PROOF, anchors=Anchors(), payload=payload)
    assert checked.verdict.findings == ()
    assert checked.verdict.axes[Axis.INTACT].status is Status.PASS
    assert checked.verdict.axes[Axis.COMPLETE].status is Status.PASS
    assert (checked.reading.exhibit.id, checked.verdict.size) == ("EX-0001", 9)
    assert [(r.index, r.holds) for r in checked.reading.records] == [(1, True)]
    assert checked.reading.records[0].fields["kind"] == "chat"


def test_the_same_case_gives_the_same_bytes(case: Path) -> None:
    made = make_proof(open_case(case), "EX-0001", records=(2,))
    assert made.data == PROOF.read_bytes()
