"""Numbers, times and names as words."""

from __future__ import annotations

import pytest

from evidence.report.model import Person
from evidence.report.words import byte_count, date_and_clock, person, when


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1,024 bytes (1.0 KiB)"),
        (1536, "1,536 bytes (1.5 KiB)"),
        (1024**2 - 1, "1,048,575 bytes (1,024.0 KiB)"),
        (18_734_112, "18,734,112 bytes (17.9 MiB)"),
        (8 * 1024**4, "8,796,093,022,208 bytes (8.0 TiB)"),
        (1 << 62, "4,611,686,018,427,387,904 bytes (4.0 EiB)"),
    ],
)
def test_byte_counts(size: int, expected: str) -> None:
    assert " ".join(byte_count(size)) == expected


def test_times_are_rewritten_only_when_they_are_times() -> None:
    assert when("2026-11-22T07:11:00.5Z") == "2026-11-22 07:11:00.5 UTC"
    assert when("2026-11-22T07:11:00+01:00") == "2026-11-22T07:11:00+01:00"
    assert when("2026-11-22T07:11:00Z\n") == "2026-11-22T07:11:00Z\n"
    assert date_and_clock("2026-11-22T07:11:00Z") == ("2026-11-22", "07:11:00")
    assert date_and_clock("soon") == ("soon",)


def test_a_person_without_a_name_is_said_to_have_none() -> None:
    someone = Person(None, "examiner", None, "00")
    assert person(someone) == "name not shown (sealed, withheld or erased), examiner"
    assert person(Person("A", "", "Org", "00")) == "A, Org"
