"""Judging a proof file: one exhibit, from its entry and a checkpoint alone.

Pure, like the rest of the verifying core; `manifests.verifying.proof_verdict` adds what
was seen of a payload and the verifier's anchors. Who may sign follows from the entries
the proof brings along, through the same `Keyring` that judges a case; every one of
them must be in the tree. The inclusion check is `merkle.verify_inclusion` (RFC 9162
section 2.1.3.2), which shares only the hash of a node with the code that makes proofs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from manifests.canonical import Json
from manifests.checkpoint import Checkpoint, PostQuantum
from manifests.entries import EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId, PublicKey
from manifests.merkle import ProofError, leaf_hash, verify_inclusion
from manifests.proof import ExhibitProof, Placed
from manifests.sealing import unseal
from manifests.verifying.checkpoints import CheckpointReader
from manifests.verifying.erased import ErasureReader, judge_erased
from manifests.verifying.examining import Examined, check_signatures, examine
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit
from manifests.verifying.heads import COSIGNATURES, Head
from manifests.verifying.judge import SeenFile
from manifests.verifying.keyring import Keyring
from manifests.verifying.verdict import Axis, Code, Finding
from manifests.warrants import TIME

_LINES_A_FILE = 16  # of cosignatures, so that ML-DSA lines stay below a file's limit


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A record of the exhibit's inventory that the proof holds.

    Attributes:
        index: leaf index in the inventory, from 0; holds: it is in the inventory.
        fields: the record, salt included.
    """

    index: int
    holds: bool
    fields: Mapping[str, Json]

    def is_of(self, file: SeenFile) -> bool:
        """Tell whether `file` holds the bytes this record gives a digest of."""
        place = self.fields.get("payload")
        lengths = {self.fields.get("bytes")}
        if isinstance(place, dict):
            lengths.add(place.get("length"))
        plain = {length for length in lengths if type(length) is int}
        same = self.fields.get("sha256") == file.sha256
        return self.holds and same and file.bytes in plain


@dataclass(frozen=True, slots=True)
class ProofReading:
    """What a proof says and what is wrong with it.

    Attributes:
        head: the checkpoint, with cosignatures and tokens as its companions, as
            `LogReading.heads` holds them; its `last_time` is that of the newest entry
            in the proof, so the newest entry it covers may be later.
        leaf: leaf hash of the exhibit's entry: it binds all entries before, too.
        entries: number of entries in the proof; signed: whose signatures hold.
        signers: every key the proof shows to have been allowed, by id.
    """

    exhibit: ExpectedExhibit
    leaf: bytes
    time: str
    actor: str
    head: Head
    findings: tuple[Finding, ...]
    records: tuple[Disclosed, ...]
    signers: Mapping[KeyId, PublicKey]
    entries: int
    signed: int
    post_quantum: Mapping[PostQuantum, int]


@dataclass(frozen=True, slots=True)
class EntryReading:
    """What is wrong with one entry and its place in its log, whatever its type.

    Attributes: as those of `ProofReading`.
    """

    time: str
    actor: str
    head: Head
    findings: tuple[Finding, ...]
    signers: Mapping[KeyId, PublicKey]


def read_placed(proof: ExhibitProof) -> EntryReading:
    """Check what a proof without records claims of its entry, of whatever type.

    Raises:
        MalformedError: the checkpoint covers nothing.
    """
    return _Reader(proof, _head(proof)).read_placed()


def read(proof: ExhibitProof, *, also: tuple[Placed, ...] = ()) -> ProofReading:
    """Check everything a proof claims except what concerns files and trust.

    Args:
        also: further entries to judge as those about keys: in the tree, in the order
            of their numbers, signed by a key in force.

    Raises:
        MalformedError: the entry promises no exhibit, or the checkpoint covers nothing.
    """
    return _Reader(proof, _head(proof), also).read()


def _head(proof: ExhibitProof) -> Checkpoint:
    head = proof.checkpoint
    if not 0 < head.size < 10**10:  # file names of checkpoints hold ten digits
        reason = "its checkpoint covers no entries, or too many"
        raise MalformedError(what="a proof", reason=reason)
    return head


