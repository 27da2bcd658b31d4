"""Real disk images against lists made with another engine's tools.

The truth files come from fls and icat of The Sleuth Kit 4.11.1, img_dump and fiwalk;
the parser uses the 4.15 library through its Python binding.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.disk import DiskFiles, DiskListing
from tests.unit.evidence.parsing.disk_items import Parsed, run

pytestmark = pytest.mark.conformance

REPOSITORY = Path(__file__).resolve().parents[2]
DFVFS = "disk/log2timeline+dfvfs/test_data"
PLASO = "disk/log2timeline+plaso/test_data"
TSK = "disk/sleuthkit+sleuthkit/test/data"
LIBARCHIVE = "disk/libarchive+libarchive/libarchive/test/test_read_format_iso"

RAW = (
    "disk/ColinFinck+ntfs/testdata/testfs1",
    f"{LIBARCHIVE}_2.iso.Z",
    f"{LIBARCHIVE}_3.iso.Z",
    f"{LIBARCHIVE}_joliet.iso.Z",
    f"{LIBARCHIVE}_joliet_by_nero.iso.Z",
    f"{LIBARCHIVE}_rockridge_ce.iso.Z",
    f"{LIBARCHIVE}_rockridge_new.iso.Z",
    f"{LIBARCHIVE}_xorriso.iso.Z",
    f"{LIBARCHIVE}_zisofs.iso.Z",
    f"{DFVFS}/ext2.splitraw.000",
    f"{DFVFS}/hfsplus.raw",
    f"{DFVFS}/iso9660.raw",
    f"{DFVFS}/ímynd.dd",
    f"{PLASO}/syslog_image.dd",
    f"{TSK}/image.dd",
    f"{TSK}/image.iso",
)
# The wheel is built without libewf and libvhdi: these are named, never listed.
CONTAINERS = {
    f"{DFVFS}/ext2.E01": "ewf",
    f"{PLASO}/image.E01": "ewf",
    f"{TSK}/image.E01": "ewf",
    f"{DFVFS}/ext2.vhd": "vhd",
    f"{DFVFS}/image.vhd": "vhd",
    f"{DFVFS}/image-differential.vhd": "vhd",
    f"{TSK}/image.vhd": "vhd",
    f"{DFVFS}/ext2.qcow2": "qcow",
    f"{PLASO}/image.qcow2": "qcow",
    f"{DFVFS}/ext2.vmdk": "vmdk",
    f"{DFVFS}/hfsplus_zlib.dmg": "dmg",
    "disk/aff4+pyaff4/test_images/AFF4Std/Base-Linear.aff4": "zip",
    f"{DFVFS}/corrupt1.gz": "gzip",
}
# What fls could not read either: format named, if known.
UNREAD = {
    f"{LIBARCHIVE}_joliet_long.iso.Z": None,
    f"{DFVFS}/apfs.raw": "apfs",
    f"{DFVFS}/bogus.001": None,
}
TABLE = f"{PLASO}/tsk_volume_system.raw"


def unpacked(shared: Path, local: str, folder: Path) -> Path:
    """The image itself, decompressed where the repository keeps it so."""
    path = shared / local
    if not local.endswith(".Z"):
        return path
    done = subprocess.run(["gzip", "-dc", str(path)], capture_output=True, check=True)
    image = folder / "image.iso"
    image.write_bytes(done.stdout)
    return image


def truth(shared: Path, local: str) -> list[dict[str, object]]:
    name = local.removeprefix("disk/").replace("/", "__") + ".jsonl"
    lines = (shared / "TRUTH" / "disk" / name).read_text().splitlines()
    return [json.loads(line) for line in lines]


def as_fls_prints(path: object) -> str:
    """fls prints a control character as ``^``; the record keeps it.

    Needed for one entry: HFS+ ends ``.HFS+ Private Directory Data`` with a carriage
    return.
    """
    return "".join("^" if ord(char) < 32 else char for char in str(path))


def test_every_image_of_the_truth_is_tested(shared_data: Path) -> None:
    with (shared_data / "TRUTH" / "disk.tsv").open() as file:
        rows = {row["local"] for row in csv.DictReader(file, delimiter="\t")}
    assert rows <= {*RAW, *CONTAINERS, *UNREAD, TABLE}


@pytest.mark.parametrize("local", RAW)
def test_entries(shared_data: Path, tmp_path: Path, local: str) -> None:
    expected = {
        (e["path"], e["addr"], e["deleted"], e["name_type"], e["meta_type"])
        for e in truth(shared_data, local)
    }
    image = unpacked(shared_data, local, tmp_path)
    parsed = run(DiskListing(), image, deleted=True)
    found = [
        (
            as_fls_prints(e["path"]),
            e["inode"],
            e["deleted"],
            e["name_type"],
            e["meta_type"],
        )
        for e in parsed.kind("entry")
    ]
    assert set(found) == expected
    assert len(found) == len(truth(shared_data, local))
    assert parsed.summary.public["deleted"] == sum(1 for e in expected if e[2])
    assert parsed.kind("error") == []
    # One part of a split image is half a file system, and is said to be.
    half = local.endswith(".splitraw.000")
    assert parsed.summary.outcome is (
        ParseOutcome.PARTIAL if half else ParseOutcome.PARSED
    )


@pytest.mark.parametrize("local", RAW)
def test_sizes_and_hashes(shared_data: Path, tmp_path: Path, local: str) -> None:
    image = unpacked(shared_data, local, tmp_path)
    files = run(DiskFiles(), image, deleted=True, paths=["**"]).files
    listing = run(DiskListing(), image, deleted=True)
    sizes = {(e["path"], e["inode"]): e["size"] for e in listing.kind("entry")}
    found = {(f.start.fields["path"], f.start.fields["inode"]): f for f in files}
    hashed = [e for e in truth(shared_data, local) if "sha256" in e]
    assert hashed
    for entry in hashed:
        key = (entry["path"], entry["addr"])
        read = found[key]
        assert read.outcome is Outcome.ACQUIRED
        assert len(read.data) == sizes[key] == entry["size"]
        assert hashlib.sha256(read.data).hexdigest() == entry["sha256"]


def test_both_parts_of_a_split_image_joined(shared_data: Path, tmp_path: Path) -> None:
    parts = [shared_data / DFVFS / f"ext2.splitraw.00{n}" for n in (0, 1)]
    image = tmp_path / "joined"
    image.write_bytes(b"".join(part.read_bytes() for part in parts))
    parsed = run(DiskListing(), image, deleted=True)
    assert parsed.summary.outcome is ParseOutcome.PARSED
    assert len(parsed.kind("entry")) == 7


@pytest.mark.parametrize(("local", "name"), CONTAINERS.items())
def test_containers_are_named(shared_data: Path, local: str, name: str) -> None:
    for parser in (DiskListing(), DiskFiles()):
        parsed = run(parser, shared_data / local)
        assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
        assert parsed.records[0]["container"] == name
        assert parsed.kind("entry") == []
        assert parsed.files == []
        assert "convert it to a raw image" in parsed.summary.limits[0]


@pytest.mark.parametrize(("local", "name"), UNREAD.items())
def test_what_fls_cannot_read(
    shared_data: Path, tmp_path: Path, local: str, name: str | None
) -> None:
    parsed = run(DiskListing(), unpacked(shared_data, local, tmp_path))
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    (volume,) = parsed.kind("volume")
    assert volume.get("format") == name
    assert volume["reason"] == "Cannot determine file system type"


def test_partitions_as_mmls_lists_them(shared_data: Path) -> None:
    """SOURCES.tsv: mmls says sectors 1+350 and 352+2528."""
    parsed = run(DiskListing(), shared_data / TABLE)
    rows = [
        (r["start"], r["length"]) for r in parsed.kind("partition") if r["allocated"]
    ]
    assert rows == [(1 * 512, 350 * 512), (352 * 512, 2528 * 512)]
    assert [f["start"] for f in parsed.kind("filesystem")] == [352 * 512]
    assert [v["partition"] for v in parsed.kind("volume")] == [2]
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def dumped(shared: Path, name: str) -> list[dict[str, dict[str, int | str]]]:
    folder = shared / "disk/sleuthkit+sleuthkit/test/img_dump/dump"
    files = json.loads((folder / f"{name}.json").read_text())["filesystem"]["files"]
    return [f for f in files if f["name"]["name"] not in (".", "..")]


def utc_text(seconds: object, *, zone_hours: int = 0, end: str = "Z") -> str | None:
    if not seconds:
        return None
    moment = datetime.fromtimestamp(int(str(seconds)) + zone_hours * 3600, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + end


def by_inode(parsed: Parsed) -> dict[str, dict[str, object]]:
    return {str(e["inode"]): dict(e) for e in parsed.kind("entry") if e["inode"] != "0"}


def test_ext2_times_mode_and_owner_are_those_of_img_dump(shared_data: Path) -> None:
    entries = by_inode(run(DiskListing(), shared_data / TSK / "image.dd", deleted=True))
    compared = 0
    for file in dumped(shared_data, "image.dd"):
        meta = file.get("meta")
        if meta is None or file["name"]["type"] == 11:
            continue
        entry = entries[str(meta["addr"])]
        assert entry["times"] == {
            "modified": utc_text(meta["mtime"]),
            "accessed": utc_text(meta["atime"]),
            "changed": utc_text(meta["ctime"]),
            "born": utc_text(meta["crtime"]),
        }
        assert entry["mode"] == f"{int(meta['mode']):04o}"
        assert (entry["uid"], entry["gid"]) == (meta["uid"], meta["gid"])
        assert (entry["nlink"], entry["size"]) == (meta["nlink"], meta["size"])
        compared += 1
    assert compared == 6


def test_iso_times_are_the_wall_clock_of_the_image(shared_data: Path) -> None:
    """The dump was made on a machine five hours behind UTC, and shows it.

    The Sleuth Kit turns the local time of ISO 9660 into seconds through the zone of
    the machine it runs on. Taking the five hours off gives the time in the image.
    """
    entries = by_inode(run(DiskListing(), shared_data / TSK / "image.iso"))
    compared = 0
    for file in dumped(shared_data, "image.iso"):
        meta = file.get("meta")
        if meta is None or not meta["crtime"]:
            continue
        times = entries[str(meta["addr"])]["times"]
        assert isinstance(times, dict)
        assert times["born"] == utc_text(meta["crtime"], zone_hours=-5, end="")
        compared += 1
    assert compared == 5


def test_data_runs_are_those_of_fiwalk(shared_data: Path) -> None:
    """fiwalk lists the byte runs of image.dd."""
    entries = by_inode(run(DiskListing(), shared_data / TSK / "image.dd"))
    space = {"d": "http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML"}
    path = shared_data / "disk/sleuthkit+sleuthkit/test/fiwalk/image_dd.xml"
    compared = 0
    for file in ET.parse(path).getroot().iterfind(".//d:fileobject", space):
        runs = file.findall("d:byte_runs[@facet='data']/d:byte_run[@img_offset]", space)
        kind, inode = (
            file.findtext(f"d:{n}", "", space) for n in ("name_type", "inode")
        )
        if kind != "r" or not runs or inode not in entries:
            continue
        size = int(file.findtext("d:filesize", "", space))
        assert entries[inode]["source"] == {
            "offset": int(runs[0].attrib["img_offset"]),
            "length": min(int(runs[0].attrib["len"]), size),
        }
        compared += 1
    assert compared >= 3


CHILD = """
import json, os, sys
from evidence.parsing.base import Job, Summary
from evidence.parsing.disk import DiskFiles, DiskListing

