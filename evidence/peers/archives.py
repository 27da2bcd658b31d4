"""Archives that carry their own proof: which one, and WACZ.

WACZ 1.1.1 and WACZ Signing and Verification 0.1.0 (specs.webrecorder.net).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Any, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from evidence.peers.claims import Claim, Form, Note, Reading, Signature, is_digest
from evidence.peers.members import Zip, read_small
from evidence.peers.proofmode import is_statement

PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
_MAX_DOCUMENT = 32 << 20
_HASH = re.compile(r"sha(256|384|512):([0-9a-fA-F]+)")


def form_of(view: Zip) -> Form:
    """Tell what proof a zip carries."""
    names = set(view.names())
    if PACKAGE in names:
        return Form.WACZ
    if any(is_statement(name) for name in names):
        return Form.PROOFMODE
    return Form.UNKNOWN


# -- WACZ --------------------------------------------------------------------------


def read_wacz(view: Zip) -> Reading:
    """Read the digests of a WACZ and judge its signature."""
    reading = Reading(Form.WACZ, inside=True)
    raw = read_small(view, PACKAGE, _MAX_DOCUMENT)
    package = _document(raw, PACKAGE, reading)
    listed = {PACKAGE, DIGEST}
    resources = package.get("resources")
    if not isinstance(resources, list):
        reading.faults.append("Its datapackage.json lists no resources.")
        resources = []
    for one in resources:
        listed.add(_resource(one, reading))
    reading.unlisted += sorted(set(view.names()) - listed)
    if view.doubled:
        reading.faults.append("The archive holds two files of one name.")
    if DIGEST in view.names():
        digest = _document(read_small(view, DIGEST, _MAX_DOCUMENT), DIGEST, reading)
        _sealing(digest, raw, reading)
    else:
        reading.limits.append("It has no datapackage-digest.json, so no signature.")
    return reading


def _document(raw: bytes, name: str, reading: Reading) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        reading.damaged = True
        reading.faults.append(f"Its {name} is no JSON object.")
        return {}
    return cast("dict[str, Any]", value)


def _resource(one: object, reading: Reading) -> str:
    if not isinstance(one, dict) or not isinstance(one.get("path"), str):
        reading.unread += 1
        return ""
    path, said, size = one["path"], one.get("hash"), one.get("bytes")
    match = _HASH.fullmatch(said) if isinstance(said, str) else None
    if match is None or not is_digest(match[2], f"sha{match[1]}"):
        reading.unread += 1
        return str(path)
    length = size if isinstance(size, int) and not isinstance(size, bool) else None
    # A path of a WACZ counts from its root alone.
    claim = Claim(f"sha{match[1]}", match[2].lower(), path, length)
    reading.add(claim)
    return str(path)


def _sealing(digest: dict[str, Any], package: bytes, reading: Reading) -> None:
    own = "sha256:" + hashlib.sha256(package).hexdigest()
    if digest.get("hash") != own:
        reading.faults.append("Its datapackage-digest.json is of another package.")
    signed = digest.get("signedData")
    if signed is None:
        reading.limits.append("It is not signed.")
        return
    if not isinstance(signed, dict) or signed.get("hash") != own:
        reading.signature = Signature.INVALID
        reading.faults.append("What is signed is of another package.")
        return
    key, words = _key(signed, reading)
    try:
        value = base64.b64decode(str(signed.get("signature")), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if key is None:
        reading.signature = Signature.NOT_CHECKED
        reading.limits.append("Its signature was not checked: no key that is read.")
        return
    holds = _verifies(key, value, own.encode())
    reading.signature = Signature.VALID if holds else Signature.INVALID
    if not holds:
        reading.faults.append("Its signature does not hold.")
    reading.notes.add(Note.SIGNER)
    reading.limits.append(words)
    if "timeSignature" in signed or "timestampCert" in signed:
        reading.notes.add(Note.TIME)
        reading.limits.append("The time stamp on its signature was not checked.")


def _key(signed: dict[str, Any], reading: Reading) -> tuple[Any, str]:
    """Return the key that should have signed, and what is not known of it."""
    try:
        if "domainCert" in signed:
            reading.notes.add(Note.DOMAIN)
            pem = str(signed["domainCert"]).encode()
            words = "Whether the domain's certificate was genuine was not checked."
            return x509.load_pem_x509_certificate(pem).public_key(), words
        der = base64.b64decode(str(signed.get("publicKey")), validate=True)
        return load_der_public_key(der), "Whose key signed it is not known."
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None, ""


def _verifies(key: object, value: bytes, data: bytes) -> bool:
    """Tell whether a signature holds: DER, or r and s side by side (WebCrypto)."""
    if isinstance(key, rsa.RSAPublicKey):
        return _holds(key.verify, value, data, PKCS1v15(), hashes.SHA256())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    forms = [value]
    half = (key.curve.key_size + 7) // 8
    if len(value) == 2 * half:
        numbers = (int.from_bytes(value[:half]), int.from_bytes(value[half:]))
        forms.append(encode_dss_signature(*numbers))
    return any(
        _holds(key.verify, form, data, ec.ECDSA(method))
        for form in forms
        for method in (hashes.SHA256(), hashes.SHA384())
    )


def _holds(verify: Any, *arguments: object) -> bool:
    try:
        verify(*arguments)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True
