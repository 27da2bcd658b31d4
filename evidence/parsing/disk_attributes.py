"""Metadata and content attributes of one entry, read from The Sleuth Kit."""

from __future__ import annotations

from typing import Any

from evidence.parsing.disk_tsk import (
    META_ALLOCATED,
    RUN_EMPTY,
    STREAM_COMPRESSED,
    STREAM_ENCRYPTED,
    STREAM_SPARSE,
    STREAM_STORED,
)
from evidence.parsing.disk_values import Meta, Run, Stream, meta_letter, plain_reason

_MAX_STREAMS = 4096  # attributes of one entry that are looked at
_MAX_COUNTED = 65_536  # runs of one stream that are counted
_MAX_RUNS = 4  # data runs of one stream that are reported


def meta_of(meta: Any) -> Meta | None:
    """Return the values of a TSK_FS_META; None stays None."""
    if meta is None:
        return None
    link = meta.link
    return Meta(
        address=int(meta.addr),
        type=meta_letter(int(meta.type)),
        allocated=bool(int(meta.flags) & META_ALLOCATED),
        size=int(meta.size),
        mode=int(meta.mode),
        uid=int(meta.uid),
        gid=int(meta.gid),
        links=int(meta.nlink),
        target=None if link is None else bytes(link),
        modified=(int(meta.mtime), int(meta.mtime_nano)),
        accessed=(int(meta.atime), int(meta.atime_nano)),
        changed=(int(meta.ctime), int(meta.ctime_nano)),
        born=(int(meta.crtime), int(meta.crtime_nano)),
    )


def streams_of(handle: Any, block: int) -> tuple[tuple[Stream, ...], str | None]:
    """The attributes of an entry, as many as can be read, and what stopped it."""
    found: list[Stream] = []
    try:
        for attribute in handle:
            if len(found) >= _MAX_STREAMS:
                return tuple(found), f"more than {_MAX_STREAMS} attributes"
            found.append(_stream(attribute, block))
    except Exception as error:  # noqa: BLE001 - hostile image; becomes a reason
        return tuple(found), plain_reason(error)
    return tuple(found), None


def is_stream(attribute: Any, stream: Stream) -> bool:
    """True when `attribute` is the one `stream` was made from."""
    return (int(attribute.info.type), int(attribute.info.id)) == (
        stream.type,
        stream.id,
    )


def is_stored(attribute: Any) -> bool:
    """True when the content is in blocks of its own, not within the metadata."""
    return bool(int(attribute.info.flags) & STREAM_STORED)


def _stream(attribute: Any, block: int) -> Stream:
    info = attribute.info
    flags = int(info.flags)
    size = int(info.size)
    runs, count, holes = _runs(attribute, block=block, size=size)
    return Stream(
        type=int(info.type),
        id=int(info.id),
        name=bytes(info.name or b""),
        size=size,
        compressed=bool(flags & STREAM_COMPRESSED),
        encrypted=bool(flags & STREAM_ENCRYPTED),
        sparse=holes or bool(flags & STREAM_SPARSE),
        runs=runs,
        run_count=count,
    )


def _runs(
    attribute: Any, *, block: int, size: int
) -> tuple[tuple[Run, ...], int, bool]:
    """First stored runs cut to the content's size, their number, and any holes."""
    runs: list[Run] = []
    count = 0
    holes = False
    if not is_stored(attribute):
        return (), 0, False
    for run in attribute:
        begin = int(run.offset) * block
        if begin >= size:
            break
        if int(run.flags) & RUN_EMPTY:
            holes = True
            continue
        count += 1
        if len(runs) < _MAX_RUNS:
            length = min(int(run.len) * block, size - begin)
            runs.append(Run(int(run.addr) * block, length))
        elif count >= _MAX_COUNTED:
            break
    return tuple(runs), count, holes
