"""A certification authority of the test's own: CRLs and OCSP made by openssl."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.stamping import Key, issue, new_key, now, openssl, pem

RESPONDER = (ExtendedKeyUsageOID.OCSP_SIGNING,)
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Revoker:
    """A root with its key in `folder`, and what openssl needs to speak for it."""

    folder: Path
    root: x509.Certificate
    key: Key

    @property
    def by(self) -> tuple[x509.Certificate, Key]:
        return self.root, self.key

    def crl(
        self,
        *gone: tuple[x509.Certificate, datetime, str],
        made: datetime | None = None,
        until: datetime | None = None,
    ) -> bytes:
        """Have openssl write a CRL (DER) of what was revoked, when and why."""
        self._index(gone)
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\n"
            "default_md = sha256\ncertificate = ca.pem\nprivate_key = ca.key\n"
        )
        first = made or now() - timedelta(hours=1)
        self._run(
            "ca", "-gencrl", "-config", "ca.cnf", "-out", "ca.crl.pem",
            "-crl_lastupdate", _utc(first),
            "-crl_nextupdate", _utc(until or first + timedelta(days=10)),
        )  # fmt: skip
        self._run("crl", "-in", "ca.crl.pem", "-outform", "DER", "-out", "ca.crl")
        return (self.folder / "ca.crl").read_bytes()

    def ocsp(
        self,
        about: x509.Certificate,
        *gone: tuple[x509.Certificate, datetime, str],
        responder: tuple[x509.Certificate, Key] | None = None,
    ) -> bytes:
        """Have openssl answer (DER) about one certificate, as of now, for 10 days."""
        self._index(gone, about)
        certificate, key = responder or self.by
        (self.folder / "who.pem").write_bytes(pem(certificate))
        (self.folder / "who.key").write_bytes(private_pem(key))
        (self.folder / "about.pem").write_bytes(pem(about))
        self._run(
            "ocsp", "-issuer", "ca.pem", "-cert", "about.pem", "-no_nonce",
            "-reqout", "in.req",
        )  # fmt: skip
        self._run(
            "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "who.pem",
            "-rkey", "who.key", "-reqin", "in.req", "-respout", "out.der", "-ndays",
            "10",
        )  # fmt: skip
        return (self.folder / "out.der").read_bytes()

    def _index(
        self,
        gone: tuple[tuple[x509.Certificate, datetime, str], ...],
        good: x509.Certificate | None = None,
    ) -> None:
        """Write openssl's list: status, end, time and reason of revocation, number."""
        lines = [
            f"R\t{_utc(one.not_valid_after_utc)}\t{_utc(when)},{why}\t"
            f"{one.serial_number:040X}\tunknown\t/CN=x\n"
            for one, when, why in gone
        ]
        if good is not None and good not in [one for one, _, _ in gone]:
            end = _utc(good.not_valid_after_utc)
            lines.append(f"V\t{end}\t\t{good.serial_number:040X}\tunknown\t/CN=x\n")
        (self.folder / "index.txt").write_text("".join(lines))
        (self.folder / "index.txt.attr").write_text("unique_subject = no\n")

    def _run(self, *words: str) -> None:
        done = openssl(self.folder, *words)
        assert done.returncode == 0, done.stderr


def new_revoker(folder: Path, name: str = "Revoking CA", **members: Any) -> Revoker:
    folder.mkdir(parents=True, exist_ok=True)
    key = new_key()
    made = Revoker(folder, issue(name, key, ca=True, **members), key)
    (folder / "ca.pem").write_bytes(pem(made.root))
    (folder / "ca.key").write_bytes(private_pem(key))
    return made


def private_pem(key: Key) -> bytes:
    return key.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _utc(moment: datetime) -> str:
    return f"{moment:%y%m%d%H%M%SZ}"
