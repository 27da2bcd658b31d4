"""A process that examines lines for another: ``python -I -m evidence.examiner``.

It answers each request on its standard input with one frame on its standard output and
ends with its input, so it never outlives the process that asks. A frame is its length
(4 bytes, big-endian) and that many bytes of MessagePack, which holds values only:
nothing in it can run. A request is ``[lines, keys]``, keys in base64 or None for those
of the request before; an answer holds one `pack`ed result a line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

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


def pack(found: Examined) -> list[object]:
    """Return a result as plain values; `unpack` is the way back."""
    entry = found.entry
    if entry is None:
        return [*found]
    return [*found[:-1], [entry.body, entry.signatures]]


def unpack(line: bytes, packed: Sequence[Any]) -> Examined:
    """Return the result for `line`.

    Raises:
        TypeError, ValueError: it has not the form `pack` gives.
    """
    *fields, signatures, kept = packed
    checked = tuple([(name, good) for name, good in signatures])
    if kept is None:
        return Examined._make((*fields, checked, None))
    body, raw = kept
    entry = Entry(line, body, tuple([(name, signature) for name, signature in raw]))
    return Examined._make((*fields, checked, entry))


def main() -> None:
    """Answer requests until there are no more."""
    keys: dict[KeyId, PublicKey] = {}
    while (request := read_frame(sys.stdin.buffer)) is not None:
        lines, texts = request
        if texts is not None:
            found = [PublicKey.from_text(text) for text in texts]
            keys = {key.id: key for key in found}
        answer = [pack(result) for result in examine_all(lines, keys)]
        write_frame(sys.stdout.buffer, answer)


if __name__ == "__main__":
    main()
