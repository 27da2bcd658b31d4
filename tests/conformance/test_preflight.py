"""Our preflight on the veraPDF corpus: what it covers, it judges as the corpus does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.preflight.check import COVERED, COVERED_TESTS, problems

pytestmark = pytest.mark.conformance
_NAME = re.compile(r"veraPDF test suite ([\d-]+)-t(\d\d)-(pass|fail)-[a-z]\.pdf")


def corpus(shared_data: Path) -> list[tuple[Path, str, str, str]]:
    """Files of PDF/A-2b and 3b: path, clause, test, and what they are to be."""
    found = []
    for path in sorted((shared_data / "pdf" / "veraPDF+veraPDF-corpus").rglob("*.pdf")):
        name = _NAME.fullmatch(path.name)
        assert name is not None, path.name
        if not path.relative_to(shared_data).parts[2].startswith("PDF_A-4"):
            found.append((path, name[1].replace("-", "."), name[2], name[3]))
    return found


def is_covered(clause: str, test: str) -> bool:
    return clause in COVERED or f"{clause}-{test}" in COVERED_TESTS


def test_every_file_of_a_covered_rule_is_judged_right(shared_data: Path) -> None:
    seen = {"pass": 0, "fail": 0}
    wrong = []
    for path, clause, test, wanted in corpus(shared_data):
        if not is_covered(clause, test):
            continue
        seen[wanted] += 1
        found = problems(path.read_bytes(), parts=(2, 3))
        # A file is to be refused for what is wrong with it, not by chance.
        right = any(rule.startswith(f"{clause}-") for rule, _ in found)
        if right is (wanted == "pass") or (wanted == "pass" and found):
            wrong.append((path.name, found))
    assert wrong == []
    assert seen == {"pass": 12, "fail": 36}


def test_no_sound_file_is_refused_by_any_rule(shared_data: Path) -> None:
    every = [path for path, _, _, wanted in corpus(shared_data) if wanted == "pass"]
    refused = {
        path.name: found
        for path in every
        if (found := problems(path.read_bytes(), parts=(2, 3)))
    }
    assert refused == {}
    assert len(every) == 32


def test_what_is_not_covered_is_counted(shared_data: Path) -> None:
    """All of it is types of schemas that no report uses."""
    left = [
        clause
        for _, clause, test, wanted in corpus(shared_data)
        if wanted == "fail" and not is_covered(clause, test)
    ]
    assert set(left) == {"6.6.2.3.1", "6.6.2.3.3"}
    assert len(left) == 21
