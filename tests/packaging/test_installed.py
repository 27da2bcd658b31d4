"""The wheel runs where nothing but its declared requirements is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.release import PACKAGES, REPOSITORY, Built

# What the child process gets: no PYTHON* variable, no activated environment.
CLEAN = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}

IMPORT_ALL = """
import importlib, pkgutil
for top in ("manifests", "evidence", "cli"):
    package = importlib.import_module(top)
    for module in pkgutil.walk_packages(package.__path__, top + "."):
        importlib.import_module(module.name)
print("all imported")
"""


def _requirements(metadata: Distribution) -> list[Requirement]:
    found = [Requirement(line) for line in metadata.requires or []]
    return [
        one for one in found if not one.marker or one.marker.evaluate({"extra": ""})
    ]


def _closure(wanted: list[Requirement]) -> dict[str, Distribution]:
    """The distributions the project needs at run time, by their own metadata."""
    found: dict[str, Distribution] = {}
    while wanted:
        name = canonicalize_name(wanted.pop().name)
        if name not in found:
            found[name] = distribution(name)
            wanted += _requirements(found[name])
    return found


def _link(needed: Distribution, target: Path) -> None:
    """Make one installed distribution, and only it, importable from `target`."""
    for top in {Path(file).parts[0] for file in needed.files or []} - {"..", "bin"}:
        source = Path(str(needed.locate_file(top)))
        if source.name != "__pycache__" and not (target / top).exists():
            (target / top).symlink_to(source)


@pytest.fixture(scope="module")
def python(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment: the wheel and its run-time requirements, no network."""
    venv = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    inside = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", inside, "--quiet"]
    offline = ["--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *offline, built.wheel], check=True)
    (site,) = (venv / "lib").glob("python*/site-packages")
    own = Distribution.at(next(site.glob("evidence_custody-*.dist-info")))
    for needed in _closure(_requirements(own)).values():
        _link(needed, site)
    return inside


def _run(
    *command: str | Path, cwd: str | Path = "/"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=CLEAN,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_no_development_tool_is_importable_there(python: Path) -> None:
    for tool in ("pytest", "hypothesis", "hatchling", "mypy"):
        assert _run(python, "-P", "-c", f"import {tool}").returncode != 0


def test_every_module_imports_there(python: Path) -> None:
    run = _run(python, "-I", "-c", IMPORT_ALL)
    assert (run.returncode, run.stdout) == (0, "all imported\n"), run.stderr


def test_the_code_that_runs_is_the_installed_one(python: Path) -> None:
    ask = "import cli, evidence, manifests as m; print(cli.__file__, m.__file__)"
    places = _run(python, "-I", "-c", ask, cwd=REPOSITORY).stdout.split()
    assert len(places) == 2
    assert all(place.startswith(str(python.parents[1])) for place in places)


def test_command_runs_from_the_root_folder(python: Path) -> None:
    run = _run(python.with_name("custody"), "--help")
    assert run.returncode == 0, run.stderr
    assert "acquire" in run.stdout
    assert "verify" in run.stdout


def test_module_form_runs_with_a_safe_path(python: Path) -> None:
    run = _run(python, "-P", "-m", "cli", "--help")
    assert run.returncode == 0, run.stderr
    assert "verify" in run.stdout


@pytest.mark.parametrize("hostile", PACKAGES)
def test_module_form_refuses_to_run_code_of_the_current_folder(
    python: Path, tmp_path: Path, hostile: str
) -> None:
    """A seized folder that looks like one of our packages is never imported."""
    sign = tmp_path / "was-run"
    package = tmp_path / hostile
    package.mkdir()
    (package / "__init__.py").write_text(f"open({str(sign)!r}, 'w')\n", "utf-8")
    if hostile == "cli":  # Python itself picks the wrong one; -P is the only cure
        assert _run(python, "-P", "-m", "cli", "--help", cwd=tmp_path).returncode == 0
    else:
        run = _run(python, "-m", "cli", "--help", cwd=tmp_path)
        assert run.returncode == 2
        assert run.stdout == ""
        assert run.stderr.count("\n") == 1
        assert "custody" in run.stderr
    assert not sign.exists()


def test_the_self_test_of_an_installation(python: Path, tmp_path: Path) -> None:
    """It passes as installed; an altered and an added program file are told."""
    command = python.with_name("custody")
    good = _run(command, "selftest")
    assert good.returncode == 0, good.stdout + good.stderr
    (site,) = (python.parents[1] / "lib").glob("python*/site-packages")
    victim = site / "evidence" / "zones.py"
    before = victim.read_bytes()
    added = site / "manifests" / "added.py"
    try:
        victim.write_bytes(before + b"\n# altered\n")
        added.write_bytes(b"")
        bad = _run(command, "selftest")
    finally:
        victim.write_bytes(before)
        added.unlink()
    assert bad.returncode == 15, bad.stdout
    assert "evidence/zones.py" in bad.stdout
    assert "manifests/added.py" in bad.stdout
    assert "SELFTEST_FAILED" in bad.stderr
