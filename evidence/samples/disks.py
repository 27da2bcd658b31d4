"""A small disk image for the demo and the tests; invented contents."""

from __future__ import annotations

import gzip
from importlib import resources


def disk_image() -> bytes:
    """Return a raw 2 MiB image: MBR, FAT12 (row 2) and ext4 (row 3).

    It holds ordinary files, a deeper tree, an empty directory, a symbolic link, a pipe,
    a sparse file, a Cyrillic name, a name that is not UTF-8, and one deleted file on
    each file system. ``disk/recipe.sh`` beside this module says how it was made.
    """
    packed = (
        resources.files("evidence.samples").joinpath("disk", "disk.img.gz").read_bytes()
    )
    return gzip.decompress(packed)
