"""Who may sign now: what the writer works out from the entries so far.

The verifier has its own account of the same rules (`manifests.verifying.keyring`).
An entry that claims something about keys which does not hold changes nothing at all.
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
    MAX_KEYS,
    Answer,
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

_KEY_TYPES = frozenset({EntryType.CASE_OPEN, EntryType.KEY_ENROL, EntryType.KEY_REVOKE})

Deed = tuple[KeyId, str]  # a key and the time of its act


@dataclass(slots=True)
class Standing:
    """Keys in force after the entries taken so far, and acts that wait for approval.

    Attributes:
        in_force: by key id, in order of enrolment.
        ended: keys that were revoked or replaced; they never come back. The value is
            the time from which their acts do not count ("": none ever did); None when
            a replaced key's acts all count.
        pending: entries that need a second person and have no answer yet, by number.
        approved: acts a second person approved, with the approval's signer and time;
            those on keys have taken effect and are not kept.
        holders: every key to the first key of the same person.
        grounds: every key to the acts its being here rests on.
    """

    origin: str
    in_force: dict[KeyId, Warrant] = field(default_factory=dict)
    ended: dict[KeyId, str | None] = field(default_factory=dict)
    pending: dict[int, Entry] = field(default_factory=dict)
    two_person: frozenset[str] = frozenset()
    approved: dict[int, tuple[Entry, Deed]] = field(default_factory=dict)
    holders: dict[KeyId, KeyId] = field(default_factory=dict)
    grounds: dict[KeyId, tuple[Deed, ...]] = field(default_factory=dict)

    def decides(self, entry: Entry) -> bool:
        """Tell whether an entry can change who may sign (so it is read strictly)."""
        if entry.type in _KEY_TYPES:
            return True
        return entry.type == EntryType.ANNOTATE and (
            entry.facts.get("kind") in APPROVALS
        )

    def heeds(self, entry: Entry) -> bool:
        """Tell whether `take` looks at an entry at all; nearly always it does not."""
        return (
            entry.seq == 0
            or self.decides(entry)
            or self.needs_second(entry.type, entry.facts)
        )

    def needs_second(self, kind: str, facts: Mapping[str, Json]) -> bool:
        """Tell whether an act is not in force before a second person approves it."""
        if kind in self.two_person:
            return True
        # To replace a key is to end one.
        ends = kind == EntryType.KEY_ENROL and facts.get("replaces") is not None
        return ends and EntryType.KEY_REVOKE in self.two_person

    def refusal(
        self, key: KeyId, *, kind: str, role: str, time: str, facts: Mapping[str, Json]
    ) -> str:
        """Return why `key` may not do this act now; "" when it may."""
        return self.hindrance(key, role, time, right_for(kind, facts))

    def hindrance(self, key: KeyId, role: str, time: str, right: Right) -> str:
        """Return why `key` may not use `right` in `role` at `time`; "" when it may."""
        warrant = self.in_force.get(key)
        if warrant is None:
            ended = key in self.ended
            return "it was revoked or replaced" if ended else "it was never enrolled"
        if warrant.roles and role not in warrant.roles:
            allowed = ", ".join(warrant.roles)
            return f"not in the role {role}, only as {allowed} (--role)"
        if warrant.not_before and time < warrant.not_before:
            return f"it is valid from {warrant.not_before} on"
        if warrant.not_after and time >= warrant.not_after:
            return f"it was valid until {warrant.not_after}"
        if right not in warrant.rights:
            return f"it lacks the right to {_RIGHTS[right]}"
        return ""

    # -- taking entries ------------------------------------------------------------

    def take(self, entry: Entry) -> None:
        """Apply an entry whose signature is right (or covered by a checkpoint).

        Raises:
            MalformedError: it claims something about keys that does not hold; nothing
                changed.
        """
        if not self.heeds(entry):
            return
        actor = KeyId(entry.actor)
        if entry.seq == 0:
            self._open(entry)
        elif self.needs_second(entry.type, entry.facts):
            self._read(entry)
            self.pending[entry.seq] = entry
        elif answer := read_answer(entry):
            self._take_answer(entry, answer)
        else:
            self._apply(entry, ((actor, entry.time),))

    def _open(self, entry: Entry) -> None:
        founder, rule = read_founder(entry), two_person_types(entry)
        keys = {founder.key.id: founder}
        for warrant in read_approvers(entry, self.origin):
            if keys.setdefault(warrant.key.id, warrant) is not warrant:
                raise MalformedError(
                    what="an approver", reason="the key is there twice"
                )
        holders = {key: key for key in keys}
        _check_managed(keys, holders, second=bool(rule))
        self.in_force, self.holders, self.two_person = keys, holders, rule
        deed = (founder.key.id, entry.time)
        self.grounds = {key: () if key == deed[0] else (deed,) for key in keys}

    def _read(self, entry: Entry) -> None:
        """Refuse a proposal about keys that has not its form."""
        if entry.type == EntryType.KEY_ENROL:
            read_enrolment(entry, self.origin)
        elif entry.type == EntryType.KEY_REVOKE:
            read_revocation(entry)

    def _take_answer(self, entry: Entry, answer: Answer) -> None:
        waiting, actor = self.pending.get(answer.seq), KeyId(entry.actor)
        if waiting is None or waiting.leaf.hex() != answer.leaf:
            raise MalformedError(what="an answer", reason="no such entry waits")
        asking = KeyId(waiting.actor)
        if self.holders.get(asking) == self.holders.get(actor):
            raise MalformedError(what="an answer", reason="it is the same person's")
        if answer.approves:
            deeds = ((asking, waiting.time), (actor, entry.time))
            self._apply(waiting, deeds)
            if waiting.type not in _KEY_TYPES:
                self.approved[answer.seq] = (waiting, deeds[1])
        self.pending.pop(answer.seq, None)

    def _apply(self, entry: Entry, deeds: tuple[Deed, ...]) -> None:
        """Let an act take effect; the last of `deeds` is the one that made it so."""
        if entry.type == EntryType.KEY_ENROL:
            self._enrol(entry, deeds)
        elif entry.type == EntryType.KEY_REVOKE:
            self._revoke(entry, deeds[-1][0])

    def _enrol(self, entry: Entry, deeds: tuple[Deed, ...]) -> None:
        enrolment = read_enrolment(entry, self.origin)
        key, old = enrolment.warrant.key.id, enrolment.replaces
        if key in self.in_force or key in self.ended:
            raise MalformedError(what="an enrolment", reason="the key was there before")
        if len(self.holders) >= MAX_KEYS:
            raise MalformedError(what="an enrolment", reason="there are too many keys")
        after = {**self.in_force, key: enrolment.warrant}
        if old is not None:
            if old not in self.in_force:
                raise MalformedError(what="an enrolment", reason="no key to replace")
            if len(deeds) > 1 and old == deeds[-1][0]:
                raise MalformedError(what="an answer", reason="it ends its own key")
            del after[old]
        holders = {**self.holders, key: key if old is None else self.holders[old]}
        _check_managed(after, holders, second=bool(self.two_person))
        self.in_force, self.holders = after, holders
        self.grounds[key] = deeds
        if old is not None:
            self.ended[old] = None

    def _revoke(self, entry: Entry, signer: KeyId) -> None:
        told = read_revocation(entry)
        if told.key not in self.in_force:
            earlier = self.ended.get(told.key, "")
            if earlier is not None and told.since >= earlier:
                raise MalformedError(what="a revocation", reason="it ends nothing")
        void = self._void_after(told.key, told.since)
        if signer in void:
            raise MalformedError(what="a revocation", reason="it ends its own key")
        after = {k: w for k, w in self.in_force.items() if k not in void}
        _check_managed(after, self.holders, second=bool(self.two_person))
        self.in_force = after
        self.ended.update(void)
        self._forget_void()

    def _void_after(self, key: KeyId, since: str) -> dict[KeyId, str]:
        """Return the keys whose acts are void, and from when, once `key`'s are.

        A key enrolled or approved by an act that is void was never rightly here.
        """
        void = {k: t for k, t in self.ended.items() if t is not None} | {key: since}
        growing = True
        while growing:
            fallen = [
                k
                for k, deeds in self.grounds.items()
                if void.get(k) != "" and any(_is_void(void, deed) for deed in deeds)
            ]
            void |= dict.fromkeys(fallen, "")
            growing = bool(fallen)
        return void

    def _forget_void(self) -> None:
        """Drop acts of void standing; what was approved by one waits again."""
        void = {k: t for k, t in self.ended.items() if t is not None}
        for seq, (entry, deed) in list(self.approved.items()):
            if _is_void(void, deed):
                self.pending[seq] = entry
                del self.approved[seq]
        self.pending = {
            seq: entry
            for seq, entry in sorted(self.pending.items())
            if not _is_void(void, (KeyId(entry.actor), entry.time))
        }

    def copy(self) -> Standing:
        """Return an independent copy (to try an entry before it is appended)."""
        return Standing(
            self.origin,
            dict(self.in_force),
            dict(self.ended),
            dict(self.pending),
            self.two_person,
            dict(self.approved),
            dict(self.holders),
            dict(self.grounds),
        )


_RIGHTS = {
    Right.ACT: "act",
    Right.APPROVE: "approve",
    Right.KEYS: "manage keys",
}


def _is_void(void: Mapping[KeyId, str], deed: Deed) -> bool:
    since = void.get(deed[0])
    return since is not None and deed[1] >= since


def _check_managed(
    keys: Mapping[KeyId, Warrant], holders: Mapping[KeyId, KeyId], *, second: bool
) -> None:
    """Refuse to leave a case whose keys nobody can manage for good.

    Args:
        second: the case has a two-person rule, so it takes two people.
    """
    lasting = {key: w for key, w in keys.items() if not w.not_after}
    managers = {holders[k] for k, w in lasting.items() if Right.KEYS in w.rights}
    seconds = {holders[k] for k, w in lasting.items() if Right.APPROVE in w.rights}
    if not managers:
        reason = "nobody would be left who may manage keys"
        raise MalformedError(what="a change of keys", reason=reason)
    if second and not (seconds and len(managers | seconds) > 1):
        reason = "nobody would be left to give the second signature"
        raise MalformedError(what="a change of keys", reason=reason)
