from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.key_errors import KeyUnusableError, WrongPassphraseError
from evidence.keyfile import is_encrypted, load_signer, new_signer

openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")


@openssl
def test_openssl_opens_the_encrypted_key(tmp_path: Path) -> None:
    signer = new_signer()
    path = tmp_path / "key.pem"
    path.write_bytes(signer.to_pem("correct horse"))
    shown = subprocess.run(
        ["openssl", "pkey", "-in", path, "-passin", "pass:correct horse"]
        + ["-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    )
    assert shown.stdout == signer.public.spki
    structure = subprocess.run(
        ["openssl", "asn1parse", "-in", path], capture_output=True, check=True
    ).stdout
    assert b"PBKDF2" in structure
    assert b"hmacWithSHA256" in structure
    assert b"aes-256-cbc" in structure
    assert f":{1_000_000:06X}".encode() in structure  # the number of rounds


@openssl
def test_openssl_refuses_a_wrong_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(new_signer().to_pem("right"))
    ended = subprocess.run(
        ["openssl", "pkey", "-in", path, "-passin", "pass:wrong", "-noout"],
        capture_output=True,
        check=False,
    )
    assert ended.returncode != 0


@openssl
def test_keys_made_by_openssl_load(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-aes-256-cbc"]
        + ["-pass", "pass:x", "-out", path],
        check=True,
        capture_output=True,
    )
    signer = load_signer(path.read_bytes(), "x", name="A")
    signature = signer.sign(b"message")
    assert signer.public.is_signed(b"message", signature)


def test_the_passphrase_is_not_in_the_file_and_two_files_differ() -> None:
    signer = new_signer()
    first, second = signer.to_pem("hunter2hunter2"), signer.to_pem("hunter2hunter2")
    assert first != second
    assert b"hunter2" not in first
    assert is_encrypted(first)


@pytest.mark.parametrize("passphrase", [None, "", "wrong"])
def test_wrong_or_missing_passphrase(passphrase: str | None) -> None:
    pem = new_signer().to_pem("right")
    with pytest.raises(WrongPassphraseError):
        load_signer(pem, passphrase, name="A")


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"garbage",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ],
)
def test_damaged_key(pem: bytes) -> None:
    with pytest.raises(KeyUnusableError):
        load_signer(pem, None, name="A")


def test_a_huge_key_file_is_refused() -> None:
    with pytest.raises(KeyUnusableError):
        load_signer(b"-" * 20_000, None, name="A")


@openssl
def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ec.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt"]
        + ["ec_paramgen_curve:P-256", "-out", path],
        check=True,
        capture_output=True,
    )
    with pytest.raises(KeyUnusableError):
        load_signer(path.read_bytes(), None, name="A")
