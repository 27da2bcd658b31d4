"""A victim's receipt: what was received, in plain words, and nothing of a case.

Whoever finds it on its bearer must learn no more than that an office took some files.
It names no person, no authority, no kind of content, no log and no reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.page import Mark
from evidence.report.sections.codes import SIDE, root_code
from evidence.report.sections.parts import digest, pairs, unit
from evidence.report.words import byte_count, when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = (
    "This paper confirms that the items below were received. Keep it in a safe place, "
    "or ask the office to keep it for you."
)
_DIGEST = (
    "The long row of letters and figures at each item is its fingerprint (SHA-256). It "
    "was worked out from the item when it was received. If only one letter of the item "
    "were changed, the fingerprint would be another. Whoever has the item can work it "
    "out again and compare.",
    "The fingerprint does not show what is in the item.",
    "This paper says what was received and when. It does not say what it proves, nor "
    "that it is still kept; ask for that.",
    "You can ask for a copy of this paper, what happens with the items, and for them "
    "to be given back, as far as the law allows. You need not say why.",
)
_GOOD = "When this paper was made, the items and their record were checked: unchanged."
_BAD = (
    "When this paper was made, a check of the items or their record FAILED. Ask the "
    "office what this means."
)
_CHECK = "To compare by computer, for a file called FILE:"


def draw(flow: Flow, report: Report) -> None:
    """Draw the receipt."""
    flow.marks.append(Mark("Receipt", 0, 0, flow.y, listed=False))
    top = flow.y
    root_code(flow, report)
    flow.paragraph("Receipt", st.TITLE, after=8)
    width = st.TEXT_WIDTH - SIDE - 10
    flow.block(flow.typesetter.wrap(_INTRODUCTION, st.BODY, width), st.BODY)
    flow.y = min(flow.y, top - SIDE) - 8
    pairs(
        flow,
        [
            ("Number of this paper", report.report_id),
            ("Made", when(report.rendered_at)),
            ("Items", f"{len(report.exhibits):,}"),
            ("Whom to ask", report.extras.contact),
        ],
    )
    for number, exhibit in enumerate(report.exhibits, 1):
        unit(
            flow,
            f"Item {number}",
            [
                ("Kept as", exhibit.id),
                ("Received", when(exhibit.acquired_at)),
                ("Size", " ".join(byte_count(exhibit.payload_bytes))),
                ("Fingerprint", digest(flow, exhibit.sha256)),
            ],
            [],
        )
    failed = any(axis.status == "fail" for axis in report.axes)
    flow.paragraph(_BAD if failed else _GOOD, st.LEAD)
    flow.section("What this means", numbered=False, listed=False)
    flow.bullets(_DIGEST)
    flow.paragraph(_CHECK, after=2)
    flow.paragraph("sha256sum FILE", st.CODE)
    rows = [("Record", digest(flow, report.root))] if report.root else []
    pairs(flow, rows)
    if report.synthetic:
        flow.paragraph("Synthetic demo data: made up.", st.NOTE.coloured(st.BAD))
