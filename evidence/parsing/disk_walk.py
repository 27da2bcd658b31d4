"""A bounded walk over one file system, directory by directory.

The order and the rules for entering a directory are those of `fls -r`: a deleted
directory is entered only while its metadata is free too, ``.`` and ``..`` never, and no
directory inside itself. A directory that declares more bytes than its volume (or than
`Limits.directory_bytes`) is not opened: The Sleuth Kit would read through the forged
size. It would do so again while searching orphans, so that search is then left out.
Every bound that is met and every directory that cannot be read
is yielded as a `Trouble`; the walk goes on with the siblings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.parsing.disk_filesystem import FileSystem
from evidence.parsing.disk_tsk import NTFS_DATA, NTFS_INDEX_ROOT
from evidence.parsing.disk_values import Entry, Stream, TskError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one job.

    Attributes:
        entries: names looked at, over all file systems.
        depth: directories inside each other.
        path_bytes: length of a path.
        directory_bytes: declared size of a directory that is opened.
    """

    entries: int = 10_000_000
    depth: int = 256
    path_bytes: int = 32_768
    directory_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Found:
    """One entry, its streams not yet split.

    Attributes:
        path: raw bytes, no leading slash.
        entry: what is there.
        depth: directories above it, the root not counted.
    """

    path: bytes
    entry: Entry
    depth: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Part of the tree below `path` that was not read, and why."""

    path: bytes
    reason: str


@dataclass(slots=True)
class Budget:
    """Names that may still be looked at; shared by the file systems of a job."""

    left: int
    spent: bool = False


@dataclass(frozen=True, slots=True)
class _Level:
    path: bytes
    address: int
    entries: Iterator[Entry]


Enter = Callable[[Found], bool]


def walk(
    fs: FileSystem, limits: Limits, *, budget: Budget, enter: Enter | None = None
) -> Iterator[Found | Trouble]:
    """Yield every entry of `fs`, a directory before what it holds.

    Args:
        fs: to walk.
        limits: bounds; `budget` counts the entries.
        budget: reduced by one for every entry.
        enter: asked before a directory is entered, after it was yielded; False leaves
            it out.
    """
    return _Walk(fs, limits, budget, enter).steps()


class _Walk:
    def __init__(
        self, fs: FileSystem, limits: Limits, budget: Budget, enter: Enter | None
    ) -> None:
        self._fs = fs
        self._limits = limits
        self._budget = budget
        self._enter = enter
        self._levels: list[_Level] = []
        self._largest = min(limits.directory_bytes, max(fs.capacity, 0))
        self._forged = False

    def steps(self) -> Iterator[Found | Trouble]:
        size = self._fs.root_size()
        if size > self._largest:
            yield Trouble(b"", _too_large(size))
            return
        self._push(b"", self._fs.root)
        while self._levels:
            level = self._levels[-1]
            try:
                entry = next(level.entries, None)
            except TskError as error:
                yield Trouble(level.path, f"the directory was not read: {error}")
                entry = None
            if entry is None:
                self._levels.pop()
                continue
            if self._budget.left <= 0:
                self._budget.spent = True
                yield Trouble(
                    level.path, f"stopped after {self._limits.entries} entries"
                )
                return
            self._budget.left -= 1
            yield from self._entry(level, entry)

    def _push(self, path: bytes, address: int) -> None:
        self._levels.append(_Level(path, address, self._fs.entries(address)))

    def _entry(self, level: _Level, entry: Entry) -> Iterator[Found | Trouble]:
        path = level.path + b"/" + entry.name if level.path else entry.name
        found = Found(path, entry, len(self._levels) - 1)
        yield found
        if not enterable(entry) or (self._enter and not self._enter(found)):
            return
        reason = self._barred(entry, path)
        if reason is None:
            self._push(path, entry.address)
        else:
            yield Trouble(path, reason)

    def _barred(self, entry: Entry, path: bytes) -> str | None:
        limits = self._limits
        if any(level.address == entry.address for level in self._levels):
            return "the directory contains itself; it was not entered again"
        if len(self._levels) >= limits.depth:
            return f"more than {limits.depth} directories inside each other"
        if len(path) > limits.path_bytes:
            return f"the path is longer than {limits.path_bytes} bytes"
        size = _directory_size(entry)
        if size > self._largest:
            self._forged = True
            return _too_large(size)
        if entry.type == "V" and self._forged:
            return "orphans were not searched because of a directory with a forged size"
        return None


def _directory_size(entry: Entry) -> int:
    """Declared bytes of a directory; on NTFS those of its index, not of its streams."""
    index = [s.size for s in entry.streams if s.name == b"$I30"]
    return max([entry.meta.size if entry.meta else 0, *index])


def _too_large(size: int) -> str:
    return f"the directory declares {size} bytes, more than can be; it was not opened"


def enterable(entry: Entry) -> bool:
    """True for a directory that `fls -r` would enter."""
    meta = entry.meta
    if (
        entry.name == b"."
        or meta is None
        or meta.type not in "dV"
        or entry.type not in "dV-"
    ):
        return False
    return not entry.deleted or not meta.allocated


@dataclass(frozen=True, slots=True)
class Line:
    """One line `fls` would print: an entry, or one of its NTFS streams.

    Attributes:
        path: raw bytes, with ``:stream`` for a named stream.
        plain: `path` without the stream's name.
        entry: behind it.
        stream: what holds the content; None when the metadata names none.
        address: ``13``, or ``4-128-1`` (record, type, id) on NTFS.
        type: letter of what it is by its metadata (``r`` for a directory's stream).
    """

    path: bytes
    plain: bytes
    entry: Entry
    stream: Stream | None
    address: str
    type: str


def lines_of(found: Found, fs_type: str) -> list[Line]:
    """Split an entry the way `fls` does."""
    entry, path = found.entry, found.path
    kind = entry.meta.type if entry.meta else "-"
    if fs_type == "ntfs" and entry.meta is not None:
        wanted = (NTFS_DATA, NTFS_INDEX_ROOT)
        lines = [
            _stream_line(found, stream, kind)
            for stream in entry.streams
            if stream.type in wanted
        ]
        if entry.name == b".":  # the root; only its named streams are lines
            return [line for line in lines if line.path != line.plain]
        if lines:
            return lines
    main = next((s for s in entry.streams if not s.name), None)
    return [Line(path, path, entry, main, str(entry.address), kind)]


def _stream_line(found: Found, stream: Stream, kind: str) -> Line:
    entry, path = found.entry, found.path
    name = stream.name
    if stream.type == NTFS_INDEX_ROOT and name == b"$I30":
        name = b""  # the index that makes a directory a directory
    if kind == "d" and stream.type == NTFS_DATA:
        kind = "r"
    return Line(
        path=path + b":" + name if name else path,
        plain=path,
        entry=entry,
        stream=stream,
        address=f"{entry.address}-{stream.type}-{stream.id}",
        type=kind,
    )
