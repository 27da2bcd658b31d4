"""A package as one encrypted file, with the real command, openssl, age and tar."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.desk import Desk
from tests.handing import TO_POLICE, Route, fill_ngo, make_route
from tests.stamping import issue, now

CASE = ("-C", "case", "transfer")
OFFER = (*CASE, "offer", "EX-0001", *TO_POLICE)


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Route:
    route = make_route(tmp_path_factory.mktemp("start"))
    fill_ngo(route.ngo, chats=1)
    for desk, name in ((route.police, "police"), (route.police, "other")):
        words = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        files = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2")
        usage = ("-addext", "keyUsage=critical,keyAgreement")
        openssl(desk.folder, "req", "-x509", *words, "-subj", "/CN=P", *files, *usage)
    shutil.copy(route.police.folder / "police.pem", route.ngo.folder)
    route.ngo.run(*OFFER, "-o", "pack.p7m", "--to-certificate", "police.pem")
    return route


@pytest.fixture
def route(start: Route, tmp_path: Path) -> Iterator[Route]:
    whole = shutil.copytree(start.ngo.folder.parent, tmp_path / "route")
    yield Route(*(Desk(whole / name) for name in ("Ngo", "Police", "Court")))


def rooms(desk: Desk) -> list[str]:
    return [p.name for p in desk.folder.iterdir() if p.name.startswith(".custody-")]


def test_a_cms_package_is_opened_by_openssl_and_accepted(route: Route) -> None:
    ngo, police = route.ngo, route.police
    pack = shutil.copy(ngo.folder / "pack.p7m", police.folder)
    assert not rooms(ngo)
    assert b"manifest-sha256" not in Path(pack).read_bytes()
    words = ("cms", "-decrypt", "-binary", "-inform", "DER", "-in", "pack.p7m")
    keys = ("-inkey", "police.key", "-recip", "police.pem", "-out", "pack.tar")
    openssl(police.folder, *words, *keys)
    subprocess.run(["tar", "xf", "pack.tar"], cwd=police.folder, check=True)
    sums = ["sha256sum", "-c", "--quiet", "manifest-sha256.txt"]
    subprocess.run(sums, cwd=police.folder / "package", check=True)
    key = ("--certificate-key", "police.key")
    told = police.ask(*CASE, "accept", "pack.p7m", *key, "-o", "receipt")
    assert told["result"] == "accepted"
    assert not rooms(police)
    ngo.ask(*CASE, "receipt", police.folder / "receipt")
    police.ask("verify", "case")


def test_the_log_names_the_file_and_no_person(route: Route) -> None:
    lines = (route.ngo.folder / "case/manifest/entries.jsonl").read_text().splitlines()
    facts = json.loads(lines[-1])["body"]["facts"]
    envelope = facts["envelope"]
    data = (route.ngo.folder / "pack.p7m").read_bytes()
    assert (envelope["form"], envelope["bytes"]) == ("cms", len(data))
    assert "CN=P" not in lines[-1]
    assert "BEGIN" not in lines[-1]


@pytest.mark.parametrize(
    ("bend", "code", "name"),
    [
        ("other key", 25, "ENVELOPE_OTHER_KEY"),
        ("no key", 25, "ENVELOPE_OTHER_KEY"),
        ("cut", 16, "ENVELOPE_CUT"),
        ("flip", 16, "ENVELOPE_ALTERED"),
        ("no envelope", 16, "ENVELOPE_MALFORMED"),
    ],
)
def test_a_bent_cms_package_leaves_nothing(
    route: Route, bend: str, code: int, name: str
) -> None:
    police = route.police
    data = (route.ngo.folder / "pack.p7m").read_bytes()
    if bend == "cut":
        data = data[: len(data) // 2]
    elif bend == "flip":
        at = len(data) // 2
        data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    elif bend == "no envelope":
        data = b"PK\x03\x04" + data
    (police.folder / "pack").write_bytes(data)
    key = ("--certificate-key", "other.key" if bend == "other key" else "police.key")
    key = () if bend == "no key" else key
    before = (police.folder / "case/manifest/entries.jsonl").read_bytes()
    done = police.run(*CASE, "accept", "pack", *key, "-o", "receipt", code=code)
    assert name in done.stderr
    assert (police.folder / "case/manifest/entries.jsonl").read_bytes() == before
    assert not (police.folder / "receipt").exists()
    assert not rooms(police)


@pytest.mark.parametrize(
    ("usage", "ended", "code"),
    [
        ("digitalSignature", False, "RECIPIENT_CERTIFICATE_USAGE"),
        ("keyAgreement", True, "RECIPIENT_CERTIFICATE_EXPIRED"),
    ],
)
def test_an_unfit_certificate_is_refused_before_anything_is_recorded(
    route: Route, usage: str, ended: bool, code: str
) -> None:
    folder = route.ngo.folder
    named = {"digital_signature": usage == "digitalSignature"}
    named["key_agreement"] = usage == "keyAgreement"
    others = ("content_commitment", "key_encipherment", "data_encipherment")
    others += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    certificate = issue(
        "P",
        ec.generate_private_key(ec.SECP256R1()),
        start=now() - timedelta(days=9),
        end=now() + timedelta(days=-2 if ended else 2),
        key_usage=x509.KeyUsage(**named, **dict.fromkeys(others, False)),
    )
    (folder / "c.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    before = (folder / "case/manifest/entries.jsonl").read_bytes()
    target = ("-o", "again.p7m", "--to-certificate", "c.pem")
    done = route.ngo.run(*OFFER, *target, code=24)
    assert code in done.stderr
    assert (folder / "case/manifest/entries.jsonl").read_bytes() == before
    assert not (folder / "again.p7m").exists()


def test_a_sealed_package_is_one_age_file(route: Route) -> None:
    ngo, police = route.ngo, route.police
    ngo.run(*OFFER, "-o", "pack.age", "--sealed")
    data = (ngo.folder / "pack.age").read_bytes()
    assert data.startswith(b"age-encryption.org/v1")
    assert not rooms(ngo)
    (police.folder / "pack.age").write_bytes(data)
    told = police.ask(*CASE, "accept", "pack.age", "-o", "receipt")
    assert told["result"] == "accepted"
    route.prosecutor.folder.joinpath("pack.age").write_bytes(data)
    words = (*CASE, "decline", "pack.age", "--reason", "other", "-o", "r")
    done = route.prosecutor.run(*words, code=25)
    assert "ENVELOPE_OTHER_KEY" in done.stderr
    (police.folder / "bad.age").write_bytes(data[:-40])
    done = police.run(*CASE, "accept", "bad.age", "--again", "-o", "r2", code=16)
    assert "ENVELOPE_CUT" in done.stderr or "ENVELOPE_ALTERED" in done.stderr


def test_parts_of_a_package_are_joined_and_named_when_one_is_missing(
    route: Route,
) -> None:
    ngo, police = route.ngo, route.police
    big = ngo.folder / "big.bin"
    big.write_bytes(bytes(range(256)) * 10_000)
    ngo.run("-C", "case", "acquire", "files", "big.bin")
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "--sealed", "--split", "999K")
    done = ngo.run(*words, "-o", "x", code=2)
    assert "at least 1M (1,000,000 bytes), not 999,000 bytes" in done.stderr
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "--split", "4G", "-o", "x")
    assert "--split goes with" in ngo.run(*words, code=2).stderr
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "--sealed", "--split", "1M")
    ngo.run(*words, "-o", "p.age")
    for path in ngo.folder.glob("p.age*"):
        shutil.copy(path, police.folder)
    assert (police.folder / "p.age.parts").is_file()
    part = (police.folder / "p.age.001").rename(police.folder / "kept")
    words = (*CASE, "accept", "p.age.parts", "-o", "receipt")
    assert "part 1 is missing" in police.run(*words, code=16).stderr
    part.rename(police.folder / "p.age.001")
    assert police.ask(*words)["result"] == "accepted"
    assert not rooms(police)


def test_verify_says_what_it_can_of_a_package_nobody_opens(route: Route) -> None:
    ngo, police = route.ngo, route.police
    pack = ngo.folder / "pack.p7m"
    told = ngo.ask("verify", pack, code=3)
    assert (told["opened"], told["recorded"], told["form"]) == (False, None, "cms")
    told = ngo.ask("-C", "case", "verify", pack, code=3)
    assert told["transfer"] == "TR-0001"
    assert "WHAT IS IN IT WAS NOT CHECKED" in ngo.run("verify", pack, code=3).stdout
    key = ("--certificate-key", "police.key")
    told = police.ask("verify", pack, *key)
    assert told["axes"]["intact"]["status"] == "pass"
    assert told["offer"]["number"] == "TR-0001"
    assert not [p for p in police.home.iterdir() if p.name.startswith(".custody-")]
    assert police.ask("verify", pack, "--certificate-key", "other.key", code=25)
    bent = bytearray(pack.read_bytes())
    bent[len(bent) // 2] ^= 1
    (ngo.folder / "bent.p7m").write_bytes(bent)
    error = ngo.ask("-C", "case", "verify", "bent.p7m", code=16)
    assert error["code"] == "ENVELOPE_UNRECORDED"
    error = police.ask("verify", ngo.folder / "bent.p7m", *key, code=16)
    assert error["code"] == "ENVELOPE_ALTERED"
