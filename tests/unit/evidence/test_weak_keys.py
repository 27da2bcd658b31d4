"""A key that can sign nothing is refused wherever a person brings it."""

from __future__ import annotations

import base64

import pytest

from cli.witnesses import given_witnesses, log_key
from evidence.identity import Identity
from evidence.joining import read_identity
from manifests import canonical, note
from manifests.cosignature import ED25519_COSIGNATURE
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.warrants import read_warrant
from tests import edwards
from tests.vectors.signer import SeedSigner

WEAK = edwards.small_order_encodings()
GOOD = SeedSigner(bytes(32)).public.raw


def description(raw: bytes) -> bytes:
    key = PublicKey(raw)
    told: canonical.Json = {
        "created": "2026-01-01T00:00:00Z",
        "format": "custody-identity-1",
        "key": key.id,
        "name": "Nobody",
        "organisation": "",
        "public": key.text,
        "role": "examiner",
    }
    return canonical.encode(told)


@pytest.mark.parametrize("raw", WEAK, ids=bytes.hex)
def test_as_an_identity(raw: bytes) -> None:
    assert Identity.from_bytes(description(GOOD)).public.raw == GOOD
    for read in (Identity.from_bytes, read_identity):
        with pytest.raises(MalformedError, match="small order"):
            read(description(raw))


@pytest.mark.parametrize("raw", WEAK, ids=bytes.hex)
def test_as_a_witness_or_a_log(raw: bytes) -> None:
    witness = note.vkey("example.org/w", raw, kind=ED25519_COSIGNATURE)
    log = note.vkey("example.org/log", raw, kind=note.ED25519)
    for met in (lambda: given_witnesses([witness]), lambda: log_key(log)):
        with pytest.raises(MalformedError, match="small order"):
            met()
    good = note.vkey("example.org/w", GOOD, kind=ED25519_COSIGNATURE)
    assert given_witnesses([good])[0].key == PublicKey(GOOD)


@pytest.mark.parametrize("raw", WEAK, ids=bytes.hex)
def test_as_a_key_to_enrol(raw: bytes) -> None:
    """To be enrolled a key has to sign; under this one R = 0, S = 0 often would."""
    key = PublicKey(raw)
    forged = base64.b64encode(edwards.encoded(edwards.ZERO) + bytes(32)).decode()
    claim: dict[str, canonical.Json] = {
        "algorithm": "ed25519",
        "key": key.id,
        "possession": forged,
        "public": key.text,
    }
    for number in range(16):
        with pytest.raises(MalformedError, match="did not sign"):
            read_warrant(claim, f"case.example/{number}")
