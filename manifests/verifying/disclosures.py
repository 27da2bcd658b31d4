"""Judging a disclosure: a folder with a part of a case, without the case.

Pure, as the rest of the core. Every exhibit is judged by its proof file
(`verifying.proofs`), which takes the disclosure's own entry along: it must stand in the
same log, signed by a key in force. Then what the folder holds is compared with what
that entry says was given: no record more, none less, exactly these lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manifests.canonical import Json
from manifests.disclosure import (
    Disclosure,
    given_of,
    inventory_name,
    read_record,
    records_name,
)
from manifests.errors import CustodyError
from manifests.merkle import leaf_hash, verify_inclusion
from manifests.proof import ExhibitProof
from manifests.sealing import unseal
from manifests.verifying.enclosed import (
    UNOPENED,
    SeenEnclosed,
    judge_enclosed,
    lines_name,
)
from manifests.verifying.judge import Anchors, SeenFile
from manifests.verifying.peaks import Peaks
from manifests.verifying.proof_verdict import judge
from manifests.verifying.proofs import ProofReading, read
from manifests.verifying.verdict import (
    Axis,
    AxisVerdict,
    Code,
    Finding,
    Status,
    Verdict,
)

_MAX_TOLD = 20  # findings on single records of one exhibit


class RecordsReader:
    """Takes the disclosed lines of one exhibit, one at a time, in constant memory.

    Args:
        whole: the lines are those of an inventory; else chosen records with proofs.
    """

    def __init__(self, reading: ProofReading, *, whole: bool) -> None:
        self._exhibit = reading.exhibit
        self._whole = whole
        self._peaks = Peaks()
        self._last = -1
        self.count = 0
        self.wrong: list[str] = []

    def take(self, line: bytes) -> None:
        """Take one line (no newline); what is wrong with it is kept."""
        self.count += 1
        try:
            self._peaks.push(leaf_hash(line) if self._whole else self._chosen(line))
        except CustodyError as error:
            if len(self.wrong) < _MAX_TOLD:
                self.wrong.append(f"Line {self.count}: {error.what}")

    def _chosen(self, line: bytes) -> bytes:
        record = read_record(line)
        unseal(record.line)
        leaf, exhibit = leaf_hash(record.line), self._exhibit
        root = bytes.fromhex(exhibit.inventory_root)
        verify_inclusion(
            leaf, record.index, exhibit.inventory_records, record.path, root
        )
        if record.index <= self._last:
            self.wrong.append(f"Line {self.count}: it does not stand in order.")
        self._last = record.index
        return leaf

    def root(self) -> str:
        """RFC 6962 root over the lines' leaf hashes, hex."""
        return self._peaks.root().hex()


@dataclass(frozen=True, slots=True)
class SeenExhibit:
    """What was seen of one exhibit in the folder.

    Attributes:
        records: the reader that took its lines; None when no such file is there.
        whole: these lines are its whole inventory.
        payload: the payload's file; None when there is none.
        enclosed: its encrypted files, when the entry says that they go encrypted;
            `records` then took what was decrypted.
    """

    reading: ProofReading
    records: RecordsReader | None
    whole: bool
    payload: SeenFile | None
    enclosed: SeenEnclosed | None = None

    @property
    def unopened(self) -> bool:
        """Tell whether it is encrypted and nobody decrypted it."""
        return self.enclosed is not None and self.enclosed.unopened


def read_exhibit(disclosure: Disclosure, proof: ExhibitProof) -> ProofReading:
    """Judge an exhibit's proof together with the disclosure's own entry.

    Raises:
        MalformedError: the proof promises no exhibit.
    """
    return read(proof, also=(disclosure.act,))


def judge_disclosure(
    disclosure: Disclosure,
    seen: Mapping[str, SeenExhibit],
    *,
    missing: tuple[str, ...],
    unlisted: tuple[str, ...],
    anchors: Anchors,
) -> Verdict:
    """Return the verdict on a whole folder; `seen` holds one exhibit at least.

    Args:
        missing: names of files that should be there; unlisted: that should not.
    """
    findings = [
        Finding(Axis.COMPLETE, Code.PAYLOAD_MISSING, name, "It is not there.")
        for name in missing
    ]
    text = "The disclosure does not name it."
    findings += [Finding(Axis.COMPLETE, Code.UNLISTED, n, text) for n in unlisted]
    promised = given_of(disclosure.entry)
    for exhibit in sorted(set(promised) ^ set(disclosure.exhibits)):
        text = "The folder and the disclosure's entry do not name the same exhibits."
        found = Finding(Axis.COMPLETE, Code.UNLISTED, exhibit, text)
        findings.append(found)
    verdicts = []
    for exhibit, item in seen.items():
        verdicts.append(judge(item.reading, item.payload, anchors))
        findings += verdicts[-1].findings
        findings += _compare(exhibit, item, promised.get(exhibit, {}))
    unique = tuple(dict.fromkeys(findings))
    return _merged(verdicts, unique, seen)


