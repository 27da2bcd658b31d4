"""The same sample image through `fls` and `icat` of the installed Sleuth Kit."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.parsing.disk import DiskFiles, DiskListing
from evidence.samples.disks import disk_image
from tests.unit.evidence.parsing.disk_items import Parsed, run

FLS, ICAT = shutil.which("fls"), shutil.which("icat")
LINE = re.compile(rb"(.)/(.)( \*)? (\d+)(\(realloc\))?:\t(.*)", re.DOTALL)
SECTOR = {2: "128", 3: "1152"}  # of partitions 2 and 3

pytestmark = pytest.mark.skipif(
    FLS is None or ICAT is None, reason="the sleuthkit package is not installed"
)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    path.write_bytes(disk_image())
    return path


def output(*command: str | Path | None) -> bytes:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, check=True).stdout


def listed(parsed: Parsed) -> set[tuple[str, str, bool, str, bytes]]:
    raw = {r["path"]: r.get("path_b64") for r in parsed.kind("entry")}
    assert len(raw) == len(parsed.kind("entry"))
    return {
        (
            str(r["name_type"]),
            str(r["meta_type"]),
            bool(r["deleted"]),
            str(r["inode"]),
            str(r["path"]).encode(),
        )
        for r in parsed.kind("entry")
        if "path_b64" not in r
    }


@pytest.mark.parametrize("number", [2, 3])
def test_the_listing_is_that_of_fls(sample: Path, number: int) -> None:
    expected = set()
    text = output(FLS, "-r", "-p", "-o", SECTOR[number], sample)
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        name, meta, star, inode, _, path = match.groups()
        if path.isascii() or path.decode("utf-8", "ignore").encode() == path:
            expected.add(
                (name.decode(), meta.decode(), bool(star), inode.decode(), path)
            )
    parsed = run(DiskListing(), sample, partition=number, deleted=True)
    assert listed(parsed) == expected
    assert len(parsed.kind("entry")) == len(text.splitlines())


@pytest.mark.parametrize("number", [2, 3])
def test_every_file_is_that_of_icat(sample: Path, number: int) -> None:
    parsed = run(DiskFiles(), sample, partition=number, deleted=True)
    assert len(parsed.files) >= 6
    for read in parsed.files:
        inode = str(read.start.fields["inode"])
        content = output(ICAT, "-o", SECTOR[number], sample, inode)
        assert bytes(read.data) == content, read.start.name
