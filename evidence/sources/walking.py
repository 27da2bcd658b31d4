"""Visit a path and everything below it, each folder through its own descriptor."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import Final

from evidence.outcome import Outcome
from evidence.parsing.base import Fields
from evidence.reading import announce, open_source
from evidence.sources.listing import Kind, list_folder
from evidence.sources.records import put_text, put_xattrs
from evidence.sources.taking import Identity, Place, Taker, attributes_of, identity

# Open descriptors of enclosing folders that are kept; deeper trees re-open upwards.
MAX_OPEN_FOLDERS = 128
# A path in a record and in a tar header; far above PATH_MAX (4096), yet bounded.
MAX_PATH_BYTES = 64 << 10
_FILE: Final = Kind.FILE  # looking up a member of an enum is slow
# Files fetched ahead from a slow disk; enough to keep its queue filled.
READ_AHEAD_FILES = 64
_SHOWN_BYTES = 1024  # of a path that is longer


@dataclass(slots=True)
class _Folder:
    """A folder whose entries are being visited."""

    place: Place
    fd: int | None
    status: os.stat_result
    entries: list[tuple[bytes, Kind]]
    fields: Fields
    trouble: str | None
    next: int = 0  # index of the entry to visit
    announced: int = 0  # entries before this one were read ahead


class Walk:
    """Visits trees with an explicit stack, so depth is only data.

    Args:
        taker: packs and records what is found.
        exclude: folders that are recorded as skipped, not entered.
    """

    def __init__(self, taker: Taker, *, exclude: set[Identity]) -> None:
        self._taker = taker
        self._system = taker.system
        self._exclude = exclude
        self._stack: list[_Folder] = []

    def run(self, place: Place) -> None:
        """Visit `place` and everything below."""
        try:
            self._visit(place, Kind.UNKNOWN)
            while self._stack:
                folder = self._stack[-1]
                here = folder.next
                if here == len(folder.entries):
                    self._leave(folder)
                    continue
                folder.next = here + 1
                if self._taker.waiting:
                    self._read_ahead(folder)
                self._visit_entry(folder, *folder.entries[here])
        finally:
            for folder in self._stack:
                if folder.fd is not None:
                    self._system.close(folder.fd)
            self._stack.clear()

    def _read_ahead(self, folder: _Folder) -> None:
        """Let a slow disk fetch the next files while this one is packed."""
        if folder.fd is None:
            return
        begin = max(folder.announced, folder.next)
        end = min(folder.next + READ_AHEAD_FILES, len(folder.entries))
        for name, kind in folder.entries[begin:end]:
            if kind is _FILE:
                announce(name, dir_fd=folder.fd, system=self._system)
        folder.announced = end

    def _visit_entry(self, folder: _Folder, name: bytes, kind: Kind) -> None:
        self._taker.watch.add(0)
        _, _, path, member, root = folder.place
        fd = -1 if folder.fd is None else folder.fd
        place = Place(fd, name, path + b"/" + name, member + b"/" + name, root)
        if len(place.path) > MAX_PATH_BYTES:
            shown = place._replace(path=place.path[-_SHOWN_BYTES:]).fields("unknown")
            reason = f"its path (its end is shown) is over {MAX_PATH_BYTES} bytes"
            self._taker.end(shown, Outcome.REFUSED, reason)
        elif folder.fd is None:
            reason = "its folder was moved while it was read"
            self._taker.end(place.fields("unknown"), Outcome.MISSING, reason)
        else:
            self._visit(place, kind)

    def _visit(self, place: Place, kind: Kind) -> None:
        try:
            if kind is _FILE:
                self._taker.file(place)
            elif kind is Kind.FOLDER:
                self._enter(place)
            else:
                self._look(place)
        except OSError as error:
            self._taker.failed(place, error)

    def _look(self, place: Place) -> None:
        """Visit what its folder did not call a file or a folder."""
        status = place.lstat()
        if stat.S_ISREG(status.st_mode):
            self._taker.file(place)
        elif stat.S_ISDIR(status.st_mode):
            self._enter(place)
        elif stat.S_ISLNK(status.st_mode):
            self._taker.symlink(place, status)
        else:
            self._taker.special(place, status)

    def _enter(self, place: Place) -> None:
        system = self._system
        fd, kept = open_source(
            place.name, dir_fd=place.folder_fd, flags=os.O_DIRECTORY, system=system
        )
        try:
            folder = self._open_folder(place, fd)
        except BaseException:
            system.close(fd)
            raise
        if folder is None:
            system.close(fd)
            return
        if not kept:
            folder.fields["atime_kept"] = False
        self._stack.append(folder)
        if len(self._stack) > MAX_OPEN_FOLDERS:
            far = self._stack[-MAX_OPEN_FOLDERS - 1]
            if far.fd is not None:
                system.close(far.fd)
                far.fd = None

    def _open_folder(self, place: Place, fd: int) -> _Folder | None:
        """List and pack a folder; None when it is recorded as skipped."""
        status = self._system.fstat(fd)
        fields = place.fields("directory", status)
        if (reason := self._reason_to_skip(status)) is not None:
            self._taker.end(fields, Outcome.SKIPPED, reason)
            return None
        put_xattrs(fields, fd)
        if self._stack and status.st_dev != self._stack[-1].status.st_dev:
            fields["mount_point"] = True
        entries, trouble = list_folder(fd, self._system)
        member = self._taker.packer.add_directory(place.member, attributes_of(status))
        put_text(fields, "member", member)
        return _Folder(place, fd, status, entries, fields, trouble)

    def _reason_to_skip(self, status: os.stat_result) -> str | None:
        here = identity(status)
        if here in self._exclude:
            return "it is the case folder itself"
        if any(identity(folder.status) == here for folder in self._stack):
            return "it is one of the folders it stands in"
        return None

    def _leave(self, folder: _Folder) -> None:
        """Record a folder once its entries are; notice what changed meanwhile."""
        self._stack.pop()
        changed = ""
        if folder.fd is not None:
            try:
                changed = self._taker.change(folder.fd, folder.status)
                self._back_to_parent(folder.fd)
            finally:
                self._system.close(folder.fd)
        if folder.trouble is not None:
            self._taker.end(folder.fields, Outcome.UNREADABLE, folder.trouble)
        elif changed:
            reason = f"changed while it was read: {changed}"
            self._taker.end(folder.fields, Outcome.CHANGED, reason)
        else:
            self._taker.end(folder.fields, Outcome.ACQUIRED, None)

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
        if identity(self._system.fstat(again)) == identity(parent.status):
            parent.fd = again
        else:
            self._system.close(again)
