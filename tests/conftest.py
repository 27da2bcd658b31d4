"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files nobody here wrote; skips where it is missing."""
    default = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("CUSTODY_SHARED_DATA", default))
    if not (folder / "SOURCES.tsv").is_file():
        pytest.skip("the shared real-world data is not beside this checkout")
    return folder
