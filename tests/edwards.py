"""Ed25519 by hand, for signatures no honest signer makes (RFC 8032 5.1, affine)."""

from __future__ import annotations

from hashlib import sha512

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
D = -121665 * pow(121666, -1, FIELD) % FIELD
Point = tuple[int, int]
ZERO: Point = (0, 1)


def on_curve(y: int) -> Point | None:
    """RFC 8032 5.1.3: a point with this y, by Euler's criterion."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
    if pow(square, (FIELD - 1) // 2, FIELD) not in (0, 1):
        return None
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if x * x % FIELD != square:
        x = x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    assert x * x % FIELD == square
    return x, y


def added(a: Point, b: Point) -> Point:
    """Affine Edwards addition (RFC 8032 5.1.4, complete)."""
    product = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, FIELD)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, FIELD)
    return x % FIELD, y % FIELD


def times(number: int, point: Point) -> Point:
    """The sum of `number` times `point`."""
    total = ZERO
    while number:
        if number & 1:
            total = added(total, point)
        point, number = added(point, point), number >> 1
    return total


def base() -> Point:
    """The generator B: y is 4/5, x is even."""
    point = on_curve(4 * pow(5, -1, FIELD) % FIELD)
    assert point is not None
    return point if point[0] % 2 == 0 else (FIELD - point[0], point[1])


def of_order_8() -> Point:
    """A point of order 8."""
    y = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    point = on_curve(int.from_bytes(bytes.fromhex(y), "little"))
    assert point is not None
    assert times(4, point) != ZERO
    assert times(8, point) == ZERO
    return point


def encoded(point: Point) -> bytes:
    """RFC 8032 5.1.2."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """k of RFC 8032 5.1.7."""
    return int.from_bytes(sha512(r + key + message).digest(), "little") % GROUP_ORDER


def scalar_of(seed: bytes) -> int:
    """The secret scalar of a seed (RFC 8032 5.1.5), below the group order."""
    scalar = int.from_bytes(sha512(seed).digest()[:32], "little")
    return (scalar & ((1 << 254) - 8) | 1 << 254) % GROUP_ORDER


def signature(
    message: bytes, *, secret: int, key: Point, nonce: int, twist: Point = ZERO
) -> bytes:
    """Sign with R = nonce * B + `twist`: crafted where `twist` is not zero."""
    r = encoded(added(times(nonce, base()), twist))
    k = challenge(r, encoded(key), message)
    return r + ((nonce + k * secret) % GROUP_ORDER).to_bytes(32, "little")


def decoded(raw: bytes) -> Point | None:
    """The point of 32 bytes, canonical or not."""
    number = int.from_bytes(raw, "little")
    point = on_curve((number & (1 << 255) - 1) % FIELD)
    if point is None:
        return None
    return point if point[0] % 2 == number >> 255 else (FIELD - point[0], point[1])


def holds_with_cofactor(key: bytes, message: bytes, signed: bytes) -> bool:
    """The laxer equation RFC 8032 5.1.7 allows: [8][S]B = [8]R + [8][k]A."""
    point, r = decoded(key), decoded(signed[:32])
    if point is None or r is None:
        return False
    left = times(8 * int.from_bytes(signed[32:], "little"), base())
    right = added(r, times(challenge(signed[:32], key, message), point))
    return left == times(8, right)


def small_order_encodings() -> list[bytes]:
    """Every 32-byte encoding of the 8 points of small order, also non-canonical."""
    eighth = of_order_8()
    ys = {times(n, eighth)[1] for n in range(8)}
    ys |= {y + FIELD for y in ys if y + FIELD < 2**255}
    return [
        (y | sign << 255).to_bytes(32, "little") for y in sorted(ys) for sign in (0, 1)
    ]
