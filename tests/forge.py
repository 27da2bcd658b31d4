"""Cases put together byte by byte, so that tests can hold what no writer would write.

From the specification and `cryptography` alone; nothing of the project is imported.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "case.custody.invalid/f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
ENTRY = "application/vnd.custody.entry.v1+json"
POSSESSION = "application/vnd.custody.possession.v1+json"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def pack(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pae(kind: str, body: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def at(seconds: float) -> str:
    """A time on one morning."""
    whole, part = divmod(round(seconds * 1_000_000), 1_000_000)
    hours, rest = divmod(whole, 3600)
    return f"2026-01-31T{9 + hours:02}:{rest // 60:02}:{rest % 60:02}.{part:06}Z"


class Ed25519:
    algorithm = "ed25519"

    def __init__(self, name: str, *, post_quantum: bool = False) -> None:
        seed = sha256(f"custody test key, not secret: {name}".encode()).digest()
        self.seed = seed
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.second = (
            mldsa.MLDSA44PrivateKey.from_seed_bytes(seed) if post_quantum else None
        )
        raw = self.private.public_key().public_bytes_raw()
        self.spki = bytes.fromhex("302a300506032b6570032100") + raw

    @property
    def id(self) -> str:
        return sha256(self.spki).hexdigest()

    @property
    def note_id(self) -> bytes:
        name = ORIGIN.encode()
        return sha256(name + b"\n\x01" + self.spki[12:]).digest()[:4]

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    @property
    def second_raw(self) -> bytes:
        assert self.second is not None
        return self.second.public_key().public_bytes_raw()

    def facts(self, **changes: Any) -> dict[str, Any]:
        """A key object with its proof of possession."""
        claim = {"key": self.id, "log": changes.pop("log", ORIGIN)}
        if self.second is not None:
            claim["post_quantum"] = sha256(self.second_raw).hexdigest()
        proof = pack(claim)
        out: dict[str, Any] = {
            "algorithm": self.algorithm,
            "key": self.id,
            "not_after": None,
            "not_before": None,
            "possession": b64(self.sign(pae(POSSESSION, proof))),
            "public": b64(self.spki),
            "rights": ["act", "approve", "keys"],
            "roles": [],
        }
        if self.second is not None:
            out["post_quantum"] = b64(self.second_raw)
        return out | changes


class P256(Ed25519):
    algorithm = "ecdsa-p256"

    def __init__(self, name: str, *, low: bool = True) -> None:
        number = int.from_bytes(sha256(f"custody test key {name}".encode()).digest())
        self.key = ec.derive_private_key(number % P256_ORDER, ec.SECP256R1())
        self.second, self.low = None, low
        self.spki = self.key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def note_id(self) -> bytes:
        return sha256(self.spki).digest()[:4]

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        s = min(s, P256_ORDER - s) if self.low else max(s, P256_ORDER - s)
        return encode_dss_signature(r, s)


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


@dataclass
class Forge:
    """A case in the making; `write` puts it into a folder."""

    founder: Ed25519
    facts: dict[str, Any] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    clock: float = 0.0

    def __post_init__(self) -> None:
        own = {"algorithm": self.founder.algorithm, "public": b64(self.founder.spki)}
        own["key"] = self.founder.id
        if self.founder.second is not None:
            own["post_quantum"] = b64(self.founder.second_raw)
        facts = {"format": 1, "founder": own, "profile": "police", "synthetic": True}
        self.add("case_open", facts | self.facts, by=self.founder)

    @property
    def leaves(self) -> list[bytes]:
        return [sha256(b"\x00" + line).digest() for line in self.lines]

    def add(
        self,
        kind: str,
        facts: dict[str, Any] | None = None,
        *,
        by: Ed25519,
        signers: list[Ed25519] | None = None,
        **changes: Any,
    ) -> int:
        """Append an entry a second after the one before; return its number."""
        self.clock += 1
        body = {
            "actor": by.id,
            "authority": None,
            "clock": {"error_us": None, "offset_us": 1, "sync": "unknown"},
            "exhibits": [],
            "facts": facts if facts is not None else {"kind": "fact"},
            "log": ORIGIN,
            "prev": self.leaves[-1].hex() if self.lines else "0" * 64,
            "private": None,
            "role": "examiner",
            "seq": len(self.lines),
            "time": at(self.clock),
            "type": kind,
            "v": 1,
        }
        raw = pack(body | changes)
        signed = [
            {"key": key.id, "sig": b64(key.sign(pae(ENTRY, raw)))}
            for key in (signers if signers is not None else [by])
        ]
        self.lines.append(b'{"body":%s,"signatures":%s}' % (raw, pack(signed)))
        return len(self.lines) - 1

    def note(self, *by: Ed25519, size: int | None = None, second: bool = True) -> bytes:
        """Write a checkpoint over the first `size` entries into the case."""
        size = len(self.lines) if size is None else size
        head = root(self.leaves[:size])
        text = f"{ORIGIN}\n{size}\n{b64(head)}\n".encode()
        lines = [(key.note_id, key.sign(text)) for key in by]
        own = bytes([len(ORIGIN)]) + ORIGIN.encode()
        for key in by:
            if key.second is not None and second:
                name = ORIGIN.encode() + b"\n\x06"
                message = b"subtree/v1\n\0" + own + bytes(8) + own + bytes(8)
                message += size.to_bytes(8, "big") + head
                sig = bytes(8) + key.second.sign(message)
                lines.append((sha256(name + key.second_raw).digest()[:4], sig))
        note = text + b"\n"
        for number, sig in lines:
            note += f"\u2014 {ORIGIN} {b64(number + sig)}\n".encode()
        self.files[f"manifest/checkpoints/{size:010d}.note"] = note
        return note

    def write(self, folder: Path) -> Path:
        """Write the case; everything a case folder holds is there."""
        for name in ("exhibits", "private", "identities", "manifest/quarantine"):
            (folder / name).mkdir(parents=True)
        settings = f'format = 1\norigin = "{ORIGIN}"\nprofile = "police"\n'
        log = b"".join(line + b"\n" for line in self.lines)
        files = {"custody.toml": settings.encode(), "manifest/entries.jsonl": log}
        for name, data in (files | self.files).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder
