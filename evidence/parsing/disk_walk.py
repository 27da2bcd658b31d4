"""A bounded walk over one file system, directory by directory.

The order and the rules for entering a directory are those of `fls -r`: a deleted
directory is entered only while its metadata is free too, ``.`` and ``..`` never, and no
directory inside itself. Every bound that is met and every directory that cannot be read
is yielded as a `Trouble`; the walk goes on with the siblings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.parsing.disk_tsk import (
    NTFS_DATA,
    NTFS_INDEX_ROOT,
    Entry,
    FileSystem,
    Stream,
    TskError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one job.

    Attributes:
        entries: names looked at, over all file systems.
        depth: directories inside each other.
        path_bytes: length of a path.
    """

    entries: int = 10_000_000
    depth: int = 256
    path_bytes: int = 32_768


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
    levels = [_Level(b"", fs.root, fs.entries(fs.root))]
    while levels:
        level = levels[-1]
        try:
            entry = next(level.entries, None)
        except TskError as error:
            yield Trouble(level.path, f"the directory was not read: {error}")
            entry = None
        if entry is None:
            levels.pop()
            continue
        if budget.left <= 0:
            budget.spent = True
            yield Trouble(level.path, f"stopped after {limits.entries} entries")
            return
        budget.left -= 1
        path = level.path + b"/" + entry.name if level.path else entry.name
        found = Found(path, entry, len(levels) - 1)
        yield found
        if not enterable(entry) or (enter is not None and not enter(found)):
            continue
        reason = _barred(entry, path, [o.address for o in levels], limits)
        if reason is None:
            levels.append(_Level(path, entry.address, fs.entries(entry.address)))
        else:
            yield Trouble(path, reason)


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


def _barred(entry: Entry, path: bytes, above: list[int], limits: Limits) -> str | None:
    if entry.address in above:
        return "the directory contains itself; it was not entered again"
    if len(above) >= limits.depth:
        return f"more than {limits.depth} directories inside each other"
    if len(path) > limits.path_bytes:
        return f"the path is longer than {limits.path_bytes} bytes"
    return None


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
