"""Acquire files and folders as they are: one pax tar, one record for each thing met.

The walk opens every name relative to its folder's descriptor and never follows a
symbolic link, so a link swapped in meanwhile cannot lead it elsewhere. Names are
visited in the order of their raw bytes. Nothing but regular files is ever read: links
are kept as links; pipes, sockets and devices are recorded and not opened.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.copying import PayloadSink, copy_regular_file, judge
from evidence.outcome import Account, Outcome
from evidence.packing import Attributes, TarPacker
from evidence.parsing.base import Fields, Json
from evidence.reading import (
    Progress,
    Stop,
    Watch,
    describe,
    difference,
    open_source,
    read_into,
)
from evidence.sources.listing import Kind, list_folder
from evidence.sources.records import status_fields, text_fields, xattr_fields
from evidence.system import REAL, SystemCalls
from manifests.errors import NoSpaceError

# Open descriptors of enclosing folders that are kept; deeper trees re-open upwards.
MAX_OPEN_FOLDERS = 128
# A path in a record and in a tar header; far above PATH_MAX (4096), yet bounded.
MAX_PATH_BYTES = 64 << 10
# Files the kernel makes up (size 0, yet readable) are taken up to this size.
MAX_UNSIZED_BYTES = 16 << 20
# From here on a file's size is compared with the free space before it is read.
RESERVE_FROM_BYTES = 64 << 20

_KINDS = (
    (stat.S_ISREG, "file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symlink"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
Emit = Callable[[Fields], None]
Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a thing is: its name in `folder_fd`, and what it is called outside."""

    folder_fd: int
    name: bytes
    path: bytes
    member: bytes
    root: int

    def fields(self, kind: str) -> Fields:
        """Return the first fields of its record."""
        fields: Fields = {"kind": "file", "type": kind, "root": self.root}
        fields.update(text_fields("path", self.path))
        return fields


@dataclass(slots=True)
class _Folder:
    """A folder whose entries are being visited."""

    place: _Place
    fd: int | None
    status: os.stat_result
    entries: Iterator[tuple[bytes, Kind]]
    fields: Fields
    outcome: Outcome
    reason: str | None


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
    walk = _Walk(packer, sink, emit, watch, system)
    walk.exclude = {_identity(path.stat()) for path in exclude}
    for root, (path, prefix) in enumerate(zip(paths, _prefixes(paths), strict=True)):
        parent, name = _locate(path)
        fd = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            walk.run(_Place(fd, name, os.fsencode(path), prefix, root))
        finally:
            os.close(fd)
    packer.finish()
    return walk.account


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
    fields.update(text_fields("path", raw))
    fields.update(status_fields(copied.before))
    fields.update(xattr_fields(raw))
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


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


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
    wanted = [_own_name(path) for path in paths]
    taken: set[bytes] = set()
    prefixes = []
    for name in wanted:
        prefix, number = name or b"root", 2
        while prefix in taken or (prefix != name and prefix in wanted):
            prefix = b"%s.%d" % (name or b"root", number)
            number += 1
        taken.add(prefix)
        prefixes.append(prefix)
    return prefixes


