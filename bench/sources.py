"""Make what is acquired: one large file, and a tree of many small ones."""

from __future__ import annotations

import os
import random
from pathlib import Path

_SEED = 20_260_101
_POOL = 8 << 20


def large_file(path: Path, size: int) -> None:
    """Write `size` bytes that neither compress nor repeat."""
    pool = bytearray(os.urandom(min(1 << 20, size)))
    left, number = size, 0
    with path.open("wb", buffering=0) as file:
        while left:
            pool[:8] = number.to_bytes(8, "big")
            left -= file.write(memoryview(pool)[:left])
            number += 1
        os.fsync(file.fileno())


def small_files(folder: Path, count: int) -> int:
    """Write `count` files of 4 to 40 KiB, 200 a folder; return their bytes."""
    chance = random.Random(_SEED)
    pool = os.urandom(_POOL)
    total = 0
    for number in range(count):
        below = folder / f"{number // 200:04d}"
        below.mkdir(parents=True, exist_ok=True)
        size = chance.randrange(4 << 10, (40 << 10) + 1)
        begin = chance.randrange(_POOL - size)
        (below / f"IMG_{number:06d}.jpg").write_bytes(pool[begin : begin + size])
        total += size
    os.sync()
    return total
