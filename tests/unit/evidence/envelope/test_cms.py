"""CMS made here is opened by openssl and the other way round; bent, it gives none."""

from __future__ import annotations

import io
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.certificates import read_file
from evidence.envelope import cms
from evidence.envelope.cms import EnvelopeReader, EnvelopeWriter
from evidence.envelope.recipients import check_certificate
from evidence.envelope.sealed import read_key
from evidence.envelope_errors import (
    EnvelopeAlteredError,
    EnvelopeCutError,
    EnvelopeKeyError,
    EnvelopeMalformedError,
    RecipientCertificateExpiredError,
    RecipientCertificateNotYetValidError,
    RecipientCertificateUsageError,
    RecipientCertificateWeakError,
)
from manifests.errors import CustodyError

KINDS = {
    "rsa": ("rsa:2048", "keyEncipherment"),
    "p256": ("ec:P-256", "keyAgreement"),
    "p384": ("ec:P-384", "keyAgreement"),
}


def openssl(folder: Path, *words: str, data: bytes = b"") -> bytes:
    done = subprocess.run(
        ["openssl", *words], cwd=folder, input=data, capture_output=True, check=True
    )
    return done.stdout


def make(folder: Path, name: str, key: str, usage: str, days: int = 2) -> Path:
    """A self-signed certificate by openssl; `days` below 1 make one that ended."""
    words = ["req", "-x509", "-nodes", "-subj", f"/CN={name}"]
    words += ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
    words += ["-addext", f"keyUsage=critical,{usage}", "-days", str(days)]
    if key.startswith("ec:"):
        words += ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{key[3:]}"]
    else:
        words += ["-newkey", key]
    openssl(folder, *words)
    return folder / f"{name}.pem"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name, (key, usage) in KINDS.items():
        make(folder, name, key, usage)
    make(folder, "other", "rsa:2048", "keyEncipherment")
    return folder


def written(desk: Path, *names: str, content: bytes) -> bytes:
    out = io.BytesIO()
    certificates = [read_file(desk / f"{name}.pem")[0] for name in names]
    writer = EnvelopeWriter(out, certificates)
    for at in range(0, len(content), 100_000):
        writer.write(content[at : at + 100_000])
    writer.finish()
    return out.getvalue()


def read(desk: Path, name: str, data: bytes) -> bytes:
    reader = EnvelopeReader(io.BytesIO(data), read_key(desk / f"{name}.key", None))
    reader.check()
    return b"".join(reader.content())


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 300_001])
@pytest.mark.parametrize("name", KINDS)
def test_openssl_opens_what_is_written(desk: Path, name: str, size: int) -> None:
    content = os.urandom(size)
    data = written(desk, name, content=content)
    words = ("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", f"{name}.key")
    assert openssl(desk, *words, "-recip", f"{name}.pem", data=data) == content
    assert read(desk, name, data) == content


def test_every_recipient_opens_it(desk: Path) -> None:
    data = written(desk, "rsa", "p256", "p384", content=b"to three")
    for name in KINDS:
        words = ("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey")
        recip = ("-recip", f"{name}.pem")
        assert openssl(desk, *words, f"{name}.key", *recip, data=data) == b"to three"
        assert read(desk, name, data) == b"to three"


@pytest.mark.parametrize("stream", [(), ("-stream",)], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("rsa", ("-keyopt", "rsa_padding_mode:oaep")),
        ("rsa", ("-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256")),
        ("rsa", ()),
        ("p256", ()),
        ("p384", ("-keyopt", "ecdh_kdf_md:sha384")),
    ],
)
@pytest.mark.parametrize("cipher", ["-aes-256-gcm", "-aes-128-gcm"])
def test_what_openssl_writes_is_opened(
    desk: Path, name: str, more: tuple[str, ...], stream: tuple[str, ...], cipher: str
) -> None:
    content = os.urandom(200_000)
    words = ("cms", "-encrypt", "-binary", *stream, cipher, "-outform", "DER")
    data = openssl(desk, *words, "-recip", f"{name}.pem", *more, data=content)
    assert read(desk, name, data) == content


def test_another_key_opens_nothing(desk: Path) -> None:
    data = written(desk, "rsa", content=b"secret")
    for name in ("other", "p256"):
        with pytest.raises((EnvelopeKeyError, EnvelopeAlteredError)):
            read(desk, name, data)
    with pytest.raises(EnvelopeKeyError):
        read(desk, "p384", written(desk, "p256", content=b"secret"))


def test_cut_anywhere_it_gives_nothing(desk: Path) -> None:
    data = written(desk, "p256", content=os.urandom(70_000))
    for length in (0, 1, 30, 200, 5_000, len(data) - 30, len(data) - 8):
        with pytest.raises((EnvelopeCutError, EnvelopeMalformedError)):
            read(desk, "p256", data[:length])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_with_any_bit_flipped_nothing_else_is_ever_given_out(
    desk: Path, place: int, bit: int
) -> None:
    content = b"x" * 1_000
    data = bytearray(written(desk, "p256", content=content))
    data[place % len(data)] ^= 1 << bit
    try:
        found = read(desk, "p256", bytes(data))
    except CustodyError as error:
        assert type(error).code.startswith("ENVELOPE_")
    else:
        assert found == content  # a bit of the head that changes nothing


def test_a_flipped_bit_of_the_content_is_altered(desk: Path) -> None:
    data = bytearray(written(desk, "p256", content=b"x" * 1_000))
    data[-300] ^= 1
    with pytest.raises(EnvelopeAlteredError):
        read(desk, "p256", bytes(data))


def test_the_content_is_limited_as_gcm_is(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cms, "MAX_CONTENT", 1_000)
    with pytest.raises(ValueError, match="too large"):
        written(desk, "p256", content=b"x" * 1_001)


@given(data=st.binary(max_size=200))
def test_no_bytes_make_it_do_more_than_refuse(data: bytes) -> None:
    key = KEY
    for head in (b"", b"\x30\x80" + cms.OID_AUTH_ENVELOPED):
        with pytest.raises(CustodyError):
            EnvelopeReader(io.BytesIO(head + data), key).check()


def _key() -> object:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


KEY = _key()


# -- certificates --------------------------------------------------------------------


def refused(path: Path, now: datetime | None = None) -> None:
    check_certificate(read_file(path)[0], now or datetime.now(UTC))


def test_certificates_to_encrypt_to(desk: Path) -> None:
    for name in KINDS:
        refused(desk / f"{name}.pem")


def test_certificates_nothing_is_encrypted_to(desk: Path, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with pytest.raises(RecipientCertificateExpiredError):
        refused(desk / "rsa.pem", now + timedelta(days=3))
    with pytest.raises(RecipientCertificateNotYetValidError):
        refused(desk / "rsa.pem", now - timedelta(days=1))
    for key in ("rsa:2048", "ec:P-256"):
        with pytest.raises(RecipientCertificateUsageError):
            refused(make(tmp_path, "signs", key, "digitalSignature"))
    for key in ("rsa:1024", "ec:P-521"):
        with pytest.raises(RecipientCertificateWeakError):
            refused(make(tmp_path, "weak", key, "keyEncipherment,keyAgreement"))
