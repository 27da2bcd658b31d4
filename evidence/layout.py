"""Where things stand in the folder of a case (DESIGN 4)."""

from __future__ import annotations

MANIFEST = "manifest"
PRIVATE = "private"
EXHIBITS = "exhibits"
IDENTITIES = "identities"
STAGING = "staging"
QUARANTINE = "quarantine"
INVENTORY = "inventory.jsonl"
FOLDERS = (EXHIBITS, IDENTITIES, PRIVATE, QUARANTINE, STAGING, "packages", "reports")
LOCK = ".lock"


def exhibit_id(number: int) -> str:
    """Return the exhibit id of a number from 1."""
    return f"EX-{number:04d}"
