"""Reading a manifest to verify it: chain, order, signatures, what it names.

`LogReader` takes the raw lines one by one and never stops at a finding, so that one
run tells everything. Memory: a few hundred bytes an entry, whatever its length.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import Final

from manifests.entries import (
    FORMAT_VERSION,
    MAX_LINE_BYTES,
    NO_PREVIOUS,
    Entry,
    EntryType,
    PrivateFile,
    read_private_file,
)
from manifests.errors import MalformedError, NewerFormatError
from manifests.verifying.checkpoints import CheckpointReader
from manifests.verifying.erased import ErasureReader
from manifests.verifying.examining import Examined, check_signatures, examine
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit
from manifests.verifying.keyring import Keyring
from manifests.verifying.peaks import Peaks
from manifests.verifying.reading import LogReading
from manifests.verifying.rehashed import Rehash, read_rehash
from manifests.verifying.verdict import Axis, Code, Finding

_MAX_OF_A_KIND = 1000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_TYPES = frozenset(t.value for t in EntryType)
_CASE_OPEN: Final = EntryType.CASE_OPEN  # looking up a member of an enum is slow


class LogReader:
    """Feed `notes` with every note, then `line` with every line, then `finish`.

    Lines that were examined elsewhere go to `take` instead of `line`.

    Args:
        origin: log origin the case settings claim; the entries must agree.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.keyring = Keyring(origin)
        self.notes = CheckpointReader(origin, self.keyring, self._add)
        self._findings: list[Finding] = []
        self._tally: Counter[tuple[Code, bool]] = Counter()
        self._peaks = Peaks()
        self._size = 0
        self._previous = NO_PREVIOUS
        self._last_seq = -1
        self._last_time = ""
        self._first_time = ""
        self._seen: dict[int, bytes] = {}
        self._unordered = False
        self._exhibits: dict[str, ExpectedExhibit] = {}
        self._private: dict[int, bytes] = {}
        self._private_files: dict[int, PrivateFile] = {}
        self._encrypted = False
        self._quarantined: dict[str, str] = {}
        self._reports: dict[str, str] = {}
        self._renewals: list[Entry] = []
        self._rehashes: dict[int, Rehash] = {}
        self._erasures = ErasureReader()
        self._piece = b""
        self._signed = 0

    def checkpoint(self, name: str, data: bytes, *, outside: bool = False) -> None:
        """Take a checkpoint note (see `CheckpointReader.take`)."""
        self.notes.take(name, data, outside=outside)

    def _find(self, axis: Axis, code: Code, subject: str, text: str) -> None:
        self._add(Finding(axis, code, subject, text))

    def _remark(self, axis: Axis, code: Code, subject: str, text: str) -> None:
        self._add(Finding(axis, code, subject, text, fails=False))

    def _add(self, finding: Finding) -> None:
        """Keep a finding; of each kind at most so many that memory stays bounded."""
        kind = (finding.code, finding.fails)
        self._tally[kind] += 1
        if self._tally[kind] <= _MAX_OF_A_KIND:
            self._findings.append(finding)

    # -- entries ---------------------------------------------------------------

    def line(self, raw: bytes) -> None:
        """Take the next line, newline included.

        Raises:
            NewerFormatError: the entry is of a newer format version.
        """
        if raw.endswith(b"\n"):
            self.take(examine(raw[:-1], self.keyring.keys))
        else:
            self._end_piece(last=False)
            self._piece = raw

    def take(self, line: Examined) -> None:
        """Take the next whole line, examined.

        Raises:
            NewerFormatError: the entry is of a newer format version.
        """
        self._end_piece(last=False)
        position = self._last_seq + 1
        if line.error:
            self._find(
                Axis.CONSISTENT, Code.ENTRY_MALFORMED, f"entry {position}", line.error
            )
            self._seen.setdefault(position, line.leaf)
            self._last_seq = position
        else:
            self._judge_form(line)
            placed = self._judge_place(line)
            self._judge_signature(line, placed=placed)
            self._judge_time(line)
            self._collect(line)
        self._push(line.leaf)

    def _push(self, leaf: bytes) -> None:
        """Put a line into the tree and compare the checkpoints over what is there."""
        self._previous = leaf.hex()
        self._peaks.push(leaf)
        self._size += 1
        self.notes.compare(self._size, self._peaks.root, self._last_time)

    def _end_piece(self, *, last: bool) -> None:
        """Judge a piece without a newline, now that it is known what follows it."""
        piece, self._piece = self._piece, b""
        if not piece:
            return
        position = self._last_seq + 1
        subject = f"entry {position}"
        if last and len(piece) <= MAX_LINE_BYTES:
            text = "The last line is incomplete: an act was interrupted, or it was cut."
            self._remark(Axis.CONSISTENT, Code.ENTRY_TORN, subject, text)
            return
        text = "A line is longer than an entry can be."
        self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, text)
        if last:
            return
        leaf = sha256(b"\x00" + piece).digest()
        self._seen.setdefault(position, leaf)
        self._last_seq = position
        self._push(leaf)

    def _judge_form(self, line: Examined) -> None:
        """Check the members `read_entry` leaves open: version and time."""
        version = line.version
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise NewerFormatError(
                what="the manifest", found=version, known=FORMAT_VERSION
            )
        plain = type(version) is int and version == FORMAT_VERSION
        if not plain or not _TIME.fullmatch(line.time):
            text = "Its version or time does not have the prescribed form."
            subject = f"entry {line.seq}"
            self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, text)

    def _judge_place(self, line: Examined) -> bool:
        """Judge the entry's place; False when it has none in this log."""
        seq, leaf = line.seq, line.leaf
        expected = self._last_seq + 1
        known = self._seen.setdefault(seq, leaf)
        if (
            seq == expected
            and known is leaf
            and line.previous == self._previous
            and line.log == self.origin
            and line.type in _TYPES
        ):
            self._last_seq = seq
            return True
        return self._find_place(line, expected, None if known is leaf else known)

    def _find_place(self, line: Examined, expected: int, known: bytes | None) -> bool:
        """Say what is wrong with the place of an entry; False when it has none.

        Args:
            known: leaf hash of an earlier entry of the same number.
        """
        subject = f"entry {line.seq}"
        if line.log != self.origin:
            text = "The entry belongs to another manifest."
            self._find(Axis.CONSISTENT, Code.ENTRY_FOREIGN, subject, text)
        if line.type not in _TYPES:
            text = "The entry's type is not one of format version 1."
            self._find(Axis.CONSISTENT, Code.ENTRY_UNKNOWN, subject, text)
        if known == line.leaf:
            text = "The entry stands twice in the manifest."
            self._find(Axis.CONSISTENT, Code.ENTRY_DOUBLED, subject, text)
        elif known is not None:
            text = "Two different entries have this number."
            self._find(Axis.CONSISTENT, Code.ENTRY_FORKED, subject, text)
        elif line.seq < expected:
            text = "The entry stands after later ones."
            self._find(Axis.CONSISTENT, Code.ENTRY_SWAPPED, subject, text)
            self._unordered = True
        elif line.seq == expected and line.previous != self._previous:
            text = "The entry does not name the entry before it."
            self._find(Axis.CONSISTENT, Code.CHAIN_BROKEN, subject, text)
        self._last_seq = max(self._last_seq, line.seq)
        return line.log == self.origin and line.seq >= expected

    def _judge_signature(self, line: Examined, *, placed: bool) -> None:
        if line.type == _CASE_OPEN and self.keyring.founder is None:
            self._take_founder(line)
        problem = self.keyring.judge(line)
        if problem is None and line.signatures == ((line.actor, True),):
            self._take_signed(line, placed=placed)  # nearly always
            return
        subject = f"entry {line.seq}"
        if problem is not None:
            self._find(Axis.SIGNED, *problem)
            if problem[0] is Code.SIGNER_UNKNOWN:
                return
        before = self._tally.total()
        signatures = line.signatures
        if line.entry is not None and any(good is None for _, good in signatures):
            # The key may have come into the log after the line was examined: by its
            # own entry, or because lines are examined ahead.
            signatures = check_signatures(line.entry, self.keyring.keys)
        for name, good in signatures:
            if name != line.actor:
                text = "It carries a signature by a key that is not the actor's."
                self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, subject, text)
            elif not good:
                text = "The signature does not match the entry: it was altered."
                self._find(Axis.SIGNED, Code.SIGNATURE_WRONG, subject, text)
        if all(name != line.actor for name, _ in signatures):
            text = "The actor's own signature is missing."
            self._find(Axis.SIGNED, Code.SIGNATURE_WRONG, subject, text)
        if problem is None and self._tally.total() == before:
            self._take_signed(line, placed=placed)

    def _take_signed(self, line: Examined, *, placed: bool) -> None:
        self._signed += 1
        # A line out of its place, or of another log, changes nobody's standing.
        if not placed:
            return
        for found in self.keyring.take(line):
            self._find(Axis.SIGNED, *found)
        for found in self._erasures.take(line):
            self._find(Axis.CONSISTENT, *found)

    def _take_founder(self, line: Examined) -> None:
        if line.entry is None or line.seq != 0:
            return
        try:
            self.keyring.open(line)
        except MalformedError as error:
            self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, "entry 0", error.what)

    def _judge_time(self, line: Examined) -> None:
        if line.time < self._last_time:
            text = "Its time is before that of the entry before it: a clock was set."
            self._remark(
                Axis.CONSISTENT, Code.TIME_BACKWARDS, f"entry {line.seq}", text
            )
        self._last_time = line.time
        self._first_time = self._first_time or line.time

    def _collect(self, line: Examined) -> None:
        """Keep what the entry promises about files."""
        if line.private is not None:
            if line.private_file is not None and line.seq not in self._private:
                self._collect_private_file(line)
            if line.seq not in self._private:
                self._erasures.about(line)
            self._private.setdefault(line.seq, line.private)
        entry = line.entry
        if entry is None:
            return
        if entry.type == EntryType.ACQUIRE:
            self._collect_exhibit(entry)
        elif entry.type == _CASE_OPEN and entry.seq == 0:
            self._encrypted |= isinstance(entry.facts.get("encryption"), dict)
        elif entry.type == EntryType.RECOVERY:
            items = entry.facts.get("quarantined")
            for item in items if isinstance(items, list) else []:
                if isinstance(item, dict):
                    told = (item.get(k) for k in ("digest", "files", "bytes"))
                    self._quarantined[str(item.get("name"))] = " ".join(map(str, told))
        elif entry.type == EntryType.REPORT_ISSUE:
            name, digest = entry.facts.get("file"), entry.facts.get("sha256")
            if isinstance(name, str) and isinstance(digest, str):
                self._reports[name] = digest
        elif entry.type == EntryType.RENEW:
            self._collect_renewal(entry)

    def _collect_renewal(self, entry: Entry) -> None:
        try:
            rehash = read_rehash(entry)
        except MalformedError as error:
            subject = f"entry {entry.seq}"
            self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, error.what)
            return
        if rehash is not None:
            self._rehashes.setdefault(entry.seq, rehash)
        elif len(self._renewals) < _MAX_OF_A_KIND:
            self._renewals.append(entry)

    def _collect_private_file(self, line: Examined) -> None:
        try:
            found = read_private_file(line.private_file)
        except MalformedError as error:
            subject = f"entry {line.seq}"
            self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, error.what)
            return
        if found is not None:
            self._private_files[line.seq] = found

    def _collect_exhibit(self, entry: Entry) -> None:
        try:
            exhibit = expected_exhibit(entry)
        except MalformedError as error:
            subject = f"entry {entry.seq}"
            self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, error.what)
            return
        if exhibit.id in self._exhibits:
            if self._exhibits[exhibit.id].entry != exhibit.entry:
                text = "Two entries claim to have acquired this exhibit."
                self._find(Axis.CONSISTENT, Code.ENTRY_FORKED, exhibit.id, text)
            return
        number = len(self._exhibits) + 1
        if exhibit.id != f"EX-{number:04d}" and not self._unordered:
            text = f"Exhibits are numbered without gaps; EX-{number:04d} comes next."
            self._find(Axis.COMPLETE, Code.EXHIBIT_GAP, exhibit.id, text)
        self._exhibits[exhibit.id] = exhibit

    # -- end -------------------------------------------------------------------

    def finish(self) -> LogReading:
        """Judge the log as a whole and return what was read."""
        self._end_piece(last=True)
        self._judge_whole()
        for (code, fails), count in self._tally.items():
            if count > _MAX_OF_A_KIND:
                text = f"{count - _MAX_OF_A_KIND} further findings are not listed."
                axis = next(f.axis for f in self._findings if f.code is code)
                self._findings.append(Finding(axis, code, "others", text, fails=fails))
        return LogReading(
            origin=self.origin,
            size=self._size,
            root=self._peaks.root().hex(),
            findings=tuple(self._findings),
            exhibits=self._exhibits,
            private=self._private,
            private_files=self._private_files,
            encrypted=self._encrypted,
            quarantined=self._quarantined,
            reports=self._reports,
            signers=self.keyring.keys,
            founder=self.keyring.founder,
            warrants=tuple(h.warrant for h in self.keyring.holdings.values()),
            holdings=tuple(self.keyring.holdings.values()),
            named_keys=frozenset(self.keyring.named),
            waiting=tuple(sorted(self.keyring.waiting)),
            refused=tuple(sorted(self.keyring.refused)),
            checkpoints=self.notes.held,
            newest_checkpoint=self.notes.newest,
            outside_checkpoint=self.notes.confirmed,
            heads=tuple(self.notes.heads),
            post_quantum=dict(self.notes.post_quantum),
            renewals=tuple(self._renewals),
            rehashes=self._rehashes,
            erased=self._erasures.finish(self.keyring, self._exhibits),
            signed=self._signed,
            first_time=self._first_time,
            last_time=self._last_time,
        )

    def _judge_whole(self) -> None:
        self._judge_missing()
        self.notes.finish(self._size)
        for found in self.keyring.without_force():
            self._remark(Axis.SIGNED, *found)
        if self.keyring.founder is None:
            text = "The first entry does not open a case and name its founder's key."
            self._find(Axis.CONSISTENT, Code.NO_CASE_OPEN, "entry 0", text)

    def _judge_missing(self) -> None:
        """Name the gaps in the numbering (never enumerate an absurd one)."""
        before = -1
        for number in sorted(self._seen):
            if number > before + 1:
                last = "" if number == before + 2 else f" to {number - 1}"
                text = "It is not in the manifest although later entries are."
                subject = f"entry {before + 1}{last}"
                self._find(Axis.CONSISTENT, Code.ENTRY_MISSING, subject, text)
            before = number
