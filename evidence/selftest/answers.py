"""Known answers for every primitive a case rests on.

Each answer comes from a published vector or another program (named beside it), never
from this code. A check raises nothing and returns "" when the answer is right, else
what was wrong.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from evidence.hashing import hash_file
from evidence.keyfile import DerivedPostQuantum
from evidence.sink import PayloadSink
from manifests import canonical, note
from manifests.checkpoint import is_signed_by
from manifests.entries import pre_authentication_encoding
from manifests.errors import MalformedError
from manifests.keys import Algorithm, PublicKey
from manifests.merkle import (
    ProofError,
    inclusion_proof,
    leaf_hash,
    tree_root,
    verify_inclusion,
)
from manifests.postquantum import PostQuantumKey, is_available
from manifests.verifying.peaks import Peaks

Check = Callable[[], str]
NOT_AVAILABLE = "not available here"


def _equal(found: object, expected: object) -> str:
    return "" if found == expected else f"{found!r} instead of {expected!r}"


def _both(good: bool, bad: bool) -> str:  # noqa: FBT001 - two answers, read together
    """A check that must accept the right thing and refuse the wrong one."""
    if not good:
        return "the right one was refused"
    return "a wrong one was accepted" if bad else ""


def sha256() -> str:
    """FIPS 180-4, the message "abc" (NIST example)."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    return _equal(hashlib.sha256(b"abc").hexdigest(), expected)


def sha512() -> str:
    """FIPS 180-4, the message "abc" (NIST example)."""
    expected = (
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    )
    return _equal(hashlib.sha512(b"abc").hexdigest(), expected)


def ed25519_sign() -> str:
    """RFC 8032 section 7.1, test 1: key and signature of the empty message."""
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    found = private.public_key().public_bytes_raw() + private.sign(b"")
    return _equal(found.hex(), _RFC8032_KEY + _RFC8032_SIGNATURE)


def ed25519_verify() -> str:
    """RFC 8032 section 7.1, test 1: accepted, and refused over another message."""
    key = PublicKey(bytes.fromhex(_RFC8032_KEY))
    signature = bytes.fromhex(_RFC8032_SIGNATURE)
    return _both(key.is_signed(b"", signature), key.is_signed(b"a", signature))


def p256_verify() -> str:
    """RFC 6979 A.2.5, "sample" with SHA-256, in the form with the lower s."""
    key = PublicKey(bytes.fromhex("04" + _RFC6979_KEY), Algorithm.P256)
    signature = bytes.fromhex(_RFC6979_SIGNATURE)
    return _both(key.is_signed(b"sample", signature), key.is_signed(b"test", signature))


def ml_dsa_44() -> str:
    """Seed 00..1f and a signature made by another implementation (dilithium-py)."""
    if not is_available():
        return NOT_AVAILABLE
    from cryptography.hazmat.primitives.asymmetric import mldsa

    private = mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
    raw = private.public_key().public_bytes_raw()
    if hashlib.sha256(raw).hexdigest() != _ML_DSA_KEY:
        return "the seed gives another key"
    folder = resources.files("evidence.selftest")
    signature = folder.joinpath("ml-dsa-44.sig").read_bytes()
    key, message = PostQuantumKey(raw), b"custody self-test"
    return _both(
        key.is_signed(message, signature), key.is_signed(message + b".", signature)
    )


def key_derivation() -> str:
    """HKDF-SHA-512 of 00..1f by ``openssl kdf``, its key by dilithium-py."""
    if not is_available():
        return NOT_AVAILABLE
    found = DerivedPostQuantum(bytes(range(32))).public.fingerprint
    return _equal(found, _DERIVED_KEY)


def pbkdf2() -> str:
    """PBKDF2-HMAC-SHA-256 as ``openssl kdf`` computes it, 4,096 rounds."""
    derived = PBKDF2HMAC(hashes.SHA256(), 32, b"saltsalt", 4096).derive(b"passphrase")
    expected = "f4bda601995d6650ed4002632866d3c8869a766f9347bcb7977a18148b02105d"
    return _equal(derived.hex(), expected)


def aes_256_cbc() -> str:
    """NIST SP 800-38A F.2.5, first block."""
    key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
    mode = modes.CBC(bytes(range(16)))
    encryptor = Cipher(algorithms.AES(bytes.fromhex(key)), mode).encryptor()
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    return _equal(encryptor.update(plain).hex(), "f58c4c04d6e5f1ba779eabfb5f7bfbd6")


def age_files() -> str:
    """A file the age tool 1.1.1 made for the identity in C2SP's age.md, read twice."""
    import os

    import pyrage

    from evidence.vault.agefile import PayloadReader, open_file

    data = base64.b64decode(_AGE_FILE)
    key = pyrage.x25519.Identity.from_str(_AGE_IDENTITY)
    found = [bytes(pyrage.decrypt(data, [key]))]
    refused = 0
    with tempfile.TemporaryDirectory(prefix="custody-") as folder:
        path = Path(folder, "file")
        for content in (data, data[:-1], data[:-1] + bytes([data[-1] ^ 1])):
            path.write_bytes(content)
            with path.open("rb") as file:
                opened = open_file(file.fileno(), _AGE_IDENTITY)
                own = os.dup(file.fileno())
                try:
                    reader = PayloadReader(own, opened)
                except MalformedError:
                    os.close(own)
                    refused += 1
                    continue
                with reader:
                    found.append(reader.read() or b"")
    return _equal((found, refused), ([b"custody self-test"] * 2, 2))


