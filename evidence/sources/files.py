"""Acquire files and folders as they are: one pax tar, one record for each thing met.

The walk opens every name relative to its folder's descriptor and never follows a
symbolic link, so a link swapped in meanwhile cannot lead it elsewhere. Names are
visited in the order of their raw bytes. Nothing but regular files is ever read: links
are kept as links; pipes, sockets and devices are recorded and not opened.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from evidence.copying import PayloadSink, copy_regular_file
from evidence.outcome import Account
from evidence.packing import TarPacker
from evidence.parsing.base import Fields
from evidence.reading import Progress, Stop, Watch
from evidence.sources.records import put_status, put_text, put_xattrs
from evidence.sources.taking import Emit, Place, Taker, identity
from evidence.sources.walking import Walk
from evidence.system import REAL, SystemCalls


def pack_tree(
    paths: Sequence[Path],
    sink: PayloadSink,
    *,
    emit: Emit,
    exclude: Sequence[Path] = (),
    stop: Stop | None = None,
    progress: Progress | None = None,
    system: SystemCalls = REAL,
) -> Account:
    """Pack every path, files and folders with all below, into `sink` as one tar.

    The tar is complete afterwards; the sink is left for the caller to finish.

    Args:
        paths: existing files or folders; one that is a symbolic link is kept as such.
        emit: takes one record for each thing met; a folder's follows its contents'.
        exclude: folders left out, recorded as skipped (the case itself).
        progress: called with the file bytes read, at most every 0.2 s.

    Returns:
        How many things had which outcome.

    Raises:
        StorageFailedError: the sink could not store something.
        StoppedError: `stop` was set.
        OSError: a path's parent or an excluded path cannot be looked at.
    """
    packer = TarPacker(sink)
    watch = Watch(progress=progress, stop=stop)
    taker = Taker(packer, sink, emit=emit, watch=watch, system=system)
    walk = Walk(taker, exclude={identity(path.stat()) for path in exclude})
    for root, (path, prefix) in enumerate(zip(paths, _prefixes(paths), strict=True)):
        parent, name = _locate(path)
        fd = system.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            walk.run(Place(fd, name, os.fsencode(path), prefix, root))
        finally:
            system.close(fd)
    packer.finish()
    return taker.account


def pack_one(
    path: Path,
    sink: PayloadSink,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    system: SystemCalls = REAL,
) -> Fields:
    """Copy one regular file as a plain payload, finish the sink, return its record.

    Raises:
        SourceUnreadableError: it cannot be opened or is no regular file.
        StorageFailedError, StoppedError: as `copy_regular_file`.
    """
    copied = copy_regular_file(path, sink, progress=progress, stop=stop, system=system)
    written = sink.finish()
    raw = os.fsencode(path)
    fields: Fields = {"kind": "file", "type": "file", "root": 0}
    put_text(fields, "path", raw)
    put_status(fields, copied.before)
    put_xattrs(fields, raw)
    fields["bytes"] = written.bytes
    fields["sha256"] = written.sha256
    fields["payload"] = {"offset": 0, "length": written.bytes}
    if copied.reading.errors:
        fields["read_errors"] = [span.fields() for span in copied.reading.errors]
    if copied.reading.absent is not None:
        fields["absent"] = copied.reading.absent.fields()
    if not copied.atime_kept:
        fields["atime_kept"] = False
    fields["outcome"] = copied.outcome.value
    if copied.reason:
        fields["reason"] = copied.reason
    return fields


def _locate(path: Path) -> tuple[bytes, bytes]:
    """Return the folder to open and the name in it."""
    parent, name = os.path.split(os.fsencode(path))
    if name in (b"", b".", b".."):
        return os.fsencode(path), b"."
    return parent or b".", name


def _own_name(path: Path) -> bytes:
    _, name = _locate(path)
    return os.fsencode(path.resolve().name) if name == b"." else name


def _prefixes(paths: Sequence[Path]) -> list[bytes]:
    """Return a distinct first component for each path: its own last, if it can be."""
    wanted = [_own_name(path) or b"root" for path in paths]
    prefixes: list[bytes] = []
    for name in wanted:
        prefix, number = name, 2
        while prefix in prefixes or (prefix != name and prefix in wanted):
            prefix = b"%s.%d" % (name, number)
            number += 1
        prefixes.append(prefix)
    return prefixes