def _compare(
    exhibit: str, seen: SeenExhibit, promised: Mapping[str, Json]
) -> list[Finding]:
    """Compare what is there with what the disclosure's entry says of one exhibit."""
    found: list[Finding] = []
    expected = seen.reading.exhibit
    if expected.id != exhibit:
        text = f"Its proof is that of {expected.id}."
        return [Finding(Axis.CONSISTENT, Code.ENTRY_SWAPPED, exhibit, text)]
    gives = promised.get("payload") is True
    if gives and seen.payload is None:
        text = "The payload was given, says the entry; it is not in the folder."
        found.append(Finding(Axis.COMPLETE, Code.PAYLOAD_MISSING, exhibit, text))
    if not gives and seen.payload is not None:
        text = "The entry does not say that its payload was given."
        found.append(Finding(Axis.COMPLETE, Code.UNLISTED, exhibit, text))
    name = inventory_name(exhibit) if seen.whole else records_name(exhibit)
    reader = seen.records
    if seen.enclosed is not None:
        name = lines_name(exhibit, seen.enclosed.told)
        found += judge_enclosed(expected, seen.enclosed, promised)
        if reader is None:
            return found
    if reader is None:
        text = "The records that were given are not in the folder."
        return [*found, Finding(Axis.COMPLETE, Code.INVENTORY_MISSING, name, text)]
    return found + _compare_records(name, reader, seen, promised)


def _compare_records(
    name: str, reader: RecordsReader, seen: SeenExhibit, promised: Mapping[str, Json]
) -> list[Finding]:
    expected = seen.reading.exhibit
    found = [
        Finding(Axis.INTACT, Code.RECORD_WRONG, name, text) for text in reader.wrong
    ]
    if (promised.get("records"), promised.get("root")) != (reader.count, reader.root()):
        text = "They are not the records which the disclosure's entry says were given."
        found.append(Finding(Axis.INTACT, Code.INVENTORY_MODIFIED, name, text))
    whole = (expected.inventory_records, expected.inventory_root)
    if seen.whole and whole != (reader.count, reader.root()):
        text = "It is not the inventory of the exhibit."
        found.append(Finding(Axis.INTACT, Code.INVENTORY_MODIFIED, name, text))
    return found


_ORDER = (Status.FAIL, Status.NOT_CHECKED, Status.PASS)


def _merged(
    verdicts: list[Verdict],
    findings: tuple[Finding, ...],
    seen: Mapping[str, SeenExhibit],
) -> Verdict:
    axes: dict[Axis, AxisVerdict] = {}
    for axis in Axis:
        failures = sum(1 for f in findings if f.axis is axis and f.fails)
        if failures:
            some = "1 finding" if failures == 1 else f"{failures} findings"
            axes[axis] = AxisVerdict(Status.FAIL, f"{some}; see below.")
        elif axis in (Axis.COMPLETE, Axis.INTACT):
            axes[axis] = AxisVerdict(Status.PASS, _content(axis, seen))
        elif axis in (Axis.CONSISTENT, Axis.SIGNED):
            axes[axis] = AxisVerdict(Status.PASS, _log(axis, verdicts))
        else:
            results = [verdict.axes[axis] for verdict in verdicts]
            axes[axis] = min(results, key=lambda result: _ORDER.index(result.status))
    words = dict.fromkeys(word for verdict in verdicts for word in verdict.counts)
    counts = {word: sum(v.counts.get(word, 0) for v in verdicts) for word in words}
    first = verdicts[0]
    said = [line for verdict in verdicts for line in verdict.not_established]
    own: tuple[str, ...] = (
        "What the records that were withheld say: only their number is known.",
        "That whoever gave the consent or order was asked, or understood.",
    )
    if any(item.unopened for item in seen.values()):
        own = (*own, UNOPENED)
    return Verdict(
        origin=first.origin,
        size=first.size,
        root=first.root,
        axes=axes,
        findings=findings,
        counts=counts,
        not_established=tuple(dict.fromkeys((*_fitting(said), *own))),
    )


def _fitting(lines: list[str]) -> list[str]:
    """Leave out what speaks of one proof alone."""
    return [line for line in lines if not line.startswith("That any file is")]


def _content(axis: Axis, seen: Mapping[str, SeenExhibit]) -> str:
    given = sum(s.records.count for s in seen.values() if s.records)
    opened = [s for s in seen.values() if not s.unopened]
    total = sum(s.reading.exhibit.inventory_records for s in opened)
    payloads = sum(s.payload is not None for s in seen.values())
    closed = len(seen) - len(opened)
    if axis is Axis.COMPLETE:
        text = (
            f"All that was disclosed is there: {given} of {total} records, payloads "
            f"of {payloads} of {len(seen)} exhibit(s); {total - given} records are "
            "withheld."
        )
        more = f" The records of {closed} exhibit(s) are encrypted and not counted."
    else:
        text = f"{given} records belong to the exhibits; {payloads} payload(s) match."
        more = f" The encrypted files of {closed} exhibit(s) match as they are."
    return text + (more if closed else "")


def _log(axis: Axis, verdicts: list[Verdict]) -> str:
    size = verdicts[0].size
    if axis is Axis.CONSISTENT:
        return (
            f"The entries of {len(verdicts)} exhibit(s) and of the disclosure are in "
            f"the log of {size} entries that the checkpoint covers."
        )
    return "The signatures on these entries hold; a key in force signed the checkpoint."
