"""Writing age files: a stream goes in, ciphertext goes to a `PayloadSink`.

pyrage encrypts by pulling from a reader, so it runs in a thread of its own, fed block
by block: the caller's block is given back only when it has been read, so memory stays
that of the ring. The plaintext is hashed beside it, the ciphertext by its own sink.
"""

from __future__ import annotations

import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

import pyrage

from evidence.ring import Block
from evidence.sink import PayloadSink, Written
from evidence.system import REAL, SystemCalls

_BUFFER = 1 << 20
_READ, _ENDED = "read", "ended"


class _GivenUpError(Exception):
    """The plaintext will not be finished."""


class Ciphertext(Protocol):
    """Where ciphertext goes."""

    def write(self, data: bytes) -> None:
        """Take bytes."""
        ...

    def finish(self) -> Written:
        """Make them durable; return their size and digest."""
        ...


class Encryption:
    """One stream encrypted into `sink` by a thread; `feed`, then `finish` or `stop`.

    Raises:
        StorageFailedError: (`feed`, `finish`) the sink could not store something.
    """

    def __init__(self, recipient: str, sink: Ciphertext) -> None:
        self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        self._sink = sink
        self._pieces: SimpleQueue[memoryview | None] = SimpleQueue()
        self._taken: SimpleQueue[str] = SimpleQueue()
        self._piece: memoryview | None = None
        self._failure: BaseException | None = None
        self._ended = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def feed(self, data: memoryview | bytes) -> None:
        """Encrypt `data`, which may change again when this returns."""
        if not len(data):
            return
        self._pieces.put(memoryview(data))
        if self._taken.get() == _ENDED:
            self._taken.put(_ENDED)  # so that nobody ever waits for a dead thread
            self._raise()

    def finish(self) -> Written:
        """Write the end; return size and digest of the ciphertext, which is durable."""
        self._pieces.put(None)
        self._thread.join()
        if self._failure is not None:
            self._raise()
        return self._sink.finish()

    def stop(self) -> None:
        """End the thread without finishing; the caller aborts the sink."""
        self._stopped = True
        self._pieces.put(None)
        self._thread.join()

    def _raise(self) -> None:
        self._thread.join()
        raise self._failure or _GivenUpError

    # -- in the thread ---------------------------------------------------------

    def _run(self) -> None:
        try:
            pyrage.encrypt_io(self, self, [self._recipient])  # type: ignore[arg-type,unused-ignore]
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            self._failure = self._failure or error
        finally:
            self._ended = True
            self._taken.put(_ENDED)

    def read(self, size: int) -> bytes:
        """Give pyrage the next plaintext; b"" at its end."""
        if self._piece is None:
            if self._ended:
                return b""
            self._piece = self._pieces.get()
            if self._piece is None:
                self._ended = True
                if self._stopped:
                    raise _GivenUpError
                return b""
        data = bytes(self._piece[:size])
        self._piece = self._piece[size:]
        if not len(self._piece):
            self._piece = None
            self._taken.put(_READ)
        return data

    def write(self, data: bytes) -> int:
        """Take ciphertext from pyrage."""
        try:
            self._sink.write(data)
        except BaseException as error:
            self._failure = error  # pyrage would make a text of it
            raise
        return len(data)

    def flush(self) -> None:
        """Do nothing: the sink is finished by the caller."""


class EncryptedSink(PayloadSink):
    """A `PayloadSink` whose file is an age file, encrypted to one recipient.

    `finish` returns size and digest of the plaintext, and in `cipher` those of the
    file. No plaintext reaches the file system.
    """

    def __init__(
        self,
        path: Path,
        recipient: str,
        *,
        what: str | None = None,
        system: SystemCalls = REAL,
    ) -> None:
        self._inner = PayloadSink(path, what=what, system=system)
        try:
            self._encryption = Encryption(recipient, self._inner)
            super().__init__(path, what=what, system=system)
        except BaseException:
            self._inner.abort()
            raise

    def _create(self) -> int:
        return -1  # the inner sink has the file

    def _store(self, block: Block) -> None:
        self._encryption.feed(block.view[: block.length])

    def _settle(self) -> None:
        self._cipher = self._encryption.finish()
        self._closed = True

    def _remove(self) -> None:
        self._encryption.stop()
        self._inner.abort()


class EncryptedStream:
    """A file object to write to, whose file is an age file."""

    def __init__(self, path: Path, recipient: str) -> None:
        self._sink = PayloadSink(path)
        self._encryption = Encryption(recipient, self._sink)
        self._waiting = bytearray()
        self._open = True

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self._waiting += data
        if len(self._waiting) >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, bytearray()
        self._encryption.feed(memoryview(waiting))

    def finish(self) -> Written:
        """Write the end, fsync, close; return size and digest of the age file."""
        self._flush()
        written = self._encryption.finish()
        self._open = False
        return written

    def close(self) -> None:
        """Give up what is not finished; harmless when repeated."""
        if self._open:
            self._open = False
            self._encryption.stop()
            self._sink.abort()
