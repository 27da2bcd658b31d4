"""Whatever another program recorded, every row of every catalogue has an answer."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.case import Case
from evidence.checking import Checked, check_case
from evidence.conformity.catalogues import CATALOGUES, tables
from evidence.conformity.model import Outcome
from evidence.visible import visible
from manifests.entries import Entry, EntryType
from manifests.verifying.judge import Anchors
from tests.builders import new_bench
from tests.casefiles import entry
from tests.thorough import examples

TIMES = ("2026-03-01T00:00:00.000000Z", "2999-12-31T23:59:59.999999Z", "0", "")
WORDS = (
    *TIMES,
    *("epoc", "epoc-pr", "content", "traffic", "judge", "AU-0001", "BR-0001"),
    *("fact", "quality", "breach", "breach_notified", "selftest", "person", "add"),
    *("authority_validated", "authority_withdrawn", "authority_clarification_asked"),
    *("delayed", "inquiries", "document", "PE-0001", "correction", "\x1b[31m"),
)
NAMES = (
    *("kind", "type", "authority", "at", "categories", "received_at", "issued_at"),
    *("data_to", "issuer", "user_information", "delay_grounds", "delay_review_at"),
    *("ex_post_validation", "emergency", "conditions", "override", "ground_doubts"),
    *("payload", "tool", "outcomes", "complete", "transmission", "files", "digests"),
    *("name", "size", "available_until", "made_available_at", "recipient", "covers"),
    *("known_at", "breach", "person", "act", "of", "entry", "sent", "order", "host"),
    *("justification", "failed", "category", "review_at", "validator", "purpose"),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 99) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
FACTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
ORDER = st.fixed_dictionaries({"type": st.sampled_from(("epoc", "epoc-pr"))})
KINDS = st.sampled_from([*EntryType])
ACT = st.tuples(KINDS, FACTS, FACTS, st.booleans())


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    bench = new_bench(tmp_path_factory.mktemp("case") / "case")
    return check_case(bench.case, anchors=Anchors())


def case_of(entries: list[Entry], sealed: dict[int, Any]) -> Case:
    """A case that holds these entries, and nothing on the disk."""
    held = SimpleNamespace(
        entries=lambda: iter(entries), sealed=lambda entry: sealed[entry.seq]
    )
    return cast("Case", held)


@given(
    st.lists(ACT, max_size=6), st.lists(FACTS, max_size=2), st.sampled_from(TIMES[:2])
)
@settings(max_examples=examples(25, 600), deadline=None)
def test_no_record_leaves_a_row_without_answer(
    checked: Checked, acts: Any, orders: Any, at: str
) -> None:
    told = [(EntryType.CASE_OPEN, {"profile": "police"}, {}, False)]
    told += [
        (EntryType.AUTHORITY_ADD, {**facts, "type": "epoc"}, {"order": facts}, False)
        for facts in orders
    ]
    told += acts
    entries, sealed = [], {}
    for seq, (kind, facts, private, about) in enumerate(told):
        exhibits = ("EX-0001",) if about else ()
        made = entry(seq, facts, kind=kind, exhibits=exhibits)
        made = replace(made, body={**made.body, "authority": "AU-0001"})
        entries.append(made)
        sealed[seq] = private
    found = tables(case_of(entries, sealed), checked, CATALOGUES, at=at)
    assert [len(table.lines) for table in found] == [
        len(one.duties) for one in CATALOGUES.values()
    ]
    for table in found:
        for line in table.lines:
            assert isinstance(line.answer.outcome, Outcome)
            assert line.answer.why.endswith(".")
            assert visible(line.answer.why) == line.answer.why
            assert set(line.answer.entries) <= set(range(len(told)))
