"""A process that examines lines for another: ``python -I -m evidence.examiner``.

It answers each request on its standard input with one frame on its standard output and
ends with its input, so it never outlives the process that asks. A frame is its length
(4 bytes, big-endian) and that many bytes of MessagePack, which holds values only:
nothing in it can run. A request is ``[lines, keys]``, keys in base64 or None for those
of the request before; an answer holds the `pack`ed results of all lines.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from itertools import repeat
from typing import Any, BinaryIO, Final, cast

import msgspec

from manifests.entries import Entry
from manifests.keys import KeyId, PublicKey
from manifests.verifying.examining import Examined, examine_all

# A request holds a few lines of 64 KiB at most, and so does an answer.
MAX_FRAME_BYTES: Final = 64 << 20
_HEAD = 4


class BrokenFrameError(Exception):
    """The other side sent something else than a frame, or nothing."""


def write_frame(stream: BinaryIO, value: object) -> None:
    """Send one frame.

    Raises:
        OSError: the other side is gone.
    """
    data = msgspec.msgpack.encode(value)
    stream.write(len(data).to_bytes(_HEAD, "big") + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Return the value of the next frame; None at the end.

    Raises:
        BrokenFrameError: it is cut off, too long or no MessagePack.
        OSError: the other side cannot be read.
    """
    head = stream.read(_HEAD)
    if not head:
        return None
    size = int.from_bytes(head, "big")
    if len(head) != _HEAD or size > MAX_FRAME_BYTES:
        raise BrokenFrameError
    data = stream.read(size)
    if len(data) != size:
        raise BrokenFrameError
    try:
        return msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BrokenFrameError from error


def pack(found: Sequence[Examined]) -> list[list[object]]:
    """Return results as plain values, a column a field; `unpack` is the way back.

    A column that holds one value throughout has it once: of most entries a chunk only
    place, time and hash differ, and both sides are spared the rest.
    """
    columns = [_shortened(column) for column in zip(*found, strict=True)]
    if columns:
        columns[-1] = [
            None if entry is None else [entry.body, entry.signatures]
            for entry in cast("list[Entry | None]", columns[-1])
        ]
    return columns


def _shortened(column: tuple[Any, ...]) -> list[Any]:
    """Return one value for all, if they are equal and of one simple type."""
    first = column[0]
    # Values within a list might be equal and yet not the same (1 and true). The tuples
    # of signatures hold text and truth values, which are not.
    simple = first is None or isinstance(first, str | int | bytes | tuple)
    if simple and column.count(first) == len(column) and len({*map(type, column)}) == 1:
        return [first]
    return [*column]


def unpack(lines: Sequence[bytes], columns: Sequence[Sequence[Any]]) -> list[Examined]:
    """Return the results for `lines`.

    Raises:
        TypeError, ValueError: they have not the form `pack` gives.
    """
    if not lines and not columns:
        return []
    count = len(lines)
    *fields, exhibits, signatures, kept = columns
    told = [tuple([(name, good) for name, good in of]) for of in signatures]
    about = [tuple(of) for of in exhibits]
    entries = [None] if kept == [None] else _entries(lines, kept)
    full = [
        repeat(column[0], count) if len(column) == 1 else column
        for column in (*fields, about, told, entries)
    ]
    found = [*map(Examined._make, zip(*full, strict=True))]
    if len(found) != count:
        raise ValueError("not as many results as lines")
    return found


def _entries(lines: Sequence[bytes], kept: Sequence[Any]) -> list[Entry | None]:
    found: list[Entry | None] = []
    for line, pair in zip(lines, kept, strict=True):
        if pair is None:
            found.append(None)
            continue
        body, raw = pair
        signatures = tuple([(name, signature) for name, signature in raw])
        found.append(Entry(line, body, signatures))
    return found


def main() -> None:
    """Answer requests until there are no more."""
    # Nothing here is kept beyond its request: look for cycles seldom.
    gc.freeze()
    gc.set_threshold(100_000)
    keys: dict[KeyId, PublicKey] = {}
    while (request := read_frame(sys.stdin.buffer)) is not None:
        lines, texts = request
        if texts is not None:
            found = [PublicKey.from_text(text) for text in texts]
            keys = {key.id: key for key in found}
        write_frame(sys.stdout.buffer, pack(examine_all(lines, keys)))


if __name__ == "__main__":
    main()