for folder, _, names in sorted(os.walk(sys.argv[1])):
    for name in sorted(names):
        path = os.path.join(folder, name)
        for parser in (DiskListing(), DiskFiles()):
            *_, last = parser.parse(Job(path, options={"deleted": True}))
            assert isinstance(last, Summary), path
            print(json.dumps([path, parser.name, last.outcome.value]), flush=True)
"""


@pytest.mark.parametrize("folder", ["malicious", "images", "chats", "packages"])
def test_no_other_file_is_taken_for_a_disk(shared_data: Path, folder: str) -> None:
    """Archives, pictures, databases: no crash, no invented file system."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(shared_data / folder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONFAULTHANDLER": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) >= 2
    assert [f for f in found if f[2] != "not-recognised"] == []


def test_a_fuzzed_iso_of_two_hundred_nested_directories(
    shared_data: Path, tmp_path: Path
) -> None:
    (packed,) = (shared_data / "malicious").rglob("test_fuzz_1.iso.Z")
    done = subprocess.run(["gzip", "-dc", packed], capture_output=True, check=True)
    image = tmp_path / "fuzz.iso"
    image.write_bytes(done.stdout)
    parsed = run(DiskListing(), image, deleted=True)
    deepest = max(str(e["path"]).count("/") for e in parsed.kind("entry"))
    assert deepest > 128  # where the library's own recursion gives up
    assert parsed.summary.outcome is ParseOutcome.PARSED
