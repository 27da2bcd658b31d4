"""No committed file says where its author's packages or folders were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.packaging.release import REPOSITORY

# Written in pieces, so that this file does not hold what it looks for.
HOSTS = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("crates", "io"),
    ("rubygems", "org"),
    ("proxy.golang", "org"),
    ("conda.anaconda", "org"),
    ("repo.maven.apache", "org"),
    ("deb.debian", "org"),
    ("security.debian", "org"),
    ("archive.ubuntu", "com"),
)
FOLDERS = (
    ("work", "main"),
    ("work", "shared"),
    ("root", r"[\w.]"),
    ("opt", r"(?:pypi|wheels)"),
    ("tmp", r"[\w.]"),
    ("home", r"(?:runner|user)\b"),
    ("Users", r"\w"),
)
PATTERNS = [
    *(re.escape(f"{name}.{top}") for name, top in HOSTS),
    *(rf"(?<![\w./~-])/{top}/{rest}" for top, rest in FOLDERS),
    r"\bfile:" + r"///(?:opt|work|root|tmp|home|Users)\b",
]


def _patterns() -> re.Pattern[str]:
    own = [str(REPOSITORY) + "/", str(Path.home()) + "/."]
    telling = [re.escape(path) for path in own if len(Path(path).parts) > 2]
    return re.compile("|".join([*PATTERNS, *telling]))


def _text(path: Path) -> str:
    data = path.read_bytes()
    return "" if b"\0" in data[:8192] else data.decode("utf-8", "replace")


def test_the_patterns_find_what_they_look_for() -> None:
    found = _patterns()
    for name, top in HOSTS:
        assert found.search(f"see https://{name}.{top}/simple")
    assert found.search("cp " + "/work" + "/main/x .")
    assert found.search('open("' + "/tmp" + '/x")')
    assert found.search(f"cd {REPOSITORY}/docs")
    assert not found.search("of frameworks/main or ~/tmp/x, under /var/tmp/x")


def test_no_tracked_file_names_a_registry_or_a_folder_of_a_machine(
    tracked: tuple[str, ...],
) -> None:
    found = _patterns()
    hits = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in tracked
        for number, line in enumerate(_text(REPOSITORY / name).splitlines(), 1)
        if found.search(line)
    ]
    assert hits == []


def test_no_tracked_file_is_a_key_or_a_leftover(tracked: tuple[str, ...]) -> None:
    leftovers = re.compile(r"(~|\.(bak|orig|rej|swp|log|pyc|DS_Store))$|^\.env")
    assert [name for name in tracked if leftovers.search(Path(name).name)] == []


@pytest.mark.parametrize("package", ["cli", "evidence", "manifests"])
def test_no_private_key_lies_among_the_code(
    tracked: tuple[str, ...], package: str
) -> None:
    mark = "PRIVATE KEY" + "-----"
    code = [name for name in tracked if name.startswith(f"{package}/")]
    assert [name for name in code if mark in _text(REPOSITORY / name)] == []
