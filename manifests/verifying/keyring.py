"""Who was allowed to sign when: the verifier's own account, from the log alone.

Whose keys they are is another question, which only the verifier's anchors answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId, PublicKey
from manifests.verifying.examining import Examined
from manifests.verifying.verdict import Code
from manifests.warrants import (
    Warrant,
    read_answer,
    read_founder,
    read_revocation,
    read_warrant,
    right_for,
    two_person_types,
)

Problem = tuple[Code, str, str]  # code, subject, sentence


@dataclass(slots=True)
class Holding:
    """A key's career in the log.

    Attributes:
        ended: number of the entry that ended it; None while it is in force.
        since: acts from this time on do not count; "" while it is in force.
        acts: (number, time) of its entries, to judge them when it is revoked.
        heads: (name, time of the last covered entry) of the checkpoints it signed.
    """

    warrant: Warrant
    ended: int | None = None
    since: str = ""
    acts: list[tuple[int, str]] = field(default_factory=list)
    heads: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Keyring:
    """Feed every entry in file order to `judge` and then, if it holds, to `take`.

    Attributes:
        keys: every key the log ever allowed.
        waiting: acts that need a second person and have no answer yet, by number.
        refused: numbers of acts a second person has refused.
    """

    origin: str
    holdings: dict[KeyId, Holding] = field(default_factory=dict)
    keys: dict[KeyId, PublicKey] = field(default_factory=dict)
    founder: KeyId | None = None
    waiting: dict[int, Examined] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    _two_person: frozenset[str] = frozenset()
    _problems: list[Problem] = field(default_factory=list)

    def in_force(self) -> list[Warrant]:
        """Return the keys in force after the entries taken so far."""
        return [held.warrant for held in self.holdings.values() if held.ended is None]

    def open(self, entry: Entry) -> None:
        """Take the founder from the first entry.

        Raises:
            MalformedError: it names none.
        """
        warrant = read_founder(entry)
        self.founder = warrant.key.id
        self.holdings[warrant.key.id] = Holding(warrant)
        self.keys[warrant.key.id] = warrant.key

    def judge(self, line: Examined) -> Problem | None:
        """Return why the actor's key was not allowed to do this, None when it was."""
        held = self.holdings.get(KeyId(line.actor))
        if held is None:
            subject = f"entry {line.seq}"
            text = "The actor's key was not allowed to sign in this case."
            return Code.SIGNER_UNKNOWN, subject, text
        held.acts.append((line.seq, line.time))
        problem = self._refusal(line, held)
        return (
            None if problem is None else (problem[0], f"entry {line.seq}", problem[1])
        )

    @staticmethod
    def _refusal(line: Examined, held: Holding) -> tuple[Code, str] | None:
        warrant = held.warrant
        if held.ended is not None:
            text = f"Its key was revoked or replaced by entry {held.ended}."
            return Code.KEY_REVOKED, text
        before = warrant.not_before and line.time < warrant.not_before
        if before or (warrant.not_after and line.time >= warrant.not_after):
            text = "It was made outside the time its key was enrolled for."
            return Code.KEY_EXPIRED, text
        right = right_for(line.type, line.facts)
        if right not in warrant.rights:
            text = f"Its key has no right to {right.value} in this case."
            return Code.KEY_RIGHT, text
        if warrant.roles and line.role not in warrant.roles:
            text = "Its key may not act in that role."
            return Code.KEY_RIGHT, text
        return None

    def take(self, line: Examined) -> list[Problem]:
        """Let an entry that holds change who may sign; return what is wrong in it."""
        self._problems = []
        try:
            if line.seq == 0 and line.entry is not None:
                self._take_rules(line.entry)
            elif line.type in self._two_person:
                self.waiting[line.seq] = line
            elif not self._answer(line):
                self._apply(line, at=line.seq)
        except MalformedError as error:
            subject = f"entry {line.seq}"
            self._problems.append((Code.KEY_CLAIM, subject, error.what))
        return self._problems

    def sign_head(self, name: str, warrant: Warrant, last_time: str) -> None:
        """Note that a key signed a checkpoint over entries up to `last_time`."""
        self.holdings[warrant.key.id].heads.append((name, last_time))

    def _take_rules(self, entry: Entry) -> None:
        self._two_person = two_person_types(entry)
        approvers = entry.facts.get("approvers", [])
        for item in approvers if isinstance(approvers, list) else []:
            self._enrol(read_warrant(item, self.origin))

    def _answer(self, line: Examined) -> bool:
        """Take a second person's answer; False when the entry is none."""
        answer = None
        if self._two_person and line.entry is not None:
            answer = read_answer(line.entry)
        if answer is None:
            return False
        asked = self.waiting.get(answer.seq)
        if asked is None or asked.leaf.hex() != answer.leaf:
            raise MalformedError(what="an answer", reason="no such entry waits")
        if asked.actor == line.actor:
            raise MalformedError(what="an answer", reason="it is the same person's")
        del self.waiting[answer.seq]
        if answer.approves:
            self._apply(asked, at=line.seq)
        else:
            self.refused.add(answer.seq)
        return True

    def _apply(self, line: Examined, *, at: int) -> None:
        entry = line.entry
        if entry is None:
            return
        if line.type == EntryType.KEY_ENROL:
            replaced = entry.facts.get("replaces")
            self._enrol(read_warrant(entry.facts.get("enrols"), self.origin))
            if replaced is not None:
                self._end(KeyId(str(replaced)), at, since=line.time, retroactive=False)
        elif line.type == EntryType.KEY_REVOKE:
            told = read_revocation(entry)
            self._end(told.key, at, since=told.since, retroactive=True)

    def _enrol(self, warrant: Warrant) -> None:
        key = warrant.key.id
        if key in self.holdings:
            raise MalformedError(what="an enrolment", reason="the key was there before")
        self.holdings[key] = Holding(warrant)
        self.keys[key] = warrant.key

    def _end(self, key: KeyId, at: int, *, since: str, retroactive: bool) -> None:
        held = self.holdings.get(key)
        if held is None or held.ended is not None:
            raise MalformedError(what="a revocation", reason="the key is not in force")
        held.ended, held.since = at, since
        if not retroactive:
            return
        text = f"Entry {at} revokes its key from {since} on; it is not before that."
        for seq, time in held.acts:
            if time >= since and seq != at:
                self._problems.append((Code.KEY_REVOKED, f"entry {seq}", text))
        for name, time in held.heads:
            if time >= since:
                self._problems.append((Code.KEY_REVOKED, name, text))
