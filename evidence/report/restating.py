"""Attachments that say again, for other programs, what log and sealed records say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from evidence.case import Case
from evidence.errors import UnsealableError
from evidence.interchange.caseuco import case_uco
from evidence.interchange.source import source_of
from evidence.report.attachments import Attachment
from evidence.report.model import Report
from evidence.transfer.transmission import MAX_BYTES, NAME, restated
from evidence.transfer.words import PACKED
from manifests import ledger
from manifests.entries import Entry, EntryType, read_entry
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.verifying.transfers import RETURN
from manifests.warrants import read_approvers, read_enrolment, read_founder

GRAPH = "case.jsonld"
MOST_GRAPH_BYTES = 4 << 20
_MOST_GRAPHED = 20_000  # entries: the shortest has more than 300 bytes there
_TOO_LONG = (
    f"The log as CASE/UCO ({GRAPH}): more than the {MOST_GRAPH_BYTES:,} bytes a report "
    "carries of it; see 'custody export case-uco'."
)
_KEYED = (b'"type":"case_open"', b'"type":"key_enrol"')  # as canonical lines say it
_WITHHELD = (
    "Transmission manifests: each stays with its package, as it names sender, "
    "recipient and orders; the entries of the log name the package."
)


def graph(case: Case, report: Report) -> Attachment | str:
    """Return the covered entries as CASE/UCO; of too many, why they are left out.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    if report.size > _MOST_GRAPHED:
        return _TOO_LONG
    every = source_of(case)
    head = every.head if every.head and every.head.size == report.size else None
    covered = replace(
        every, head=head, read=lambda: islice(case.entries(), report.size)
    )
    pieces: list[bytes] = []
    size = 0
    for piece in case_uco(covered):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_GRAPH_BYTES:
            return _TOO_LONG
    return Attachment(
        GRAPH,
        "application/ld+json",
        "Alternative",
        "The same entries in the CASE 1.4 and UCO ontology, without signatures.",
        b"".join(pieces),
    )


def keys_of(case: Case, size: int) -> dict[str, PublicKey]:
    """Return the public keys the first `size` entries bring in, by key id.

    An enrolment that does not hold brings none: `verify` says so.

    Raises:
        OSError: the log cannot be read.
    """
    found: dict[str, PublicKey] = {}
    origin = case.settings.origin
    for line in islice(ledger.read_lines(case.manifest / ledger.ENTRIES), size):
        if not any(words in line for words in _KEYED):
            continue
        try:
            entry = read_entry(line.removesuffix(b"\n"))
            if entry.type == EntryType.CASE_OPEN:
                warrants = [read_founder(entry), *read_approvers(entry, origin)]
            elif entry.type == EntryType.KEY_ENROL:
                warrants = [read_enrolment(entry, origin).warrant]
            else:
                continue
        except MalformedError:
            continue
        found |= {warrant.key.id: warrant.key for warrant in warrants}
    return found


def transmissions(
    case: Case, report: Report, *, named: bool
) -> Iterator[Attachment | str]:
    """Yield the transmission manifest of each package written, as it was.

    Args:
        named: names of staff and references of orders may stand in them.
    """
    if not report.handovers:
        return
    if not named:
        yield _WITHHELD
        return
    offers: dict[object, Entry] = {}
    for entry in islice(case.entries(), report.size):
        kind = entry.facts.get("kind")
        if entry.type == EntryType.TRANSFER_OUT and kind != RETURN:
            offers[entry.facts.get("number")] = entry
        elif kind == PACKED and entry.facts.get("transfer") in offers:
            yield _manifest(case, offers[entry.facts.get("transfer")], entry)


def _manifest(case: Case, offer: Entry, packed: Entry) -> Attachment | str:
    number = str(offer.facts.get("number"))
    name = f"{number}.{packed.seq}.{NAME}"
    try:
        data = restated(offer.facts, case.sealed(offer), case.sealed(packed))
    except (UnsealableError, MalformedError) as error:
        return (
            f"The transmission manifest of {number}: the sealed records it is made of "
            f"cannot be read ({type(error).__name__})."
        )
    if len(data) > MAX_BYTES:
        return f"The transmission manifest of {number}: it is too large."
    return Attachment(
        name,
        "application/json",
        "Data",
        f"Transmission manifest of {number} (Implementing Regulation (EU) 2025/1550).",
        data,
    )
