"""The stream between a parser's process and the acquisition.

One frame: a type byte, a four-byte big-endian length, the payload. Payloads are JSON
except for content. The reading side trusts nothing: lengths are bounded and every
payload is decoded to the item it claims to be.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import BinaryIO

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Content, Fields, FileEnd, FileStart, Item, Record
from evidence.parsing.base import Summary as ParseSummary

MAX_FRAME = 16 << 20
MAX_LIMITS = 200  # sentences
MAX_SENTENCE = 500  # characters
_HEADER = struct.Struct(">cI")


class FrameError(ValueError):
    """The stream is not what the parser's process should send."""


class ParserFailedError(Exception):
    """The parser raised; the text says what (no evidence in it)."""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def encode(item: Item) -> bytes:
    """Return the frame of one item."""
    match item:
        case Record():
            kind, body = b"R", _json(item.fields)
        case Content():
            kind, body = b"C", bytes(item.data)
        case FileStart():
            name = base64.b64encode(item.name).decode("ascii")
            kind, body = b"S", _json([name, item.size, item.fields])
        case FileEnd():
            kind, body = b"E", _json([item.outcome.value, item.fields])
        case ParseSummary():
            left_out = {k.value: n for k, n in item.left_out.items()}
            summary = [item.outcome.value, item.public, list(item.limits), left_out]
            kind, body = b"Z", _json(summary)
    return _HEADER.pack(kind, len(body)) + body


def encode_failure(reason: str) -> bytes:
    """Return the frame that ends a failed parse."""
    body = reason.encode("utf-8", "replace")[:1000]
    return _HEADER.pack(b"X", len(body)) + body


def read_frames(stream: BinaryIO) -> Iterator[Item]:
    """Yield the items of a stream until it ends.

    Raises:
        FrameError: the stream is malformed or ends inside a frame.
        ParserFailedError: the parser reported that it raised.
    """
    while header := stream.read(_HEADER.size):
        if len(header) != _HEADER.size:
            raise FrameError("the stream ends inside a frame")
        kind, length = _HEADER.unpack(header)
        if length > MAX_FRAME:
            raise FrameError("a frame is too long")
        body = stream.read(length)
        if len(body) != length:
            raise FrameError("the stream ends inside a frame")
        if kind == b"X":
            raise ParserFailedError(body.decode("utf-8", "replace"))
        yield _decode(kind, body)


def _fields(value: object) -> Fields:
    if not isinstance(value, dict):
        raise FrameError("a record is not an object")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise FrameError("a number is not a count")
    return value


def _sentence(value: object) -> str:
    """Return a limit as text an inventory can hold: valid Unicode, not too long."""
    text = str(value)[:MAX_SENTENCE]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _decode(kind: bytes, body: bytes) -> Item:
    if kind == b"C":
        return Content(body)
    try:
        value = json.loads(body)
        if kind == b"R":
            return Record(_fields(value))
        if kind == b"S":
            name, size, fields = value
            raw = base64.b64decode(name, validate=True)
            return FileStart(raw, _count(size), _fields(fields))
        if kind == b"E":
            outcome, fields = value
            return FileEnd(Outcome(outcome), _fields(fields))
        if kind == b"Z":
            outcome, public, limits, left_out = value
            counted = {Outcome(k): _count(n) for k, n in left_out.items()}
            texts = tuple(_sentence(limit) for limit in limits[:MAX_LIMITS])
            return ParseSummary(ParseOutcome(outcome), _fields(public), texts, counted)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise FrameError("a frame does not hold what it claims") from error
    raise FrameError("a frame of unknown type")
