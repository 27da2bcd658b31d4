"""The real command: `custody report --language`."""

from __future__ import annotations

from pathlib import Path

from tests.desk import Desk
from tests.unit.evidence.report.reading import Pdf


def test_a_report_in_arabic_and_an_unknown_language(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open_case()
    at = ("-C", desk.case, "report", "--at", "2026-01-02T03:04:05Z")
    desk.run(*at, "-o", "ar.pdf", "--language", "ar")
    desk.run(*at, "-o", "again.pdf", "--language", "ar")
    arabic = Pdf(tmp_path / "ar.pdf")
    assert arabic.raw == (tmp_path / "again.pdf").read_bytes()
    assert "2026-01-02 03:04:05 UTC" in arabic.text()
    desk.run(*at, "-o", "x.pdf", "--language", "../ar", code=2)
    assert not (tmp_path / "x.pdf").exists()
