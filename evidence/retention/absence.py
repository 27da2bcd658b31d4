"""What is not there because it was erased: asked where a file of a case is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evidence.errors import SealedRecordError
from evidence.retention.register import Register, known_register
from evidence.retention_errors import ExhibitErasedError
from manifests.canonical import Json
from manifests.entries import Entry

if TYPE_CHECKING:
    from evidence.case import Case


def erased_record(case: Case, entry: Entry) -> Mapping[str, Json]:
    """Return {} for a sealed record that went with its exhibits.

    Raises:
        SealedRecordError: no erasure in force took it away.
    """
    if entry.exhibits and known_register(case).erased_record(entry.seq) is not None:
        return {}
    raise SealedRecordError(entry=entry.seq, reason="it is not there")


def check_not_erased(register: Register, exhibit: str) -> None:
    """Refuse what needs the content of an exhibit that was erased.

    Raises:
        ExhibitErasedError: it was.
    """
    stone = register.erased(exhibit)
    if stone is not None:
        raise ExhibitErasedError(
            exhibit=exhibit,
            entry=stone.entry.seq,
            time=stone.entry.time,
            reason=stone.reason,
        )


def refuse_erased(case: Case, exhibit: str) -> None:
    """Say so when an exhibit was erased, where its files are missing.

    Raises:
        ExhibitErasedError: it was.
    """
    check_not_erased(known_register(case), exhibit)
