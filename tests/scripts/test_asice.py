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
from tests.stamping import new_authority as new_stamper
from tests.stamping import pem
from tests.tsa_server import honest, serving

EXPORT = ("-C", "case", "transfer", "export", "TR-0001", "--asic-e")
MANIFEST, SIGNATURE = "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"


ARCHIVE, STAMP = "META-INF/ASiCArchiveManifest.xml", "META-INF/timestamp.tst"


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
    desk: Desk,
    folder: Path,
    change: Callable[[dict[str, bytes]], None],
    name: str = "x.asice",
) -> tuple[int, set[str]]:
    """Return exit code and codes of the verdict on a container that was changed."""
    with zipfile.ZipFile(desk.folder / name) as archive:
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


@pytest.fixture(scope="module")
def stamped(start: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The same desk with a container an authority has stamped: ``s.asice``."""
    authority = new_stamper()
    with serving(honest(authority, tmp_path_factory.mktemp("tsa"))) as server:
        words = ("--tsa", f"test={server.url}", "--attach", "report.pdf")
        start.run(*EXPORT, *words, "-o", "s.asice")
    (start.folder / "tsa.pem").write_bytes(pem(authority.root))
    return start


def test_openssl_verifies_the_time_stamp_of_a_container(
    stamped: Desk, tmp_path: Path
) -> None:
    desk = stamped
    with zipfile.ZipFile(desk.folder / "s.asice") as archive:
        archive.extractall(tmp_path)
    words = ["ts", "-verify", "-token_in", "-in", STAMP, "-data", ARCHIVE]
    words += ["-CAfile", str(desk.folder / "tsa.pem")]
    subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / ARCHIVE).write_bytes((tmp_path / ARCHIVE).read_bytes() + b" ")
    done = subprocess.run(
        ["openssl", *words], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode != 0
    told = desk.ask("verify", "s.asice", "--tsa-root", "tsa.pem")
    assert told["axes"]["timestamped"]["status"] == "pass"
    told = desk.ask("verify", "s.asice")  # without the root: told, not believed
    assert told["axes"]["timestamped"]["status"] == "not checked"
    assert "TIMESTAMP_UNTRUSTED" in {f["code"] for f in told["findings"]}


@pytest.mark.parametrize(
    ("name", "new", "code", "word"),
    [
        (STAMP, b"0", 22, "TIMESTAMP_MALFORMED"),
        (STAMP, None, 16, "CONTAINER_MALFORMED"),
        (ARCHIVE, None, 16, "CONTAINER_MALFORMED"),
        ("report.pdf", b"another", 10, "PACKAGE_MODIFIED"),
        ("more", b"x", 11, "PACKAGE_NEW"),
    ],
)
def test_a_stamped_container_that_was_changed_never_verifies(
    stamped: Desk, tmp_path: Path, name: str, new: bytes | None, code: int, word: str
) -> None:
    def change(members: dict[str, bytes]) -> None:
        members.pop(name, None)
        if new is not None:
            members[name] = new

    found, codes = bent(stamped, tmp_path, change, "s.asice")
    assert (found, word in codes) == (code, True)


def test_a_stamp_moved_to_another_container_fails(
    stamped: Desk, tmp_path: Path
) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[ARCHIVE] = members[ARCHIVE].replace(b"DigestValue>", b"DigestValue> ")

    found, codes = bent(stamped, tmp_path, change, "s.asice")
    assert (found, "TIMESTAMP_OTHER_BYTES" in codes) == (22, True)


def test_an_authority_that_is_silent_leaves_no_container(start: Desk) -> None:
    words = ("--tsa", "test=http://127.0.0.1:9", "-o", "never.asice")
    assert start.run(*EXPORT, *words, code=None).returncode not in (0, 1)
    assert not (start.folder / "never.asice").exists()
