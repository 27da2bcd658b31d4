"""A package's folder as one stream of bytes, and back, with distrust.

A POSIX pax tar (IEEE 1003.1) of plain files below ``package/``, in order, with no time
and no owner. Read back here by hand, not by a library: a header's length is a claim.
"""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from evidence.envelope.cms import Sink
from evidence.envelope_errors import EnvelopeCutError, EnvelopeMalformedError
from evidence.transfer.bag import MAX_FILES, check_paths, list_files
from manifests import durable, ledger

_TOP = "package/"
_BLOCK = 512
_PIECE = 1 << 20
_MAX_PAX = 16 << 10
_RECORD = re.compile(rb"(\d{1,6}) ([^=]+)=")


def tar_size(folder: Path) -> int:
    """Return the bytes `write_tar` makes, a little more at most."""
    total = 2 * _BLOCK
    for name in list_files(folder):
        total += (folder / name).stat().st_size + 6 * _BLOCK
    return total


def write_tar(folder: Path, sink: Sink) -> None:
    """Write every file of `folder` into `sink`.

    Raises:
        OSError, CustodyError: a file is unreadable; as `sink.write`.
    """
    for name in list_files(folder):
        with ledger.open_plain(folder / name) as stream:
            size = os.fstat(stream.fileno()).st_size
            member = tarfile.TarInfo(_TOP + name)
            member.size, member.mode = size, 0o600
            sink.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))
            left = size
            while left:
                piece = stream.read(min(left, _PIECE))
                if not piece:
                    raise OSError(5, "a file of the package became shorter")
                sink.write(piece)
                left -= len(piece)
            sink.write(bytes(-size % _BLOCK))
    sink.write(bytes(2 * _BLOCK))


class _Stream:
    """Exact reads from an iterator of pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._have = bytearray()

    def upto(self, length: int) -> bytes:
        while not self._have:
            piece = next(self._pieces, None)
            if piece is None:
                raise EnvelopeCutError
            self._have += piece
        data = bytes(self._have[:length])
        del self._have[:length]
        return data

    def take(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            found += self.upto(length - len(found))
        return bytes(found)

    def drain(self) -> None:
        """Read to the end: what authenticates a stream stands there."""
        if any(self._have) or any(any(piece) for piece in self._pieces):
            raise EnvelopeMalformedError(reason="something follows its files")


def extract(pieces: Iterable[bytes], folder: Path) -> None:
    """Write the files of a tar into an empty folder; all of it, or an error.

    Raises:
        EnvelopeMalformedError: no plain files below ``package/``, or built to do harm.
        EnvelopeCutError: it ends too early.
        StorageFailedError: the disk refused; as the iterator.
    """
    stream = _Stream(pieces)
    names: list[str] = []
    made = {folder}
    for name, size in _members(stream):
        names.append(name)
        if len(names) > MAX_FILES:
            raise EnvelopeMalformedError(reason="it holds too many files")
        check_paths([name])
        _make_folders(folder / name, folder, made)
        _write(stream, folder / name, size)
    check_paths(names)
    stream.drain()


def _members(stream: _Stream) -> Iterator[tuple[str, int]]:
    said: dict[str, str] = {}
    while True:
        block = stream.take(_BLOCK)
        if not any(block):
            return
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.TarError, ValueError) as error:
            raise EnvelopeMalformedError(reason="a header is damaged") from error
        if member.type == tarfile.XHDTYPE:
            if not 0 < member.size <= _MAX_PAX:
                raise EnvelopeMalformedError(reason="a header is too long")
            data = stream.take(member.size + -member.size % _BLOCK)
            said = _records(data[: member.size])
            continue
        size = member.size
        if "size" in said:
            if re.fullmatch(r"[0-9]{1,18}", said["size"]) is None:
                raise EnvelopeMalformedError(reason="a size is no number")
            size = int(said["size"])
        name = said.get("path", member.name)
        said = {}
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or size < 0:
            raise EnvelopeMalformedError(reason="it holds what is no plain file")
        if not name.startswith(_TOP):
            raise EnvelopeMalformedError(reason="a file lies outside the package")
        yield name.removeprefix(_TOP), size


def _records(data: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        match = _RECORD.match(data, at)
        end = at + int(match[1]) if match else 0
        if match is None or not match.end() < end <= len(data):
            raise EnvelopeMalformedError(reason="a header is damaged")
        try:
            value = data[match.end() : end - 1].decode("utf-8")
            found[match[2].decode("ascii")] = value
        except UnicodeDecodeError as error:
            raise EnvelopeMalformedError(reason="a name is no text") from error
        at = end
    return found


def _make_folders(path: Path, folder: Path, made: set[Path]) -> None:
    missing = [p for p in path.parents if folder in p.parents and p not in made]
    for parent in reversed(missing):
        durable.make_folder(parent)
        made.add(parent)


def _write(stream: _Stream, path: Path, size: int) -> None:
    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        with open(path, "xb", opener=opener) as target:
            left = size
            while left:
                piece = stream.upto(min(left, _PIECE))
                target.write(piece)
                left -= len(piece)
    except FileExistsError as error:
        raise EnvelopeMalformedError(reason="a file is in it twice") from error
    except OSError as error:
        durable.storage_failure(error, "the opened package")
    padding = -size % _BLOCK
    if padding:
        stream.take(padding)
