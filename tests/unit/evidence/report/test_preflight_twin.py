"""Apache PDFBox Preflight on the PDF/A-1b twins of reports."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from evidence.report.pdf import render
from tests.preflight.twin import twin
from tests.preflight.verdicts import pdfbox
from tests.unit.evidence.report.sample_report import SAMPLE, hostile

pytestmark = pytest.mark.conformance


def test_preflight_accepts_twins_and_can_refuse(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.pdf" for name in ("sample", "hostile", "spoilt")]
    for path, report in zip(files, (SAMPLE, hostile()), strict=False):
        stream = io.BytesIO()
        render(report, stream)
        path.write_bytes(twin(stream.getvalue()))
    with pikepdf.open(files[0]) as pdf:
        del pdf.Root.OutputIntents
        pdf.docinfo["/Title"] = "another"
        pdf.save(files[2])
    found = pdfbox(files)
    assert found[files[0]] == []
    assert found[files[1]] == []
    assert found[files[2]] != []
