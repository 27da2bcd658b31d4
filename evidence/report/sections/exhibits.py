"""The exhibits, as a register and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter, with_numbers
from evidence.report.i18n import N_, _, plural
from evidence.report.page import Block
from evidence.report.retelling import told, who
from evidence.report.sections import thumbnails
from evidence.report.sections.parts import (
    VALUE_WIDTH,
    digest,
    digest_cell,
    stacked,
    unit,
)
from evidence.report.tables import Column, Table
from evidence.report.words import (
    NONE_RECORDED,
    NOT_SHOWN,
    NOT_STATED,
    byte_count,
    date_and_clock,
    recorded,
    when,
)

if TYPE_CHECKING:
    from evidence.report.model import Exhibit, Report
    from evidence.report.page import Flow
    from evidence.report.tables import Cell

_TIME_WIDTH = 30 * st.MM
_SIZE_WIDTH = st.TEXT_WIDTH - 134 * st.MM
_INTRODUCTION = N_(
    "Each exhibit is one file, its payload, identified by the digest of all its bytes. "
    "Whoever holds the payload can compute the digest again and compare it with the "
    "one printed here; chapter {hand_check} shows how."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    flow.chapter(Chapter.EXHIBITS)
    if not report.exhibits:
        flow.paragraph(_(NONE_RECORDED))
        return
    flow.paragraph(with_numbers(_INTRODUCTION, report))
    flow.section(_("Register of exhibits"))
    _register(flow, report)
    flow.section(_("Exhibits one by one"))
    for exhibit in report.exhibits:
        _block(flow, exhibit, report)
    thumbnails.draw(flow, report)


def _register(flow: Flow, report: Report) -> None:
    table = Table(
        flow,
        (
            Column("Exhibit", 21 * st.MM, st.CELL_BOLD),
            Column("Kind", 27 * st.MM),
            Column("Acquired (UTC)", _TIME_WIDTH),
            Column("Size", _SIZE_WIDTH),
            Column("SHA-256 of the payload", 56 * st.MM),
        ),
    )
    for exhibit in report.exhibits:
        table.row(
            (
                exhibit.id,
                told(exhibit.kind),
                stacked(flow, date_and_clock(exhibit.acquired_at), _TIME_WIDTH),
                stacked(flow, byte_count(exhibit.payload_bytes), _SIZE_WIDTH),
                digest_cell(flow, exhibit.sha256),
            )
        )
    flow.y -= 8


def _block(flow: Flow, exhibit: Exhibit, report: Report) -> None:
    described = exhibit.description
    if described == NOT_SHOWN:
        described = _(NOT_SHOWN)
    rows: list[tuple[str, Cell]] = [
        (_("Kind"), told(exhibit.kind)),
        (_("Description"), described or _("none given")),
        (_("Acquired"), recorded(exhibit.acquired_at, exhibit.entry)),
        (_("Examiner"), who(exhibit.examiner) or _(NOT_STATED)),
        (_("Authority"), exhibit.authority or _("none recorded")),
    ]
    rows += [(told(name), told(text)) for name, text in exhibit.labels] or [
        (_("Labels"), _("none recorded"))
    ]
    if exhibit.erased:
        rows.insert(0, (_("State"), _state(flow, exhibit)))
    if exhibit.source is not None:
        rows.append((_("Source"), exhibit.source))
    rows += [
        (_("Payload file"), exhibit.payload_name),
        (_("Payload size"), " ".join(byte_count(exhibit.payload_bytes))),
        (_("SHA-256 of the payload"), digest(flow, exhibit.sha256)),
        (_("Inventory"), _records(exhibit.inventory_records)),
        (_("Inventory root"), digest(flow, exhibit.inventory_root)),
        (_("Completeness"), _completeness(flow, exhibit, report)),
    ]
    summary = [(told(name), told(when(text))) for name, text in exhibit.summary]
    unit(flow, _("Exhibit {id}", id=exhibit.id), rows, summary)


def _state(flow: Flow, exhibit: Exhibit) -> Block:
    text = _("NOT THERE ANY MORE. {erased}", erased=told(exhibit.erased))
    return flow.block_of(text, st.VALUE.coloured(st.BAD), VALUE_WIDTH)


def _records(count: int) -> str:
    return plural("{count} record", "{count} records", count)


def _completeness(flow: Flow, exhibit: Exhibit, report: Report) -> Block:
    if exhibit.complete:
        text = _("Complete: nothing that was attempted is missing.")
        style = st.VALUE
    else:
        text = with_numbers(
            N_(
                "NOT COMPLETE: something that was attempted is missing, unreadable or "
                "changed while it was read. See chapter {deviations}."
            ),
            report,
        )
        style = st.VALUE.coloured(st.BAD)
    return flow.block_of(text, style, VALUE_WIDTH)
