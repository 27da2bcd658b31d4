"""Where nothing may be missing, a test that is left out fails; tried with real runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.release import REPOSITORY
from tests.skips import VARIABLE, is_allowed, shared_folder

CONTINUE = "--continue-on-collection-errors"
CASES = {
    "body": "import pytest\ndef test_it():\n    pytest.skip('no frobnicator')\n",
    "mark": (
        "import pytest\n@pytest.mark.skipif(True, reason='no frobnicator')\n"
        "def test_it(): pass\n"
    ),
    "fixture": (
        "import pytest\n@pytest.fixture\ndef tool(): pytest.skip('no frobnicator')\n"
        "def test_it(tool): pass\n"
    ),
    "module mark": (
        "import pytest\n"
        "pytestmark = pytest.mark.skipif(True, reason='no frobnicator')\n"
        "def test_it(): pass\n"
    ),
    "module": (
        "import pytest\npytest.skip('no frobnicator', allow_module_level=True)\n"
    ),
    "import": "import pytest\npytest.importorskip('frobnicator')\n",
}


def run(folder: Path, *words: str, strict: bool) -> subprocess.CompletedProcess[str]:
    """Run pytest over `folder` with the mechanism, as its own process."""
    environment = {
        name: value for name, value in os.environ.items() if "PYTEST" not in name
    }
    environment.pop(VARIABLE, None)
    environment["PYTHONPATH"] = str(REPOSITORY)
    if strict:
        environment[VARIABLE] = "1"
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rsfE", "-p", "tests.skips"),
            *("-c", os.devnull, "--rootdir", folder, "-p", "no:cacheprovider"),
            *words,
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every way to skip, a test that passes, an allowed skip, an expected failure."""
    folder = tmp_path_factory.mktemp("tests")
    for name, text in CASES.items():
        (folder / f"test_{name.replace(' ', '_')}.py").write_text(text)
    (folder / "test_fine.py").write_text(
        "import pytest\ndef test_it(): pass\n"
        "def test_allowed(): pytest.skip('this Pillow writes no AVIF')\n"
        "@pytest.mark.xfail\ndef test_known(): assert False\n"
    )
    return folder


@pytest.mark.parametrize("workers", ["0", "2"])
def test_every_way_to_skip_fails(tests: Path, workers: str) -> None:
    done = run(tests, "-n", workers, CONTINUE, strict=True)
    assert done.returncode == 1, done.stdout
    told = done.stdout
    for name in CASES:
        module = f"test_{name.replace(' ', '_')}.py"
        assert re.search(rf"(FAILED|ERROR) {module}", told + done.stderr), told
    assert told.count("was skipped: ") >= len(CASES)
    assert "FAILED test_fine" not in told
    assert "ERROR test_fine" not in told


def test_what_is_allowed_passes(tests: Path) -> None:
    done = run(tests, "test_fine.py", strict=True)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped, 1 xfailed" in done.stdout


def test_without_the_variable_skips_are_told_with_their_reasons(tests: Path) -> None:
    done = run(tests, strict=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("no frobnicator") >= 1
    assert "7 skipped" in done.stdout


def test_an_allowed_reason_has_to_be_true_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = "the shared real-world data is not beside this checkout"
    monkeypatch.delenv("CUSTODY_SHARED_DATA", raising=False)
    assert is_allowed(missing) is not shared_folder().exists()
    monkeypatch.setenv("CUSTODY_SHARED_DATA", str(tmp_path / "promised"))
    assert not is_allowed(missing)  # somebody said where it is
    if os.name != "nt":
        assert not is_allowed("POSIX modes")
    if Path("/dev/loop-control").exists():
        assert not is_allowed("no loop device here")


def test_nothing_is_allowed_by_half_of_its_reason() -> None:
    assert is_allowed("this Pillow writes no AVIF")
    assert not is_allowed("this Pillow writes no AVIF, and nobody installed openssl")
    assert not is_allowed("openssl is not installed")
    assert not is_allowed("")


def test_make_prints_reasons_and_the_ci_lets_nothing_be_missing() -> None:
    recipe = (REPOSITORY / "Makefile").read_text()
    assert re.search(r"-m pytest -q -rsfE .*\$\(FAST\)", recipe)
    script = (REPOSITORY / ".ci" / "run").read_text()
    installed = script.index("apt-get install")
    assert installed < script.index(f"export {VARIABLE}=1") < script.index("make test")
