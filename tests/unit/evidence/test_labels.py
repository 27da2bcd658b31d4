"""Code sets, labels and what they bar: hand-made answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evidence.case import writing
from evidence.casework.elements import definition_names, open_definition
from evidence.casework_errors import DataFileError, LabelRefusedError
from evidence.datafile import MAX_BYTES
from evidence.errors import ExhibitUnknownError, RecordUnknownError
from evidence.labels import enforcing
from evidence.labels.codes import Effect, open_set, set_names
from evidence.labels.history import Subject
from evidence.labels.marking import Wanted, label, note_quality
from evidence.scope import Scope, Touch
from evidence.wording import is_neutral
from manifests.canonical import Json
from manifests.entries import EntryType
from tests.builders import Bench, new_bench
from tests.casefiles import acquired, entry

AT = "2026-01-01T00:00:00.000000Z"
OWN = """
format = "custody-code-set-1"
name = "own"
version = "1"
title = "Own"
basis = "Ours"
note = "None"
[handling.X1]
title = "Not for court"
not_for = ["court-hearing"]
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    source = tmp_path / "seen.txt"
    source.write_text("seen\n")
    made = new_bench(tmp_path / "case")
    made.acquire(source)
    return made


def give(bench: Bench, wanted: Wanted, *on: Subject, codes: str = "europol") -> Any:
    subjects = on or (Subject("EX-0001"),)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        return label(writer, subjects, wanted, open_set(codes))


def asked(bench: Bench, purpose: str = "", kind: str = "", **more: Any) -> set[str]:
    scope = Scope(Touch.DISCLOSE, AT, ("EX-0001",), purpose=purpose, **more)
    return {r.code for r in enforcing.refusals(bench.case, scope, recipient_kind=kind)}


def test_shipped_sets_are_those_of_their_rule_books() -> None:
    assert set_names() == ("custody", "europol", "uk-3x5x2")
    europol = open_set("europol")
    assert list(europol.handling) == ["H0", "H1", "H2", "H3"]
    # Regulation (EU) 2016/794 Art. 29(1) and (2).
    assert (list(europol.source), list(europol.information)) == (
        ["A", "B", "C", "X"],
        ["1", "2", "3", "4"],
    )
    uk = open_set("uk-3x5x2")
    sizes = (len(uk.source), len(uk.information), len(uk.handling))
    assert sizes == (3, 5, 2)
    assert uk.grade("1A") == uk.grade("1/A") == ("1", "A")
    for name in set_names():
        assert "Check" in open_set(name).note or name == "custody"


def test_definitions_have_the_three_elements() -> None:
    assert definition_names() == ("cets197-4", "eu2011-36-2", "palermo-3")
    for name in definition_names():
        found = open_definition(name)
        assert set(found.details) == {"act", "means", "purpose"}
        assert found.minors_without_means  # Palermo 3(c), CETS 4(c), Directive 2(5)
    eu = open_definition("eu2011-36-2").details
    assert {"surrogacy", "forced-marriage", "illegal-adoption"} <= set(eu["purpose"])


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("presumed victim", True),
        ("Statement of the presumed victim", True),
        ("is a victim", False),
        ("She was the trafficker", False),
        ("They are  clearly\tvictims", False),
        ("he is not a victim", False),
        ("VICTIM", False),
        ("IS-VICTIM", False),
        ("she's the_victim", False),
        ("non-victim", False),
        ("victimology", True),
        ("Only for who represents the person", True),
        ("identified as a trafficker", False),
    ],
)
def test_closed_words_state_nothing_about_persons(text: str, *, neutral: bool) -> None:
    assert is_neutral(text) is neutral


@pytest.mark.parametrize(
    "change",
    [
        ("[handling.X1]", "[handling.VICTIM]"),
        ('"Not for court"', '"She is a victim"'),
        ('"Not for court"', '"Clear\\u001b[2Jscreen"'),
        ('["court-hearing"]', '["everything"]'),
        ('["court-hearing"]', '["court-hearing", "court-hearing"]'),
        ('["court-hearing"]', "7"),
        ("not_for", "not_four"),
        ('name = "own"', 'name = "../own"'),
        ('name = "own"', 'name = "europol"'),
        ('name = "own"', 'name = "is-trafficker"'),
        ('version = "1"', "version = 1"),
        ("custody-code-set-1", "custody-code-set-2"),
        ("[handling.X1]", "[[handling]]"),
        ('note = "None"', f'note = "{"x" * 700}"'),
        ('note = "None"', f"note = {'[' * 5000}"),
        ('note = "None"', f"note = {'9' * 6000}"),
        ('note = "None"', f"# {'x' * MAX_BYTES}"),
        ('note = "None"', "note = \udcff"),
    ],
)
def test_a_hostile_set_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    text = OWN.replace(*change)
    assert text != OWN
    file = tmp_path / "own.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataFileError):
        open_set(str(file))


def test_a_set_is_a_plain_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    for path in (tmp_path, file, Path("/dev/zero")):
        with pytest.raises(DataFileError):
            open_set(str(path))
    file.write_text(OWN)
    assert open_set(str(file)).handling["X1"].effect == Effect(("court-hearing",))
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    with pytest.raises(DataFileError):
        open_set(str(link))


