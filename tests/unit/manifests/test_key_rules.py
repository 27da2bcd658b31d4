"""Who may sign when: the writer refuses and the verifier names the same things."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evidence.keyfile import FileSigner, new_signer
from manifests.entries import EntryType
from manifests.warrants import MAX_KEYS
from tests.keyhouse import ORIGIN, House, key_object, minute, proof

REVOKED, RIGHT, EXPIRED = "KEY_REVOKED", "KEY_RIGHT", "KEY_EXPIRED"
CLAIM, UNKNOWN = "KEY_CLAIM", "SIGNER_UNKNOWN"


@pytest.fixture
def bob() -> FileSigner:
    return new_signer()


@pytest.fixture
def carol() -> FileSigner:
    return new_signer()


@pytest.fixture
def house() -> House:
    return House().open()


@pytest.fixture
def pair(bob: FileSigner) -> House:
    """A case of two people who both need each other for keys and erasures."""
    rule = ("erase", "key_enrol", "key_revoke")
    return House(approvers=(bob,), two_person=rule).open()


# -- revocation from a time ---------------------------------------------------------


@pytest.mark.parametrize(("at", "counts"), [(9, True), (10, False), (11, False)])
def test_revoked_from_t(house: House, bob: FileSigner, at: int, counts: bool) -> None:
    house.enrol(house.founder, bob, at=1)
    act = house.act(bob, at=at)
    house.revoke(house.founder, bob, at=20, since=10)
    expected = set() if counts else {(REVOKED, f"entry {act.seq}")}
    assert house.faults() == expected


def test_no_act_after_a_revocation_even_back_dated(
    house: House, bob: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1)
    house.revoke(house.founder, bob, at=20, since=10)
    late = house.act(bob, at=5, refused=True)
    assert house.faults() == {(REVOKED, f"entry {late.seq}")}


def test_a_revocation_cannot_reach_into_its_future(
    house: House, bob: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1)
    entry = house.revoke(house.founder, bob, at=20, since=21, refused=True)
    house.act(bob, at=22)
    assert house.faults() == {(CLAIM, f"entry {entry.seq}")}


@pytest.mark.parametrize("since", [4, 5, 6])
def test_checkpoints_of_a_revoked_key(
    house: House, bob: FileSigner, since: int
) -> None:
    house.enrol(house.founder, bob, at=1)
    house.act(bob, at=5)
    name = house.note(bob)
    house.revoke(house.founder, bob, at=20, since=since)
    house.note(house.founder)
    found = {subject for code, subject in house.faults() if code == REVOKED}
    assert found == ({"entry 2", name} if since <= 5 else set())


def test_a_checkpoint_by_an_ended_key(house: House, bob: FileSigner) -> None:
    house.enrol(house.founder, bob, at=1)
    house.revoke(house.founder, bob, at=2, since=2)
    name = house.note(bob)
    assert house.faults() == {("CHECKPOINT_SIGNATURE", name)}


def test_a_thief_s_own_key_falls_with_the_stolen_one(
    house: House, bob: FileSigner, carol: FileSigner
) -> None:
    thief, second = new_signer(), new_signer()
    house.enrol(house.founder, bob, at=1)
    house.enrol(house.founder, carol, at=2)
    house.enrol(bob, thief, at=10)  # with Bob's stolen key
    house.enrol(thief, second, at=11)
    act = house.act(second, at=12)
    house.revoke(carol, bob, at=20, since=10)
    assert house.faults() == {(REVOKED, f"entry {n}") for n in (3, 4, act.seq)}
    for key in (bob, thief, second):
        house.act(key, at=21, refused=True)
    house.act(carol, at=22)
    assert {subject for _, subject in house.faults()} == {
        f"entry {n}" for n in (3, 4, 5, 7, 8, 9)
    }


def test_a_key_enrolled_before_the_theft_stays(
    house: House, bob: FileSigner, carol: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1)
    house.enrol(bob, carol, at=9)
    house.revoke(house.founder, bob, at=20, since=10)
    house.act(carol, at=21)
    assert house.faults() == set()


def test_a_theft_found_after_the_key_was_replaced(
    house: House, bob: FileSigner, carol: FileSigner
) -> None:
    thief = new_signer()
    house.enrol(house.founder, bob, at=1)
    house.enrol(house.founder, carol, at=2)
    house.enrol(bob, thief, at=10, replaces=bob.public.id)  # the thief "rotates"
    house.act(thief, at=11)
    house.revoke(carol, bob, at=20, since=10)
    house.act(thief, at=21, refused=True)
    assert house.faults() == {(REVOKED, f"entry {n}") for n in (3, 4, 6)}


def test_a_second_revocation_has_to_reach_further_back(
    house: House, bob: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1)
    house.act(bob, at=5)
    house.act(bob, at=8)
    house.revoke(house.founder, bob, at=20, since=8)
    again = house.revoke(house.founder, bob, at=21, since=8, refused=True)
    assert house.faults() == {(REVOKED, "entry 3"), (CLAIM, f"entry {again.seq}")}
    house.revoke(house.founder, bob, at=22, since=5)
    assert (REVOKED, "entry 2") in house.faults()
    revoked = [f for f in house.read().findings if f.code.value == REVOKED]
    assert len(revoked) == 2  # each act is named once


def test_the_founder_is_revoked_by_another(house: House, bob: FileSigner) -> None:
    house.enrol(house.founder, bob, at=1)
    house.revoke(bob, house.founder, at=20, since=15)
    house.act(bob, at=21)
    house.act(house.founder, at=22, refused=True)
    assert house.faults() == {(REVOKED, "entry 4")}


def test_nobody_ends_the_ground_they_stand_on(house: House, bob: FileSigner) -> None:
    house.enrol(house.founder, bob, at=10)
    # Bob's own enrolment would fall with what the founder did from then on.
    entry = house.revoke(bob, house.founder, at=20, since=10, refused=True)
    own = house.revoke(bob, bob, at=21, since=21, refused=True)
    assert house.faults() == {(CLAIM, f"entry {e.seq}") for e in (entry, own)}
    house.act(house.founder, at=22)


def test_somebody_who_may_manage_keys_remains(
    house: House, bob: FileSigner, carol: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1, rights=["act", "keys"], not_after=minute(30))
    # Bob's key is not without end, so nobody would be left in the end.
    entry = house.revoke(bob, house.founder, at=20, since=20, refused=True)
    assert house.faults() == {(CLAIM, f"entry {entry.seq}")}
    house.enrol(house.founder, carol, at=21)
    house.revoke(bob, house.founder, at=22, since=22)


# -- enrolment ----------------------------------------------------------------------


def _other_log(signer: FileSigner) -> dict[str, object]:
    return {"possession": proof(signer, ORIGIN[:-1] + "1")}


def _other_key(_: FileSigner) -> dict[str, object]:
    return {"possession": proof(new_signer())}


def _no_post_quantum(_: FileSigner) -> dict[str, object]:
    other = new_signer().post_quantum
    assert other is not None
    return {"post_quantum": other.public.text}


BAD_OBJECTS: list[Callable[[FileSigner], dict[str, object]]] = [
    lambda _: {"possession": ""},
    lambda _: {"possession": None},
    lambda _: {"possession": 1},
    lambda _: {"possession": "AA==="},
    _other_log,
    _other_key,
    _no_post_quantum,
    lambda signer: {"possession": proof(signer, bind=False)},
    lambda _: {"rights": ["act", "fly"]},
    lambda _: {"rights": ["act"] * 4},
    lambda _: {"rights": "act"},
    lambda _: {"roles": ["Jane Doe"]},
    lambda _: {"roles": ["examiner"] * 17},
    lambda _: {"roles": None},
    lambda _: {"not_after": "2026-03-01T12:00:00Z"},
    lambda _: {"not_before": 0},
    lambda _: {"algorithm": "ecdsa-p256"},
    lambda _: {"key": "0" * 64},
    lambda _: {"public": new_signer().public.text},
    lambda _: {"post_quantum": "AAAA"},
]


@pytest.mark.parametrize("bad", BAD_OBJECTS)
def test_an_enrolment_that_is_not_right(
    house: House, bob: FileSigner, bad: Callable[[FileSigner], dict[str, object]]
) -> None:
    entry = house.enrol(house.founder, bob, at=1, refused=True, **bad(bob))
    act = house.act(bob, at=2, refused=True)
    assert house.faults() == {
        (CLAIM, f"entry {entry.seq}"),
        (UNKNOWN, f"entry {act.seq}"),
    }


def test_an_ended_key_never_comes_back(
    house: House, bob: FileSigner, carol: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1)
    house.enrol(house.founder, carol, at=2, replaces=bob.public.id)
    again = house.enrol(house.founder, bob, at=3, refused=True)
    house.revoke(house.founder, carol, at=4, since=4)
    third = house.enrol(house.founder, carol, at=5, refused=True)
    here = house.enrol(house.founder, house.founder, at=6, refused=True)
    expected = {(CLAIM, f"entry {e.seq}") for e in (again, third, here)}
    assert house.faults() == expected


def test_a_failed_replacement_enrols_nobody(house: House, bob: FileSigner) -> None:
    entry = house.enrol(house.founder, bob, at=1, replaces="0" * 64, refused=True)
    act = house.act(bob, at=2, refused=True)
    assert house.faults() == {
        (CLAIM, f"entry {entry.seq}"),
        (UNKNOWN, f"entry {act.seq}"),
    }


@pytest.mark.parametrize(
    ("at", "allowed"), [(9, False), (10, True), (19, True), (20, False)]
)
def test_validity(house: House, bob: FileSigner, at: int, allowed: bool) -> None:
    bounds = {"not_before": minute(10), "not_after": minute(20)}
    house.enrol(house.founder, bob, at=1, **bounds)
    act = house.act(bob, at=at, refused=not allowed)
    expected = set() if allowed else {(EXPIRED, f"entry {act.seq}")}
    assert house.faults() == expected


def test_a_checkpoint_after_the_end_of_validity(house: House, bob: FileSigner) -> None:
    house.enrol(house.founder, bob, at=1, not_after=minute(20))
    house.act(house.founder, at=19)
    house.note(bob)
    assert house.faults() == set()
    house.act(house.founder, at=20)
    name = house.note(bob)
    assert house.faults() == {(EXPIRED, name)}


def test_roles_and_rights(house: House, bob: FileSigner, carol: FileSigner) -> None:
    house.enrol(house.founder, bob, at=1, rights=["act"], roles=["custodian"])
    house.act(bob, at=2, role="custodian")
    wrong = [
        house.act(bob, at=3, role="examiner", refused=True),
        house.put(
            bob,
            EntryType.KEY_ENROL,
            {"enrols": key_object(carol), "replaces": None},
            at=4,
            role="custodian",
            refused=True,
        ),
    ]
    house.enrol(house.founder, carol, at=5, rights=["keys"])
    wrong.append(house.act(carol, at=6, refused=True))
    assert house.faults() == {(RIGHT, f"entry {entry.seq}") for entry in wrong}


def test_there_is_an_end_to_the_number_of_keys(house: House, bob: FileSigner) -> None:
    house.standing.holders |= {str(n): str(n) for n in range(MAX_KEYS)}  # type: ignore[misc]
    entry = house.make(
        house.founder,
        EntryType.KEY_ENROL,
        {"enrols": key_object(bob), "replaces": None},
        at=1,
    )
    assert "too many keys" in house.refusal(entry, house.founder)


def test_lines_out_of_place_change_nobody_s_standing(
    house: House, bob: FileSigner
) -> None:
    house.enrol(house.founder, bob, at=1)
    house.revoke(house.founder, bob, at=2, since=2)
    house.lines[1], house.lines[2] = house.lines[2], house.lines[1]
    assert (CLAIM, "entry 2") in house.faults()  # revoked before it was there
    assert bob.public.id not in house.read().signers


# -- two people ---------------------------------------------------------------------


def test_an_act_waits_for_the_second_person(
    pair: House, bob: FileSigner, carol: FileSigner
) -> None:
    asked = pair.enrol(pair.founder, carol, at=1)
    early = pair.act(carol, at=2, refused=True)
    assert pair.faults() == {(UNKNOWN, f"entry {early.seq}")}
    assert pair.remarks() == {("APPROVAL_PENDING", f"entry {asked.seq}")}
    pair.answer(bob, asked, at=3)
    pair.act(carol, at=4)
    assert pair.faults() == {(UNKNOWN, f"entry {early.seq}")}
    assert pair.remarks() == set()


def test_a_refused_act_never_comes_into_force(
    pair: House, bob: FileSigner, carol: FileSigner
) -> None:
    asked = pair.enrol(pair.founder, carol, at=1)
    pair.answer(bob, asked, at=2, word="refusal")
    again = pair.answer(bob, asked, at=3, refused=True)
    act = pair.act(carol, at=4, refused=True)
    assert pair.faults() == {
        (CLAIM, f"entry {again.seq}"),
        (UNKNOWN, f"entry {act.seq}"),
    }
    assert pair.remarks() == {("APPROVAL_REFUSED", f"entry {asked.seq}")}


def test_nobody_is_their_own_second_person(pair: House, bob: FileSigner) -> None:
    asked = pair.put(pair.founder, EntryType.ERASE, at=1)
    own = pair.answer(pair.founder, asked, at=2, refused=True)
    # Nor with a new key of the same person.
    fresh = new_signer()
    rotation = pair.enrol(pair.founder, fresh, at=3, replaces=pair.founder.public.id)
    pair.answer(bob, rotation, at=4)
    other = pair.answer(fresh, asked, at=5, refused=True)
    assert pair.faults() == {(CLAIM, f"entry {e.seq}") for e in (own, other)}
    assert pair.remarks() == {("APPROVAL_PENDING", f"entry {asked.seq}")}


def test_answers_to_something_else(pair: House, bob: FileSigner) -> None:
    asked = pair.put(pair.founder, EntryType.ERASE, at=1)
    free = pair.act(pair.founder, at=2)
    wrong = [
        pair.answer(bob, asked, at=3, leaf="0" * 64, refused=True),
        pair.answer(bob, asked, at=3, leaf=free.leaf.hex(), refused=True),
        pair.answer(bob, free, at=4, refused=True),
    ]
    for bad in ({"seq": 1}, {"seq": True, "entry": "0" * 64}, {"entry": "0" * 64}):
        facts = {"kind": "approval", **bad}
        entry = pair.put(bob, EntryType.ANNOTATE, facts, at=5, refused=True)
        wrong.append(entry)
    assert pair.faults() == {(CLAIM, f"entry {entry.seq}") for entry in wrong}


def test_an_answer_where_nothing_can_wait(house: House, bob: FileSigner) -> None:
    house.enrol(house.founder, bob, at=1)
    act = house.act(house.founder, at=2)
    entry = house.answer(bob, act, at=3, refused=True)
    assert house.faults() == {(CLAIM, f"entry {entry.seq}")}


def test_an_answer_needs_its_right(
    pair: House, bob: FileSigner, carol: FileSigner
) -> None:
    asked = pair.enrol(pair.founder, carol, at=1, rights=["act", "keys"])
    pair.answer(bob, asked, at=2)
    erase = pair.put(pair.founder, EntryType.ERASE, at=3)
    entry = pair.answer(carol, erase, at=4, refused=True)
    assert pair.faults() == {(RIGHT, f"entry {entry.seq}")}


def test_an_approval_by_a_stolen_key_is_none(
    pair: House, bob: FileSigner, carol: FileSigner
) -> None:
    dave = new_signer()
    pair.answer(bob, pair.enrol(pair.founder, carol, at=1), at=2)
    erase = pair.put(pair.founder, EntryType.ERASE, at=10)
    pair.answer(bob, erase, at=11)
    pair.answer(bob, pair.enrol(pair.founder, dave, at=12), at=13)
    assert pair.remarks() == set()
    revocation = pair.revoke(pair.founder, bob, at=20, since=11)
    pair.answer(carol, revocation, at=21)
    # The erasure waits again; Dave's key was never rightly here.
    assert pair.remarks() == {("APPROVAL_PENDING", f"entry {erase.seq}")}
    assert pair.standing.pending.keys() == {erase.seq}
    pair.act(dave, at=22, refused=True)
    assert pair.faults() == {(REVOKED, f"entry {n}") for n in (4, 6, 9)}
    pair.answer(carol, erase, at=23)
    assert pair.remarks() == set()


def test_a_proposal_by_a_stolen_key_waits_no_more(
    pair: House, bob: FileSigner, carol: FileSigner
) -> None:
    dave = new_signer()
    pair.answer(bob, pair.enrol(pair.founder, carol, at=1), at=2)
    kept = pair.put(bob, EntryType.ERASE, at=9)
    stolen = pair.enrol(bob, dave, at=10)
    pair.answer(carol, pair.revoke(pair.founder, bob, at=20, since=10), at=21)
    late = pair.answer(carol, stolen, at=22, refused=True)
    assert pair.faults() == {
        (REVOKED, f"entry {stolen.seq}"),
        (CLAIM, f"entry {late.seq}"),
    }
    pair.answer(carol, kept, at=23)  # made before the theft: it still waits


def test_replacing_a_key_is_ending_one(bob: FileSigner, carol: FileSigner) -> None:
    house = House(approvers=(bob,), two_person=("key_enrol", "key_revoke")).open()
    asked = house.enrol(house.founder, carol, at=1, replaces=bob.public.id)
    house.act(bob, at=2)
    own = house.answer(bob, asked, at=3, refused=True)  # it would end Bob's own key
    assert house.faults() == {(CLAIM, f"entry {own.seq}")}


def test_the_second_person_cannot_be_ended_away(pair: House, bob: FileSigner) -> None:
    asked = pair.revoke(bob, pair.founder, at=1, since=1)
    assert pair.faults() == set()
    entry = pair.answer(pair.founder, asked, at=2, refused=True)
    assert pair.faults() == {(CLAIM, f"entry {entry.seq}")}


@pytest.mark.parametrize(
    "rule",
    [
        ["erase"],  # one person could enrol a second key as the second person
        ["key_enrol", "annotate"],
        ["key_enrol", "recovery"],
        ["key_enrol", "case_open"],
        ["key_enrol", "no_such_type"],
        ["key_enrol", 1],
        "key_enrol",
    ],
)
def test_rules_that_cannot_be_kept(bob: FileSigner, rule: object) -> None:
    house = House(approvers=(bob,))
    entry = house.make(
        house.founder,
        EntryType.CASE_OPEN,
        {
            "approvers": [key_object(bob)],
            "founder": {
                "algorithm": "ed25519",
                "key": house.founder.public.id,
                "public": house.founder.public.text,
            },
            "two_person": rule,  # type: ignore[dict-item]
        },
        at=0,
    )
    assert house.refusal(entry, house.founder)
    assert house.faults(entry) == {(CLAIM, "entry 0")}


@pytest.mark.parametrize("case", ["nobody", "founder", "twice", "no list", "forged"])
def test_approvers_that_are_none(bob: FileSigner, case: str) -> None:
    house = House()
    approvers: object = {
        "nobody": [],
        "founder": [key_object(house.founder)],
        "twice": [key_object(bob), key_object(bob)],
        "no list": key_object(bob),
        "forged": [key_object(bob, possession=proof(new_signer()))],
    }[case]
    founder = house.founder.public
    facts = {
        "approvers": approvers,
        "founder": {
            "algorithm": "ed25519",
            "key": founder.id,
            "public": founder.text,
        },
        "two_person": ["key_enrol"],
    }
    entry = house.make(house.founder, EntryType.CASE_OPEN, facts, at=0)  # type: ignore[arg-type]
    assert house.refusal(entry, house.founder)
    assert house.faults(entry) == {(CLAIM, "entry 0")}


def test_a_second_first_entry_changes_no_rule(pair: House, carol: FileSigner) -> None:
    """An entry that claims number 0 again must not lift the two-person rule."""
    pair.lines.append(
        House(pair.founder)
        .make(
            pair.founder,
            EntryType.CASE_OPEN,
            {
                "founder": {
                    "algorithm": "ed25519",
                    "key": pair.founder.public.id,
                    "public": pair.founder.public.text,
                }
            },
            at=1,
        )
        .line
    )
    pair.enrol(pair.founder, carol, at=2)
    assert carol.public.id not in pair.read().signers
