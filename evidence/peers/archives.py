"""Archives that carry their own proof: WACZ, and bundles of ProofMode.

WACZ 1.1.1 and WACZ Signing and Verification 0.1.0 (specs.webrecorder.net); ProofMode
bundles as its Android and iOS apps write them: ``HASH.proof.csv`` or ``.json`` with
``File Hash SHA256``, ``.asc`` beside each, ``pubkey.asc``.
"""

from __future__ import annotations

import base64
import binascii
import csv
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
from evidence.peers.sums import read_csv, text_of

PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
_MAX_DOCUMENT = 32 << 20
_PROOF = re.compile(r"(.*)\.proof\.(csv|json)")
_HASH_FIELD = "File Hash SHA256"
_MAX_PROOFS = 10_000
# Bits that say a file is not compressed: the names WACZ readers know.
_HASH = re.compile(r"sha(256|384|512):([0-9a-fA-F]+)")


def form_of(view: Zip) -> Form:
    """Tell what proof a zip carries."""
    names = set(view.names())
    if PACKAGE in names:
        return Form.WACZ
    if any(_PROOF.fullmatch(name) for name in names):
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


# -- ProofMode ---------------------------------------------------------------------


def read_proofmode(view: Zip) -> Reading:
    """Read the digests a ProofMode bundle states of the files in it."""
    reading = Reading(Form.PROOFMODE, inside=True)
    names = view.names()
    proofs = [name for name in names if _PROOF.fullmatch(name)]
    if len(proofs) > _MAX_PROOFS:
        raise ValueError("the bundle holds too many proofs")
    own: dict[str, str] = {}
    for name in names:
        if not _is_proof(name):
            with view.open(name) as stream:
                found = hashlib.file_digest(cast("Any", stream), "sha256")
            own[name] = found.hexdigest()
    for name in proofs:
        said = _stated(read_small(view, name, _MAX_DOCUMENT), name)
        if not said:
            reading.unread += 1
        for digest in said:
            # The name of a proof is the digest of its file; the file keeps its own.
            path = next((n for n, value in own.items() if value == digest), None)
            stem = name.rpartition("/")[2].split(".")[0].lower()
            if is_digest(stem, "sha256") and stem != digest:
                reading.faults.append("A proof is named after another file's digest.")
            reading.add(Claim("sha256", digest, path or f"(file of {name})"))
    covered = {claim.path for claim in reading.claims}
    media = [name for name in own if not name.lower().endswith((".txt", ".html"))]
    reading.unlisted += [name for name in media if name not in covered]
    signed = sum(name.endswith(".asc") for name in names)
    if signed:
        reading.signature = Signature.NOT_CHECKED
        reading.notes.add(Note.PGP)
        reading.limits.append(
            "Its OpenPGP signatures were not checked; 'gpg --verify' does that. "
            "Whose key it is, the bundle itself cannot say."
        )
    if any(name.endswith(".ots") for name in names):
        reading.notes.add(Note.TIME)
        reading.limits.append("Its OpenTimestamps proofs were not checked.")
    return reading


def _is_proof(name: str) -> bool:
    ending = name.lower()
    return bool(_PROOF.fullmatch(name)) or ending.endswith(
        (".asc", ".ots", ".devicecheck", ".attest", ".gst", ".proof", ".c2pa")
    )


def _stated(data: bytes, name: str) -> list[str]:
    """Return the SHA-256 digests a proof states of its file."""
    text = text_of(data)
    values: list[object] = []
    try:
        if name.endswith(".json"):
            value = json.loads(text)
            if isinstance(value, dict):
                values.append(value.get(_HASH_FIELD))
        else:
            rows = read_csv(text)
            if rows and _HASH_FIELD in rows[0]:
                column = rows[0].index(_HASH_FIELD)
                values += [row[column] for row in rows[1:] if len(row) > column]
            else:  # older builds write a name and a value a line
                values += [row[1] for row in rows if row[:1] == [_HASH_FIELD]]
    except (ValueError, RecursionError, csv.Error, IndexError):
        return []
    found = [v.strip().lower() for v in values if isinstance(v, str)]
    return list(dict.fromkeys(v for v in found if is_digest(v, "sha256")))
