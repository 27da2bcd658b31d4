"""Write the hash-locked requirements files from pyproject.toml (``make lock``).

``requirements.txt`` holds what the program needs at run time and what builds it,
``requirements-dev.txt`` adds the dependency group ``dev``. Both name no index, so they
install from whatever index the user's pip is configured for; the hashes say whether it
delivered the right bytes. Existing pins are kept; pass ``--upgrade`` to move them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What a build needs beyond build-system.requires: hatchling asks for it when it makes
# an editable install.
BUILD_EXTRA = ("editables",)

# Development dependencies of one platform only (pytest's). pip-compile evaluates
# markers where it runs and would leave these out, so they are resolved without one,
# which is added afterwards. The run-time packages have no such dependency today.
PLATFORM_ONLY = {"colorama": 'sys_platform == "win32"'}

HEADER = """\
# Hash-locked requirements{what}.
# Made by 'make lock' from pyproject.toml; do not edit.
# Install with: python -m pip install --require-hashes -r {name}
"""

PIP_COMPILE = (
    "--quiet",
    "--no-config",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--no-annotate",
    "--no-emit-options",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def _compile(name: str, wanted: list[str], what: str, flags: list[str]) -> None:
    """Resolve `wanted` and write the locked file `name` in the repository's root."""
    target = ROOT / name
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "wanted.in")
        source.write_text("\n".join(wanted) + "\n", "utf-8")
        locked = Path(folder, name)
        if target.exists():
            locked.write_text(_without_markers(target.read_text("utf-8")), "utf-8")
        command = [sys.executable, "-m", "piptools", "compile", *PIP_COMPILE, *flags]
        subprocess.run(
            [*command, "--output-file", str(locked), str(source)],
            check=True,
            cwd=folder,
        )
        pins = _with_markers(locked.read_text("utf-8"))
    target.write_text(HEADER.format(what=what, name=name) + pins, "utf-8")


def _with_markers(text: str) -> str:
    for package, marker in PLATFORM_ONLY.items():
        text = "\n".join(
            line.replace(" \\", f" ; {marker} \\")
            if line.startswith(f"{package}==")
            else line
            for line in text.split("\n")
        )
    # pip-compile's remarks (unsafe packages) add nothing to the file's own header.
    return "".join(
        f"{line}\n" for line in text.splitlines() if line and not line.startswith("#")
    )


def _without_markers(text: str) -> str:
    for marker in PLATFORM_ONLY.values():
        text = text.replace(f" ; {marker}", "")
    return text


def main() -> None:
    """Write both files; extra arguments go to pip-compile."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    flags = sys.argv[1:]
    run = [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *BUILD_EXTRA,
    ]
    dev = [*run, *project["dependency-groups"]["dev"], *PLATFORM_ONLY]
    _compile("requirements.txt", run, ": run time and build", flags)
    constraint = ["--constraint", str(ROOT / "requirements.txt")]
    what = ": run time, build, tests and checks"
    _compile("requirements-dev.txt", dev, what, [*constraint, *flags])


if __name__ == "__main__":
    main()
