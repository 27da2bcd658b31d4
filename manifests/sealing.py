"""Sealed records: canonical JSON with a random salt, known outside by a commitment.

The commitment is the RFC 6962 leaf hash of the record's line. The 128-bit salt in the
record makes it impossible to test guesses of short contents (a name, a chat message)
against the commitment. One primitive serves private details of entries, inventory
lines and single messages: disclose the line, or withhold it and give the commitment.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from manifests import canonical
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.merkle import leaf_hash

SALT_BYTES = 16
MAX_RECORD_BYTES = 8 << 20
_SALT = re.compile(r"[0-9a-f]{32}")


def seal(fields: Mapping[str, Json], *, salt: bytes | None = None) -> bytes:
    """Return the sealed record's line (no newline).

    Args:
        fields: the record without ``salt``.
        salt: 16 random bytes; drawn here when None (tests pass known ones).

    Raises:
        MalformedError: `fields` is outside the canonical profile or has a salt, or
            `salt` is not 16 bytes.
    """
    if "salt" in fields:
        raise MalformedError(what="a sealed record", reason="it already has a salt")
    if salt is None:
        salt = secrets.token_bytes(SALT_BYTES)
    elif len(salt) != SALT_BYTES:
        raise MalformedError(what="a sealed record", reason="its salt is not 128 bits")
    line = canonical.encode({**fields, "salt": salt.hex()}, what="a sealed record")
    if len(line) > MAX_RECORD_BYTES:
        raise MalformedError(
            what="a sealed record", reason=f"longer than {MAX_RECORD_BYTES} bytes"
        )
    return line


def commitment(line: bytes) -> bytes:
    """Return the 32-byte commitment of a sealed record's line."""
    return leaf_hash(line)


def unseal(line: bytes) -> dict[str, Json]:
    """Return the record in a line, salt included.

    Raises:
        MalformedError: not canonical, not an object, or without a proper salt.
    """
    record = canonical.decode_object(
        line, what="a sealed record", max_bytes=MAX_RECORD_BYTES
    )
    salt = record.get("salt")
    if not isinstance(salt, str) or not _SALT.fullmatch(salt):
        raise MalformedError(what="a sealed record", reason="it has no 128-bit salt")
    return record
