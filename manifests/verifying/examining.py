"""One line looked at for itself: form, leaf hash, signatures.

Nothing here depends on the lines before, so lines may be examined in any order and in
several processes; `manifests.verifying.log` then judges them in the order of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from manifests.canonical import Json
from manifests.entries import (
    Entry,
    EntryType,
    body_bytes,
    pre_authentication_encoding,
    read_entry,
)
from manifests.errors import MalformedError
from manifests.keys import KeyId, PublicKey

# Entries of these types say something about files, keys or proofs; of the others only
# the place, the time and the signatures are looked at.
_KEPT = frozenset(
    {
        EntryType.CASE_OPEN,
        EntryType.KEY_ENROL,
        EntryType.KEY_REVOKE,
        EntryType.ACQUIRE,
        EntryType.ANNOTATE,
        EntryType.RECOVERY,
        EntryType.RENEW,
        EntryType.REPORT_ISSUE,
    }
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one line says, and which of its signatures hold.

    Attributes:
        leaf: RFC 6962 leaf hash of the line.
        error: why it is no entry; "" when it is one. The other fields are empty then.
        signatures: key id and whether the signature holds; None when the key was not
            known when the line was examined.
        entry: the entry itself, for types whose facts matter; None for the others.
    """

    leaf: bytes
    error: str = ""
    seq: int = 0
    type: str = ""
    time: str = ""
    actor: str = ""
    role: str = ""
    previous: Json = None
    log: Json = None
    version: Json = None
    private: bytes | None = None
    signatures: tuple[tuple[str, bool | None], ...] = ()
    entry: Entry | None = None

    @property
    def facts(self) -> Mapping[str, Json]:
        """Public facts of a kept entry; empty for the others."""
        return self.entry.facts if self.entry is not None else {}


def examine(line: bytes, keys: Mapping[KeyId, PublicKey]) -> Examined:
    """Look at one line (no newline).

    Args:
        keys: keys whose signatures can be checked; whether they may sign is not asked.
    """
    leaf = sha256(b"\x00" + line).digest()
    try:
        entry = read_entry(line)
    except MalformedError as error:
        return Examined(leaf, error=error.what)
    body, role = entry.body, entry.body.get("role")
    return Examined(
        leaf=leaf,
        seq=entry.seq,
        type=entry.type,
        time=entry.time,
        actor=entry.actor,
        role=role if isinstance(role, str) else "",
        previous=body.get("prev"),
        log=body.get("log"),
        version=body.get("v"),
        private=entry.private,
        signatures=check_signatures(entry, keys),
        entry=entry if entry.type in _KEPT else None,
    )


def check_signatures(
    entry: Entry, keys: Mapping[KeyId, PublicKey]
) -> tuple[tuple[str, bool | None], ...]:
    """Return each signature's key id and whether it holds (None: key not known)."""
    message = pre_authentication_encoding(body_bytes(entry.line))
    checked: list[tuple[str, bool | None]] = []
    for name, signature in entry.signatures:
        key = keys.get(KeyId(name))
        checked.append((name, key.is_signed(message, signature) if key else None))
    return tuple(checked)
