"""Pack many files into one payload, a tar anyone can unpack (`evidence.tarheader`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from evidence.reading import Span
from evidence.sink import PayloadSink
from evidence.tarheader import (
    BLOCK,
    RECORD,
    Attributes,
    file_header,
    general_header,
    safe_name,
)

_ZEROS = bytes(64 << 10)
_PLAIN = Attributes()
_PLAIN_FOLDER = Attributes(mode=0o700)
ReadV = Callable[[int, Sequence[memoryview]], int]


class Member(NamedTuple):
    """One packed file.

    Attributes:
        name: its raw name inside the tar.
        offset: where its bytes begin in the payload; `length` of them.
        sha256: of exactly these bytes, filled zeros included; lower-case hex.
        fill: spans (relative to `offset`) the source did not give, which hold zeros.
        cut: bytes offered beyond the promised length, not packed.
    """

    name: bytes
    offset: int
    length: int
    sha256: str
    fill: tuple[Span, ...] = ()
    cut: int = 0


class TarPacker:
    """Writes members one after another into a sink; the caller finishes the sink.

    `begin_file`, then any of `space`/`advance`, `write`, `fill`, then `end_file`.
    Names are raw bytes of any length; they are stored as `safe_name` gives them.
    """

    def __init__(self, sink: PayloadSink) -> None:
        self._sink = sink
        self._name: bytes | None = None
        self._offset = 0
        self._size = 0
        self._left = 0
        self._cut = 0
        self._view = memoryview(b"")
        self._fill: list[Span] = []
        self._hash = hashlib.sha256()

    def add_directory(
        self, name: bytes, attributes: Attributes = _PLAIN_FOLDER
    ) -> bytes:
        """Add a folder; return its name as stored, without the closing slash."""
        stored = safe_name(name)
        self._add(stored + b"/", b"5", attributes)
        return stored

    def add_symlink(
        self, name: bytes, target: bytes, *, attributes: Attributes = _PLAIN
    ) -> bytes:
        """Add a symbolic link with exactly this target; return its stored name."""
        stored = safe_name(name)
        self._add(stored, b"2", attributes, link=target)
        return stored

    def add_hardlink(
        self, name: bytes, first: bytes, *, attributes: Attributes = _PLAIN
    ) -> bytes:
        """Add another name of the member stored as `first`; return its stored name."""
        stored = safe_name(name)
        self._add(stored, b"1", attributes, link=first)
        return stored

    def _add(
        self, name: bytes, kind: bytes, attributes: Attributes, *, link: bytes = b""
    ) -> None:
        if self._name is not None:
            raise ValueError("a file is still open in the tar")
        self._sink.write(general_header(name, kind, 0, attributes, link=link))

    def begin_file(
        self, name: bytes, size: int, attributes: Attributes = _PLAIN
    ) -> None:
        """Start a file of exactly `size` bytes."""
        if self._name is not None or size < 0:
            raise ValueError("a file is still open in the tar, or its size negative")
        stored = safe_name(name)
        self._sink.write(file_header(stored, size, attributes))
        self._name = stored
        self._offset = self._sink.tell()
        self._size = self._left = size
        self._cut = 0
        self._fill = []
        self._hash = hashlib.sha256()

    def add_whole(
        self, name: bytes, attributes: Attributes, *, size: int, fd: int, readv: ReadV
    ) -> Member | None:
        """Add a small file read at once with `readv`: the quick way for most files.

        None, and nothing was added, when it does not fit into the current block or
        the read fell short; take the file with `begin_file` then, from its start.

        Raises:
            OSError: the read failed; nothing was added.
        """
        if self._name is not None:
            raise ValueError("a file is still open in the tar")
        stored = safe_name(name)
        header = file_header(stored, size, attributes)
        begin = len(header)
        end = begin + size
        whole = end + -size % BLOCK
        view = self._sink.space()
        if whole > len(view):
            return None
        content = view[begin:end]
        if readv(fd, (content,)) != size:
            return None
        digest = hashlib.sha256(content).hexdigest()
        view[:begin] = header
        view[end:whole] = _ZEROS[: whole - end]
        offset = self._sink.tell() + begin
        self._sink.advance(whole)
        return Member(stored, offset, size, digest)

    def space(self) -> memoryview:
        """Return where the file's next bytes go; never empty, never too long."""
        if not self._left:
            raise ValueError("the file has all its bytes")
        view = self._sink.space()
        self._view = view if len(view) <= self._left else view[: self._left]
        return self._view

    def advance(self, count: int) -> None:
        """Take the first `count` bytes of the last `space` as the file's."""
        view = self._view
        if count != len(view):
            view = view[:count]
        self._hash.update(view)  # before the block is handed on and used again
        self._sink.advance(count)
        self._left -= count
        self._view = view[:0]

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append a copy of `data`; what goes beyond the promised size is cut."""
        if len(data) > self._left:
            self._cut += len(data) - self._left
            data = data[: self._left]
        self._hash.update(data)
        self._sink.write(data)
        self._left -= len(data)

    def fill(self, count: int) -> None:
        """Append zeros in place of `count` bytes the source did not give."""
        count = min(count, self._left)
        at = self._size - self._left
        last = self._fill[-1] if self._fill else None
        if last is not None and last.offset + last.length == at:
            self._fill[-1] = Span(last.offset, last.length + count)
        elif count:
            self._fill.append(Span(at, count))
        self._left -= count
        while count:
            step = min(count, len(_ZEROS))
            self._hash.update(_ZEROS[:step])
            self._sink.write(_ZEROS[:step])
            count -= step

    def end_file(self) -> Member:
        """Close the file, filled with zeros to its promised size."""
        name = self._name
        if name is None:
            raise ValueError("no file is open in the tar")
        if self._left:
            self.fill(self._left)
        self._name = None
        if tail := self._size % BLOCK:
            self._sink.write(_ZEROS[: BLOCK - tail])
        return Member(
            name,
            self._offset,
            self._size,
            self._hash.hexdigest(),
            tuple(self._fill),
            self._cut,
        )

    def finish(self) -> None:
        """Write the end of the tar."""
        if self._name is not None:
            raise ValueError("a file is still open in the tar")
        length = self._sink.tell() + 2 * BLOCK
        self._sink.fill(2 * BLOCK + -length % RECORD)
