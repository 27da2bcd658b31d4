"""Destroying what an erasure names, in the case or in a copy of it.

The order is such that whatever a crash leaves is of less use than what went before: the
keys first, then the sealed records, then what was made from the content, then payload
and inventory, and the exhibit's folder last. It is begun only when the `erase` entry is
in force, and can be repeated from any point: what is gone is not looked for.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evidence.retention.register import Tombstone
from manifests import durable
from manifests.durable import SYSTEM, System
from manifests.entries import Entry, EntryType

_WHAT = ("keys", "records", "reports", "packages", "pieces", "files")
_MAX_NAMES = 1_000_000
_PIECE = 1 << 20
# What cannot be looked into: age, gzip, bzip2, xz, zstd, 7z, LUKS.
_OPAQUE = (b"age-encryption.org", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_PLACE = re.compile(r"quarantine/[A-Za-z0-9][A-Za-z0-9.\-]{0,140}", re.ASCII)
_OPAQUE_TOO = (b"7z\xbc\xaf", b"LUKS\xba\xbe")


@dataclass(slots=True)
class Targets:
    """What of an erasure is there in one folder: paths by kind (`_WHAT`).

    Attributes:
        unsearched: packages whose content cannot be looked into.
    """

    paths: dict[str, list[Path]] = field(default_factory=dict)
    unsearched: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many of each kind, in the fixed order; kinds without any left out."""
        return {kind: len(self.paths[kind]) for kind in _WHAT if self.paths.get(kind)}


def find_targets(
    folder: Path, stones: list[Tombstone], pieces: frozenset[str]
) -> Targets:
    """Look for what is to be destroyed in a case folder, or in a copy of one.

    Args:
        pieces: names below the case of what recoveries set aside (`pieces_about`).

    Raises:
        OSError: something cannot be looked at.
    """
    found = Targets()
    take = found.paths.setdefault
    exhibits = {name for stone in stones for name in stone.exhibits}
    about = re.compile(rf"({'|'.join(sorted(exhibits))})(?![0-9])")
    records = {seq for stone in stones for seq in stone.records}
    for name in sorted(exhibits):
        take("keys", []).extend(_there(folder / "keys" / f"{name}.age"))
        take("files", []).extend(_there(folder / "exhibits" / name))
    for seq in sorted(records):
        for suffix in (".json", ".json.age"):
            path = folder / "private" / f"{seq:010d}{suffix}"
            take("records", []).extend(_there(path))
    for stone in stones:
        for name in stone.reports:
            if "/" not in name and name not in ("", ".", ".."):
                take("reports", []).extend(_there(folder / "reports" / name))
    take("pieces", []).extend(_pieces(folder, about, pieces))
    for path in _names(folder / "packages"):
        if _holds(path, about, found.unsearched):
            take("packages", []).append(path)
    return found


def _pieces(folder: Path, about: re.Pattern[str], pieces: frozenset[str]) -> list[Path]:
    """Return what interrupted acts left of exhibits, and what was never finished."""
    found = {folder / name for name in pieces if os.path.lexists(folder / name)}
    for place in ("staging", "quarantine"):
        found |= {p for p in _names(folder / place) if about.match(p.name)}
    for place in ("private", "keys", "reports"):
        temporary = durable.TEMPORARY_PREFIX
        own = _names(folder / place)
        found |= {p for p in own if p.name.startswith(temporary)}
    return sorted(found)


def _there(path: Path) -> list[Path]:
    return [path] if os.path.lexists(path) else []


def _names(folder: Path) -> list[Path]:
    try:
        if folder.is_symlink():
            return []
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _holds(path: Path, about: re.Pattern[str], unsearched: list[str]) -> bool:
    """Tell whether a package, a folder or a file, names an exhibit."""
    for number, place in enumerate(_walk(path)):
        if number >= _MAX_NAMES:
            unsearched.append(path.name)
            return False
        if about.search(place.name):
            return True
        if stat.S_ISREG(place.lstat().st_mode):
            told = _told_in(place, re.compile(about.pattern.encode("ascii")))
            if told:
                return True
            if told is None:
                unsearched.append(path.name)
                return False
    return False


def _walk(path: Path) -> Iterator[Path]:
    yield path
    if stat.S_ISDIR(path.lstat().st_mode):
        for inner in sorted(path.iterdir()):
            yield from _walk(inner)


def _told_in(path: Path, about: re.Pattern[bytes]) -> bool | None:
    """Tell whether a file names an exhibit; None when it cannot be looked into."""
    with path.open("rb") as stream:
        kept = b""
        while piece := stream.read(_PIECE):
            if not kept and piece.startswith((*_OPAQUE, *_OPAQUE_TOO)):
                return None
            if about.search(kept + piece):
                return True
            kept = piece[-32:]
    return False


def pieces_about(entry: Entry, exhibits: frozenset[str]) -> frozenset[str]:
    """Return what a `recovery` entry set aside if any of it is of these exhibits.

    What was interrupted together is set aside by one entry: a key, files, a record.
    """
    if entry.type != EntryType.RECOVERY:
        return frozenset()
    items = entry.facts.get("quarantined")
    listed = items if isinstance(items, list) else []
    names = [str(item.get("name")) for item in listed if isinstance(item, dict)]
    ours = [name for name in names if _PLACE.fullmatch(name)]
    starts = tuple(f"quarantine/{x}{mark}" for x in exhibits for mark in "-.")
    about = any(name.startswith(starts) for name in ours)
    return frozenset(ours) if about else frozenset()


def destroy(targets: Targets, *, system: System = SYSTEM) -> Counter[str]:
    """Destroy them, in order, each kind durable before the next; return counts.

    Raises:
        OSError: the system refused; what was destroyed stays destroyed.
    """
    done: Counter[str] = Counter()
    for kind in _WHAT:
        paths = targets.paths.get(kind, [])
        for path in paths:
            done[kind] += durable.destroy_tree(path, system=system)
        for parent in sorted({path.parent for path in paths}):
            durable.sync_folder(parent, system=system)
    return done
