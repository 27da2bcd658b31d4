"""What is recorded is never more than was said."""

from __future__ import annotations

import itertools

import pytest

from evidence.guiding.agreeing import basis_word, is_agreed, is_refused
from evidence.guiding.course import Course
from evidence.guiding.script import SKIPPED, steps


def test_of_all_answers_few_are_an_agreement() -> None:
    wanted = ("age", "consent", "guardian", "conflict")
    words = [("", SKIPPED, *s.choices) for s in steps() if s.name in wanted]
    agreed = 0
    for answers in itertools.product(*words):
        course = Course(1, answers=dict(zip(wanted, answers, strict=True)))
        told = course.answers
        adult = told["age"] == "adult" and told["consent"] == "agreed"
        guarded = told["age"] != "adult" and (
            (told["guardian"], told["conflict"]) == ("agreed", "none")
        )
        # No other answer of the 400 lets an agreement be recorded.
        assert is_agreed(course) == (adult or guarded), told
        assert (basis_word(course) == "consent") == is_agreed(course)
        agreed += is_agreed(course)
    assert 0 < agreed < 50


@pytest.mark.parametrize(
    ("given", "basis"),
    [
        ({}, "preservation-only"),
        ({"age": "adult", "consent": "refused"}, "preservation-only"),
        ({"age": "minor", "basis": "legal-claims"}, "legal-claims"),
        ({"basis": "vital-interests"}, "vital-interests"),
        ({"basis": SKIPPED}, "preservation-only"),
        ({"basis": "consent"}, "preservation-only"),  # not one of the answers
    ],
)
def test_the_basis_of_keeping(given: dict[str, str], basis: str) -> None:
    assert basis_word(Course(1, answers=given)) == basis


def test_a_no_is_a_no() -> None:
    assert is_refused(Course(1, answers={"consent": "refused"}))
    assert is_refused(Course(1, answers={"guardian": "refused"}))
    assert not is_refused(Course(1, answers={"consent": SKIPPED}))
