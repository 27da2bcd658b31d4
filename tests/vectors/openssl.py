"""What the ``openssl`` command says, for comparison; tests only."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("the openssl command is not installed")
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, check=False
    )


def is_signed(folder: Path, spki: bytes, message: bytes, signature: bytes) -> bool:
    """Verify an Ed25519 signature; fails the test when openssl cannot try."""
    (folder / "key.der").write_bytes(spki)
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    form = ["-pubin", "-keyform", "DER", "-inkey", "key.der"]
    files = ["-in", "message", "-sigfile", "signature"]
    done = _run(folder, "pkeyutl", "-verify", "-rawin", *form, *files)
    said = done.stdout + done.stderr
    assert b"Signature Verif" in said, said
    return done.returncode == 0


def key_id(folder: Path, pem: bytes) -> str:
    """What ``openssl pkey -pubin -outform DER | sha256sum`` shows for a PEM key."""
    (folder / "key.pem").write_bytes(pem)
    done = _run(folder, "pkey", "-pubin", "-in", "key.pem", "-outform", "DER")
    assert done.returncode == 0, done.stderr
    return hashlib.sha256(done.stdout).hexdigest()
