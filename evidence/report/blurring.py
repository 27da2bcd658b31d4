"""Strongly blurred pictures of exhibits, made in the parser's process."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from evidence.case import Case, unreadable
from evidence.parsing.base import Job, Record, Sealed, Summary
from evidence.parsing.sandbox import parse
from evidence.parsing.thumbnail import CELLS
from evidence.report.extras import Thumbnail
from evidence.vault.keyring import CaseKeys

_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


def thumbnails(case: Case, exhibits: Iterable[str]) -> tuple[Thumbnail, ...]:
    """Return one picture for each exhibit, or why there is none.

    Raises:
        CaseUnreadableError: a payload cannot be read.
        LockedError, NotARecipientError, KeyFileError, CiphertextError: it is
            encrypted and does not open.
    """
    return tuple(_thumbnail(case, exhibit) for exhibit in exhibits)


def _thumbnail(case: Case, exhibit: str) -> Thumbnail:
    plain = case.exhibit_folder(exhibit) / "payload"
    sealed = plain.with_name("payload.age")
    try:
        if plain.is_file() and not plain.is_symlink():
            return _cells(exhibit, Job(str(plain)))
        if sealed.is_file() and not sealed.is_symlink():
            job = Job(str(sealed), sealed=_reading(case, sealed, exhibit))
            return _cells(exhibit, job)
    except OSError as error:
        raise unreadable(f"The payload of {exhibit}", error) from error
    return _refused(exhibit, "it is not one single file, or is not there")


def _reading(case: Case, path: Path, exhibit: str) -> Sealed:
    """What lets the parser's process read this one file, and nothing else."""
    keys = case.keys or CaseKeys(case.path)
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    try:
        opened = keys.opened(fd, exhibit, file=f"{exhibit}/{path.name}")
    finally:
        os.close(fd)
    return {"key": opened.key.hex(), "start": opened.start}


def _cells(exhibit: str, job: Job) -> Thumbnail:
    """Take what the parser sends as hostile: it has seen the picture."""
    found, reason = None, "it is no picture that can be decoded"
    for item in parse("thumbnail", job):
        if isinstance(item, Record):
            fields = item.fields
            columns, rows = fields.get("columns"), fields.get("rows")
            cells = fields.get("cells")
            if (
                isinstance(columns, int)
                and isinstance(rows, int)
                and 0 < columns <= CELLS
                and 0 < rows <= CELLS
                and isinstance(cells, str)
                and len(cells) == 6 * columns * rows
                and _HEX.fullmatch(cells)
            ):
                found = Thumbnail(exhibit, columns, rows, cells)
        elif isinstance(item, Summary) and item.limits:
            reason = "; ".join(item.limits)[:200]
    return found or _refused(exhibit, reason)


def _refused(exhibit: str, reason: str) -> Thumbnail:
    return Thumbnail(exhibit, 0, 0, "", reason)
