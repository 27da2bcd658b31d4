"""The BagIt conformance suite, read as what a peer sent and as a package of ours.

As a peer's proof every bag is judged as the suite says: its folders ``valid`` and
``warning`` match, the others do not. As a package none of them is taken: they are of
older versions, or lack the second list (transfer-v1 section 2).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evidence.transfer.bag import ALGORITHMS, DECLARATION, look, manifest_name
from evidence.transfer_errors import PackageMalformedError
from tests.conformance.test_peers import SUITE, bags, whole
from tests.unit.evidence.peers.judged import judged, packed

pytestmark = pytest.mark.conformance

# What `custody acquire --peer-proof` says of each bag of the suite: by folder.
_TABLE = {
    ("v0.94/valid", "matched"): ("duplicate-metadata-entries",),
    ("v0.95/valid", "matched"): (
        "basic-bag",
        "duplicate-metadata-entries",
    ),
    ("v0.96/valid", "matched"): (
        "basic-bag",
        "duplicate-metadata-entries",
    ),
    ("v0.97/invalid", "mismatched"): (
        "baginfo-missing-encoding",
        "corrupt-data-file",
        "out-of-scope-file-paths-using-dot-notation-for-fetch",
    ),
    ("v0.97/invalid", "incomplete"): ("missing-baginfo",),
    ("v0.97/linux-only", "mismatched"): (
        "out-of-scope-file-paths-using-absolute-path",
        "out-of-scope-file-paths-using-shortcut",
        "out-of-scope-file-paths-using-shortcut-username",
        "out-of-scope-file-paths-using-shortcut-username-for-fetch",
    ),
    ("v0.97/valid", "matched"): (
        "UTF-16-encoded-tag-files",
        "bag-with-encoded-names",
        "bag-with-leading-dot-slash-in-manifest",
        "bag-with-space",
        "basic-bag",
        "duplicate-metadata-entries",
        "holey-bag",
        "uncommon-metadata-separators",
    ),
    ("v0.97/warning", "matched"): (
        "made-with-md5sum-tools",
        "relative-path",
        "same-filename-listed-twice-with-different-normalization",
        "special-system-files",
    ),
    ("v0.97/windows-only", "mismatched"): (
        "out-of-scope-file-paths-using-absolute-path",
        "out-of-scope-file-paths-using-absolute-path-for-fetch",
        "out-of-scope-file-paths-using-shortcut",
        "out-of-scope-file-paths-using-unc-for-fetch",
    ),
    ("v1.0/invalid", "mismatched"): (
        "bagit-with-invalid-whitespace",
        "same-filename-listed-twice-with-different-hashes",
        "same-filename-listed-twice-with-the-same-hash",
    ),
    ("v1.0/valid", "matched"): ("basicBag",),
}
EXPECTED = {
    f"{folder}/{name}": result
    for (folder, result), names in _TABLE.items()
    for name in names
}


def test_the_table_has_every_bag_and_agrees_with_the_suite(shared_data: Path) -> None:
    found = {b.relative_to(shared_data / SUITE).as_posix() for b in bags(shared_data)}
    assert found == set(EXPECTED)
    for name, result in EXPECTED.items():
        good = name.split("/")[1] in ("valid", "warning")
        assert (result == "matched") is good, name


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bag_of_the_suite_as_a_peer_s_proof(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    made = whole(shared_data / SUITE / name, tmp_path)
    (told,), _, _ = judged(packed(made, tmp_path / "bag.tar"), tree=True)
    assert told["result"] == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bag_of_the_suite_is_no_package(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(PackageMalformedError):
        look(whole(shared_data / SUITE / name, tmp_path))


@pytest.mark.parametrize("name", [n for n in EXPECTED if "/out-of-scope" in n])
def test_its_hostile_paths_are_refused_in_a_package_that_is_else_right(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    """The same lists in the form of ours: version, both algorithms, tag lists."""
    made = whole(shared_data / SUITE / name, tmp_path)
    made.chmod(0o700)
    texts = [path.read_text() for path in made.glob("manifest-*.txt")]
    fetched = [path.read_text() for path in made.glob("fetch.txt")]
    paths = {line.split(None, 1)[1] for text in texts for line in text.splitlines()}
    lines = [line for text in fetched for line in text.splitlines()]
    paths |= {line.split(None, 2)[2] for line in lines}
    for path in [*made.glob("*manifest-*.txt"), *made.glob("fetch.txt")]:
        path.unlink()
    (made / "bagit.txt").chmod(0o600)
    (made / "bagit.txt").write_bytes(DECLARATION)
    for tag in (False, True):
        for algorithm in ALGORITHMS:
            digest = hashlib.new(algorithm, b"").hexdigest()
            listed = ["bagit.txt"] if tag else sorted(paths)
            text = "".join(f"{digest}  {path}\n" for path in listed)
            (made / manifest_name(algorithm, tag=tag)).write_text(text)
    with pytest.raises(PackageMalformedError) as caught:
        look(made)
    reason = str(caught.value.facts["reason"])
    assert reason.startswith(("a path in it", "its manifest-sha256.txt names"))
