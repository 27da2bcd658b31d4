"""What can be said of an encrypted package from outside: its digest, and who knows it.

A key is not needed. Whether the file is the one an offer made is told by the giver's
log alone, where the offer's `transfer_packed` entry keeps size and digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from evidence.case import Case, unreadable
from evidence.envelope.parts import ENDING, check_parts, list_beside, part_path
from evidence.envelope.sealed import form_of
from evidence.envelope_errors import (
    EnvelopeMalformedError,
    EnvelopeUnrecordedError,
    PartsWrongError,
)
from evidence.transfer.words import PACKED
from manifests.entries import Entry

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Outside:
    """An encrypted package as anybody sees it.

    Attributes:
        form: ``age`` or ``cms``; bytes, sha256: of the whole, hex.
        parts: how many it is in; 0 for one file.
    """

    form: str
    bytes: int
    sha256: str
    parts: int = 0

    def recorded_in(self, case: Case) -> Entry:
        """Return the entry of a case that records the writing of this very file.

        Raises:
            EnvelopeUnrecordedError: there is none.
        """
        for entry in case.entries():
            told = entry.facts.get("envelope")
            if entry.facts.get("kind") != PACKED or not isinstance(told, dict):
                continue
            if (told.get("sha256"), told.get("bytes")) == (self.sha256, self.bytes):
                return entry
        raise EnvelopeUnrecordedError(sha256=self.sha256)


def is_envelope(path: Path) -> bool:
    """Tell whether a file means to be an encrypted package, or a list of its parts.

    Raises:
        CaseUnreadableError: it cannot be read.
    """
    path = list_beside(path)
    return path.is_file() and (path.name.endswith(ENDING) or bool(form_of(path)))


def look_at(path: Path) -> Outside:
    """Hash an encrypted package; of parts each, and the whole they make.

    Raises:
        PartsWrongError: parts are missing, swapped, doubled or altered.
        EnvelopeMalformedError: it is none; CaseUnreadableError: it cannot be read.
    """
    path = list_beside(path)
    if not path.name.endswith(ENDING):
        form, paths, parts = form_of(path), [path], 0
    else:
        stem, listed = check_parts(path)
        parts = len(listed.digests)
        paths = [part_path(stem, number) for number in range(1, parts + 1)]
        form = form_of(paths[0]) if paths else ""
    if not form:
        raise EnvelopeMalformedError(reason="it is neither CMS nor age")
    digest, size = hashlib.sha256(), 0
    for one in paths:
        try:
            with one.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
        except OSError as error:
            raise unreadable(one.name, error) from error
    if parts and (size, digest.hexdigest()) != (listed.bytes, listed.sha256):
        raise PartsWrongError(reason="together they are not what the list says")
    return Outside(form, size, digest.hexdigest(), parts)
