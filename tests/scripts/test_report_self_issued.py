"""A report signed without a CA: by a certificate that a key of its log vouches for."""

from __future__ import annotations

import base64
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tests.desk import Desk

needs_pdfsig = pytest.mark.skipif(
    shutil.which("pdfsig") is None, reason="pdfsig is not installed"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    own = Desk(tmp_path_factory.mktemp("desk"))
    own.open_case()
    (own.folder / "chat.txt").write_text("12/03/2026, 10:00 - A: hello\n")
    own.run("-C", own.case, "acquire", "files", own.folder / "chat.txt")
    return own


def name_of(desk: Desk) -> str:
    (one,) = desk.ask("identity", "list")["identities"]
    return str(one["name"])


def codes(told: dict[str, Any]) -> dict[str, bool]:
    return {one["code"]: one["fails"] for one in told["findings"]}


@pytest.fixture(scope="module")
def signed(desk: Desk) -> Path:
    name = name_of(desk)
    error = desk.ask(
        *("-C", desk.case, "report", "--sign-with", name),
        *("-o", desk.folder / "none.pdf"),
        code=52,
    )
    assert "self-issue" in error["advice"]
    desk.run("identity", "self-issue", name)
    path = desk.folder / "signed.pdf"
    desk.run("-C", desk.case, "report", "--sign-with", name, "-o", path)
    return path


def test_the_key_of_the_log_vouches_for_who_signed(desk: Desk, signed: Path) -> None:
    told = desk.ask("verify", signed)
    found = codes(told)
    assert found["P7S_VOUCHED"] is False
    assert told["axes"]["signed"]["status"] == "pass"
    assert "custody key" in told["axes"]["signed"]["why"]
    # The report shows pseudonyms; so does what it is signed with.
    assert name_of(desk).encode() not in signed.read_bytes()


@needs_pdfsig
def test_pdfsig_takes_the_signature(signed: Path) -> None:
    done = subprocess.run(
        ["pdfsig", signed], capture_output=True, text=True, check=False, timeout=60
    )
    assert "Signature is Valid." in done.stdout
    assert "Total document signed" in done.stdout


def _forged(desk: Desk, vouches: str) -> tuple[str | Path, ...]:
    """Make a key and a certificate that says somebody vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "custody key")])
    now = datetime.now(UTC).replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(vouches)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    private = desk.folder / "forger.key"
    private.unlink(missing_ok=True)
    private.write_bytes(pem)
    private.chmod(0o600)
    (desk.folder / "forger.pem").write_bytes(made.public_bytes(Encoding.PEM))
    return "--sign-with", f"file:{private}", "--certificate", desk.folder / "forger.pem"


def test_a_vouch_taken_from_another_certificate_fails(desk: Desk, signed: Path) -> None:
    (pem,) = (desk.home / "identities").glob("*/certificates/*.pem")
    leaf = x509.load_pem_x509_certificate(pem.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    (uri,) = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    path = desk.folder / "forged.pdf"
    desk.run("-C", desk.case, "report", *_forged(desk, uri), "-o", path)
    told = desk.ask("verify", path, code=None)
    assert codes(told)["P7S_VOUCH_WRONG"] is True
    assert told["axes"]["trusted"]["status"] == "fail"


def test_a_key_the_log_does_not_know_vouches_for_nothing(
    desk: Desk, signed: Path, tmp_path: Path
) -> None:
    other = Desk(tmp_path)
    other.run("identity", "new", "--name", "Other", "--no-passphrase")
    (folder,) = other.home.glob("identities/*")
    key = folder.name
    text = base64.urlsafe_b64encode(bytes(64)).decode().rstrip("=")
    uri = f"tag:custody.invalid,2026:vouched-by:{key}:{text}"
    path = desk.folder / "stranger.pdf"
    desk.run("-C", desk.case, "report", *_forged(desk, uri), "-o", path)
    found = codes(desk.ask("verify", path))
    assert found["P7S_VOUCH_UNKNOWN"] is False
    assert "P7S_VOUCHED" not in found


def test_a_key_that_has_ended_vouches_no_more(desk: Desk, signed: Path) -> None:
    name = name_of(desk)
    desk.run("identity", "new", "--name", "Second", "--no-passphrase")
    desk.run("-C", desk.case, "key", "rotate", "--as", name, "--to", "Second")
    path = desk.folder / "late.pdf"
    words = ("report", "--as", "Second", "--sign-with", name, "-o", path)
    desk.run("-C", desk.case, *words)
    told = desk.ask("verify", path, code=None)
    assert codes(told)["P7S_VOUCH_WRONG"] is True
    (text,) = (f["text"] for f in told["findings"] if f["code"] == "P7S_VOUCH_WRONG")
    assert "ended that key" in text
