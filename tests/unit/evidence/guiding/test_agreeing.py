"""What is recorded is never more than was said."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from evidence.acquire import Request, acquire
from evidence.case import writing
from evidence.consent.ledger import read_ledger
from evidence.guiding.agreeing import basis_word, is_agreed, is_refused, settle
from evidence.guiding.course import (
    Course,
    answer,
    answer_in_words,
    newest_course,
    next_aliases,
    refuse,
    start,
)
from evidence.guiding.script import SKIPPED, steps
from evidence.methods import take_files
from tests.consenting import ngo_bench


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


def test_a_consent_is_recorded_once(tmp_path: Path) -> None:
    bench = ngo_bench(tmp_path)
    source = tmp_path / "letter.txt"
    source.write_text("Dear Anna\n")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        start(writer, [source], language="ar")
        acquire(writer, Request("files", (source,)), take_files)
        answer(writer, "age", "adult")
        answer(writer, "consent", "agreed")
        answer_in_words(writer, "alias", "A7")
    course = newest_course(bench.case)
    assert course is not None
    assert (course.left, list(course.exhibits)) == ([], ["EX-0001"])
    for _ in range(2):  # the second time after a power cut before the run's end
        with writing(bench.case, bench.identity, bench.signer) as writer:
            assert settle(writer, course) == "CO-0001"
    (consent,) = read_ledger(bench.case).consents.values()
    assert (consent.subject, consent.levels) == ("A7", ("preserve-only",))
    assert consent.covered.exhibits == ("EX-0001",)
    assert consent.language == "ar"
    assert next_aliases(bench.case) == ["A1", "A2"]


def test_sources_that_were_not_asked_for_belong_to_no_run(tmp_path: Path) -> None:
    bench = ngo_bench(tmp_path)
    mine, other = tmp_path / "mine", tmp_path / "other"
    for path in (mine, other):
        path.write_text(path.name)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        acquire(writer, Request("files", (mine,)), take_files)  # before the run
        start(writer, [mine, tmp_path / "gone"], language="en")
        acquire(writer, Request("files", (other,)), take_files)
        refuse(writer, str(tmp_path / "gone"), "SOURCE_MISSING")
    course = newest_course(bench.case)
    assert course is not None
    assert course.exhibits == {}
    assert course.left == [str(mine)]
    assert not course.done
