"""What a consent covers, and the exact reason when it does not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from evidence.consent.ground import (
    Consent,
    Covered,
    Deposit,
    Situation,
    Withdrawal,
    others_objecting,
)
from evidence.consent.words import same_party, words
from evidence.scope import Scope, Touch

ROOT = Path(__file__).resolve().parents[4]


def day(text: str) -> str:
    return f"{text}T00:00:00.000000Z"


KINDS = {"EX-0001": "chat", "EX-0002": "chat", "EX-0003": "disk", "EX-0009": "document"}
NOW = day("2026-06-01")
SCOPE = Scope(
    Touch.DISCLOSE, NOW, ("EX-0001", "EX-0002"), recipient="NGO-1", purpose="support"
)


def situation(**changes: Any) -> Situation:
    return Situation(newest=day("2026-05-01"), kinds=KINDS, **changes)


def consent(**changes: Any) -> Consent:
    plain = Consent(
        id="CO-0001",
        entry=5,
        recorded_at=day("2026-05-01"),
        subject="A1",
        minor="no",
        given_by="self",
        guardian="",
        protected=False,
        levels=("hand-over-ngo",),
        purposes=("support",),
        recipients=("NGO-1",),
        covered=Covered(exhibits=("EX-0001", "EX-0002")),
        language="az",
        explained=tuple(words().risks),
        form="",
        given_at=day("2026-05-01"),
        review_at=day("2026-11-01"),
        valid_until="",
        reflection_until="",
        lifted_at="",
        withdrawals=(),
        situation=situation(),
    )
    return replace(plain, **changes)


def codes(found: Consent, scope: Scope = SCOPE) -> list[str]:
    return [refusal.code for refusal in found.refusals(scope)]


def test_what_it_names_it_covers() -> None:
    assert codes(consent()) == []
    assert codes(consent(), replace(SCOPE, exhibits=("EX-0002",))) == []


TAKEN = Withdrawal(day("2026-05-31"), 9)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another recipient": ({}, {"recipient": "NGO-2"}, "CONSENT_OTHER_RECIPIENT"),
    "nobody named": ({}, {"recipient": ""}, "CONSENT_OTHER_RECIPIENT"),
    "another purpose": ({}, {"purpose": "legal-advice"}, "CONSENT_OTHER_PURPOSE"),
    "one exhibit more": (
        {},
        {"exhibits": ("EX-0001", "EX-0003")},
        "CONSENT_OTHER_EXHIBIT",
    ),
    "no exhibit": ({}, {"exhibits": ()}, "CONSENT_OTHER_EXHIBIT"),
    "a lower level": ({"levels": ("preserve-only",)}, {}, "CONSENT_LEVEL"),
    "withdrawn yesterday": ({"withdrawals": (TAKEN,)}, {}, "CONSENT_WITHDRAWN"),
    "ended at that moment": ({"valid_until": NOW}, {}, "CONSENT_EXPIRED"),
    "not given yet": ({"given_at": day("2026-07-01")}, {}, "CONSENT_NOT_YET"),
    "never dated": ({"given_at": ""}, {}, "CONSENT_NOT_YET"),
    "review is due": ({"review_at": NOW}, {}, "REVIEW_OVERDUE"),
    "no review was set": ({"review_at": ""}, {}, "REVIEW_OVERDUE"),
    "still reflecting": (
        {"reflection_until": day("2026-06-02")},
        {},
        "REFLECTION_PERIOD",
    ),
    "not all explained": ({"explained": ("may-refuse",)}, {}, "RISKS_NOT_EXPLAINED"),
    "a child alone": ({"minor": "yes"}, {}, "MINOR_NO_GUARDIAN"),
    "age unknown, alone": ({"minor": "presumed"}, {}, "MINOR_NO_GUARDIAN"),
    "age not recorded, alone": ({"minor": ""}, {}, "MINOR_NO_GUARDIAN"),
    "an odd giver": ({"given_by": "?", "minor": "yes"}, {}, "MINOR_NO_GUARDIAN"),
    "a guardian without name": ({"given_by": "guardian"}, {}, "GUARDIAN_CONFLICT"),
    "a guardian who receives": (
        {"given_by": "guardian", "guardian": "NGO-01"},
        {},
        "GUARDIAN_CONFLICT",
    ),
    "a guardian suspected later": (
        {
            "given_by": "guardian",
            "guardian": "PE-0007",
            "situation": situation(suspects=frozenset({"PE-0007"})),
        },
        {},
        "GUARDIAN_CONFLICT",
    ),
    "no contact": ({"situation": situation(no_contact=("NGO-001",))}, {}, "NO_CONTACT"),
    "clock set back by years": ({}, {"at": day("2019-01-01")}, "CLOCK_BEHIND"),
    "clock ahead by years": ({}, {"at": day("2049-01-01")}, "REVIEW_OVERDUE"),
    "waits for a second person": ({"waits": True}, {}, "CONSENT_WAITS"),
    "to erase": ({}, {"touch": Touch.ERASE}, "CONSENT_TOUCH"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_reason_has_its_code(name: str) -> None:
    changes, asked, code = CASES[name]
    assert code in codes(consent(**changes), replace(SCOPE, **asked))


def test_it_says_one_thing_when_one_thing_is_wrong() -> None:
    many = [n for n in CASES if n not in ("clock set back by years", "an odd giver")]
    for name in many:
        changes, asked, code = CASES[name]
        assert set(codes(consent(**changes), replace(SCOPE, **asked))) == {code}, name


def test_a_case_papers_go_along_only_when_named() -> None:
    papers = replace(SCOPE, exhibits=("EX-0009",))
    assert codes(consent(covered=Covered(whole=True)), papers) == [
        "CONSENT_OTHER_EXHIBIT"
    ]
    assert codes(consent(covered=Covered(exhibits=("EX-0009",))), papers) == []
    assert codes(consent(covered=Covered(whole=True))) == []


def test_kinds_cover_their_kind_alone() -> None:
    chats = consent(covered=Covered(kinds=("chat",)))
    assert codes(chats) == []
    assert codes(chats, replace(SCOPE, exhibits=("EX-0003",))) == [
        "CONSENT_OTHER_EXHIBIT"
    ]


def test_publication_needs_what_was_anonymised() -> None:
    public = consent(levels=("publication-anonymised",), purposes=("public-report",))
    scope = replace(SCOPE, purpose="public-report")
    assert codes(public, scope) == ["CONSENT_LEVEL"]
    kinds = {"EX-0001": "anonymised", "EX-0002": "anonymised"}
    assert codes(replace(public, situation=Situation(kinds=kinds)), scope) == []


def test_keeping_needs_no_recipient() -> None:
    kept = consent(levels=("preserve-only",), purposes=(), recipients=())
    scope = Scope(Touch.CONSULT, NOW, ("EX-0001",))
    assert codes(kept, scope) == []
    assert codes(kept, Scope(Touch.COLLECT, NOW)) == ["CONSENT_OTHER_EXHIBIT"]
    whole = replace(kept, covered=Covered(whole=True))
    assert codes(whole, Scope(Touch.COLLECT, NOW)) == []


@pytest.mark.parametrize(
    ("part", "asked", "refused"),
    [
        ({"exhibits": ("EX-0002",)}, {}, True),
        ({"exhibits": ("EX-0002",)}, {"exhibits": ("EX-0001",)}, False),
        ({"recipients": ("NGO-1",)}, {}, True),
        ({"recipients": ("NGO-2",)}, {}, False),
        ({"purposes": ("support",)}, {}, True),
        ({"purposes": ("legal-advice",)}, {}, False),
        ({"recipients": ("NGO-1",), "purposes": ("legal-advice",)}, {}, False),
    ],
)
def test_a_part_that_was_withdrawn(
    part: dict[str, Any], asked: dict[str, Any], refused: bool
) -> None:
    found = consent(withdrawals=(replace(TAKEN, **part),))
    expected = ["CONSENT_WITHDRAWN"] if refused else []
    assert codes(found, replace(SCOPE, **asked)) == expected


def test_what_was_handed_over_before_the_withdrawal_was_covered() -> None:
    found = consent(withdrawals=(TAKEN,), situation=Situation(kinds=KINDS))
    assert codes(found, replace(SCOPE, at=day("2026-05-30"))) == []


def test_a_deposit_holds_until_it_ends_or_is_lifted() -> None:
    kept = Deposit("DP-0001", 3, "A1", day("2026-06-02"), ("EX-0002",))
    held = consent(situation=situation(deposits=(kept,)))
    assert codes(held) == ["REFLECTION_PERIOD"]
    assert codes(held, replace(SCOPE, exhibits=("EX-0001",))) == []
    assert codes(held, replace(SCOPE, at=day("2026-06-02"))) == []
    lifted = replace(kept, lifted_at=day("2026-05-20"))
    assert codes(consent(situation=situation(deposits=(lifted,)))) == []
    assert codes(held, replace(SCOPE, touch=Touch.CONSULT)) == []


def test_lifting_a_consents_own_reflection_period() -> None:
    found = consent(reflection_until=day("2026-08-01"), lifted_at=day("2026-05-20"))
    assert codes(found) == []


def test_one_persons_consent_does_not_undo_anothers_withdrawal() -> None:
    mine = consent()
    theirs = consent(id="CO-0002", subject="A2", entry=6, withdrawals=(TAKEN,))
    both = {"CO-0001": mine, "CO-0002": theirs}
    found = [r.code for r in others_objecting(both, mine, SCOPE)]
    assert found == ["OTHER_SUBJECT_WITHDREW"]
    # The same person's later consent counts; an earlier one does not.
    again = consent(id="CO-0003", subject="A-2", entry=10)
    assert not list(others_objecting({**both, "CO-0003": again}, mine, SCOPE))
    earlier = replace(again, entry=7)
    assert list(others_objecting({**both, "CO-0003": earlier}, mine, SCOPE))
    elsewhere = replace(theirs, covered=Covered(exhibits=("EX-0003",)))
    assert not list(others_objecting({"CO-0002": elsewhere}, mine, SCOPE))


PARTIES = ["NGO-1", "NGO-2", "ORG-1", "A1", "PE-0001", "f" * 64, ""]


@given(
    exhibits=some.lists(some.sampled_from(sorted(KINDS)), unique=True),
    recipient=some.sampled_from(PARTIES),
    purpose=some.sampled_from([*words().purposes, "", "else"]),
    month=some.integers(1, 12),
    named=some.lists(some.sampled_from(sorted(KINDS)), unique=True),
    levels=some.lists(some.sampled_from(sorted(words().levels)), unique=True),
)
def test_nothing_leaves_beyond_what_was_said(
    exhibits: list[str],
    recipient: str,
    purpose: str,
    month: int,
    named: list[str],
    levels: list[str],
) -> None:
    """Whatever is covered is covered in each respect, told apart by hand."""
    found = consent(covered=Covered(exhibits=tuple(named)), levels=tuple(levels))
    at = day(f"2026-{month:02d}-15")
    scope = Scope(
        Touch.DISCLOSE, at, tuple(exhibits), recipient=recipient, purpose=purpose
    )
    ok = (
        bool(exhibits)
        and set(exhibits) <= set(named)
        and recipient == "NGO-1"
        and purpose == "support"
        and bool({"view-by-named-organisation", "hand-over-ngo"} & set(levels))
        and 5 <= month <= 10
    )
    assert (not found.refusals(scope)) == ok


def test_the_reference_names_every_refusal() -> None:
    page = (ROOT / "docs/reference/consents.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    source = (ROOT / "evidence/consent/ground.py").read_text("utf-8")
    source += (ROOT / "evidence/leaving.py").read_text("utf-8")
    assert told == set(re.findall(r'Refusal\(\s*"([A-Z_]+)"', source))


def test_spellings_of_one_alias_mean_one_party() -> None:
    assert same_party("A1", "A-1")
    assert same_party("A1", "A0001")
    assert same_party("PE-0001", "PE1")
    assert not same_party("A1", "A10")
    assert not same_party("A1", "B1")
    assert not same_party("f" * 64, "e" * 64)
