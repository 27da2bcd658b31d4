"""Plain files of a case read whole: regular ones, through no link, and bounded."""

from __future__ import annotations

from pathlib import Path

from evidence.settings import unreadable
from manifests import ledger
from manifests.errors import MalformedError


def read_plain(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        CaseUnreadableError: it cannot be read, or is no regular file.
        MalformedError: it is longer than `limit`.
    """
    try:
        with ledger.open_plain(path) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise unreadable(path.name, error) from error
    if len(data) > limit:
        raise MalformedError(what=path.name, reason="it is too long")
    return data
