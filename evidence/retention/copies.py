"""Free-standing copies of a case: is a folder one, and what was erased in it, too."""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path

from evidence.case import Case, open_case
from evidence.retention_errors import CopyRefusedError
from manifests import ledger
from manifests.errors import CustodyError


def check_copy(case: Case, path: Path) -> Path:
    """Return a copy's folder if it is one: the same origin, and its log a part of ours.

    Raises:
        CopyRefusedError: it is none, or it is the case itself.
    """
    try:
        own, folder = case.path.resolve(strict=True), path.resolve(strict=True)
        if own.samefile(folder):
            raise _refused(path, "it is the case itself")
        if own in folder.parents or folder in own.parents:
            raise _refused(path, "one of the two stands in the other")
        copy = open_case(folder)
        if copy.settings.origin != case.settings.origin:
            raise _refused(path, "it is another case")
        if not _is_part(case, copy):
            raise _refused(path, "its log is not a part of this case's log")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it cannot be read"
        raise _refused(path, reason.lower()) from error
    except CopyRefusedError:
        raise
    except CustodyError as error:
        raise _refused(path, error.what.rstrip(".")) from error
    return folder


def _refused(path: Path, reason: str) -> CopyRefusedError:
    return CopyRefusedError(path=str(path), reason=reason)


def _is_part(case: Case, copy: Case) -> bool:
    """Tell whether the copy's log is the beginning of ours (an incomplete line too)."""
    ours = ledger.read_lines(case.manifest / ledger.ENTRIES)
    theirs = ledger.read_lines(copy.manifest / ledger.ENTRIES)
    count = 0
    for mine, line in zip_longest(ours, theirs):
        if line is None:
            break
        if mine is None or not mine.startswith(line):
            return False
        if line != mine:
            return count > 0 and next(theirs, None) is None
        count += 1
    return count > 0
