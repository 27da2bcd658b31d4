"""A certification authority made with openssl: roots, persons, organisation seals."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.softhsm import new_key, openssl

SETTINGS = """\
[req]
distinguished_name = name
prompt = no
string_mask = utf8only
utf8 = yes
[name]
CN = not used
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[person]
basicConstraints = critical,CA:FALSE
keyUsage = critical,nonRepudiation
1.3.6.1.5.5.7.1.3 = ASN1:SEQUENCE:person_statements
[seal]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
1.3.6.1.5.5.7.1.3 = ASN1:SEQUENCE:seal_statements
authorityInfoAccess = caIssuers;URI:http://127.0.0.1:9/ca.crt,OCSP;URI:http://127.0.0.1:9/
crlDistributionPoints = URI:http://127.0.0.1:9/list.crl
[plain]
basicConstraints = critical,CA:FALSE
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,keyEncipherment
[odd]
basicConstraints = critical,CA:FALSE
1.3.6.1.5.5.7.1.3 = DER:3003300106
[person_statements]
a = SEQUENCE:compliance
b = SEQUENCE:device
c = SEQUENCE:esign
[seal_statements]
a = SEQUENCE:compliance
b = SEQUENCE:eseal
c = SEQUENCE:unknown
[compliance]
id = OID:0.4.0.1862.1.1
[device]
id = OID:0.4.0.1862.1.4
[esign]
id = OID:0.4.0.1862.1.6
types = SEQUENCE:esign_types
[esign_types]
one = OID:0.4.0.1862.1.6.1
[eseal]
id = OID:0.4.0.1862.1.6
types = SEQUENCE:eseal_types
[eseal_types]
one = OID:0.4.0.1862.1.6.2
[unknown]
id = OID:1.2.3.4
more = UTF8:whatever
"""


@dataclass(frozen=True)
class Authority:
    """A folder with a root ``NAME.pem`` and its key."""

    folder: Path
    root: Path
    key: Path

    def issue(
        self,
        name: str,
        private: Path,
        *,
        kind: str,
        subject: str = "/C=IT/CN=Ada Rossi",
        dates: tuple[str, str] | None = None,
        ca: tuple[Path, Path] | None = None,
    ) -> Path:
        """Certify a key; `dates` as YYMMDDHHMMSSZ, `ca` another (certificate, key)."""
        settings = self.folder / "openssl.cnf"
        request = self.folder / f"{name}.csr"
        path = self.folder / f"{name}.pem"
        openssl(
            "req", "-new", "-key", private, "-subj", subject, "-utf8",
            "-config", settings, "-out", request,
        )  # fmt: skip
        certificate, key = ca or (self.root, self.key)
        if dates is None:
            openssl(
                "x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key,
                "-CAcreateserial", "-days", "365", "-extfile", settings,
                "-extensions", kind, "-out", path,
            )  # fmt: skip
            return path
        index = self.folder / f"{name}.index"
        index.write_text("")
        extra = self.folder / f"{name}.cnf"
        extra.write_text(
            f"{SETTINGS}[here]\ndatabase = {index}\nnew_certs_dir = {self.folder}\n"
            "rand_serial = yes\ndefault_md = sha256\npolicy = any\n"
            "[any]\ncountryName = optional\ncommonName = supplied\n"
        )
        openssl(
            "ca", "-batch", "-notext", "-config", extra, "-name", "here",
            "-cert", certificate, "-keyfile", key, "-in", request, "-out", path,
            "-startdate", dates[0], "-enddate", dates[1], "-extensions", kind,
        )  # fmt: skip
        return path

    def accepts(self, p7s: Path, note: Path, root: Path | None = None) -> bool:
        """Whether `openssl cms -verify` takes a detached signature over `note`."""
        done = subprocess.run(
            [
                "openssl", "cms", "-verify", "-binary", "-inform", "DER",
                "-in", p7s, "-content", note, "-CAfile", root or self.root,
                "-purpose", "any", "-out", "/dev/null",
            ],
            capture_output=True,
            check=False,
        )  # fmt: skip
        return done.returncode == 0


def new_authority(folder: Path, name: str = "Test Root") -> Authority:
    """Make a root; skips where openssl is missing."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "openssl.cnf"
    settings.write_text(SETTINGS)
    key = new_key(folder, "root-key", "p256")
    root = folder / "root.pem"
    openssl(
        "req", "-x509", "-new", "-key", key, "-days", "7300", "-subj", f"/CN={name}",
        "-config", settings, "-extensions", "ca", "-out", root,
    )  # fmt: skip
    return Authority(folder, root, key)
