"""Key files by URI; the keys are openssl's, and openssl checks what they sign."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evidence.key_errors import KeyUnusableError, WrongPassphraseError
from evidence.keyfile import FileSigner
from evidence.signers.opening import MAX_KEY_FILE, open_key, open_signer
from evidence.signers.uri import FileUri
from tests.softhsm import new_key, openssl


def never(_: str) -> str:
    raise AssertionError("nothing is encrypted here")


def test_an_ed25519_file_signs_entries(tmp_path: Path) -> None:
    path = new_key(tmp_path, "k", "ed25519")
    signer = open_signer(FileUri(path), never, name="Rossi")
    assert isinstance(signer, FileSigner)
    der = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")
    assert signer.public.spki == der


@pytest.mark.parametrize("kind", ["p256", "rsa3072"])
def test_files_of_other_kinds_sign_for_certificates(tmp_path: Path, kind: str) -> None:
    path = new_key(tmp_path, "k", kind)
    key = open_key(FileUri(path), never, name="Rossi")
    (tmp_path / "m").write_bytes(b"message")
    (tmp_path / "s").write_bytes(key.sign(b"message"))
    words = ("-verify", tmp_path / "k.pub", "-signature", tmp_path / "s")
    assert b"OK" in openssl("dgst", "-sha256", *words, tmp_path / "m")
    with pytest.raises(KeyUnusableError):
        open_signer(FileUri(path), never, name="Rossi")


@pytest.mark.parametrize("kind", ["p384", "rsa2048"])
def test_weak_and_foreign_keys_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(KeyUnusableError):
        open_key(FileUri(new_key(tmp_path, "k", kind)), never, name="Rossi")


def test_an_encrypted_file_asks(tmp_path: Path) -> None:
    plain = new_key(tmp_path, "k", "p256")
    path = tmp_path / "locked.pem"
    words = ("-topk8", "-v2", "aes-256-cbc", "-passout", "pass:right words")
    openssl("pkcs8", "-in", plain, *words, "-out", path)
    path.chmod(0o600)
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return "right words"

    key = open_key(FileUri(path), ask, name="Rossi")
    assert asked == ["Rossi"]
    assert key.spki == openssl("pkey", "-in", plain, "-pubout", "-outform", "DER")
    for wrong in ("wrong words", ""):
        with pytest.raises(WrongPassphraseError):
            open_key(FileUri(path), lambda _, words=wrong: words, name="Rossi")  # type: ignore[misc]


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_files_that_are_no_key_files_are_refused(tmp_path: Path) -> None:
    shared = new_key(tmp_path, "shared", "ed25519")
    shared.chmod(0o640)
    large = tmp_path / "large"
    large.write_bytes(b"-" * (MAX_KEY_FILE + 1))
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # must not block
    for path in (large, empty, pipe):
        path.chmod(0o600)
    for path in (shared, large, empty, pipe, tmp_path, tmp_path / "nothing"):
        for opening in (open_key, open_signer):
            with pytest.raises(KeyUnusableError):
                opening(FileUri(path), never, name="Rossi")
