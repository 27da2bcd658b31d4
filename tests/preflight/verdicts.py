"""Apache PDFBox Preflight on files: an opinion that is not ours (PDF/A-1b only)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("Preflight.java")
_FOLDER = Path("/usr/share/java")
_JARS = (
    "preflight", "xmpbox", "pdfbox2", "fontbox2", "commons-logging", "commons-io",
    "jaxb-api", "javax.activation",
)  # fmt: skip


def pdfbox(files: list[Path]) -> dict[Path, list[str]]:
    """Return what Preflight finds wrong with each file; skips where it is missing."""
    jars = [_FOLDER / f"{name}.jar" for name in _JARS]
    if shutil.which("java") is None or not all(jar.exists() for jar in jars):
        pytest.skip(
            "PDFBox Preflight is not installed (Debian: libpdfbox2-java, a JDK)"
        )
    done = subprocess.run(
        [
            "java",
            "-cp",
            os.pathsep.join(map(str, jars)),
            str(_SOURCE),
            *map(str, files),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    lines = done.stdout.splitlines()
    found: dict[Path, list[str]] = {}
    for line in lines:
        if line.startswith("  "):
            found[list(found)[-1]].append(line.strip())
        else:
            name, _, verdict = line.rpartition(": PDF/A-1b valid=")
            found[Path(name)] = [] if verdict == "true" else ["not valid"]
    assert list(found) == files, done.stderr[-2000:]
    return found
