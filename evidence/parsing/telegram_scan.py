"""Finds each message's exact bytes in a Telegram JSON export of any size.

A general JSON reader gives values without their place in the file. This scanner walks
only the skeleton - the chat objects and their ``messages`` arrays - and hands out each
element's byte range; what the element says is decoded from exactly those bytes. Memory
is one window of the file plus one message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

CHUNK = 1 << 20
MESSAGE_BYTES = 4 << 20  # Telegram's own limit is 4096 characters and some metadata
DEPTH = 64  # a real message nests 6 deep
HEADER_BYTES = 1 << 16  # a chat's name, type or number

_SPACE = re.compile(rb"[ \t\r\n]*+")
_IN_STRING = re.compile(rb'["\\]')
# A whole string where the window holds it, else its opening quote, or a bracket. The
# quantifiers are possessive: they never give back, so time is linear.
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_SCALAR = re.compile(rb"[^,\]}\s]*+")
_QUOTE = ord('"')

Decode = Callable[[bytes], object]


class BrokenJsonError(Exception):
    """The skeleton is not JSON, or ends early.

    Attributes:
        offset: where reading stopped, bytes from the start.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(f"not JSON at byte {offset}")
        self.offset = offset


@dataclass(slots=True)
class ChatStart:
    """A chat's object opened and its messages begin.

    Attributes:
        header: raw JSON of ``name``, ``type`` and ``id`` when they came before.
    """

    header: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Element:
    """One element of a ``messages`` array.

    Attributes:
        offset: of its first byte.
        length: bytes.
        value: as decoded; None when it is not read.
        reason: why it is not read: ``too-long``, ``too-deep`` or ``not-json``.
    """

    offset: int
    length: int
    value: object = None
    reason: str | None = None


