"""What The Sleuth Kit says of an image, as plain values.

All of it is attacker-controlled: sizes and addresses are as declared, names are raw
bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_WHERE = re.compile(
    r"^\w+: \(\w+\.\w+:\d+\) (Unable to open the image as a filesystem .*? error: )?"
)
_POINTER = re.compile(r"0x[0-9a-fA-F]+")
# The letters `fls` prints; the two tables differ for sockets and shadows.
_NAME_LETTERS = "-pcdbrlshwvV"
_META_LETTERS = "-rdpcblshwvV"


class TskError(Exception):
    """The Sleuth Kit could not do what was asked; the text says why in plain words."""


def plain_reason(error: BaseException) -> str:
    """One printable ASCII line, without source places or addresses, at most 200."""
    lines = (_WHERE.sub("", line) for line in str(error).splitlines())
    text = _POINTER.sub("(number)", " ".join(lines))
    text = text.replace("unknown libtsk error", "no reason given by The Sleuth Kit")
    printable = (char if " " <= char <= "~" else "?" for char in text[:200])
    return "".join(printable) or type(error).__name__


def name_letter(number: int) -> str:
    """Return the letter `fls` prints for the type in a directory."""
    return _NAME_LETTERS[number] if 0 <= number < len(_NAME_LETTERS) else "-"


def meta_letter(number: int) -> str:
    """Return the letter `fls` prints for the type in the metadata."""
    return _META_LETTERS[number] if 0 <= number < len(_META_LETTERS) else "-"


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive blocks of a stream: byte offset in the file system, byte length."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Stream:
    """One attribute that holds content (NTFS: also alternate data streams).

    Attributes:
        type: attribute type of The Sleuth Kit (128 is NTFS $DATA).
        id: its number within the entry.
        name: raw bytes, empty for the main content.
        size: bytes as declared; attacker-controlled.
        compressed, encrypted, sparse: as the file system flags them.
        runs: the first stored runs; empty when resident or entirely sparse.
        run_count: stored runs in all, counted up to 65536.
    """

    type: int
    id: int
    name: bytes
    size: int
    compressed: bool
    encrypted: bool
    sparse: bool
    runs: tuple[Run, ...]
    run_count: int


@dataclass(frozen=True, slots=True)
class Meta:
    """What the inode (or MFT record, directory slot) says.

    Times are (seconds since 1970, nanoseconds) as The Sleuth Kit gives them.
    """

    address: int
    type: str
    allocated: bool
    size: int
    mode: int
    uid: int
    gid: int
    links: int
    target: bytes | None
    modified: tuple[int, int]
    accessed: tuple[int, int]
    changed: tuple[int, int]
    born: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a directory.

    Attributes:
        name: raw bytes as The Sleuth Kit hands them over.
        type: letter of the name's type, as `fls` prints it.
        deleted: the name is unallocated.
        address: metadata address the name points to.
        meta: None when the metadata is gone, belongs to another file by now, or
            cannot be read.
        reallocated: the metadata was given to another file after this name's deletion.
        streams: content attributes, in file-system order.
        trouble: why `streams` is incomplete, if it is.
        handle: for `evidence.parsing.disk_filesystem.FileSystem` only.
    """

    name: bytes
    type: str
    deleted: bool
    address: int
    meta: Meta | None
    reallocated: bool
    streams: tuple[Stream, ...]
    trouble: str | None
    handle: Any


@dataclass(frozen=True, slots=True)
class Area:
    """One row of a partition table, as `mmls` numbers them; bytes of the image."""

    number: int
    start: int
    length: int
    description: str
    allocated: bool
    metadata: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A partition table.

    Attributes:
        type: name as in `evidence.parsing.disk_tsk.VS_NAMES`.
        sector_size: bytes.
        backup: only the second copy of the table (GPT) could be read.
        areas: its rows.
        trouble: why `areas` is incomplete, if it is.
    """

    type: str
    sector_size: int
    backup: bool
    areas: tuple[Area, ...]
    trouble: str | None
