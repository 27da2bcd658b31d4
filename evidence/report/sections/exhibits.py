"""The exhibits, as a register and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter, with_numbers
from evidence.report.page import Block
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
    NOT_STATED,
    byte_count,
    date_and_clock,
    when,
)

if TYPE_CHECKING:
    from evidence.report.model import Exhibit, Report
    from evidence.report.page import Flow
    from evidence.report.tables import Cell

_TIME_WIDTH = 30 * st.MM
_SIZE_WIDTH = st.TEXT_WIDTH - 134 * st.MM
_INTRODUCTION = (
    "Each exhibit is one file, its payload, identified by the digest of all its bytes. "
    "Whoever holds the payload can compute the digest again and compare it with the "
    "one printed here; chapter {hand_check} shows how."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapter."""
    flow.chapter(Chapter.EXHIBITS)
    if not report.exhibits:
        flow.paragraph(NONE_RECORDED)
        return
    flow.paragraph(with_numbers(_INTRODUCTION, report))
    flow.section("Register of exhibits")
    _register(flow, report)
    flow.section("Exhibits one by one")
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
                exhibit.kind,
                stacked(flow, date_and_clock(exhibit.acquired_at), _TIME_WIDTH),
                stacked(flow, byte_count(exhibit.payload_bytes), _SIZE_WIDTH),
                digest_cell(flow, exhibit.sha256),
            )
        )
    flow.y -= 8


def _block(flow: Flow, exhibit: Exhibit, report: Report) -> None:
    rows: list[tuple[str, Cell]] = [
        ("Kind", exhibit.kind),
        ("Description", exhibit.description or "none given"),
        ("Acquired", f"{when(exhibit.acquired_at)}, entry {exhibit.entry:,}"),
        ("Examiner", exhibit.examiner or NOT_STATED),
        ("Authority", exhibit.authority or "none recorded"),
    ]
    rows += exhibit.labels or [("Labels", "none recorded")]
    if exhibit.erased:
        rows.insert(0, ("State", _state(flow, exhibit)))
    if exhibit.source is not None:
        rows.append(("Source", exhibit.source))
    rows += [
        ("Payload file", exhibit.payload_name),
        ("Payload size", " ".join(byte_count(exhibit.payload_bytes))),
        ("SHA-256 of the payload", digest(flow, exhibit.sha256)),
        ("Inventory", _records(exhibit.inventory_records)),
        ("Inventory root", digest(flow, exhibit.inventory_root)),
        ("Completeness", _completeness(flow, exhibit, report)),
    ]
    summary = [(label, when(value)) for label, value in exhibit.summary]
    unit(flow, f"Exhibit {exhibit.id}", rows, summary)


def _state(flow: Flow, exhibit: Exhibit) -> Block:
    text = f"NOT THERE ANY MORE. {exhibit.erased}"
    return flow.block_of(text, st.VALUE.coloured(st.BAD), VALUE_WIDTH)


def _records(count: int) -> str:
    return f"{count:,} {'record' if count == 1 else 'records'}"


def _completeness(flow: Flow, exhibit: Exhibit, report: Report) -> Block:
    if exhibit.complete:
        text = "Complete: nothing that was attempted is missing."
        style = st.VALUE
    else:
        text = with_numbers(
            "NOT COMPLETE: something that was attempted is missing, unreadable or "
            "changed while it was read. See chapter {deviations}.",
            report,
        )
        style = st.VALUE.coloured(st.BAD)
    return flow.block_of(text, style, VALUE_WIDTH)
