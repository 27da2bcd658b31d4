"""Tests that the documentation names exist where it says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "explanation").glob("*.md"))
LINK = re.compile(r"\]\((?:\.\./)+(tests/[\w/]+\.py)\): ((?:`\w+`(?:, )?)+)")


def named(page: Path) -> list[tuple[str, str]]:
    """Return (file, function) for every test a page names behind a link."""
    return [
        (file, name)
        for file, names in LINK.findall(page.read_text("utf-8"))
        for name in re.findall(r"`(\w+)`", names)
    ]


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_named_test_is_there(page: Path) -> None:
    missing = [
        f"{file}: {name}"
        for file, name in named(page)
        if not (ROOT / file).is_file() or name not in functions(ROOT / file)
    ]
    assert missing == []


def test_promises_and_attacks_name_tests() -> None:
    """At least twenty-five attacks; no promise without a test."""
    folder = ROOT / "docs" / "explanation"
    attacks = (folder / "attacks.md").read_text("utf-8")
    rows = re.findall(r"^\| \d+ \| .*$", attacks, re.MULTILINE)
    assert len(rows) >= 25
    assert all(LINK.search(row) for row in rows)
    model = (folder / "threat-model.md").read_text("utf-8")
    promised = set(re.findall(r"^\| (P\d+) \|", model, re.MULTILINE))
    tests = model[model.index("## Tests of the promises") :]
    tested = {
        row.split()[1]
        for row in tests.splitlines()
        if row.startswith("| P") and LINK.search(row)
    }
    assert promised == tested
