"""OpenPGP signatures (RFC 4880, RFC 9580), judged by Sequoia-PGP through pysequoia.

A key that lies beside what it signed says only that one hand made both. Whose hand it
was follows from a fingerprint somebody compared elsewhere, and from nothing in here.
pysequoia gives no reason when it refuses, so reasons are worked out from the packets;
it accepts or refuses alone (ADR 0034).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pysequoia import Cert, Sig
    from pysequoia.packet import Packet

MAX_KEYS_BYTES = 4 << 20
MAX_KEYS = 64
MAX_SIGNATURE_BYTES = 1 << 20
MAX_SIGNATURES = 16  # in one file
MAX_SIGNED_BYTES = 256 << 20  # pysequoia takes and copies it whole
_FINGERPRINT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BLOCK = re.compile(
    rb"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)", re.DOTALL
)
_CLEAR = re.compile(
    rb"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n"
    rb"(.*?)\r?\n(-----BEGIN PGP SIGNATURE-----\r?\n"
    rb"(?:(?!-----).)*-----END PGP SIGNATURE-----\s*)",
    re.DOTALL,
)
_BROKEN = ("MD5", "SHA1", "RipeMD")
_OLD_RSA = ("RSAEncryptSign", "RSASign", "RSAEncrypt")
# Sequoia takes SHA-1 under a key's own statements until here (its StandardPolicy).
_SHA1_ENDS = datetime(2023, 2, 1, tzinfo=UTC)


class Verdict(StrEnum):
    """What became of one signature."""

    HOLDS = "holds"
    BAD = "bad"
    KEY_MISSING = "key-missing"
    OTHER_KEY = "other-key"  # it holds, but not by the key somebody named
    EXPIRED = "key-expired"
    REVOKED = "key-revoked"
    WEAK = "weak"
    TIME = "time"  # in the future, before its key, or past its own end
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    ABSENT = "absent"  # what it signs is not there


@dataclass(frozen=True, slots=True)
class Judged:
    """One signature, judged.

    Attributes:
        key: fingerprint of the primary key, or what the signature says made it; hex.
        at: when it says it was made (the signer's own word); None when it does not.
        later: the key was revoked since, which does not undo the signature.
        detail: in words, for what does not hold.
    """

    verdict: Verdict
    key: str = ""
    at: datetime | None = None
    later: bool = False
    detail: str = ""


def fingerprint_of(text: str) -> str:
    """Return a fingerprint as hex in lower case; "" when it is none.

    Key ids (16 digits or fewer) are refused: anybody can make a key with one.
    """
    plain = re.sub(r"[\s:]", "", text).lower().removeprefix("0x")
    return plain if _FINGERPRINT.fullmatch(plain) else ""


class Keys:
    """Public keys signatures are judged with.

    Attributes:
        expected: fingerprints somebody gave from elsewhere; empty when nobody did.
    """

    def __init__(self, expected: frozenset[str] = frozenset()) -> None:
        self.expected = expected
        self.refused = 0
        self._certs: dict[str, list[_Key]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, data: bytes) -> frozenset[str]:
        """Take the keys of a file, armoured or not; return their fingerprints.

        What cannot be read is counted in ``refused``.
        """
        from pysequoia import Cert

        if not data or len(data) > MAX_KEYS_BYTES:
            self.refused += 1
            return frozenset()
        try:
            certs = Cert.split_bytes(data)
            keys = [_Key(cert) for cert in certs[:MAX_KEYS]]
        except Exception:  # noqa: BLE001 - hostile input; told as a key not read
            self.refused += 1
            return frozenset()
        self.refused += not certs or len(certs) > MAX_KEYS
        for key in keys:
            self._count += 1
            for issuer in key.issuers:
                self._certs.setdefault(issuer, []).append(key)
        return frozenset(key.fingerprint for key in keys)

    def find(self, issuer: str) -> list[_Key]:
        """Return the keys a signature's issuer (fingerprint or key id) can mean."""
        return self._certs.get(issuer.lower(), [])


class _Key:
    """A certificate with what its packets say of its parts."""

    def __init__(self, cert: Cert) -> None:
        from pysequoia.packet import PacketPile

        self.cert = cert
        self.fingerprint = cert.fingerprint.lower()
        self.issuers: set[str] = set()
        self._parts: list[tuple[Packet, list[Packet]]] = []
        for packet in PacketPile.from_bytes(bytes(cert)):
            if packet.fingerprint:
                self._parts.append((packet, []))
                self.issuers.add(packet.fingerprint.lower())
                if packet.key_id:
                    self.issuers.add(packet.key_id.lower())
            elif self._parts:
                self._parts[-1][1].append(packet)

    def why_not(self, issuer: str, at: datetime) -> tuple[Verdict, str]:
        """Say why a signature by this key that was refused was refused."""
        for part, statements in self._parts:
            ids = [str(_ask(part, name)).lower() for name in ("fingerprint", "key_id")]
            if issuer not in ids:
                continue
            kinds = {_word(_ask(s, "signature_type")) for s in statements}
            if self.cert.is_revoked or kinds & {"KeyRevocation", "SubkeyRevocation"}:
                return Verdict.REVOKED, "its key was revoked"
            born = _time(part, "key_created")
            if born and at < born:
                return Verdict.TIME, "it says it is older than its key"
            ends = (_time(self.cert, "expiration"), _end(part, statements))
            past = [end for end in ends if end and end <= at]
            if past:
                told = f"its key had expired on {min(past):%Y-%m-%d}"
                return Verdict.EXPIRED, told
            if _is_weak(part, statements):
                return Verdict.WEAK, "its key is too weak to be relied on"
        return Verdict.BAD, "it is not of these bytes by this key"


def _ask(value: object, name: str) -> object:
    """Return an attribute; pysequoia raises for values it has no name for."""
    try:
        return getattr(value, name)
    except RuntimeError:
        return None


def _time(value: object, name: str) -> datetime | None:
    found = _ask(value, name)
    return found if isinstance(found, datetime) else None


def _end(part: Packet, statements: list[Packet]) -> datetime | None:
    """Return when the newest statement about a key part lets it end."""
    born = _time(part, "key_created")
    made = [s for s in statements if _ask(s, "key_flags")]
    if not made or born is None:
        return None
    newest = max(made, key=lambda s: _time(s, "signature_created") or _SHA1_ENDS)
    period = _ask(newest, "key_validity_period")
    return born + period if isinstance(period, timedelta) else None


def _is_weak(part: Packet, statements: list[Packet]) -> bool:
    algorithm = _word(_ask(part, "key_algorithm"))
    bits = int.from_bytes(part.body[6:8]) if part.body[:1] == b"\x04" else 1 << 16
    if algorithm == "DSA" or (algorithm in _OLD_RSA and bits < 2048):
        return True
    made = [s for s in statements if _ask(s, "hash_algorithm")]
    return bool(made) and all(
        _word(_ask(s, "hash_algorithm")) in _BROKEN
        and (_time(s, "signature_created") or _SHA1_ENDS) >= _SHA1_ENDS
        for s in made
    )


def _word(value: object) -> str:
    """Return the name of one of pysequoia's values, which are no enums."""
    return str(value).rpartition(".")[2]


def judge_detached(data: bytes | None, raw: bytes, keys: Keys) -> list[Judged]:
    """Judge every signature in a file over `data`; never empty.

    Args:
        data: what is signed; None when it is longer than `MAX_SIGNED_BYTES`.
        raw: the signature file, armoured or not; several blocks may follow another.
    """
    try:
        packets = list(_packets(raw))
    except Exception:  # noqa: BLE001 - hostile input; told as unreadable
        packets = []
    if not packets or len(packets) > MAX_SIGNATURES:
        why = (
            "it holds too many signatures" if packets else "it is no OpenPGP signature"
        )
        return [Judged(Verdict.UNREADABLE, detail=why)]
    return [_judge(data, packet, keys) for packet in packets]


def clear_text(raw: bytes) -> tuple[bytes, bytes] | None:
    """Return text and signatures of a clear-signed file (RFC 4880, section 7).

    The text is what is signed: dashes unescaped, blanks at ends of lines gone.
    None when the file is not clear-signed, or holds more than the one message.
    """
    found = _CLEAR.fullmatch(raw.lstrip())
    if found is None:
        return None
    lines = [line.rstrip(b" \t\r") for line in found[1].split(b"\n")]
    if any(line.startswith(b"-") and not line.startswith(b"- ") for line in lines):
        return None
    lines = [line.removeprefix(b"- ") for line in lines]
    return b"\r\n".join(lines), found[2]


def _packets(raw: bytes) -> Iterator[bytes]:
    """Yield each signature packet; anything else in a file raises ValueError."""
    from pysequoia.packet import PacketPile, Tag

    if len(raw) > MAX_SIGNATURE_BYTES:
        raise ValueError("too long")
    blocks = _BLOCK.findall(raw) or [raw]
    for block in blocks:
        for packet in PacketPile.from_bytes(block):
            if packet.tag != Tag.Signature:
                raise ValueError("no signature")
            yield bytes(packet)


def _judge(data: bytes | None, packet: bytes, keys: Keys) -> Judged:
    from pysequoia import Sig

    try:
        sig = Sig.from_bytes(packet)
        issuer = (sig.issuer_fingerprint or sig.issuer_key_id or "").lower()
        at, kind = sig.created, _word(sig.signature_type)
        method = _word(sig.hash_algorithm)
    except Exception:  # noqa: BLE001 - hostile input; told as unreadable
        return Judged(Verdict.UNREADABLE, detail="it is no OpenPGP signature")
    if kind not in ("Binary", "Text") or at is None:
        return Judged(Verdict.UNREADABLE, issuer, at, detail="it signs no document")
    if data is None:
        why = "what it signs is too large to be checked here; 'gpg --verify' does it"
        return Judged(Verdict.TOO_LARGE, issuer, at, detail=why)
    if method in _BROKEN:
        why = f"it rests on {method}, which can be forged"
        return Judged(Verdict.WEAK, issuer, at, detail=why)
    candidates = keys.find(issuer)
    if not candidates:
        return Judged(Verdict.KEY_MISSING, issuer, at, detail="its key is not here")
    return _by_one(data, sig, candidates, keys.expected)


def _by_one(
    data: bytes, sig: Sig, found: list[_Key], expected: frozenset[str]
) -> Judged:
    """Judge a signature whose key is there."""
    from pysequoia import verify

    at = sig.created or datetime.now(UTC)
    issuer = (sig.issuer_fingerprint or sig.issuer_key_id or "").lower()
    for key in found:
        try:
            done = verify(bytes=data, store=lambda _, k=key: [k.cert], signature=sig)
            holds = any(
                v.certificate.lower() == key.fingerprint for v in done.valid_sigs
            )
        except Exception:  # noqa: BLE001 - pysequoia refuses with RuntimeError alone
            holds = False
        if holds and expected and key.fingerprint not in expected:
            why = "its key is not the one that was expected"
            return Judged(Verdict.OTHER_KEY, key.fingerprint, at, detail=why)
        if holds:
            later = key.cert.is_revoked
            return Judged(Verdict.HOLDS, key.fingerprint, at, later)
    if at > datetime.now(UTC):
        verdict, why = Verdict.TIME, "it says it was made in the future"
    elif sig.expiration is not None and sig.expiration <= datetime.now(UTC):
        verdict, why = Verdict.TIME, f"it ended itself on {sig.expiration:%Y-%m-%d}"
    else:
        verdict, why = found[0].why_not(issuer, at)
    return Judged(verdict, found[0].fingerprint, at, detail=why)
