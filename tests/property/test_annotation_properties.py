"""Labels and links against recounts made the dullest way, at every prefix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.casework.links import links
from evidence.casework.matrix import matrix
from evidence.errors import SealedRecordError
from evidence.labels.codes import Effect
from evidence.labels.enforcing import refusals
from evidence.labels.history import in_force, marks
from evidence.labels.marking import joined
from evidence.labels.words import PURPOSES, RECIPIENTS
from evidence.scope import Scope, Touch
from manifests.canonical import Json
from manifests.entries import Entry
from tests.casefiles import acquired, entry

EXHIBITS = ("EX-0001", "EX-0002")
NO_BAR: dict[str, Json] = {
    "not_for": [],
    "only_for": [],
    "only_to": [],
    "permission": False,
    "words": False,
}
axis = st.sampled_from(("handling", "grade", "restriction"))
value = st.one_of(
    st.none(),
    st.builds(lambda n: {"codes": [f"C{n}"], **NO_BAR}, st.integers(0, 9)),
)
one_label = st.tuples(
    st.sampled_from(EXHIBITS),
    st.lists(st.integers(1, 3), max_size=2, unique=True),
    st.dictionaries(axis, value, min_size=1),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(one_label, max_size=12))
def test_the_newest_label_wins_at_every_prefix(
    given_labels: list[tuple[str, list[int], dict[str, Json]]],
) -> None:
    entries: list[Entry] = []
    model: dict[tuple[str, int, str], Json] = {}
    for seq, (exhibit, records, axes) in enumerate(given_labels):
        facts: dict[str, Json] = {"kind": "label", **axes}
        if records:
            facts["records"] = [*records]
        entries.append(entry(seq, facts, exhibits=(exhibit,)))
        for record in records or [0]:
            for name, said in axes.items():
                model[exhibit, record, name] = said
        found = {
            (subject.exhibit, subject.record, name): mark.value
            for subject, held in in_force(marks(entries)).items()
            for name, mark in held.items()
        }
        assert found == {k: v for k, v in model.items() if v is not None}
        # Nothing that was ever said is lost.
        said_so_far = sum(
            len(a) * max(len(r), 1) for _, r, a in given_labels[: seq + 1]
        )
        assert len(marks(entries)) == said_so_far


effect = st.builds(
    Effect,
    st.lists(st.sampled_from(PURPOSES), unique=True, max_size=4).map(tuple),
    st.lists(st.sampled_from(PURPOSES), unique=True, max_size=4).map(tuple),
    st.lists(st.sampled_from(RECIPIENTS), unique=True, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
)


def bars(one: Effect, purpose: str, kind: str) -> bool:
    """Whether an effect bars an act, said again."""
    return (
        one.permission
        or one.words
        or purpose in one.not_for
        or bool(one.only_for and purpose not in one.only_for)
        or bool(one.only_to and kind not in one.only_to)
        or (purpose == "" and bool(one.not_for or one.only_for))
    )


class NoCase:
    """A case whose sealed records are a dictionary."""

    def __init__(self, records: Mapping[int, Mapping[str, Json]]) -> None:
        self._records = records

    def sealed(self, one: Entry) -> Mapping[str, Json]:
        if one.seq not in self._records:
            raise SealedRecordError(entry=one.seq, reason="it is not there")
        return self._records[one.seq]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(effect, min_size=1, max_size=3),
    st.sampled_from(("", *PURPOSES)),
    st.sampled_from(("", *RECIPIENTS)),
)
def test_joined_codes_bar_whatever_one_of_them_bars(
    effects: list[Effect], purpose: str, kind: str
) -> None:
    whole = joined(effects)
    if any(bars(one, purpose, kind) for one in effects):
        assert bars(whole, purpose, kind)
    facts: dict[str, Json] = {"kind": "label", "restriction": whole.facts()}
    entries = [acquired(0, "EX-0001"), entry(1, facts, exhibits=("EX-0001",))]
    at = "2026-01-01T00:00:00.000000Z"
    scope = Scope(Touch.DISCLOSE, at, ("EX-0001",), purpose=purpose)
    case = cast("Any", NoCase({}))
    found = refusals(case, scope, recipient_kind=kind, entries=entries)
    assert bool(found) == bars(whole, purpose, kind)


link = st.tuples(
    st.sampled_from(("EX-0001", "EX-0001#2", "EX-0002", "IN-0001")),
    st.sampled_from(("", "ST-0001#p1", "ST-0001#p2")),
    st.sampled_from(("act", "means", "purpose")),
    st.sampled_from(("supports", "contradicts")),
    st.lists(st.sampled_from(("coercion", "harm", "proceeds")), unique=True),
)
step = st.one_of(link, st.integers(0, 30), st.just("lost"))


@settings(max_examples=60, deadline=None)
@given(st.lists(step, max_size=20))
def test_the_matrix_equals_a_recount(steps: list[Any]) -> None:
    entries: list[Entry] = []
    records: dict[int, dict[str, Json]] = {}
    for seq, what in enumerate(steps):
        if isinstance(what, int):  # withdraws the entry of that number, if it is there
            leaf = entries[what].leaf.hex() if what < seq else "0" * 64
            facts: dict[str, Json] = {
                "entry": leaf,
                "kind": "link_withdrawn",
                "seq": what,
            }
            entries.append(entry(seq, facts))
            continue
        entries.append(entry(seq, {"kind": "link"}))
        if what != "lost":
            item, passage, element, relation, tags = what
            records[seq] = {
                "detail": "",
                "element": element,
                "item": item,
                "passage": passage,
                "relation": relation,
                "tags": tags,
            }
    gone = {w for s, w in enumerate(steps) if isinstance(w, int) and w < s}
    linked = [s for s, w in enumerate(steps) if not isinstance(w, int)]
    kept = [s for s in linked if s not in gone]
    found = matrix(*links(cast("Any", NoCase(records)), entries))
    assert found.unread == sum(steps[s] == "lost" for s in kept)
    counted = [steps[s] for s in kept if steps[s] != "lost"]
    for row in found.rows:
        place = (row.item, row.passage, row.element)
        here = [one for one in counted if one[:3] == place]
        assert row.supports == sum(one[3] == "supports" for one in here)
        assert row.contradicts == sum(one[3] == "contradicts" for one in here)
        assert set(row.tags) == {tag for one in here for tag in one[4]}
        assert {*row.entries} == {
            s for s in kept if steps[s] != "lost" and steps[s][:3] == place
        }
    assert len(found.rows) == len({one[:3] for one in counted})
    for (element, relation), count in found.totals.items():
        assert count == sum((o[2], o[3]) == (element, relation) for o in counted)
