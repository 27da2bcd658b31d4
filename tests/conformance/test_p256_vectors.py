"""P-256 signatures against Wycheproof, with this format's stricter rule counted out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manifests.errors import MalformedError
from manifests.keys import Algorithm, PublicKey, lower_half

pytestmark = pytest.mark.conformance

# Half of the group's order (SEC 2, 2.4.2), rounded down.
HALF = 0x7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8


def scalar(signature: bytes) -> int:
    """s of a DER signature known to be well formed: 30 len 02 len r 02 len s."""
    length = signature[3]
    assert (signature[0], signature[2], signature[4 + length]) == (0x30, 2, 2)
    return int.from_bytes(signature[6 + length :], "big")


def test_wycheproof_ecdsa_p256_sha256(shared_data: Path) -> None:
    folder = shared_data / "crypto" / "C2SP+wycheproof" / "testvectors_v1"
    vectors = json.loads((folder / "ecdsa_secp256r1_sha256_test.json").read_bytes())
    wrong, high, low, count = [], 0, 0, 0
    for group in vectors["testGroups"]:
        assert (group["publicKey"]["curve"], group["sha"]) == ("secp256r1", "SHA-256")
        point = bytes.fromhex(group["publicKey"]["uncompressed"])
        key = PublicKey(point, Algorithm.P256)
        assert key.spki.hex() == group["publicKeyDer"]
        assert PublicKey.from_spki(bytes.fromhex(group["publicKeyDer"])) == key
        for case in group["tests"]:
            count += 1
            message, sig = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            valid = case["result"] == "valid"
            assert valid or case["result"] == "invalid"
            # The one difference: of the two valid forms (r, s) and (r, n - s) only
            # the lower is taken, so that nobody can make a second line of a first.
            expected = valid and scalar(sig) <= HALF
            high += valid and not expected
            low += expected
            if key.is_signed(message, sig) != expected:
                wrong.append((case["tcId"], case["comment"]))
            if valid and not key.is_signed(message, lower_half(sig)):
                wrong.append((case["tcId"], "its other form"))
    assert wrong == []
    assert count == vectors["numberOfTests"] == 484
    assert (low, high) == (103, 71)


def test_wycheproof_points_off_the_curve_are_no_keys(shared_data: Path) -> None:
    folder = shared_data / "crypto" / "C2SP+wycheproof" / "testvectors_v1"
    vectors = json.loads((folder / "ecdsa_secp256r1_sha256_test.json").read_bytes())
    for group in vectors["testGroups"]:
        point = bytearray.fromhex(group["publicKey"]["uncompressed"])
        point[-1] ^= 1
        for form in (bytes(point), bytes(65), b"\x04" + bytes(64)):
            with pytest.raises(MalformedError):
                PublicKey(form, Algorithm.P256)
