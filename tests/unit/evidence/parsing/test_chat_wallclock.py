"""Wall times in UTC; expectations from the zones' published rules."""

from __future__ import annotations

import pytest

from evidence.parsing.chat_wallclock import (
    AMBIGUOUS,
    NONEXISTENT,
    UNKNOWN,
    UnknownZoneError,
    WallClock,
    utc_text,
)


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Rome", "2024-03-12T14:05:33", "2024-03-12T13:05:33Z"),
        ("Europe/Rome", "2024-07-12T14:05:33", "2024-07-12T12:05:33Z"),
        ("Asia/Baku", "2024-03-12T02:00:00", "2024-03-11T22:00:00Z"),
        ("Asia/Kathmandu", "2024-01-01T00:00:00", "2023-12-31T18:15:00Z"),
        ("America/New_York", "2024-12-31T23:59:59", "2025-01-01T04:59:59Z"),
        ("UTC", "2024-12-31T23:59:59", "2024-12-31T23:59:59Z"),
        # Summer time in Italy: 31 March 02:00 to 27 October 03:00, 2024.
        ("Europe/Rome", "2024-03-31T01:59:59", "2024-03-31T00:59:59Z"),
        ("Europe/Rome", "2024-03-31T03:00:00", "2024-03-31T01:00:00Z"),
        ("Europe/Rome", "2024-10-27T01:59:59", "2024-10-26T23:59:59Z"),
        ("Europe/Rome", "2024-10-27T03:00:00", "2024-10-27T02:00:00Z"),
    ],
)
def test_places_a_time(zone: str, local: str, utc: str) -> None:
    clock = WallClock(zone)
    assert clock.place(local).utc == utc
    assert clock.place(local).utc == utc  # and again, from memory
    assert clock.place(local).note is None


@pytest.mark.parametrize("minute", ["00:00", "30:00", "59:59"])
def test_hour_that_happened_twice(minute: str) -> None:
    instant = WallClock("Europe/Rome").place(f"2024-10-27T02:{minute}")
    assert instant.utc is None
    assert instant.note == AMBIGUOUS
    expected = (f"2024-10-27T00:{minute}Z", f"2024-10-27T01:{minute}Z")
    assert instant.candidates == expected


@pytest.mark.parametrize("minute", ["00:00", "30:00", "59:59"])
def test_hour_that_never_was(minute: str) -> None:
    instant = WallClock("Europe/Rome").place(f"2024-03-31T02:{minute}")
    assert (instant.utc, instant.note) == (None, NONEXISTENT)


def test_half_hour_change() -> None:
    # Lord Howe Island moves by 30 minutes: 7 April 2024, 02:00 back to 01:30.
    clock = WallClock("Australia/Lord_Howe")
    assert clock.place("2024-04-07T01:29:59").utc == "2024-04-06T14:29:59Z"
    assert clock.place("2024-04-07T01:30:00").note == AMBIGUOUS
    assert clock.place("2024-04-07T02:00:00").utc == "2024-04-06T15:30:00Z"


def test_without_a_zone_nothing_is_placed() -> None:
    clock = WallClock(None)
    assert not clock.known
    assert clock.place("2024-03-12T14:05:33") is UNKNOWN


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "Europe", "a\0b"])
def test_unknown_zone(zone: str) -> None:
    with pytest.raises(UnknownZoneError):
        WallClock(zone)


def test_edges_of_the_calendar() -> None:
    assert WallClock("Asia/Baku").place("0001-01-01T00:00:00").utc is None
    assert WallClock("Pacific/Honolulu").place("9999-12-31T23:59:59").utc is None


def test_unix_time() -> None:
    assert utc_text(1544006350) == "2018-12-05T10:39:10Z"
    assert utc_text(0) == "1970-01-01T00:00:00Z"
    assert utc_text(-1) == "1969-12-31T23:59:59Z"
    assert utc_text(10**15) is None
