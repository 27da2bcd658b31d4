"""The files of an exhibit, read from the staged copy: a file, a tar, a zip."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable
from typing import IO, Protocol, cast

from evidence.peers.claims import ALGORITHMS

_BLOCK = 1 << 20
MAX_MEMBERS = 2_000_000


class View(Protocol):
    """Named files that can be read again and again."""

    tree: bool

    def names(self) -> list[str]:
        """Return the names, undecodable bytes as surrogates."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open one to read."""
        ...

    def size(self, name: str) -> int:
        """Return its bytes."""
        ...


class OneFile:
    """An exhibit of one file."""

    tree = False

    def __init__(self, stream: io.RawIOBase, name: str) -> None:
        self._stream, self._name = stream, name
        self._bytes = stream.seek(0, io.SEEK_END)

    def names(self) -> list[str]:
        """Return its one name."""
        return [self._name]

    def open(self, name: str) -> IO[bytes]:  # noqa: ARG002 - the only one
        """Open it from its beginning."""
        self._stream.seek(0)
        return cast("IO[bytes]", _Kept(self._stream))

    def size(self, name: str) -> int:  # noqa: ARG002 - the only one
        """Return its bytes."""
        return self._bytes


class _Kept(io.BufferedReader):
    """A buffer whose end does not close the file below."""

    def close(self) -> None:
        if not self.raw.closed:
            self.detach()


class Tree:
    """An exhibit of files and folders: the tar the packer wrote."""

    tree = True

    def __init__(self, stream: io.RawIOBase) -> None:
        stream.seek(0)
        self._tar = tarfile.open(  # noqa: SIM115 - lives as long as the view
            fileobj=io.BufferedReader(stream, _BLOCK),
            mode="r:",
            errors="surrogateescape",
            encoding="utf-8",
        )
        self._found: dict[str, tarfile.TarInfo] = {}
        for member in self._tar:
            if member.isreg() or member.islnk():
                self._found[member.name] = member
            if len(self._found) > MAX_MEMBERS:
                raise ValueError("the exhibit holds too many files")

    def names(self) -> list[str]:
        """Return the regular files."""
        return list(self._found)

    def open(self, name: str) -> IO[bytes]:
        """Open a file; a hard link is the file it leads to."""
        found = self._tar.extractfile(self._found[name])
        if found is None:
            raise ValueError("a member is no file")
        return found

    def size(self, name: str) -> int:
        """Return its bytes."""
        member = self._found[name]
        if member.islnk():
            member = self._found.get(member.linkname, member)
        return member.size


class Zip:
    """The files in a zip; what they grow to is bounded by what they declare."""

    tree = True

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(stream)
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise ValueError("the archive holds too many files")
        self._found: dict[str, zipfile.ZipInfo] = {}
        self.doubled: list[str] = []
        for info in infos:
            if info.is_dir():
                continue
            if info.filename in self._found:
                self.doubled.append(info.filename)
            self._found[info.filename] = info

    def names(self) -> list[str]:
        """Return the files."""
        return list(self._found)

    def open(self, name: str) -> IO[bytes]:
        """Open a file, checked against its CRC at its end."""
        return self._zip.open(self._found[name])

    def size(self, name: str) -> int:
        """Return the bytes it declares."""
        return self._found[name].file_size


def read_small(view: View, name: str, limit: int) -> bytes:
    """Return the whole of a small file.

    Raises:
        ValueError: it is longer than `limit`.
        KeyError: there is none of this name.
    """
    with view.open(name) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError("a file of the proof is too long")
    return data


class Digests:
    """Digests of a view's files, each file read once for all it is asked for."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[tuple[str, str], str] = {}

    def of(self, name: str, algorithms: Iterable[str]) -> dict[str, str]:
        """Return algorithm to hex digest of one file."""
        wanted = set(algorithms)
        new = sorted(a for a in wanted if (name, a) not in self._known)
        if new:
            made = digest_stream(self._view, name, new)
            self._known.update({(name, a): value for a, value in made.items()})
        return {a: self._known[name, a] for a in wanted}


def digest_stream(view: View, name: str, algorithms: list[str]) -> dict[str, str]:
    """Read one file and return its digests."""
    made = {a: hashlib.new(a, usedforsecurity=ALGORITHMS[a]) for a in algorithms}
    with view.open(name) as stream:
        while block := stream.read(_BLOCK):
            for one in made.values():
                one.update(block)
    return {a: one.hexdigest() for a, one in made.items()}
