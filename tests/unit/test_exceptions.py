"""Tuples of exceptions: none beside its own base, where it only looks like more."""

from __future__ import annotations

import ast
import builtins
from itertools import permutations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _classes(node: ast.Tuple) -> list[type[BaseException]]:
    """The built-in exceptions a tuple names."""
    names = [one.id for one in node.elts if isinstance(one, ast.Name)]
    found = [getattr(builtins, name, None) for name in names]
    return [f for f in found if isinstance(f, type) and issubclass(f, BaseException)]


@pytest.mark.parametrize("package", ["manifests", "evidence", "cli"])
def test_no_tuple_of_exceptions_lists_a_class_beside_its_base(package: str) -> None:
    wrong: list[str] = []
    looked = 0
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Tuple):
                continue
            found = _classes(node)
            looked += len(found) > 1
            wrong += [
                f"{path.name}:{node.lineno}: {one.__name__} is a {base.__name__}"
                for one, base in permutations(found, 2)
                if issubclass(one, base)
            ]
    assert looked
    assert not wrong
