"""Everything here runs real processes and is marked `crash`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.desk import Desk

FOLDERS = 10
FILES = 30
BIG_BYTES = 64 << 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.crash)


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A tree of 300 small files, and one file of 64 MiB."""
    folder = tmp_path_factory.mktemp("sources")
    for number in range(FOLDERS):
        inner = folder / "tree" / f"folder {number}"
        inner.mkdir(parents=True)
        for count in range(FILES):
            (inner / f"{count}.bin").write_bytes(os.urandom(2000))
    big = folder / "big.bin"
    big.write_bytes(os.urandom(1 << 20) * (BIG_BYTES >> 20))
    return folder / "tree", big


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with a case."""
    desk = Desk(tmp_path)
    desk.open_case()
    return desk
