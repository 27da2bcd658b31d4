"""What is accepted as an Ed25519 signature, down to the edges, and by which library."""

from __future__ import annotations

import random
import sys

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from manifests import ed25519
from manifests.errors import MalformedError, SignatureLibraryError
from manifests.keys import PublicKey
from tests import edwards
from tests.edwards import (
    FIELD,
    GROUP_ORDER,
    added,
    base,
    encoded,
    of_order_8,
    small_order_encodings,
    times,
)

SECRET, NONCE = 1234567890123456789 << 128, 987654321987654321 << 128
SMALL = small_order_encodings()
ALL_ZERO = bytes(64)


def openssl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_it_agrees_with_openssl_on_whatever_is_honestly_signed_and_altered() -> None:
    chance = random.Random(25519)
    for _ in range(150):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        key = private.public_key().public_bytes_raw()
        message = chance.randbytes(chance.randrange(200))
        signature = private.sign(message)
        assert ed25519.is_signed(key, message, signature)
        for _ in range(3):
            wrong = bytearray(signature)
            wrong[chance.randrange(64)] ^= 1 << chance.randrange(8)
            assert not openssl(key, message, bytes(wrong))
            assert not ed25519.is_signed(key, message, bytes(wrong))
            other = bytearray(key)
            other[chance.randrange(32)] ^= 1 << chance.randrange(8)
            assert not ed25519.is_signed(bytes(other), message, signature)


def test_there_are_14_encodings_of_small_order_and_all_are_known() -> None:
    assert len(SMALL) == 14
    assert set(SMALL) == ed25519._SMALL_ORDER
    assert all(map(ed25519.is_weak, SMALL))


def test_keys_above_the_field_are_weak_and_others_are_not() -> None:
    for y in range(FIELD, 2**255):
        for sign in (0, 1):
            assert ed25519.is_weak((y | sign << 255).to_bytes(32, "little"))
    assert not ed25519.is_weak((FIELD - 2).to_bytes(32, "little"))
    assert not ed25519.is_weak(encoded(base()))
    assert not ed25519.is_weak(encoded(added(base(), of_order_8())))


@pytest.mark.parametrize("in_key", [0, 1, 2, 4])
@pytest.mark.parametrize("in_r", [0, 1, 4])
def test_parts_of_small_order_are_judged_as_openssl_judges_them(
    in_key: int, in_r: int
) -> None:
    """Without the cofactor: what RFC 8032's laxer equation allows is refused."""
    twist = of_order_8()
    key = added(times(SECRET, base()), times(in_key, twist))
    refused = 0
    for number in range(4):
        message = b"message %d" % number
        crafted = edwards.signature(
            message, secret=SECRET, key=key, nonce=NONCE, twist=times(in_r, twist)
        )
        held = ed25519.is_signed(encoded(key), message, crafted)
        assert held == openssl(encoded(key), message, crafted)
        if not number:
            assert edwards.holds_with_cofactor(encoded(key), message, crafted)
        refused += not held
    if in_r and not in_key:
        assert refused == 4  # always: an honest key, R with a part of small order
    if not in_r and not in_key:
        assert refused == 0


@pytest.mark.parametrize("r", SMALL, ids=bytes.hex)
def test_an_r_of_small_order_is_refused(r: bytes) -> None:
    """It fits the equation, for OpenSSL too, where R is zero: but tells the key."""
    key = encoded(times(SECRET, base()))
    k = edwards.challenge(r, key, b"text")
    crafted = r + (k * SECRET % GROUP_ORDER).to_bytes(32, "little")
    assert not ed25519.is_signed(key, b"text", crafted)
    assert openssl(key, b"text", crafted) is (r == SMALL_ZERO)


SMALL_ZERO = encoded(edwards.ZERO)


def test_nothing_of_zeros_is_a_signature() -> None:
    key = encoded(times(SECRET, base()))
    assert not ed25519.is_signed(key, b"", ALL_ZERO)
    assert not ed25519.is_signed(bytes(32), b"", ALL_ZERO)
    assert not ed25519.is_signed(bytes(32), bytes(64), ALL_ZERO)


def test_r_is_compared_byte_for_byte() -> None:
    """An R above the field is refused even if the point fits (y = 3 is on it)."""
    key = times(SECRET, base())
    for y in range(2, 19):
        if edwards.on_curve(y) is not None:
            raw = (y + FIELD).to_bytes(32, "little")
            s = edwards.challenge(raw, encoded(key), b"") * SECRET % GROUP_ORDER
            signature = raw + s.to_bytes(32, "little")
            assert not ed25519.is_signed(encoded(key), b"", signature)
            assert not openssl(encoded(key), b"", signature)


@pytest.mark.parametrize("more", range(1, 16))
def test_s_has_one_spelling(more: int) -> None:
    key = times(SECRET, base())
    good = edwards.signature(b"text", secret=SECRET, key=key, nonce=NONCE)
    assert ed25519.is_signed(encoded(key), b"text", good)
    s = int.from_bytes(good[32:], "little") + more * GROUP_ORDER
    if s < 2**256:
        twin = good[:32] + s.to_bytes(32, "little")
        assert not ed25519.is_signed(encoded(key), b"text", twin)


# -- where a key is met ------------------------------------------------------------


@pytest.mark.parametrize("raw", [*SMALL, (FIELD + 3).to_bytes(32, "little")])
def test_a_weak_key_is_refused_where_it_is_met(raw: bytes) -> None:
    with pytest.raises(MalformedError, match="small order or not canonical"):
        PublicKey(raw).require_binding()


def test_other_keys_are_not() -> None:
    PublicKey(encoded(base())).require_binding()


# -- the library -------------------------------------------------------------------


def test_the_library_gives_the_known_answers() -> None:
    assert ed25519._library()(ed25519._KEY, b"\x72", ed25519._GOOD)
    assert edwards.holds_with_cofactor(ed25519._KEY, b"cofactor", ed25519._COFACTORED)
    ed25519.require_known_answers(openssl)


@pytest.mark.parametrize(
    ("check", "word"),
    [
        (lambda *_: True, "accepts"),
        (lambda *_: False, "refuses"),
        (edwards.holds_with_cofactor, "accepts"),
    ],
)
def test_a_library_that_answers_otherwise_is_not_relied_on(
    check: ed25519.Check, word: str
) -> None:
    with pytest.raises(SignatureLibraryError, match=f"{word} what it must not"):
        ed25519.require_known_answers(check)


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    ed25519._library.cache_clear()
    monkeypatch.setitem(sys.modules, "nacl.bindings", None)
    monkeypatch.setattr(ed25519, "_library", ed25519._library.__wrapped__)


@pytest.mark.usefixtures("no_library")
def test_without_the_library_nothing_is_verified_and_it_is_said() -> None:
    key = times(SECRET, base())
    good = edwards.signature(b"text", secret=SECRET, key=key, nonce=NONCE)
    with pytest.raises(SignatureLibraryError, match="cannot be loaded") as caught:
        PublicKey(encoded(key)).is_signed(b"text", good)
    assert caught.value.exit_code == 29
