"""A log of key changes in memory: written, judged by the writer, and verified."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from evidence.keyfile import FileSigner, new_signer
from manifests.canonical import Json
from manifests.checkpoint import Checkpoint, sign_checkpoint
from manifests.entries import NO_PREVIOUS, Act, Clock, Entry, EntryType, read_entry
from manifests.entries import write_entry as write
from manifests.errors import KeyNotInForceError, MalformedError
from manifests.ledger import admit
from manifests.merkle import Frontier
from manifests.standing import Standing
from manifests.verifying.log import LogReader
from manifests.verifying.reading import LogReading

ORIGIN = "case.custody.invalid/" + "0" * 32
ALL = ("act", "approve", "keys")


def minute(number: int) -> str:
    """A time in the form of entries: so many minutes after noon."""
    return f"2026-03-01T12:{number:02d}:00.000000Z"


def proof(signer: FileSigner, origin: str = ORIGIN, *, bind: bool = True) -> str:
    """A proof of possession, put together by hand as the specification says."""
    claim = f'{{"key":"{signer.public.id}","log":"{origin}"'
    if bind and signer.post_quantum is not None:
        digest = hashlib.sha256(signer.post_quantum.public.raw).hexdigest()
        claim += f',"post_quantum":"{digest}"'
    body = (claim + "}").encode()
    kind = b"application/vnd.custody.possession.v1+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    return base64.b64encode(signer.sign(message)).decode()


def key_object(signer: FileSigner, **changes: Any) -> dict[str, Json]:
    """A key object with every right, in any role, without bounds."""
    told: dict[str, Json] = {
        "algorithm": "ed25519",
        "key": signer.public.id,
        "not_after": None,
        "not_before": None,
        "possession": proof(signer),
        "public": signer.public.text,
        "rights": [*ALL],
        "roles": [],
    }
    if signer.post_quantum is not None:
        told["post_quantum"] = signer.post_quantum.public.text
    return {**told, **changes}


@dataclass
class House:
    """A log; `put` appends whatever is asked, `refusal` says what the writer thinks."""

    founder: FileSigner = field(default_factory=new_signer)
    approvers: tuple[FileSigner, ...] = ()
    two_person: tuple[str, ...] = ()
    opened: int = 0
    lines: list[bytes] = field(default_factory=list)
    notes: list[tuple[str, bytes]] = field(default_factory=list)
    standing: Standing = field(default_factory=lambda: Standing(ORIGIN))

    def open(self, **changes: Json) -> House:
        """Append the first entry."""
        key = self.founder.public
        facts: dict[str, Json] = {
            "founder": {"algorithm": "ed25519", "key": key.id, "public": key.text}
        }
        if self.two_person:
            facts["two_person"] = [*self.two_person]
        if self.approvers:
            facts["approvers"] = [key_object(signer) for signer in self.approvers]
        self.put(
            self.founder, EntryType.CASE_OPEN, {**facts, **changes}, at=self.opened
        )
        return self

    def make(
        self,
        signer: FileSigner,
        kind: EntryType,
        facts: dict[str, Json] | None = None,
        *,
        at: int,
        role: str = "examiner",
    ) -> Entry:
        """Return the entry that would come next."""
        previous = read_entry(self.lines[-1]).leaf.hex() if self.lines else NO_PREVIOUS
        clock = Clock(minute(at), 0, "yes", 0)
        act = Act(kind, role, facts or {})
        seq = len(self.lines)
        line = write(act, clock, origin=ORIGIN, seq=seq, prev=previous, signer=signer)
        return read_entry(line)

    def refusal(self, entry: Entry, signer: FileSigner) -> str:
        """Why the writer would not append it; "" when it would. Nothing changes."""
        return self._admit(self.standing.copy(), entry, signer)

    def _admit(self, standing: Standing, entry: Entry, signer: FileSigner) -> str:
        try:
            admit(standing, entry, signer.public)
        except (KeyNotInForceError, MalformedError) as error:
            return error.what
        return ""

    def add(self, entry: Entry, signer: FileSigner) -> Entry:
        """Append it whatever the writer thinks."""
        self._admit(self.standing, entry, signer)
        self.lines.append(entry.line)
        return entry

    def put(
        self,
        signer: FileSigner,
        kind: EntryType,
        facts: dict[str, Json] | None = None,
        *,
        at: int,
        role: str = "examiner",
        refused: bool = False,
    ) -> Entry:
        """Append an entry; the writer must allow it, or not (`refused`)."""
        entry = self.make(signer, kind, facts, at=at, role=role)
        reason = self.refusal(entry, signer)
        assert bool(reason) is refused, reason
        return self.add(entry, signer)

    # -- acts by name --------------------------------------------------------------

    def act(self, signer: FileSigner, *, at: int, **more: Any) -> Entry:
        return self.put(signer, EntryType.SEAL, at=at, **more)

    def enrol(
        self,
        signer: FileSigner,
        new: FileSigner,
        *,
        at: int,
        replaces: str | None = None,
        refused: bool = False,
        **changes: Any,
    ) -> Entry:
        enrols = key_object(new, **changes)
        facts: dict[str, Json] = {"enrols": enrols, "replaces": replaces}
        return self.put(signer, EntryType.KEY_ENROL, facts, at=at, refused=refused)

    def revoke(
        self, signer: FileSigner, key: FileSigner, *, at: int, since: int, **more: Any
    ) -> Entry:
        facts: dict[str, Json] = {
            "from": minute(since),
            "key": key.public.id,
            "reason": "compromised",
        }
        return self.put(signer, EntryType.KEY_REVOKE, facts, at=at, **more)

    def answer(
        self,
        signer: FileSigner,
        asked: Entry,
        *,
        at: int,
        word: str = "approval",
        leaf: str = "",
        **more: Any,
    ) -> Entry:
        facts: dict[str, Json] = {
            "entry": leaf or asked.leaf.hex(),
            "kind": word,
            "seq": asked.seq,
        }
        return self.put(signer, EntryType.ANNOTATE, facts, at=at, **more)

    def note(self, signer: FileSigner) -> str:
        """Sign a checkpoint over what is there now; return its name."""
        tree = Frontier()
        for line in self.lines:
            tree.append(read_entry(line).leaf)
        head = Checkpoint(ORIGIN, len(self.lines), tree.root())
        name = f"{len(self.lines):010d}.note"
        self.notes.append((name, sign_checkpoint(head, signer, post_quantum=False)))
        return name

    # -- the verifier --------------------------------------------------------------

    def read(self, *more: Entry) -> LogReading:
        """Verify the log (and further entries at its end)."""
        reader = LogReader(ORIGIN)
        for name, note in self.notes:
            reader.checkpoint(name, note)
        for line in [*self.lines, *(entry.line for entry in more)]:
            reader.line(line + b"\n")
        return reader.finish()

    def faults(self, *more: Entry) -> set[tuple[str, str]]:
        """(code, subject) of what fails on the axis "signed"."""
        return {
            (finding.code.value, finding.subject)
            for finding in self.read(*more).findings
            if finding.fails and finding.axis.value == "signed"
        }

    def remarks(self) -> set[tuple[str, str]]:
        """(code, subject) of the remarks on the axis "signed"."""
        return {
            (finding.code.value, finding.subject)
            for finding in self.read().findings
            if not finding.fails and finding.axis.value == "signed"
        }
