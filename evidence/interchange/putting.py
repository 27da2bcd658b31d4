"""Putting an export in place: written beside, searched for identifiers, then named.

Nothing is overwritten, nothing half written keeps the name, and what holds an
identifier that must not leave never gets it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.case import Case
from evidence.errors import OutputExistsError
from evidence.lint.findings import Result
from evidence.lint.gathering import gather
from evidence.lint.identifiers import Kind
from evidence.lint.leaving import allowed_findings, search_name
from evidence.lint.linting import Search
from manifests import durable


@dataclass(frozen=True, slots=True)
class Put:
    """A file that was put in place: its size and SHA-256 (hex)."""

    path: Path
    bytes: int
    sha256: str


def put(
    target: Path, pieces: Iterable[bytes], check: Callable[[Path, str], None]
) -> Put:
    """Write `pieces` to a new file that gets its name once `check` let it pass.

    Args:
        check: is shown the finished file, under another name, and its SHA-256.

    Raises:
        OutputExistsError: something came to be at `target`.
        StorageFailedError: the system refused; nothing is left.
        Whatever `pieces` and `check` raise; nothing is left then.
    """
    part = target.with_name(durable.TEMPORARY_PREFIX + secrets.token_hex(8))
    digest, count = sha256(), 0
    try:
        try:
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "wb") as stream:
                for piece in pieces:
                    digest.update(piece)
                    count += len(piece)
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            durable.storage_failure(error, target.name)
        check(part, digest.hexdigest())
        _name(part, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    return Put(target, count, digest.hexdigest())


def _name(part: Path, target: Path) -> None:
    try:
        try:
            os.link(part, target)  # unlike a rename it never replaces anything
        except FileExistsError as error:
            raise OutputExistsError(path=str(target)) from error
        except OSError:  # e.g. FAT on a stick has no links
            if os.path.lexists(target):
                raise OutputExistsError(path=str(target)) from None
            part.rename(target)
        durable.sync_folder(target.parent)
    except OSError as error:
        durable.storage_failure(error, target.name)


def search(
    case: Case, path: Path, *, named: bool, raw: bool = True, name: str = ""
) -> Result:
    """Search a finished file, or folder, for identifiers of the case's people.

    Args:
        named: names of files from evidence may stand in it.
        raw: search a file's bytes as they stand, too; as `Search.file`.
        name: it will bear.

    Raises:
        CaseUnreadableError, MalformedError, StorageFailedError: not searched.
    """
    gathered = gather(case)
    wanted = [
        identifier
        for identifier in gathered.identifiers
        if not (named and identifier.kind == Kind.FILE_NAME)
    ]
    allowed = allowed_findings(case)
    search = Search(wanted, allowed)
    if path.is_dir():
        search.paths([path])
    else:
        search.file(path, "", raw=raw)
    search.result.problems += gathered.problems
    search_name(search.result, gathered.identifiers, name, allowed)
    return search.result
