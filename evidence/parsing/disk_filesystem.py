"""One file system of an image: its directories and the content of its files.

FAT and ISO 9660 times have no usable zone; the library passes them through the
process's own time zone, which moves times inside a daylight-saving gap. Calls that load
metadata of such file systems run under `evidence.parsing.disk_clock.utc`.

Known cost: the binding loads the block list of every name it hands over. In a file
system without extents (ext2, ext3, UFS) one forged size of terabytes keeps the library
busy until the parser's time limit ends the parse; what was listed before stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from evidence.parsing.disk_attributes import (
    is_stored,
    is_stream,
    meta_of,
    streams_of,
)
from evidence.parsing.disk_clock import utc
from evidence.parsing.disk_image import Image
from evidence.parsing.disk_tsk import (
    FS_NAMES,
    META_ALLOCATED,
    NAME_UNALLOCATED,
    RUN_EMPTY,
    ZONELESS,
    tsk,
)
from evidence.parsing.disk_values import (
    Entry,
    Stream,
    TskError,
    name_letter,
    plain_reason,
)


class FileSystem:
    """One open file system.

    Args:
        image: what holds it; kept alive as long as this object.
        start: its first byte in the image.

    Attributes:
        type: name as in `FS_NAMES`.
        block_size, block_count: as declared; attacker-controlled.
        capacity: bytes of it that the image really holds, at most.
        root: metadata address of the root directory.
        identifier: volume serial or UUID, raw.

    Raises:
        TskError: no file system The Sleuth Kit knows begins there.
    """

    def __init__(self, image: Image, start: int) -> None:
        self.image = image
        self.start = start
        try:
            with utc():
                self._fs = tsk.FS_Info(image, offset=start)
            info = self._fs.info
            self.type = FS_NAMES.get(int(info.ftype), "unknown")
            self._clock = utc if self.type in ZONELESS else nullcontext
            self.block_size = int(info.block_size)
            self.block_count = int(info.block_count)
            declared = max(self.block_size * self.block_count, 0)
            self.capacity = min(declared, max(image.size - start, 0))
            self.root = int(info.root_inum)
            used = min(int(info.fs_id_used), 32)
            self.identifier = bytes(info.fs_id[:used])
        except Exception as error:
            raise TskError(plain_reason(error)) from error

    def entries(self, address: int) -> Iterator[Entry]:
        """Yield the names in directory `address`, without ``.`` and ``..``.

        The root's ``.`` is kept on NTFS: streams of the root have no other name.

        Raises:
            TskError: the directory cannot be opened, or not read to its end.
        """
        try:
            with self._clock():
                directory = iter(self._fs.open_dir(inode=address))
        except Exception as error:
            raise TskError(plain_reason(error)) from error
        while True:
            try:
                with self._clock():
                    # A File does not keep its Directory alive; this frame does.
                    handle = next(directory, None)
            except Exception as error:  # the library would meet the same entry again
                raise TskError(plain_reason(error)) from error
            if handle is None:
                return
            entry = self._entry(handle)
            kept = (b".",) if self.type == "ntfs" and address == self.root else ()
            if entry.name not in (b".", b"..") or entry.name in kept:
                yield entry

    def root_size(self) -> int:
        """Return the declared bytes of the root directory; 0 when unknown."""
        try:
            with self._clock():
                return int(self._fs.open_meta(inode=self.root).info.meta.size)
        except Exception:  # noqa: BLE001 - the walk meets and tells the same fault
            return 0

    def read(self, entry: Entry, stream: Stream | None, span: tuple[int, int]) -> bytes:
        """Read content.

        Args:
            entry: whose content.
            stream: which attribute; None means the main content.
            span: byte offset in the content, and bytes wanted.

        Returns:
            The bytes; a shorter answer is a valid prefix.

        Raises:
            TskError: nothing can be read there.
        """
        offset, length = span
        try:
            if stream is None:
                data = entry.handle.read_random(offset, length)
            else:
                data = entry.handle.read_random(offset, length, stream.type, stream.id)
        except Exception as error:
            raise TskError(plain_reason(error)) from error
        return bytes(data)

    def damaged(self, entry: Entry, stream: Stream) -> list[tuple[int, int]]:
        """Return (offset, length) of the content that lies in unreadable sectors.

        In a compressed stream a lost sector costs the 16 clusters packed with it.
        """
        unit = self.block_size * (16 if stream.compressed else 1)
        found: list[tuple[int, int]] = []
        try:
            attributes = [a for a in entry.handle if is_stream(a, stream)]
            runs = [r for a in attributes[:1] if is_stored(a) for r in a]
            for run in runs:
                if int(run.flags) & RUN_EMPTY:
                    continue
                begin = self.start + int(run.addr) * self.block_size
                length = int(run.len) * self.block_size
                shift = int(run.offset) * self.block_size - begin
                for start, end in self.image.damage.within(begin, begin + length):
                    first, last = start + shift, end + shift
                    if stream.compressed:
                        first, last = first // unit * unit, -(-last // unit) * unit
                    if first < stream.size:
                        found.append((first, min(last, stream.size) - first))
        except Exception as error:
            raise TskError(plain_reason(error)) from error
        return found

    def _entry(self, handle: Any) -> Entry:
        raw = b""
        try:
            name = handle.info.name
            raw = bytes(name.name or b"")
            address = int(name.meta_addr)
            deleted = bool(int(name.flags) & NAME_UNALLOCATED)
            if handle.info.meta is None and deleted and address:
                handle = self._deleted(handle, address)
            meta = meta_of(handle.info.meta)
            reallocated = deleted and meta is not None and meta.allocated
            if reallocated:
                meta = None
            found = streams_of(handle, self.block_size) if meta else ((), None)
            return Entry(
                name=raw,
                type=name_letter(int(name.type)),
                deleted=deleted,
                address=address,
                meta=meta,
                reallocated=reallocated,
                streams=found[0],
                trouble=found[1],
                handle=handle,
            )
        except Exception as error:  # noqa: BLE001 - hostile entry; told in `trouble`
            return Entry(
                name=raw,
                type="-",
                deleted=False,
                address=0,
                meta=None,
                reallocated=False,
                streams=(),
                trouble=plain_reason(error),
                handle=handle,
            )

    def _deleted(self, handle: Any, address: int) -> Any:
        """The metadata of a deleted name, which the directory did not hand over.

        The Sleuth Kit withholds metadata whose sequence number differs from the
        name's. Freeing a record raises its number by one, so plus one is the name's
        own; a free record with another number is a later file's and is left alone.
        """
        try:
            with self._clock():
                found = self._fs.open_meta(inode=address)
            meta = found.info.meta
            follows = int(handle.info.name.meta_seq) + 1
            number = int(meta.seq)
            allocated = int(meta.flags) & META_ALLOCATED
        except Exception:  # noqa: BLE001 - hostile image; the name stays without metadata
            return handle
        if allocated or number in (follows & 0xFFFF, follows & 0xFFFFFFFF):
            return found
        return handle
