"""Fixtures for every test, and what becomes of a skip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.skips import (
    REPOSITORY,
    pytest_make_collect_report,
    pytest_runtest_makereport,
    shared_folder,
)

# The hooks are named here so that pytest finds them in this file.
__all__ = [
    "REPOSITORY",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
    "shared_data",
]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files nobody here wrote; skips where it is missing."""
    folder = shared_folder()
    if not (folder / "SOURCES.tsv").is_file():
        pytest.skip("the shared real-world data is not beside this checkout")
    return folder
