"""A sealed record and its commitment, by hand."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from manifests import sealing
from manifests.errors import MalformedError

SALT = bytes(range(16))
LINE = b'{"name":"\xc5\xbdana","salt":"000102030405060708090a0b0c0d0e0f","z":[1,null]}'


def test_known_line_and_commitment() -> None:
    assert sealing.seal({"z": [1, None], "name": "Žana"}, salt=SALT) == LINE
    assert sealing.commitment(LINE) == sha256(b"\x00" + LINE).digest()
    assert sealing.unseal(LINE) == {
        "name": "Žana",
        "salt": "000102030405060708090a0b0c0d0e0f",
        "z": [1, None],
    }


def test_every_record_draws_its_own_128_bit_salt() -> None:
    lines = [sealing.seal({"name": "Žana"}) for _ in range(50)]
    salts = {str(sealing.unseal(line)["salt"]) for line in lines}
    assert len(salts) == 50
    assert {len(bytes.fromhex(salt)) for salt in salts} == {16}
    assert len({sealing.commitment(line) for line in lines}) == 50


def test_a_record_without_fields_can_be_sealed() -> None:
    assert sealing.seal({}, salt=bytes(16)) == b'{"salt":"' + b"0" * 32 + b'"}'


@pytest.mark.parametrize(
    "fields", [{"salt": "mine"}, {"a": 1.5}, {"ä": 1}, {"a": "\ud800"}, {1: 1}]
)
def test_fields_that_cannot_be_sealed(fields: Any) -> None:
    with pytest.raises(MalformedError):
        sealing.seal(fields)


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(MalformedError, match="128 bits"):
        sealing.seal({"a": 1}, salt=salt)


def test_a_record_that_could_not_be_read_back_is_not_written() -> None:
    room = sealing.MAX_RECORD_BYTES - len(sealing.seal({"a": ""}, salt=SALT))
    line = sealing.seal({"a": "x" * room}, salt=SALT)
    assert len(line) == sealing.MAX_RECORD_BYTES
    assert len(str(sealing.unseal(line)["a"])) == room
    with pytest.raises(MalformedError, match="longer than"):
        sealing.seal({"a": "x" * (room + 1)}, salt=SALT)
    with pytest.raises(MalformedError, match="longer than"):
        sealing.unseal(line[:-2] + b'x"}')


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b'{"a":1}',
        b'{"a":1,"salt":null}',
        b'{"a":1,"salt":12345678901234567890123456789012}',
        b'{"a":1,"salt":""}',
        b'{"a":1,"salt":"000102030405060708090a0b0c0d0e"}',
        b'{"a":1,"salt":"000102030405060708090a0b0c0d0e0f10"}',
        b'{"a":1,"salt":"000102030405060708090A0B0C0D0E0F"}',
        b'{"a":1,"salt":"zz0102030405060708090a0b0c0d0e0f"}',
        b'{"a":1,"salt":"00010203 405060708090a0b0c0d0e0f"}',
        LINE + b"\n",
        b" " + LINE,
        LINE.replace(b":[1,", b":[1.0,"),
    ],
)
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(MalformedError):
        sealing.unseal(line)
