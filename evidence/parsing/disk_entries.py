"""The inventory record of one file-system entry."""

from __future__ import annotations

from evidence.parsing.base import Fields, Json
from evidence.parsing.disk_names import text_fields, whole
from evidence.parsing.disk_times import time_fields
from evidence.parsing.disk_volumes import Volume
from evidence.parsing.disk_walk import Line

_MAX_FORKS = 16
_OWNED = ("ext", "ufs", "hfs", "yaffs")


def entry_fields(volume: Volume, line: Line) -> Fields:
    """Return the record of `line`, with ``kind`` ``entry``.

    ``name_type`` and ``meta_type`` are the letters `fls` prints (``r`` file, ``d``
    directory, ``l`` symbolic link, ``-`` unknown, ``v`` and ``V`` made up by The Sleuth
    Kit). ``deleted`` speaks of the name, ``allocated`` of the metadata; a deleted name
    whose metadata was given to another file is ``reallocated`` and gets none of it.
    ``source`` and ``runs`` are bytes of the image.
    """
    entry = line.entry
    meta = entry.meta
    fields: Fields = {"kind": "entry", "partition": volume.partition}
    fields.update(text_fields("path", line.path))
    fields["inode"] = line.address
    fields["name_type"] = entry.type
    fields["meta_type"] = line.type
    fields["size"] = None if meta is None else whole(declared_size(line))
    fields["allocated"] = meta is not None and meta.allocated
    fields["deleted"] = entry.deleted
    if entry.reallocated:
        fields["reallocated"] = True
    if entry.type in "vV":
        fields["virtual"] = True
    if meta is not None:
        fields.update(time_fields(meta, volume.precision))
        if _has_owner(volume, line):
            fields["mode"] = f"{meta.mode & 0o7777:04o}"
            fields["uid"] = whole(meta.uid)
            fields["gid"] = whole(meta.gid)
            fields["nlink"] = whole(meta.links)
        if meta.target is not None:
            fields.update(text_fields("link_target", meta.target))
    fields.update(_content_fields(volume, line))
    if entry.trouble:
        fields["trouble"] = entry.trouble
    return fields


def _has_owner(volume: Volume, line: Line) -> bool:
    """Whether mode and owner are stored, not made up by The Sleuth Kit."""
    meta = line.entry.meta
    if meta is None or line.entry.type in "vV":
        return False
    if volume.fs.type == "iso9660":  # only with Rock Ridge
        return bool(meta.mode or meta.uid or meta.gid)
    return volume.fs.type.startswith(_OWNED)


def declared_size(line: Line) -> int:
    """Return the bytes the file system declares for the content of `line`."""
    if line.stream is not None and line.entry.type not in "vV":
        return line.stream.size
    return line.entry.meta.size if line.entry.meta else 0


def _content_fields(volume: Volume, line: Line) -> Fields:
    fields: Fields = {}
    stream = line.stream
    if stream is not None:
        if line.type == "r":
            for flag in ("compressed", "encrypted", "sparse"):
                if getattr(stream, flag):
                    fields[flag] = True
        base = volume.fs.image.offset + volume.fs.start
        runs: list[Json] = [
            {"offset": whole(base + run.start), "length": whole(run.length)}
            for run in stream.runs
        ]
        if runs:
            fields["source"] = runs[0]
        if stream.run_count > 1:
            fields["runs"] = runs
            fields["runs_total"] = stream.run_count
    forks = _forks(volume, line)
    if forks:
        fields["other_attributes"] = forks
    return fields


def _forks(volume: Volume, line: Line) -> list[Json]:
    """Named attributes beside the content that are not lines of their own (HFS+)."""
    if volume.fs.type == "ntfs":
        return []
    named = [stream for stream in line.entry.streams if stream.name]
    forks: list[Json] = []
    for stream in named[:_MAX_FORKS]:
        fork: Fields = dict(text_fields("name", stream.name))
        fork["size"] = whole(stream.size)
        forks.append(fork)
    return forks
