"""A time chosen by a person is never printed as if a clock had given it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.report.compose import compose
from evidence.report.options import Options
from manifests.verifying.judge import Anchors
from tests.builders import new_bench


def told(path: Path, at: str, *, given: bool) -> str:
    case = new_bench(path / "case").case
    options = Options(at, time_given=given)
    return "\n".join(compose(case, options, anchors=Anchors()).not_established)


def test_a_time_before_the_entries_is_exposed(tmp_path: Path) -> None:
    text = told(tmp_path, "2001-01-01T00:00:00Z", given=True)
    assert "2001-01-01T00:00:00Z, was given by the person" in text
    assert "1 of the entries covered are later" in text


def test_any_given_time_is_said(tmp_path: Path) -> None:
    text = told(tmp_path, "2999-01-01T00:00:00Z", given=True)
    assert "not read from a clock" in text
    assert "cannot be right" not in text


@pytest.mark.parametrize("at", ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_a_clock_needs_no_such_words(tmp_path: Path, at: str) -> None:
    assert "was given by the person" not in told(tmp_path, at, given=False)
