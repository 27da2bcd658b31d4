"""Judging the encrypted files of a disclosure, with and without the recipient's key.

Without it the ciphertexts are compared: that of an inventory and a payload with the
acquire entry, those that were made for the recipient with the disclosure's own entry.
What is inside is then not checked, and said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manifests.canonical import Json
from manifests.disclosure import (
    AGE,
    Enclosed,
    inventory_name,
    key_name,
    records_name,
)
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.seen import SeenFile
from manifests.verifying.verdict import Axis, Code, Finding

UNOPENED = (
    "What the encrypted files hold: they were compared as they are, not decrypted. "
    "The recipient can check that with 'custody verify --as NAME'."
)


@dataclass(frozen=True, slots=True)
class SeenEnclosed:
    """The encrypted files of one exhibit in the folder; None for what is not there.

    Attributes:
        key: the exhibit's key, encrypted; lines: its inventory, or the chosen records.
        opened: what was found inside; None when nobody decrypted.
    """

    told: Enclosed
    key: SeenFile | None
    lines: SeenFile | None
    opened: tuple[Finding, ...] | None = None

    @property
    def unopened(self) -> bool:
        """Tell whether what is inside was not looked at."""
        return self.opened is None


def lines_name(exhibit: str, told: Enclosed) -> str:
    """Return the name of the encrypted inventory, or of the encrypted records."""
    name = inventory_name(exhibit) if told.whole else records_name(exhibit)
    return name + AGE


def judge_enclosed(
    expected: ExpectedExhibit, seen: SeenEnclosed, promised: Mapping[str, Json]
) -> list[Finding]:
    """Return the findings on the encrypted files of one exhibit.

    Args:
        promised: what the disclosure's entry says of it.
    """
    told, name = seen.told, lines_name(expected.id, seen.told)
    found = [] if seen.opened is None else list(seen.opened)
    if told.whole:
        found += _judge_whole(expected, seen, promised)
    if seen.lines is None:
        text = "The records that were given are not in the folder."
        found.append(Finding(Axis.COMPLETE, Code.INVENTORY_MISSING, name, text))
    elif seen.lines.error:
        found.append(_unreadable(name, seen.lines))
    elif told.whole:
        size, digest = expected.inventory_bytes, expected.inventory_sha256
        if (seen.lines.bytes, seen.lines.sha256) != (size, digest):
            found.append(_modified(name, seen.lines, digest))
    elif seen.lines.sha256 != told.records:
        found.append(_modified(name, seen.lines, told.records))
    if seen.opened is None:
        text = "It was compared with its digest, not decrypted."
        code = Code.PLAINTEXT_UNCHECKED
        found.append(Finding(Axis.INTACT, code, name, text, fails=False))
    return found


def _judge_whole(
    expected: ExpectedExhibit, seen: SeenEnclosed, promised: Mapping[str, Json]
) -> list[Finding]:
    """Judge the key, and what the entry says of an inventory nobody has opened."""
    found: list[Finding] = []
    name = key_name(expected.id)
    if seen.key is None:
        text = "It is not there: without it the recipient cannot decrypt the exhibit."
        found.append(Finding(Axis.COMPLETE, Code.KEY_FILE_MISSING, name, text))
    elif seen.key.error:
        found.append(_unreadable(name, seen.key))
    elif seen.key.sha256 != seen.told.key:
        text = "It is not the key that was given, says the disclosure's entry."
        found.append(Finding(Axis.INTACT, Code.KEY_FILE_WRONG, name, text))
    whole = (True, expected.inventory_records, expected.inventory_root)
    if tuple(promised.get(n) for n in ("payload", "records", "root")) != whole:
        text = "A key goes with whole exhibits alone; the entry says it is given less."
        subject = lines_name(expected.id, seen.told)
        found.append(Finding(Axis.INTACT, Code.INVENTORY_MODIFIED, subject, text))
    return found


def _modified(name: str, seen: SeenFile, digest: str) -> Finding:
    text = f"It has SHA-256 {seen.sha256}; recorded was {digest}."
    return Finding(Axis.INTACT, Code.INVENTORY_MODIFIED, name, text)


def _unreadable(name: str, seen: SeenFile) -> Finding:
    text = f"It cannot be read: {seen.error}."
    return Finding(Axis.INTACT, Code.UNREADABLE, name, text)
