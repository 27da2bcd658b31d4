"""Watches that nothing readable is in any file, at any time, and what is written.

All files of some folders are read again and again while something is done, and an audit
hook notes what this process opens for writing and what it makes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_SECONDS = 0.03  # between two looks
_OPEN: list[Eye] = []


@dataclass
class Eye:
    """What was seen.

    Attributes:
        found: files that held, or were named, what must not be there.
        opened: paths that were opened for writing, and folders that were made.
    """

    folders: tuple[Path, ...]
    needles: tuple[bytes, ...]
    found: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Read all files once."""
        self.found += holding(self.folders, self.needles)

    def elsewhere(self, *allowed: Path) -> list[str]:
        """Return what was written outside these folders."""
        inside = (*map(str, allowed), "/dev/")
        return sorted(p for p in self.opened if p and not p.startswith(inside))


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _OPEN or event not in ("open", "os.mkdir"):
        return
    path, flags = arguments[0], arguments[2] if event == "open" else _WRITES
    if not (isinstance(flags, int) and flags & _WRITES):
        return
    if isinstance(path, str | bytes | os.PathLike):  # else a descriptor
        for eye in _OPEN:
            eye.opened.add(str(Path(os.fsdecode(path)).absolute()))


sys.addaudithook(_audit)  # for good: Python takes no hook away


@contextmanager
def watching(folders: Sequence[Path], needles: Sequence[bytes]) -> Iterator[Eye]:
    """Watch folders while the block runs, and once more at its end."""
    eye, stop = Eye(tuple(folders), tuple(needles)), threading.Event()

    def poll() -> None:
        while not stop.wait(_SECONDS):
            eye.look()

    watcher = threading.Thread(target=poll)
    watcher.start()
    _OPEN.append(eye)
    try:
        yield eye
    finally:
        _OPEN.remove(eye)
        stop.set()
        watcher.join()
    eye.look()


def files(*folders: Path) -> Iterator[Path]:
    """Yield the files below folders; bears what vanishes meanwhile."""
    for folder in folders:
        for where, _, names in os.walk(folder):
            yield from (Path(where, name) for name in names)


def holding(folders: tuple[Path, ...], needles: tuple[bytes, ...]) -> list[str]:
    """Return the files whose path or content holds one of the needles."""
    found = []
    for path in files(*folders):
        if any(needle in os.fsencode(path) for needle in needles):
            found.append(str(path))
        try:
            data = path.read_bytes()
        except OSError:
            continue
        found += [str(path) for needle in needles if needle in data]
    return found
