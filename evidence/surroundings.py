"""What stands in a case that the manifest does not name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evidence.case import (
    EXHIBITS,
    IDENTITIES,
    KEYS,
    LOCK,
    MANIFEST,
    PRIVATE,
    QUARANTINE,
    SETTINGS,
    STAGING,
    Case,
    unreadable,
)
from evidence.second import FOLDER as RENEWALS
from manifests import ledger
from manifests.durable import TEMPORARY_PREFIX
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.encrypted import key_files
from manifests.verifying.reading import LogReading

QUARANTINES = (QUARANTINE, f"{MANIFEST}/{ledger.QUARANTINE}")


def _is_moved(folder: str, path: Path) -> bool:
    """Tell whether a folder of the case is only a link to somewhere else."""
    return folder in ("", MANIFEST, EXHIBITS) and path.is_symlink()


def private_name(log: LogReading, seq: int) -> str:
    """Return the name of the sealed record of entry `seq`."""
    return f"{seq:010d}.json" + (".age" if seq in log.private_files else "")


def _expected(log: LogReading, renewals: frozenset[str]) -> dict[str, frozenset[str]]:
    """Names that belong in each folder."""
    keys = frozenset(key_files(log))
    return {
        "": frozenset(
            {SETTINGS, LOCK, MANIFEST, PRIVATE, EXHIBITS, IDENTITIES, STAGING}
            | {QUARANTINE, "reports", "packages"}
            | ({KEYS} if keys else set())
        ),
        KEYS: keys,
        MANIFEST: frozenset(
            {ledger.ENTRIES, ledger.CHECKPOINTS, ledger.QUARANTINE, ledger.PENDING}
            | {ledger.RENEWALS}
        ),
        RENEWALS: renewals,
        PRIVATE: frozenset(private_name(log, seq) for seq in log.private),
        IDENTITIES: frozenset(f"{key}.json" for key in log.named_keys),
        EXHIBITS: frozenset(log.exhibits),
    }


def look_around(
    case: Case, log: LogReading, renewals: frozenset[str]
) -> tuple[list[str], list[str]]:
    """Return (unlisted, leftovers), paths below the case folder.

    Args:
        renewals: names that belong into the folder of second digests.
    """
    unlisted: list[str] = []
    leftovers: list[str] = []
    for folder, names in _expected(log, renewals).items():
        for name, path in _names(case, folder):
            if path.name.startswith(TEMPORARY_PREFIX):
                leftovers.append(name)
            elif path.name not in names or _is_moved(folder, path):
                unlisted.append(name)
    for exhibit in log.exhibits.values():
        wanted = (exhibit.payload_name, exhibit.inventory_name)
        found = _names(case, f"{EXHIBITS}/{exhibit.id}")
        unlisted += [name for name, path in found if path.name not in wanted]
    for name, path in _names(case, f"{MANIFEST}/{ledger.CHECKPOINTS}"):
        if path.name.startswith(TEMPORARY_PREFIX):
            leftovers.append(name)
        elif path.suffix != ".note" and not is_companion(path.name):
            unlisted.append(name)
    leftovers += [name for name, _ in _names(case, STAGING)]
    for folder in QUARANTINES:
        names_here = (name for name, _ in _names(case, folder))
        leftovers += [n for n in names_here if n not in log.quarantined]
    return unlisted, leftovers


def _names(case: Case, folder: str) -> Iterator[tuple[str, Path]]:
    base = case.path / folder if folder else case.path
    try:
        paths = sorted(base.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unreadable(folder or "The folder", error) from error
    for path in paths:
        yield (f"{folder}/{path.name}" if folder else path.name), path
