"""Deadlines, computed by hand from the articles; and their iCalendar file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.authority.calendar import _fold, calendar, escape
from evidence.authority.deadline import Deadline
from evidence.authority.deadlines import deadlines
from evidence.tool import version
from manifests.entries import Entry

OPEN = {"profile": "police"}
TWO_DAYS = timedelta(hours=48)
RECEIVED = {
    "issued_at": "2026-03-01T08:00:00.000000Z",
    "received_at": "2026-03-02T10:20:30.000000Z",
}


def entry(seq: int, kind: str, facts: Any, **more: Any) -> Entry:
    body = {
        "actor": "0" * 64,
        "exhibits": [],
        "facts": facts,
        "seq": seq,
        "time": f"2026-03-02T10:30:{seq:02d}.000000Z",
        "type": kind,
        **more,
    }
    return Entry(b"%d" % seq, body, ())


def found(*entries: tuple[str, Any]) -> dict[str, Deadline]:
    log = [entry(0, "case_open", OPEN)]
    log += [entry(n, kind, facts) for n, (kind, facts) in enumerate(entries, 1)]
    return {line.id: line for line in deadlines(log)}


EPOC = ("authority_add", {"type": "epoc", **RECEIVED})
URGENT = (
    "authority_add",
    {"type": "epoc", "emergency": True, "ex_post_validation": True, **RECEIVED},
)
EPOC_PR = ("authority_add", {"type": "epoc-pr", **RECEIVED})


def told(kind: str, **more: Any) -> tuple[str, Any]:
    facts = {"kind": f"authority_{kind}", "authority": "AU-0001", **more}
    return "annotate", {"at": "2026-03-03T09:00:00.000000Z", **facts}


@pytest.mark.parametrize(
    ("entries", "name", "due"),
    [
        # Days: 2 March is not counted, the tenth day is 12 March.
        ([EPOC], "AU-0001-production", "2026-03-12T23:59:59.999999Z"),
        ([URGENT], "AU-0001-production", "2026-03-02T18:20:30.000000Z"),  # 8 h
        ([URGENT], "AU-0001-objection", "2026-03-06T10:20:30.000000Z"),  # 96 h
        ([URGENT], "AU-0001-validation", "2026-03-03T08:00:00.000000Z"),  # 48 h
        # 29 days of March, 30 of April, 1 of May.
        ([EPOC_PR], "AU-0001-preservation", "2026-05-01T23:59:59.999999Z"),
        (
            [EPOC_PR, told("extended")],
            "AU-0001-preservation",
            "2026-05-31T23:59:59.999999Z",
        ),
        (
            [("authority_add", {"type": "cets185-16", **RECEIVED})],
            "AU-0001-preservation",
            "2026-05-31T23:59:59.999999Z",
        ),
        (
            [("authority_add", {"type": "cets185-29", **RECEIVED})],
            "AU-0001-preservation",
            "2026-05-01T23:59:59.999999Z",
        ),
        (
            [EPOC, told("clarification_asked")],
            "AU-0001-clarification",
            "2026-03-08T23:59:59.999999Z",
        ),
        (
            [("annotate", {"kind": "breach", "known_at": RECEIVED["issued_at"]})],
            "BR-0001-notification",
            "2026-03-04T08:00:00.000000Z",  # 72 h
        ),
        (
            [("transfer_out", {"available_until": RECEIVED["received_at"]})],
            "entry-1-available-until",
            RECEIVED["received_at"],
        ),
        (
            [("annotate", {"kind": "x", "reflection_until": RECEIVED["issued_at"]})],
            "entry-1-reflection-until",
            RECEIVED["issued_at"],
        ),
        (
            [("consent_add", {"review_at": RECEIVED["issued_at"]})],
            "entry-1-review-at",
            RECEIVED["issued_at"],
        ),
        # A year with a leap day: 29 February 2028 is one of the 60.
        (
            [
                (
                    "authority_add",
                    {"type": "epoc-pr", "received_at": "2028-01-31T23:59:59.999999Z"},
                )
            ],
            "AU-0001-preservation",
            "2028-03-31T23:59:59.999999Z",
        ),
    ],
)
def test_each_period_ends_as_computed_by_hand(
    entries: list[tuple[str, Any]], name: str, due: str
) -> None:
    assert found(*entries)[name].due == due


def test_what_was_done_ends_a_deadline() -> None:
    data = entry(
        2, "acquire", {"kind": "files"}, authority="AU-0001", exhibits=["EX-0001"]
    )
    log = [entry(0, "case_open", OPEN), entry(1, *EPOC), data]
    (production,) = deadlines(log)
    assert production.met == "data acquired, entry 2"
    assert found(EPOC, told("withdrawn"))["AU-0001-production"].met
    assert found(EPOC_PR, told("confirmed"))["AU-0001-preservation"].met
    sought = told("validated", result="sought")
    assert found(URGENT, sought)["AU-0001-validation"].met == "validation sought"
    answered = found(EPOC, told("clarification_asked"), told("clarification_answered"))
    assert "AU-0001-clarification" not in answered
    breach = ("annotate", {"kind": "breach", "known_at": RECEIVED["issued_at"]})
    notified = ("annotate", {"kind": "breach_notified", "breach": "BR-0001"})
    assert found(breach, notified)["BR-0001-notification"].met


def test_a_deadline_whose_beginning_is_not_recorded_is_not_left_out() -> None:
    (line,) = found(("authority_add", {"type": "epoc"})).values()
    assert (line.due, line.status("2026-01-01T00:00:00.000000Z", TWO_DAYS)) == (
        "",
        "unknown",
    )


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-02-28T00:00:00.000000Z", "later"),
        ("2026-03-10T23:59:59.999999Z", "due"),
        ("2026-03-12T23:59:59.999999Z", "due"),
        ("2026-03-13T00:00:00.000000Z", "passed"),
    ],
)
def test_the_window_counts_to_the_microsecond(now: str, status: str) -> None:
    assert found(EPOC)["AU-0001-production"].status(now, TWO_DAYS) == status


def test_hostile_facts_make_no_deadline_and_no_crash() -> None:
    odd = [
        (
            "authority_add",
            {"type": "epoc", "received_at": "9999-12-31T23:59:59.999999Z"},
        ),
        ("authority_add", {"type": [], "received_at": 5, "ex_post_validation": True}),
        ("annotate", {"kind": "breach", "known_at": "soon"}),
        ("annotate", {"kind": "breach_notified", "breach": ["BR-0001"]}),
        ("transfer_out", {"available_until": {"a": 1}}),
        told("validated", at=5, result=[]),
    ]
    assert all(not line.due for line in found(*odd).values())


WRITTEN_BY_HAND = f"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//evidence-custody//{version()}//EN
BEGIN:VEVENT
UID:AU-0001-production@case.custody.invalid.ab
DTSTAMP:20260302T120000Z
DTSTART:20260302T182030Z
SUMMARY:AU-0001: data to be produced by the addressee (emergency)
DESCRIPTION:Regulation (EU) 2023/1543 Art. 10(4). When it passes: The addre
 ssee must have given its reasons (Annex III)\\; enforcement under Art. 16 c
 an be asked for. Computed as: hours\\, to the minute.
CLASS:CONFIDENTIAL
TRANSP:TRANSPARENT
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:AU-0001: data to be produced by the addressee (emergency)
TRIGGER:-P1D
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_the_calendar_is_the_one_written_by_hand() -> None:
    lines = list(found(URGENT).values())
    now = "2026-03-02T12:00:00.000000Z"
    data = calendar(lines[:1], origin="case.custody.invalid/ab", now=now)
    assert data.decode("utf-8").replace("\r\n", "\n") == WRITTEN_BY_HAND
    assert data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")
    again = calendar(lines[:1], origin="case.custody.invalid/ab", now=now)
    assert again == data
    met = list(found(URGENT, told("withdrawn")).values())
    assert b"VEVENT" not in calendar(met, origin="x", now=now)


@given(st.text(max_size=300))
def test_a_folded_line_unfolds_to_itself(text: str) -> None:
    line = "DESCRIPTION:" + escape(text)
    data = _fold(line)
    assert data.endswith(b"\r\n")
    parts = data.split(b"\r\n")[:-1]
    assert all(len(part) <= 75 for part in parts)
    for part in parts:
        part.decode("utf-8")  # no character is cut in two
    assert data.replace(b"\r\n ", b"")[:-2].decode("utf-8") == line


@given(st.text(max_size=100))
def test_escaped_text_cannot_begin_a_property(text: str) -> None:
    escaped = escape(text)
    assert not any(ord(c) < 32 or ord(c) == 127 for c in escaped)
    assert "\\n" in escaped or "\n" not in text
