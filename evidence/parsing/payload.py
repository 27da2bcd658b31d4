"""How a parser reads the payload, encrypted or not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.parsing.base import Job

if TYPE_CHECKING:
    import io

    from evidence.vault.agefile import PayloadReader


def open_sealed(job: Job) -> PayloadReader | None:
    """Return the plaintext of an encrypted payload; None when it is not encrypted.

    Raises:
        OSError: it cannot be opened.
        MalformedError: it was cut off or altered.
    """
    if job.sealed is None:
        return None
    from evidence.vault.agefile import Opened, PayloadReader

    fd = os.open(job.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        opened = Opened(bytes.fromhex(job.sealed["key"]), job.sealed["start"])
        return PayloadReader(fd, opened)
    except BaseException:
        os.close(fd)
        raise


def open_payload(job: Job) -> io.RawIOBase:
    """Open what the job is about to read and seek, without buffers.

    Raises:
        As `open_sealed`.
    """
    return open_sealed(job) or Path(job.path).open("rb", buffering=0)
