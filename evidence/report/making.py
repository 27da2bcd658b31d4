"""From a report's model to the finished, unsigned PDF: the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from evidence.report import recorded
from evidence.report.archival import archive, pack
from evidence.report.attachments import Attachment
from evidence.report.pdf import render

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.options import Options

DESCRIPTION = "This report as data: what its pages say, and what is attached to it."


def make_pdf(
    report: Report, options: Options, attachments: Sequence[Attachment]
) -> bytes:
    """Render a report and attach files to it, ``report.json`` among them.

    Raises:
        MalformedError: the model holds what ``report.json`` cannot.
    """
    own = Attachment(
        recorded.NAME,
        "application/json",
        "Data",
        DESCRIPTION,
        recorded.write_recorded(report, options, attachments),
    )
    return attach(report, [*attachments, own])


def attach(report: Report, attachments: Sequence[Attachment]) -> bytes:
    """Render a report and attach exactly these files, in the order of their names.

    They are packed while the pages are set.
    """
    buffer = io.BytesIO()
    ordered = sorted(attachments, key=lambda one: one.name)
    with ThreadPoolExecutor(1, "packing") as pool:
        packing = pool.submit(pack, ordered)
        render(report, buffer)
        return archive(buffer.getvalue(), ordered, packing.result())
