"""The guard around exifread: one TIFF block in, typed tags and errors out.

exifread raises on hostile files, follows their counts and pointers, and returns untyped
values; all of that stays here. It gets one TIFF block as a file of its own, located by
our own parsers, so that none of its file-format code runs and every offset it reports
counts from a byte whose place is known. Each directory is read under its own guard: a
maker note that fails does not take the date with it.

Source: TIFF 6.0 section 2; CIPA DC-008 (Exif 2.32) clause 4.6; ExifRead 3.5.1.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import exifread
from exifread.core.exif_header import ExifHeader

from evidence.parsing.picture_findings import Reader
from evidence.parsing.picture_window import Budget, BudgetSpentError, Window

MAX_TAGS = 2000
MAX_DIRECTORIES = 32
_MAX_READ = 1 << 16  # bytes of one value; its text is cut far below this
_MAX_READS = 200_000  # exifread reads numbers one by one
_MAX_BYTES = 32 << 20

READER = Reader("exifread", exifread.__version__)


class TooManyTagsError(Exception):
    """The block holds more tags than are recorded."""


@dataclass(frozen=True, slots=True)
class ExifTag:
    """One tag as exifread names it.

    Attributes:
        name: directory and tag, ``EXIF DateTimeOriginal``.
        number: the tag's number in its directory; 0 for values exifread split out of
            another tag.
        text: exifread's printable form.
        values: exifread's parsed form: text, bytes or a list of numbers and fractions.
        offset: of the value's bytes in the block; None when exifread does not know it.
        length: of the value's bytes as the file claims it.
        shadowed: the same name came again; most readers show only the later one.
    """

    name: str
    number: int
    text: str
    values: object
    offset: int | None
    length: int
    shadowed: bool = False


@dataclass(frozen=True, slots=True)
class ExifFailure:
    """What could not be read: the directory, and the exception in short."""

    part: str
    reason: str


@dataclass(slots=True)
class ExifReading:
    """All that one block gave up."""

    tags: list[ExifTag] = field(default_factory=list)
    failures: list[ExifFailure] = field(default_factory=list)


class _Stream:
    """The part of a binary file's interface that exifread uses, over a window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._at = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        offset += (0, self._at, self._window.size)[whence]
        if offset < 0:
            raise ValueError("seek before the block")
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at

    def read(self, length: int = -1) -> bytes:
        if not 0 <= length <= _MAX_READ:
            length = _MAX_READ
        data = self._window.read(self._at, length)
        if not data:
            # Nothing read must cost as well, or an absurd count would loop for free.
            self._window.read(0, 1)
        self._at += len(data)
        return data


class _Table(dict[str, Any]):
    """exifread's table of tags, which also keeps places, repeats and a limit.

    Maker notes are read with a shifted base, so the place of a value is known only at
    the moment its tag is stored.
    """

    def __init__(self) -> None:
        super().__init__()
        self.base: Callable[[], int] = int
        self.kept: list[ExifTag] = []
        self._places: dict[str, int] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        if len(self) + len(self.kept) >= MAX_TAGS:
            raise TooManyTagsError(f"more than {MAX_TAGS} tags")
        if name in self:
            self.kept.append(self._typed(name, shadowed=True))
        super().__setitem__(name, value)
        self._places[name] = self.base()

    def _typed(self, name: str, *, shadowed: bool) -> ExifTag:
        tag = self[name]
        length = int(tag.field_length)
        known = bool(length) and tag.field_offset is not None
        return ExifTag(
            name=name,
            number=int(tag.tag),
            text=str(tag.printable),
            values=tag.values,
            offset=self._places[name] + int(tag.field_offset) if known else None,
            length=length,
            shadowed=shadowed,
        )

    def typed(self) -> list[ExifTag]:
        return [self._typed(name, shadowed=False) for name in self] + self.kept


class _Block:
    """One TIFF block under examination."""

    def __init__(self, window: Window) -> None:
        endian = "I" if window.read(0, 1) == b"I" else "M"
        stream = cast("BinaryIO", _Stream(window))
        self.header = ExifHeader(stream, endian, 0, 0, strict=False)
        self.table = _Table()
        self.table.base = lambda: self.header.offset
        self.header.tags = self.table
        self.failures: list[ExifFailure] = []
        self.spent = False

    def attempt(self, part: str, step: Callable[[], object]) -> None:
        """Run one step of exifread; whatever it raises becomes a failure."""
        if self.spent:
            return
        try:
            step()
        except (BudgetSpentError, TooManyTagsError) as error:
            self.spent = True
            self.failures.append(ExifFailure(part, str(error)))
        except Exception as error:  # noqa: BLE001 - exifread raises anything on hostile files; recorded as a failure
            self.failures.append(ExifFailure(part, f"{type(error).__name__}: {error}"))

    def directory(self, name: str, pointer: int) -> None:
        """Read the directory at `pointer`, bytes from the block's start."""
        self.attempt(name, lambda: self.header.dump_ifd(pointer, name))

    def chain(self) -> None:
        """Read the main directory and those chained to it."""
        seen: set[int] = set()
        pointer = self.header.s2n(4, 4)
        while pointer and not self.spent:
            if pointer in seen or len(seen) == MAX_DIRECTORIES:
                reason = "the chain of directories does not end"
                self.failures.append(ExifFailure("directories", reason))
                return
            number = len(seen)
            seen.add(pointer)
            self.directory(
                ("Image", "Thumbnail", f"IFD {number}")[min(number, 2)], pointer
            )
            entries = self.header.s2n(pointer, 2)
            pointer = self.header.s2n(pointer + 2 + 12 * entries, 4)

    def pointed(self, tag: str) -> list[int]:
        """Return the pointers that a tag of the main directory holds."""
        values = self.table[tag].values if tag in self.table else []
        if not isinstance(values, list):
            return []
        return [value for value in values if isinstance(value, int)][:MAX_DIRECTORIES]


def read_exif(window: Window) -> ExifReading:
    """Read the TIFF block that fills `window`.

    Never raises on whatever the block holds; reading is bounded by a budget of its own
    (a hostile block must not use up the picture's), `MAX_TAGS` and `MAX_DIRECTORIES`.
    """
    logger = logging.getLogger("exifread")
    logger.disabled = True  # its messages quote evidence; failures are recorded instead
    block = _Block(window.under(Budget(reads=_MAX_READS, bytes=_MAX_BYTES)))
    block.attempt("directories", block.chain)
    for pointer in block.pointed("Image ExifOffset")[:1]:
        block.directory("EXIF", pointer)
    for number, pointer in enumerate(block.pointed("Image SubIFDs")):
        block.directory(f"EXIF SubIFD{number}", pointer)
    # Last, because it shifts the header's base and, when it raises, leaves it so.
    if "EXIF MakerNote" in block.table and "Image Make" in block.table:
        block.attempt("maker note", block.header.decode_maker_note)
    return ExifReading(block.table.typed(), block.failures)
