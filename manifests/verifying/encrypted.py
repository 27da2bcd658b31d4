"""Judging what is encrypted, with and without its keys (encryption-v1).

Without a key the digests of the ciphertext are compared like those of anything else;
what is inside is then not checked, and said so. The files in ``keys/`` are rewritten
whenever a custodian comes or goes: no digest of theirs is recorded, so without a key it
can only be seen that they are there.
"""

from __future__ import annotations

from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Axis, Code, Finding

CASE_KEY = "case.age"
UNOPENED = (
    "What the encrypted files hold: they were compared as they are, not decrypted. "
    "Whoever has a key can check that with 'custody verify --as NAME'."
)


def is_encrypted(log: LogReading) -> bool:
    """Tell whether anything in the case is encrypted."""
    exhibits = log.exhibits.values()
    return (
        log.encrypted or bool(log.private_files) or any(x.encrypted for x in exhibits)
    )


def key_files(log: LogReading) -> dict[str, str]:
    """Return the names that belong in ``keys/``, each with what it opens.

    Those of erased exhibits are among them: that they are still there is told apart.
    """
    names = {CASE_KEY: "the case"} if log.encrypted else {}
    for exhibit in log.exhibits.values():
        if exhibit.encrypted:
            names[f"{exhibit.id}.age"] = exhibit.id
    return names


def judge_encrypted(
    log: LogReading, keys: frozenset[str], opened: tuple[Finding, ...] | None
) -> list[Finding]:
    """Return the findings on keys and plaintext.

    Args:
        keys: names of the files in ``keys/``.
        opened: findings of whoever decrypted; None when nobody did.
    """
    if not is_encrypted(log):
        return []
    found = [
        Finding(
            Axis.COMPLETE,
            Code.KEY_FILE_MISSING,
            f"keys/{name}",
            f"It is not there: without it nobody can decrypt {what}.",
        )
        for name, what in key_files(log).items()
        if name not in keys and what not in log.erased.exhibits
    ]
    if opened is not None:
        return [*found, *opened]
    text = "Encrypted files were compared with their digests, not decrypted."
    code = Code.PLAINTEXT_UNCHECKED
    return [*found, Finding(Axis.INTACT, code, "the case", text, fails=False)]


def judge_encrypted_inventory(
    exhibit: ExpectedExhibit, size: int, digest: str
) -> list[Finding]:
    """Compare the file of an encrypted inventory with its entry."""
    expected = (exhibit.inventory_bytes, exhibit.inventory_sha256)
    if (size, digest) == expected:
        return []
    text = (
        f"{exhibit.inventory_name} has SHA-256 {digest} and {size} bytes; "
        f"recorded were {expected[1]} and {expected[0]}."
    )
    return [Finding(Axis.INTACT, Code.INVENTORY_MODIFIED, exhibit.id, text)]
