"""CMS AuthEnvelopedData (RFC 5083, RFC 5084): written and read as a stream.

Written in BER with indefinite lengths, the content in segments, as ``openssl cms
-stream`` does, so that a package of any size passes through a little memory. AES-256
in GCM authenticates at the end only: reading is done twice, once to check the tag, and
only then to give anything out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from evidence.envelope.recipients import PrivateKey, content_key, recipient_info
from evidence.envelope_errors import (
    EnvelopeAlteredError,
    EnvelopeCutError,
    EnvelopeKeyError,
    EnvelopeMalformedError,
)
from manifests.verifying.der import DerError, Fields, encode, only

OID_AUTH_ENVELOPED = bytes.fromhex("060b2a864886f70d0109100117")
_OID_DATA = bytes.fromhex("06092a864886f70d010701")
_GCM = {
    "2.16.840.1.101.3.4.1.6": 16,
    "2.16.840.1.101.3.4.1.26": 24,
    "2.16.840.1.101.3.4.1.46": 32,
}
_OID_GCM_256 = bytes.fromhex("060960864801650304012e")
_TAG = 16
_NONCE = 12
# NIST SP 800-38D 5.2.1.1: 2^39 - 256 bits under one key and nonce.
MAX_CONTENT = 2**36 - 32
_SEGMENT = 1 << 16
_END = b"\x00\x00"
_MAX_HEAD = 1 << 20  # bytes of recipients
_MAX_SEGMENT = 16 << 20


class Sink(Protocol):
    """Where the envelope goes."""

    def write(self, data: bytes) -> object:
        """Take bytes."""
        ...


class EnvelopeWriter:
    """Encrypts what is written to the certificates into `sink`; then `finish`.

    Args:
        certificates: checked with `recipients.check_certificate`.
    """

    def __init__(self, sink: Sink, certificates: list[x509.Certificate]) -> None:
        self._sink = sink
        key, nonce = os.urandom(32), os.urandom(_NONCE)
        self._cipher = Cipher(AES(key), GCM(nonce)).encryptor()
        self._pending = bytearray()
        self.bytes = 0
        infos = sorted(recipient_info(one, key) for one in certificates)
        parameters = encode(0x30, encode(0x04, nonce), encode(0x02, bytes([_TAG])))
        method = encode(0x30, _OID_GCM_256, parameters)
        sink.write(
            b"\x30\x80"
            + OID_AUTH_ENVELOPED
            + b"\xa0\x80\x30\x80\x02\x01\x00"
            + encode(0x31, *infos)
            + b"\x30\x80"
            + _OID_DATA
            + method
            + b"\xa0\x80"
        )

    def write(self, data: bytes) -> int:
        """Encrypt `data`.

        Raises:
            ValueError: more than one message of GCM may hold.
            As `sink.write`.
        """
        self.bytes += len(data)
        if self.bytes > MAX_CONTENT:
            raise ValueError("too large for AES-GCM")
        self._pending += self._cipher.update(data)
        while len(self._pending) >= _SEGMENT:
            self._sink.write(encode(0x04, bytes(self._pending[:_SEGMENT])))
            del self._pending[:_SEGMENT]
        return len(data)

    def finish(self) -> None:
        """Write what is left, and the authentication tag."""
        self._pending += self._cipher.finalize()
        if self._pending:
            self._sink.write(encode(0x04, bytes(self._pending)))
        # Ends encryptedContent and its info; the tag; the three structures around.
        tag = encode(0x04, self._cipher.tag)
        self._sink.write(_END + _END + tag + _END + _END + _END)


# -- reading -------------------------------------------------------------------------


class _Bytes:
    """BER read from a file, piece by piece."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def take(self, length: int) -> bytes:
        data = self._stream.read(length)
        if len(data) != length:
            raise EnvelopeCutError
        return data

    def at_end(self) -> bool:
        return not self._stream.read(1)

    def head(self) -> tuple[int, int | None]:
        """Return tag and length (None: indefinite) of the next value."""
        tag, first = self.take(2)
        if tag & 0x1F == 0x1F:
            raise EnvelopeMalformedError(reason="a tag of several bytes")
        if first == 0x80:
            if not tag & 0x20:
                raise EnvelopeMalformedError(reason="a value without an end")
            return tag, None
        if first < 0x80:
            return tag, first
        count = first & 0x7F
        if count > 8:
            raise EnvelopeMalformedError(reason="an absurd length")
        return tag, int.from_bytes(self.take(count))

    def enter(self, tag: int, what: str) -> int | None:
        """Begin a structure; return its length, None when it ends by itself."""
        found, length = self.head()
        if found != tag:
            raise EnvelopeMalformedError(reason=f"no {what} where one belongs")
        return length

    def whole(self, limit: int) -> bytes:
        """Return the next value, encoded with definite lengths at its outside."""
        tag, length = self.head()
        if length is None:
            # Only recipients may be so; openssl ends them with 00 00.
            parts: list[bytes] = []
            size = 0
            while True:
                inner = self.whole(limit)
                if inner == _END:
                    return encode(tag, *parts)
                parts.append(inner)
                size += len(inner)
                if size > limit:
                    raise EnvelopeMalformedError(reason="its head is too long")
        if length > limit:
            raise EnvelopeMalformedError(reason="its head is too long")
        return encode(tag, self.take(length)) if (tag, length) != (0, 0) else _END


