"""States and gaps of hand-overs, worked out by hand."""

from __future__ import annotations

import pytest

from evidence.transfer.register import Answer, Transfer
from evidence.transfer.words import STATES

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
