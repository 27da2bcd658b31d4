"""Reading age v1 files (C2SP age.md), at any place and in constant memory.

pyrage decrypts a file from its first byte to its last only. Parsers, and locating
damage, need any byte of a payload without its plaintext ever standing in a file, so the
payload's format is read here: a header with stanzas, then ChaCha20-Poly1305 chunks of
64 KiB whose nonce is a counter and a mark of the last one. Nothing is written here, and
only X25519 stanzas are opened. Tests hold this against pyrage and the age tool.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import os
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from evidence.vault import bech32
from manifests.errors import MalformedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC: Final = b"age-encryption.org/v1\n"
MAX_HEADER_BYTES: Final = 64 << 10
CHUNK_BYTES: Final = 64 << 10
TAG_BYTES: Final = 16
_NONCE_BYTES = 16
_STORED = CHUNK_BYTES + TAG_BYTES
_CACHED_CHUNKS = 64  # 4 MiB: what a parser that jumps about reads again
_X25519 = b"age-encryption.org/v1/X25519"
_SECRET = "age-secret-key-"  # noqa: S105 - a prefix


class NoKeyError(Exception):
    """None of a file's stanzas opens with the identity."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What reads one file's payload.

    Attributes:
        key: the payload's key, 32 bytes; it opens this file and no other.
        start: where the first chunk begins, bytes.
    """

    key: bytes
    start: int


def _bad(reason: str) -> MalformedError:
    return MalformedError(what="an age file", reason=reason)


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _unpadded(text: bytes) -> bytes:
    """Return the bytes of base64 without padding, in its one spelling."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise _bad("its header is damaged") from error
    if base64.b64encode(data).rstrip(b"=") != text:
        raise _bad("its header is damaged")
    return data


@dataclass(frozen=True, slots=True)
class Header:
    """An age header, read but not yet authenticated.

    Attributes:
        stanzas: (arguments, body) of each; covered: what the MAC covers.
        end: bytes of the header.
    """

    stanzas: tuple[tuple[tuple[bytes, ...], bytes], ...]
    covered: bytes
    mac: bytes
    end: int

    def count(self, kind: bytes = b"X25519") -> int:
        """Number of stanzas of a kind: that of the recipients."""
        return sum(arguments[0] == kind for arguments, _ in self.stanzas)


def read_header(head: bytes) -> Header:
    """Read the header at the beginning of `head` (up to `MAX_HEADER_BYTES` of a file).

    Raises:
        MalformedError: it is not an age v1 header.
    """
    if not head.startswith(MAGIC):
        raise _bad("it does not begin as one")
    stanzas: list[tuple[tuple[bytes, ...], bytes]] = []
    at = len(MAGIC)
    while True:
        end = head.find(b"\n", at)
        if end < 0:
            raise _bad("its header is cut off or too long")
        line = head[at:end]
        if line.startswith(b"--- "):
            covered = head[: at + 3]
            return Header(tuple(stanzas), covered, _unpadded(line[4:]), end + 1)
        arguments = tuple(line[3:].split(b" "))
        if not line.startswith(b"-> ") or not all(arguments):
            raise _bad("its header is damaged")
        body, at = _read_body(head, end + 1)
        stanzas.append((arguments, body))


def _read_body(head: bytes, at: int) -> tuple[bytes, int]:
    """Return a stanza's body, in lines of 64 and one shorter, and where it ends."""
    lines: list[bytes] = []
    while True:
        end = head.find(b"\n", at)
        if end < 0 or end - at > 64:
            raise _bad("its header is cut off or damaged")
        lines.append(head[at:end])
        at = end + 1
        if len(lines[-1]) < 64:
            return _unpadded(b"".join(lines)), at


