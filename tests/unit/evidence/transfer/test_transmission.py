"""The transmission manifest holds what Annex 3.3.3 asks for, item by item, no more."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from evidence.transfer.transmission import available_until, read_transmission
from evidence.transfer_errors import TransferUnsoundError
from manifests import canonical
from manifests.errors import MalformedError

GIVEN = "2026-03-01T10:00:00.000000Z"
UNTIL = "2026-03-31T10:00:00.000000Z"


@pytest.mark.parametrize("days", [-1, 0, 9, 46, 10**6])
def test_it_is_available_for_10_to_45_days(days: int) -> None:
    with pytest.raises(TransferUnsoundError):
        available_until(GIVEN, days)


@pytest.mark.parametrize(
    ("days", "end"),
    [(10, "2026-03-11T10:00:00.000000Z"), (45, "2026-04-15T10:00:00.000000Z")],
)
def test_the_end_is_counted_in_calendar_days(days: int, end: str) -> None:
    assert available_until(GIVEN, days) == end


PARTY: dict[str, canonical.Json] = {
    "contact": "", "key": "1", "name": "A", "organisation": "", "role": "r",
}  # fmt: skip
ORDER: dict[str, canonical.Json] = {
    "authority": "", "date": "", "file_number": "", "number": "AU-0001", "type": "epoc",
}  # fmt: skip
DIGESTS: dict[str, canonical.Json] = {"SHA-256": "0" * 64, "SHA-512": "0" * 128}
FILE: dict[str, canonical.Json] = {"digests": {**DIGESTS}, "name": "a", "size": 1}
MEANS: dict[str, canonical.Json] = {
    "proof_item_id": None, "reference": "", "type": "usb",
}  # fmt: skip
# Implementing Regulation (EU) 2025/1550, Annex, 3.3.3, read by hand: item, what it
# asks for, and where it stands. Every way is taken away once.
ITEMS = (
    ("a1", "information on the sender", ("sender",)),
    ("a1", "information on the recipient", ("recipient",)),
    ("a1", "who the sender is", ("sender", "name")),
    ("a1", "who the recipient is", ("recipient", "name")),
    ("a2", "which orders the evidence belongs to", ("orders",)),
    ("a2", "metadata that tie it to an order", ("orders", 0, "file_number")),
    ("a3", "date and time of transmission or availability", ("made_available_at",)),
    ("a4", "means of transmission", ("means",)),
    ("a4", "record of the link or proof of delivery", ("means", "reference")),
    ("a5", "full file names", ("files", 0, "name")),
    ("a6", "data size", ("files", 0, "size")),
    ("a7", "digest and name of its algorithm", ("files", 0, "digests")),
    ("a7", "a digest of each algorithm", ("files", 0, "digests", "SHA-512")),
    ("b", "until when it can be had", ("available_until",)),
    ("c", "remarks", ("remarks",)),
)


def transmission() -> dict[str, canonical.Json]:
    return copy.deepcopy(
        {
            "available_until": UNTIL,
            "files": [FILE],
            "made_available_at": GIVEN,
            "means": MEANS,
            "orders": [ORDER],
            "recipient": PARTY,
            "remarks": "",
            "sender": {**PARTY, "key": "2"},
        }
    )


def test_a_manifest_with_every_item_is_read() -> None:
    value = transmission()
    assert read_transmission(canonical.encode(value)) == value
    assert {item for item, _, _ in ITEMS} == {
        *(f"a{n}" for n in range(1, 8)), "b", "c",
    }  # fmt: skip
    assert {place[0] for _, _, place in ITEMS} == set(value)


@pytest.mark.parametrize("place", [p for _, _, p in ITEMS], ids=lambda p: f"{p}")
def test_a_manifest_without_an_item_is_refused(place: tuple[Any, ...]) -> None:
    value: Any = transmission()
    *way, last = place
    for step in way:
        value = value[step]
    whole = value
    del value[last]
    with pytest.raises(MalformedError):
        read_transmission(canonical.encode(_rooted(transmission(), way, whole)))


def _rooted(value: Any, way: list[Any], changed: Any) -> Any:
    """Put what was changed back to where it stood."""
    if not way:
        return changed
    value[way[0]] = _rooted(value[way[0]], way[1:], changed)
    return value


def test_nothing_else_stands_in_a_manifest() -> None:
    for more in (
        {"note": ""},
        {"sender": {**PARTY, "born": "1990-01-01"}},
        {"files": [{**FILE, "md5": "0" * 32}]},
        {"files": [{**FILE, "digests": {**DIGESTS, "MD5": "0" * 32}}]},
        {"means": {**MEANS, "password": "x"}},
        {"orders": [{**ORDER, "suspect": "x"}]},
    ):
        with pytest.raises(MalformedError):
            read_transmission(canonical.encode({**transmission(), **more}))


@pytest.mark.parametrize(
    ("item", "odd"),
    [
        ("available_until", "2026-03-05T10:00:00.000000Z"),
        ("available_until", "2026-09-05T10:00:00.000000Z"),
        ("made_available_at", "yesterday"),
        ("means", {**MEANS, "type": "pigeon"}),
        ("sender", {}),
        ("sender", {**PARTY, "name": ""}),
        ("recipient", {**PARTY, "contact": 5}),
        ("files", [{**FILE, "digests": {"MD5": ""}}]),
        ("files", [{**FILE, "digests": {**DIGESTS, "SHA-256": "0" * 63}}]),
        ("files", [{**FILE, "digests": {**DIGESTS, "SHA-512": "A" * 128}}]),
        ("files", [{**FILE, "size": True}]),
        ("files", [{**FILE, "size": -1}]),
        ("files", [{**FILE, "name": ""}]),
        ("files", [FILE, FILE]),
        ("remarks", None),
        ("files", {}),
        ("orders", ""),
    ],
)
def test_a_manifest_with_an_odd_item_is_refused(item: str, odd: canonical.Json) -> None:
    value = {**transmission(), item: odd}
    with pytest.raises(MalformedError):
        read_transmission(canonical.encode(value))


@pytest.mark.parametrize(
    ("until", "fits"),
    [
        ("2026-03-11T09:59:59.999999Z", False),
        ("2026-03-11T10:00:00.000000Z", True),
        ("2026-04-15T10:00:00.000000Z", True),
        ("2026-04-15T10:00:00.000001Z", False),
    ],
)
def test_the_time_is_exact_to_the_end(until: str, fits: bool) -> None:
    data = canonical.encode({**transmission(), "available_until": until})
    if fits:
        assert read_transmission(data)["available_until"] == until
        return
    with pytest.raises(MalformedError):
        read_transmission(data)
