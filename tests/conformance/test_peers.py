"""Proofs nobody here wrote: bags of the BagIt conformance suite, real E01 images."""

from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path

import pytest

from evidence.peers.ewf import media, read_image
from tests.unit.evidence.peers.judged import judged, packed

pytestmark = pytest.mark.conformance

SUITE = "packages/LibraryOfCongress+bagit-conformance-suite"
IMAGES = (
    "disk/log2timeline+dfvfs/test_data/ext2.E01",
    "disk/log2timeline+plaso/test_data/image.E01",
    "disk/sleuthkit+sleuthkit/test/data/image.E01",
)


def bags(shared: Path) -> list[Path]:
    found = sorted(path.parent for path in (shared / SUITE).glob("*/*/*/bagit.txt"))
    assert len(found) >= 30
    return found


def copied(bag: Path, folder: Path) -> Path:
    """Git leaves no empty folder and the suite is read only."""
    return Path(shutil.copytree(bag, folder / bag.name))


def whole(bag: Path, folder: Path) -> Path:
    """The copy beside us was made without one empty hidden file."""
    made = copied(bag, folder)
    if bag.name == "special-system-files":
        (made / "data").chmod(0o700)
        (made / "data/.DS_Store").touch()
    return made


def test_every_byte_of_a_real_bag_counts(shared_data: Path, tmp_path: Path) -> None:
    bag = copied(shared_data / SUITE / "v1.0/valid/basicBag", tmp_path)
    path = bag / "data/hello.txt"
    path.chmod(0o600)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        (told,), _, _ = judged(packed(bag, tmp_path / "t.tar"), tree=True)
        assert told["result"] == "mismatched"


@pytest.mark.parametrize("local", IMAGES)
def test_hashes_stored_in_real_images_are_those_of_their_media(
    shared_data: Path, tmp_path: Path, local: str
) -> None:
    (told,), _, _ = judged(shared_data / local)
    assert (told["form"], told["result"]) == ("ewf", "matched")
    with (shared_data / "TRUTH/media.tsv").open(newline="") as stream:
        rows = {row["local"]: row for row in csv.DictReader(stream, delimiter="\t")}
    raw = tmp_path / "media.raw"
    raw.write_bytes(media_of(shared_data / local))
    assert hashlib.sha256(raw.read_bytes()).hexdigest() == rows[local]["media_sha256"]
    # The image beside a raw copy of its media is a proof, too.
    assert judged(raw, shared_data / local)[0][0]["result"] == "matched"
    raw.write_bytes(raw.read_bytes()[:-1] + b"!")
    assert judged(raw, shared_data / local)[0][0]["result"] == "mismatched"


def media_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        image = read_image([stream])
        return b"".join(media([stream], image))


def test_a_bent_image_is_never_said_to_match(shared_data: Path, tmp_path: Path) -> None:
    data = (shared_data / IMAGES[0]).read_bytes()
    bent = tmp_path / "bent.E01"
    for at in range(0, len(data), 97):
        bent.write_bytes(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :])
        told = judged(bent)[0]
        if told and told[0]["result"] == "matched":
            # What is not media, and no digest, may change: padding, header texts.
            assert media_of(bent) == media_of(shared_data / IMAGES[0])
    for length in range(20, len(data), 391):
        bent.write_bytes(data[:length])
        assert judged(bent)[0][0]["result"] == "unreadable"


def test_real_lists_are_read(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "packages/jessek+hashdeep/sample-hashes"
    (tmp_path / "md5deep.txt").write_bytes((folder / "md5deep.txt").read_bytes())
    payload = tmp_path / "md5deep.txt"
    (told,), _, _ = judged(payload, folder / "hashdeep.txt")
    assert told["form"] == "hashdeep"
    assert told["result"] == "matched"
    (told,), _, _ = judged(payload, folder / "md5deep-size.txt")
    assert (told["form"], told["result"]) == ("sums", "elsewhere")
