"""What an image holds before any file: its table, partitions and file systems.

`Survey.steps` yields one inventory record at a time and, in between, every file system
as a `Volume` for the caller to walk. File systems are opened one after the other, so
memory does not grow with a partition table's claims.

Partitions are numbered as `mmls` numbers the rows of the table, counting the areas that
hold no file system; a bare file system has no number (null).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.parsing import disk_signatures
from evidence.parsing.base import Fields
from evidence.parsing.disk_filesystem import FileSystem
from evidence.parsing.disk_image import Image
from evidence.parsing.disk_names import text_fields, whole
from evidence.parsing.disk_times import Precision, precision_of
from evidence.parsing.disk_tsk import BINDING, VERSION
from evidence.parsing.disk_values import Area, Table, TskError

_PROTECTIVE = "0xee"  # how The Sleuth Kit describes the MBR row that guards a GPT
_LABELS = {  # offset in the volume, length
    "ext2": (1144, 16),
    "ext3": (1144, 16),
    "ext4": (1144, 16),
    "fat12": (43, 11),
    "fat16": (43, 11),
    "fat32": (71, 11),
    "iso9660": (32808, 32),
}


@dataclass(frozen=True, slots=True)
class Volume:
    """A file system to walk.

    Attributes:
        partition: its number, None for a bare file system.
        fs: open.
        precision: of its times.
    """

    partition: int | None
    fs: FileSystem
    precision: Precision


@dataclass(slots=True)
class Survey:
    """Looks for file systems in one image.

    Attributes:
        image: open.
        wanted: number of the only partition to look at; None means all.
        table_type: kind of the partition table, None without one.
        fs_types: of every file system found, in order.
        partitions: allocated partitions in the table.
        limits: sentences on what could not be looked at.
        asked_but_absent: `wanted` is not in the table.
        troubles: error records yielded.
    """

    image: Image
    wanted: int | None = None
    table_type: str | None = None
    fs_types: list[str] = field(default_factory=list)
    partitions: int = 0
    limits: list[str] = field(default_factory=list)
    asked_but_absent: bool = False
    troubles: int = 0

    def steps(self) -> Iterator[Fields | Volume]:
        """Yield records, and volumes to walk, in the order of the image."""
        container = disk_signatures.container_of(self.image)
        table = None if container else self._table()
        yield self._image_record(container, table)
        if container is not None:
            self.limits.append(
                f"The file is {container.title}, which this build of The Sleuth Kit "
                "does not read; convert it to a raw image to list its files."
            )
            return
        if table is not None:
            yield from self._in_table(table)
        if not self.fs_types and (table is None or self.wanted is None):
            yield from self._bare(table)

    def _table(self) -> Table | None:
        try:
            table = self.image.table()
        except TskError:
            return self._backup_gpt()
        if table.type == "dos" and any(
            _PROTECTIVE in area.description for area in table.areas
        ):
            return self._backup_gpt() or table
        return table

    def _backup_gpt(self) -> Table | None:
        """A GPT whose first copy is lost: The Sleuth Kit reads it when told so."""
        try:
            return self.image.table("gpt")
        except TskError:
            return None

    def _image_record(
        self, container: disk_signatures.Signature | None, table: Table | None
    ) -> Fields:
        record: Fields = {
            "kind": "image",
            "bytes": whole(self.image.size),
            "sector_size": table.sector_size if table else 512,
            "volume_system": table.type if table else None,
            "tsk": VERSION,
            "pytsk3": BINDING,
        }
        if table is not None and table.backup:
            record["table_copy"] = "backup"
        if container is not None:
            record["container"] = container.name
        elif disk_signatures.is_fixed_vhd(self.image):
            record["container"] = "vhd-fixed"
        return record

    def _in_table(self, table: Table) -> Iterator[Fields | Volume]:
        self.table_type = table.type
        if table.backup:
            self.limits.append(
                "The first partition table is damaged or missing; its backup was used."
            )
        if table.trouble:
            yield self.error(None, f"partition table: {table.trouble}")
        for area in table.areas:
            self.partitions += area.allocated
            yield _area_record(area, table)
        usable = [a for a in table.areas if a.allocated and not a.metadata]
        if self.wanted is not None:
            usable = [a for a in usable if a.number == self.wanted]
            if not usable:
                self.asked_but_absent = True
                yield _absent(self.wanted)
        for area in usable:
            yield from self._open(area.number, area.start, area.length)

    def _bare(self, table: Table | None) -> Iterator[Fields | Volume]:
        """Look for a file system that begins with the image itself."""
        if self.wanted:
            self.asked_but_absent = True
            yield _absent(self.wanted)
            return
        yield from self._open(None, 0, self.image.size, quiet=table is not None)

    def _open(
        self, number: int | None, start: int, length: int, *, quiet: bool = False
    ) -> Iterator[Fields | Volume]:
        try:
            fs = FileSystem(self.image, start)
        except TskError as error:
            if not quiet:
                yield self._not_opened(number, start, str(error))
            return
        self.fs_types.append(fs.type)
        present = max(self.image.size - start, 0)
        yield self._fs_record(fs, number, min(length, present))
        precision = precision_of(fs.type, inode_size=_inode_size(fs))
        yield Volume(number, fs, precision)

    def _not_opened(self, number: int | None, start: int, reason: str) -> Fields:
        where = "the image" if number is None else f"partition {number}"
        record: Fields = {
            "kind": "volume",
            "partition": number,
            "outcome": "not-recognised",
            "reason": reason,
        }
        known = disk_signatures.unsupported_at(self.image, start)
        if known is None:
            self.limits.append(f"No file system was recognised in {where}.")
        else:
            record["format"] = known.name
            self.limits.append(
                f"In {where} there is {known.title}, which is not read; its files are "
                "not listed."
            )
        return record

    def _fs_record(self, fs: FileSystem, number: int | None, present: int) -> Fields:
        record: Fields = {
            "kind": "filesystem",
            "partition": number,
            "start": whole(fs.start),
            "fs_type": fs.type,
            "block_size": fs.block_size,
            "block_count": whole(fs.block_count),
        }
        if fs.identifier and fs.type != "iso9660":
            record["identifier"] = fs.identifier.hex()
        label = _label(fs)
        if label:
            record.update(text_fields("label", label))
        missing = fs.block_count * fs.block_size - present
        if missing >= fs.block_size > 0:
            record["bytes_missing"] = whole(missing)
            self.limits.append(
                f"The {fs.type} file system is larger than the part of the image that "
                "holds it; what lies beyond the end cannot be read."
            )
        return record

    def error(self, number: int | None, reason: str, path: bytes = b"") -> Fields:
        """Count one trouble and return its record."""
        self.troubles += 1
        record: Fields = {"kind": "error", "partition": number}
        record.update(text_fields("path", path))
        record["reason"] = reason
        return record


def _absent(number: int) -> Fields:
    return {"kind": "partition", "number": number, "outcome": "missing"}


def _area_record(area: Area, table: Table) -> Fields:
    return {
        "kind": "partition",
        "number": area.number,
        "start": whole(area.start),
        "length": whole(area.length),
        "type": table.type,
        "description": area.description,
        "allocated": area.allocated,
        "metadata": area.metadata,
    }


def _label(fs: FileSystem) -> bytes:
    place = _LABELS.get(fs.type)
    if place is None:
        return b""
    raw = fs.image.read(fs.start + place[0], place[1])
    return raw.split(b"\x00")[0].rstrip(b" ")


def _inode_size(fs: FileSystem) -> int:
    """Bytes of an ext inode, from its superblock; 128 for other file systems."""
    if not fs.type.startswith("ext"):
        return 128
    revision = int.from_bytes(fs.image.read(fs.start + 1024 + 76, 4), "little")
    size = int.from_bytes(fs.image.read(fs.start + 1024 + 88, 2), "little")
    return size if revision else 128
