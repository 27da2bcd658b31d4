"""Long lists: what is printed, what is counted, and the file that holds all."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace

from evidence.report.model import Deviation, Event
from evidence.report.summing import MOST_ROWS, summed
from tests.unit.evidence.report.sample_report import SAMPLE


def events(count: int) -> tuple[Event, ...]:
    return tuple(
        Event(n, f"2026-01-01T00:00:{n % 60:02d}Z", "Consult", "k", None, (), f"={n}")
        for n in range(count)
    )


def test_a_list_at_the_limit_is_printed_whole() -> None:
    short = replace(SAMPLE, events=events(MOST_ROWS))
    assert summed(short) == (short, ())


def test_everything_unusual_is_printed_and_everything_is_in_the_file() -> None:
    every = list(events(MOST_ROWS + 1))
    every[7] = replace(every[7], gap="clock")
    every[9] = replace(every[9], type="Erase")
    every[11] = replace(every[11], text='a "quoted", word\n')
    marked = Deviation(12, (), "", "no ground", ())
    before = replace(SAMPLE, events=tuple(every), deviations=(marked,))
    report, (file,) = summed(before)
    assert [event.entry for event in report.events] == [0, 7, 9, 12, MOST_ROWS]
    [told] = report.extras.lists
    assert (told.rows, told.printed) == (MOST_ROWS + 1, 5)
    assert dict(told.counts) == {"Consult": MOST_ROWS, "Erase": 1}
    assert told.sha256 == hashlib.sha256(file.content).hexdigest()
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8"), newline="")))
    assert len(rows) == MOST_ROWS + 2
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(MOST_ROWS + 1)]
    assert rows[6][6] == "'=5"  # no spreadsheet takes it for a formula
    assert rows[12][6].startswith('a "quoted", word')
    assert "\n" not in rows[12][6]
    assert summed(before)[1] == (file,)
