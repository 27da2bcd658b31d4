"""List one folder through its descriptor, in the order of the raw names."""

from __future__ import annotations

import os
from enum import Enum

from evidence.reading import describe
from evidence.system import SystemCalls


class Kind(Enum):
    """What the folder itself says of an entry, before it is opened."""

    FILE = "file"
    FOLDER = "folder"
    UNKNOWN = "unknown"


def list_folder(
    fd: int, system: SystemCalls
) -> tuple[list[tuple[bytes, Kind]], str | None]:
    """Return the entries of an open folder and why they may not be all.

    Names are raw bytes, sorted. The reason is None when the listing is whole.
    """
    entries: list[tuple[bytes, Kind]] = []
    trouble = None
    try:
        with system.scandir(fd) as found:
            for entry in found:
                name = os.fsencode(entry.name)
                entries.append((name, _kind(entry)))
    except OSError as error:
        trouble = f"its listing stopped after {len(entries)} names: {describe(error)}"
    entries.sort(key=_name)
    return entries, trouble


def _name(entry: tuple[bytes, Kind]) -> bytes:
    return entry[0]


def _kind(entry: os.DirEntry[str]) -> Kind:
    try:
        if entry.is_file(follow_symlinks=False):
            return Kind.FILE
        if entry.is_dir(follow_symlinks=False):
            return Kind.FOLDER
    except OSError:
        return Kind.UNKNOWN  # looked at again, and recorded, when it is visited
    return Kind.UNKNOWN
