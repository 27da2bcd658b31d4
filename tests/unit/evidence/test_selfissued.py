"""A self-issued certificate: read by openssl, its key derived again by hand."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha512
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from evidence.certified import (
    Certified,
    add_self_issued,
    certificates_of,
    choose_certificate,
    open_certified,
)
from evidence.identity import Identity, IdentityStore
from evidence.key_errors import CertificateRefusedError, WrongPassphraseError
from evidence.selfissued import read_vouch
from evidence.signers.handles import is_signature
from evidence.signers.uri import FileUri
from evidence.vault.people import change_passphrase
from manifests.keys import PublicKey
from tests.softhsm import new_key, openssl
from tests.stamping import needs_openssl

CREATED = "2026-01-01T00:00:00.000000Z"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ABOUT = {"role": "examiner", "organisation": "Lab", "created": CREATED}


def secret(_: str) -> str:
    return "open sesame"


def made(
    tmp_path: Path, *, named: bool = False
) -> tuple[IdentityStore, Identity, Certified]:
    store = IdentityStore(tmp_path / "home")
    identity = store.create("Rossi", passphrase="open sesame", **ABOUT)
    found = add_self_issued(store, identity, at=AT, years=2, named=named, ask=secret)
    return store, identity, found


def p256_public(scalar: int) -> tuple[int, int]:
    """Multiply the base point of P-256 (SP 800-186 3.2.1.3), by the school's method."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    g = (
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    )

    def add(
        a: tuple[int, int] | None, b: tuple[int, int] | None
    ) -> tuple[int, int] | None:
        if a is None or b is None:
            return b if a is None else a
        if a[0] == b[0] and (a[1] + b[1]) % p == 0:
            return None
        if a == b:
            slope = (3 * a[0] ** 2 - 3) * pow(2 * a[1], -1, p)
        else:
            slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, p)
        x = (slope**2 - a[0] - b[0]) % p
        return x, (slope * (a[0] - x) - a[1]) % p

    total, power = None, g
    while scalar:
        total = add(total, power) if scalar & 1 else total
        doubled = add(power, power)
        assert doubled is not None
        power, scalar = doubled, scalar >> 1
    assert total is not None
    return total


def test_its_key_is_derived_as_the_specification_says(tmp_path: Path) -> None:
    store, identity, found = made(tmp_path)
    pem = store.private_path(identity).read_bytes()
    seed = load_pem_private_key(pem, b"open sesame").private_bytes_raw()  # type: ignore[union-attr]
    # HKDF (RFC 5869) with SHA-512, no salt, one block.
    prk = hmac.new(bytes(64), seed, sha512).digest()
    block = hmac.new(prk, b"custody X.509 P-256 v1\x01", sha512).digest()[:48]
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    point = p256_public(int.from_bytes(block, "big") % (order - 1) + 1)
    key = found.certificate.leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    numbers = key.public_numbers()
    assert (numbers.x, numbers.y) == point


@needs_openssl
def test_openssl_reads_it_and_it_names_nobody(tmp_path: Path) -> None:
    _, identity, found = made(tmp_path)
    path = tmp_path / "own.pem"
    path.write_bytes(found.certificate.to_pem())
    told = openssl("x509", "-in", path, "-noout", "-text").decode()
    assert f"Subject: CN = custody key {identity.key[:16]}" in told
    assert "Rossi" not in told
    assert "Lab" not in told
    assert "Not After : Jan  2 03:04:05 2028 GMT" in told
    assert "CA:FALSE" in told
    when = str(int(AT.timestamp()) + 60)
    done = openssl("verify", "-attime", when, "-CAfile", path, path).decode()
    assert done.strip().endswith("OK")


def test_with_the_name_only_where_that_is_wanted(tmp_path: Path) -> None:
    _, _, found = made(tmp_path, named=True)
    subject = found.certificate.leaf.subject.rfc4514_string()
    assert subject == "O=Lab,CN=Rossi"


@needs_openssl
def test_openssl_checks_what_vouches_for_it(tmp_path: Path) -> None:
    store, identity, found = made(tmp_path)
    names = found.certificate.leaf.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    (uri,) = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    *_, key, text = uri.split(":")
    assert key == identity.key
    (tmp_path / "sig").write_bytes(base64.urlsafe_b64decode(text + "=="))
    (tmp_path / "own.pem").write_bytes(found.certificate.to_pem())
    public = openssl("x509", "-in", tmp_path / "own.pem", "-noout", "-pubkey")
    (tmp_path / "pub.pem").write_bytes(public)
    spki = openssl("pkey", "-pubin", "-in", tmp_path / "pub.pem", "-outform", "DER")
    (tmp_path / "said").write_bytes(
        b"custody-certificate-1\n" + key.encode() + b"\n" + spki
    )
    private = store.private_path(identity)
    signer = openssl("pkey", "-in", private, "-passin", "pass:open sesame", "-pubout")
    (tmp_path / "ed.pem").write_bytes(signer)
    words = ("-verify", "-pubin", "-inkey", tmp_path / "ed.pem", "-rawin")
    files = ("-in", tmp_path / "said", "-sigfile", tmp_path / "sig")
    assert b"Verified Successfully" in openssl("pkeyutl", *words, *files)
    vouch = read_vouch(found.certificate.der)
    assert vouch is not None
    assert vouch.holds(identity.public)
    assert not vouch.holds(PublicKey(bytes(31) + b"\x01"))


def test_it_opens_with_the_passphrase_of_the_identity_alone(tmp_path: Path) -> None:
    store, identity, found = made(tmp_path)
    (kept,) = certificates_of(store, identity)
    assert kept == found
    chosen = choose_certificate(store, identity, None)
    with pytest.raises(WrongPassphraseError):
        open_certified(store, identity, chosen, lambda _: "guess")
    change_passphrase(store, identity, old=secret, new=lambda _: "another one")
    key = open_certified(store, identity, chosen, lambda _: "another one")
    assert is_signature(found.certificate.spki, b"x", key.sign(b"x"))
    # Nothing but what is public lies beside it.
    folder = store.folder(identity) / "certificates"
    texts = [path.read_bytes() for path in folder.iterdir()]
    assert not any(b"PRIVATE" in text for text in texts)


@needs_openssl
def test_a_key_that_is_elsewhere_issues_nothing(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    uri = FileUri(new_key(tmp_path, "k", "ed25519"))
    identity = store.adopt("Rossi", uri=uri, ask=secret, **ABOUT)
    with pytest.raises(CertificateRefusedError):
        add_self_issued(store, identity, at=AT, years=2, named=False, ask=secret)


@given(data=st.binary(max_size=400))
def test_bytes_from_anywhere_vouch_for_nothing(data: bytes) -> None:
    assert read_vouch(data) is None


def test_a_certificate_with_two_vouches_or_none_has_none(tmp_path: Path) -> None:
    _, _, found = made(tmp_path)
    leaf = found.certificate.leaf
    key = ec.generate_private_key(ec.SECP256R1())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    for given_names in ([*names, *names], [x509.DNSName("x.example")]):
        other = (
            x509.CertificateBuilder()
            .subject_name(leaf.subject)
            .issuer_name(leaf.subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(AT)
            .not_valid_after(AT.replace(year=2030))
            .add_extension(x509.SubjectAlternativeName(given_names), critical=False)
            .sign(key, hashes.SHA256())
        )
        der = other.public_bytes(Encoding.DER)
        assert read_vouch(der) is None
