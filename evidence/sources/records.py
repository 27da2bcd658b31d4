"""Fields of an inventory record that describe a file."""

from __future__ import annotations

import base64
import errno
import os
import stat
from collections.abc import Callable
from functools import lru_cache

from evidence.filetimes import put_times
from evidence.parsing.base import Fields, Json
from evidence.reading import describe
from evidence.visible import visible, visible_bytes

_MAX_INT = 1 << 53
_NO_XATTRS = frozenset((errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS))
_listxattr: Callable[[int | bytes], list[str]] | None = getattr(os, "listxattr", None)


def put_text(fields: Fields, key: str, raw: bytes) -> None:
    """Add a name as text; what is not UTF-8 as visible text and base64 beside."""
    try:
        fields[key] = raw.decode("utf-8")
    except UnicodeDecodeError:
        fields[key] = visible_bytes(raw)
        fields[f"{key}_b64"] = base64.b64encode(raw).decode("ascii")


@lru_cache(maxsize=256)
def _octal(mode: int) -> str:
    return f"{mode & 0o7777:04o}"


def put_status(fields: Fields, status: os.stat_result) -> None:
    """Add times, permissions, owner and identity of a file.

    ``mode`` is octal text of the permission bits; an inode beyond 2**53 stands in
    ``inode_text``. ``sparse`` appears where less is stored than the size says.
    """
    put_times(fields, status)
    mode = status.st_mode
    inode = status.st_ino
    fields["mode"] = _octal(mode)
    fields["uid"] = status.st_uid
    fields["gid"] = status.st_gid
    if inode < _MAX_INT:
        fields["inode"] = inode
    else:
        fields["inode_text"] = str(inode)
    fields["device"] = status.st_dev
    fields["nlink"] = status.st_nlink
    allocated = status.st_blocks * 512
    if allocated < status.st_size and stat.S_ISREG(mode):
        fields["sparse"] = True
        fields["allocated_bytes"] = allocated


def put_xattrs(fields: Fields, file: int | bytes) -> None:
    """Add the names of a file's extended attributes, if it has any."""
    if _listxattr is None:
        return
    try:
        names = _listxattr(file)
    except OSError as error:
        if error.errno not in _NO_XATTRS:
            fields["xattrs_reason"] = describe(error)
        return
    if names:
        shown: list[Json] = [visible(name) for name in sorted(names)]
        fields["xattrs"] = shown
