"""Proofs of cases whose keys came and went: what must be shown, and what follows."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from evidence.case import Case, Settings
from evidence.errors import ProofImpossibleError
from evidence.keyfile import FileSigner, new_signer
from evidence.proving import Made, make_proof
from manifests import canonical, ledger
from manifests.entries import Act, Clock, Entry, EntryType, write_entry
from manifests.merkle import leaf_hash
from manifests.warrants import Right, Warrant, possession_message
from tests.builders import codes
from tests.proofs import HELLO, changed, extra_of, opening, verdict_on

ORIGIN = "case.custody.invalid/00112233445566778899aabbccddeeff"


class Desk:
    """A log written act by act, with whatever keys an act is given."""

    def __init__(self, folder: Path, founder: FileSigner, **facts: Any) -> None:
        folder.mkdir()
        self.case = Case(folder, Settings(ORIGIN, "police"))
        self.log = ledger.create(self.case.manifest, ORIGIN)
        self.minute = 0
        value = json.loads(opening(founder, ORIGIN, **facts))["body"]["facts"]
        self.act(founder, EntryType.CASE_OPEN, value)

    def time(self) -> str:
        return f"2026-01-01T00:{self.minute:02d}:00.000000Z"

    def act(
        self, who: FileSigner, kind: EntryType, facts: Any, *exhibits: str
    ) -> Entry:
        self.minute += 1
        clock = Clock(self.time(), 0, "unknown", None)
        return self.log.append(Act(kind, "examiner", facts, exhibits), clock, who)

    def enrol(
        self, who: FileSigner, new: FileSigner, replaces: str | None = None
    ) -> Entry:
        facts = {"enrols": key_object(new), "replaces": replaces}
        return self.act(who, EntryType.KEY_ENROL, facts)

    def approve(self, who: FileSigner, entry: Entry, kind: str = "approval") -> Entry:
        facts = {"kind": kind, "seq": entry.seq, "entry": entry.leaf.hex()}
        return self.act(who, EntryType.ANNOTATE, facts)

    def acquire(self, who: FileSigner, exhibit: str = "EX-0001") -> Entry:
        facts = {
            "payload": {"name": "payload", "bytes": 6, "sha256": HELLO.sha256},
            "inventory": {"records": 1, "root": "00" * 32},
        }
        return self.act(who, EntryType.ACQUIRE, facts, exhibit)

    def prove(self, who: FileSigner, exhibit: str = "EX-0001") -> Made:
        self.log.checkpoint(who)
        return make_proof(self.case, exhibit)


def key_object(signer: FileSigner, **more: Any) -> Any:
    proof = signer.sign(possession_message(signer.public.id, ORIGIN))
    warrant = Warrant(signer.public, **more)
    return warrant.facts(base64.b64encode(proof).decode())


@pytest.fixture
def keys() -> list[FileSigner]:
    return [new_signer() for _ in range(4)]


def standing(made: Made) -> list[int]:
    return [item.index for item in made.proof.standing]


def test_the_way_of_a_key_into_the_log_is_shown(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    founder, second, third, stranger = keys
    desk = Desk(tmp_path / "c", founder)
    desk.enrol(founder, stranger)  # 1: not needed
    desk.enrol(founder, second)  # 2
    desk.enrol(second, third)  # 3
    desk.acquire(third)  # 4
    made = desk.prove(founder)
    assert standing(made) == [0, 2, 3]
    assert codes(verdict_on(made.data)) == set()
    for index in (1, 2):  # without any of them, nothing says that it may sign
        data = changed(made.data, lambda e, i=index: e["standing"].pop(i))
        assert "SIGNER_UNKNOWN" in codes(verdict_on(data))
    assert stranger.public.id not in canonical.encode(extra_of(made.data)).decode()


def test_an_enrolment_outside_the_log_gives_no_right(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    """Well signed by the founder, but not in the tree: it was never recorded."""
    founder, second = keys[:2]
    desk = Desk(tmp_path / "c", founder)
    desk.enrol(founder, second)
    desk.acquire(second)
    made = desk.prove(founder)
    data = changed(made.data, lambda e: e["standing"][1].update(proof=[]))
    assert codes(verdict_on(data)) == {"NOT_INCLUDED", "SIGNER_UNKNOWN"}


def test_the_key_of_the_checkpoint_is_shown_too(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    founder, second = keys[:2]
    desk = Desk(tmp_path / "c", founder)
    desk.acquire(founder)
    desk.enrol(founder, second)
    made = desk.prove(second)
    assert standing(made) == [0, 2]
    assert codes(verdict_on(made.data)) == set()
    data = changed(made.data, lambda e: e["standing"].pop(1))
    assert codes(verdict_on(data)) == {"CHECKPOINT_SIGNATURE"}


def test_a_key_enrolled_later_could_not_sign_before(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    """The order of the numbers counts, not that an enrolment is somewhere."""
    founder, second = keys[:2]
    desk = Desk(tmp_path / "c", founder)
    line = write_entry(
        Act(EntryType.ACQUIRE, "examiner", _exhibit_facts(), ("EX-0001",)),
        Clock("2026-01-01T00:01:30.000000Z", 0, "unknown", None),
        origin=ORIGIN,
        seq=1,
        prev=desk.log.last_leaf,
        signer=second,
    )
    path = desk.case.manifest / "entries.jsonl"
    with path.open("ab") as stream:
        stream.write(line + b"\n")
    desk.log.frontier.append(leaf_hash(line))
    desk.log.last_leaf = leaf_hash(line).hex()
    desk.enrol(founder, second)
    with pytest.raises(ProofImpossibleError, match="SIGNER_UNKNOWN"):
        desk.prove(founder)


def _exhibit_facts() -> Any:
    return {
        "payload": {"name": "payload", "bytes": 6, "sha256": HELLO.sha256},
        "inventory": {"records": 1, "root": "00" * 32},
    }


def test_an_honest_proof_shows_that_a_key_was_replaced(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    founder, second = keys[:2]
    desk = Desk(tmp_path / "c", founder)
    desk.acquire(founder)
    desk.enrol(founder, second, replaces=founder.public.id)
    made = desk.prove(second)
    assert standing(made) == [0, 2]
    assert codes(verdict_on(made.data)) == set()


def test_a_revocation_that_reaches_back_stops_the_proof(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    founder, second = keys[:2]
    desk = Desk(tmp_path / "c", founder)
    desk.enrol(founder, second)
    acquired = desk.acquire(second)
    facts = {
        "key": second.public.id,
        "from": acquired.time,
        "reason": "compromised",
    }
    desk.act(founder, EntryType.KEY_REVOKE, facts)
    with pytest.raises(ProofImpossibleError, match="KEY_REVOKED"):
        desk.prove(founder)


def test_a_later_revocation_is_shown_and_hurts_nothing(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    founder, second = keys[:2]
    desk = Desk(tmp_path / "c", founder)
    desk.enrol(founder, second)
    desk.acquire(second)
    desk.minute += 1
    facts = {"key": second.public.id, "from": desk.time(), "reason": "left"}
    desk.act(founder, EntryType.KEY_REVOKE, facts)
    made = desk.prove(founder)
    assert standing(made) == [0, 1, 3]
    assert codes(verdict_on(made.data)) == set()


def test_second_persons_answers_are_shown(
    keys: list[FileSigner], tmp_path: Path
) -> None:
    founder, approver, second = keys[:3]
    desk = Desk(
        tmp_path / "c",
        founder,
        two_person=["acquire", "key_enrol"],
        approvers=[key_object(approver, rights=frozenset({Right.APPROVE}))],
    )
    enrolment = desk.enrol(founder, second)  # 1
    desk.approve(approver, enrolment)  # 2
    acquired = desk.acquire(second)  # 3
    waiting = desk.prove(founder)
    assert standing(waiting) == [0, 1, 2]
    assert codes(verdict_on(waiting.data), failing=False) == {"APPROVAL_PENDING"}
    desk.approve(approver, acquired)  # 4
    made = desk.prove(founder)
    assert standing(made) == [0, 1, 2, 4]
    assert verdict_on(made.data).findings == ()
    for index, missing in ((2, "SIGNER_UNKNOWN"), (3, "APPROVAL_PENDING")):
        data = changed(made.data, lambda e, i=index: e["standing"].pop(i))
        assert missing in codes(verdict_on(data), failing=False)


def test_a_refusal_is_shown(keys: list[FileSigner], tmp_path: Path) -> None:
    founder, approver = keys[:2]
    desk = Desk(
        tmp_path / "c",
        founder,
        two_person=["acquire", "key_enrol"],
        approvers=[key_object(approver)],
    )
    desk.approve(approver, desk.acquire(founder), "refusal")
    made = desk.prove(founder)
    assert standing(made) == [0, 2]
    assert codes(verdict_on(made.data), failing=False) == {"APPROVAL_REFUSED"}
