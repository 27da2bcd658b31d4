"""ML-DSA-44 verification (FIPS 204, section 6.3), written from the standard.

Standard library only, for the stand-alone verifier beside it. It is slow (some 30 ms a
signature) and not for secrets; it exists so that a second implementation agrees.
"""

from __future__ import annotations

import hashlib

Q = 8_380_417
D = 13
TAU, GAMMA_1, GAMMA_2 = 39, 1 << 17, (Q - 1) // 88
ROWS = COLUMNS = 4
BETA, OMEGA, CHALLENGE = 78, 80, 32
PUBLIC_BYTES, SIGNATURE_BYTES = 1312, 2420
Poly = list[int]

ZETAS = [pow(1753, int(f"{i:08b}"[::-1], 2), Q) for i in range(256)]  # appendix B


def unpack(data: bytes, bits: int) -> Poly:
    """256 numbers of `bits` bits, little-endian (algorithms 16 to 19)."""
    whole, mask = int.from_bytes(data, "little"), (1 << bits) - 1
    return [whole >> bits * i & mask for i in range(256)]


def ntt(values: Poly) -> Poly:
    """Algorithm 41."""
    w, m, length = list(values), 0, 128
    while length:
        for start in range(0, 256, 2 * length):
            m += 1
            for j in range(start, start + length):
                t = ZETAS[m] * w[j + length] % Q
                w[j + length], w[j] = (w[j] - t) % Q, (w[j] + t) % Q
        length //= 2
    return w


def inverse_ntt(values: Poly) -> Poly:
    """Algorithm 42."""
    w, m, length = list(values), 256, 1
    while length < 256:
        for start in range(0, 256, 2 * length):
            m -= 1
            for j in range(start, start + length):
                t = w[j]
                w[j] = (t + w[j + length]) % Q
                w[j + length] = -ZETAS[m] * (t - w[j + length]) % Q
        length *= 2
    return [8_347_681 * x % Q for x in w]


def expand(rho: bytes, row: int, column: int) -> Poly:
    """One polynomial of the matrix A, already transformed (algorithm 30)."""
    stream = hashlib.shake_128(rho + bytes([column, row])).digest(3 * 600)
    found = []
    for at in range(0, len(stream), 3):
        value = int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF
        if value < Q:
            found.append(value)
    assert len(found) >= 256  # fails with a probability below 2^-1000
    return found[:256]


def ball(seed: bytes) -> Poly:
    """The challenge: 39 coefficients 1 or -1 (algorithm 29)."""
    stream = hashlib.shake_256(seed).digest(8 + 2000)
    signs, at, c = int.from_bytes(stream[:8], "little"), 8, [0] * 256
    for i in range(256 - TAU, 256):
        while stream[at] > i:
            at += 1
        j = stream[at]
        at += 1
        c[i] = c[j]
        c[j] = 1 - 2 * (signs >> i + TAU - 256 & 1)
    return c


def hints(data: bytes) -> list[list[bool]] | None:
    """The hint, None when it is not in its one form (algorithm 21)."""
    out, at = [], 0
    for row in range(ROWS):
        end = data[OMEGA + row]
        places = data[at:end]
        if end < at or end > OMEGA or list(places) != sorted(set(places)):
            return None
        out.append([i in places for i in range(256)])
        at = end
    return None if any(data[at:OMEGA]) else out


def high(value: int, hint: bool) -> int:
    """UseHint (algorithms 36 and 40)."""
    low = value % (2 * GAMMA_2)
    low -= 2 * GAMMA_2 if low > GAMMA_2 else 0
    if value - low == Q - 1:
        top, low = 0, low - 1
    else:
        top = (value - low) // (2 * GAMMA_2)
    return (top + (1 if low > 0 else -1)) % 44 if hint else top


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Algorithms 3 and 8, with an empty context."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    rho, packed = public[:32], public[32:]
    seed, rest = signature[:CHALLENGE], signature[CHALLENGE:]
    z = [
        [GAMMA_1 - x for x in unpack(rest[576 * i : 576 * (i + 1)], 18)]
        for i in range(COLUMNS)
    ]
    hint = hints(rest[576 * COLUMNS :])
    if hint is None or any(abs(x) >= GAMMA_1 - BETA for poly in z for x in poly):
        return False
    tr = hashlib.shake_256(public).digest(64)
    mu = hashlib.shake_256(tr + b"\x00\x00" + message).digest(64)
    c = ntt(ball(seed))
    z = [ntt([x % Q for x in poly]) for poly in z]
    whole = hashlib.shake_256(mu)
    for row in range(ROWS):
        t = ntt([x << D for x in unpack(packed[320 * row : 320 * (row + 1)], 10)])
        matrix = [expand(rho, row, column) for column in range(COLUMNS)]
        w = inverse_ntt(
            [
                (sum(matrix[j][i] * z[j][i] for j in range(COLUMNS)) - c[i] * t[i]) % Q
                for i in range(256)
            ]
        )
        tops = [high(x, h) for x, h in zip(w, hint[row], strict=True)]
        bits = sum(top << 6 * i for i, top in enumerate(tops))
        whole.update(bits.to_bytes(192, "little"))
    return whole.digest(CHALLENGE) == seed