def _file_key(header: Header, identity: str) -> bytes:
    """Return the 16-byte file key, unwrapped with an X25519 identity.

    Raises:
        NoKeyError: no stanza is for this identity.
    """
    secret = X25519PrivateKey.from_private_bytes(bech32.decode(identity, _SECRET))
    own = secret.public_key().public_bytes_raw()
    for arguments, body in header.stanzas:
        if arguments[0] != b"X25519" or len(arguments) != 2 or len(body) != 32:
            continue
        share = _unpadded(arguments[1])
        if len(share) != 32:
            continue
        try:
            shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
            wrap = ChaCha20Poly1305(_derived(shared, share + own, _X25519))
            return wrap.decrypt(bytes(12), body, None)
        except (InvalidTag, ValueError):  # another's; or a share of small order
            continue
    raise NoKeyError


def open_file(fd: int, identity: str) -> Opened:
    """Return what reads the payload of the age file at `fd`.

    Args:
        identity: ``AGE-SECRET-KEY-1...``.

    Raises:
        NoKeyError: it is not encrypted to this identity.
        MalformedError: it is not an age file, or its header was altered.
        OSError: it cannot be read.
    """
    head = os.pread(fd, MAX_HEADER_BYTES, 0)
    header = read_header(head)
    key = _file_key(header, identity)
    expected = hmac.digest(_derived(key, b"", b"header"), header.covered, sha256)
    if not hmac.compare_digest(expected, header.mac):
        raise _bad("its header was altered")
    nonce = os.pread(fd, _NONCE_BYTES, header.end)
    if len(nonce) != _NONCE_BYTES:
        raise _bad("it is cut off")
    return Opened(_derived(key, nonce, b"payload"), header.end + _NONCE_BYTES)


class PayloadReader(io.RawIOBase):
    """The plaintext of an age file as a seekable stream; every byte given is authentic.

    Closing it closes `fd`; one that could not be made leaves that to the caller.

    Args:
        fd: the age file; opened: what reads it.

    Raises:
        MalformedError: (every read) a chunk was altered; at once when the file was cut
            or lengthened, because the last chunk is marked as such.
        OSError: it cannot be read.
    """

    def __init__(self, fd: int, opened: Opened) -> None:
        super().__init__()
        self._owned = False  # a reader that could not be made closes nothing
        self._fd = fd
        self._start = opened.start
        self._cipher = ChaCha20Poly1305(opened.key)
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._at = 0
        stored = os.fstat(fd).st_size - opened.start
        self._chunks = -(-stored // _STORED)
        self.size = stored - TAG_BYTES * self._chunks
        least = (self._chunks - 1) * CHUNK_BYTES
        if self._chunks < 1 or self.size < 0 or (self.size <= least and least):
            raise _bad("it is cut off")
        self._chunk(self._chunks - 1)
        self._owned = True

    def _chunk(self, index: int) -> bytes:
        found = self._cache.get(index)
        if found is not None:
            self._cache.move_to_end(index)
            return found
        stored = os.pread(self._fd, _STORED, self._start + index * _STORED)
        last = index == self._chunks - 1
        nonce = index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
        try:
            found = self._cipher.decrypt(nonce, stored, None)
        except InvalidTag as error:
            where = "its end is missing or altered" if last else "it was altered"
            raise _bad(f"{where} (chunk {index + 1} of {self._chunks})") from error
        self._cache[index] = found
        if len(self._cache) > _CACHED_CHUNKS:
            self._cache.popitem(last=False)
        return found

    def pread(self, length: int, offset: int) -> bytes:
        """Return up to `length` bytes at `offset`; fewer only at the end."""
        end = min(offset + length, self.size)
        parts: list[bytes] = []
        while offset < end:
            index, skip = divmod(offset, CHUNK_BYTES)
            part = self._chunk(index)[skip : skip + end - offset]
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position, bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move and return the position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, target: WriteableBuffer) -> int:
        """Fill `target` with the next bytes; 0 at the end."""
        view = memoryview(target).cast("B")
        data = self.pread(len(view), self._at)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file; harmless when repeated."""
        if not self.closed and self._owned:
            self._owned = False
            os.close(self._fd)
        super().close()