class EnvelopeReader:
    """An AuthEnvelopedData opened with a private key.

    Args:
        stream: seekable; read from its beginning, twice.

    Raises:
        EnvelopeMalformedError, EnvelopeCutError, EnvelopeKeyError: not opened.
    """

    def __init__(self, stream: IO[bytes], key: PrivateKey) -> None:
        self._stream = stream
        stream.seek(0)
        source = _Bytes(stream)
        try:
            infos, method = self._head(source)
            self._key_bytes, self._nonce, self._tag_bytes = _parameters(method)
        except (DerError, RecursionError) as error:
            raise EnvelopeMalformedError(reason="it is no such CMS") from error
        self._key = content_key(infos, key)
        if len(self._key) != self._key_bytes:
            raise EnvelopeKeyError(reason="the key inside has another length")
        self._start = stream.tell()

    def _head(self, source: _Bytes) -> tuple[bytes, bytes]:
        source.enter(0x30, "ContentInfo")
        if source.whole(64) != OID_AUTH_ENVELOPED:
            reason = "it is another kind of CMS than AuthEnvelopedData"
            raise EnvelopeMalformedError(reason=reason)
        source.enter(0xA0, "content")
        source.enter(0x30, "AuthEnvelopedData")
        if source.whole(16) != b"\x02\x01\x00":
            raise EnvelopeMalformedError(reason="its version is none that is known")
        infos = source.whole(_MAX_HEAD)
        if infos[:1] == b"\xa0":  # originatorInfo, optional
            infos = source.whole(_MAX_HEAD)
        source.enter(0x30, "encrypted content")
        if source.whole(64) != _OID_DATA:
            raise EnvelopeMalformedError(reason="its content is not plain data")
        return infos, source.whole(256)

    def check(self) -> None:
        """Read everything and check the tag; nothing is given out.

        Raises:
            EnvelopeAlteredError: the tag does not fit.
            EnvelopeCutError, EnvelopeMalformedError: it does not end as it must.
        """
        for _ in self._plain():
            pass

    def content(self) -> Iterator[bytes]:
        """Yield the content, after `check`; what came before a failure is void.

        Raises:
            As `check`: the file changed since.
        """
        return self._plain()

    def _plain(self) -> Iterator[bytes]:
        self._stream.seek(self._start)
        source = _Bytes(self._stream)
        mode = GCM(self._nonce, None, min_tag_length=self._tag_bytes)
        cipher = Cipher(AES(self._key), mode).decryptor()
        try:
            for segment in _segments(source):
                yield cipher.update(segment)
            tag = _tag(source)
            if len(tag) != self._tag_bytes:
                raise EnvelopeAlteredError
            yield cipher.finalize_with_tag(tag)
        except InvalidTag as error:
            raise EnvelopeAlteredError from error
        except ValueError as error:  # more than GCM may hold
            raise EnvelopeMalformedError(reason="it is too large") from error


def _segments(source: _Bytes) -> Iterator[bytes]:
    """Yield the octets of encryptedContent: one string, or many segments."""
    tag, length = source.head()
    if tag == 0x80 and length is not None:
        yield from _pieces(source, length)
    elif tag == 0xA0 and length is None:
        while True:
            inner, size = source.head()
            if (inner, size) == (0, 0):
                break
            if inner != 0x04 or size is None or size > _MAX_SEGMENT:
                raise EnvelopeMalformedError(reason="a segment is not one")
            yield from _pieces(source, size)
    elif tag == 0xA0 and length is not None:
        while length > 0:
            before = source._stream.tell()  # noqa: SLF001 - of this module
            inner, size = source.head()
            if inner != 0x04 or size is None or size > _MAX_SEGMENT:
                raise EnvelopeMalformedError(reason="a segment is not one")
            yield from _pieces(source, size)
            length -= source._stream.tell() - before  # noqa: SLF001
    else:
        raise EnvelopeMalformedError(reason="it has no encrypted content")


def _pieces(source: _Bytes, length: int) -> Iterator[bytes]:
    while length:
        piece = source.take(min(length, _SEGMENT))
        length -= len(piece)
        yield piece


def _tag(source: _Bytes) -> bytes:
    """Return the tag; authenticated attributes cannot be read in a stream."""
    while True:
        tag, length = source.head()
        if (tag, length) == (0, 0):
            continue  # the end of a structure around the content
        if tag != 0x04 or length is None or length > 64:
            reason = "it has authenticated attributes, or no tag"
            raise EnvelopeMalformedError(reason=reason)
        return source.take(length)


def _parameters(method: bytes) -> tuple[int, bytes, int]:
    """Return bytes of the key, nonce and bytes of the tag (RFC 5084 3.2)."""
    fields = only(method, 0x30).fields()
    name = fields.take(0x06).object_id()
    if name not in _GCM:
        reason = "it is not encrypted with AES-GCM"
        raise EnvelopeMalformedError(reason=reason)
    inner: Fields = fields.take(0x30).fields()
    nonce = inner.take(0x04).body
    size = inner.optional(0x02)
    tag_bytes = size.number() if size is not None else 12
    if not (8 <= len(nonce) <= 64 and 12 <= tag_bytes <= _TAG):
        raise EnvelopeMalformedError(reason="its parameters are too short")
    return _GCM[name], nonce, tag_bytes


def is_cms(head: bytes) -> bool:
    """Tell whether a file's first bytes can be CMS in BER."""
    return head[:1] == b"\x30" and OID_AUTH_ENVELOPED in head[:32]
