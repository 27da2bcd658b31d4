"""Ed25519 signatures checked (RFC 8032), by libsodium: half the time OpenSSL takes.

What is accepted is stated here and in docs/spec/manifest-v1.md 5.1, not left to a
library's version. A signature R || S over M by the key A (each 32 bytes) holds if

* A is a canonical encoding (y < p) of a point of the curve, not of small order;
* R is not one of the 14 encodings of the 8 points of small order;
* S < L (5.1.7: no second scalar for the same signature);
* the encoding of [S]B - [SHA-512(R || A || M)]A is R, byte for byte: the equation
  without the cofactor, as OpenSSL checks it, so that R is canonical, too.

Honest signers never make what the first three refuse, so OpenSSL and libsodium agree
on whatever they signed (docs/adr/0033-ed25519-by-libsodium.md). Signing is not here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

from manifests.errors import SignatureLibraryError

Check = Callable[[bytes, bytes, bytes], bool]  # key, message, signature

_GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493  # L
_FIELD: Final = 2**255 - 19  # p
# y of the points of order 1, 2, 4 and 8, and the spellings of 0 and 1 above p. With
# such a key one signature fits many messages, so it binds its holder to none of them;
# who signs with such an R gives the private key away.
_SMALL_ORDER_Y: Final = (
    0,
    1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    _FIELD - 1,
    _FIELD,
    _FIELD + 1,
)
_SIGN: Final = 1 << 255
_SMALL_ORDER: Final = frozenset(
    (y | sign).to_bytes(32, "little") for y in _SMALL_ORDER_Y for sign in (0, _SIGN)
)
# Known answers, asked of the library once before it is relied on: a signature of
# RFC 8032 (7.1, test 2), and one over "cofactor" by the same key whose R has a part of
# order 8. It fulfils only the equation multiplied by the cofactor, which RFC 8032
# allows and other versions of libsodium may check.
_KEY: Final = bytes.fromhex(
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
)
_GOOD: Final = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)

_COFACTORED: Final = bytes.fromhex(
    "cac49261ac724cb49d9927bfca46d64541d22ecbc399cd787b72eb4c6dc3921d"
    "a0be9f7fd8f235708cb95dfc4cfeb95463690da26e93bd3b44a69427fed65f07"
)
_KNOWN: Final = (
    (b"\x72", _GOOD, True),
    (b"\x73", _GOOD, False),
    (b"cofactor", _COFACTORED, False),
)


def is_weak(key: bytes) -> bool:
    """Tell whether a 32-byte key is of small order or not in canonical encoding.

    No signature by such a key is accepted.
    """
    y = int.from_bytes(key, "little") & (_SIGN - 1)
    return y >= _FIELD or key in _SMALL_ORDER


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether `signature` over `message` by `key` (32 bytes) holds, as above.

    Raises:
        SignatureLibraryError: libsodium cannot be loaded, or answers otherwise than
            it must; nothing is verified by another library instead.
    """
    if len(signature) != 64 or signature[:32] in _SMALL_ORDER or _weak(key):
        return False
    if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER:
        return False
    return _library()(key, message, signature)


# A log has a few keys and very many signatures.
_weak = functools.lru_cache(maxsize=256)(is_weak)


@functools.cache
def _library() -> Check:
    """Return libsodium's check, loaded when the first signature is checked.

    Loading takes some 20 ms, which ``custody --help`` does not wait for.
    """
    try:
        # Not with the module: start-up would wait for it.
        from nacl.bindings import crypto_sign_open  # noqa: PLC0415
        from nacl.exceptions import BadSignatureError  # noqa: PLC0415
    except (ImportError, OSError) as error:
        reason = f"it cannot be loaded ({type(error).__name__})"
        raise SignatureLibraryError(reason=reason) from error

    def check(key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            crypto_sign_open(signature + message, key)
        except BadSignatureError:
            return False
        return True

    require_known_answers(check)
    return check


def require_known_answers(check: Check) -> None:
    """Ask `check` what has a known answer.

    Raises:
        SignatureLibraryError: it accepts or refuses otherwise.
    """
    for message, signature, good in _KNOWN:
        if check(_KEY, message, signature) is not good:
            word = "refuses" if good else "accepts"
            raise SignatureLibraryError(reason=f"it {word} what it must not")
