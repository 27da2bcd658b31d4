"""Folders in which a package lies open: private, beside the case, removed in any case.

What is in them is not encrypted as far as the package is not. A process that is killed
leaves its room behind; the next opening of the same case to write destroys it. Whose
room it is tells its name, and whether somebody still works in it a hold that dies with
the process (`manifests.lock.FolderHold`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from manifests import durable
from manifests.durable import SYSTEM, System
from manifests.lock import FolderHold

PREFIX = ".custody-package-"
_TRIES = 5


@dataclass(slots=True)
class Swept:
    """What was destroyed: numbers of rooms and files, bytes; and what was not."""

    folders: int = 0
    files: int = 0
    bytes: int = 0
    problem: str = ""


def _stem(origin: str) -> str:
    """Return how the rooms of one case begin; the name of a case tells nothing."""
    return f"{PREFIX}{sha256(origin.encode('utf-8')).hexdigest()[:12]}-"


@contextlib.contextmanager
def open_room(beside: Path, origin: str) -> Iterator[Path]:
    """Make a private folder on the disk of `beside`; it is removed in any case.

    Args:
        beside: a case folder, or what lies where the room may be.
        origin: of the case that works in it.

    Raises:
        StorageFailedError: it cannot be made, or not removed.
    """
    with contextlib.ExitStack() as stack:
        try:
            room = _held(stack, beside.absolute().parent, origin)
        except OSError as error:
            durable.storage_failure(error, "a folder for the open package")
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)
            if room.exists():
                left = OSError(errno.EIO, "it could not be removed")
                durable.storage_failure(left, room.name)


def _held(stack: contextlib.ExitStack, parent: Path, origin: str) -> Path:
    for _ in range(_TRIES):
        room = Path(tempfile.mkdtemp(prefix=_stem(origin), dir=parent))
        try:
            stack.enter_context(FolderHold(room))
        except (BlockingIOError, FileNotFoundError):
            continue  # an opening of the case took it for a leftover just now
        return room
    raise OSError(errno.EBUSY, "it is taken away again and again")


def sweep(beside: Path, origin: str, *, system: System = SYSTEM) -> Swept:
    """Destroy the rooms of a case in which nobody works any more.

    Files up to 16 MiB are overwritten first (`durable.destroy_file` says what that is
    worth). Links are removed, not followed; folders of other users stay.
    """
    found = Swept()
    parent = beside.absolute().parent
    try:
        with os.scandir(parent) as items:
            names = sorted(i.name for i in items if i.name.startswith(_stem(origin)))
    except OSError as error:
        found.problem = f"Beside the case nothing could be looked at: {_why(error)}."
        return found
    for name in names:
        try:
            _sweep_one(parent / name, found, system)
        except BlockingIOError:
            continue  # somebody works in it
        except OSError as error:
            found.problem = f"{name} beside the case could not be removed: "
            found.problem += f"{_why(error)}. Destroy it: a package lies open in it."
    return found


def _sweep_one(room: Path, found: Swept, system: System) -> None:
    status = room.lstat()
    if not stat.S_ISDIR(status.st_mode) or not _is_own(status):
        return
    with FolderHold(room) as hold:
        if not hold.known:
            raise OSError(errno.ENOTSUP, "whether it is in use cannot be told here")
        size = sum(p.lstat().st_size for p in room.rglob("*") if p.is_file())
        found.files += durable.destroy_tree(room, system=system)
        durable.sync_folder(room.parent, system=system)
    found.folders += 1
    found.bytes += size


def _is_own(status: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or status.st_uid == os.getuid()


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
