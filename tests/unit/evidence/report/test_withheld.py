"""Which entries a variant shows by their type alone: they would tell of people."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from evidence.report.variants import VARIANTS, variant_of, withheld_entries

# Type, kind: what the custody table of a full report says of it (evidence.narration).
SAID = {
    ("consent_add", None): "levels of a consent",
    ("annotate", "deposit"): "kept sealed until ... while A2 reflects",
    ("annotate", "deposit_lift"): "a reflection period ended early by the person",
    ("annotate", "no_contact"): "recipients put on the no-contact list",
    ("annotate", "person"): "PE-0001 added",
    ("review_retention", "hold"): "a legal hold",
    ("restrict", None): "a restriction",
    ("transfer_out", None): "exhibits offered to POL-1 for investigation",
    ("transfer_in", None): "what came from whom",
    ("annotate", "transfer_answered"): "the receiver's answer",
    ("disclose", None): "disclosed to POL-1 for prosecution",
    ("identify", "referral"): "referred to whom, not copied, why",
    ("correction_notice", None): "who was told of a correction",
    ("acquire", "chat"): "what was acquired",
    ("erase", None): "what was erased",
    ("annotate", "fact"): "a note was added",
}
_CONSENTS = {"consent_add", "deposit", "deposit_lift", "no_contact", "person"}
_KEEPING = {"hold", "restrict"}
_HANDING = {
    *("transfer_out", "transfer_in", "transfer_answered", "disclose", "referral"),
    "correction_notice",
}
HIDDEN = {
    "": set(),
    "full": set(),
    "closed-session": set(),
    "defence": _CONSENTS | _KEEPING,
    "compensation": _CONSENTS | _KEEPING | _HANDING,
    "public": _CONSENTS | _KEEPING | _HANDING,
    "victim": _CONSENTS | _KEEPING | _HANDING,
}


def entries() -> list[Any]:
    return [
        SimpleNamespace(seq=seq, type=type_, facts={"kind": kind})
        for seq, (type_, kind) in enumerate(SAID)
    ]


def test_every_variant_is_told_of_here() -> None:
    assert HIDDEN.keys() == {"", *VARIANTS}


@pytest.mark.parametrize("name", HIDDEN)
def test_exactly_these_are_withheld(name: str) -> None:
    found = withheld_entries(entries(), variant_of(name))
    words = {kind or type_ for n, (type_, kind) in enumerate(SAID) if n in found}
    assert words == HIDDEN[name]


@pytest.mark.parametrize("kind", [None, 7, ["deposit"], {"a": 1}])
def test_a_kind_of_another_form_is_no_trouble(kind: object) -> None:
    one: Any = SimpleNamespace(seq=0, type="annotate", facts={"kind": kind})
    assert withheld_entries([one], variant_of("public")) == frozenset()
