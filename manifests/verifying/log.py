"""Reading a manifest to verify it: chain, order, signatures, tree, checkpoints.

`LogReader` takes the raw lines one by one and never stops at a finding, so that one
run tells everything. Memory: a few hundred bytes an entry, whatever its length.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

from manifests.checkpoint import Checkpoint, is_signed_by, read_checkpoint
from manifests.entries import (
    FORMAT_VERSION,
    MAX_LINE_BYTES,
    NO_PREVIOUS,
    Entry,
    EntryType,
    body_bytes,
    pre_authentication_encoding,
    read_entry,
)
from manifests.errors import MalformedError, NewerFormatError
from manifests.keys import KeyId, PublicKey
from manifests.note import SignedNote, read_note
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit
from manifests.verifying.peaks import Peaks
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Axis, Code, Finding

_MAX_OF_A_KIND = 1000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_TYPES = frozenset(t.value for t in EntryType)


@dataclass(slots=True)
class LogReader:
    """Feed `checkpoint` with every note, then `line` with every line, then `finish`.

    Args:
        origin: log origin the case settings claim; the entries must agree.
    """

    origin: str
    _findings: list[Finding] = field(default_factory=list)
    _peaks: Peaks = field(default_factory=Peaks)
    _size: int = 0
    _previous: str = NO_PREVIOUS
    _last_seq: int = -1
    _last_time: str = ""
    _first_time: str = ""
    _seen: dict[int, bytes] = field(default_factory=dict)
    _unordered: bool = False
    _keys: dict[KeyId, PublicKey] = field(default_factory=dict)
    _founder: KeyId | None = None
    _exhibits: dict[str, ExpectedExhibit] = field(default_factory=dict)
    _private: dict[int, bytes] = field(default_factory=dict)
    _quarantined: dict[str, str] = field(default_factory=dict)
    _reports: dict[str, str] = field(default_factory=dict)
    _notes: dict[int, list[tuple[str, Checkpoint, SignedNote, bool]]] = field(
        default_factory=dict
    )
    _note_count: int = 0
    _newest: int = 0
    _outside: int = 0
    _piece: bytes = b""
    _signed: int = 0
    _tally: Counter[tuple[Code, bool]] = field(default_factory=Counter)

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

    # -- checkpoints -----------------------------------------------------------

    def checkpoint(self, name: str, data: bytes, *, outside: bool = False) -> None:
        """Take a checkpoint note; it is compared when the log reaches its size.

        Args:
            name: its file name.
            data: the note's bytes.
            outside: True when it was kept outside the case (a paper, a witness).
        """
        try:
            signed = read_note(data)
            head = read_checkpoint(signed.text)
        except MalformedError as error:
            self._find(Axis.CONSISTENT, Code.CHECKPOINT_MALFORMED, name, error.what)
            return
        if head.size == 0:
            text = "A checkpoint over no entries confirms nothing."
            self._find(Axis.CONSISTENT, Code.CHECKPOINT_MALFORMED, name, text)
            return
        if head.origin != self.origin:
            text = "The checkpoint belongs to another manifest."
            self._find(Axis.CONSISTENT, Code.CHECKPOINT_FOREIGN, name, text)
            return
        if not outside and name != f"{head.size:010d}.note":
            text = f"The checkpoint is over {head.size} entries, not what it is named."
            self._find(Axis.CONSISTENT, Code.CHECKPOINT_MISNAMED, name, text)
        if not outside:
            self._newest = max(self._newest, head.size)
        self._notes.setdefault(head.size, []).append((name, head, signed, outside))

    def _compare_checkpoints(self) -> None:
        """Compare the tree so far with every checkpoint of this size."""
        notes = self._notes.pop(self._size, None)
        if not notes:
            return
        root = self._peaks.root()
        for name, head, signed, outside in notes:
            good = True
            if head.root != root:
                good = False
                code = Code.ROLLBACK if outside else Code.CHECKPOINT_ROOT
                text = f"The first {self._size} entries are not those it was made over."
                self._find(Axis.CONSISTENT, code, name, text)
            if not any(
                is_signed_by(signed, self.origin, key) for key in self._keys.values()
            ):
                good = False
                text = "No key of the case signed this checkpoint as it stands."
                self._find(Axis.SIGNED, Code.CHECKPOINT_SIGNATURE, name, text)
            if good and outside:
                self._outside = max(self._outside, head.size)
            self._note_count += good and not outside

    # -- entries ---------------------------------------------------------------

    def line(self, raw: bytes) -> None:
        """Take the next line, newline included.

        Raises:
            NewerFormatError: the entry is of a newer format version.
        """
        self._end_piece(last=False)
        if not raw.endswith(b"\n"):
            self._piece = raw
            return
        position = self._last_seq + 1
        line = raw[:-1]
        leaf = sha256(b"\x00" + line).digest()
        try:
            entry = read_entry(line)
        except MalformedError as error:
            self._find(
                Axis.CONSISTENT, Code.ENTRY_MALFORMED, f"entry {position}", error.what
            )
            self._seen.setdefault(position, leaf)
            self._last_seq = position
        else:
            self._judge_form(entry)
            self._judge_place(entry, leaf)
            self._judge_signature(entry)
            self._judge_time(entry)
            self._collect(entry)
        self._previous = leaf.hex()
        self._peaks.push(leaf)
        self._size += 1
        self._compare_checkpoints()

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
        self._previous = leaf.hex()
        self._peaks.push(leaf)
        self._size += 1

    def _judge_form(self, entry: Entry) -> None:
        """Check the members `read_entry` leaves open: version and time."""
        version = entry.body.get("v")
        plain = isinstance(version, int) and not isinstance(version, bool)
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise NewerFormatError(
                what="the manifest", found=version, known=FORMAT_VERSION
            )
        if not plain or version != FORMAT_VERSION or not _TIME.fullmatch(entry.time):
            text = "Its version or time does not have the prescribed form."
            subject = f"entry {entry.seq}"
            self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, text)

    def _judge_place(self, entry: Entry, leaf: bytes) -> None:
        subject = f"entry {entry.seq}"
        expected = self._last_seq + 1
        if entry.body.get("log") != self.origin:
            text = "The entry belongs to another manifest."
            self._find(Axis.CONSISTENT, Code.ENTRY_FOREIGN, subject, text)
        if entry.type not in _TYPES:
            text = "The entry's type is not one of format version 1."
            self._find(Axis.CONSISTENT, Code.ENTRY_UNKNOWN, subject, text)
        known = self._seen.get(entry.seq)
        if known == leaf:
            text = "The entry stands twice in the manifest."
            self._find(Axis.CONSISTENT, Code.ENTRY_DOUBLED, subject, text)
        elif known is not None:
            text = "Two different entries have this number."
            self._find(Axis.CONSISTENT, Code.ENTRY_FORKED, subject, text)
        elif entry.seq < expected:
            text = "The entry stands after later ones."
            self._find(Axis.CONSISTENT, Code.ENTRY_SWAPPED, subject, text)
            self._unordered = True
        elif entry.seq == expected and entry.body.get("prev") != self._previous:
            text = "The entry does not name the entry before it."
            self._find(Axis.CONSISTENT, Code.CHAIN_BROKEN, subject, text)
        self._seen.setdefault(entry.seq, leaf)
        self._last_seq = max(self._last_seq, entry.seq)

    def _judge_signature(self, entry: Entry) -> None:
        subject = f"entry {entry.seq}"
        if entry.type == EntryType.CASE_OPEN and self._founder is None:
            self._take_founder(entry)
        key = self._keys.get(KeyId(entry.actor))
        if key is None:
            text = "The actor's key was not allowed to sign in this case."
            self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, subject, text)
            return
        message = pre_authentication_encoding(body_bytes(entry.line))
        before = self._tally.total()
        for name, signature in entry.signatures:
            if name != key.id:
                text = "It carries a signature by a key that is not the actor's."
                self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, subject, text)
            elif not key.is_signed(message, signature):
                text = "The signature does not match the entry: it was altered."
                self._find(Axis.SIGNED, Code.SIGNATURE_WRONG, subject, text)
        if all(name != key.id for name, _ in entry.signatures):
            text = "The actor's own signature is missing."
            self._find(Axis.SIGNED, Code.SIGNATURE_WRONG, subject, text)
        self._signed += self._tally.total() == before

    def _take_founder(self, entry: Entry) -> None:
        founder = entry.facts.get("founder")
        public = founder.get("public") if isinstance(founder, dict) else None
        if not isinstance(public, str) or entry.seq != 0:
            return
        try:
            key = PublicKey.from_text(public)
        except MalformedError as error:
            self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, "entry 0", error.what)
            return
        self._founder = key.id
        self._keys[key.id] = key

    def _judge_time(self, entry: Entry) -> None:
        if entry.time < self._last_time:
            text = "Its time is before that of the entry before it: a clock was set."
            self._remark(
                Axis.CONSISTENT, Code.TIME_BACKWARDS, f"entry {entry.seq}", text
            )
        self._last_time = entry.time
        self._first_time = self._first_time or entry.time

    def _collect(self, entry: Entry) -> None:
        """Keep what the entry promises about files."""
        if entry.private is not None:
            self._private.setdefault(entry.seq, entry.private)
        if entry.type == EntryType.ACQUIRE:
            self._collect_exhibit(entry)
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
            quarantined=self._quarantined,
            reports=self._reports,
            signers=self._keys,
            founder=self._founder,
            checkpoints=self._note_count,
            newest_checkpoint=self._newest,
            outside_checkpoint=self._outside,
            signed=self._signed,
            first_time=self._first_time,
            last_time=self._last_time,
        )

    def _judge_whole(self) -> None:
        self._judge_missing()
        self._judge_remaining_checkpoints()
        if self._founder is None:
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

    def _judge_remaining_checkpoints(self) -> None:
        """Checkpoints larger than the log prove that its end was cut off."""
        self._notes.pop(0, None)
        for size in sorted(self._notes):
            for name, _, _, outside in self._notes[size]:
                code = Code.ROLLBACK if outside else Code.CHECKPOINT_BEYOND
                text = (
                    f"It was made over {size} entries, but the manifest holds only "
                    f"{self._size}: entries are missing or the end was cut off."
                )
                self._find(Axis.CONSISTENT, code, name, text)
        if self._newest == 0 and self._size:
            text = "There is no checkpoint, so cut-off entries could not be noticed."
            self._find(Axis.CONSISTENT, Code.CHECKPOINT_NONE, "checkpoints", text)
        elif self._newest < self._size:
            text = "The last entries have no checkpoint yet: a command was interrupted."
            subject = f"entries from {self._newest}"
            self._remark(Axis.CONSISTENT, Code.CHECKPOINT_LAGS, subject, text)
