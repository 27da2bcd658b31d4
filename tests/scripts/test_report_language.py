"""The real command: `custody report --language`, and what checks such a report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evidence.report.making import attach
from evidence.report.received import take_apart
from evidence.report.recorded import NAME, read_recorded, write_recorded
from evidence.report.verifying import as_attachment
from tests.desk import Desk
from tests.unit.evidence.report.reading import Pdf

AT = ("--at", "2026-12-31T12:00:00Z")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("languages"))
    desk.open_case()
    make(desk, "ar")
    return desk


def make(desk: Desk, code: str) -> None:
    told = ("report", *AT, "-o", f"{code}.pdf", "--language", code)
    desk.run("-C", desk.case, *told)


@pytest.mark.parametrize(
    "code", ["ar", pytest.param("de", marks=pytest.mark.agreement)]
)
def test_a_translated_report_is_rendered_again_when_it_is_verified(
    desk: Desk, code: str
) -> None:
    if not (desk.folder / f"{code}.pdf").exists():
        make(desk, code)
    pdf = Pdf(desk.folder / f"{code}.pdf")
    assert "2026-12-31 12:00:00 UTC" in pdf.text()
    found = desk.ask("verify", f"{code}.pdf", code=None)
    assert {f["code"] for f in found["findings"] if f["fails"]} == set()
    axes = {name: axis["status"] for name, axis in found["axes"].items()}
    assert axes["intact"] == axes["consistent"] == "pass", found["axes"]


@pytest.mark.parametrize("told", ["de", "../de"])
def test_a_report_that_claims_another_language_than_its_pages_have_fails(
    desk: Desk, told: str
) -> None:
    received = take_apart((desk.folder / "ar.pdf").read_bytes())
    recorded = read_recorded(received.attachments[NAME].content)
    files = [as_attachment(n, c) for n, c in received.attachments.items()]
    lie = replace(recorded.report, language=told)
    content = write_recorded(lie, recorded.options, files)
    false = [replace(f, content=content) if f.name == NAME else f for f in files]
    (desk.folder / "false.pdf").write_bytes(attach(recorded.report, false))
    found = desk.ask("verify", "false.pdf", code=None)
    assert found["axes"]["intact"]["status"] == "fail"
    assert "PAGES_DIFFER" in {one["code"] for one in found["findings"]}


def test_an_unknown_language_is_refused(desk: Desk) -> None:
    at = ("-C", desk.case, "report", *AT)
    desk.run(*at, "-o", "x.pdf", "--language", "../ar", code=2)
    assert not (desk.folder / "x.pdf").exists()
