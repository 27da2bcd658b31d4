"""Pack many files into one payload: a POSIX pax tar, the same bytes every time.

The format is POSIX.1-2017 ``pax``, section "ustar Interchange Format" and "pax
Extended Header": a name, size or time that a ustar header cannot hold exactly stands
in an extended header. Names keep their raw bytes; what is not UTF-8 is announced with
``hdrcharset=BINARY``. Owners are numbers, never names of the machine that packed.

Somebody will unpack the tar by hand, so no member name starts with a slash or has a
component that is empty, ``.`` or ``..``: these are written ``%2F``, ``%2E``,
``%2E%2E`` (and a name that looks like one of them gets its ``%`` written ``%25``), so
two names never become one.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from evidence.copying import PayloadSink
from evidence.filetimes import decimal_seconds
from evidence.reading import Span

BLOCK = 512
RECORD = 10_240  # POSIX: a tar ends on a multiple of twenty blocks
_ZEROS = bytes(64 << 10)
_MAX_ID = 0o7777777
_MAX_SIZE = 0o77777777777
_SECOND = 1_000_000_000
# Mode, uid, gid, size, mtime are written; these parts never change.
_MIDDLE = b"ustar\x0000" + bytes(64) + b"0000000\0" * 2
_FIXED_SUM = sum(_MIDDLE) + 8 * ord(" ")
_END = bytes(12)
_UNSAFE = re.compile(rb"(?:^|/)(?:\.{0,2}|%(?:25)*2[EF]|%(?:25)*2E%2E)(?:/|$)")
_ESCAPED = re.compile(rb"%(?:25)*(?:2E|2F|2E%2E)")
_SLASH_OR_NOTHING = (b"/", b"")
_ESCAPES = {b"": b"%2F", b".": b"%2E", b"..": b"%2E%2E"}


class Attributes(NamedTuple):
    """What a header says beside name and size; `mtime_ns` in ns since 1970."""

    mode: int = 0o600
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0


_PLAIN = Attributes()
_PLAIN_FOLDER = Attributes(mode=0o700)


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


def safe_name(raw: bytes) -> bytes:
    """Return a relative name that unpacks below the current folder, one to one."""
    name = raw.lstrip(b"/")
    if (
        name[-1:] not in _SLASH_OR_NOTHING
        and name[:1] != b"."
        and b"/." not in name
        and b"//" not in name
        and b"%2" not in name
    ):
        return name  # nearly always; the expression below costs more
    if _UNSAFE.search(name) is None:
        return name
    return b"/".join(_safe_component(part) for part in name.split(b"/"))


def _safe_component(part: bytes) -> bytes:
    if _ESCAPED.fullmatch(part):
        return b"%25" + part[1:]
    return _ESCAPES.get(part, part)


@lru_cache(maxsize=256)
def _owner(mode: int, uid: int, gid: int) -> bytes:
    return b"%07o\0%07o\0%07o\0" % (
        mode,
        uid if 0 <= uid <= _MAX_ID else 0,
        gid if 0 <= gid <= _MAX_ID else 0,
    )


def _header(
    name: bytes,
    kind: bytes,
    size: int,
    attributes: Attributes,
    *,
    prefix: bytes = b"",
    link: bytes = b"",
) -> bytes:
    mode, uid, gid, mtime_ns = attributes
    seconds = mtime_ns // _SECOND
    owner = _owner(mode & 0o7777, uid, gid)
    numbers = b"%011o\0%011o\0" % (
        size if size <= _MAX_SIZE else 0,
        seconds if 0 <= seconds <= _MAX_SIZE else 0,
    )
    total = sum(name) + sum(owner) + sum(numbers) + sum(kind) + sum(link) + sum(prefix)
    return b"".join(
        (
            name.ljust(100, b"\0"),
            owner,
            numbers,
            b"%06o\0 " % (total + _FIXED_SUM),
            kind,
            link.ljust(100, b"\0"),
            _MIDDLE,
            prefix.ljust(155, b"\0"),
            _END,
        )
    )


def _record(key: bytes, value: bytes) -> bytes:
    """One extended-header record; its decimal length counts itself."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


@lru_cache(maxsize=256)
def _extended_header(size: int) -> bytes:
    return _header(b"PaxHeaders/member", b"x", size, Attributes(mode=0o644))


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Return ustar (prefix, name), or None when they do not hold `name`."""
    if len(name) <= 100:
        return b"", name
    slash = name.rfind(b"/", 0, 156)
    if slash <= 0 or not 1 <= len(name) - slash - 1 <= 100:
        return None
    return name[:slash], name[slash + 1 :]


def _text_records(name: bytes | None, link: bytes | None) -> list[bytes]:
    """Return the records of a name and a link target that ustar cannot hold."""
    records = []
    try:
        for text in (name, link):
            if text is not None:
                text.decode("utf-8")
    except UnicodeDecodeError:
        records.append(_record(b"hdrcharset", b"BINARY"))
    if name is not None:
        records.append(_record(b"path", name))
    if link is not None:
        records.append(_record(b"linkpath", link))
    return records


def build_header(
    name: bytes, kind: bytes, size: int, attributes: Attributes, *, link: bytes = b""
) -> bytes:
    """Return all header blocks of one member, extended header first."""
    parts = _split(name) if name.isascii() else None
    plain_link = not link or (len(link) <= 100 and link.isascii())
    records = []
    if parts is None or not plain_link:
        records = _text_records(
            name if parts is None else None, None if plain_link else link
        )
    if size > _MAX_SIZE:
        records.append(_record(b"size", b"%d" % size))
    _, uid, gid, mtime_ns = attributes
    if not 0 <= uid <= _MAX_ID:
        records.append(_record(b"uid", b"%d" % uid))
    if not 0 <= gid <= _MAX_ID:
        records.append(_record(b"gid", b"%d" % gid))
    if mtime_ns % _SECOND or not 0 <= mtime_ns <= _MAX_SIZE * _SECOND:
        records.append(_record(b"mtime", decimal_seconds(mtime_ns).encode()))
    prefix, short = parts or (b"", name[:100].rstrip(b"/"))
    header = _header(short, kind, size, attributes, prefix=prefix, link=link[:100])
    if not records:
        return header
    body = b"".join(records)
    size = len(body)
    return b"".join((_extended_header(size), body, _ZEROS[: -size % BLOCK], header))


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
        self._sink.write(build_header(name, kind, 0, attributes, link=link))

    def begin_file(
        self, name: bytes, size: int, attributes: Attributes = _PLAIN
    ) -> None:
        """Start a file of exactly `size` bytes."""
        if self._name is not None or size < 0:
            raise ValueError("a file is still open in the tar, or its size negative")
        stored = safe_name(name)
        self._sink.write(build_header(stored, b"0", size, attributes))
        self._name = stored
        self._offset = self._sink.tell()
        self._size = self._left = size
        self._cut = 0
        self._fill = []
        self._hash = hashlib.sha256()

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

    def write(self, data: bytes | memoryview) -> None:
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
