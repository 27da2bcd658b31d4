"""RFC 8032 vectors, key ids as openssl gives them, and keys that bind nobody."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from manifests.errors import MalformedError
from manifests.keys import SPKI_PREFIX, PublicKey, key_id
from tests.edwards import GROUP_ORDER, on_curve, small_order_encodings
from tests.vectors import openssl
from tests.vectors.signer import SeedSigner

# RFC 8032 section 7.1, tests 1, 2, 3 and SHA(abc): seed, key, message, signature
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590"
            "a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e"
            "15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d"
            "16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a27"
            "4fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac"
            "90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    key, text, sig = map(bytes.fromhex, (public, message, signature))
    signer = SeedSigner(bytes.fromhex(seed))
    assert signer.public.raw == key
    assert signer.sign(text) == sig
    assert PublicKey(key).is_signed(text, sig)
    assert not PublicKey(key).is_signed(text + b"\0", sig)
    for position in (0, 31, 32, 63):
        wrong = bytearray(sig)
        wrong[position] ^= 1
        assert not PublicKey(key).is_signed(text, bytes(wrong))


def test_spki_is_the_rfc_8410_structure() -> None:
    raw = bytes.fromhex(RFC_8032[0][1])
    key = PublicKey(raw)
    assert key.spki.hex() == "302a300506032b6570032100" + RFC_8032[0][1]
    assert load_der_public_key(key.spki).public_bytes_raw() == raw  # type: ignore[union-attr] # the test fails if it is no Ed25519 key
    assert key.text == base64.b64encode(key.spki).decode()
    assert key.id == sha256(key.spki).hexdigest() == key_id(raw)
    assert PublicKey.from_text(key.text) == key


def test_key_id_is_what_openssl_and_sha256sum_show(tmp_path: Path) -> None:
    for _, public, _, _ in RFC_8032:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert PublicKey(bytes.fromhex(public)).id == openssl.key_id(tmp_path, pem)


@pytest.mark.parametrize("length", [0, 31, 33, 44, 64])
def test_keys_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(MalformedError, match="not 32 bytes"):
        PublicKey(b"\x01" * length)


def test_other_texts_are_no_keys() -> None:
    good = PublicKey(bytes.fromhex(RFC_8032[0][1])).text
    x25519 = bytes.fromhex("302a300506032b656e032100") + bytes(32)
    ed448 = bytes.fromhex("3043300506032b6571033a00") + bytes(57)
    bits = good[:-2] + chr(ord(good[-2]) + 1) + "="
    assert base64.b64decode(bits) == base64.b64decode(good)
    wrong = ["", "é", "\ud800", good + "\n", good[:-1], good + "AAAA", bits]
    wrong += [base64.b64encode(raw).decode() for raw in (b"", x25519, ed448)]
    wrong += [base64.b64encode(SPKI_PREFIX + bytes(31)).decode()]
    for text in wrong:
        with pytest.raises(MalformedError):
            PublicKey.from_text(text)


def test_signatures_of_another_length_are_not_signatures() -> None:
    _, public, text, signature = (bytes.fromhex(field) for field in RFC_8032[1])
    key = PublicKey(public)
    for wrong in (b"", signature[:63], signature + b"\0", b"\0" + signature):
        assert not key.is_signed(text, wrong)


def test_a_scalar_of_the_group_order_or_more_is_refused() -> None:
    _, public, text, signature = (bytes.fromhex(field) for field in RFC_8032[1])
    scalar = int.from_bytes(signature[32:], "little")
    assert scalar < GROUP_ORDER
    for times in range(1, 8):
        twin = signature[:32] + (scalar + times * GROUP_ORDER).to_bytes(32, "little")
        assert not PublicKey(public).is_signed(text, twin)


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    raw = (2).to_bytes(32, "little")  # x would be no square root
    assert on_curve(2) is None
    assert not PublicKey(raw).is_signed(b"", bytes(64))


@pytest.mark.parametrize("raw", small_order_encodings(), ids=bytes.hex)
def test_keys_of_small_order_verify_nothing(raw: bytes) -> None:
    """R = identity, S = 0 fits about every (order)th message under such a key."""
    forged = (1).to_bytes(32, "little") + bytes(32)
    for number in range(64):
        assert not PublicKey(raw).is_signed(b"message %d" % number, forged)


def test_the_library_alone_would_accept_a_small_order_key() -> None:
    """Why the check is there; fails if the library ever does it for us."""
    identity = (1).to_bytes(32, "little")
    forged = identity + bytes(32)
    key = Ed25519PublicKey.from_public_bytes(identity)
    for message in (b"yes", b"no"):
        key.verify(forged, message)
        assert not PublicKey(identity).is_signed(message, forged)
