"""BagIt: what we write is read by bagit-python; what harms is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import bagit  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.transfer.bag import (
    DECLARATION,
    check_paths,
    decoded,
    encoded,
    hash_payload,
    is_bag,
    look,
    manifest_name,
    write_bag,
)
from evidence.transfer_errors import PackageMalformedError, PackageUnpackableError

FILES = {"one": b"1", "two": b"22", "in/three": b"333", "four": b"4", "five\u00e9": b""}


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    folder = tmp_path / "bag"
    for name, data in FILES.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "custody").mkdir()
    (folder / "custody/tag.txt").write_bytes(b"tag")
    identity = write_bag(folder, hash_payload(folder), [("Source-Organization", "X")])
    digest = hashlib.sha256((folder / "tagmanifest-sha256.txt").read_bytes())
    assert identity == digest.hexdigest()
    return folder


def words(folder: Path) -> list[tuple[str, str]]:
    return [(d.word, d.path) for d in look(folder).differences]


def test_bagit_python_validates_what_we_write(bag: Path) -> None:
    bagit.Bag(str(bag)).validate()
    looked = look(bag)
    assert looked.differences == ()
    assert looked.counts["matched"] == len(FILES) + 5  # the tag files
    assert len(looked.listed) == looked.counts["matched"]


def test_we_read_what_bagit_python_writes(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "a%b").write_bytes(b"x")
    bagit.make_bag(str(folder), checksums=["sha256", "sha512"])
    (folder / "bagit.txt").write_bytes(DECLARATION)  # it writes version 0.97
    assert words(folder) == [("modified", "bagit.txt")]


def test_the_source_is_never_touched(tmp_path: Path) -> None:
    folder = tmp_path / "bag"
    (folder / "data").mkdir(parents=True)
    source = folder / "data/one"
    source.write_bytes(b"1")
    os.utime(source, (1, 1))
    write_bag(folder, hash_payload(folder), [])
    assert (source.stat().st_mtime, source.read_bytes()) == (1, b"1")


def test_each_kind_of_difference_has_its_word(bag: Path) -> None:
    data = bag / "data"
    (data / "one").write_bytes(b"X")
    (data / "two").rename(data / "other")
    (data / "in/three").unlink()
    (data / "extra").write_bytes(b"new")
    assert sorted(words(bag)) == [
        ("missing", "data/in/three"),
        ("modified", "data/one"),
        ("moved", "data/other"),
        ("new", "data/extra"),
    ]
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(bag)).validate()


def test_two_files_exchanged_are_moved(bag: Path) -> None:
    data = bag / "data"
    (data / "one").write_bytes(FILES["two"])
    (data / "two").write_bytes(FILES["one"])
    assert words(bag) == [("moved", "data/one"), ("moved", "data/two")]


@pytest.mark.parametrize("make", ["link", "folder-link", "pipe"])
def test_nothing_but_files_is_read(bag: Path, tmp_path: Path, make: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_bytes(FILES["one"])
    path = bag / "data/one"
    path.unlink()
    if make == "link":
        path.symlink_to(secret / "key")
    elif make == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(secret)
    assert words(bag) == [("unreadable", "data/one")]


@pytest.mark.parametrize("at", range(7))
def test_a_tag_file_changed_shows(bag: Path, at: int) -> None:
    names = sorted(p.name for p in bag.iterdir() if p.is_file())
    names.append("custody/tag.txt")
    path = bag / names[at]
    path.write_bytes(path.read_bytes().replace(b"a", b"e", 1))
    try:
        assert words(bag)
    except PackageMalformedError:
        return


def relist(bag: Path, change: str) -> None:
    """Put another path for ``data/one`` into both payload lists."""
    for algorithm in ("sha256", "sha512"):
        path = bag / manifest_name(algorithm)
        path.write_text(path.read_text().replace("  data/one\n", f"  {change}\n"))


@pytest.mark.parametrize(
    "name",
    [
        "data/../../etc/passwd",
        "/data/one",
        "../data/one",
        "data//one",
        "data/./one",
        "data/TWO",
        "data/five\u0065\u0301",
        "data/two/below",
        "data\\one",
        "~/one",
        "C:/data/one",
        "custody/tag.txt",
        "data/two",
        "data/%0aone",
    ],
)
def test_a_hostile_list_is_refused_whole(bag: Path, name: str) -> None:
    relist(bag, name)
    try:
        found = words(bag)
    except PackageMalformedError:
        return
    # A path below what is a file is possible to write, and never matches.
    assert name == "data/two/below"
    assert ("moved", "data/one") in found


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bagit.txt", b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"),
        ("fetch.txt", b"https://example.org/x 1 data/one\n"),
        ("manifest-sha256.txt", b"zz  data/one\n"),
        ("manifest-sha256.txt", b"\xff\xfe"),
        ("manifest-sha512.txt", b""),
        ("manifest-sha256.txt", b"0" * 64 + b"  data/one"),
    ],
)
def test_what_is_no_package_is_refused(bag: Path, name: str, data: bytes) -> None:
    (bag / name).write_bytes(data)
    with pytest.raises(PackageMalformedError):
        look(bag)


def test_a_copy_that_stopped_anywhere_is_never_whole(bag: Path, tmp_path: Path) -> None:
    files = sorted(p.relative_to(bag) for p in bag.rglob("*") if p.is_file())
    for order in (files, files[::-1]):
        for count in range(len(files)):
            half = tmp_path / "half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            for path in order[:count]:
                (half / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(bag / path, half / path)
            if not is_bag(half):
                continue
            try:
                whole = not look(half).differences
            except PackageMalformedError:
                continue
            # Only the second list of the lists may be missing without being missed.
            assert not whole, order[:count]


def test_what_cannot_be_named_is_not_packed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "line\nbreak").write_bytes(b"")
    with pytest.raises(PackageUnpackableError):
        hash_payload(tmp_path)
    (data / "line\nbreak").rename(data / "100%")
    with pytest.raises(PackageUnpackableError):
        hash_payload(tmp_path)
    (data / "100%").unlink()
    (data / "link").symlink_to("/etc/passwd")
    with pytest.raises(PackageUnpackableError):
        hash_payload(tmp_path)


@given(st.text())
def test_percent_encoding_comes_back(text: str) -> None:
    line = encoded(text)
    assert "\n" not in line and "\r" not in line
    assert decoded(line) == text


@given(st.lists(st.text(alphabet="aA\u00e9./\\~%\n:", max_size=6), max_size=4))
def test_paths_that_pass_stay_below_and_apart(paths: list[str]) -> None:
    try:
        check_paths(paths)
    except PackageMalformedError:
        return
    for path in paths:
        assert os.path.normpath(path) == path
        assert not path.startswith(("/", "..")) and "\\" not in path
    assert len({path.casefold() for path in paths}) == len(set(paths))


@pytest.mark.parametrize("there", [b"", b"abc", b"abX", b"abcdefgh", b"\0\0\0\0\0\0"])
def test_a_copy_that_goes_on_ends_as_the_source(tmp_path: Path, there: bytes) -> None:
    from evidence.transfer import packing

    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"abcdef")
    target.write_bytes(there)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "_BLOCK", 2)
        packing._copy_file(source, target)
    assert target.read_bytes() == b"abcdef"
    target.unlink()
    target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        packing._copy_file(source, target)
