"""The QR code of root and checkpoint, beside the text at the cursor."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from evidence.report import style as st
from evidence.report.i18n import _
from evidence.report.qr import qr_ops, root_text

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

SIDE = 34 * st.MM
_MOST = 200  # characters of a field: more would make the modules too small


def code_text(report: Report) -> str:
    """Return what the code of a report holds."""
    note = report.checkpoint.encode("utf-8", "surrogateescape")
    digest = sha256(note).hexdigest() if note else ""
    origin = quote(report.origin, safe="/:.-_~", errors="replace")[:_MOST]
    return root_text(
        origin, report.size, quote(report.root, errors="replace")[:_MOST], digest
    )


def root_code(flow: Flow, report: Report) -> None:
    """Draw the code at the far edge, its top at the cursor; the cursor stays."""
    left = flow.mirrored(st.LEFT + st.TEXT_WIDTH - SIDE, SIDE)
    ops = "\n".join(qr_ops(code_text(report), left, flow.y - SIDE, SIDE))
    flow.figure(ops, _("QR code of the root and the checkpoint"))
