"""Who may sign now: what the writer works out from the entries so far.

The verifier has its own account of the same rules (`manifests.verifying.keyring`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId
from manifests.warrants import (
    APPROVALS,
    Right,
    Warrant,
    read_answer,
    read_founder,
    read_revocation,
    read_warrant,
    right_for,
    two_person_types,
)

_KEY_TYPES = frozenset({EntryType.CASE_OPEN, EntryType.KEY_ENROL, EntryType.KEY_REVOKE})


@dataclass(slots=True)
class Standing:
    """Keys in force after the entries taken so far, and acts that wait for approval.

    Attributes:
        in_force: by key id, in order of enrolment.
        ended: ids of keys that were revoked or replaced; they never come back.
        pending: entries that need a second person and have no answer yet, by number.
    """

    origin: str
    in_force: dict[KeyId, Warrant] = field(default_factory=dict)
    ended: set[KeyId] = field(default_factory=set)
    pending: dict[int, Entry] = field(default_factory=dict)
    two_person: frozenset[str] = frozenset()

    def decides(self, entry: Entry) -> bool:
        """Tell whether an entry can change who may sign (so it is read strictly)."""
        if entry.type in _KEY_TYPES:
            return True
        answers = entry.facts.get("kind") in APPROVALS
        return bool(self.two_person) and entry.type == EntryType.ANNOTATE and answers

    def refusal(
        self, key: KeyId, *, kind: str, role: str, time: str, facts: Mapping[str, Json]
    ) -> str:
        """Return why `key` may not do this act now; "" when it may."""
        warrant = self.in_force.get(key)
        if warrant is None:
            ended = key in self.ended
            return "the key was revoked" if ended else "the key is not enrolled"
        if right_for(kind, facts) not in warrant.rights:
            return f"the key lacks the right to {right_for(kind, facts).value}"
        if warrant.roles and role not in warrant.roles:
            return f"the key may not act as {role}"
        if warrant.not_before and time < warrant.not_before:
            return f"the key is valid from {warrant.not_before} on"
        if warrant.not_after and time >= warrant.not_after:
            return f"the key was valid until {warrant.not_after}"
        return ""

    def take(self, entry: Entry) -> None:
        """Apply an entry whose signature is right (or covered by a checkpoint).

        Raises:
            MalformedError: it claims something about keys that does not hold.
        """
        if entry.seq == 0:
            founder = read_founder(entry)
            self.in_force[founder.key.id] = founder
            self.two_person = two_person_types(entry)
            self._take_approvers(entry)
            return
        if entry.type in self.two_person:
            self.pending[entry.seq] = entry
            return
        answer = read_answer(entry) if self.two_person else None
        if answer is None:
            self._apply(entry)
            return
        waiting = self.pending.get(answer.seq)
        if waiting is None or waiting.leaf.hex() != answer.leaf:
            raise MalformedError(what="an answer", reason="no such entry waits")
        if waiting.actor == entry.actor:
            raise MalformedError(what="an answer", reason="it is the same person's")
        del self.pending[answer.seq]
        if answer.approves:
            self._apply(waiting)

    def _take_approvers(self, entry: Entry) -> None:
        """Enrol the keys a case with a two-person rule begins with."""
        items = entry.facts.get("approvers", [])
        for item in items if isinstance(items, list) else []:
            self._enrol(read_warrant(item, self.origin))

    def _apply(self, entry: Entry) -> None:
        if entry.type == EntryType.KEY_ENROL:
            replaced = entry.facts.get("replaces")
            self._enrol(read_warrant(entry.facts.get("enrols"), self.origin))
            if replaced is not None:
                self._end(KeyId(str(replaced)))
        elif entry.type == EntryType.KEY_REVOKE:
            self._end(read_revocation(entry).key)

    def _enrol(self, warrant: Warrant) -> None:
        key = warrant.key.id
        if key in self.in_force or key in self.ended:
            raise MalformedError(what="an enrolment", reason="the key was there before")
        self.in_force[key] = warrant

    def _end(self, key: KeyId) -> None:
        if key not in self.in_force:
            raise MalformedError(what="a revocation", reason="the key is not in force")
        del self.in_force[key]
        self.ended.add(key)

    def can_end(self, key: KeyId) -> bool:
        """Tell whether somebody who may manage keys remains without `key`."""
        others = (w for k, w in self.in_force.items() if k != key)
        return any(Right.KEYS in w.rights and not w.not_after for w in others)

    def copy(self) -> Standing:
        """Return an independent copy (to try an entry before it is appended)."""
        return Standing(
            self.origin,
            dict(self.in_force),
            set(self.ended),
            dict(self.pending),
            self.two_person,
        )
