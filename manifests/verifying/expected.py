"""What an acquire entry promises of its exhibit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from manifests.canonical import Json
from manifests.entries import Entry
from manifests.errors import MalformedError

_T = TypeVar("_T", str, int)
AGE = ".age"  # what the name of an encrypted file ends with
_EXHIBIT = re.compile(r"EX-[0-9]{4,9}")


@dataclass(frozen=True, slots=True)
class ExpectedExhibit:
    """What an acquire entry says of its exhibit (digests in hex)."""

    id: str
    entry: int
    payload_name: str
    payload_bytes: int
    payload_sha256: str
    inventory_records: int
    inventory_root: str
    inventory_name: str = "inventory.jsonl"
    inventory_bytes: int = 0
    inventory_sha256: str = ""

    @property
    def encrypted(self) -> bool:
        """True when payload and inventory are age files; their sizes and digests
        are then those of these files, and the root is over what is inside."""
        return self.payload_name.endswith(AGE)


def expected_exhibit(entry: Entry) -> ExpectedExhibit:
    """Read an acquire entry.

    Raises:
        MalformedError: it does not name one exhibit, its payload and its inventory.
    """
    payload, inventory = entry.facts.get("payload"), entry.facts.get("inventory")
    if len(entry.exhibits) != 1 or not isinstance(payload, dict):
        raise MalformedError(what="an acquire entry", reason="it names no payload")
    if not isinstance(inventory, dict):
        raise MalformedError(what="an acquire entry", reason="it names no inventory")
    name = _member(payload, "name", str)
    if name.removesuffix(AGE) not in ("payload", "payload.tar"):
        raise MalformedError(what="an acquire entry", reason="odd payload name")
    if not _is_exhibit_id(entry.exhibits[0]):
        raise MalformedError(what="an acquire entry", reason="odd exhibit number")
    if name.endswith(AGE):
        return _encrypted(entry, payload, inventory)
    return ExpectedExhibit(
        id=entry.exhibits[0],
        entry=entry.seq,
        payload_name=name,
        payload_bytes=_member(payload, "bytes", int),
        payload_sha256=_member(payload, "sha256", str),
        inventory_records=_member(inventory, "records", int),
        inventory_root=_member(inventory, "root", str),
    )


def _encrypted(
    entry: Entry, payload: Mapping[str, Json], inventory: Mapping[str, Json]
) -> ExpectedExhibit:
    if inventory.get("name") != "inventory.jsonl" + AGE:
        raise MalformedError(what="an acquire entry", reason="odd inventory name")
    return ExpectedExhibit(
        id=entry.exhibits[0],
        entry=entry.seq,
        payload_name=_member(payload, "name", str),
        payload_bytes=_member(payload, "bytes", int),
        payload_sha256=_member(payload, "sha256", str),
        inventory_records=_member(inventory, "records", int),
        inventory_root=_member(inventory, "root", str),
        inventory_name="inventory.jsonl" + AGE,
        inventory_bytes=_member(inventory, "bytes", int),
        inventory_sha256=_member(inventory, "sha256", str),
    )


def _is_exhibit_id(text: str) -> bool:
    return _EXHIBIT.fullmatch(text) is not None


def _member(value: Mapping[str, Json], name: str, kind: type[_T]) -> _T:
    member = value.get(name)
    if not isinstance(member, kind) or isinstance(member, bool):
        raise MalformedError(what="an acquire entry", reason=f"'{name}' is not right")
    return member
