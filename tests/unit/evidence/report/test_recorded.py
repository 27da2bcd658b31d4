"""report.json: what goes in comes out, and nothing else is taken."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.report.attachments import Attachment
from evidence.report.model import Statement
from evidence.report.options import Options
from evidence.report.recorded import read_recorded, write_recorded
from evidence.report_errors import ReportModelError
from tests.unit.evidence.report.sample_report import SAMPLE, hostile

OPTIONS = Options("2026-01-01T00:00:00Z", checks=("led",))
GUIDE = Attachment("VERIFY.txt", "text/plain", "Supplement", "A guide.", b"read me\n")


@pytest.mark.parametrize("report", [SAMPLE, hostile()], ids=["sample", "hostile"])
def test_a_model_comes_back_whole(report: object) -> None:
    data = write_recorded(report, OPTIONS, [GUIDE])  # type: ignore[arg-type]
    found = read_recorded(data)
    assert found.report == report
    assert found.options == OPTIONS
    (listed,) = found.attachments
    assert (listed.name, listed.bytes) == ("VERIFY.txt", 8)
    value = json.loads(data)
    assert value["report"]["root"] == SAMPLE.root or report is not SAMPLE
    assert sorted(value) == ["attachments", "format", "libraries", "options", "report"]


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_comes_back(text: str) -> None:
    """Also with lone surrogates: names of files are bytes."""
    fact = Statement(1, "2026-01-01T00:00:00Z", "x", "EX-0001", text)
    report = replace(SAMPLE, facts=(fact,))
    assert read_recorded(write_recorded(report, OPTIONS, [])).report == report


def test_what_holds_its_default_is_left_out() -> None:
    value = json.loads(write_recorded(SAMPLE, OPTIONS, []))
    assert "texts" not in value["options"]
    assert value["options"]["checks"] == ["led"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"format":"custody-report-1"', b'"format":"custody-report-2"'),
        (b'"format"', b'"formax"'),
        (b'"report_id":', b'"report_ix":'),
        (b'"report":{', b'"report":{"aaa":1,'),
        (b'"report":{', b'"report": {'),
        (b'"options":{', b'"options":{"aaa":false,'),
        (b'"bytes":8', b'"bytes":"8"'),
        (b'"bytes":8', b'"bytes":8.0'),
        (b'"attachments":[', b'"attachments":[[],'),
        (b'"attachments":[', b'"attachments":[{"bytes":1,"name":"report.json",'
         b'"sha256":""},'),
        (b'"libraries":[', b'"libraries":[1,'),
        (b'}', b'}}'),
    ],
)  # fmt: skip
def test_anything_else_is_refused(old: bytes, new: bytes) -> None:
    data = write_recorded(SAMPLE, OPTIONS, [GUIDE])
    assert old in data
    with pytest.raises(ReportModelError):
        read_recorded(data.replace(old, new, 1))


def test_deep_and_cut_off_files_are_refused() -> None:
    data = write_recorded(SAMPLE, OPTIONS, [GUIDE])
    for bad in (b"", data[:-1], b"[" * 100_000, b'{"report":' * 5000, b"\xff"):
        with pytest.raises(ReportModelError):
            read_recorded(bad)
