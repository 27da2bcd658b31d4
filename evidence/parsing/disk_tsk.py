"""The only module that imports pytsk3, the binding of The Sleuth Kit.

The binding has no types, so `tsk` is Any; `disk_image`, `disk_filesystem` and
`disk_attributes` turn what it gives into the plain values of `disk_values`, and what it
raises into `TskError`. Nothing else uses it.
"""

from __future__ import annotations

from typing import Any

import pytsk3

tsk: Any = pytsk3
VERSION: str = tsk.TSK_VERSION_STR
BINDING: str = tsk.get_version()

_FS_CONSTANTS = {
    **{name.upper(): name for name in ("ntfs", "fat12", "fat16", "fat32", "exfat")},
    **{name.upper(): name for name in ("ext2", "ext3", "ext4", "iso9660", "hfs")},
    **{name.upper(): name for name in ("yaffs2", "swap", "raw")},
    "FFS1": "ufs1",
    "FFS1B": "ufs1b",
    "FFS2": "ufs2",
}
FS_NAMES: dict[int, str] = {
    int(getattr(tsk, f"TSK_FS_TYPE_{constant}")): name
    for constant, name in _FS_CONSTANTS.items()
}
ZONELESS = frozenset(("fat12", "fat16", "fat32", "exfat", "iso9660"))
VS_NAMES: dict[int, str] = {
    int(tsk.TSK_VS_TYPE_DOS): "dos",
    int(tsk.TSK_VS_TYPE_GPT): "gpt",
    int(tsk.TSK_VS_TYPE_BSD): "bsd",
    int(tsk.TSK_VS_TYPE_SUN): "sun",
    int(tsk.TSK_VS_TYPE_MAC): "mac",
}

NTFS_DATA = int(tsk.TSK_FS_ATTR_TYPE_NTFS_DATA)
NTFS_INDEX_ROOT = int(tsk.TSK_FS_ATTR_TYPE_NTFS_IDXROOT)
NAME_UNALLOCATED = int(tsk.TSK_FS_NAME_FLAG_UNALLOC)
META_ALLOCATED = int(tsk.TSK_FS_META_FLAG_ALLOC)
AREA_ALLOCATED = int(tsk.TSK_VS_PART_FLAG_ALLOC)
AREA_METADATA = int(tsk.TSK_VS_PART_FLAG_META)
STREAM_STORED = int(tsk.TSK_FS_ATTR_NONRES)
STREAM_COMPRESSED = int(tsk.TSK_FS_ATTR_COMP)
STREAM_ENCRYPTED = int(tsk.TSK_FS_ATTR_ENC)
STREAM_SPARSE = int(tsk.TSK_FS_ATTR_SPARSE)
RUN_EMPTY = int(tsk.TSK_FS_ATTR_RUN_FLAG_SPARSE) | int(tsk.TSK_FS_ATTR_RUN_FLAG_FILLER)