class _Walk:
    """One `pack_tree`; visits with an explicit stack, so depth is only data."""

    def __init__(
        self,
        packer: TarPacker,
        sink: PayloadSink,
        emit: Emit,
        watch: Watch,
        system: SystemCalls,
    ) -> None:
        self.account: Account = Counter()
        self.exclude: set[Identity] = set()
        self._packer = packer
        self._sink = sink
        self._emit = emit
        self._watch = watch
        self._system = system
        self._stack: list[_Folder] = []
        self._first_links: dict[Identity, tuple[bytes, bytes]] = {}

    def run(self, place: _Place) -> None:
        """Visit `place` and everything below."""
        try:
            self._visit(place, Kind.UNKNOWN)
            while self._stack:
                folder = self._stack[-1]
                entry = next(folder.entries, None)
                if entry is None:
                    self._leave(folder)
                else:
                    self._visit_entry(folder, *entry)
        finally:
            for folder in self._stack:
                if folder.fd is not None:
                    self._system.close(folder.fd)
            self._stack.clear()

    # -- one entry -----------------------------------------------------------------

    def _visit_entry(self, folder: _Folder, name: bytes, kind: Kind) -> None:
        self._watch.add(0)
        above = folder.place
        path, member = above.path + b"/" + name, above.member + b"/" + name
        if folder.fd is None:
            place = _Place(-1, name, path, member, above.root)
            reason = "its folder was moved while it was read"
            self._end(place.fields("unknown"), Outcome.MISSING, reason)
            return
        self._visit(_Place(folder.fd, name, path, member, above.root), kind)

    def _visit(self, place: _Place, kind: Kind) -> None:
        if len(place.path) > MAX_PATH_BYTES:
            reason = f"its path is longer than {MAX_PATH_BYTES} bytes"
            fields = place.fields("unknown")
            whole = fields.pop("path")
            fields["path"] = str(whole)[-1024:]
            fields.pop("path_b64", None)
            self._end(fields, Outcome.REFUSED, reason)
            return
        try:
            if kind is Kind.FILE:
                self._file(place)
            elif kind is Kind.FOLDER:
                self._enter(place)
            else:
                self._look(place)
        except OSError as error:
            self._failed(place, error)

    def _look(self, place: _Place) -> None:
        """Deal with what is neither known to be a file nor a folder."""
        status = self._lstat(place)
        mode = status.st_mode
        if stat.S_ISREG(mode):
            self._file(place)
        elif stat.S_ISDIR(mode):
            self._enter(place)
        elif stat.S_ISLNK(mode):
            self._symlink(place, status)
        else:
            self._special(place, status)

    def _lstat(self, place: _Place) -> os.stat_result:
        return os.stat(place.name, dir_fd=place.folder_fd, follow_symlinks=False)

    def _failed(self, place: _Place, error: OSError) -> None:
        """Record a thing that could not be opened, with what can still be known."""
        fields: Fields = {}
        kind = "unknown"
        try:
            status = self._lstat(place)
        except OSError as second:
            gone = second.errno == errno.ENOENT
        else:
            gone = False
            kind = type_name(status.st_mode)
            fields = status_fields(status)
        if gone:
            reason = "it was listed, but gone when it was opened"
            self._end(place.fields(kind), Outcome.MISSING, reason)
        elif error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENOENT):
            reason = "it was replaced by something else while its folder was read"
            self._end(place.fields(kind) | fields, Outcome.CHANGED, reason)
        else:
            self._end(place.fields(kind) | fields, Outcome.UNREADABLE, describe(error))

    def _symlink(self, place: _Place, status: os.stat_result) -> None:
        target = os.readlink(place.name, dir_fd=place.folder_fd)
        fields = place.fields("symlink")
        fields.update(status_fields(status))
        fields.update(text_fields("target", target))
        attributes = _attributes(status)
        member = self._packer.add_symlink(place.member, target, attributes=attributes)
        fields.update(text_fields("member", member))
        self._end(fields, Outcome.ACQUIRED, None)

    def _special(self, place: _Place, status: os.stat_result) -> None:
        kind = type_name(status.st_mode)
        fields = place.fields(kind)
        fields.update(status_fields(status))
        if kind == "device":
            number = status.st_rdev
            fields["device_number"] = f"{os.major(number)}:{os.minor(number)}"
        self._end(fields, Outcome.SKIPPED, f"a {kind} has no content of its own")

    def _end(self, fields: Fields, outcome: Outcome, reason: str | None) -> None:
        fields["outcome"] = outcome.value
        if reason is not None:
            fields["reason"] = reason
        self.account[outcome] += 1
        self._emit(fields)

    # -- folders -------------------------------------------------------------------

    def _enter(self, place: _Place) -> None:
        system = self._system
        fd, kept = open_source(
            place.name, dir_fd=place.folder_fd, flags=os.O_DIRECTORY, system=system
        )
        try:
            status = system.fstat(fd)
            fields = place.fields("directory")
            fields.update(status_fields(status))
            if (reason := self._reason_to_skip(status)) is not None:
                system.close(fd)
                self._end(fields, Outcome.SKIPPED, reason)
                return
            fields.update(xattr_fields(fd))
            entries, trouble = list_folder(fd, system)
        except BaseException:
            system.close(fd)
            raise
        if not kept:
            fields["atime_kept"] = False
        if self._stack and status.st_dev != self._stack[-1].status.st_dev:
            fields["mount_point"] = True
        member = self._packer.add_directory(place.member, _attributes(status))
        fields.update(text_fields("member", member))
        outcome = Outcome.ACQUIRED if trouble is None else Outcome.UNREADABLE
        self._stack.append(
            _Folder(place, fd, status, iter(entries), fields, outcome, trouble)
        )
        if len(self._stack) > MAX_OPEN_FOLDERS:
            far = self._stack[-MAX_OPEN_FOLDERS - 1]
            if far.fd is not None:
                system.close(far.fd)
                far.fd = None

    def _reason_to_skip(self, status: os.stat_result) -> str | None:
        identity = _identity(status)
        if identity in self.exclude:
            return "it is the case folder itself"
        if any(_identity(folder.status) == identity for folder in self._stack):
            return "it is one of the folders it stands in"
        return None

    def _leave(self, folder: _Folder) -> None:
        self._stack.pop()
        outcome, reason = folder.outcome, folder.reason
        if folder.fd is not None:
            try:
                changed = self._change(folder.fd, folder.status)
                self._back_to_parent(folder.fd)
            finally:
                self._system.close(folder.fd)
            if changed and outcome is Outcome.ACQUIRED:
                outcome = Outcome.CHANGED
                reason = f"changed while it was read: {changed}"
        self._end(folder.fields, outcome, reason)

    def _back_to_parent(self, fd: int) -> None:
        """Re-open the enclosing folder if its descriptor was given up for depth."""
        parent = self._stack[-1] if self._stack else None
        if parent is None or parent.fd is not None:
            return
        try:
            again, _ = open_source(
                b"..", dir_fd=fd, flags=os.O_DIRECTORY, system=self._system
            )
        except OSError:
            return  # its remaining entries are recorded as missing
        if _identity(self._system.fstat(again)) == _identity(parent.status):
            parent.fd = again
        else:
            self._system.close(again)

    # -- files ---------------------------------------------------------------------

    def _file(self, place: _Place) -> None:
        system = self._system
        fd, kept = open_source(place.name, dir_fd=place.folder_fd, system=system)
        try:
            before = system.fstat(fd)
            fields = place.fields(type_name(before.st_mode))
            fields.update(status_fields(before))
            if not stat.S_ISREG(before.st_mode):
                reason = "it was replaced by something else while its folder was read"
                self._end(fields, Outcome.CHANGED, reason)
                return
            fields.update(xattr_fields(fd))
            if not kept:
                fields["atime_kept"] = False
            first = None
            if before.st_nlink > 1:
                first = self._first_links.get(_identity(before))
            if first is not None:
                self._hard_link(place, before, fields, first)
            elif self._fits(before):
                self._content(place, fd, before, fields)
            else:
                reason = "a sparse file, larger than the free space of the case"
                self._end(fields, Outcome.REFUSED, reason)
        finally:
            system.close(fd)

    def _fits(self, status: os.stat_result) -> bool:
        """False for a sparse file that would fill the disk with its holes."""
        if status.st_size < RESERVE_FROM_BYTES:
            return True
        try:
            self._sink.reserve(status.st_size)
        except NoSpaceError:
            if status.st_blocks * 512 >= status.st_size:
                raise
            return False
        return True

    def _hard_link(
        self,
        place: _Place,
        status: os.stat_result,
        fields: Fields,
        first: tuple[bytes, bytes],
    ) -> None:
        path, stored = first
        member = self._packer.add_hardlink(
            place.member, stored, attributes=_attributes(status)
        )
        fields["type"] = "hardlink"
        fields.update(text_fields("member", member))
        fields.update(text_fields("link_to", path))
        self._end(fields, Outcome.ACQUIRED, None)

    def _content(
        self, place: _Place, fd: int, before: os.stat_result, fields: Fields
    ) -> None:
        packer, system = self._packer, self._system
        size = before.st_size
        ahead = b"" if size else self._unsized(fd)
        packer.begin_file(place.member, size or len(ahead), _attributes(before))
        if size > 1 << 20:
            system.expect_sequence(fd)
        packer.write(ahead)
        reading = read_into(fd, packer, limit=size, watch=self._watch, system=system)
        member = packer.end_file()
        changed = self._change(fd, before)
        outcome, reason = judge(reading, expected=size, changed=changed)
        if len(ahead) > MAX_UNSIZED_BYTES:
            outcome, reason = Outcome.UNREADABLE, "it has no size and does not end"
        if before.st_nlink > 1 and outcome is Outcome.ACQUIRED:
            self._first_links[_identity(before)] = place.path, member.name
        fields.update(text_fields("member", member.name))
        fields["bytes"] = member.length
        fields["sha256"] = member.sha256
        fields["payload"] = {"offset": member.offset, "length": member.length}
        if member.fill:
            fill: list[Json] = [span.fields() for span in member.fill]
            fields["fill"] = fill
        self._end(fields, outcome, reason)

    def _change(self, fd: int, before: os.stat_result) -> str:
        try:
            return difference(before, self._system.fstat(fd))
        except OSError as error:
            return f"its status could not be read again ({describe(error)})"

    def _unsized(self, fd: int) -> bytes:
        """Return what a file without a size gives when read (procfs, sysfs)."""
        found = bytearray()
        while len(found) <= MAX_UNSIZED_BYTES:
            piece = os.read(fd, 1 << 16)
            if not piece:
                break
            found += piece
        return bytes(found)


def _attributes(status: os.stat_result) -> Attributes:
    return Attributes(status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns)


def type_name(mode: int) -> str:
    """Return file, directory, symlink, fifo, socket, device or unknown."""
    for test, name in _KINDS:
        if test(mode):
            return name
    return "unknown"