class Scanner:
    """Walks one export.

    Args:
        stream: the JSON text from its first byte.
        decode: decodes one element's bytes; raises ValueError when they are not JSON.
    """

    def __init__(self, stream: BinaryIO, decode: Decode) -> None:
        self._stream = stream
        self._decode = decode
        self._buffer = b""
        self._base = 0  # offset of the buffer's first byte
        self._at = 0
        self._mark: int | None = None  # kept from here on
        self._indent: bytes | None = None  # line start of the value at hand
        self._guess = True

    @property
    def offset(self) -> int:
        """Return the position in the text, bytes."""
        return self._base + self._at

    # --- bytes -------------------------------------------------------------------

    def _fill(self) -> bool:
        keep = self._at if self._mark is None else self._mark
        chunk = self._stream.read(CHUNK)
        self._buffer = self._buffer[keep:] + chunk
        self._base += keep
        self._at -= keep
        if self._mark is not None:
            self._mark = 0
        return bool(chunk)

    def _peek(self) -> bytes:
        """Skip blanks; return the byte there, b"" at the end."""
        start = self._at
        while True:
            end = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # matches nothing too
            if end < len(self._buffer):
                if end > start:
                    line = self._buffer.rfind(b"\n", start, end)
                    self._indent = None if line < 0 else self._buffer[line:end]
                self._at = end
                return self._buffer[end : end + 1]
            self._at = end
            if not self._fill():
                return b""
            start = self._at

    def _take(self, *allowed: bytes) -> bytes:
        byte = self._peek()
        if byte not in allowed or not byte:
            raise BrokenJsonError(self.offset)
        self._at += 1
        return byte

    # --- values ------------------------------------------------------------------

    def _skip_string(self) -> None:
        self._at += 1
        while True:
            match = _IN_STRING.search(self._buffer, self._at)
            if match is None:
                self._at = len(self._buffer)
            elif match.group() == b'"':
                self._at = match.end()
                return
            elif match.end() < len(self._buffer):
                self._at = match.end() + 1
                continue
            else:
                self._at = match.start()
            self._forget()
            if not self._fill():
                raise BrokenJsonError(self.offset)

    def _skip_nested(self) -> int:
        """Skip an object or array; return how deep it nests."""
        depth = deepest = 0
        while True:
            match = _STRUCTURE.search(self._buffer, self._at)
            if match is None:
                self._at = len(self._buffer)
                self._forget()
                if not self._fill():
                    raise BrokenJsonError(self.offset)
                continue
            sign = match.group()
            if sign == b'"':
                self._at = match.start()
                self._skip_string()
                continue
            self._at = match.end()
            if sign[0] == _QUOTE:
                continue
            depth += 1 if sign in b"{[" else -1
            deepest = max(deepest, depth)
            if depth == 0:
                return deepest

    def _skip(self) -> int:
        """Skip the value at hand; return how deep it nests."""
        byte = self._peek()
        if byte in (b"{", b"["):
            return self._skip_nested()
        if byte == b'"':
            self._skip_string()
            return 0
        start = self.offset
        while True:
            self._at = _SCALAR.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # matches nothing too
            if self._at < len(self._buffer):
                break
            self._forget()
            if not self._fill():
                break
        if self.offset == start:
            raise BrokenJsonError(start)
        return 0

    def _forget(self) -> None:
        """Stop keeping a value that grew beyond the limit."""
        if self._mark is not None and self._at - self._mark > MESSAGE_BYTES:
            self._mark = None

    def _slice(self, limit: int) -> tuple[int, int, bytes | None, int]:
        """Skip a value; return offset, length, its bytes if short, and its depth."""
        self._peek()
        start = self.offset
        self._mark = self._at
        depth = self._skip()
        length = self.offset - start
        mark, self._mark = self._kept(), None
        data = self._buffer[mark : self._at] if length <= limit else None
        return start, length, None if mark is None else data, depth

    def _kept(self) -> int | None:
        return self._mark

    # --- elements ----------------------------------------------------------------

    def _guessed(self) -> Element | None:
        """Take an element of an indented file at one stroke.

        Telegram indents: the element ends where a brace stands at its own indent. That
        is a guess until the slice decodes: no part of an object is an object, so a
        slice from its first brace that decodes whole is the element.
        """
        indent = self._indent
        if not self._guess or indent is None:
            return None
        closing = indent + b"}"
        self._mark = self._at
        found = self._buffer.find(closing, self._at)
        while found < 0 and len(self._buffer) - self._at < MESSAGE_BYTES:
            if not self._fill():
                break
            found = self._buffer.find(closing, self._at)
        self._mark = None
        data = self._buffer[self._at : found + len(closing)] if found >= 0 else b""
        if not data or data.count(b"{") + data.count(b"[") > DEPTH:
            return None
        try:
            value = self._decode(data)
        except ValueError:
            return None
        element = Element(self.offset, len(data), value)
        self._at += len(data)
        return element

    def _element(self) -> Element:
        if self._peek() == b"{":
            guessed = self._guessed()
            if guessed is not None:
                return guessed
        indent = self._indent
        offset, length, data, depth = self._slice(MESSAGE_BYTES)
        if data is None:
            return Element(offset, length, reason="too-long")
        if indent is not None and not data.endswith(indent + b"}"):
            self._guess = False  # not Telegram's indentation: stop trying
        if depth > DEPTH:
            return Element(offset, length, reason="too-deep")
        try:
            return Element(offset, length, self._decode(data))
        except ValueError:
            return Element(offset, length, reason="not-json")

    # --- skeleton ----------------------------------------------------------------

    def _keys(self) -> Iterator[str]:
        """Walk an object; the caller takes each value before asking for the next."""
        self._take(b"{")
        if self._peek() == b"}":
            self._at += 1
            return
        while True:
            if self._peek() != b'"':
                raise BrokenJsonError(self.offset)
            _, _, data, _ = self._slice(HEADER_BYTES)
            self._take(b":")
            self._peek()
            yield "" if data is None else data[1:-1].decode("utf-8", "replace")
            if self._take(b",", b"}") == b"}":
                return

    def _items(self) -> Iterator[None]:
        """Walk an array; the caller takes each value before asking for the next."""
        self._take(b"[")
        if self._peek() == b"]":
            self._at += 1
            return
        while True:
            self._peek()
            yield
            if self._take(b",", b"]") == b"]":
                return

    def _chat(self, start: ChatStart, key: str) -> Iterator[ChatStart | Element]:
        if key == "messages" and self._peek() == b"[":
            yield start
            for _ in self._items():
                yield self._element()
        elif key in ("name", "type", "id"):
            _, _, data, depth = self._slice(HEADER_BYTES)
            if data is not None and not depth:
                start.header[key] = data
        else:
            self._skip()

    def _list(self) -> Iterator[ChatStart | Element]:
        for key in self._keys():
            if key != "list" or self._peek() != b"[":
                self._skip()
                continue
            for _ in self._items():
                if self._peek() != b"{":
                    self._skip()
                    continue
                start = ChatStart()
                for inner in self._keys():
                    yield from self._chat(start, inner)

    def walk(self) -> Iterator[ChatStart | Element]:
        """Yield chats and their messages in the order of the file.

        Raises:
            BrokenJsonError: the skeleton is broken; what came before holds.
        """
        if self._peek() == b"\xef" and self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at += 3
        root = ChatStart()
        for key in self._keys():
            if key in ("chats", "left_chats") and self._peek() == b"{":
                yield from self._list()
            else:
                yield from self._chat(root, key)
        if self._peek():
            raise BrokenJsonError(self.offset)