def test_codes_bar_what_they_say(bench: Bench) -> None:
    assert asked(bench, "court-hearing") == set()
    give(bench, Wanted(handling=("H1",)))
    assert asked(bench, "court-hearing") == {"LABEL_NOT_FOR"}
    assert asked(bench, "intelligence") == set()
    assert asked(bench) == asked(bench, "unheard-of") == {"LABEL_PURPOSE_UNSTATED"}
    give(bench, Wanted(handling=("H2",), reason="provider"))
    assert asked(bench, "intelligence") == {"LABEL_PERMISSION"}
    give(bench, Wanted(handling=("H0",), reason="provider"))
    assert asked(bench, "compensation") == {"LABEL_ONLY_FOR"}
    give(bench, Wanted(lift=("handling",), reason="provider"))
    assert asked(bench) == set()
    # Only what leaves is asked about.
    give(bench, Wanted(handling=("H2",)))
    scope = Scope(Touch.CONSULT, AT, ("EX-0001",))
    assert enforcing.refusals(bench.case, scope) == ()


def test_a_restriction_in_words_asks_a_person(bench: Bench) -> None:
    give(bench, Wanted(restriction="ask the embassy"))
    assert asked(bench, "prosecution", "court") == {"LABEL_RESTRICTED"}
    bars = Effect(only_to=("court",))
    give(bench, Wanted(restriction="courts", bars=bars, reason="clearer"))
    assert asked(bench, "prosecution", "court") == set()
    assert asked(bench, "prosecution", "ngo") == {"LABEL_ONLY_TO"}
    assert asked(bench, "prosecution") == {"LABEL_ONLY_TO"}


def test_what_words_bar_outlives_a_lifted_restriction(bench: Bench) -> None:
    with pytest.raises(LabelRefusedError, match="in words"):
        give(bench, Wanted(handling=("H3",)))
    give(bench, Wanted(handling=("H3",), restriction="not to the press"))
    give(bench, Wanted(lift=("restriction",), reason="slip"))
    assert asked(bench, "prosecution", "court") == {"LABEL_RESTRICTED"}


def test_a_record_s_label_bars_its_exhibit(bench: Bench) -> None:
    give(bench, Wanted(handling=("H2",)), Subject("EX-0001", 1))
    assert asked(bench) == {"LABEL_PERMISSION"}
    with pytest.raises(RecordUnknownError):
        give(bench, Wanted(handling=("H2",)), Subject("EX-0001", 2))


def test_a_change_says_why_and_unknown_codes_are_refused(bench: Bench) -> None:
    give(bench, Wanted(handling=("H2",)))
    for wanted in (
        Wanted(handling=("H0",)),
        Wanted(lift=("handling",)),
        Wanted(lift=("grade",), reason="none there"),
        Wanted(handling=("H9",), reason="r"),
        Wanted(grade="B/9"),
        Wanted(grade="B/2", lift=("grade",), reason="both"),
        Wanted(),
    ):
        with pytest.raises(LabelRefusedError):
            give(bench, wanted)
    with pytest.raises(ExhibitUnknownError):
        give(bench, Wanted(handling=("H2",)), Subject("EX-0009"))
    assert sum(1 for _ in bench.case.entries()) == 3


def test_what_cannot_be_understood_bars_everything() -> None:
    """A newer version, or an insider, writes labels this version cannot read."""
    odd: list[Json] = [
        {"codes": ["H7"]},
        "H1",
        7,
        {"not_for": ["new-purpose"], "only_for": [], "only_to": []},
        {
            "not_for": [],
            "only_for": [],
            "only_to": [],
            "permission": 0,
            "words": False,
        },
    ]
    for value in odd:
        facts: dict[str, Json] = {"kind": "label", "handling": value}
        entries = [acquired(0, "EX-0001"), entry(1, facts, exhibits=("EX-0001",))]
        scope = Scope(Touch.DISCLOSE, AT, ("EX-0001",), purpose="support")
        case: Any = None
        found = enforcing.refusals(case, scope, entries=entries)
        assert [r.code for r in found] == ["LABEL_UNCLEAR"], value


def test_a_derived_exhibit_carries_its_parents_labels() -> None:
    bar: dict[str, Json] = {**Effect(permission=True).facts()}
    entries = [
        acquired(0, "EX-0001"),
        acquired(1, "EX-0002", parent="EX-0001"),
        acquired(2, "EX-0003", parent="EX-0002"),
        acquired(3, "EX-0004"),
        acquired(4, "EX-0005", parent="EX-0005"),  # a circle ends
        entry(5, {"kind": "label", "handling": bar}, exhibits=("EX-0001",)),
    ]
    case: Any = None
    for exhibit, barred in (("EX-0003", 1), ("EX-0004", 0), ("EX-0005", 0)):
        scope = Scope(Touch.DISCLOSE, AT, (exhibit,))
        assert len(enforcing.refusals(case, scope, entries=entries)) == barred


def test_quality_is_closed_words(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for words, day in (
            ({"accuracy": "perfect"}, ""),
            ({"beauty": "accurate"}, ""),
            ({}, ""),
            ({}, "2026-02-30"),
        ):
            with pytest.raises(LabelRefusedError):
                note_quality(writer, "EX-0001", words=words, as_of=day)
        made = note_quality(
            writer, "EX-0001", words={"accuracy": "unknown"}, as_of="2026-02-28"
        )
    assert made.type == EntryType.ANNOTATE
    told = {"accuracy": "unknown", "as_of": "2026-02-28"}
    assert made.facts == {"kind": "quality", "quality": told}
    assert asked(bench) == set()
