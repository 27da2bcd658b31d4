"""The Sleuth Kit, wrapped: the only module that imports pytsk3.

Everything that leaves this module is a plain typed value, and everything pytsk3 can
raise leaves it as `TskError` with a plain reason. Rules learnt from the library:

* The image is read through our own callback (`Image`), never by path: given a path The
  Sleuth Kit looks for further segments (``.000`` finds ``.001``) and so would read
  files that are not the payload. A callback must not raise; it answers short instead,
  and `Image.failures` keeps what the operating system said.
* FAT and ISO 9660 times have no usable zone; the library passes them through the
  process's own time zone, which moves times inside a daylight-saving gap. Every call
  that may load metadata therefore runs under `evidence.parsing.disk_clock.utc`.
* A short read returns a valid prefix, not an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytsk3

from evidence.parsing.disk_clock import utc
from evidence.parsing.disk_values import (
    Area,
    Entry,
    Meta,
    Run,
    Stream,
    Table,
    TskError,
    meta_letter,
    name_letter,
    plain_reason,
)

VERSION: str = pytsk3.TSK_VERSION_STR
BINDING: str = pytsk3.get_version()

FS_NAMES: dict[int, str] = {
    int(pytsk3.TSK_FS_TYPE_NTFS): "ntfs",
    int(pytsk3.TSK_FS_TYPE_FAT12): "fat12",
    int(pytsk3.TSK_FS_TYPE_FAT16): "fat16",
    int(pytsk3.TSK_FS_TYPE_FAT32): "fat32",
    int(pytsk3.TSK_FS_TYPE_EXFAT): "exfat",
    int(pytsk3.TSK_FS_TYPE_FFS1): "ufs1",
    int(pytsk3.TSK_FS_TYPE_FFS1B): "ufs1b",
    int(pytsk3.TSK_FS_TYPE_FFS2): "ufs2",
    int(pytsk3.TSK_FS_TYPE_EXT2): "ext2",
    int(pytsk3.TSK_FS_TYPE_EXT3): "ext3",
    int(pytsk3.TSK_FS_TYPE_EXT4): "ext4",
    int(pytsk3.TSK_FS_TYPE_ISO9660): "iso9660",
    int(pytsk3.TSK_FS_TYPE_HFS): "hfs",
    int(pytsk3.TSK_FS_TYPE_YAFFS2): "yaffs2",
    int(pytsk3.TSK_FS_TYPE_SWAP): "swap",
    int(pytsk3.TSK_FS_TYPE_RAW): "raw",
}
ZONELESS = frozenset(("fat12", "fat16", "fat32", "exfat", "iso9660"))
VS_NAMES: dict[int, str] = {
    int(pytsk3.TSK_VS_TYPE_DOS): "dos",
    int(pytsk3.TSK_VS_TYPE_GPT): "gpt",
    int(pytsk3.TSK_VS_TYPE_BSD): "bsd",
    int(pytsk3.TSK_VS_TYPE_SUN): "sun",
    int(pytsk3.TSK_VS_TYPE_MAC): "mac",
}

NTFS_DATA = int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_DATA)
NTFS_INDEX_ROOT = int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_IDXROOT)
_MAX_STREAMS = 4096  # attributes of one entry that are looked at
_MAX_COUNTED = 65_536  # runs of one stream that are counted
_MAX_RUNS = 4  # data runs of one stream that are reported


class Image(pytsk3.Img_Info):  # type: ignore[misc]  # pytsk3 has no types
    """Bytes ``offset .. offset + length`` of one file, read-only.

    Args:
        path: file or block device; may hold surrogate escapes.
        offset: first byte.
        length: bytes; None means to the end.

    Raises:
        OSError: it cannot be opened or is neither a file nor a block device.
    """

    def __init__(self, path: str, *, offset: int = 0, length: int | None = None):
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            mode = os.fstat(self._fd).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
                raise OSError("the image is neither a file nor a block device")
            end = os.lseek(self._fd, 0, os.SEEK_END)
            rest = max(end - offset, 0)
            self.offset = offset
            self.size = rest if length is None else max(min(length, rest), 0)
            self.failures: dict[int, str] = {}
            super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)
        except BaseException:
            os.close(self._fd)
            raise

    def get_size(self) -> int:
        """Bytes of the image (called by The Sleuth Kit)."""
        return self.size

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes at `offset`; fewer where unreadable. Never raises."""
        if not 0 <= offset < self.size or size <= 0:
            return b""
        try:
            return os.pread(
                self._fd, min(size, self.size - offset), self.offset + offset
            )
        except OSError as error:
            if len(self.failures) < 100:
                self.failures[offset] = error.strerror or "read error"
            return b""

    def close(self) -> None:
        """Called by The Sleuth Kit; the descriptor lives until `shut`."""

    def shut(self) -> None:
        """Close the descriptor; later reads find nothing."""
        self.size = 0
        os.close(self._fd)

    def table(self, kind: str | None = None) -> Table:
        """Return the partition table found (or the one of type `kind`).

        Raises:
            TskError: there is none that can be read.
        """
        wanted = next((k for k, v in VS_NAMES.items() if v == kind), 0)
        try:
            volume = pytsk3.Volume_Info(self, wanted)
            block = int(volume.info.block_size)
            base = int(volume.info.offset)
        except Exception as error:
            raise TskError(plain_reason(error)) from error
        areas: list[Area] = []
        trouble = None
        try:
            for part in volume:
                if len(areas) >= 10_000:
                    trouble = "the partition table has more than 10000 rows"
                    break
                areas.append(_area(part, block=block, base=base))
        except Exception as error:  # noqa: BLE001 - hostile image; becomes a reason
            trouble = plain_reason(error)
        name = VS_NAMES.get(int(volume.info.vstype), "unknown")
        backup = bool(int(volume.info.is_backup))
        return Table(name, block, backup, tuple(areas), trouble)


