"""Correction notices: every earlier recipient is told what was wrong (LED Art. 7(3)).

Recipients follow from the record alone: each `disclose`, `transmit` and `transfer_out`
entry about the exhibit that stands before the correction. One whose recipient the
record does not name is still told of, as the recipient of that entry. What is written
out is a text; sending it is for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.case import Case, CaseWriter
from evidence.casework.numbers import known_exhibits
from evidence.casework_errors import CaseworkUnknownError
from evidence.corrections.rectifying import corrections
from evidence.errors import UnsealableError
from evidence.visible import visible
from manifests import durable
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

KIND = "correction"
SENT = (EntryType.DISCLOSE, EntryType.TRANSMIT, EntryType.TRANSFER_OUT)
_FAULT_WORDS = {
    "incorrect": "It was incorrect.",
    "incomplete": "It was incomplete.",
    "outdated": "It was out of date.",
    "unlawful": "It was sent to you unlawfully.",
}


@dataclass(frozen=True, slots=True)
class Owed:
    """A recipient who has to be told of a correction.

    Attributes:
        correction: the `rectify` entry.
        recipient: as the record calls them; "" when it does not say.
        sent: numbers of the entries by which they received the exhibit.
        told: number of the notice's entry; None when they were not told yet.
    """

    correction: Entry
    recipient: str
    sent: tuple[int, ...]
    told: int | None


def owed(case: Case, entries: Iterable[Entry], *, named: bool = True) -> list[Owed]:
    """Return who has to be told of what, and who was.

    Args:
        named: call them by their sealed names; what shows these is a consultation.
    """
    read = list(entries)
    told = _told(read)
    found: list[Owed] = []
    for correction in corrections(read):
        for recipient, sent in _recipients(case, read, correction, named=named).items():
            answers = [told.get((correction.seq, seq)) for seq in sent]
            known = [seq for seq in answers if seq is not None]
            notice = max(known) if len(known) == len(answers) else None
            found.append(Owed(correction, recipient.strip("\0"), sent, notice))
    return found


def _told(entries: list[Entry]) -> dict[tuple[int, int], int]:
    """Return (correction, sending entry) to the notice that covers it."""
    found: dict[tuple[int, int], int] = {}
    leaves = {entry.seq: entry.leaf.hex() for entry in corrections(entries)}
    for entry in entries:
        facts = entry.facts
        if entry.type != EntryType.CORRECTION_NOTICE or facts.get("kind") != KIND:
            continue
        of, sent = facts.get("of"), facts.get("sent")
        if isinstance(of, int) and leaves.get(of) == facts.get("entry"):
            for seq in sent if isinstance(sent, list) else []:
                if isinstance(seq, int):
                    found[of, seq] = entry.seq
    return found


def _recipients(
    case: Case, entries: list[Entry], correction: Entry, *, named: bool
) -> dict[str, tuple[int, ...]]:
    """Return each recipient before `correction` with the entries that sent to them.

    One that is not named has a key of its own, "" and NULs, so that none is merged.
    """
    found: dict[str, tuple[int, ...]] = {}
    about = set(correction.exhibits)
    for entry in entries[: correction.seq]:
        if entry.type in SENT and about & set(entry.exhibits):
            name = _recipient(case, entry) if named else _named(entry.facts)
            name = name or "\0" * (entry.seq + 1)
            found[name] = (*found.get(name, ()), entry.seq)
    return found


def _recipient(case: Case, entry: Entry) -> str:
    """Return who received: the sealed name, else what the public facts call them."""
    try:
        told = _named(case.sealed(entry))
    except UnsealableError:
        told = ""
    return told or _named(entry.facts)


def _named(record: Mapping[str, Json]) -> str:
    value = record.get("recipient")
    if isinstance(value, dict):
        value = value.get("name") or value.get("key")
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was written out and recorded."""

    recipient: str
    path: Path
    sha256: str
    entry: int


def write_notices(writer: CaseWriter, seq: int, folder: Path) -> list[Notice]:
    """Write a notice of correction `seq` for everyone not yet told, and record each.

    The file is durable before the entry is; a file without an entry is told nobody.

    Args:
        folder: new files are made in it, ``correction-notice-SEQ-N.txt``.

    Raises:
        CaseworkUnknownError: entry `seq` is no correction.
        StorageFailedError: a file cannot be written; what was recorded before stays.
    """
    entries = list(writer.case.entries())
    if seq not in {entry.seq for entry in corrections(entries)}:
        raise CaseworkUnknownError(number=f"correction in entry {seq}")
    made: list[Notice] = []
    exhibits = known_exhibits(entries)
    for one in owed(writer.case, entries):
        if one.correction.seq != seq or one.told is not None:
            continue
        text = _text(writer.case, one, entries, exhibits).encode("utf-8")
        path = folder / f"correction-notice-{seq}-{one.sent[0]}.txt"
        durable.write_new(path, text, system=writer.log.system)
        made.append(_record(writer, one, path, text))
    return made


def _record(writer: CaseWriter, one: Owed, path: Path, text: bytes) -> Notice:
    digest = sha256(text).hexdigest()
    facts: dict[str, Json] = {
        "bytes": len(text),
        "entry": one.correction.leaf.hex(),
        "kind": KIND,
        "of": one.correction.seq,
        "sent": list(one.sent),
        "sha256": digest,
    }
    entry = writer.record(
        EntryType.CORRECTION_NOTICE,
        facts=facts,
        private={"recipient": one.recipient, "text": text.decode("utf-8")},
        exhibits=one.correction.exhibits,
    )
    return Notice(one.recipient, path, digest, entry.seq)


def _text(
    case: Case, one: Owed, entries: list[Entry], exhibits: Mapping[str, Entry]
) -> str:
    """Return the notice: plain text, every value made visible."""
    correction = one.correction
    told = case.sealed(correction).get("text")
    fault = _FAULT_WORDS.get(str(correction.facts.get("fault")), "It was wrong.")
    sort = "an assessment" if correction.facts.get("typed") == "assessment" else "fact"
    lines = [
        "NOTICE OF CORRECTION",
        "(Directive (EU) 2016/680, Articles 7(3) and 16(6))",
        "",
        f"To: {visible(one.recipient) or 'the recipient of what is named below'}",
        f"Record: {visible(case.settings.origin)}",
        "",
        "You were given:",
        *[
            f"  {', '.join(e.exhibits)}, on {e.time} (entry {e.seq})"
            for e in (entries[seq] for seq in one.sent)
        ],
        *_digests(correction, exhibits),
        "",
        f"{fault} Entry {correction.facts.get('of')} of the record is corrected by "
        f"entry {correction.seq}, {correction.time}.",
        "",
        f"The correction ({sort}):",
        *[f"  {visible(line)}" for line in str(told).splitlines()],
        "",
        "Please rectify, erase or restrict what you hold, and tell those you passed it "
        "on to.",
        "The bytes of the exhibit have not changed; the record has been added to.",
    ]
    return "\n".join(lines) + "\n"


def _digests(correction: Entry, exhibits: Mapping[str, Entry]) -> list[str]:
    lines = []
    for exhibit in correction.exhibits:
        acquired = exhibits.get(exhibit)
        payload = acquired.facts.get("payload") if acquired else None
        if isinstance(payload, dict):
            lines.append(f"  {exhibit} has SHA-256 {visible(str(payload['sha256']))}")
    return lines
