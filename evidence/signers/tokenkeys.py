"""One key on a PKCS#11 token: what its public half is, and how it signs.

Forms (PKCS#11 v3.0): CKA_EC_PARAMS is a DER object identifier; CKA_EC_POINT a DER
OCTET STRING around the point, which some tokens leave out; an ECDSA signature is r
and s, 32 bytes each.
"""

from __future__ import annotations

import contextlib
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from evidence.key_errors import TokenFailedError, TokenKeyUnusableError
from evidence.signers.handles import KeyKind, is_signature, kind_of
from manifests.keys import P256_PREFIX, SPKI_PREFIX

if TYPE_CHECKING:
    from pkcs11 import Object, Session

_OID_P256 = bytes.fromhex("06082a8648ce3d030107")
_OID_ED25519 = bytes.fromhex("06032b6570")
_NAME_ED25519 = b"\x13\x0cedwards25519"  # PKCS#11 v3.0 also knows curves by name
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 9.2


class TokenKey:
    """A private key on a token, in a session that is logged in."""

    def __init__(
        self, session: Session, private: Object, spki: bytes, *, pin: str | None
    ) -> None:
        import pkcs11

        self._session = session
        self._private = private
        self._token = session.token.label
        self._spki = spki
        kind = kind_of(spki)
        if kind is None:
            reason = "it is neither Ed25519 nor P-256, nor RSA of 3,072 bits or more"
            raise TokenKeyUnusableError(token=self._token, reason=reason)
        self._kind = kind
        if _flag(private, pkcs11.Attribute.SIGN) is False:
            reason = "the token does not let it sign"
            raise TokenKeyUnusableError(token=self._token, reason=reason)
        # Some cards want the PIN for every signature (CKA_ALWAYS_AUTHENTICATE).
        always = _flag(private, pkcs11.Attribute.ALWAYS_AUTHENTICATE) is True
        if always and pin is None:
            reason = "it wants its PIN pad for every signature, which is not supported"
            raise TokenKeyUnusableError(token=self._token, reason=reason)
        self._pin = pin if always else None
        self._mechanism = self._choose()

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        return self._spki

    @property
    def token(self) -> str:
        """The token's label."""
        return self._token

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message` (`KeyHandle.sign`).

        Raises:
            TokenFailedError: the token did not sign.
            TokenKeyUnusableError: it signed with another key than it shows.
        """
        import pkcs11

        try:
            raw = self._sign(message)
        except pkcs11.PKCS11Error as error:
            name = type(error).__name__
            raise TokenFailedError(token=self._token, reason=name) from error
        signature = raw
        if self._kind is KeyKind.P256:
            signature = _ecdsa_der(raw) if len(raw) == 64 else b""
        if not is_signature(self._spki, message, signature):
            reason = "what it signed does not verify with the public key beside it"
            raise TokenKeyUnusableError(token=self._token, reason=reason)
        return signature

    def _sign(self, message: bytes) -> bytes:
        from pkcs11 import Mechanism

        given = message
        if self._mechanism is Mechanism.ECDSA:
            given = sha256(message).digest()
        elif self._mechanism is Mechanism.RSA_PKCS:
            given = _SHA256_INFO + sha256(message).digest()
        options = {} if self._pin is None else {"pin": self._pin}
        found = self._private.sign(given, mechanism=self._mechanism, **options)  # type: ignore[attr-defined]  # SignMixin
        return bytes(found)

    def _choose(self) -> object:
        """Return the mechanism to sign with: hashing here where the token allows."""
        from pkcs11 import Mechanism

        wanted = {
            KeyKind.ED25519: (Mechanism.EDDSA,),
            KeyKind.P256: (Mechanism.ECDSA, Mechanism.ECDSA_SHA256),
            KeyKind.RSA: (Mechanism.RSA_PKCS, Mechanism.SHA256_RSA_PKCS),
        }[self._kind]
        offered = self._session.token.slot.get_mechanisms()
        for mechanism in wanted:
            if mechanism in offered:
                return mechanism
        reason = f"the token does not sign with {self._kind.value}"
        raise TokenKeyUnusableError(token=self._token, reason=reason)

    def close(self) -> None:
        """End the session; without effect when the token is gone."""
        import pkcs11

        with contextlib.suppress(pkcs11.PKCS11Error):
            self._session.close()


def _ecdsa_der(raw: bytes) -> bytes:
    r, s = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))
    return encode_dss_signature(r, s)


def _flag(item: Object, attribute: object) -> bool | None:
    """Return a boolean attribute; None where the token does not have it."""
    import pkcs11

    try:
        return bool(item[attribute])  # type: ignore[index]  # ObjectHandleWrapper
    except pkcs11.PKCS11Error:
        return None


def public_key_of(session: Session, private: Object) -> bytes:
    """Return the SPKI that public key objects and certificates beside a key name.

    Raises:
        TokenKeyUnusableError: there is none, or they disagree.
    """
    import pkcs11

    token = session.token.label
    beside = _beside(session, private)
    found = {_spki_of(item, token) for item in beside}
    if not found:
        reason = "neither a public key nor a certificate with its id is beside it"
        raise TokenKeyUnusableError(token=token, reason=reason)
    if len(found) > 1:
        reason = "public keys and certificates with its id disagree"
        raise TokenKeyUnusableError(token=token, reason=reason)
    spki = found.pop()
    if kind_of(spki) is None and _value(private, pkcs11.Attribute.EC_PARAMS):
        reason = "its curve is not P-256 or Ed25519"
        raise TokenKeyUnusableError(token=token, reason=reason)
    return spki


def _beside(session: Session, private: Object) -> list[Object]:
    """Return public keys and certificates with the key's id, or label without one."""
    from pkcs11 import Attribute, ObjectClass

    key_id, label = _value(private, Attribute.ID), _value(private, Attribute.LABEL)
    if key_id:
        same: dict[Attribute, object] = {Attribute.ID: key_id}
    elif label:
        same = {Attribute.LABEL: label}
    else:
        return []
    found: list[Object] = []
    for kind in (ObjectClass.PUBLIC_KEY, ObjectClass.CERTIFICATE):
        found += list(session.get_objects({Attribute.CLASS: kind, **same}))
    return found


def _value(item: Object, attribute: object) -> object:
    import pkcs11

    try:
        return item[attribute]  # type: ignore[index]  # ObjectHandleWrapper
    except pkcs11.PKCS11Error:
        return None


def _spki_of(item: Object, token: str) -> bytes:
    """Return the SPKI of a public key object or certificate.

    Raises:
        TokenKeyUnusableError: of a kind that signs nothing here.
    """
    from pkcs11 import Attribute, ObjectClass

    reason = "it is neither Ed25519 nor P-256, nor RSA"
    try:
        if _value(item, Attribute.CLASS) == ObjectClass.CERTIFICATE:
            certificate = load_der_x509_certificate(_bytes(item, Attribute.VALUE))
            return certificate.public_key().public_bytes(
                Encoding.DER, PublicFormat.SubjectPublicKeyInfo
            )
        curve = _value(item, Attribute.EC_PARAMS)
        if curve is not None:
            return _ec_spki(bytes(_bytes(item, Attribute.EC_PARAMS)), item)
        numbers = rsa.RSAPublicNumbers(
            _integer(_value(item, Attribute.PUBLIC_EXPONENT)),
            _integer(_value(item, Attribute.MODULUS)),
        )
        return numbers.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, TypeError) as error:
        raise TokenKeyUnusableError(token=token, reason=reason) from error


def _bytes(item: Object, attribute: object) -> bytes:
    value = _value(item, attribute)
    if not isinstance(value, bytes):
        raise TypeError("the token does not show an attribute")
    return value


def _integer(value: object) -> int:
    if isinstance(value, bytes):
        return int.from_bytes(value, "big")
    if not isinstance(value, int):
        raise TypeError("the token does not show an attribute")
    return value


def _ec_spki(curve: bytes, item: Object) -> bytes:
    from pkcs11 import Attribute

    point = _bytes(item, Attribute.EC_POINT)
    if curve == _OID_P256:
        prefix, length = P256_PREFIX, 65
    elif curve in (_OID_ED25519, _NAME_ED25519):
        prefix, length = SPKI_PREFIX, 32
    else:
        raise ValueError("another curve")
    if len(point) == length + 2 and point[:2] == bytes([4, length]):
        point = point[2:]
    if len(point) != length:
        raise ValueError("the point has not the length of its curve")
    return prefix + point
