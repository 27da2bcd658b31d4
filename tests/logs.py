"""Logs of several signers, line by line, for tests that read them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256

from manifests.canonical import Json
from manifests.entries import NO_PREVIOUS, Act, Clock, EntryType, write_entry
from manifests.warrants import Warrant, possession_message
from tests.vectors.signer import SeedSigner

ORIGIN = "case.example/logs"


def signer(name: str) -> SeedSigner:
    """A key from a name; for tests only."""
    return SeedSigner(sha256(b"a key of the test logs: " + name.encode()).digest())


@dataclass
class Log:
    """A log that grows; `lines` are whole, newline included."""

    founder: SeedSigner
    lines: list[bytes] = field(default_factory=list)
    previous: str = NO_PREVIOUS

    def __post_init__(self) -> None:
        """Open the case."""
        key = self.founder.public
        facts: dict[str, Json] = {
            "founder": {
                "algorithm": key.algorithm.value,
                "key": key.id,
                "public": key.text,
            }
        }
        self.add(EntryType.CASE_OPEN, facts)

    def add(
        self,
        kind: EntryType,
        facts: dict[str, Json] | None = None,
        by: SeedSigner | None = None,
    ) -> None:
        """Append an entry, whether or not its signer may do this."""
        seq = len(self.lines)
        clock = Clock(f"2026-01-01T00:00:00.{seq:06d}Z", seq, "yes", None)
        act = Act(kind, "examiner", facts or {"number": seq})
        line = write_entry(
            act,
            clock,
            origin=ORIGIN,
            seq=seq,
            prev=self.previous,
            signer=by or self.founder,
        )
        self.lines.append(line + b"\n")
        self.previous = sha256(b"\0" + line).hexdigest()

    def enrol(self, who: SeedSigner) -> None:
        """Let a key in."""
        proof = who.sign(possession_message(who.public.id, ORIGIN))
        text = base64.b64encode(proof).decode("ascii")
        self.add(EntryType.KEY_ENROL, {"enrols": Warrant(who.public).facts(text)})


def varied(count: int) -> list[bytes]:
    """Return at least `count` lines by five signers, one of whom is never let in."""
    log = Log(signer("founder"))
    people = [log.founder]
    stranger = signer("stranger")
    while len(log.lines) < count:
        if len(log.lines) % 23 == 9 and len(people) < 4:
            people.append(signer(f"person {len(people)}"))
            log.enrol(people[-1])
        elif len(log.lines) % 31 == 30:
            log.add(EntryType.CONSULT, by=stranger)
        else:
            kinds = (EntryType.CONSULT, EntryType.ANNOTATE, EntryType.ACQUIRE)
            kind = kinds[len(log.lines) % 3]
            log.add(kind, by=people[len(log.lines) % len(people)])
    return log.lines
