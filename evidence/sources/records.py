"""Fields of an inventory record that describe a file."""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Callable

from evidence.filetimes import time_fields
from evidence.parsing.base import Fields, Json
from evidence.reading import describe
from evidence.visible import visible, visible_bytes

_MAX_INT = 1 << 53
_NO_XATTRS = frozenset((errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS))
_listxattr: Callable[[int | bytes], list[str]] | None = getattr(os, "listxattr", None)


def text_fields(key: str, raw: bytes) -> Fields:
    """Return a name as text; what is not UTF-8 as visible text and base64 beside."""
    try:
        return {key: raw.decode("utf-8")}
    except UnicodeDecodeError:
        encoded = base64.b64encode(raw).decode("ascii")
        return {key: visible_bytes(raw), f"{key}_b64": encoded}


def status_fields(status: os.stat_result) -> Fields:
    """Return times, permissions, owner and identity of a file.

    ``mode`` is octal text of the permission bits; an inode beyond 2**53 stands in
    ``inode_text``. ``sparse`` appears where less is stored than the size says.
    """
    fields = time_fields(status)
    fields["mode"] = f"{status.st_mode & 0o7777:04o}"
    fields["uid"] = status.st_uid
    fields["gid"] = status.st_gid
    inode = status.st_ino
    if inode < _MAX_INT:
        fields["inode"] = inode
    else:
        fields["inode_text"] = str(inode)
    fields["device"] = status.st_dev
    fields["nlink"] = status.st_nlink
    allocated = status.st_blocks * 512
    if allocated < status.st_size and (status.st_mode & 0o170000) == 0o100000:
        fields["sparse"] = True
        fields["allocated_bytes"] = allocated
    return fields


def xattr_fields(file: int | bytes) -> Fields:
    """Return the names of a file's extended attributes; nothing when it has none."""
    if _listxattr is None:
        return {}
    try:
        names = _listxattr(file)
    except OSError as error:
        if error.errno in _NO_XATTRS:
            return {}
        return {"xattrs_reason": describe(error)}
    if not names:
        return {}
    shown: list[Json] = [visible(name) for name in sorted(names)]
    return {"xattrs": shown}
