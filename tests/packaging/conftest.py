"""A copy of what git tracks, built twice: what a release would hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.release import REPOSITORY, STRAYS, Built


@pytest.fixture(scope="session")
def tracked() -> tuple[str, ...]:
    """What git tracks; skips where the tests run from an unpacked sdist."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong here")
    listing = subprocess.run(
        ["git", "-C", str(REPOSITORY), "ls-files", "-z"],
        check=True,
        capture_output=True,
    ).stdout.decode()
    names = [name for name in listing.split("\0") if name]
    return tuple(name for name in names if (REPOSITORY / name).is_file())


def _copy(names: tuple[str, ...], source: Path, tree: Path) -> None:
    for name in names:
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, target)
    for name in STRAYS:
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("never to be published\n", "utf-8")


def _build(tree: Path, out: Path) -> Built:
    """Run the build as a release does: sdist, then the wheel from the sdist."""
    run = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, tree],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (sdist,) = out.glob("*.tar.gz")
    (wheel,) = out.glob("*.whl")
    return Built(tree, sdist, wheel)


@pytest.fixture(scope="session")
def built(tracked: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release built from the tracked files with strays lying about."""
    folder = tmp_path_factory.mktemp("release")
    _copy(tracked, REPOSITORY, folder / "tree")
    return _build(folder / "tree", folder / "dist")


@pytest.fixture(scope="session")
def built_again(
    built: Built, tracked: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Built:
    """The same release, built elsewhere, from files of another age and mode."""
    folder = tmp_path_factory.mktemp("another-release-elsewhere")
    tree = folder / "checkout"
    _copy(tuple(reversed(tracked)), built.tree, tree)
    for path in tree.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        if path.is_file():
            path.chmod(0o600 | path.stat().st_mode & 0o100)
    return _build(tree, folder / "dist")
