"""The lock files pin everything, by hash, and say nothing about where to get it."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.release import REPOSITORY

RUN = "requirements.txt"
DEV = "requirements-dev.txt"
PIN = re.compile(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)( ; sys_platform == \"win32\")? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def _lines(name: str) -> list[str]:
    return (REPOSITORY / name).read_text("ascii").splitlines()


def _pins(name: str) -> dict[str, str]:
    found = [PIN.fullmatch(line) for line in _lines(name)]
    return {match[1]: match[2] for match in found if match}


def _project() -> dict[str, list[str]]:
    data = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    run = data["project"]["dependencies"] + data["build-system"]["requires"]
    return {RUN: run, DEV: run + data["dependency-groups"]["dev"]}


@pytest.mark.parametrize("name", [RUN, DEV])
def test_only_comments_pins_and_hashes(name: str) -> None:
    for line in _lines(name):
        assert line.startswith("# ") or PIN.fullmatch(line) or HASH.fullmatch(line)


@pytest.mark.parametrize("name", [RUN, DEV])
def test_every_pin_has_a_hash(name: str) -> None:
    lines = [line for line in _lines(name) if not line.startswith("#")]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.endswith("\\"):
            assert HASH.fullmatch(following)
        else:
            assert not HASH.fullmatch(following)


@pytest.mark.parametrize("name", [RUN, DEV])
def test_every_declared_requirement_is_pinned_within_its_bounds(name: str) -> None:
    pins = _pins(name)
    for wanted in map(Requirement, _project()[name]):
        pinned = pins[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(pinned), f"{wanted} is pinned to {pinned}"


def test_the_two_locks_agree() -> None:
    run, dev = _pins(RUN), _pins(DEV)
    assert {name: dev.get(name) for name in run} == run


def test_what_builds_the_project_is_locked() -> None:
    assert {"hatchling", "editables"} <= set(_pins(RUN))
    assert not {"pytest", "mypy", "ruff", "hypothesis"} & set(_pins(RUN))
