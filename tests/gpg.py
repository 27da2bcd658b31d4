"""The gpg program in a home of its own: another engine that makes signatures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BORN = "20250101T000000"


class Gpg:
    """Keys without passphrases; times as a test says."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str, data: bytes = b"", at: str = "") -> bytes:
        """Run gpg and return what it writes."""
        base = ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--no-tty"]
        base += ["--pinentry-mode", "loopback", "--passphrase", ""]
        base += ["--faked-system-time", f"{at}!"] if at else []
        full = [*base, *words]
        done = subprocess.run(full, check=False, input=data, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def key(self, name: str, kind: str = "ed25519", *, expires: str = "0") -> bytes:
        """Make a key and return its public part, armoured."""
        words = ("--quick-generate-key", name, kind, "sign", expires)
        self.run(*words, at=BORN)
        return self.public(name)

    def public(self, name: str) -> bytes:
        return self.run("--armor", "--export", name)

    def fingerprint(self, name: str) -> str:
        told = self.run("--with-colons", "--list-keys", name).decode()
        return re.findall(r"^fpr:+([0-9A-F]{40}):$", told, re.MULTILINE)[0]

    def sign(self, data: bytes, name: str, *words: str, at: str = "") -> bytes:
        """Return an armoured detached signature."""
        base = ("--armor", "--detach-sign", "-u", name, "-o", "-")
        return self.run(*words, *base, data=data, at=at)

    def supersede(self, name: str, *, at: str) -> bytes:
        """Revoke a key as superseded (RFC 4880, 5.2.3.23), at a time of its own."""
        words = ["gpg", "--homedir", str(self.home), "--no-tty", "--command-fd", "0"]
        words += ["--faked-system-time", f"{at}!", "--gen-revoke", name]
        done = subprocess.run(
            words, check=False, input=b"y\n2\n\ny\n", capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        self.run("--import", data=done.stdout)
        return self.public(name)

    def revoke(self, name: str) -> bytes:
        """Revoke a key and return its public part with the revocation."""
        made = self.home / "openpgp-revocs.d" / f"{self.fingerprint(name)}.rev"
        self.run("--import", data=made.read_bytes().replace(b":-----", b"-----"))
        return self.public(name)


@contextmanager
def gpg_home() -> Iterator[Gpg]:
    """A home of its own; sockets need a short path, so it is below /tmp."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    with tempfile.TemporaryDirectory(prefix="g") as folder:
        os.chmod(folder, 0o700)
        yield Gpg(Path(folder))
        words = ["gpgconf", "--homedir", folder, "--kill", "all"]
        subprocess.run(words, check=False, capture_output=True)
