"""The sdist and the wheel hold exactly what they must, every time the same bytes."""

from __future__ import annotations

import configparser
import hashlib
import zipfile
from pathlib import Path

import pytest

from tests.packaging.release import PACKAGES, STRAYS, Built


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _in_packages(names: tuple[str, ...]) -> set[str]:
    return {name for name in names if name.split("/")[0] in PACKAGES}


def test_wheel_holds_the_tracked_files_of_the_packages_and_nothing_else(
    built: Built, tracked: tuple[str, ...]
) -> None:
    names = built.wheel_names()
    metadata = {name for name in names if ".dist-info/" in name.split("/", 1)[0] + "/"}
    assert names - metadata == _in_packages(tracked)
    folders = {name.split("/")[0] for name in metadata}
    assert folders == {"evidence_custody-0.1.0.dist-info"}


def test_wheel_holds_code_types_and_data(
    built: Built, tracked: tuple[str, ...]
) -> None:
    names = built.wheel_names()
    for package in PACKAGES:
        assert f"{package}/py.typed" in names
        assert f"{package}/__init__.py" in names
    for data in (
        "evidence/handcheck/",
        "evidence/report/fonts/",
        "evidence/samples/",
    ):
        expected = {name for name in tracked if name.startswith(data)}
        assert expected
        assert expected <= names
    assert any(name.endswith((".ttf", ".otf")) for name in names)


def test_wheel_names_the_command_and_carries_the_licence(built: Built) -> None:
    info = "evidence_custody-0.1.0.dist-info"
    with zipfile.ZipFile(built.wheel) as archive:
        points = configparser.ConfigParser()
        points.read_string(archive.read(f"{info}/entry_points.txt").decode())
        licence = archive.read(f"{info}/licenses/LICENSE")
        metadata = archive.read(f"{info}/METADATA").decode()
    assert dict(points["console_scripts"]) == {"custody": "cli.main:main"}
    assert licence == (built.tree / "LICENSE").read_bytes()
    assert "\nLicense-Expression: Apache-2.0 AND OFL-1.1\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata


def test_sdist_holds_tracked_files_only(built: Built, tracked: tuple[str, ...]) -> None:
    names = built.sdist_names()
    assert names - set(tracked) == {"PKG-INFO"}
    assert _in_packages(tracked) <= names
    for needed in ("pyproject.toml", "LICENSE", "Makefile", "requirements-dev.txt"):
        assert needed in names
    assert {name for name in tracked if name.startswith("tests/")} <= names


@pytest.mark.parametrize("stray", STRAYS)
def test_a_stray_file_is_not_published(built: Built, stray: str) -> None:
    assert (built.tree / stray).is_file()
    assert stray not in built.sdist_names()
    assert stray not in built.wheel_names()


def test_two_builds_are_the_same_bytes(built: Built, built_again: Built) -> None:
    assert _sha256(built.sdist) == _sha256(built_again.sdist)
    assert _sha256(built.wheel) == _sha256(built_again.wheel)