def _area(part: Any, *, block: int, base: int) -> Area:
    flags = int(part.flags)
    text = bytes(part.desc or b"").decode("utf-8", "replace")
    return Area(
        number=int(part.addr),
        start=base + int(part.start) * block,
        length=int(part.len) * block,
        description=text,
        allocated=bool(flags & int(pytsk3.TSK_VS_PART_FLAG_ALLOC)),
        metadata=bool(flags & int(pytsk3.TSK_VS_PART_FLAG_META)),
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
                self._fs = pytsk3.FS_Info(image, offset=start)
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
            except Exception as error:
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

    def _entry(self, handle: Any) -> Entry:
        raw = b""
        try:
            name = handle.info.name
            raw = bytes(name.name or b"")
            address = int(name.meta_addr)
            deleted = bool(int(name.flags) & int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC))
            if handle.info.meta is None and deleted and address:
                handle = self._deleted(handle, address)
            meta = _meta(handle.info.meta)
            reallocated = deleted and meta is not None and meta.allocated
            if reallocated:
                meta = None
            streams, trouble = _streams(handle, self.block_size) if meta else ((), None)
            return Entry(
                name=raw,
                type=name_letter(int(name.type)),
                deleted=deleted,
                address=address,
                meta=meta,
                reallocated=reallocated,
                streams=streams,
                trouble=trouble,
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
            allocated = int(meta.flags) & int(pytsk3.TSK_FS_META_FLAG_ALLOC)
        except Exception:  # noqa: BLE001 - hostile image; the name stays without metadata
            return handle
        if allocated or number in (follows & 0xFFFF, follows & 0xFFFFFFFF):
            return found
        return handle


def _meta(meta: Any) -> Meta | None:
    if meta is None:
        return None
    link = meta.link
    return Meta(
        address=int(meta.addr),
        type=meta_letter(int(meta.type)),
        allocated=bool(int(meta.flags) & int(pytsk3.TSK_FS_META_FLAG_ALLOC)),
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


def _streams(handle: Any, block: int) -> tuple[tuple[Stream, ...], str | None]:
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
        compressed=bool(flags & int(pytsk3.TSK_FS_ATTR_COMP)),
        encrypted=bool(flags & int(pytsk3.TSK_FS_ATTR_ENC)),
        sparse=holes or bool(flags & int(pytsk3.TSK_FS_ATTR_SPARSE)),
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
    if not int(attribute.info.flags) & int(pytsk3.TSK_FS_ATTR_NONRES):
        return (), 0, False
    empty = int(pytsk3.TSK_FS_ATTR_RUN_FLAG_SPARSE) | int(
        pytsk3.TSK_FS_ATTR_RUN_FLAG_FILLER
    )
    for run in attribute:
        begin = int(run.offset) * block
        if begin >= size:
            break
        if int(run.flags) & empty:
            holes = True
            continue
        count += 1
        if len(runs) < _MAX_RUNS:
            length = min(int(run.len) * block, size - begin)
            runs.append(Run(int(run.addr) * block, length))
        elif count >= _MAX_COUNTED:
            break
    return tuple(runs), count, holes
