"""What a crash leaves in a case, and how opening the case ends it.

Nothing is deleted that may hold evidence: leftovers move to ``quarantine/`` and a
`recovery` entry names them with size and digest. What can be left, by the order of
writes (DESIGN 5): temporaries of `durable.write_new`; a staging folder; an exhibit
folder, a sealed record or a list of second digests whose entry was never appended; an
incomplete last line (which `manifests.ledger` has moved to ``manifest/quarantine/``).
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.hashing import hash_file
from manifests import durable
from manifests.canonical import Json
from manifests.durable import SYSTEM, System

_QUARANTINES = ("quarantine", "manifest/quarantine")
_RENEWALS = "manifest/renewals"  # only there once digests were renewed
_SYNCED = ("staging", "exhibits", "private")
_SOMETIMES = (_RENEWALS, "keys")  # not in every case
_EXHIBIT = re.compile(r"EX-(\d{4,})")
_OURS = re.compile(r"[A-Za-z0-9.\-]{1,120}")
_PRIVATE = re.compile(r"(\d{10})\.json(\.age)?")
_KEY = re.compile(r"EX-(\d{4,})\.age")
_LIST = re.compile(r"(\d{10})\.sha512")


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing moved out of the way.

    Attributes:
        name: path below the case folder where it is now.
        was: path below the case folder where it was found.
        files: number of files; bytes: their sum.
        digest: SHA-256 hex over the lines ``<sha256>  <relative name>`` of its files,
            sorted, each ended by a newline (so that the quarantine is checkable).
    """

    name: str
    was: str
    files: int
    bytes: int
    digest: str

    def text(self) -> str:
        """Digest, files and bytes in one text, as the verifier compares them."""
        return f"{self.digest} {self.files} {self.bytes}"

    def facts(self) -> Json:
        """The leftover as it stands in the recovery entry."""
        return {
            "bytes": self.bytes,
            "digest": self.digest,
            "files": self.files,
            "name": self.name,
            "was": self.was,
        }


def find_leftovers(case: Path, exhibits: int, size: int) -> list[Path]:
    """Return what no entry accounts for, given the committed counts.

    Args:
        case: the case folder; its writer lock is held.
        exhibits: number of acquire entries.
        size: number of entries.
    """
    found = sorted((case / "staging").iterdir())
    for path in sorted((case / "exhibits").iterdir()):
        match = _EXHIBIT.fullmatch(path.name)
        # A crash leaves at most the very next number; anything else is not a
        # leftover but something unlisted, which only 'verify' may judge.
        if match and int(match[1]) == exhibits + 1:
            found.append(path)
    for path in sorted((case / "private").iterdir()):
        match = _PRIVATE.fullmatch(path.name)
        if match and int(match[1]) == size:
            found.append(path)
    for path in sorted((case / "keys").glob("EX-*.age")):
        match = _KEY.fullmatch(path.name)
        if match and int(match[1]) == exhibits + 1:
            found.append(path)
    for path in sorted((case / _RENEWALS).glob("*")):
        match = _LIST.fullmatch(path.name)
        if match and int(match[1]) == size:
            found.append(path)
    return found


def make_missing_folders(
    case: Path, names: Iterable[str], *, system: System = SYSTEM
) -> None:
    """Make empty folders again: many tools that copy or pack a case drop them."""
    for name in (*names, "manifest/checkpoints", "manifest/quarantine"):
        if not os.path.lexists(case / name):
            durable.make_folder(case / name, system=system)


def quarantine(
    case: Path, found: list[Path], known: set[str], *, system: System = SYSTEM
) -> list[Leftover]:
    """Move `found` to the quarantine; return all items no recovery entry names.

    Args:
        known: quarantine names that recovery entries already account for.

    Raises:
        OSError, StorageFailedError: something could not be moved or read.
    """
    _remove_temporaries(case)
    for path in found:
        if path.is_dir() and not any(path.rglob("*")):
            path.rmdir()
            continue
        stem = path.name if _OURS.fullmatch(path.name) else "leftover"
        target = case / "quarantine" / f"{stem}-{secrets.token_hex(4)}"
        if path.is_dir():
            durable.move_folder(path, target, system=system)
        else:
            _move_file(path, target, system)
    unnamed = [
        path
        for folder in (case / name for name in _QUARANTINES)
        for path in sorted(folder.iterdir())
        if path.relative_to(case).as_posix() not in known
        # A name we never give was put there: not ours to account for ('verify' tells).
        and _OURS.fullmatch(path.name)
    ]
    if unnamed:
        # An earlier opening may have been killed between its rename and the syncs: what
        # an entry is about to name must not go back after a power cut.
        for name in (*_QUARANTINES, *_SYNCED, *_SOMETIMES):
            if name not in _SOMETIMES or (case / name).is_dir():
                durable.sync_folder(case / name, system=system)
    return [describe(case, path) for path in unnamed]


def _move_file(path: Path, target: Path, system: System) -> None:
    system.rename(str(path), str(target))
    durable.sync_folder(target.parent, system=system)
    durable.sync_folder(path.parent, system=system)


def _remove_temporaries(case: Path) -> None:
    """Remove what `durable.write_new` could not finish: it was never named."""
    for folder in ("", "manifest", "manifest/checkpoints", "manifest/quarantine"):
        _remove_in(case / folder)
    _remove_in(case / "manifest" / "pending")
    for folder in ("private", "identities", "reports", "quarantine", *_SOMETIMES):
        _remove_in(case / folder)


def _remove_in(folder: Path) -> None:
    for path in folder.glob(f"{durable.TEMPORARY_PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _is_plain(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def describe(case: Path, path: Path) -> Leftover:
    """Return what a quarantined thing is now; links and pipes in it do not count.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    files: list[Path] = []
    if _is_plain(path):
        files = [path]
    elif stat.S_ISDIR(path.lstat().st_mode):
        files = sorted(filter(_is_plain, path.rglob("*")))
    lines, total = [], 0
    for file in files:
        digest = hash_file(file)
        total += digest.bytes
        lines.append(f"{digest.sha256}  {_relative(path, file)}\n")
    listing = "".join(lines).encode("utf-8", "surrogateescape")
    name = path.relative_to(case).as_posix()
    return Leftover(
        name=name,
        was=_origin(path),
        files=len(files),
        bytes=total,
        digest=sha256(listing).hexdigest(),
    )


def _relative(path: Path, file: Path) -> str:
    return file.name if file == path else file.relative_to(path).as_posix()


def _origin(path: Path) -> str:
    """Return where a quarantined thing was, from its name."""
    if path.suffix == ".torn":
        return "manifest/entries.jsonl"
    if path.name[:10].isdigit():
        return _RENEWALS if path.name[10:17] == ".sha512" else "private"
    if ".age-" in path.name:
        return "keys"
    return "staging or exhibits"
