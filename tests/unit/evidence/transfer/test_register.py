"""States and gaps of hand-overs, worked out by hand."""

from __future__ import annotations

import pytest

from evidence.transfer.register import Answer, Transfer
from evidence.transfer.transmission import available_until, read_transmission
from evidence.transfer.words import STATES
from evidence.transfer_errors import TransferUnsoundError
from manifests import canonical
from manifests.errors import MalformedError

GIVEN = "2026-03-01T10:00:00.000000Z"
UNTIL = "2026-03-31T10:00:00.000000Z"


def offer(*answers: Answer, emergency: bool = False) -> Transfer:
    return Transfer(
        number="TR-0001",
        entry=5,
        leaf="0" * 64,
        time=GIVEN,
        exhibits=("EX-0001",),
        whole=False,
        recipient="1" * 64,
        alias="",
        purpose="investigation",
        channel="usb",
        emergency=emergency,
        available_until=UNTIL,
        answers=answers,
    )


def answer(result: str, *, told: bool = False, at: str = GIVEN) -> Answer:
    return Answer(6, result, "", "" if told else "2" * 64, at, "EX-0002")


@pytest.mark.parametrize(
    ("one", "at", "state"),
    [
        (offer(), UNTIL, "offered"),
        (offer(), UNTIL.replace("000000Z", "000001Z"), "overdue"),
        (offer(emergency=True), UNTIL, "emergency"),
        (offer(emergency=True), "2027-01-01T00:00:00.000000Z", "overdue"),
        (offer(answer("accepted")), "2027-01-01T00:00:00.000000Z", "accepted"),
        (
            offer(answer("accepted-with-differences")),
            GIVEN,
            "accepted-with-differences",
        ),
        (offer(answer("declined")), GIVEN, "declined"),
        (offer(answer("declined", told=True)), GIVEN, "informal"),
        (offer(answer("accepted"), answer("returned")), GIVEN, "returned"),
    ],
)
def test_every_state_is_reached(one: Transfer, at: str, state: str) -> None:
    assert one.state(at) == state
    assert state in STATES


def test_a_receiver_that_says_yes_and_no_is_contradicted() -> None:
    assert offer(answer("accepted"), answer("declined")).contradicted
    assert not offer(answer("accepted"), answer("accepted")).contradicted
    assert not offer(answer("accepted"), answer("returned")).contradicted
    assert not offer(answer("accepted"), answer("declined", told=True)).contradicted


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (offer(), "not answered since"),
        (offer(answer("accepted", told=True)), "only told"),
        (offer(answer("accepted", at="2026-03-03T10:00:00.000000Z")), ""),
        (offer(answer("accepted", at="2026-03-03T10:00:00.000001Z")), "2 days on"),
        (offer(answer("accepted", at="2026-02-01T10:00:00.000000Z")), "disagree"),
        (offer(answer("accepted", at="soon")), "disagree"),
    ],
)
def test_where_nobody_confirmed_custody_is_said(one: Transfer, words: str) -> None:
    assert one.gap.startswith(words) if not words else words in one.gap
    assert bool(one.gap) == bool(words)


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


def transmission() -> dict[str, canonical.Json]:
    return {
        "available_until": UNTIL,
        "files": [{"digests": {"SHA-256": "", "SHA-512": ""}, "name": "a", "size": 1}],
        "made_available_at": GIVEN,
        "means": {"type": "usb"},
        "orders": [],
        "recipient": {"key": "1"},
        "remarks": "",
        "sender": {"key": "2"},
    }


def test_a_manifest_with_every_item_is_read() -> None:
    value = transmission()
    assert read_transmission(canonical.encode(value)) == value


@pytest.mark.parametrize("item", sorted(transmission()))
def test_a_manifest_without_an_item_is_refused(item: str) -> None:
    value = transmission()
    del value[item]
    with pytest.raises(MalformedError):
        read_transmission(canonical.encode(value))


@pytest.mark.parametrize(
    ("item", "odd"),
    [
        ("available_until", "2026-03-05T10:00:00.000000Z"),
        ("available_until", "2026-09-05T10:00:00.000000Z"),
        ("made_available_at", "yesterday"),
        ("means", {"type": "pigeon"}),
        ("sender", {}),
        ("files", [{"name": "a", "size": 1, "digests": {"MD5": ""}}]),
        ("files", {}),
        ("orders", ""),
    ],
)
def test_a_manifest_with_an_odd_item_is_refused(item: str, odd: canonical.Json) -> None:
    value = {**transmission(), item: odd}
    with pytest.raises(MalformedError):
        read_transmission(canonical.encode(value))
