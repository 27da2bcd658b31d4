"""Saying which members of a damaged, packed payload are damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evidence.hashing import hash_ranges
from evidence.inventory import read_records
from manifests.errors import CustodyError

MAX_LOCATED = 100  # damaged members named per payload
Located = tuple[str, str]  # an audit word and a text


def damaged_members(payload: Path, inventory: Path) -> list[Located]:
    """Compare each member of a tar with the digest in its inventory."""
    try:
        places = list(_places(inventory))
        spans = [(offset, length) for _, offset, length, _ in places]
        digests = hash_ranges(payload, spans)
    except (OSError, CustodyError) as error:
        text = f"the damage could not be located ({type(error).__name__})"
        return [("unreadable", text)]
    damaged = [
        name
        for (name, _, _, recorded), now in zip(places, digests, strict=True)
        if now != recorded
    ]
    if damaged:
        return [("modified", name) for name in damaged[:MAX_LOCATED]]
    text = "no member; the damage is in the archive's own headers or padding"
    return [("modified", text)]


def _places(inventory: Path) -> Iterator[tuple[str, int, int, str]]:
    """Yield (name, offset, length, sha256) of every member with bytes."""
    for record in read_records(inventory):
        place, digest = record.get("payload"), record.get("sha256")
        if not isinstance(place, dict) or not isinstance(digest, str):
            continue
        offset, length = place.get("offset"), place.get("length")
        if isinstance(offset, int) and isinstance(length, int):
            name = record.get("path") or record.get("member") or "a member"
            yield str(name), offset, length, digest
