"""Keys come, go, answer and act at random: writer, verifier and an oracle agree.

The oracle is written here from the specification alone, and differently: nothing is
updated when a key is revoked; whether an act counts is a question asked backwards,
through everything it rests on.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from evidence.keyfile import FileSigner, new_signer
from manifests.entries import Entry, EntryType, read_entry
from tests.keyhouse import House, key_object, minute
from tests.thorough import examples

PEOPLE = [new_signer() for _ in range(7)]
FOUNDER, SECOND = PEOPLE[0], PEOPLE[1]
key = st.sampled_from(PEOPLE)
time = st.integers(0, 12)
bound = st.one_of(st.none(), st.none(), st.none(), time)
role = st.sampled_from(["examiner", "custodian"])
EVERY = ["act", "approve", "keys"]
rights = st.sampled_from([EVERY, EVERY, EVERY, ["act"], ["approve"], ["act", "keys"]])
late = st.one_of(st.integers(6, 12), time)
RULES: list[tuple[str, ...]] = [
    (),
    ("key_enrol",),
    ("erase", "key_enrol"),
    ("erase", "key_enrol", "key_revoke"),
]
ENROL, REVOKE, ANSWER = EntryType.KEY_ENROL, EntryType.KEY_REVOKE, EntryType.ANNOTATE


class Oracle:
    """What the specification says of the entries accepted so far."""

    def __init__(self, two_person: tuple[str, ...]) -> None:
        self.rule = two_person
        opening = (FOUNDER, 0)
        anything = {"rights": ["act", "approve", "keys"], "roles": []}
        self.keys: dict[FileSigner, dict[str, Any]] = {FOUNDER: anything}
        self.rests: dict[FileSigner, list[tuple[FileSigner, int]]] = {FOUNDER: []}
        self.person = {FOUNDER: FOUNDER}
        if two_person:
            self.keys[SECOND] = anything
            self.rests[SECOND] = [opening]
            self.person[SECOND] = SECOND
        self.replaced: set[FileSigner] = set()
        self.revoked: list[tuple[FileSigner, int]] = []
        self.asked: dict[int, dict[str, Any]] = {}  # by entry number
        self.answers: dict[int, tuple[FileSigner, int, bool]] = {}
        self.acts: list[tuple[int, FileSigner, int]] = [(0, *opening)]

    def void(self, who: FileSigner, when: int) -> bool:
        if any(who is other and when >= since for other, since in self.revoked):
            return True
        return any(self.void(*deed) for deed in self.rests[who])

    def in_force(self, who: FileSigner) -> bool:
        gone = who in self.replaced or any(who is k for k, _ in self.revoked)
        return (
            who in self.keys
            and not gone
            and not any(self.void(*deed) for deed in self.rests[who])
        )

    def waiting(self) -> set[int]:
        return {n for n, act in self.asked.items() if self._waits(n, act)}

    def _waits(self, number: int, act: dict[str, Any]) -> bool:
        if self.void(act["by"], act["at"]):
            return False
        if number not in self.answers:
            return True
        by, at, yes = self.answers[number]
        return yes and act["kind"] is EntryType.ERASE and self.void(by, at)

    def allows(self, act: dict[str, Any]) -> bool:
        by, kind = act["by"], act["kind"]
        if not self.in_force(by):
            return False
        may = self.keys[by]
        needs = {ENROL: "keys", REVOKE: "keys", ANSWER: "approve"}.get(kind, "act")
        early = may.get("from") is not None and act["at"] < may["from"]
        late = may.get("until") is not None and act["at"] >= may["until"]
        if needs not in may["rights"] or early or late:
            return False
        if may["roles"] and act["role"] not in may["roles"]:
            return False
        if kind is ANSWER:
            return self._allows_answer(act)
        if kind is REVOKE and act["since"] > act["at"]:
            return False
        return self.must_wait(act) or self._holds(act, by, answered=False)

    def must_wait(self, act: dict[str, Any]) -> bool:
        kind, ends = act["kind"], act.get("replaces") is not None
        return kind in self.rule or (kind is ENROL and ends and REVOKE in self.rule)

    def _allows_answer(self, act: dict[str, Any]) -> bool:
        if act["to"] not in self.waiting():
            return False
        asked = self.asked[act["to"]]
        if self.person[asked["by"]] is self.person[act["by"]]:
            return False
        return not act["yes"] or self._holds(asked, act["by"], answered=True)

    def _holds(self, act: dict[str, Any], by: FileSigner, *, answered: bool) -> bool:
        """Whether an act on keys may take effect: tried, looked at, and undone."""
        if act["kind"] is ENROL:
            if act["new"] in self.keys:
                return False
            old = act["replaces"]
            if old is not None and (not self.in_force(old) or (answered and old is by)):
                return False
            others = [k for k in self.keys if self.in_force(k) and k is not old]
            found = [(self.keys[k], self.person[k]) for k in others]
            who = act["new"] if old is None else self.person[old]
            return self._managed([*found, (act["may"], who)])
        if act["kind"] is REVOKE:
            if act["key"] not in self.keys or self.void(act["key"], act["since"]):
                return False
            self.revoked.append((act["key"], act["since"]))
            left = [k for k in self.keys if self.in_force(k)]
            good = by in left
            good = good and self._managed(
                [(self.keys[k], self.person[k]) for k in left]
            )
            self.revoked.pop()
            return good
        return True

    def _managed(self, left: list[tuple[dict[str, Any], FileSigner]]) -> bool:
        lasting = [(m["rights"], who) for m, who in left if m.get("until") is None]
        if not self.rule:
            return any("keys" in r for r, _ in lasting)
        return any(
            "keys" in one and "approve" in other and a is not b
            for one, a in lasting
            for other, b in lasting
        )

    def accept(self, number: int, act: dict[str, Any]) -> None:
        self.acts.append((number, act["by"], act["at"]))
        deed = (act["by"], act["at"])
        if act["kind"] is ANSWER:
            self.answers[act["to"]] = (*deed, act["yes"])
            asked = self.asked[act["to"]]
            if act["yes"]:
                self._apply(asked, [(asked["by"], asked["at"]), deed])
        elif self.must_wait(act):
            self.asked[number] = act
        else:
            self._apply(act, [deed])

    def _apply(self, act: dict[str, Any], deeds: list[tuple[FileSigner, int]]) -> None:
        if act["kind"] is REVOKE:
            self.revoked.append((act["key"], act["since"]))
        elif act["kind"] is ENROL:
            new, old = act["new"], act["replaces"]
            self.keys[new], self.rests[new] = act["may"], deeds
            self.person[new] = new if old is None else self.person[old]
            if old is not None:
                self.replaced.add(old)

    def revoked_entries(self) -> set[str]:
        return {f"entry {n}" for n, by, at in self.acts if self.void(by, at)}


class Keys(RuleBasedStateMachine):
    """Every act is offered to all three; what they refuse is not recorded."""

    @initialize(two_person=st.sampled_from(RULES))
    def begin(self, two_person: tuple[str, ...]) -> None:
        seconds = (SECOND,) if two_person else ()
        self.house = House(FOUNDER, seconds, two_person).open()
        self.oracle = Oracle(two_person)
        may = {"rights": EVERY, "roles": []}
        for new, by in ((PEOPLE[2], FOUNDER), (PEOPLE[3], PEOPLE[2])):
            act = {"by": by, "kind": ENROL, "at": 1, "role": "examiner"}
            asked = self._offer(
                {**act, "new": new, "replaces": None, "may": may},
                {"enrols": key_object(new), "replaces": None},
            )
            if two_person:
                self._answer(SECOND, asked, at=2, yes=True)

    def _offer(self, act: dict[str, Any], facts: dict[str, Any]) -> int:
        by = act["by"]
        entry = self.house.make(by, act["kind"], facts, at=act["at"], role=act["role"])
        allowed = self.oracle.allows(act)
        reason = self.house.refusal(entry, by)
        assert bool(reason) is not allowed, (reason, act)
        subject = f"entry {entry.seq}"
        named = {c for c, s in self.house.faults(entry) if s == subject}
        # A revocation can make its own proposer's act void; that is no refusal.
        refused = named - {"KEY_REVOKED"} if self._in_force(by) else named
        assert bool(refused) is not allowed, (named, reason, act)
        if allowed:
            self.house.add(entry, by)
            self.oracle.accept(entry.seq, act)
        return entry.seq

    def _in_force(self, who: FileSigner) -> bool:
        return who.public.id in self.house.standing.in_force

    def _entry(self, number: int) -> Entry:
        return read_entry(self.house.lines[number])

    def _someone(self, data: st.DataObject, *, here: bool = True) -> FileSigner:
        """A key, mostly one that is in force (or, not `here`, was never enrolled)."""
        likely = [k for k in PEOPLE if self.oracle.in_force(k)]
        if not here:
            likely = [k for k in PEOPLE if k not in self.oracle.keys]
        return data.draw(st.one_of(*[st.sampled_from(likely[::-1] or PEOPLE)] * 4, key))

    @rule(data=st.data(), at=time, role=role, erase=st.booleans())
    def act(self, data: st.DataObject, at: int, role: str, erase: bool) -> None:
        kind = EntryType.ERASE if erase else EntryType.SEAL
        self._offer(
            {"by": self._someone(data), "kind": kind, "at": at, "role": role}, {}
        )

    @rule(
        data=st.data(),
        replaces=st.sampled_from([False, False, True]),
        at=time,
        rights=rights,
        roles=st.sampled_from([[], [], [], ["examiner"], ["custodian"]]),
        since=bound,
        until=bound,
    )
    def enrol(
        self,
        data: st.DataObject,
        replaces: bool,
        at: int,
        rights: list[str],
        roles: list[str],
        since: int | None,
        until: int | None,
    ) -> None:
        by, new = self._someone(data), self._someone(data, here=False)
        old = self._someone(data) if replaces else None
        may = {"rights": rights, "roles": roles, "from": since, "until": until}
        act = {"by": by, "kind": ENROL, "at": at, "role": "examiner"}
        enrols = key_object(
            new,
            rights=rights,
            roles=roles,
            not_before=None if since is None else minute(since),
            not_after=None if until is None else minute(until),
        )
        self._offer(
            {**act, "new": new, "replaces": old, "may": may},
            {"enrols": enrols, "replaces": old.public.id if old is not None else None},
        )

    @rule(
        data=st.data(),
        at=late,
        ago=st.integers(-1, 8),
        ended=st.sampled_from([False, False, True]),
    )
    def revoke(self, data: st.DataObject, at: int, ago: int, ended: bool) -> None:
        by, gone = self._someone(data), self._someone(data)
        gone_ones = [k for k in self.oracle.keys if not self.oracle.in_force(k)]
        if ended and gone_ones:
            gone = data.draw(st.sampled_from(gone_ones))
        elif gone is by:
            gone = self._someone(data)
        since = max(0, at - ago)
        act = {"by": by, "kind": REVOKE, "at": at, "role": "examiner"}
        facts = {"from": minute(since), "key": gone.public.id, "reason": "other"}
        self._offer({**act, "key": gone, "since": since}, facts)

    @precondition(lambda self: len(self.house.lines) > 1)
    @rule(at=time, data=st.data(), yes=st.sampled_from([True, True, True, False]))
    def answer(self, at: int, data: st.DataObject, yes: bool) -> None:
        open_ones = sorted(self.oracle.waiting())
        newest = len(self.house.lines) - 1
        asked = [*open_ones * 4, *self.oracle.asked, newest]
        to = data.draw(st.sampled_from(asked))
        by = self._someone(data)
        if self._entry(to).actor == by.public.id:
            by = self._someone(data)
        self._answer(by, to, at=at, yes=yes)

    def _answer(self, by: FileSigner, to: int, *, at: int, yes: bool) -> None:
        facts = {
            "entry": self._entry(to).leaf.hex(),
            "kind": "approval" if yes else "refusal",
            "seq": to,
        }
        act = {"by": by, "kind": ANSWER, "at": at, "role": "examiner"}
        self._offer({**act, "to": to, "yes": yes}, facts)

    @invariant()
    def all_three_agree(self) -> None:
        if not hasattr(self, "house"):
            return
        reading, standing = self.house.read(), self.house.standing
        wanted = {k.public.id for k in self.oracle.keys if self.oracle.in_force(k)}
        verified = {
            held.warrant.key.id for held in reading.holdings if held.ended is None
        }
        assert verified == set(standing.in_force) == wanted
        waiting = self.oracle.waiting()
        assert set(reading.waiting) == set(standing.pending) == waiting
        faults = self.house.faults()
        assert {code for code, _ in faults} <= {"KEY_REVOKED"}
        assert {subject for _, subject in faults} == self.oracle.revoked_entries()


TestKeys = Keys.TestCase
TestKeys.settings = settings(
    max_examples=examples(15, 150),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
