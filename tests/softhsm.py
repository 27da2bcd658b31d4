"""A SoftHSM2 token in a temporary folder, filled with keys that openssl made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "2468 correct"  # with a space: nothing may split it
MAKE = {
    "ed25519": ("-algorithm", "ed25519"),
    "p256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa3072": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"),
    "rsa2048": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
}


def openssl(*words: str | Path, data: bytes = b"") -> bytes:
    """Run openssl; its output, or a failed test."""
    done = subprocess.run(
        ["openssl", *map(str, words)], input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def new_key(folder: Path, name: str, kind: str) -> Path:
    """Make a PKCS#8 PEM with openssl, mode 0600, and its public half beside it.

    RSA keys take seconds: those of one name and kind are made once a process.
    """
    path = folder / f"{name}.pem"
    path.write_bytes(_rsa_key(name, kind) if kind.startswith("rsa") else _key(kind))
    path.chmod(0o600)
    openssl("pkey", "-in", path, "-pubout", "-out", folder / f"{name}.pub")
    return path


def _key(kind: str) -> bytes:
    return openssl("genpkey", *MAKE[kind])


@cache
def _rsa_key(name: str, kind: str) -> bytes:
    del name
    return _key(kind)


@dataclass(frozen=True)
class SoftToken:
    """A folder of SoftHSM2 tokens; `config` is its SOFTHSM2_CONF."""

    folder: Path
    module: Path

    @property
    def config(self) -> Path:
        return self.folder / "softhsm2.conf"

    def util(self, *words: str | Path) -> None:
        done = subprocess.run(
            ["softhsm2-util", *map(str, words)],
            env={**os.environ, "SOFTHSM2_CONF": str(self.config)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode()

    def add_token(self, label: str) -> None:
        words = ("--init-token", "--free", "--label", label)
        self.util(*words, "--pin", PIN, "--so-pin", "12345678")

    def put(self, token: str, label: str, key_id: str, pem: Path) -> None:
        """Import a key pair; `key_id` in hex."""
        words = ("--import", pem, "--token", token, "--label", label)
        self.util(*words, "--id", key_id, "--pin", PIN, "--force")

    def uri(self, path: str, query: str = "") -> str:
        """A key URI with the module's path."""
        return f"pkcs11:{path}?module-path={quote(str(self.module))}{query}"


def find_module() -> Path:
    """The SoftHSM2 library; skips the test where SoftHSM2 is not installed."""
    found = next((Path(p) for p in PLACES if Path(p).is_file()), None)
    if found is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM2 is not installed (Debian package softhsm2)")
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    return found


def new_soft_token(folder: Path) -> SoftToken:
    """An empty SoftHSM2 in `folder`."""
    made = SoftToken(folder, find_module())
    (folder / "tokens").mkdir(parents=True)
    made.config.write_text(
        f"directories.tokendir = {folder / 'tokens'}\n"
        "objectstore.backend = file\nlog.level = ERROR\n"
    )
    return made


def copied(made: SoftToken, folder: Path) -> SoftToken:
    """The same tokens in another folder, for one test to use as it likes."""
    shutil.copytree(made.folder, folder)
    config = made.config.read_text().replace(str(made.folder), str(folder))
    copy = SoftToken(folder, made.module)
    copy.config.write_text(config)
    return copy


def filled(folder: Path) -> Iterator[SoftToken]:
    """A SoftHSM2 for this process: tokens desk, and twin two times."""
    made = new_soft_token(folder)
    for label in ("desk", "twin", "twin"):
        made.add_token(label)
    for number, kind in enumerate(MAKE, 1):
        made.put("desk", kind, f"a{number}", new_key(folder, kind, kind))
    for label in ("double", "double"):
        extra = new_key(folder, f"{label}", "p256")
        made.put("desk", label, "d0", extra)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(made.config)
    yield made
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before
