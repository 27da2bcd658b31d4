"""A disk image as The Sleuth Kit sees it, and its partition table.

The image is read through our own callback, never by path: given a path The Sleuth Kit
looks for further segments (``.000`` finds ``.001``) and so would read files that are
not the payload. The callback neither raises nor answers short (see
`evidence.parsing.disk_damage`).
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from evidence.parsing.base import Job
from evidence.parsing.disk_damage import Damage
from evidence.parsing.disk_tsk import AREA_ALLOCATED, AREA_METADATA, VS_NAMES, tsk
from evidence.parsing.disk_values import Area, Table, TskError, plain_reason
from evidence.parsing.payload import open_sealed
from manifests.errors import MalformedError

if TYPE_CHECKING:
    from evidence.vault.agefile import PayloadReader


class Image(tsk.Img_Info):  # type: ignore[misc]  # pytsk3 has no types
    """Bytes ``offset .. offset + length`` of one file, read-only.

    Args:
        path: file or block device; may hold surrogate escapes.
        sealed: the plaintext, when the file is encrypted; is closed with the image.
        offset: first byte.
        length: bytes; None means to the end.

    Raises:
        OSError: it cannot be opened or is neither a file nor a block device.
    """

    def __init__(
        self,
        path: str,
        *,
        offset: int = 0,
        length: int | None = None,
        sealed: PayloadReader | None = None,
    ):
        self._sealed = sealed
        self._fd = -1
        if sealed is None:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            end = self._end()
            rest = max(end - offset, 0)
            self.offset = offset
            self.size = rest if length is None else max(min(length, rest), 0)
            self.damage = Damage()
            super().__init__(url="", type=tsk.TSK_IMG_TYPE_EXTERNAL)
        except BaseException:
            self._close()
            raise

    def _end(self) -> int:
        if self._sealed is not None:
            return self._sealed.size
        mode = os.fstat(self._fd).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
            raise OSError("the image is neither a file nor a block device")
        return os.lseek(self._fd, 0, os.SEEK_END)

    def get_size(self) -> int:
        """Bytes of the image (called by The Sleuth Kit)."""
        return self.size

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes at `offset`, fewer only where the image ends.

        Unreadable sectors are zeros and are added to `damage`.
        """
        if not 0 <= offset < self.size or size <= 0:
            return b""
        size = min(size, self.size - offset)
        try:
            data = self._pread(offset, size)
        except OSError:
            data = b""
        if len(data) < size:
            return self.damage.salvage(self._pread, offset, offset + size)
        return data

    def _pread(self, offset: int, size: int) -> bytes:
        if self._sealed is not None:
            try:
                return self._sealed.pread(size, self.offset + offset)
            except MalformedError as error:
                raise OSError("the ciphertext was altered") from error
        return os.pread(self._fd, size, self.offset + offset)

    def close(self) -> None:
        """Called by The Sleuth Kit; the descriptor lives until `shut`."""

    def shut(self) -> None:
        """Close the descriptor; later reads find nothing."""
        self.size = 0
        self._close()

    def _close(self) -> None:
        if self._sealed is not None:
            self._sealed.close()
        else:
            os.close(self._fd)

    def table(self, kind: str | None = None) -> Table:
        """Return the partition table found (or the one of type `kind`).

        Raises:
            TskError: there is none that can be read.
        """
        wanted = next((k for k, v in VS_NAMES.items() if v == kind), 0)
        try:
            volume = tsk.Volume_Info(self, wanted)
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


def open_image(job: Job) -> Image:
    """Open the image a job is about, encrypted or not.

    Raises:
        OSError: it cannot be opened, or its ciphertext was altered.
    """
    try:
        sealed = open_sealed(job)
    except MalformedError as error:
        raise OSError("the ciphertext was altered") from error
    return Image(job.path, offset=job.offset, length=job.length, sealed=sealed)


def _area(part: Any, *, block: int, base: int) -> Area:
    flags = int(part.flags)
    text = bytes(part.desc or b"").decode("utf-8", "replace")
    return Area(
        number=int(part.addr),
        start=base + int(part.start) * block,
        length=int(part.len) * block,
        description=text,
        allocated=bool(flags & AREA_ALLOCATED),
        metadata=bool(flags & AREA_METADATA),
    )
