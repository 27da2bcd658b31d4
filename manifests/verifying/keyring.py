"""Who was allowed to sign when: the verifier's own account, from the log alone.

Whose keys they are is another question, which only the verifier's anchors answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId, PublicKey
from manifests.verifying.examining import Examined
from manifests.verifying.verdict import Code
from manifests.warrants import (
    MAX_KEYS,
    Answer,
    Revocation,
    Right,
    Warrant,
    read_answer,
    read_approvers,
    read_enrolment,
    read_founder,
    read_revocation,
    right_for,
    two_person_types,
)

Problem = tuple[Code, str, str]  # code, subject, sentence


@dataclass(frozen=True, slots=True)
class Voucher:
    """An act that a key's being here, or an act's being in force, rests on."""

    key: KeyId
    seq: int
    time: str


@dataclass(slots=True)
class Holding:
    """A key's career in the log.

    Attributes:
        vouchers: the enrolment and, under a two-person rule, its approval.
        holder: the first key of the same person (rotation keeps the person).
        ended: number of the entry that ended it; None while it is in force.
        void_from: acts from this time on do not count ("": none ever did); None when
            all count that it made while it was in force.
        acts: (number, time) of its entries, to judge them when it is revoked.
        heads: (name, time of the last covered entry) of the checkpoints it signed.
    """

    warrant: Warrant
    vouchers: tuple[Voucher, ...]
    holder: KeyId
    ended: int | None = None
    void_from: str | None = None
    acts: list[tuple[int, str]] = field(default_factory=list)
    heads: list[tuple[str, str]] = field(default_factory=list)

    def counts_at(self, time: str) -> bool:
        """Tell whether an act it made at `time`, while in force, counts."""
        return self.void_from is None or time < self.void_from


@dataclass(slots=True)
class Keyring:
    """Feed every entry in file order to `judge` and then, if it holds, to `take`.

    Attributes:
        whole: every entry about keys is fed; False for a proof, which shows only those
            one exhibit rests on, so that who else is left cannot be told.
        keys: every key the log ever allowed.
        named: ids of all keys in enrolments, those that wait or were refused included.
        waiting: acts that need a second person and have no answer yet, by number.
        refused: numbers of acts a second person has refused.
        approved: numbers of acts a second person has approved, with the approval.
    """

    origin: str
    whole: bool = True
    holdings: dict[KeyId, Holding] = field(default_factory=dict)
    keys: dict[KeyId, PublicKey] = field(default_factory=dict)
    named: set[KeyId] = field(default_factory=set)
    founder: KeyId | None = None
    waiting: dict[int, Examined] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    approved: dict[int, tuple[Examined, Voucher]] = field(default_factory=dict)
    _two_person: frozenset[str] = frozenset()
    _opening: bytes = b""
    _problems: list[Problem] = field(default_factory=list)

    def in_force(self) -> list[Warrant]:
        """Return the keys in force after the entries taken so far."""
        return [held.warrant for held in self.holdings.values() if held.ended is None]

    def was_asked(self, kind: str) -> bool:
        """Tell whether the case asks for a second person for acts of a type."""
        return kind in self._two_person

    def without_force(self) -> list[Problem]:
        """Return the acts that wait for a second person, or that one refused."""
        pending = "It needs a second person's approval and is not in force without it."
        refused = "A second person refused it: it never came into force."
        told = [(Code.APPROVAL_PENDING, n, pending) for n in sorted(self.waiting)]
        told += [(Code.APPROVAL_REFUSED, n, refused) for n in sorted(self.refused)]
        return [(code, f"entry {seq}", text) for code, seq, text in told]

    def open(self, line: Examined) -> None:
        """Take the founder from the first entry.

        Raises:
            MalformedError: it names none.
        """
        if line.entry is None:
            raise MalformedError(what="the first entry", reason="it opens no case")
        warrant = read_founder(line.entry)
        self.founder, self._opening = warrant.key.id, line.leaf
        self._hold(warrant, (), warrant.key.id)

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
            text = f"Its key has no right to {_RIGHTS[right]} in this case."
            return Code.KEY_RIGHT, text
        if warrant.roles and line.role not in warrant.roles:
            text = "Its key may not act in that role."
            return Code.KEY_RIGHT, text
        return None

    def take(self, line: Examined) -> list[Problem]:
        """Let an entry that holds change who may sign; return what is wrong in it.

        What claims something that does not hold changes nothing.
        """
        self._problems = []
        if line.entry is None and line.type not in self._two_person:
            return self._problems  # nearly always: it says nothing about keys
        try:
            self._take(line)
        except MalformedError as error:
            problem = (Code.KEY_CLAIM, f"entry {line.seq}", error.what)
            self._problems.append(problem)
        return self._problems

    def sign_head(self, name: str, warrant: Warrant, last_time: str) -> Problem | None:
        """Note that a key signed a checkpoint over entries up to `last_time`.

        Returns what is wrong with it, None when nothing is.
        """
        self.holdings[warrant.key.id].heads.append((name, last_time))
        if warrant.not_after and last_time >= warrant.not_after:
            text = "Its key was not valid any more: it covers an entry made later."
            return Code.KEY_EXPIRED, name, text
        return None

    # -- entries -------------------------------------------------------------------

    def _take(self, line: Examined) -> None:
        entry, own = line.entry, Voucher(KeyId(line.actor), line.seq, line.time)
        if entry is not None and line.leaf == self._opening:
            self._opening = b""  # once: a second copy of the line opens nothing
            self._take_rules(entry, own)
            return
        if self._needs_second(line.type, line.facts):
            self._take_proposal(line)
            return
        answer = read_answer(entry) if entry is not None else None
        if answer is None:
            self._apply(line, (own,))
        else:
            self._answer(answer, own)

    def _needs_second(self, kind: str, facts: Mapping[str, Json]) -> bool:
        if kind == EntryType.KEY_ENROL and facts.get("replaces") is not None:
            # It ends a key, so the rule for that holds, too.
            both = {EntryType.KEY_ENROL.value, EntryType.KEY_REVOKE.value}
            return not both.isdisjoint(self._two_person)
        return kind in self._two_person

    def _take_rules(self, entry: Entry, own: Voucher) -> None:
        rule = two_person_types(entry)
        found = read_approvers(entry, self.origin)
        ids = [self.founder, *(warrant.key.id for warrant in found)]
        if len(set(ids)) != len(ids):
            raise MalformedError(what="an approver", reason="the key is there twice")
        everybody = [(w, w.key.id) for w in (*self.in_force(), *found)]
        self._check_management(everybody, rule)
        self._two_person = rule
        for warrant in found:
            self._hold(warrant, (own,), warrant.key.id)

    def _take_proposal(self, line: Examined) -> None:
        """Let an act wait; one about keys must have its form even so."""
        if line.entry is not None and line.type == EntryType.KEY_ENROL:
            self.named.add(read_enrolment(line.entry, self.origin).warrant.key.id)
        elif line.entry is not None and line.type == EntryType.KEY_REVOKE:
            read_revocation(line.entry)
        self.waiting[line.seq] = line

    def _answer(self, answer: Answer, own: Voucher) -> None:
        """Take a second person's answer."""
        asked = self.waiting.get(answer.seq)
        if asked is None or asked.leaf.hex() != answer.leaf:
            raise MalformedError(what="an answer", reason="no such entry waits")
        asking = self.holdings[KeyId(asked.actor)]
        if asking.holder == self.holdings[own.key].holder:
            raise MalformedError(what="an answer", reason="it is the same person's")
        if not answer.approves:
            del self.waiting[answer.seq]
            self.refused.add(answer.seq)
            return
        proposal = Voucher(KeyId(asked.actor), asked.seq, asked.time)
        self._apply(asked, (proposal, own))
        self.waiting.pop(answer.seq, None)
        self.approved[answer.seq] = (asked, own)

    def _apply(self, line: Examined, vouchers: tuple[Voucher, ...]) -> None:
        """Let an act take effect; the last voucher is the one that made it so."""
        if line.entry is None:
            return
        if line.type == EntryType.KEY_ENROL:
            self._enrol(line.entry, vouchers)
        elif line.type == EntryType.KEY_REVOKE:
            self._revoke(line.seq, read_revocation(line.entry), vouchers[-1])

    def _enrol(self, entry: Entry, vouchers: tuple[Voucher, ...]) -> None:
        enrolment = read_enrolment(entry, self.origin)
        warrant, old = enrolment.warrant, enrolment.replaces
        if warrant.key.id in self.holdings:
            raise MalformedError(what="an enrolment", reason="the key was there before")
        if len(self.holdings) >= MAX_KEYS:
            raise MalformedError(what="an enrolment", reason="there are too many keys")
        if old is None:
            self._hold(warrant, vouchers, warrant.key.id)
            return
        replaced = self.holdings.get(old)
        if replaced is None or replaced.ended is not None:
            raise MalformedError(what="an enrolment", reason="no key to replace")
        approval = vouchers[1:]
        if approval and approval[0].key == old:
            raise MalformedError(what="an answer", reason="it ends its own key")
        staying = self._staying_without({old})
        staying.append((warrant, replaced.holder))
        self._check_management(staying, self._two_person)
        replaced.ended = vouchers[-1].seq
        self._hold(warrant, vouchers, replaced.holder)

    def _hold(
        self, warrant: Warrant, vouchers: tuple[Voucher, ...], holder: KeyId
    ) -> None:
        key = warrant.key.id
        self.holdings[key] = Holding(warrant, vouchers, holder)
        self.keys[key] = warrant.key
        self.named.add(key)

    # -- revoking ------------------------------------------------------------------

    def _revoke(self, seq: int, told: Revocation, by: Voucher) -> None:
        held = self.holdings.get(told.key)
        if held is None or (held.ended is not None and not _reaches_back(held, told)):
            raise MalformedError(what="a revocation", reason="it ends nothing")
        void = self._fallen(told.key, told.since)
        if by.key in void:
            raise MalformedError(what="a revocation", reason="it ends its own key")
        staying = self._staying_without(set(void))
        self._check_management(staying, self._two_person)
        for key, since in void.items():
            text = (
                f"Entry {seq} revokes its key from {since} on; it is not before that."
            )
            if not since:
                text = f"Its key was enrolled by an act that entry {seq} makes void."
            self._void(self.holdings[key], since, by.seq, text)
        self._forget_void_answers()

    def _fallen(self, key: KeyId, since: str) -> dict[KeyId, str]:
        """Return `key` and every key whose enrolment or approval falls with it."""
        void = {key: since}
        open_questions = [(key, since)]
        while open_questions:
            fallen, from_then = open_questions.pop()
            for other, held in self.holdings.items():
                if void.get(other) == "" or held.void_from == "":
                    continue
                if any(v.key == fallen and v.time >= from_then for v in held.vouchers):
                    void[other] = ""
                    open_questions.append((other, ""))
        return void

    def _void(self, held: Holding, since: str, at: int, text: str) -> None:
        """Let all acts of a key from `since` on not count; say which those are."""
        until = held.void_from
        last = held.ended  # what came after that was found when it was judged
        held.void_from = since
        held.ended = at if last is None else last
        for seq, time in held.acts:
            fresh = until is None or time < until
            if time >= since and fresh and (last is None or seq <= last):
                self._problems.append((Code.KEY_REVOKED, f"entry {seq}", text))
        for name, time in held.heads:
            if time >= since and (until is None or time < until):
                self._problems.append((Code.KEY_REVOKED, name, text))

    def _forget_void_answers(self) -> None:
        """What waits on a void act waits no more; what one approved waits again."""
        for seq, (asked, approval) in list(self.approved.items()):
            if not self.holdings[approval.key].counts_at(approval.time):
                del self.approved[seq]
                if asked.type not in (EntryType.KEY_ENROL, EntryType.KEY_REVOKE):
                    self.waiting[seq] = asked
        for seq, asked in list(self.waiting.items()):
            if not self.holdings[KeyId(asked.actor)].counts_at(asked.time):
                del self.waiting[seq]

    def _check_management(
        self, keys: list[tuple[Warrant, KeyId]], rule: frozenset[str]
    ) -> None:
        if self.whole:
            _require_management(keys, second=bool(rule))

    def _staying_without(self, gone: set[KeyId]) -> list[tuple[Warrant, KeyId]]:
        return [
            (held.warrant, held.holder)
            for key, held in self.holdings.items()
            if held.ended is None and key not in gone
        ]


_RIGHTS = {
    Right.ACT: "act",
    Right.APPROVE: "approve",
    Right.KEYS: "manage keys",
}


def _reaches_back(held: Holding, told: Revocation) -> bool:
    """Tell whether a revocation of an ended key makes further acts void."""
    return held.void_from is None or told.since < held.void_from


def _require_management(keys: list[tuple[Warrant, KeyId]], *, second: bool) -> None:
    """Refuse to leave a case whose keys nobody can manage without end.

    Args:
        keys: each with its holder.
        second: the case has a two-person rule: one proposes, another approves.
    """
    lasting = [(w.rights, holder) for w, holder in keys if not w.not_after]
    for rights, holder in lasting:
        if Right.KEYS not in rights:
            continue
        if not second:
            return
        if any(Right.APPROVE in r and other != holder for r, other in lasting):
            return
    who = "the second signature" if second else "the keys"
    reason = f"nobody would be left for {who}"
    raise MalformedError(what="a change of keys", reason=reason)
