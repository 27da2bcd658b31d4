"""A victim's receipt: what was received, in plain words, and nothing of a case.

Whoever finds it on its bearer must learn no more than that an office took some files.
It names no person, no authority, no kind of content, no log and no reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.i18n import ENGLISH, N_, _, current, number
from evidence.report.page import Mark
from evidence.report.sections.codes import SIDE, root_code
from evidence.report.sections.parts import DRAFT, digest, pairs, unit
from evidence.report.words import byte_count, when

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow

_INTRODUCTION = N_(
    "This paper confirms that the items below were received. Keep it in a safe place, "
    "or ask the office to keep it for you."
)
_DIGEST = (
    N_(
        "The long row of letters and figures at each item is its fingerprint "
        "(SHA-256). It was worked out from the item when it was received. If only one "
        "letter of the item were changed, the fingerprint would be another. Whoever "
        "has the item can work it out again and compare."
    ),
    N_("The fingerprint does not show what is in the item."),
    N_(
        "This paper says what was received and when. It does not say what it proves, "
        "nor that it is still kept; ask for that."
    ),
    N_(
        "You can ask for a copy of this paper, what happens with the items, and for "
        "them to be given back, as far as the law allows. You need not say why."
    ),
)
_GOOD = N_(
    "When this paper was made, the items and their record were checked: unchanged."
)
_BAD = N_(
    "When this paper was made, a check of the items or their record FAILED. Ask the "
    "office what this means."
)
_CHECK = N_("To compare by computer, for a file called FILE:")


def draw(flow: Flow, report: Report) -> None:
    """Draw the receipt."""
    flow.marks.append(Mark(_("Receipt"), 0, 0, flow.y, listed=False))
    top = flow.y
    root_code(flow, report)
    flow.paragraph(_("Receipt"), st.TITLE, after=8)
    width = st.TEXT_WIDTH - SIDE - 10
    flow.block(flow.typesetter.wrap(_(_INTRODUCTION), st.BODY, width), st.BODY)
    flow.y = min(flow.y, top - SIDE) - 8
    pairs(
        flow,
        [
            (_("Number of this paper"), report.report_id),
            (_("Made"), when(report.rendered_at)),
            (_("Items"), number(len(report.exhibits))),
            (_("Whom to ask"), report.extras.contact),
        ],
    )
    for at, exhibit in enumerate(report.exhibits, 1):
        unit(
            flow,
            _("Item {number}", number=at),
            [
                (_("Kept as"), exhibit.id),
                (_("Received"), when(exhibit.acquired_at)),
                (_("Size"), " ".join(byte_count(exhibit.payload_bytes))),
                (_("Fingerprint"), digest(flow, exhibit.sha256)),
            ],
            [],
        )
    failed = any(axis.status == "fail" for axis in report.axes)
    flow.paragraph(_(_BAD if failed else _GOOD), st.LEAD)
    flow.section(_("What this means"), numbered=False, listed=False)
    flow.bullets(map(_, _DIGEST))
    flow.paragraph(_(_CHECK), after=2)
    flow.paragraph("sha256sum FILE", st.CODE)
    rows = [(_("Record"), digest(flow, report.root))] if report.root else []
    pairs(flow, rows)
    if current().code != ENGLISH:
        flow.paragraph(_(DRAFT), st.NOTE)
    if report.synthetic:
        flow.paragraph(_("Synthetic demo data: made up."), st.NOTE.coloured(st.BAD))
