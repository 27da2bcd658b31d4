"""ASiC-E containers with the real command; unzip and openssl judge what is made."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.asice import container_verdict
from manifests.errors import CustodyError
from manifests.verifying.judge import Anchors
from tests.authority import new_authority
from tests.desk import Desk
from tests.handing import TO_POLICE, fill_ngo, make_route

EXPORT = ("-C", "case", "transfer", "export", "TR-0001", "--asic-e")
MANIFEST, SIGNATURE = "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    ngo = make_route(tmp_path_factory.mktemp("start")).ngo
    fill_ngo(ngo, chats=1)
    ngo.run("-C", "case", "transfer", "offer", "EX-0001", *TO_POLICE, "-o", "pack")
    ca = new_authority(ngo.folder / "ca")
    key = ngo.folder / "seal.key"
    words = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key]
    subprocess.run(["openssl", "genpkey", *words], check=True, capture_output=True)
    key.chmod(0o600)
    seal = ca.issue("seal", key, kind="seal")
    shutil.copy(ca.root, ngo.folder / "root.pem")
    add = ("--add", seal, "--key", f"file:{key}")
    ngo.run("identity", "certificate", *add, CUSTODY_PASSPHRASE="")
    (ngo.folder / "report.pdf").write_bytes(b"%PDF-1.7 a report")
    files = ("--attach", "report.pdf", "-o", "x.asice")
    manifest = ("--attach", "pack/custody/transmission-manifest.json")
    ngo.run(*EXPORT, *manifest, *files)
    return ngo


def test_openssl_and_our_verifier_agree_on_a_container(start: Desk) -> None:
    desk = start
    path = desk.folder / "x.asice"
    data = path.read_bytes()
    assert data[30:38] == b"mimetype"
    assert data[38:69] == b"application/vnd.etsi.asic-e+zip"  # stored, at its place
    with zipfile.ZipFile(path) as archive:
        archive.extractall(desk.folder / "out")
    words = ["cms", "-verify", "-binary", "-inform", "DER", "-in", SIGNATURE]
    words += ["-content", MANIFEST, "-CAfile", "../root.pem", "-purpose", "any"]
    subprocess.run(
        ["openssl", *words, "-out", "/dev/null"],
        cwd=desk.folder / "out",
        check=True,
        capture_output=True,
    )
    told = desk.ask("verify", "x.asice", "--ca-root", "root.pem")
    codes = {f["code"] for f in told["findings"]}
    assert "P7S_TRUSTED" in codes
    assert told["axes"]["intact"]["status"] == "pass"


def bent(
    desk: Desk, folder: Path, change: Callable[[dict[str, bytes]], None]
) -> tuple[int, set[str]]:
    """Return exit code and codes of the verdict on a container that was changed."""
    with zipfile.ZipFile(desk.folder / "x.asice") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(folder / "x.asice", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    try:
        verdict = container_verdict(folder / "x.asice", Anchors())
    except CustodyError as error:
        return error.exit_code, {type(error).code}
    return verdict.exit_code(), {f.code.value for f in verdict.findings}


@pytest.mark.parametrize(
    ("name", "new", "code", "word"),
    [
        ("report.pdf", b"%PDF-1.7 another", 10, "PACKAGE_MODIFIED"),
        ("report.pdf", None, 11, "PACKAGE_MISSING"),
        ("more.pdf", b"x", 11, "PACKAGE_NEW"),
        (SIGNATURE, b"0", 20, "P7S_MALFORMED"),
        ("transfer.json", b"{}", 16, "CONTAINER_MALFORMED"),
        ("../x", b"x", 16, "CONTAINER_MALFORMED"),
        (MANIFEST, b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', 16, "CONTAINER_MALFORMED"),
    ],
)
def test_a_container_that_was_changed_never_verifies(
    start: Desk, tmp_path: Path, name: str, new: bytes | None, code: int, word: str
) -> None:
    def change(members: dict[str, bytes]) -> None:
        members.pop(name, None)
        if new is not None:
            members[name] = new

    found, codes = bent(start, tmp_path, change)
    assert found == code
    assert word in codes
    assert not (tmp_path.parent / "x").exists()


def test_a_new_digest_in_the_manifest_breaks_its_signature(
    start: Desk, tmp_path: Path
) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = members[MANIFEST].replace(
            b"DigestValue>", b"DigestValue> ", 1
        )

    found, codes = bent(start, tmp_path, change)
    assert (found, "P7S_OTHER_BYTES" in codes) == (20, True)


def test_a_container_above_25_mb_is_not_made(start: Desk) -> None:
    desk = start
    with (desk.folder / "big.bin").open("wb") as stream:
        stream.truncate(25_000_001)
    words = ("--attach", "big.bin", "-o", "big.asice")
    assert "25 MB" in desk.run(*EXPORT, *words, code=34).stderr
    assert not (desk.folder / "big.asice").exists()
