"""Certificates beside keys; made by openssl, and read again by openssl."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from evidence.certificates import (
    check_usable,
    describe,
    join,
    read_certificates,
    read_file,
    read_qc_statements,
)
from evidence.certified import (
    add_certificate,
    certificates_of,
    choose_certificate,
    open_certified,
)
from evidence.identity import Identity, IdentityStore
from evidence.key_errors import (
    CertificateRefusedError,
    CertificateUnknownError,
    KeyUnusableError,
)
from evidence.signers.uri import FileUri
from tests.authority import Authority, new_authority
from tests.softhsm import new_key, openssl

CREATED = "2026-01-01T00:00:00.000000Z"
SEAL = "/C=IT/O=Procura di Prova/organizationIdentifier=VATIT-01234567890/CN=Seal"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ca"))


def never(_: str) -> str:
    raise AssertionError("nothing is encrypted here")


def owner(tmp_path: Path, pem: Path | None = None) -> tuple[IdentityStore, Identity]:
    """An identity with a fresh key, or with the Ed25519 key in `pem`."""
    store = IdentityStore(tmp_path / "home")
    words = {"role": "examiner", "organisation": "Lab", "created": CREATED}
    if pem is None:
        return store, store.create("Rossi", passphrase=None, **words)
    found = store.adopt("Rossi", uri=FileUri(pem), ask=never, **words)
    return store, found


def one(path: Path) -> x509.Certificate:
    (found,) = read_file(path)
    return found


# -- what a certificate says -----------------------------------------------------------


def test_a_seal_is_described_as_openssl_reads_it(ca: Authority, tmp_path: Path) -> None:
    private = new_key(tmp_path, "k", "rsa3072")
    path = ca.issue("seal-a", private, kind="seal", subject=SEAL)
    said = describe(one(path))
    shown = openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256").decode()
    assert said.sha256 == shown.split("=")[1].strip().replace(":", "").lower()
    names = openssl("x509", "-in", path, "-noout", "-subject", "-nameopt", "RFC2253")
    assert names.decode().strip() == (
        "subject=CN=Seal,organizationIdentifier=VATIT-01234567890,"
        "O=Procura di Prova,C=IT"
    )
    assert said.subject == (
        "CN=Seal,2.5.4.97=VATIT-01234567890,O=Procura di Prova,C=IT"
    )
    assert said.organisation_id == "VATIT-01234567890"
    assert (said.issuer, said.key) == ("CN=Test Root", "RSA")
    number = openssl("x509", "-in", path, "-noout", "-serial").decode()
    assert int(said.serial, 16) == int(number.split("=")[1], 16)
    assert said.usage == ("digital_signature", "content_commitment")
    assert said.claims == (
        "qualified certificate (EU)",
        "for electronic seals (eseal)",
        "statement 1.2.3.4",
    )
    assert said.fields()["claims_proved"] is False


def test_a_person_is_described(ca: Authority, tmp_path: Path) -> None:
    private = new_key(tmp_path, "k", "p256")
    said = describe(one(ca.issue("person-a", private, kind="person")))
    assert (said.key, said.organisation_id) == ("P-256", "")
    assert said.usage == ("content_commitment",)
    assert said.claims == (
        "qualified certificate (EU)",
        "private key in a qualified device (QSCD)",
        "for electronic signatures (esign)",
    )


def test_a_certificate_without_claims_claims_nothing(
    ca: Authority, tmp_path: Path
) -> None:
    private = new_key(tmp_path, "k", "p256")
    said = describe(one(ca.issue("plain-a", private, kind="plain")))
    assert (said.claims, said.usage) == ((), ())


def test_damaged_statements_are_refused(ca: Authority, tmp_path: Path) -> None:
    private = new_key(tmp_path, "k", "p256")
    odd = one(ca.issue("odd-a", private, kind="odd"))
    with pytest.raises(CertificateRefusedError):
        describe(odd)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3000", []),
        ("300a3008060604008e460101", [("0.4.0.1862.1.1", [])]),
        # compliance; a limit with a value; QcType of two; by RFC 3739 and X.690
        (
            "301a" "3018" "060604008e460106" "300e" "060704008e46010601" "0603551d0f",
            [("0.4.0.1862.1.6", ["0.4.0.1862.1.6.1", "2.5.29.15"])],
        ),
    ],
)  # fmt: skip
def test_statements_by_hand(value: str, expected: list[object]) -> None:
    assert read_qc_statements(bytes.fromhex(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "30",
        "300100",
        "3001",
        "31023000",
        "30023000",
        "3002300000",
        "3003300106",
        "300430020500",
        "300a3008060604008e4601",
        "3080",
        "30843fffffff00",
        "3008" + "30060101ff0101ff",
    ],
)
def test_statements_that_are_not_their_form(value: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        read_qc_statements(bytes.fromhex(value))


@given(st.binary(max_size=60), st.integers(0, 59), st.integers(0, 255))
def test_no_statements_do_more_than_be_refused(
    data: bytes, place: int, byte: int
) -> None:
    good = bytes.fromhex("301a3018060604008e460106300e060704008e460106010603551d0f")
    altered = good[:place] + bytes([byte]) + good[place + 1 :]
    for value in (data, altered, b"\x30" + bytes([len(data)]) + data):
        try:
            read_qc_statements(value)
        except (ValueError, TypeError):
            continue


# -- reading and joining ---------------------------------------------------------------


def test_pem_der_and_text_around(ca: Authority) -> None:
    pem = ca.root.read_bytes()
    der = openssl("x509", "-in", ca.root, "-outform", "DER")
    assert read_certificates(der) == read_certificates(b"Bag\n" + pem + b"\ntail")
    assert len(read_certificates(pem * 10)) == 10


def test_files_that_hold_none_are_refused(ca: Authority, tmp_path: Path) -> None:
    pem = ca.root.read_bytes()
    private = new_key(tmp_path, "k", "p256").read_bytes()
    for data in (
        b"",
        b"\x30",
        private,
        pem * 11,
        pem + pem[:200],
        pem.replace(b"MII", b"MIJ", 1),
        b"x" * (1 << 17),
        pem + pem[:100] + b"\xff" + pem[100:],
    ):
        with pytest.raises(CertificateRefusedError):
            read_certificates(data)
    with pytest.raises(CertificateRefusedError):
        read_file(tmp_path / "nothing")


def test_a_chain_is_put_in_order(ca: Authority, tmp_path: Path) -> None:
    middle_key = new_key(tmp_path, "middle", "p256")
    middle = ca.issue("middle", middle_key, kind="ca", subject="/CN=Middle")
    below = ca.issue(
        "below", new_key(tmp_path, "k", "p256"), kind="person", ca=(middle, middle_key)
    )
    joined = join(one(below), [one(ca.root), one(middle)])
    assert joined.chain == (one(middle), one(ca.root))
    other = new_authority(tmp_path / "other")
    for chain in ([one(ca.root)], [one(middle), one(other.root)]):
        with pytest.raises(CertificateRefusedError):
            join(one(below), chain)


@pytest.mark.parametrize(
    ("kind", "key", "reason"),
    [
        ("ca", "p256", "of a CA"),
        ("server", "rsa3072", "not for signatures"),
        ("seal", "p384", "neither Ed25519"),
        ("seal", "rsa2048", "neither Ed25519"),
    ],
)
def test_certificates_that_sign_nothing_here(
    ca: Authority, tmp_path: Path, kind: str, key: str, reason: str
) -> None:
    path = ca.issue(f"bad-{kind}-{key}", new_key(tmp_path, "k", key), kind=kind)
    with pytest.raises(CertificateRefusedError, match=reason):
        check_usable(join(one(path), []))


# -- beside an identity ----------------------------------------------------------------


def test_kept_with_the_identity_of_its_key(ca: Authority, tmp_path: Path) -> None:
    pem = new_key(tmp_path, "k", "ed25519")
    store, identity = owner(tmp_path, pem)
    path = ca.issue("own", pem, kind="person")
    kept = add_certificate(store, identity, path, chain=ca.root, ask=never)
    assert kept.uri is None
    (found,) = certificates_of(store, identity)
    assert found.certificate.leaf == one(path)
    assert found.certificate.chain == (one(ca.root),)
    assert choose_certificate(store, identity, None) == found
    assert choose_certificate(store, identity, found.id.upper()) == found
    assert open_certified(store, identity, found, never).spki == identity.public.spki
    with pytest.raises(CertificateRefusedError, match="already"):
        add_certificate(store, identity, path, ask=never)
    for wanted in (found.id[:7], "0" * 16):
        with pytest.raises(CertificateUnknownError):
            choose_certificate(store, identity, wanted)


def test_an_identity_without_certificates(tmp_path: Path) -> None:
    store, identity = owner(tmp_path)
    assert certificates_of(store, identity) == []
    with pytest.raises(CertificateUnknownError):
        choose_certificate(store, identity, None)


def test_of_another_key_only_with_that_key(ca: Authority, tmp_path: Path) -> None:
    store, identity = owner(tmp_path)
    seal_key = new_key(tmp_path, "seal", "rsa3072")
    path = ca.issue("seal-b", seal_key, kind="seal", subject=SEAL)
    with pytest.raises(CertificateRefusedError, match="another key"):
        add_certificate(store, identity, path, ask=never)
    wrong = FileUri(new_key(tmp_path, "wrong", "rsa3072"))
    with pytest.raises(CertificateRefusedError, match="another key"):
        add_certificate(store, identity, path, uri=wrong, ask=never)
    assert certificates_of(store, identity) == []
    add_certificate(store, identity, path, uri=FileUri(seal_key), ask=never)
    (found,) = certificates_of(store, identity)
    assert found.uri == FileUri(seal_key)
    der = openssl("pkey", "-in", seal_key, "-pubout", "-outform", "DER")
    assert open_certified(store, identity, found, never).spki == der


def test_what_was_altered_in_the_store_is_noticed(
    ca: Authority, tmp_path: Path
) -> None:
    store, identity = owner(tmp_path)
    seal_key = new_key(tmp_path, "seal", "p256")
    path = ca.issue("seal-c", seal_key, kind="seal", subject=SEAL)
    kept = add_certificate(store, identity, path, uri=FileUri(seal_key), ask=never)
    folder = store.folder(identity) / "certificates"
    place = folder / f"{kept.id}.json"
    before = place.read_bytes()
    for damaged in (b"", b"{}", b"[]", before.replace(b"seal-key-1", b"seal-key-2")):
        place.write_bytes(damaged)
        with pytest.raises(KeyUnusableError):
            certificates_of(store, identity)
    # Another key at the same place: the certificate is not its.
    place.write_bytes(before)
    new_key(tmp_path, "seal", "p256")
    with pytest.raises(CertificateRefusedError, match="not there any more"):
        open_certified(store, identity, kept, never)
    # Another certificate under the same name.
    other = ca.issue("seal-d", new_key(tmp_path, "o", "p256"), kind="seal")
    (folder / f"{kept.id}.pem").write_bytes(other.read_bytes())
    with pytest.raises(CertificateRefusedError, match="not what it is named"):
        certificates_of(store, identity)
