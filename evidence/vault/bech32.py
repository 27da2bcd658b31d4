"""Bech32 (BIP 173) as age uses it for its keys: without a limit of length."""

from __future__ import annotations

from manifests.errors import MalformedError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def encode(prefix: str, data: bytes) -> str:
    """Return the text of `data` under a prefix in small letters."""
    number, bits = int.from_bytes(data, "big"), len(data) * 8
    pad = -bits % 5
    number <<= pad
    groups = (bits + pad) // 5
    values = [number >> 5 * (groups - 1 - i) & 31 for i in range(groups)]
    check = _polymod([*_expanded(prefix), *values, *[0] * _CHECKSUM]) ^ 1
    values += [check >> 5 * (_CHECKSUM - 1 - i) & 31 for i in range(_CHECKSUM)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str, prefix: str) -> bytes:
    """Return the bytes in `text` (all small or all capital letters).

    Raises:
        MalformedError: other letters, prefix, checksum or padding.
    """
    small = text.lower()
    head, _, body = small.rpartition("1")
    mixed = text not in (small, text.upper())
    if mixed or head != prefix or not set(body) <= set(_ALPHABET) or len(body) < 6:
        raise MalformedError(what="an age key", reason="it is not well formed")
    values = [_ALPHABET.index(c) for c in body]
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise MalformedError(what="an age key", reason="its check digits are wrong")
    values = values[:-_CHECKSUM]
    number = 0
    for value in values:
        number = number << 5 | value
    extra = len(values) * 5 % 8
    if extra >= 5 or number & ((1 << extra) - 1):
        raise MalformedError(what="an age key", reason="it is not well formed")
    return (number >> extra).to_bytes(len(values) * 5 // 8, "big")
