"""Consultations: looking at sealed content leaves an entry (LED Art. 25(1), (2)).

One small function, meant for every command that shows sealed content. It records before
anything is shown, so that a look that was interrupted is on record, too.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence.case import CaseWriter
from evidence.people_errors import JustificationMissingError
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

MAX_JUSTIFICATION = 10_000


def consult(
    writer: CaseWriter,
    exhibits: tuple[str, ...],
    justification: str,
    *,
    facts: Mapping[str, Json] | None = None,
    private: Mapping[str, Json] | None = None,
    authority: str | None = None,
) -> Entry:
    """Record that somebody looks at sealed content; call it before showing any.

    Args:
        exhibits: exhibits looked at; empty for the register of persons and the like.
        justification: why, in the person's words; sealed.
        facts: public: what kind of content (``kind``), counts, pseudonyms.
        private: more for the sealed record (search words, record numbers).

    Raises:
        JustificationMissingError: none was given; nothing was recorded.
        StorageFailedError: not recorded, so nothing may be shown.
    """
    text = justification.strip()
    if not text or len(text) > MAX_JUSTIFICATION:
        raise JustificationMissingError
    return writer.record(
        EntryType.CONSULT,
        facts=dict(facts or {}),
        private={**(private or {}), "justification": text},
        exhibits=exhibits,
        authority=authority,
    )
