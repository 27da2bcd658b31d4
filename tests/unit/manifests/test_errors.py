"""Every error class keeps the promises of its family: code, exit code, sentences."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.errors import (
    CustodyError,
    InputError,
    IntegrityError,
    KeyProblemError,
    StorageError,
    TrustError,
)

REPOSITORY = Path(__file__).resolve().parents[3]

# DESIGN 7, written out again so that a family cannot drift with its classes.
RANGES = {
    IntegrityError: range(10, 20),
    TrustError: range(20, 30),
    InputError: range(30, 40),
    StorageError: range(40, 50),
    KeyProblemError: range(50, 60),
}
# Endings that belong to no family: finished but incomplete, and the two signals.
OTHER = {3, 130, 143}


def _defining() -> Iterator[str]:
    """The modules that define a class whose bases are errors of ours.

    Found in the source text, so that nothing else has to be imported.
    """
    classes: dict[str, list[tuple[str, set[str]]]] = {}
    for package in ("manifests", "evidence", "cli"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {
                        getattr(base, "attr", getattr(base, "id", ""))
                        for base in node.bases
                    }
                    classes.setdefault(node.name, []).append((name, bases))
    known = {"CustodyError"}
    while True:
        more = {
            name
            for name, places in classes.items()
            if name not in known and any(bases & known for _, bases in places)
        }
        if not more:
            break
        known |= more
    for name in sorted(known):
        for module, bases in classes[name]:
            if bases & known:
                yield module


def _below(root: type[CustodyError]) -> Iterator[type[CustodyError]]:
    for child in root.__subclasses__():
        yield child
        yield from _below(child)


for _name in set(_defining()):
    importlib.import_module(_name)
ALL = sorted(set(_below(CustodyError)), key=lambda one: one.__qualname__)
# A family of its own is never raised: it has no sentence, only classes below it.
FAMILIES = {one for one in ALL if one.__subclasses__() and "template" not in vars(one)}
SPECIFIC = [one for one in ALL if one not in FAMILIES]


def _named(one: type[CustodyError]) -> str:
    return one.__name__


def test_there_are_errors_to_judge() -> None:
    assert set(RANGES) <= FAMILIES
    assert len(SPECIFIC) >= 20


@pytest.mark.parametrize("one", SPECIFIC, ids=_named)
def test_code_is_its_own_and_stable_in_form(one: type[CustodyError]) -> None:
    assert "code" in vars(one), "a code must not be inherited"
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", one.code)


def test_no_code_is_used_twice() -> None:
    codes = Counter(one.code for one in SPECIFIC)
    codes[CustodyError.code] += 1
    assert [code for code, times in codes.items() if times > 1] == []


@pytest.mark.parametrize("one", ALL, ids=_named)
def test_exit_code_lies_in_the_range_of_the_family(one: type[CustodyError]) -> None:
    families = [family for family in RANGES if issubclass(one, family)]
    if not families:
        assert one in FAMILIES or one.exit_code in OTHER
        return
    assert len(families) == 1
    assert one.exit_code in RANGES[families[0]]


@pytest.mark.parametrize("one", [CustodyError, *SPECIFIC], ids=_named)
@pytest.mark.parametrize("part", ["template", "safe", "advice"])
def test_says_what_happened_what_is_safe_what_to_do(
    one: type[CustodyError], part: str
) -> None:
    sentence = getattr(one, part)
    assert len(sentence.split()) >= 3
    assert sentence == sentence.strip()
    assert sentence[0].isupper() or sentence[0] == "{"
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("one", [CustodyError, *SPECIFIC], ids=_named)
def test_template_is_filled_from_plain_named_facts(one: type[CustodyError]) -> None:
    parts = list(string.Formatter().parse(one.template))
    names = [name for _, name, _, _ in parts if name is not None]
    assert all(name.isidentifier() for name in names)
    assert not any(form or turn for _, _, form, turn in parts)
    facts = {name: f"fact-{number}" for number, name in enumerate(names)}
    error = one(**facts)
    assert error.facts == facts
    assert all(fact in error.what for fact in facts.values())
    assert str(error) == error.what


@pytest.mark.parametrize("one", [CustodyError, *SPECIFIC], ids=_named)
def test_braces_from_evidence_are_not_interpreted(one: type[CustodyError]) -> None:
    names = [n for _, n, _, _ in string.Formatter().parse(one.template) if n]
    hostile = "{facts.__class__}{0}%s"
    error = one(**dict.fromkeys(names, hostile))
    assert error.what.count(hostile) == len(names)


@pytest.mark.parametrize("one", [CustodyError, *SPECIFIC], ids=_named)
def test_only_template_takes_facts(one: type[CustodyError]) -> None:
    assert "{" not in one.safe + one.advice
