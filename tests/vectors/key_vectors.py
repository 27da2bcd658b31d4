"""Keys of other kinds: P-256, ML-DSA-44, key objects, answers, companions."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from building import CUSTODIAN, EXAMINER, ORIGIN, STRANGER, Key, Vector, pack, pae
from checkpoint_vectors import HEAD, HEAD_LINE, LEAVES, blob_line, note
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from entry_vectors import line, members

POSSESSION = "application/vnd.custody.possession.v1+json"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ML_DSA = Path(__file__).resolve().parent / "mldsa44-signature.txt"


class P256Key(Key):
    """A P-256 key from a fixed number; signatures are those of RFC 6979."""

    def __init__(self, name: str) -> None:
        number = int.from_bytes(
            sha256(f"custody vectors P-256 {name}".encode()).digest()
        )
        self.number = ec.derive_private_key(number % ORDER, ec.SECP256R1())
        self.spki = self.number.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        self.id = sha256(self.spki).hexdigest()
        self.text = base64.b64encode(self.spki).decode()

    def pair(self, message: bytes) -> tuple[int, int]:
        how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(self.number.sign(message, how))
        return r, min(s, ORDER - s)

    def sign(self, message: bytes) -> bytes:
        return encode_dss_signature(*self.pair(message))

    def note_id(self, name: str) -> bytes:
        return sha256(self.spki).digest()[:4]

    def vkey(self, name: str) -> str:
        body = base64.b64encode(b"\x02" + self.spki).decode()
        return f"{name}+{self.note_id(name).hex()}+{body}"


TOKEN = P256Key("token")


def second_forms(message: bytes) -> Iterator[tuple[str, str, bytes]]:
    r, s = TOKEN.pair(message)
    good = encode_dss_signature(r, s)
    yield "high", "s in the upper half.", encode_dss_signature(r, ORDER - s)
    yield "trailing", "A byte after the DER.", good + b"\0"
    length = good[3]
    long = b"\x30" + bytes([good[1] + 1]) + b"\x02" + bytes([length + 1]) + b"\0"
    yield "padded", "r with a zero too many.", long + good[4:]
    yield "raw", "r and s, 64 bytes, no DER.", r.to_bytes(32) + s.to_bytes(32)
    yield (
        "sha512",
        "Over SHA-512.",
        TOKEN.number.sign(
            message, ec.ECDSA(hashes.SHA512(), deterministic_signing=True)
        ),
    )
    yield "zero", "r and s are zero.", bytes.fromhex("3006020100020100")


def p256_vectors() -> Iterator[Vector]:
    body = pack(members(actor=TOKEN.id))
    known = (("key", TOKEN.text), ("key", EXAMINER.text))

    def signed(sig: bytes) -> bytes:
        text = base64.b64encode(sig).decode()
        return line(body, [{"key": TOKEN.id, "sig": text}])

    good = TOKEN.sign(pae(body))
    yield Vector("entry-ok-p256", "none", "Signed with P-256.", signed(good), known)
    for name, comment, sig in second_forms(pae(body)):
        full = f"entry-bad-signature-p256-{name}"
        yield Vector(full, "signature", comment, signed(sig), known)
    leaves = [sha256(b"\0" + bytes.fromhex(leaf)).hexdigest() for leaf in LEAVES]
    extra = (("origin", ORIGIN), ("key", TOKEN.vkey(ORIGIN)))
    extra += tuple(("leaf", leaf) for leaf in leaves)
    mine = TOKEN.note_id(ORIGIN)

    def head(sig: bytes) -> bytes:
        return note(HEAD, blob_line(mine + sig))

    good = head(TOKEN.sign(HEAD))
    yield Vector("checkpoint-ok-p256", "none", "Signed with P-256.", good, extra)
    for name, comment, sig in second_forms(HEAD):
        full = f"checkpoint-bad-signature-p256-{name}"
        yield Vector(full, "signature", comment, head(sig), extra)
    old = sha256(ORIGIN.encode() + b"\n\x02" + TOKEN.spki).digest()[:4]
    data = note(HEAD, blob_line(old + TOKEN.sign(HEAD)))
    comment = "The id of the Ed25519 rule; P-256 has its own."
    yield Vector("checkpoint-unknown-key-p256-id", "unknown-key", comment, data, extra)


# --- ML-DSA-44 ------------------------------------------------------------------------


def second_key() -> mldsa.MLDSA44PrivateKey:
    return mldsa.MLDSA44PrivateKey.from_seed_bytes(sha256(b"custody vectors").digest())


def second_message() -> bytes:
    name = bytes([len(ORIGIN)]) + ORIGIN.encode()
    root = base64.b64decode(HEAD.splitlines()[2])
    return (
        b"subtree/v1\n\0" + name + bytes(8) + name + bytes(8) + bytes(7) + b"\7" + root
    )


def second_signature() -> bytes:
    """Made once and kept: signing is randomised. Checked when it is read."""
    if not ML_DSA.exists():
        made = base64.b64encode(second_key().sign(second_message())).decode()
        ML_DSA.write_text(made + "\n")
    sig = base64.b64decode(ML_DSA.read_text())
    second_key().public_key().verify(sig, second_message())
    return sig


def post_quantum_vectors() -> Iterator[Vector]:
    raw = second_key().public_key().public_bytes_raw()
    number = sha256(ORIGIN.encode() + b"\n\x06" + raw).digest()[:4]
    body = base64.b64encode(b"\x06" + raw).decode()
    vkey = f"{ORIGIN}+{number.hex()}+{body}"
    leaves = [sha256(b"\0" + bytes.fromhex(leaf)).hexdigest() for leaf in LEAVES]
    both = (("origin", ORIGIN), ("key", CUSTODIAN.vkey(ORIGIN)), ("key", vkey))
    both += tuple(("leaf", leaf) for leaf in leaves)
    sig = bytes(8) + second_signature()

    def vector(name: str, comment: str, blob: bytes) -> Vector:
        fault = "none" if name.startswith("ok") else "signature"
        data = note(HEAD, HEAD_LINE + blob_line(number + blob))
        return Vector(f"checkpoint-{name}", fault, comment, data, both)

    yield vector("ok-mldsa", "With an ML-DSA-44 line.", sig)
    bad = "bad-signature-mldsa"
    for place in (9, 8 + 31, 8 + 32, 8 + 2335, 8 + 2336, 8 + 2419):
        changed = bytearray(sig)
        changed[place] ^= 1
        yield vector(
            f"{bad}-{place}", f"A bit of byte {place} differs.", bytes(changed)
        )
    late = bytes(7) + b"\1" + sig[8:]
    yield vector(f"{bad}-time", "A time that was not signed.", late)
    yield vector(f"{bad}-short", "A byte is missing.", sig[:-1])
    yield vector(f"{bad}-timeless", "Without the eight bytes of time.", sig[8:])
    yield vector(f"{bad}-early", "The time is beyond 2^63.", b"\xff" * 8 + sig[8:])


# --- key objects, answers, companions -------------------------------------------------


def key_object(who: Key, log: str = ORIGIN, **changes: object) -> dict[str, object]:
    claim = {"key": who.id, "log": log}
    if "post_quantum" in changes:
        raw = base64.b64decode(str(changes["post_quantum"]) + "==")
        claim["post_quantum"] = sha256(raw).hexdigest()
    proof = pae(pack(claim), POSSESSION)
    kind = "ecdsa-p256" if isinstance(who, P256Key) else "ed25519"
    out: dict[str, object] = {
        "algorithm": kind,
        "key": who.id,
        "not_after": None,
        "not_before": None,
        "possession": base64.b64encode(who.sign(proof)).decode(),
        "public": who.text,
        "rights": ["act", "approve", "keys"],
        "roles": [],
    }
    return out | changes


def key_objects() -> Iterator[tuple[str, str, str, dict[str, object]]]:
    time = "2026-03-01T09:30:00.000000Z"
    raw = base64.b64encode(second_key().public_key().public_bytes_raw()).decode()
    own = STRANGER
    yield "ok-plain", "none", "An Ed25519 key.", key_object(own)
    yield "ok-p256", "none", "A P-256 key.", key_object(TOKEN)
    bounds = {"not_before": time, "not_after": time}
    yield "ok-validity", "none", "With a validity.", key_object(own, **bounds)
    yield "ok-mldsa", "none", "With ML-DSA-44.", key_object(own, post_quantum=raw)
    roles = {"roles": ["examiner", "lab-technician"], "rights": ["approve"]}
    yield "ok-roles", "none", "With roles.", key_object(own, **roles)
    yield "ok-more", "none", "An unknown member.", key_object(own, more=1)

    def bad(name: str, fault: str, comment: str, **changes: object) -> tuple:
        return f"malformed-{name}", fault, comment, key_object(own, **changes)

    other = key_object(EXAMINER)["possession"]
    small = base64.b64encode(STRANGER.spki[:12] + b"\1" + bytes(31)).decode()
    yield bad("proof-other", "possession", "Another key's proof.", possession=other)
    yield bad("proof-log", "possession", "For another log.", log="other.example/1")
    yield bad("proof-none", "base64", "No proof.", possession=None)
    yield bad("algorithm", "key", "Another algorithm.", algorithm="ecdsa-p256")
    yield bad("key-id", "key", "Another key id.", key=EXAMINER.id)
    yield bad("public-none", "base64", "No key.", public=None)
    yield bad(
        "public-raw", "public", "Without the SPKI around it.", public="A" * 43 + "="
    )
    zero = sha256(base64.b64decode(small)).hexdigest()
    yield bad("public-small", "possession", "Of small order.", public=small, key=zero)
    yield bad("rights-word", "rights", "An unknown right.", rights=["rule"])
    yield bad("rights-many", "rights", "Four rights.", rights=["act"] * 4)
    yield bad("rights-text", "rights", "A text.", rights="act")
    yield bad("roles-word", "roles", "A name as a role.", roles=["Chief Rossi"])
    yield bad("roles-many", "roles", "17 roles.", roles=["examiner"] * 17)
    yield bad("roles-none", "roles", "No list.", roles=None)
    yield bad("before", "validity", "A day, not a time.", not_before="2026-03-01")
    yield bad("after", "validity", "Another zone.", not_after=time[:-1] + "+00:00")
    swapped = base64.b64encode(bytes(1312)).decode()
    own_raw = key_object(own, post_quantum=raw)["possession"]
    kept = {"post_quantum": swapped, "possession": own_raw}
    yield bad("mldsa-other", "possession", "Another ML-DSA-44 key.", **kept)
    yield bad("mldsa-none", "possession", "It was dropped.", possession=own_raw)
    yield bad("mldsa-short", "post-quantum", "Three bytes.", post_quantum="AAAA")
    yield bad("mldsa-bits", "base64", "Not base64.", post_quantum=raw[:-1])


def answers() -> Iterator[tuple[str, str, str, dict[str, object]]]:
    leaf = "ab" * 32
    good: dict[str, object] = {"entry": leaf, "kind": "approval", "seq": 3}
    yield "ok-approval", "none", "Approves entry 3.", good
    yield "ok-refusal", "none", "Refuses entry 3.", good | {"kind": "refusal"}
    yield "wrong-answer-seq", "answer", "Another number.", good | {"seq": 4}
    yield "wrong-answer-leaf", "answer", "Another entry.", good | {"entry": "cd" * 32}
    yield "malformed-seq", "answer-form", "The number as text.", good | {"seq": "3"}
    yield "malformed-true", "answer-form", "True is no number.", good | {"seq": True}
    yield "malformed-leaf", "answer-form", "No hash.", good | {"entry": "AB" * 32}


def companions() -> Iterator[tuple[str, str, str, bytes]]:
    one = blob_line(b"\1\2\3\4" + bytes(72), "witness.example/w1")
    yield "ok-one", "none", "One line.", one
    yield "ok-two", "none", "Two lines.", one + blob_line(bytes(100), "w2.example/é")
    yield "malformed-empty", "no-signature-block", "Nothing.", b""
    yield "malformed-cut", "no-signature-block", "No last newline.", one[:-1]
    yield "malformed-blank", "no-signature-block", "A blank line after.", one + b"\n"
    yield "malformed-note", "signature-line", "A text before.", b"text\n" + one
    crlf = one.replace(b"\n", b"\r\n")
    yield "malformed-crlf", "control-character", "Windows lines.", crlf
    yield "malformed-many", "too-many-signatures", "65 lines.", one * 65


def key_vectors() -> Iterator[Vector]:
    yield from p256_vectors()
    yield from post_quantum_vectors()
    for name, fault, comment, value in key_objects():
        extra: tuple[tuple[str, str], ...] = (("origin", ORIGIN),)
        yield Vector(f"enrolment-{name}", fault, comment, pack(value), extra)
    asked = f"3 {'ab' * 32} {CUSTODIAN.id}"
    extra = (("key", EXAMINER.text), ("key", CUSTODIAN.text), ("waiting", asked))
    for name, fault, comment, facts in answers():
        body = pack(members(facts=facts, type="annotate"))
        yield Vector(f"answer-{name}", fault, comment, line(body), extra)
    body = pack(
        members(
            actor=CUSTODIAN.id,
            facts={"entry": "ab" * 32, "kind": "approval", "seq": 3},
            type="annotate",
        )
    )
    sig = base64.b64encode(CUSTODIAN.sign(pae(body))).decode()
    own = line(body, [{"key": CUSTODIAN.id, "sig": sig}])
    comment = "By the person who asked."
    yield Vector("answer-wrong-answer-own", "answer", comment, own, extra)
    for name, fault, comment, data in companions():
        yield Vector(f"cosignatures-{name}", fault, comment, data)