def merkle_tree() -> str:
    """RFC 6962 roots of transparency-dev's eight leaves, writer and verifier."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in _LEAVES]
    peaks = Peaks()
    for leaf in leaves:
        peaks.push(leaf)
    return _equal((tree_root(leaves).hex(), peaks.root().hex()), (_ROOT, _ROOT))


def inclusion() -> str:
    """An inclusion proof in that tree holds, and not for another leaf."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in _LEAVES]
    proof, root = inclusion_proof(leaves, 5), bytes.fromhex(_ROOT)

    def holds(leaf: bytes) -> bool:
        try:
            verify_inclusion(leaf, 5, 8, proof, root)
        except ProofError:
            return False
        return True

    return _both(holds(leaves[5]), holds(leaves[4]))


def canonical_json() -> str:
    """RFC 8785: order of members, escapes; other spellings are refused."""
    value: dict[str, canonical.Json] = {"b": "\u20ac\r\n\x0f\\", "a": [1, True, None]}
    expected = '{"a":[1,true,null],"b":"\u20ac\\r\\n\\u000f\\\\"}'.encode()
    if canonical.encode(value, what="a value") != expected:
        return "another spelling was written"
    try:
        canonical.decode_object(b'{"a": 1}', what="a value", max_bytes=100)
    except MalformedError:
        return ""
    return "another spelling was accepted"


def pre_authentication() -> str:
    """DSSE v1 PAE, by its definition, with this project's type."""
    expected = b"DSSEv1 37 application/vnd.custody.entry.v1+json 2 {}"
    return _equal(pre_authentication_encoding(b"{}"), expected)


def signed_note() -> str:
    """The example note of the C2SP signed-note specification."""
    name, kind, raw = note.read_vkey(_NOTE_KEY)
    signed = note.read_note(_NOTE.encode())
    key = PublicKey(raw)
    altered = note.SignedNote(signed.text + b"\n", signed.signatures)
    if kind != note.ED25519:
        return "the key was read as another kind"
    return _both(is_signed_by(signed, name, key), is_signed_by(altered, name, key))


def copying() -> str:
    """3 MiB through the copying engine; digest from sha256sum."""
    data = bytes(i * 7 % 251 for i in range(251)) * 12_533
    with tempfile.TemporaryDirectory(prefix="custody-") as folder:
        path = Path(folder, "payload")
        with PayloadSink(path) as sink:
            sink.write(data[: 3 << 20])
            written = sink.finish()
        again = hash_file(path).sha256
    return _equal((written.sha256, again, written.bytes), (_COPY, _COPY, 3 << 20))


_RFC8032_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
_RFC8032_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
_RFC6979_KEY = (
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
_RFC6979_SIGNATURE = (
    "3045022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "02200834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9"
)
_ML_DSA_KEY = "9f107644c1084526af3bc8098680b05499a2325a644e388fb4f970e058d19d46"
_DERIVED_KEY = "43449dc1645a224a1f889c5a8096c33fb06f2955131938f925e57c3a630e5411"
_AGE_IDENTITY = (
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
)
_AGE_FILE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA2VUd4cTArQ1pETUp0eG1DUWRJVXByRWRL"
    "Q1JEYTlQcS9PWEJyRVZpalY4CnN1Wm9IblpJbURGbW1NcFBxWW04YlYyWjVQdUErOWwrWERDQVZl"
    "anhZTzAKLS0tIFA1RGc5TXUzNjZvRWhUdGJTZDN0OVRrZDZFYzZUVHQrYU1RalhleUZpQWMKFw/I"
    "9011zdelFJ9OdX1S90Q94iG3ekXUb/EI7M9fpj9oqmRTLdn1oEbB+mQV2T2N8g=="
)
_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
_COPY = "f1c2e3c1532b6207595095f73b96401568e74d75c9120a35217b357263370960"
_NOTE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1"
    "Yu72IneyaQM=\n"
)

ANSWERS: tuple[tuple[str, Check], ...] = (
    ("SHA-256", sha256),
    ("SHA-512", sha512),
    ("Ed25519 signing", ed25519_sign),
    ("Ed25519 verifying", ed25519_verify),
    ("P-256 verifying", p256_verify),
    ("ML-DSA-44", ml_dsa_44),
    ("ML-DSA-44 key derivation", key_derivation),
    ("PBKDF2-HMAC-SHA-256", pbkdf2),
    ("AES-256-CBC", aes_256_cbc),
    ("age files", age_files),
    ("RFC 6962 tree", merkle_tree),
    ("inclusion proof", inclusion),
    ("canonical JSON", canonical_json),
    ("DSSE encoding", pre_authentication),
    ("signed note", signed_note),
    ("copying and hashing", copying),
)