@dataclass(slots=True)
class _Reader:
    """One reading; findings collect in `findings`."""

    proof: ExhibitProof
    head: Checkpoint
    also: tuple[Placed, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    signed: int = 0
    last_time: str = ""
    keyring: Keyring = field(init=False)
    erasures: ErasureReader = field(default_factory=ErasureReader)

    def __post_init__(self) -> None:
        self.keyring = Keyring(self.head.origin, whole=False)

    def _find(self, axis: Axis, code: Code, subject: str, text: str) -> None:
        self.findings.append(Finding(axis, code, subject, text))

    def read(self) -> ProofReading:
        proof = self.proof
        entry = proof.entry
        exhibit = expected_exhibit(entry)
        notes = self._read_entries()
        erased = self.erasures.finish(self.keyring, {exhibit.id: exhibit})
        self.findings += [f for f in judge_erased(erased) if f.subject == exhibit.id]
        return ProofReading(
            exhibit=exhibit,
            leaf=entry.leaf,
            time=entry.time,
            actor=entry.actor,
            head=notes.heads[0],
            records=tuple(self._record(record, exhibit) for record in proof.records),
            findings=tuple(self.findings),  # after the records were judged
            signers=self.keyring.keys,
            entries=1 + len(proof.standing) + len(self.also),
            signed=self.signed,
            post_quantum=dict(notes.post_quantum),
        )

    def read_placed(self) -> EntryReading:
        entry = self.proof.entry
        notes = self._read_entries()
        return EntryReading(
            entry.time,
            entry.actor,
            notes.heads[0],
            tuple(self.findings),
            self.keyring.keys,
        )

    def _read_entries(self) -> CheckpointReader:
        items = (self.proof.subject, *self.proof.standing, *self.also)
        for item in sorted(items, key=lambda i: i.index):
            self._take(item)
        if self.keyring.founder is None:
            text = "It does not show the first entry, which names the founder's key."
            self._find(Axis.CONSISTENT, Code.NO_CASE_OPEN, "entry 0", text)
        self._judge_approval()
        return self._compare()

    # -- entries ---------------------------------------------------------------

    def _take(self, item: Placed) -> None:
        line = examine(item.line, self.keyring.keys)
        self.last_time = line.time
        placed = self._judge_place(item, line)
        opens = line.type == EntryType.CASE_OPEN and line.seq == 0
        if opens and placed and line.entry is not None:
            try:
                self.keyring.open(line)
            except MalformedError as error:
                self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, "entry 0", error.what)
        if self._judge_signature(line):
            self.signed += 1
            if placed:
                for code, subject, text in self.keyring.take(line):
                    self._find(Axis.SIGNED, code, subject, text)
                for code, subject, text in self.erasures.take(line):
                    self._find(Axis.CONSISTENT, code, subject, text)

    def _judge_place(self, item: Placed, line: Examined) -> bool:
        """Tell whether the entry stands in the checkpointed log at its number."""
        subject, before = f"entry {item.index}", len(self.findings)
        if line.log != self.head.origin:
            text = "The entry belongs to another manifest than the checkpoint."
            self._find(Axis.CONSISTENT, Code.ENTRY_FOREIGN, subject, text)
        if line.seq != item.index:
            text = f"It calls itself entry {line.seq}."
            self._find(Axis.CONSISTENT, Code.ENTRY_SWAPPED, subject, text)
        if not TIME.fullmatch(line.time):
            text = "Its time is not written as the format prescribes."
            self._find(Axis.CONSISTENT, Code.ENTRY_MALFORMED, subject, text)
        size, root = self.head.size, self.head.root
        try:
            verify_inclusion(line.leaf, item.index, size, item.path, root)
        except ProofError as error:
            self._find(Axis.CONSISTENT, Code.NOT_INCLUDED, subject, error.what)
        return len(self.findings) == before

    def _judge_signature(self, line: Examined) -> bool:
        """Tell whether the actor's key was allowed to do this, and signed it."""
        subject, before = f"entry {line.seq}", len(self.findings)
        problem = self.keyring.judge(line)
        if problem is not None:
            self._find(Axis.SIGNED, *problem)
        signatures = line.signatures
        if line.entry is not None and any(good is None for _, good in signatures):
            # The founder's key came with this very line.
            signatures = check_signatures(line.entry, self.keyring.keys)
        if any(name != line.actor for name, _ in signatures):
            text = "It carries a signature by a key that is not the actor's."
            self._find(Axis.SIGNED, Code.SIGNER_UNKNOWN, subject, text)
        own = [good for name, good in signatures if name == line.actor]
        unknown = problem is not None and problem[0] is Code.SIGNER_UNKNOWN
        if not unknown and not (own and all(own)):
            text = "The signature does not match the entry, or the actor's is missing."
            self._find(Axis.SIGNED, Code.SIGNATURE_WRONG, subject, text)
        return len(self.findings) == before

    def _judge_approval(self) -> None:
        waiting = sorted(self.keyring.waiting)
        text = "It needs a second person's approval, which the proof does not show."
        refused = "A second person has refused it."
        told = [(seq, Code.APPROVAL_PENDING, text) for seq in waiting]
        told += [
            (seq, Code.APPROVAL_REFUSED, refused)
            for seq in sorted(self.keyring.refused)
        ]
        self.findings += [
            Finding(Axis.SIGNED, code, f"entry {seq}", why, fails=False)
            for seq, code, why in told
        ]

    # -- checkpoint --------------------------------------------------------------

    def _compare(self) -> CheckpointReader:
        """Judge the checkpoint as one of a case, its root being the proofs' own."""
        notes = CheckpointReader(self.head.origin, self.keyring, self.findings.append)
        stem = f"{self.head.size:010d}"
        note, cosignatures = split_note(self.proof)
        for number, data in enumerate(cosignatures):
            notes.companion(f"{stem}.proof-{number}{COSIGNATURES}", data)
        for name, token in self.proof.tokens:
            if name.startswith(f"{stem}."):
                notes.companion(name, token)
            else:
                text = "It belongs to another checkpoint than the one in the proof."
                self._find(Axis.CONSISTENT, Code.COMPANION_ALONE, name, text)
        notes.take(f"{stem}.note", note)
        notes.compare(self.head.size, lambda: self.head.root, self.last_time)
        return notes

    # -- inventory -----------------------------------------------------------------

    def _record(self, record: Placed, exhibit: ExpectedExhibit) -> Disclosed:
        size, root = exhibit.inventory_records, exhibit.inventory_root
        holds = True
        try:
            leaf = leaf_hash(record.line)
            verify_inclusion(leaf, record.index, size, record.path, bytes.fromhex(root))
        except (ProofError, ValueError):
            holds = False
            text = "It is not in the inventory whose root the entry names."
            subject = f"record {record.index + 1}"
            self._find(Axis.INTACT, Code.RECORD_WRONG, subject, text)
        return Disclosed(record.index, holds, unseal(record.line))


def split_note(proof: ExhibitProof) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the note with the log's own signature lines only, and the other lines.

    The first is the file a time stamp of the case covers; the others have the form of
    cosignature files, and there are none when there are no other lines. A note without
    any line of the log is returned whole.
    """
    signed, origin = proof.signed, proof.checkpoint.origin
    lines = proof.note.removeprefix(signed.text + b"\n").splitlines(keepends=True)
    named = [
        (line.name, raw) for line, raw in zip(signed.signatures, lines, strict=True)
    ]
    own = [raw for name, raw in named if name == origin]
    others = [raw for name, raw in named if name != origin]
    if not own or not others:
        return proof.note, ()
    files = tuple(
        b"".join(others[start : start + _LINES_A_FILE])
        for start in range(0, len(others), _LINES_A_FILE)
    )
    return signed.text + b"\n" + b"".join(own), files
