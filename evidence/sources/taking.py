"""Take one thing found in a folder into the tar, and record what became of it."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final, NamedTuple

from evidence.copying import PayloadSink, judge
from evidence.outcome import Account, Outcome
from evidence.packing import Member, TarPacker
from evidence.parsing.base import Fields, Json
from evidence.reading import (
    Reading,
    Span,
    Watch,
    describe,
    difference,
    open_source,
    read_into,
)
from evidence.sources.records import put_status, put_text, put_xattrs
from evidence.system import SystemCalls
from evidence.tarheader import Attributes
from manifests.errors import NoSpaceError

# Files the kernel makes up (size 0, yet readable) are taken up to this size.
MAX_UNSIZED_BYTES = 16 << 20
# From here on a file's size is compared with the free space before it is read.
RESERVE_FROM_BYTES = 64 << 20
# A read of a small file from the cache takes microseconds; one that took this long
# came from the disk, and so will the next: read ahead for so many files. On a busy
# machine a read is as slow when others got the processor meanwhile; then this thread
# did not give it up by itself.
SLOW_READ_SECONDS = 0.0001
WAITING_READS = 64
# Up to this size a file is read, hashed and packed in one step.
WHOLE_UP_TO_BYTES = 1 << 20
# Below this, asking for read-ahead costs more than it gives.
_SEQUENCE_FROM_BYTES = 1 << 20
_ACQUIRED: Final = Outcome.ACQUIRED  # looking up a member of an enum is slow
_REPLACED = frozenset((errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENOENT))
_REPLACED_REASON = "it was replaced by something else while its folder was read"
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


def type_name(mode: int) -> str:
    """Return file, directory, symlink, fifo, socket, device or unknown."""
    for test, name in _KINDS:
        if test(mode):
            return name
    return "unknown"


def identity(status: os.stat_result) -> Identity:
    """Return what tells one file from all others: device and inode."""
    return status.st_dev, status.st_ino


def attributes_of(status: os.stat_result) -> Attributes:
    """Return what the tar header says of a file."""
    return Attributes(status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns)


class Place(NamedTuple):
    """Where a thing is: its name in `folder_fd`, and what it is called outside."""

    folder_fd: int
    name: bytes
    path: bytes
    member: bytes
    root: int

    def fields(self, kind: str, status: os.stat_result | None = None) -> Fields:
        """Return the first fields of its record."""
        fields: Fields = {"kind": "file", "type": kind, "root": self.root}
        put_text(fields, "path", self.path)
        if status is not None:
            put_status(fields, status)
        return fields

    def lstat(self) -> os.stat_result:
        """Look at the thing without opening it or following a link."""
        return os.stat(self.name, dir_fd=self.folder_fd, follow_symlinks=False)


class Taker:
    """Packs things one by one; counts their outcomes in `account`."""

    def __init__(
        self,
        packer: TarPacker,
        sink: PayloadSink,
        *,
        emit: Emit,
        watch: Watch,
        system: SystemCalls,
    ) -> None:
        self._account: Account = Counter()
        self._acquired = 0
        # Above 0 after a read that waited; counts down with each that did not.
        self.waiting = 0
        self.packer = packer
        self.system = system
        self._waits = system.waits()  # at the last slow read, or now
        self.watch = watch
        self._sink = sink
        self._emit = emit
        # Path and member name of the first link to each file that has several.
        self._first_links: dict[Identity, tuple[bytes, bytes]] = {}

    @property
    def account(self) -> Account:
        """How many things had which outcome so far."""
        return self._account + Counter({Outcome.ACQUIRED: self._acquired})

    def end(self, fields: Fields, outcome: Outcome, reason: str | None) -> None:
        """Complete a record, count it and hand it on."""
        if outcome is _ACQUIRED:  # nearly always: spare the enum's hashing
            self._acquired += 1
            fields["outcome"] = "acquired"
        else:
            self._account[outcome] += 1
            fields["outcome"] = outcome.value
        if reason is not None:
            fields["reason"] = reason
        self._emit(fields)

    def failed(self, place: Place, error: OSError) -> None:
        """Record a thing that could not be opened, with what can still be known."""
        try:
            status = place.lstat()
        except OSError as second:
            fields = place.fields("unknown")
            gone = second.errno == errno.ENOENT
        else:
            fields = place.fields(type_name(status.st_mode), status)
            gone = False
        if gone:
            reason = "it was listed, but gone when it was opened"
            self.end(fields, Outcome.MISSING, reason)
        elif error.errno in _REPLACED:
            self.end(fields, Outcome.CHANGED, _REPLACED_REASON)
        else:
            self.end(fields, Outcome.UNREADABLE, describe(error))

    def symlink(self, place: Place, status: os.stat_result) -> None:
        """Keep a symbolic link as a link."""
        target = os.readlink(place.name, dir_fd=place.folder_fd)
        fields = place.fields("symlink", status)
        put_text(fields, "target", target)
        attributes = attributes_of(status)
        member = self.packer.add_symlink(place.member, target, attributes=attributes)
        put_text(fields, "member", member)
        self.end(fields, Outcome.ACQUIRED, None)

    def special(self, place: Place, status: os.stat_result) -> None:
        """Record a pipe, socket or device; it is never opened."""
        kind = type_name(status.st_mode)
        fields = place.fields(kind, status)
        if kind == "device":
            number = status.st_rdev
            fields["device_number"] = f"{os.major(number)}:{os.minor(number)}"
        self.end(fields, Outcome.SKIPPED, f"a {kind} has no content of its own")

    def file(self, place: Place) -> None:
        """Take a regular file's content.

        Raises:
            OSError: it cannot be opened or looked at; nothing was packed.
        """
        system = self.system
        fd, kept = open_source(place.name, dir_fd=place.folder_fd, system=system)
        try:
            before = system.fstat(fd)
            regular = stat.S_ISREG(before.st_mode)
            fields = place.fields(
                "file" if regular else type_name(before.st_mode), before
            )
            if not regular:
                self.end(fields, Outcome.CHANGED, _REPLACED_REASON)
                return
            put_xattrs(fields, fd)
            if not kept:
                fields["atime_kept"] = False
            first = None
            if before.st_nlink > 1:
                first = self._first_links.get(identity(before))
            if first is not None:
                self._hard_link(place, before, fields, first)
            elif before.st_size < RESERVE_FROM_BYTES or self._fits(before):
                self._content(place, fd, before, fields)
            else:
                reason = "a sparse file, larger than the free space of the case"
                self.end(fields, Outcome.REFUSED, reason)
        finally:
            system.close(fd)

    def _fits(self, status: os.stat_result) -> bool:
        """False for a sparse file that would fill the disk with its holes."""
        try:
            self._sink.reserve(status.st_size)
        except NoSpaceError:
            if status.st_blocks * 512 >= status.st_size:
                raise
            return False
        return True

    def _hard_link(
        self,
        place: Place,
        status: os.stat_result,
        fields: Fields,
        first: tuple[bytes, bytes],
    ) -> None:
        path, stored = first
        attributes = attributes_of(status)
        member = self.packer.add_hardlink(place.member, stored, attributes=attributes)
        fields["type"] = "hardlink"
        put_text(fields, "member", member)
        put_text(fields, "link_to", path)
        self.end(fields, Outcome.ACQUIRED, None)

    def _content(
        self, place: Place, fd: int, before: os.stat_result, fields: Fields
    ) -> None:
        attributes = attributes_of(before)
        size = before.st_size
        outcome, reason = _ACQUIRED, None
        member = reading = None
        if 0 < size <= WHOLE_UP_TO_BYTES:
            member = self._whole(place, fd, size, attributes)
        if member is None:
            member, reading = self._pieces(place, fd, size, attributes)
        changed = self.change(fd, before)
        if changed or reading is not None:
            reading = reading or Reading(size)
            outcome, reason = judge(reading, expected=size, changed=changed)
        if before.st_nlink > 1 and outcome is Outcome.ACQUIRED:
            self._first_links[identity(before)] = place.path, member.name
        put_text(fields, "member", member.name)
        fields["bytes"] = member.length
        fields["sha256"] = member.sha256
        fields["payload"] = {"offset": member.offset, "length": member.length}
        if member.fill:
            fill: list[Json] = [span.fields() for span in member.fill]
            fields["fill"] = fill
        self.end(fields, outcome, reason)

    def _whole(
        self, place: Place, fd: int, size: int, attributes: Attributes
    ) -> Member | None:
        """Take a small file with one read; None when that was not enough."""
        try:
            member = self.packer.add_whole(
                place.member, attributes, size=size, fd=fd, readv=self._timed_readv
            )
        except OSError:
            member = None  # read again piece by piece, which lists what fails
        if member is None:
            os.lseek(fd, 0, os.SEEK_SET)
        else:
            self.watch.add(size)
        return member

    def _timed_readv(self, fd: int, buffers: Sequence[memoryview]) -> int:
        """Read, and notice whether that had to wait for the disk."""
        begin = perf_counter()
        count = self.system.readv(fd, buffers)
        if perf_counter() - begin > SLOW_READ_SECONDS:
            waits = self.system.waits()
            if waits is None or waits != self._waits:
                self.waiting = WAITING_READS
            self._waits = waits
        elif self.waiting:
            self.waiting -= 1
        return count

    def _pieces(
        self, place: Place, fd: int, size: int, attributes: Attributes
    ) -> tuple[Member, Reading]:
        """Take a file of any size, whatever happens while it is read."""
        packer = self.packer
        if not size:
            return self._unsized(place, fd, attributes)
        if size > _SEQUENCE_FROM_BYTES:
            self.system.expect_sequence(fd)
        packer.begin_file(place.member, size, attributes)
        reading = read_into(
            fd, packer, limit=size, watch=self.watch, system=self.system
        )
        return packer.end_file(), reading

    def _unsized(
        self, place: Place, fd: int, attributes: Attributes
    ) -> tuple[Member, Reading]:
        """Take a file without a size: empty, or made up by the kernel (procfs)."""
        found = bytearray()
        while len(found) <= MAX_UNSIZED_BYTES:
            piece = os.read(fd, 1 << 16)
            if not piece:
                break
            found += piece
        self.packer.begin_file(place.member, len(found), attributes)
        self.packer.write(found)
        reading = Reading(len(found))
        if len(found) > MAX_UNSIZED_BYTES:
            reading.absent = Span(len(found), 0)
            reading.reason = "it has no size and does not end"
        return self.packer.end_file(), reading

    def change(self, fd: int, before: os.stat_result) -> str:
        """Say what changed since `before`; empty when nothing did."""
        try:
            return difference(before, self.system.fstat(fd))
        except OSError as error:
            return f"its status could not be read again ({describe(error)})"
