"""Reports are searched: their own words block nobody, their texts are all seen."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from evidence.case import writing
from evidence.lint.findings import Finding, Result
from evidence.lint.folding import PLAIN
from evidence.lint.leaving import doubts_in_words, refuse, search_report, strings
from evidence.lint.words import COMMON, is_common
from evidence.people.register import add_person
from evidence.people_errors import IdentifierFoundError
from evidence.report.compose import compose
from evidence.report.i18n import LANGUAGES, speaking
from evidence.report.model import Report
from evidence.report.options import Options
from evidence.report.pdf import render
from manifests.entries import EntryType
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench
from tests.unit.evidence.report.reading import Pdf

# Rendering each language takes a while: the fast tests do with three.
EVERY = [
    code
    if code in ("ar", "az", "de")
    else pytest.param(code, marks=pytest.mark.agreement)
    for code in LANGUAGES
    if code != "en"
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("reports")
    bench = new_bench(folder / "case")
    (folder / "a").write_text("x")
    bench.acquire(folder / "a")
    return bench


def made(bench: Bench, *, named: bool = False, **more: Any) -> tuple[Report, bytes]:
    options = Options("2026-01-01T00:00:00Z", named_staff=named, **more)
    report = compose(bench.case, options, anchors=Anchors())
    stream = io.BytesIO()
    render(report, stream)
    return report, stream.getvalue()


@pytest.mark.parametrize(
    ("more", "least"),
    [
        ({}, 200),
        ({"variant": "public", "template": "fre-902-13"}, 200),
        ({"variant": "compensation", "template": "uk-section-9"}, 200),
        ({"variant": "victim", "only": ("EX-0001",)}, 50),
    ],
)
def test_every_word_of_a_report_is_known_as_common(
    bench: Bench, more: dict[str, Any], least: int
) -> None:
    """Else a person with such a name could never have a report."""
    pages = pypdf.PdfReader(io.BytesIO(made(bench, **more)[1])).pages
    text = "\n".join(page.extract_text() for page in pages)
    words = set(re.findall(r"(?<![\w+/=.-])[a-z]{4,}(?![\w+/=-])", text))
    # A digest broken at the end of a line may leave letters that are no word.
    words = {word for word in words if not re.fullmatch("[a-f]+", word)}
    assert len(words) >= least
    assert words - COMMON == set()


@pytest.mark.parametrize("code", EVERY)
def test_every_word_of_a_translated_report_is_known_while_it_is_searched(
    bench: Bench, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    with path.open("wb") as stream:
        render(replace(made(bench)[0], language=code), stream)
    controls = dict.fromkeys((0x200E, 0x200F, 0x202A, 0x202B, 0x202C))
    text = Pdf(path).text().translate(controls)
    found = re.findall(r"(?<![\w+/=.'’:$-])[^\W\d_]{4,}(?![\w+/=:'’…-])", text)
    words = {w.translate(PLAIN) for w in found if w == w.lower()}
    assert len(words) > 200
    with speaking(code):
        unknown = {w for w in words if not is_common(w)}
    assert unknown == set()
    assert not is_common("rechtstitel")  # in German only


def test_a_name_that_is_a_word_of_the_translation_blocks_no_report(
    bench: Bench,
) -> None:
    report = replace(made(bench)[0], language="de")
    stream = io.BytesIO()
    render(report, stream)
    with speaking("de"):
        assert is_common("fall") and is_common("zeuge")
    found = search_report(
        bench.case, report, stream.getvalue(), sources=False, named_staff=False
    )
    refuse(found, "the report")


def test_names_of_staff_block_unless_they_were_chosen(bench: Bench) -> None:
    report, data = made(bench)
    assert "Tess Tester" not in set(strings(report))
    found = search_report(bench.case, report, data, sources=False, named_staff=False)
    refuse(found, "the report")
    report, data = made(bench, named=True)
    found = search_report(bench.case, report, data, sources=False, named_staff=False)
    assert {(f.of, f.kind) for f in found.blocking} == {("staff", "name")}
    with pytest.raises(IdentifierFoundError) as caught:
        refuse(found, "the report")
    assert "Tess" not in caught.value.what
    found = search_report(bench.case, report, data, sources=False, named_staff=True)
    refuse(found, "the report")


def test_a_long_report_is_searched_as_its_texts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.lint.leaving._PAGES_UP_TO", 10)
    report, data = made(bench, named=True)
    found = search_report(bench.case, report, data, sources=False, named_staff=False)
    assert (1, "text") in {(f.file, f.place) for f in found.blocking}
    assert any("pages" in limit for limit in found.limits)


def found(number: int, file: int, *, doubtful: bool = True) -> Finding:
    return Finding("F-1", "name", "PE-0001", number, file, "text", 1, 9, doubtful)


def test_doubts_are_told_once_for_each_identifier_and_with_what_to_do() -> None:
    """Of 33 findings on 11 pages two identifiers are left, and none of mere prose."""
    pages = [found(3, 2) for _ in range(11)]
    told = doubts_in_words(Result(findings=[found(1, 1), found(2, 1), *pages * 3]))
    assert "PE-0001 name 1, PE-0001 name 2," in told
    assert "name 3" not in told  # only in sentences every report has
    assert "custody lint" in told and "do not hand the report out" in told
    assert doubts_in_words(Result(findings=pages)) == ""
    assert doubts_in_words(Result(findings=[found(1, 1, doubtful=False)])) == ""
    many = doubts_in_words(Result(findings=[found(n, 1) for n in range(1, 10)]))
    assert "and 4 more" in many


def test_a_common_word_of_a_fixed_sentence_is_no_doubt(tmp_path: Path) -> None:
    """Somebody is called Coloured, as is a bar beside every report's verdict."""
    bench = new_bench(tmp_path / "case")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_person(writer, {"category": "other", "names": ["Zdenka Coloured"]})
    report, data = made(bench)
    result = search_report(bench.case, report, data, sources=False, named_staff=False)
    assert {f.subject() for f in result.findings if f.doubtful} >= {"PE-0001 name 1"}
    assert "PE-0001" not in doubts_in_words(result)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE,
            facts={"kind": "fact"},
            private={"text": "Coloured was there."},
        )
    options = Options("2026-01-01T00:00:00Z", texts=True)
    report = compose(bench.case, options, anchors=Anchors())
    stream = io.BytesIO()
    render(report, stream)
    data = stream.getvalue()
    result = search_report(bench.case, report, data, sources=False, named_staff=False)
    assert "PE-0001 name 1" in doubts_in_words(result)
