"""Headers of a POSIX pax tar, the same bytes every time.

The format is POSIX.1-2017 ``pax``, sections "ustar Interchange Format" and "pax
Extended Header": a name, size, owner or time that a ustar header cannot hold exactly
stands in an extended header. Names keep their raw bytes; what is not UTF-8 is
announced with ``hdrcharset=BINARY``. Owners are numbers, never names of the machine
that packed.

Somebody will unpack the tar by hand, so no member name starts with a slash or has a
component that is empty, ``.`` or ``..``: these are written ``%2F``, ``%2E``,
``%2E%2E`` (and a name that looks like one of them gets its ``%`` written ``%25``), so
two names never become one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from evidence.filetimes import decimal_seconds

BLOCK = 512
RECORD = 10_240  # POSIX: a tar ends on a multiple of twenty blocks
_MAX_ID = 0o7777777
_MAX_SIZE = 0o77777777777
_SECOND = 1_000_000_000
_MIDDLE = b"ustar\x0000" + bytes(64) + b"0000000\0" * 2
_END = bytes(12)
# The checksum counts its own field as spaces.
_FIXED_SUM = sum(_MIDDLE) + 8 * ord(" ")
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
def _owner(mode: int, uid: int, gid: int) -> tuple[bytes, int, bool]:
    """Return three fields, their part of the checksum, and whether they are exact."""
    exact = 0 <= uid <= _MAX_ID and 0 <= gid <= _MAX_ID
    uid, gid = (i if 0 <= i <= _MAX_ID else 0 for i in (uid, gid))
    fields = b"%07o\0%07o\0%07o\0" % (mode, uid, gid)
    return fields, sum(fields) + _FIXED_SUM, exact


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
    owner, total, _ = _owner(mode & 0o7777, uid, gid)
    numbers = b"%011o\0%011o\0" % (
        size if size <= _MAX_SIZE else 0,
        seconds if 0 <= seconds <= _MAX_SIZE else 0,
    )
    total += sum(name) + sum(numbers) + sum(kind) + sum(link) + sum(prefix)
    return b"".join(
        (
            name.ljust(100, b"\0"),
            owner,
            numbers,
            b"%06o\0 " % total,
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


def general_header(
    name: bytes, kind: bytes, size: int, attributes: Attributes, *, link: bytes = b""
) -> bytes:
    """Return all header blocks of one member, extended header first.

    Args:
        kind: the type flag: ``0`` file, ``1`` hard link, ``2`` link, ``5`` folder.
        link: target of a link, raw.
    """
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
    length = len(body)
    return _extended_header(length) + body + bytes(-length % BLOCK) + header


# A file whose header needs no more than a time with nine decimals: all parts that
# never change, made once.
_FILE_TAIL = b"\0 0" + bytes(100) + _MIDDLE + bytes(155) + _END
_FILE_SUM = ord("0")
_TIME_RECORD_BYTES = 30
_TIME_HEADER = _extended_header(_TIME_RECORD_BYTES)
_TIME_REST = bytes(BLOCK - _TIME_RECORD_BYTES)


def file_header(name: bytes, size: int, attributes: Attributes) -> bytes:
    """Return `general_header` of a file; several times faster for nearly all."""
    mode, uid, gid, mtime_ns = attributes
    seconds, fraction = divmod(mtime_ns, _SECOND)
    owner, total, exact = _owner(mode & 0o7777, uid, gid)
    if not (
        exact
        and fraction % 10  # trailing zeros are not written
        and 10**9 <= seconds < _MAX_SIZE
        and size <= _MAX_SIZE
        and len(name) <= 100
        and name.isascii()
    ):
        return general_header(name, b"0", size, attributes)
    changing = b"%011o\0%011o\0" % (size, seconds)
    total += sum(name) + sum(changing) + _FILE_SUM
    return b"%b30 mtime=%d.%09d\n%b%b%b%b%06o%b" % (
        _TIME_HEADER,
        seconds,
        fraction,
        _TIME_REST,
        name.ljust(100, b"\0"),
        owner,
        changing,
        total,
        _FILE_TAIL,
    )
