"""Reading a PIN from the file a key URI names (RFC 7512 ``pin-source``)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from evidence.key_errors import PassphraseRefusedError

MAX_PIN_FILE = 4096  # bytes


def read_pin(path: Path) -> str:
    """Return the first line of a file that only its owner may read.

    Raises:
        PassphraseRefusedError: unreadable, open to others, empty, or not UTF-8.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        fd = os.open(path, flags)
        with os.fdopen(fd, "rb") as stream:
            mode = os.fstat(fd).st_mode
            data = stream.read(MAX_PIN_FILE + 1) if stat.S_ISREG(mode) else b""
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unreadable"
        raise PassphraseRefusedError(reason=f"the PIN file: {reason}") from error
    if not stat.S_ISREG(mode):
        raise PassphraseRefusedError(reason="the PIN file is not a regular file")
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        reason = "the PIN file is open to other users (chmod 600 it)"
        raise PassphraseRefusedError(reason=reason)
    try:
        pin = data.decode("utf-8").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError as error:
        raise PassphraseRefusedError(reason="the PIN file is not UTF-8") from error
    if not pin or len(data) > MAX_PIN_FILE:
        raise PassphraseRefusedError(reason="the PIN file is empty or too long")
    return pin
